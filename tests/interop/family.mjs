// oidc-provider on loopback as the whole family of an authorization server: ID tokens by the code flow and the hybrid flow,
// opaque access tokens, clients that authenticate by assertions, introspection in JSON and as signed JWTs, revocation.
//
// `node family.mjs ALG CLIENTS`, where CLIENTS is a JSON array of further clients' metadata, prints one line of JSON with
// `issuer`, and answers each line of JSON that it reads with one. It ends when its input does.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const WEB = { client_id: 'web-1', client_secret: 'the-secret-of-a-web-client-for-tests-only' };
const REDIRECT = 'https://client.example/callback';
const OPAQUE_API = 'https://opaque.example/';
const JWT_API = 'https://api.example/';

const PAIRS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

const [alg, clients] = process.argv.slice(2);

// What the provider remarks is no answer.
console.info = console.error;

const configuration = () => ({
  clients: [
    {
      ...WEB,
      grant_types: ['authorization_code', 'implicit'],
      redirect_uris: [REDIRECT],
      response_types: ['code', 'code id_token'],
      id_token_signed_response_alg: alg,
      introspection_signed_response_alg: alg,
      default_acr_values: ['gold'],
    },
    ...JSON.parse(clients).map((client) => ({
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: alg,
      introspection_signed_response_alg: alg,
      ...client,
    })),
  ],
  acrValues: ['gold'],
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Somebody' }) }),
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
  conformIdTokenClaims: false,
  enabledJWA: { introspectionSigningAlgValues: [alg], idTokenSigningAlgValues: [alg] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, indicator) => ({
        scope: 'read:patients',
        audience: indicator,
        accessTokenFormat: indicator === OPAQUE_API ? 'opaque' : 'jwt',
        jwt: { sign: { alg } },
      }),
    },
    revocation: { enabled: true },
  },
  jwks: { keys: [{ ...PAIRS[alg]().privateKey.export({ format: 'jwk' }), alg, use: 'sig' }] },
  pkce: { required: () => false },
  responseTypes: ['code', 'code id_token'],
  scopes: ['openid', 'profile', 'read:patients'],
  ttl: { ClientCredentials: 600, IdToken: 600, AccessToken: 600 },
});

/** A browser as far as it is needed: it keeps cookies and follows one redirect at a time. */
class Browser {
  #cookies = new Map();

  async send(url, form) {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
      body: form && new URLSearchParams(form),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split('=');
      this.#cookies.set(name, value);
    }
    return response;
  }
}

/** A user who signs in and agrees; the parameters with which the client is called back, and its own. */
async function authorize(issuer, more) {
  const own = { state: randomBytes(12).toString('base64url'), nonce: randomBytes(12).toString('base64url') };
  const query = { client_id: WEB.client_id, redirect_uri: REDIRECT, response_type: 'code', scope: 'openid', ...own, ...more };
  const browser = new Browser();
  let url = `${issuer}/auth?${new URLSearchParams(query)}`;
  let form;
  for (let hop = 0; hop < 12; hop += 1) {
    const response = await browser.send(url, form);
    form = undefined;
    const location = response.headers.get('location');
    if (location?.startsWith(REDIRECT)) {
      const back = new URL(location);
      return { ...own, ...Object.fromEntries(new URLSearchParams(back.hash ? back.hash.slice(1) : back.search)) };
    }
    if (location) {
      url = new URL(location, url).href;
      continue;
    }
    const page = await response.text();
    const action = page.match(/action="([^"]+)"/);
    if (!action) throw new Error(`${response.status}: ${page}`);
    const prompt = page.match(/name="prompt" value="([^"]+)"/)[1];
    url = new URL(action[1], url).href;
    form = prompt === 'login' ? { prompt, login: 'user-1', password: 'any' } : { prompt };
  }
  throw new Error('too many redirects');
}

/** A form for an endpoint of the server; its status and its answer. */
async function post(url, form, headers = {}) {
  const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

const basic = ({ client_id: id, client_secret: secret }) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

const commands = (issuer) => ({
  /** ID token, access token and code of the code flow, or of the hybrid flow with its first ID token. */
  async code({ parameters = {} }) {
    const called = await authorize(issuer, parameters);
    const form = { grant_type: 'authorization_code', code: called.code, redirect_uri: REDIRECT };
    const { status, body } = await post(`${issuer}/token`, form, basic(WEB));
    if (status !== 200) throw new Error(JSON.stringify(body));
    return { client_id: WEB.client_id, ...called, front_id_token: called.id_token ?? null, ...body };
  },

  /** Whatever the token endpoint says to a form. */
  token: ({ form }) => post(`${issuer}/token`, form),

  /** An access token for an API: opaque or a JWT. */
  async access({ client, opaque }) {
    const form = { grant_type: 'client_credentials', resource: opaque ? OPAQUE_API : JWT_API, scope: 'read:patients' };
    const { status, body } = await post(`${issuer}/token`, form, basic(client));
    if (status !== 200) throw new Error(JSON.stringify(body));
    return { token: body.access_token };
  },

  revoke: ({ client, token }) => post(`${issuer}/token/revocation`, { token }, basic(client)),
});

let serve;
const server = createServer((request, response) => serve(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
serve = new Provider(issuer, configuration()).callback();
console.log(JSON.stringify({ issuer, endpoint: `${issuer}/token/introspection`, opaque_api: OPAQUE_API, api: JWT_API }));
const known = commands(issuer);
for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify(await known[name](given)));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error) }));
  }
}
server.close();
server.closeAllConnections();
