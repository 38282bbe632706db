// What the example APIs are told by their environment.

const { AT9068_ISSUER: issuer, AT9068_AUDIENCE: audience = 'https://api.example/' } = process.env;
if (issuer === undefined) throw new Error('AT9068_ISSUER is the URL of the authorization server');

/** The port to listen on. */
export const port = Number(process.env.PORT ?? 3000);

/** Which tokens are accepted, and what is published about this API. */
export const options = {
  issuer,
  audience,
  realm: 'patients',
  protected_resource: { resource: audience, scopes_supported: ['read:patients'] },
  issuer_cache: JSON.parse(process.env.AT9068_ISSUER_CACHE ?? '{}'),
};
