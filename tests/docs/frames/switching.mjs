// Both libraries beside one another, in Node.
import assert from 'node:assert/strict';
import { format } from 'node:util';
import { Validator } from 'at9068';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { mint } from './as_example.mjs';

const keys = createRemoteJWKSet(new URL(process.env.JWKS_URI));
const validator = new Validator({ issuer: process.env.ISSUER, audience: 'https://api.example/', max_token_bytes: 700 });
const logged = [];
const log = { warn: (...values) => logged.push(format(...values)) };
const validateOld = async (token) => (await jwtVerify(token, keys, { audience: 'https://api.example/' })).payload;

// <<< both >>>

assert.equal((await validate(await mint({ subject: 'user-1' }))).sub, 'user-1');
assert.equal((await validate(await mint({ subject: 'user-1', scope: 's'.repeat(900) }))).sub, 'user-1');
assert.deepEqual(logged, ['would be refused: token_too_large null, client test-client']);
await assert.rejects(validate('no token'), { code: 'ERR_JWS_INVALID' });
assert.equal(logged.length, 1);
