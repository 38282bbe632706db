import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  ClientAssertion, ClientAssertionMinter, ClientAssertionValidator, MemoryReplayStore, MintedToken, SigningKey,
} from 'at9068';
import { ISSUER, NOW, code, key, minter, request, thrown } from './common.mjs';
import { loopback, until, withIssuer } from './issuer.mjs';

const at = { now: NOW };
const SECRET = 'a secret of thirty-two characters';
const client = new ClientAssertionMinter({ client_id: 'app', audience: ISSUER, keys: key });
const options = {
  issuer: ISSUER,
  clients: [{ client_id: 'app', jwks: key.keySet() }, { client_id: 'old', client_secret: SECRET }],
};

function assertion(more = {}, now = NOW) {
  return client.mintSync(more, { now }).token;
}

function server(ports) {
  return new ClientAssertionValidator(options, ports);
}

test('what a client makes, its server accepts once', async () => {
  const minted = await client.mint({ jti: 'one' }, at);
  assert.ok(minted instanceof MintedToken);
  assert.equal(minted.token, assertion({ jti: 'one' }));
  assert.equal(minted.expires_in, 60);
  assert.deepEqual(minted.header, { typ: 'client-authentication+jwt', alg: 'EdDSA', kid: key.kid });
  const validator = server();
  const accepted = await validator.validate(minted.token, { client_id: 'app' }, at);
  assert.ok(accepted instanceof ClientAssertion);
  const facts = {
    client_id: 'app', jti: 'one', aud: ISSUER, exp: NOW + 60, iat: NOW, method: 'private_key_jwt',
  };
  for (const [name, value] of Object.entries(facts)) assert.equal(accepted[name], value, name);
  assert.deepEqual([accepted.claimsJson, accepted.headerJson], [minted.claimsJson, minted.headerJson]);
  assert.deepEqual(accepted.claims, minted.claims);
  assert.deepEqual(accepted.header, minted.header);
  const error = await validator.validate(minted.token, undefined, at).catch((caught) => caught);
  assert.deepEqual([error.code, error.claim], ['token_replayed', 'jti']);
  assert.deepEqual([error.oauth, error.status, error.challenge], ['invalid_client', 401, []]);
  assert.equal(code(() => validator.validateSync(minted.token, undefined, at)), 'token_replayed');
  assert.equal(validator.validateSync(assertion(), undefined, at).client_id, 'app');
});

test('a secret serves clients too', () => {
  const old = new ClientAssertionMinter({ client_id: 'old', audience: ISSUER, client_secret: SECRET });
  const { token } = old.mintSync(undefined, at);
  const accepted = server().validateSync(Buffer.from(token), {}, at);
  assert.equal(accepted.method, 'client_secret_jwt');
  assert.equal(accepted.client_id, 'old');
  for (const wrong of [
    { client_id: 'old', audience: ISSUER, client_secret: 'short' },
    { client_id: 'old', audience: ISSUER },
    { client_id: 'old', audience: ISSUER, keys: key, client_secret: SECRET },
    { client_id: 'old', audience: ISSUER, keys: key, lifetime_seconds: 301 },
  ]) {
    assert.equal(code(() => new ClientAssertionMinter(wrong)), 'config_invalid', inspect(wrong));
  }
});

test('what is required is judged by the core, be it data or text', async () => {
  const validator = server();
  const token = assertion();
  for (const [require, expected] of [
    [{ client_id: 'other' }, 'claim_mismatch'],
    ['{"client_id":"other"}', 'claim_mismatch'],
    [{ client: 'app' }, 'argument_invalid'],
    [{ client_id: 7 }, 'argument_invalid'],
    ['{"client_id":"app","client_id":"app"}', 'argument_invalid'],
    [null, 'argument_invalid'],
  ]) {
    assert.equal(code(() => validator.validateSync(token, require, at)), expected, inspect(require));
    await assert.rejects(validator.validate(token, require, at), { code: expected });
  }
  assert.equal(code(() => validator.validateSync(token, {}, { require: {} })), 'argument_invalid');
  assert.equal(validator.validateSync(token, '{"client_id":"app"}', at).jti.length > 0, true, 'no refusal used it');
  const access = minter.mintSync(request, at);
  assert.equal(code(() => validator.validateSync(access.token, {}, at)), 'issuer_unknown');
});

test('a store of the caller’s may answer at once or later', async () => {
  for (const answer of [(first) => first, async (first) => first, (first) => sleep(5, first)]) {
    const asked = [];
    const replayStore = {
      firstUse(...use) {
        assert.equal(this, replayStore);
        asked.push(use);
        return answer(asked.filter(([one]) => one === use[0]).length === 1);
      },
    };
    const validator = server({ replayStore });
    const token = assertion();
    assert.equal((await validator.validate(token, {}, at)).client_id, 'app');
    await assert.rejects(validator.validate(token, {}, at), { code: 'token_replayed' });
    assert.equal(asked.length, 2, 'once for each validation');
    const [[one, end, now]] = asked;
    assert.match(one, /^at9068:client_assertion:[\w-]{43}$/);
    assert.deepEqual([end, now], [NOW + 60 + 30 + 60, NOW]);
    assert.equal(asked[1][0], one);
    await assert.rejects(validator.validate(`${token}A`, {}, at));
    await assert.rejects(validator.validate(assertion({}, NOW - 1000), {}, at), { code: 'token_expired' });
    assert.equal(asked.length, 2, 'only about assertions that are good in all else');
  }
});

test('of many at once one is first', async () => {
  const used = new Set();
  const replayStore = {
    async firstUse(use) {
      await sleep(1);
      const first = !used.has(use);
      used.add(use);
      return first;
    },
  };
  for (const ports of [undefined, { replayStore }, { replayStore: new MemoryReplayStore() }]) {
    const validator = server(ports);
    const token = assertion();
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => validator.validate(token, {}, at)));
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const { reason } of all.filter(({ status }) => status === 'rejected')) {
      assert.equal(reason.code, 'token_replayed');
    }
  }
});

test('validations at once are not told each other’s answers', async () => {
  const waiting = [];
  const replayStore = { firstUse: () => new Promise((resolve) => waiting.push(resolve)) };
  const validator = server({ replayStore });
  const both = [assertion(), assertion()].map((token) => validator.validate(token, {}, at).then(() => 'ok', (e) => e.code));
  await until(() => waiting.length === 2);
  waiting[1](true);
  assert.equal(await both[1], 'ok');
  waiting[0](false);
  assert.equal(await both[0], 'token_replayed');
});

test('without a promise, a store must answer at once', () => {
  const used = new Set();
  const replayStore = { firstUse: (use) => !used.has(use) && Boolean(used.add(use)) };
  const validator = server({ replayStore });
  const token = assertion();
  assert.equal(validator.validateSync(token, {}, at).client_id, 'app');
  assert.equal(code(() => validator.validateSync(token, {}, at)), 'token_replayed');
  for (const firstUse of [async () => true, async () => { throw new Error('late'); }]) {
    const error = thrown(() => server({ replayStore: { firstUse } }).validateSync(token, {}, at));
    assert.equal(error.code, 'internal');
    assert.ok(error.cause instanceof TypeError);
  }
});

test('where a store fails nothing is accepted, and nobody’s assertion is to blame', async () => {
  const boom = new Error('boom');
  for (const [firstUse, cause] of [
    [() => { throw boom; }, (given) => given === boom],
    [async () => { throw boom; }, (given) => given === boom],
    [() => 1, (given) => given instanceof TypeError],
    [async () => undefined, (given) => given instanceof TypeError],
  ]) {
    const error = await server({ replayStore: { firstUse } }).validate(assertion(), {}, at).catch((caught) => caught);
    assert.deepEqual([error.code, error.status, error.oauth], ['internal', 500, null], firstUse.toString());
    assert.ok(cause(error.cause), firstUse.toString());
  }
  for (const replayStore of [null, 42, {}, { firstUse: true }, { get firstUse() { throw boom; } }]) {
    assert.equal(code(() => server({ replayStore })), 'argument_invalid');
  }
});

test('a store in memory is shared, bounded, and of use to others', () => {
  const store = new MemoryReplayStore({ capacity: 1 });
  const token = assertion();
  assert.equal(server({ replayStore: store }).validateSync(token, {}, at).client_id, 'app');
  assert.equal(store.size, 1);
  assert.equal(code(() => server({ replayStore: store }).validateSync(token, {}, at)), 'token_replayed');
  assert.equal(code(() => server({ replayStore: store }).validateSync(assertion(), {}, at)), 'internal');
  const later = NOW + 1000;
  assert.equal(server({ replayStore: store }).validateSync(assertion({}, later), {}, { now: later }).iat, later);
  assert.equal(store.size, 1);
  const own = new MemoryReplayStore();
  assert.deepEqual([own.firstUse('a', 100, 10), own.firstUse('a', 100, 10), own.firstUse('a', 200, 100)], [true, false, true]);
  for (const wrong of [[1, 2, 3], ['a', 1.5, 3], ['a', 1, Infinity], ['\ud800', 1, 3]]) {
    assert.equal(code(() => own.firstUse(...wrong)), 'argument_invalid', inspect(wrong));
  }
  for (const capacity of [-1, 1.5, NaN, '7']) {
    assert.equal(code(() => new MemoryReplayStore({ capacity })), 'argument_invalid', inspect(capacity));
  }
  class Counting extends MemoryReplayStore {
    asked = 0;
    firstUse(...use) {
      this.asked += 1;
      return super.firstUse(...use);
    }
  }
  const counting = new Counting();
  assert.equal(server({ replayStore: counting }).validateSync(assertion(), {}, at).client_id, 'app');
  assert.equal(counting.asked, 1, 'what a subclass does counts');
  assert.equal(inspect(own), 'MemoryReplayStore {}');
});

test('options, ports and keys are those of any validator', async () => {
  assert.equal(code(() => new ClientAssertionValidator({ ...options, client: 'app' })), 'config_invalid');
  assert.equal(code(() => server({ resolver: () => null })), 'argument_invalid');
  const timed = server({ clock: () => NOW });
  assert.equal(timed.validateSync(assertion()).client_id, 'app');
  const set = { keys: [...key.keySet().toJSON().keys, { kty: 'RSA', kid: 'odd' }] };
  const validator = new ClientAssertionValidator({ issuer: ISSUER, clients: [{ client_id: 'app', jwks: set }] });
  assert.deepEqual(validator.skippedKeys, [{ client_id: 'app', index: 1, kid: 'odd', code: 'key_malformed' }]);
  const odd = new ClientAssertionMinter({ client_id: 'a', audience: 'b', keys: { keys: [{ kty: 'RSA' }, key] } });
  assert.deepEqual(odd.skippedKeys, [{ index: 0, code: 'key_malformed' }]);
  for (const wrong of [42, { jti: '' }, { jti: 7 }, { id: 'x' }, '{']) {
    assert.equal(code(() => client.mintSync(wrong, at)), 'argument_invalid', inspect(wrong));
    await assert.rejects(client.mint(wrong, at), { code: 'argument_invalid' });
  }
  const clocked = new ClientAssertionMinter({ client_id: 'a', audience: 'b', keys: key }, { clock: () => NOW });
  assert.equal(clocked.mintSync().claims.iat, NOW);
  assert.equal((await clocked.mint()).claims.iat, NOW);
  assert.notEqual(clocked.mintSync().claims.jti, clocked.mintSync().claims.jti);
  assert.equal(inspect(client), 'ClientAssertionMinter {}');
  assert.equal(inspect(timed.validateSync(assertion())), 'ClientAssertion {}');
  assert.equal(code(() => new ClientAssertion()), 'argument_invalid');
});

test(
  'a client’s keys are fetched, and its assertion is used once however often that takes',
  withIssuer(async (issuer) => {
    const asked = [];
    const replayStore = {
      async firstUse(use) {
        asked.push(use);
        return asked.length === 1;
      },
    };
    const clients = [{ client_id: 'app', jwks_uri: issuer.jwksUri }];
    const fetching = { issuer: ISSUER, clients, issuer_cache: { ...loopback, trusted_hosts: ['127.0.0.1'] } };
    const validator = new ClientAssertionValidator(fetching, { replayStore });
    const by = (signing) => new ClientAssertionMinter({ client_id: 'app', audience: ISSUER, keys: signing });
    const { token } = by(issuer.keys[0]).mintSync();
    assert.equal(thrown(() => validator.validateSync(token)).code, 'keys_unavailable');
    assert.equal((await validator.validate(token)).client_id, 'app');
    assert.equal(asked.length, 1);
    await assert.rejects(validator.validate(token), { code: 'token_replayed' });
    assert.equal(issuer.fetched(), 1);
    await validator.prefetch();
    await validator.refresh();
    assert.equal(issuer.fetched(), 2);
    assert.deepEqual(validator.status().issuers.map(({ issuer: whose, state }) => [whose, state]), [['app', 'fresh']]);
    const stranger = by(SigningKey.generateSync('ES256')).mintSync().token;
    await assert.rejects(validator.validate(stranger), { oauth: 'invalid_client', status: 401 });
    assert.equal(asked.length, 2, 'what is not authentic uses nothing');
  }),
);
