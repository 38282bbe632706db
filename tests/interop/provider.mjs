// oidc-provider on loopback: an authorization server that others wrote, with a client that asks it for access tokens.
//
// As a module: `startProvider(alg)`. As a program, `node provider.mjs ALG`: it prints one line of JSON with `issuer` and
// `secret`, rotates its key for each line that it reads and answers with an empty object, and ends when its input does.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Provider } from 'oidc-provider';

export const API = 'https://api.example/';
export const CLIENT = 'client-7';
const SECRET = 'the-secret-of-a-client-for-tests-only';

const PAIRS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

const newKey = (alg) => ({ ...PAIRS[alg]().privateKey.export({ format: 'jwk' }), alg, use: 'sig' });

const resource = (alg) => ({
  scope: 'read:patients',
  audience: API,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg } },
});

const configuration = (alg, keys) => ({
  clients: [
    {
      client_id: CLIENT,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: alg,
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: { enabled: true, getResourceServerInfo: () => resource(alg) },
  },
  jwks: { keys },
  scopes: ['read:patients'],
  ttl: { ClientCredentials: 600 },
});

/** Starts it. `rotate` starts it anew, behind the same port: a new key signs, those before it are still published. */
export async function startProvider(alg) {
  let serve;
  const server = createServer((request, response) => serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const keys = [];
  const rotate = () => {
    // The first key that fits is the one that signs.
    keys.unshift(newKey(alg));
    serve = new Provider(issuer, configuration(alg, structuredClone(keys))).callback();
  };
  rotate();
  return {
    issuer,
    rotate,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** An access token, as the token endpoint that the metadata names gives it to the client. */
export async function accessToken(issuer) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const form = { grant_type: 'client_credentials', resource: API, scope: 'read:patients' };
  const credentials = Buffer.from(`${CLIENT}:${SECRET}`).toString('base64');
  const response = await fetch(metadata.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams(form),
  });
  const answer = await response.json();
  if (response.status !== 200) throw new Error(JSON.stringify(answer));
  return answer.access_token;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const provider = await startProvider(process.argv[2]);
  console.log(JSON.stringify({ issuer: provider.issuer, secret: SECRET }));
  for await (const _ of createInterface({ input: process.stdin })) {
    provider.rotate();
    console.log('{}');
  }
  await provider.close();
}
