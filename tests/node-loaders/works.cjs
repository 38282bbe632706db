// What the package does wherever it was loaded: signs, validates, refuses, and guards a request.

const assert = require('node:assert/strict');

/** `at9068` is the package, `hono` its adapter that needs neither framework nor server. */
exports.works = async function works({ At9068Error, Minter, SigningKey, Validator, errorCodes }, hono) {
  const [issuer, audience] = ['https://as.example/', 'https://api.example/'];
  const key = await SigningKey.generate('ES256');
  const apis = [{ audience, dialect: 'rfc9068_profile', scopes: ['read'] }];
  const minter = new Minter({ issuer, keys: key, apis });
  const request = { grant_type: 'client_credentials', client_id: 'cron', scope: 'read', resource: [audience] };
  const { token } = await minter.mint(request);
  const validator = new Validator({ issuer, audience, jwks: key.keySet() });
  assert.equal((await validator.validate(token)).client_id, 'cron');
  assert.deepEqual(validator.validateSync(token).claims.aud, audience);
  const [good, bad] = await validator.validateMany([token, 'x']);
  assert.deepEqual([good.sub, bad.code], ['cron@clients', 'token_malformed']);
  await assert.rejects(validator.validate(token, { require: { scopes: ['write'] } }), (error) => {
    return error instanceof At9068Error && error instanceof Error && error.httpResponse.status === 403;
  });
  assert.ok(errorCodes().length > 10);

  const guarded = hono.guard(validator)({ require: { scopes: ['write'] } });
  const raw = { headers: new Headers({ Authorization: `Bearer ${token}` }) };
  const context = { req: { method: 'GET', url: 'https://api.example/', raw }, set: assert.fail };
  await assert.rejects(guarded(context, assert.fail), (error) => {
    return error instanceof hono.HttpError && error.cause instanceof At9068Error && error.code === 'scope_insufficient';
  });
};
