import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { test } from 'node:test';
import {
  ClientAssertionValidator, IssuerCache, Minter, Revocations, SigningKey, Validator, introspectionResponse,
} from 'at9068';
import { API, thrown } from './common.mjs';
import { loopback, until, withIssuer } from './issuer.mjs';

const FORM = 'application/x-www-form-urlencoded';

/** An endpoint at an issuer: what it was asked, and what it answers about a token. */
class Desk {
  asked = [];
  answer = (token) => {
    const known = { iss: this.issuer.url, aud: API, sub: 'user', client_id: 'app', jti: token };
    return { active: true, ...known, scope: 'read', roles: ['doctor'] };
  };

  constructor(issuer) {
    this.issuer = issuer;
    issuer.fault = async (request, response) => {
      if (request.url !== '/introspect') return false;
      const body = Buffer.concat(await request.toArray()).toString();
      const { method, headers } = request;
      this.asked.push({ method, headers, form: new URLSearchParams(body) });
      await this.before?.();
      const given = this.answer(new URLSearchParams(body).get('token'));
      const { status = 200, type = 'application/json', text = JSON.stringify(given) } = given.raw ?? {};
      response.writeHead(status, { 'Content-Type': type }).end(text);
      return true;
    };
  }

  options(more = {}, introspection = {}) {
    return {
      ...this.issuer.options,
      strategy: 'introspection',
      introspection: {
        endpoint: `${this.issuer.url}introspect`,
        authentication: 'client_secret_basic',
        client_id: 'api',
        client_secret: 'a secret',
        ...introspection,
      },
      ...more,
    };
  }
}

function withDesk(body) {
  return withIssuer((issuer, context) => body(new Desk(issuer), issuer, context));
}

test(
  'a token that is no JWT is what its issuer says of it',
  withDesk(async (desk, issuer) => {
    const validator = new Validator(desk.options());
    const all = await Promise.all(Array.from({ length: 50 }, () => validator.validate('opaque')));
    assert.equal(desk.asked.length, 1, 'one asks for all');
    const [{ method, headers, form }] = desk.asked;
    assert.deepEqual([method, headers['content-type']], ['POST', FORM]);
    assert.equal(headers.authorization, `Basic ${Buffer.from('api:a+secret').toString('base64')}`);
    assert.deepEqual([...form], [['token', 'opaque'], ['token_type_hint', 'access_token']]);
    const [token] = all;
    const facts = { iss: issuer.url, sub: 'user', aud: [API], client_id: 'app', jti: 'opaque', exp: 0, iat: 0 };
    for (const [name, value] of Object.entries(facts)) assert.deepEqual(token[name], value, name);
    assert.equal(token.origin, 'introspection');
    assert.equal(token.profile, undefined);
    assert.deepEqual(token.header, {});
    assert.equal(token.claims.active, undefined);
    token.require({ scopes: ['read'] });
    assert.equal(thrown(() => token.require({ scopes: ['write'] })).code, 'scope_insufficient');
    assert.deepEqual(token.roles, ['doctor']);
    assert.equal(validator.validateSync('opaque').sub, 'user', 'it is at hand now');
    const request = { headers: [['Authorization', 'Bearer opaque']] };
    assert.equal((await validator.authenticate(request)).sub, 'user');
    assert.equal((await validator.explain('opaque')).token.sub, 'user');
    assert.deepEqual(JSON.parse(introspectionResponse(token)), { ...desk.answer('opaque'), token_type: 'Bearer' });
    const [status] = validator.status().issuers;
    assert.deepEqual(Object.keys(status), ['issuer', 'introspection']);
    const { asked, answered, inactive, failures, entries, last_error, available } = status.introspection;
    assert.deepEqual([asked, answered, inactive, failures, entries, last_error, available], [1, 1, 0, 0, 1, null, true]);
  }),
);

test(
  'who cannot wait is answered with what is at hand, and the issuer is asked meanwhile',
  withDesk(async (desk) => {
    const validator = new Validator(desk.options());
    const error = thrown(() => validator.validateSync('opaque'));
    assert.deepEqual([error.code, error.status, error.challenge], ['introspection_unavailable', 503, []]);
    assert.ok(error.retryAfter >= 1);
    await until(() => validator.status().issuers[0].introspection.answered === 1);
    assert.equal(validator.validateSync('opaque').sub, 'user');
    assert.equal(desk.asked.length, 1);
  }),
);

test(
  'an inactive token is refused, and so is one for somebody else',
  withDesk(async (desk) => {
    const validator = new Validator(desk.options());
    desk.answer = () => ({ active: false });
    const error = await validator.validate('inactive').catch((caught) => caught);
    assert.deepEqual([error.code, error.status], ['token_inactive', 401]);
    assert.equal((await validator.explain('inactive')).error.code, 'token_inactive');
    desk.answer = () => ({ active: true, aud: 'https://other.example/' });
    await assert.rejects(validator.validate('other'), { code: 'audience_mismatch' });
    const revocations = new Revocations();
    revocations.revoke({ issuer: desk.issuer.url, sub: 'user', issued_before: 2e9, until: 2e9 });
    desk.answer = () => ({ active: true, aud: API, sub: 'user', iat: 1.7e9 });
    await assert.rejects(new Validator(desk.options(), { revocations }).validate('taken'), { code: 'token_revoked' });
  }),
);

test(
  'an endpoint that is down is nobody’s fault, and is told',
  withDesk(async (desk) => {
    desk.answer = () => ({ raw: { status: 503, text: '' } });
    const heard = [];
    const published = [];
    diagnostics.subscribe('at9068:introspection_failed', (event) => published.push(event));
    const validator = new Validator(desk.options(), { events: (event) => heard.push(event) });
    const error = await validator.validate('opaque').catch((caught) => caught);
    assert.deepEqual([error.code, error.status, error.authenticated], ['introspection_unavailable', 503, false]);
    await until(() => heard.length > 0);
    const event = {
      event: 'introspection_failed', issuer: desk.issuer.url, code: 'introspection_unavailable', reason: 'status',
    };
    assert.deepEqual([heard, published], [[event], [event]]);
    const { available, last_error } = validator.status().issuers[0].introspection;
    assert.deepEqual([available, last_error.reason], [false, 'status']);
  }),
);

test(
  'a token is judged here, and its issuer asked every so often',
  withDesk(async (desk, issuer) => {
    desk.answer = () => ({ active: true });
    let time = Math.floor(Date.now() / 1000);
    const options = desk.options({ strategy: 'local_then_introspection' }, { every_seconds: 600 });
    const validator = new Validator(options, { clock: () => time });
    const token = issuer.mint();
    const young = await validator.validate(token);
    assert.deepEqual([young.origin, young.profile, desk.asked.length], ['local', 'rfc9068', 0]);
    time += 601;
    const old = await validator.validate(token);
    assert.deepEqual([old.origin, desk.asked.length], ['local_and_introspection', 1]);
    old.require({ scopes: ['read'] });
    assert.equal(thrown(() => old.require({ scopes: ['write'] })).authenticated, true);
    assert.equal(validator.validateSync(token).origin, 'local_and_introspection');
    desk.answer = () => ({ active: false });
    time += 601;
    await assert.rejects(validator.validate(token), { code: 'token_inactive', authenticated: true });
    const [{ keys, introspection }] = validator.status().issuers;
    assert.deepEqual([keys, introspection.asked, introspection.inactive], [1, 2, 1]);
  }),
);

test(
  'questions go the way of the caller’s function, in a cache of its own',
  withDesk(async (desk, issuer) => {
    const seen = [];
    const boom = new Error('boom');
    const fetching = async ({ url, method, headers, body, signal, trustedHost }) => {
      seen.push([method, new URL(url).pathname, body && new URLSearchParams(Buffer.from(body).toString()).get('token')]);
      assert.ok(trustedHost);
      if (body?.includes('token=lost')) throw boom;
      const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
      return { status: response.status, headers: response.headers, body: await response.arrayBuffer() };
    };
    const issuer_cache = new IssuerCache(loopback, { fetch: fetching });
    const validator = new Validator(desk.options({ issuer_cache }));
    assert.equal((await validator.validate('opaque')).sub, 'user');
    assert.equal(thrown(() => validator.validateSync('other')).code, 'introspection_unavailable');
    await until(() => validator.status().issuers[0].introspection.answered === 2);
    assert.equal(validator.validateSync('other').sub, 'user');
    assert.deepEqual(seen, [['POST', '/introspect', 'opaque'], ['POST', '/introspect', 'other']]);
    const lost = await validator.validate('lost').catch((caught) => caught);
    assert.deepEqual([lost.code, lost.cause], ['introspection_unavailable', boom]);
    assert.equal(issuer.fetched(), 0, 'nothing is verified');
  }),
);

test(
  'this server may authenticate by assertions, and answers may be signed: keys are fetched for them',
  withDesk(async (desk, issuer) => {
    const own = SigningKey.generateSync('ES256');
    const introspection = { authentication: 'private_key_jwt', client_secret: undefined, keys: own, signed_response: true };
    const validator = new Validator(desk.options({}, introspection));
    const minter = new Minter({ issuer: issuer.url, keys: issuer.keys[0], apis: [{ audience: API, dialect: 'rfc9068_profile' }] });
    const good = await issuer.validator().validate(issuer.mint());
    const fetched = issuer.fetched();
    desk.answer = () => {
      const text = minter.mintIntrospectionResponseSync(good, 'api').token;
      return { raw: { type: 'application/token-introspection+jwt', text } };
    };
    const token = await validator.validate('opaque');
    assert.deepEqual([token.sub, token.jti, token.origin], ['user', good.jti, 'introspection']);
    assert.equal(issuer.fetched(), fetched + 1);
    const [{ form }] = desk.asked;
    assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const clients = [{ client_id: 'api', jwks: own.keySet() }];
    const server = new ClientAssertionValidator({ issuer: issuer.url, clients });
    assert.equal(server.validateSync(form.get('client_assertion')).client_id, 'api');
    desk.answer = () => ({ active: true, aud: API });
    const unsigned = await validator.validate('unsigned').catch((caught) => caught);
    assert.equal(unsigned.code, 'introspection_unavailable');
    assert.equal(validator.status().issuers[0].introspection.last_error.reason, 'unsigned');
  }),
);

test('how the issuer is asked is configuration, which the core judges', () => {
  const endpoint = 'https://as.example/introspect';
  const options = { issuer: 'https://as.example/', audience: API, strategy: 'introspection' };
  const basic = { endpoint, authentication: 'client_secret_basic', client_id: 'api', client_secret: 's' };
  assert.deepEqual(new Validator({ ...options, introspection: basic }).status().issuers.length, 1);
  for (const introspection of [
    undefined,
    { ...basic, client_secret: undefined },
    { ...basic, every_seconds: 60 },
    { ...basic, endpoint: 'http://as.example/introspect' },
    { ...basic, retries: 3 },
  ]) {
    assert.equal(thrown(() => new Validator({ ...options, introspection })).code, 'config_invalid');
  }
});
