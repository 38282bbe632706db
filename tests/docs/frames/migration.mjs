// The log of a move: what is written of a token of each form.
import assert from 'node:assert/strict';
import { format } from 'node:util';
import { Minter, SigningKey, Validator } from 'at9068';

const [issuer, audience] = ['https://as.example/', 'https://api.example/'];
const key = await SigningKey.generate('RS256');
const validator = new Validator({ issuer, audience, jwks: key.keySet(), migrate_from: 'auth0' });
const written = [];
const console = { warn: (...values) => written.push(format(...values)) };

async function serve(headers) {
  // <<< log >>>
}

for (const dialect of ['access_token', 'rfc9068_profile']) {
  const minter = new Minter({ issuer, keys: key, apis: [{ audience, dialect }] });
  const { token } = await minter.mint({ grant_type: 'client_credentials', client_id: dialect, audience: [audience] });
  await serve([['Authorization', `Bearer ${token}`]]);
}
assert.deepEqual(written, ['would break: access_token type_mismatch claim_missing']);
