// Mints, validates and refuses with the installed package, imported and required; the argument is the version that it
// should be.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as imported from 'at9068';

const require = createRequire(import.meta.url);
for (const { Minter, SigningKey, At9068Error, Validator } of [imported, require('at9068')]) {
  const key = await SigningKey.generate('ES256');
  const minter = new Minter({
    issuer: 'https://as.example/',
    keys: key,
    apis: [{ audience: 'https://api.example/', dialect: 'rfc9068_profile', scopes: ['read:patients'] }],
  });
  const minted = await minter.mint({ grant_type: 'client_credentials', client_id: 'cron', scope: 'read:patients' });
  const validator = new Validator({ issuer: 'https://as.example/', audience: 'https://api.example/', jwks: key.keySet() });

  const token = await validator.validate(minted.token, { require: { scopes: ['read:patients'] } });
  assert.equal(token.client_id, 'cron');

  const refused = {
    token_expired: [minted.token, { now: token.exp + 60 }],
    signature_invalid: [`${minted.token.slice(0, -8)}AAAAAAAA`],
    scope_insufficient: [minted.token, { require: { scopes: ['delete:patients'] } }],
  };
  for (const [code, call] of Object.entries(refused)) {
    await assert.rejects(
      async () => validator.validate(...call),
      (error) => error instanceof At9068Error && error.code === code,
      code,
    );
  }
}
assert.equal(require('at9068/package.json').version, process.argv[2]);
console.log(`Node ${process.versions.node}: minted, validated, refused 3, imported and required`);
