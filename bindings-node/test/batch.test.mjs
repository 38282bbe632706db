import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AccessToken, At9068Error, KeySet, MintedToken, Minter, SigningKey, Validator } from 'at9068';
import { API, ISSUER, NOW, code, key, mint, minter, minterOptions, request, thrown, validator, validatorOptions } from './common.mjs';
import { newKey, until, withIssuer } from './issuer.mjs';

const at = { now: NOW };
const sub = (i) => `auth0|${i}`;
const grants = (count) => Array.from({ length: count }, (_, i) => ({ ...request, subject: sub(i) }));
const tokens = (count) => grants(count).map((grant) => minter.mintSync(grant, at).token);

/** What a list of outcomes says, one short text each. */
function said(outcomes) {
  return outcomes.map((one) => (one instanceof At9068Error ? one.code : one.sub));
}

for (const [name, validateMany] of [
  ['validateMany', (...given) => validator.validateMany(...given)],
  ['validateManySync', async (...given) => validator.validateManySync(...given)],
]) {
  test(`${name} gives what each token gives alone, in order`, async () => {
    const good = tokens(1001);
    const given = [...good];
    given[0] = '';
    given[7] = `${good[7]}A`;
    given[500] = Buffer.from(good[500]);
    given[501] = good[502];
    given[502] = '\ud800';
    given[999] = new Uint8Array([0xff, 0x2e]);
    const alone = given.map((token) => {
      try {
        return validator.validateSync(token, at);
      } catch (error) {
        return error;
      }
    });
    const found = await validateMany(given, at);
    assert.deepEqual(said(found), said(alone));
    assert.equal(found[500].sub, sub(500));
    assert.equal(found[501].sub, sub(502));
    for (const [i, outcome] of found.entries()) {
      if (outcome instanceof At9068Error) {
        const { stack: _, ...members } = outcome;
        assert.deepEqual({ ...members }, { ...alone[i] }, `${i}`);
        assert.equal(outcome.message, alone[i].message);
      } else {
        assert.ok(outcome instanceof AccessToken);
        assert.equal(outcome.claimsJson, alone[i].claimsJson);
        assert.equal(outcome.headerJson, alone[i].headerJson);
        assert.deepEqual(outcome.scopes, alone[i].scopes);
        assert.deepEqual(outcome.aud, [API]);
      }
    }
    found[1].require({ scopes: ['read'] }, at);
    assert.equal(code(() => found[1].require({ scopes: ['write'] }, at)), 'scope_insufficient');
    assert.deepEqual(await validateMany([], at), []);
    assert.deepEqual(said(await validateMany([good[0]])), ['token_expired'], 'without now the clock is asked');
  });

  test(`${name} holds each token to the same options`, async () => {
    const certificate = Buffer.alloc(32, 7).toString('base64url');
    const bound = mint({ cnf: { 'x5t#S256': certificate } }).token;
    const [free] = tokens(1);
    assert.deepEqual(said(await validateMany([free, bound], at)), [sub(0), 'binding_missing']);
    const given = { ...at, request: { client_certificate_sha256: certificate }, require: { scopes: ['read'] } };
    assert.deepEqual(said(await validateMany([free, bound], given)), [sub(0), request.subject]);
    const wanting = await validateMany([free], { ...at, require: { scopes: ['write'] } });
    assert.equal(wanting[0].code, 'scope_insufficient');
    assert.match(wanting[0].challenge[0], /scope="write"/);
  });

  test(`${name} names the place of what is no token, and begins nothing`, async () => {
    const [good] = tokens(1);
    const wrong = async (...given) => {
      const error = await validateMany(...given).then(() => assert.fail('it went through'), (caught) => caught);
      assert.equal(error.code, 'argument_invalid');
      return error.message;
    };
    for (const bad of [undefined, null, 42, {}, ['a'], Symbol('a')]) {
      assert.match(await wrong([good, good, bad, good], at), /tokens\[2\] is neither a string nor a Uint8Array/);
    }
    assert.match(await wrong([, good], at), /tokens\[0\] is neither/); // eslint-disable-line no-sparse-arrays
    for (const bad of [undefined, null, good, new Set([good]), { length: 1, 0: good }]) {
      assert.match(await wrong(bad, at), /tokens is not an array/);
    }
    assert.match(await wrong([good], { at: NOW }), /options has an unknown member at/);
    assert.match(await wrong([good], { now: '1' }), /now is not a number/);
    assert.match(await wrong([], { require: { scope: ['read'] } }), /scope/);
    assert.match(await wrong([good], { require: '{' }), /./);
  });
}

test('what is done to the list later changes nothing', async () => {
  const given = tokens(600);
  const bytes = Buffer.from(given[1]);
  given[1] = bytes;
  const promise = validator.validateMany(given, at);
  bytes.fill(0);
  given.fill('gone');
  assert.deepEqual(said(await promise), Array.from({ length: 600 }, (_, i) => sub(i)));
});

test('mintMany gives what each request gives alone, in order', async () => {
  const given = grants(450).map((grant, i) => ({ ...grant, jti: `id-${i}` }));
  given[3] = { ...given[3], resource: ['https://other.example/'] };
  given[4] = JSON.stringify(given[4]);
  given[449] = '{';
  const alone = given.map((grant) => {
    try {
      return minter.mintSync(grant, at);
    } catch (error) {
      return error;
    }
  });
  for (const made of [await minter.mintMany(given, at), minter.mintManySync(given, at)]) {
    assert.equal(made.length, 450);
    for (const [i, outcome] of made.entries()) {
      if (alone[i] instanceof At9068Error) {
        assert.ok(outcome instanceof At9068Error);
        for (const name of ['code', 'claim', 'message', 'oauth', 'status']) assert.equal(outcome[name], alone[i][name]);
      } else {
        assert.ok(outcome instanceof MintedToken);
        assert.equal(outcome.token, alone[i].token);
        assert.equal(outcome.claims.jti, `id-${i}`);
        assert.equal(outcome.expires_in, 600);
        assert.deepEqual(outcome.header, alone[i].header);
      }
    }
    const refused = made.map((one, i) => [i, one.code]).filter(([, slug]) => slug !== undefined);
    assert.deepEqual(refused, [[3, 'invalid_target'], [449, 'argument_invalid']]);
  }
  assert.deepEqual(await minter.mintMany([]), []);
  assert.deepEqual(minter.mintManySync([]), []);
});

test('mintMany names the place of what is no request', async () => {
  const [good] = grants(1);
  for (const [bad, message] of [
    [undefined, /requests\[1\]/],
    [42n, /requests\[1\]/],
    ['\ud800', /requests\[1\] has a lone surrogate/],
    [{ ...good, claims: { a: [NaN] } }, /claims\.a\[0\] is not a finite number/],
  ]) {
    await assert.rejects(minter.mintMany([good, bad]), { code: 'argument_invalid', message });
    assert.match(thrown(() => minter.mintManySync([good, bad])).message, message);
  }
  await assert.rejects(minter.mintMany(good), { code: 'argument_invalid', message: /requests is not an array/ });
  await assert.rejects(minter.mintMany([good], { later: 1 }), { code: 'argument_invalid' });
});

test('tokens that are minted at once are all of one time, and none is like another', async () => {
  const made = await minter.mintMany(Array(300).fill(request));
  assert.equal(new Set(made.map(({ claims }) => claims.jti)).size, 300);
  assert.equal(new Set(made.map(({ claims }) => claims.iat)).size, 1);
});

test('the loop turns while ten thousand are minted and validated', async () => {
  const count = 10_000;
  const turns = [];
  let last = performance.now();
  const timer = setInterval(() => {
    turns.push(performance.now() - last);
    last = performance.now();
  }, 1);
  const made = await minter.mintMany(Array(count).fill(request), at);
  const given = made.map(({ token }) => token);
  given[5000] = 'no token';
  const begun = performance.now();
  const found = await validator.validateMany(given, at);
  const took = performance.now() - begun;
  clearInterval(timer);
  assert.equal(found.length, count);
  assert.deepEqual(said(found).flatMap((one, i) => (one === request.subject ? [] : [[i, one]])), [[5000, 'token_malformed']]);
  // Validated one after the other on this thread they would hold it for as long as all of them take.
  const longest = Math.max(...turns);
  assert.ok(turns.length > 20, `${turns.length} turns`);
  assert.ok(longest < 150, `the loop stood for ${longest} ms of ${took}`);
});

test('several batches at once, and single calls between them', async () => {
  const [one, other] = [tokens(500), tokens(300)];
  const [first, second, third] = await Promise.all([
    validator.validateMany(one, at),
    validator.validateMany(other, at),
    validator.validate(one[3], at),
    minter.mintMany(grants(100), at),
  ]);
  assert.deepEqual([first.length, second.length, third.sub], [500, 300, sub(3)]);
  assert.ok([...first, ...second].every((token) => token instanceof AccessToken));
});

test(
  'keys that a batch needs are fetched once, off the loop, and by each validator’s own way',
  withIssuer(async (issuer) => {
    const given = Array.from({ length: 400 }, () => issuer.mint());
    given[9] = issuer.mint(newKey());
    const validating = issuer.validator();
    const found = await validating.validateMany(given);
    assert.deepEqual(said(found), said(found).map((_, i) => (i === 9 ? 'key_not_found' : 'user')));
    assert.equal(issuer.fetched(), 1);
    const waiting = issuer.validator({ jwks_uri: issuer.jwksUri });
    const [early] = waiting.validateManySync(given);
    assert.equal(early.code, 'keys_unavailable');
    assert.ok(early.retryAfter >= 1);
    await until(() => waiting.status().issuers[0].state === 'fresh');
    assert.equal(said(waiting.validateManySync(given)).filter((one) => one === 'user').length, 399);
  }),
);

test('keys are fetched by a function of the caller’s', async () => {
  const asked = [];
  const signing = newKey();
  const minting = new Minter({ ...minterOptions, keys: signing });
  const given = minting.mintManySync(grants(50)).map(({ token }) => token);
  const fetch = async ({ url }) => {
    asked.push(url);
    await sleep(1);
    return { status: 200, headers: [['Content-Type', 'application/json']], body: KeySet.fromSigningKeys([signing]).toJson() };
  };
  const options = { issuer: ISSUER, audience: API, jwks_uri: `${ISSUER}jwks` };
  const fetching = new Validator(options, { fetch });
  const found = await fetching.validateMany([...given, 'x']);
  assert.deepEqual(said(found), [...grants(50).map(({ subject }) => subject), 'token_malformed']);
  assert.deepEqual(asked, [`${ISSUER}jwks`]);

  const later = new Validator(options, { fetch });
  assert.deepEqual(said(later.validateManySync(given.slice(0, 2))), ['keys_unavailable', 'keys_unavailable']);
  await until(() => later.status().issuers[0].state === 'fresh');
  assert.deepEqual(said(later.validateManySync(given.slice(0, 2))), [sub(0), sub(1)]);

  const cause = new Error('the mesh is down');
  const failing = new Validator(options, {
    fetch: () => {
      throw cause;
    },
  });
  const [undecided, malformed] = await failing.validateMany([given[0], 'x']);
  assert.deepEqual([undecided.code, undecided.cause], ['keys_unavailable', cause]);
  assert.deepEqual([malformed.code, malformed.cause], ['token_malformed', undefined]);
});

test('issuers are found by a function of the caller’s, and clocks are asked once', async () => {
  const elsewhere = { issuer: 'https://c.example/', audience: API, jwks: key.keySet() };
  let resolved = 0;
  let asked = 0;
  const resolver = (issuer) => {
    resolved += 1;
    if (issuer !== ISSUER) throw new Error('unknown');
    return { issuer, jwks: key.keySet() };
  };
  const clock = () => {
    asked += 1;
    return NOW;
  };
  const own = new Validator(elsewhere, { resolver, clock });
  const given = tokens(450);
  given[1] = new Minter({ ...minterOptions, issuer: 'https://other.example/' }).mintSync(request, at).token;
  for (const found of [await own.validateMany(given), own.validateManySync(given)]) {
    assert.deepEqual(said(found).filter((one, i) => one !== sub(i)), [found[1].code]);
    assert.equal(found[1].cause.message, 'unknown');
    assert.equal(found[449].sub, sub(449));
  }
  assert.ok(resolved >= 3);
  const timed = new Validator(validatorOptions, { clock });
  asked = 0;
  assert.equal((await timed.validateMany(tokens(20)))[19].sub, sub(19));
  assert.equal(timed.validateManySync(tokens(20))[19].sub, sub(19));
  assert.equal(asked, 2);
});

test('worker threads have batches of their own, and may end in the middle of one', async () => {
  const body = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Minter, SigningKey, Validator } = require('at9068');
    const keys = SigningKey.fromJwk(workerData.jwk);
    const minter = new Minter({ ...workerData.minterOptions, keys });
    const validator = new Validator({ ...workerData.validatorOptions, jwks: keys });
    const now = ${NOW};
    (async () => {
      const made = await minter.mintMany(Array(700).fill(workerData.request), { now });
      const found = await validator.validateMany(made.map(({ token }) => token), { now });
      parentPort.postMessage(found.filter(({ sub }) => sub === workerData.request.subject).length);
      minter.mintMany(Array(5000).fill(workerData.request), { now });
      validator.validateMany(made.map(({ token }) => token), { now });
      setTimeout(() => process.exit(7), 5);
    })();
  `;
  const workerData = {
    jwk: key.toJwk(),
    minterOptions: { ...minterOptions, keys: undefined },
    request,
    validatorOptions: { ...validatorOptions, jwks: undefined },
  };
  const start = () =>
    new Promise((resolve, reject) => {
      let found;
      const worker = new Worker(body, { eval: true, workerData });
      worker.once('message', (message) => (found = message));
      worker.once('error', reject).once('exit', (status) => resolve([status, found]));
    });
  assert.deepEqual(await Promise.all([start(), start(), start()]), [[7, 700], [7, 700], [7, 700]]);
});

test('RSA keys sign many tokens on several threads', async () => {
  const signing = SigningKey.generateSync('RS256');
  const many = new Minter({ ...minterOptions, keys: signing });
  const made = await many.mintMany(grants(40), at);
  const found = await new Validator({ ...validatorOptions, jwks: signing.keySet() }).validateMany(
    made.map(({ token }) => token),
    at,
  );
  assert.deepEqual(said(found), grants(40).map(({ subject }) => subject));
});
