// What a question asks of any library: our validator configuration, as far as others can be told of it.
// The same rules as in policy.py.

export const ASYMMETRIC = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
];
export const SYMMETRIC = ['HS256', 'HS384', 'HS512'];

const PROFILES = {
  rfc9068: { typ: 'at+jwt', required: ['iss', 'sub', 'aud', 'client_id', 'exp', 'iat', 'jti'] },
  auth0: { typ: 'JWT', required: ['iss', 'sub', 'aud', 'azp', 'exp', 'iat'] },
};
// `realm` and `resource_metadata` only shape the challenge.
const KNOWN = new Set([
  'issuer', 'audience', 'jwks', 'profiles', 'algorithms', 'leeway_seconds', 'max_lifetime_seconds',
  'max_token_bytes', 'required_claims', 'realm', 'resource_metadata',
]);

/** What the library cannot be told or asked. */
export class Skip extends Error {}

const isListOfText = (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string');
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a configuration; what no library could be told is a `Skip`. */
export function read(config) {
  if (!isObject(config) || Object.keys(config).some((name) => !KNOWN.has(name))) {
    throw new Skip('several issuers, or an option of ours alone');
  }
  const profiles = config.profiles ?? ['rfc9068'];
  if (!isListOfText(profiles) || profiles.length !== 1) throw new Skip('knows one type at a time');
  if (!Object.hasOwn(PROFILES, profiles[0])) throw new Skip("knows no vendor's profile");
  if ((config.max_token_bytes ?? 16384) !== 16384) throw new Skip('bounds no size');
  const { typ, required } = PROFILES[profiles[0]];
  const extra = config.required_claims ?? [];
  const audience = typeof config.audience === 'string' ? [config.audience] : config.audience;
  const leeway = config.leeway_seconds ?? 30;
  const lifetime = config.max_lifetime_seconds ?? null;
  const usable =
    typeof config.issuer === 'string' &&
    isListOfText(audience) &&
    isObject(config.jwks) &&
    Array.isArray(config.jwks.keys) &&
    (config.algorithms === undefined || isListOfText(config.algorithms)) &&
    typeof leeway === 'number' &&
    (lifetime === null || typeof lifetime === 'number') &&
    isListOfText(extra);
  if (!usable) throw new Skip('a configuration of another form');
  if (lifetime !== null) throw new Skip('bounds no lifetime');
  return {
    issuer: config.issuer,
    audience,
    jwks: config.jwks,
    profile: profiles[0],
    typ,
    required: [...new Set([...required, ...extra])],
    extra,
    algorithms: config.algorithms ?? ASYMMETRIC,
    leeway,
  };
}

/** The audience, for a library that expects one. */
export function oneAudience(policy) {
  if (policy.audience.length !== 1) throw new Skip('expects one audience');
  return policy.audience[0];
}

/**
 * The entry that a program picks for a library that takes one key: the first that bears the `kid`. Nothing else of
 * the entry is looked at; a token without `kid` gets the only entry there is.
 */
export function byKid(jwks, kid) {
  const found = jwks.keys.find((jwk) => isObject(jwk) && kid !== undefined && jwk.kid === kid);
  const jwk = kid === undefined && jwks.keys.length === 1 ? jwks.keys[0] : found;
  if (jwk === undefined) throw new Error('no key bears the kid');
  return jwk;
}

/** What the list allows for this key: the key's own `alg` alone, where it states one. */
export function forKey(jwk, allowed) {
  if (jwk.alg === undefined) return allowed;
  // Not an empty list: fast-jwt takes that for any algorithm that the key can serve.
  if (!allowed.includes(jwk.alg)) throw new Error("the key's algorithm is not allowed");
  return [jwk.alg];
}
