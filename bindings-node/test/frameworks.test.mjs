// The adapters, each with its own framework: what comes in reaches the core, and what the core answers goes out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Catch, Controller, Get, HttpException } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { At9068Error, Minter, SigningKey, Validator, certificateSha256 } from 'at9068';
import * as onExpress from 'at9068/express';
import { accessToken, errorHandler } from 'at9068/fastify';
import { guard as onHono } from 'at9068/hono';
import { guard as onKoa } from 'at9068/koa';
import { AccessTokenGuard, AccessTokenModule, HttpError, Public, Require, Token } from 'at9068/nest';
import { API, ISSUER, code } from './common.mjs';
import { READ, WRITE, ask, decorated, frameworks, listening, nest } from './frameworks.mjs';

const require = createRequire(import.meta.url);
const key = SigningKey.generateSync('ES256');
const apis = [{ audience: API, dialect: 'rfc9068_profile_authz', scopes: ['read', 'write'] }];
const minter = new Minter({ issuer: ISSUER, keys: key, apis });
const options = { issuer: ISSUER, audience: API, jwks: key.keySet(), realm: 'patients' };
const resource = { ...options, protected_resource: { resource: API, scopes_supported: ['read', 'write'] } };
const validator = new Validator(options);

function mint(more = {}, now) {
  const usual = { grant_type: 'authorization_code', client_id: 'app', subject: 'user', scope: 'read', resource: [API] };
  return minter.mintSync({ ...usual, ...more }, { now }).token;
}

const bearer = (token) => [['Authorization', `Bearer ${token}`]];

/** What the core answers to a request. */
async function refusal(headers, route, by = validator) {
  try {
    await by.authenticate({ headers, method: 'GET', url: '/' }, route);
  } catch (error) {
    assert.ok(error instanceof At9068Error);
    return error.httpResponse;
  }
  return assert.fail('nothing was refused');
}

/** What a request sends, and what the route demands of it, beside the outcomes that are told of in full. */
const refused = {
  nothing: [[], undefined],
  'another scheme': [[['Authorization', 'Basic YTpi']], undefined],
  'no token': [[['Authorization', 'Bearer']], undefined],
  'two tokens in one field': [[['Authorization', `Bearer ${mint()}, Bearer ${mint()}`]], undefined],
  'two fields': [[...bearer(mint()), ...bearer(mint())], undefined],
  'two fields of two schemes': [[['Authorization', 'Basic YTpi'], ['authorization', `Bearer ${mint()}`]], undefined],
  'no token at all': [bearer('abc'), undefined],
  expired: [bearer(mint({}, 1_700_000_000)), undefined],
  'a scope that is missing': [bearer(mint()), WRITE],
};

function assertAnswer(given, { status, headers, body }) {
  assert.equal(given.status, status);
  assert.equal(given.body, body);
  for (const [name, value] of headers) assert.equal(given.header(name), value, name);
}

for (const [name, start] of Object.entries(frameworks)) {
  test(`${name} lets good requests through, with their tokens`, async (t) => {
    const { port, close } = await start(validator, { answers: true });
    t.after(close);
    for (const path of ['/me', '/read']) {
      const { status, body } = await ask(port, path, bearer(mint()));
      assert.deepEqual([status, JSON.parse(body)], [200, { sub: 'user' }]);
    }
    assert.deepEqual(JSON.parse((await ask(port, '/open')).body), { token: true });
    assert.deepEqual(JSON.parse((await ask(port, '/open', bearer(mint()))).body), { token: true });
  });

  test(`${name} refuses as the core says`, async (t) => {
    const { port, close } = await start(options, { answers: true });
    t.after(close);
    for (const [what, [headers, route]] of Object.entries(refused)) {
      const given = await ask(port, route === undefined ? '/me' : '/write', headers);
      assertAnswer(given, await refusal(headers, route));
      assert.ok(given.status >= 400 && given.status < 404, what);
    }
    const head = await ask(port, '/me', [], 'HEAD');
    assert.deepEqual([head.status, head.header('www-authenticate'), head.body], [401, 'Bearer realm="patients"', '']);
  });

  test(`${name} answers rightly without a handler of errors`, async (t) => {
    const { port, close } = await start(validator, { answers: false });
    t.after(close);
    for (const [headers, route] of Object.values(refused)) {
      const given = await ask(port, route === undefined ? '/me' : '/write', headers);
      const { status, headers: fields } = await refusal(headers, route);
      assert.equal(given.status, status);
      for (const [field, value] of fields) if (field !== 'Content-Type') assert.equal(given.header(field), value, field);
    }
  });

  test(`${name} answers to what a handler demands, and leaves other errors alone`, async (t) => {
    const { port, close } = await start(validator, { answers: true });
    t.after(close);
    assertAnswer(await ask(port, '/later', bearer(mint())), await refusal(bearer(mint()), WRITE));
    const broken = await ask(port, '/broken', bearer(mint()));
    assert.equal(broken.status, 500);
    assert.ok(!broken.header('www-authenticate'));
  });

  test(`${name} says that keys cannot be had`, async (t) => {
    const { port, close } = await start(unreachable(), { answers: true });
    t.after(close);
    const given = await ask(port, '/me', bearer(mint()));
    assertAnswer(given, await refusal(bearer(mint()), undefined, unreachable()));
    assert.equal(given.status, 503);
    assert.match(given.header('retry-after'), /^[1-9][0-9]*$/);
  });

  test(`${name} serves the metadata of the resource`, async (t) => {
    const { port, close } = await start(resource, { answers: true });
    t.after(close);
    const given = await ask(port, '/.well-known/oauth-protected-resource');
    assert.deepEqual([given.status, given.header('content-type')], [200, 'application/json']);
    assert.equal(given.body, new Validator(resource).protectedResourceMetadata);
    assert.equal((await ask(port, '/.well-known/oauth-protected-resource?x=1')).status, 200);
    const absolute = await ask(port, 'http://api.example/.well-known/oauth-protected-resource?x=1');
    assert.deepEqual([absolute.status, absolute.body], [200, given.body]);
    assert.equal((await ask(port, '/.well-known/oauth-protected-resource', [], 'POST')).status, 404);
    const challenge = (await ask(port, '/me')).header('www-authenticate');
    assert.match(challenge, /resource_metadata="https:\/\/api\.example\/\.well-known\/oauth-protected-resource"$/);
  });

  test(`${name} hands over a certificate`, async (t) => {
    const pem = readFileSync(new URL('certificate.pem', import.meta.url), 'utf8');
    const bound = mint({ cnf: { 'x5t#S256': certificateSha256(pem) } });
    const behind = { clientCertificate: () => pem };
    for (const [certificates, status] of [[behind, 200], [undefined, 401]]) {
      const { port, close } = await start(validator, { answers: true, options: certificates });
      t.after(close);
      assert.equal((await ask(port, '/me', bearer(bound))).status, status);
    }
  });
}

for (const [name, start] of Object.entries(frameworks)) {
  test(`${name} takes a certificate that is none, or cannot be read, for none`, async (t) => {
    const bound = mint({ cnf: { 'x5t#S256': certificateSha256(readFileSync(new URL('certificate.pem', import.meta.url))) } });
    const warnings = [];
    const listener = (warning) => warnings.push(warning);
    process.on('warning', listener);
    t.after(() => process.off('warning', listener));
    const unreadable = ['from the client', Buffer.from('from the client')];
    for (const none of [undefined, null, '', ...unreadable]) {
      warnings.length = 0;
      const { port, close } = await start(validator, { answers: true, options: { clientCertificate: () => none } });
      t.after(close);
      assert.equal((await ask(port, '/me', bearer(bound))).status, 401);
      assert.equal((await ask(port, '/me', bearer(bound))).status, 401);
      assert.equal((await ask(port, '/me', bearer(mint()))).status, 200);
      assert.equal(warnings.length, unreadable.includes(none) ? 1 : 0);
      for (const { name, message } of warnings) {
        assert.equal(name, 'At9068Warning');
        assert.equal(message, 'a client certificate is unreadable, and counts as none');
      }
    }
    const { port, close } = await start(validator, { answers: true, options: { clientCertificate: () => 5 } });
    t.after(close);
    assert.equal((await ask(port, '/me', bearer(mint()))).status, 500, 'no certificate but a mistake');
  });
}

/** Where the issuer never answers. */
function unreachable() {
  const fetch = async () => ({ status: 503, headers: { 'Retry-After': '7' }, body: '' });
  return new Validator({ ...options, jwks: undefined }, { fetch });
}

test('what is no option is told when routes are made', async () => {
  for (const make of [onExpress.guard, onHono, onKoa]) {
    const guarded = make(validator);
    for (const route of [{ scopes: ['read'] }, { require: { scope: 'read' } }, { require: '{' }, 'read', null]) {
      assert.equal(code(() => guarded(route)), 'argument_invalid');
    }
    assert.equal(code(() => guarded.metadata()), 'config_invalid');
    assert.equal(code(() => make({ issuer: ISSUER })), 'config_invalid');
    assert.equal(code(() => make(validator, { certificate: () => '' })), 'argument_invalid');
    assert.equal(guarded.validator, validator);
    assert.ok(make(options).validator instanceof Validator);
  }
  for (const route of [{ scopes: ['read'] }, { require: { scope: 'read' } }, 'read', null, undefined]) {
    const app = fastify();
    await app.register(accessToken, { validator });
    assert.equal(code(() => app.get('/', { config: { accessToken: route } }, () => '')), 'argument_invalid');
  }
  await assert.rejects(async () => fastify().register(accessToken, options), { code: 'argument_invalid' });
  assert.equal(code(() => AccessTokenModule.forRoot({ issuer: ISSUER })), 'config_invalid');
});

test('a guard that is used as middleware lets nothing through', async (t) => {
  const app = express().set('env', 'test');
  app.use(onExpress.guard(validator));
  app.get('/', (_, res) => res.send('in'));
  const { port, close } = await listening(app);
  t.after(close);
  assert.equal((await ask(port, '/', bearer(mint()))).status, 500);
});

test('errors are as express-oauth2-jwt-bearer and http-errors have them', async (t) => {
  const app = express();
  const seen = [];
  app.use(onExpress.guard(validator)(WRITE));
  app.use((error, _req, res, _next) => {
    seen.push(error);
    res.status(error.status).set(error.headers).json({ code: error.code });
  });
  const { port, close } = await listening(app);
  t.after(close);
  const given = await ask(port, '/', bearer(mint()));
  const [error] = seen;
  assert.ok(error instanceof onExpress.HttpError && error instanceof Error);
  for (const name of ['fastify', 'hono', 'koa']) {
    assert.equal(error.constructor, require(`at9068/${name}`).HttpError, 'one class for all of them');
  }
  assert.deepEqual([error.status, error.statusCode, error.expose, error.code], [403, 403, true, 'scope_insufficient']);
  assert.deepEqual(Object.keys(error.headers), ['WWW-Authenticate', 'Cache-Control']);
  assert.equal(error.headers['WWW-Authenticate'], error.cause.challenge[0]);
  assert.equal(error.message, JSON.parse(error.httpResponse.body).detail);
  assert.ok(error.cause instanceof At9068Error);
  assert.deepEqual([given.status, given.header('www-authenticate')], [403, error.cause.challenge[0]]);
});

test('Express behind a mount is asked by what the client sent', async (t) => {
  const guarded = onExpress.guard(resource);
  const api = express.Router().use(guarded.metadata()).use(guarded());
  const app = express().use('/.well-known', api);
  app.use(guarded.errors());
  const { port, close } = await listening(app);
  t.after(close);
  assert.equal((await ask(port, '/.well-known/oauth-protected-resource')).status, 200);
  assert.equal((await ask(port, `/.well-known/x?access_token=${mint()}`, bearer(mint()))).status, 400);
});

test('Fastify guards what was made before the plugin was loaded, and what lies in scopes', async (t) => {
  const app = fastify();
  app.register(accessToken, { validator });
  app.get('/early', { config: { accessToken: true } }, async (req) => ({ sub: req.accessToken.sub }));
  app.register(
    async (scope) => {
      scope.addHook('onRequest', scope.guard(READ));
      scope.get('/all', async (req) => ({ sub: req.accessToken.sub }));
      scope.get('/wrong', { config: { accessToken: false } }, async (req) => ({ sub: req.accessToken.sub }));
    },
    { prefix: '/scope' },
  );
  t.after(() => app.close());
  for (const url of ['/early', '/scope/all', '/scope/wrong']) {
    assert.equal((await app.inject({ url })).statusCode, 401, url);
    const { statusCode, body } = await app.inject({ url, headers: { authorization: `Bearer ${mint()}` } });
    assert.deepEqual([statusCode, body], [200, '{"sub":"user"}'], url);
  }
});

test('Fastify tells of a route that asks for a token where the plugin is not in scope', async (t) => {
  const config = { accessToken: READ };
  const list = async () => 'in';
  const auth = async (scope) => void (await scope.register(accessToken, { validator }));

  const app = fastify();
  await app.register(auth);
  assert.equal(code(() => app.get('/', { config }, list)), 'config_invalid');
  assert.equal(code(() => app.get('/', { config: { accessToken: undefined } }, list)), 'config_invalid');
  await assert.rejects(async () => app.register(async (scope) => scope.get('/', { config }, list)), { code: 'config_invalid' });
  assert.throws(() => app.guard(READ), TypeError);

  // Of those that were there before it, requests do not pass; what asks for nothing, and other scopes, are left alone.
  const early = fastify();
  early.setErrorHandler(errorHandler);
  early.get('/early', { config }, list);
  early.get('/undefined', { config: { accessToken: undefined } }, list);
  early.get('/open', { config: { accessToken: false, other: true } }, list);
  early.register(async (scope) => scope.get('/sibling', { config }, list));
  early.register(async (scope) => {
    scope.get('/around', { config }, list);
    await scope.register(async (inner) => {
      await inner.register(accessToken, { validator });
      inner.get('/in', { config }, list);
      inner.register(async (innermost) => innermost.get('/innermost', { config }, list));
    });
    assert.equal(code(() => scope.get('/later', { config }, list)), 'config_invalid');
  });
  t.after(() => early.close());
  const headers = { authorization: `Bearer ${mint()}` };
  const statuses = async (url) => [(await early.inject({ url })).statusCode, (await early.inject({ url, headers })).statusCode];
  for (const url of ['/early', '/undefined', '/sibling', '/around']) assert.deepEqual(await statuses(url), [500, 500], url);
  for (const url of ['/in', '/innermost']) assert.deepEqual(await statuses(url), [401, 200], url);
  assert.deepEqual(await statuses('/open'), [200, 200]);
  assert.deepEqual(await statuses('/nowhere'), [404, 404]);
});

test('Fastify scopes may each have a validator', async (t) => {
  const app = fastify();
  for (const [prefix, realm] of [['/a', 'a'], ['/b', 'b']]) {
    await app.register(async (scope) => {
      await scope.register(accessToken, { validator: { ...options, realm } });
      scope.get('/', { config: { accessToken: true } }, async () => realm);
    }, { prefix });
  }
  t.after(() => app.close());
  const headers = { authorization: `Bearer ${mint()}` };
  for (const realm of ['a', 'b']) {
    assert.equal((await app.inject({ url: `/${realm}` })).headers['www-authenticate'], `Bearer realm="${realm}"`);
    assert.equal((await app.inject({ url: `/${realm}`, headers })).body, realm);
  }
});

test('no prefix of Fastify moves the metadata', async (t) => {
  const app = fastify();
  app.register(async (scope) => {
    await scope.register(accessToken, { validator: resource });
    scope.get('/me', { onRequest: scope.guard() }, async () => '');
  }, { prefix: '/v1' });
  t.after(() => app.close());
  const challenge = (await app.inject({ url: '/v1/me' })).headers['www-authenticate'];
  const [, url] = /resource_metadata="([^"]+)"/.exec(challenge);
  const given = await app.inject({ url: new URL(url).pathname });
  assert.deepEqual([given.statusCode, given.body], [200, new Validator(resource).protectedResourceMetadata]);
});

test('Hono needs no server of Node’s', async () => {
  const app = new Hono().get('/', onHono(validator)(READ), (c) => c.text(c.get('accessToken').sub));
  const good = await app.request('/', { headers: { Authorization: `Bearer ${mint()}` } });
  assert.equal(await good.text(), 'user');
  const two = new Headers(bearer(mint()));
  two.append('Authorization', `Bearer ${mint()}`);
  assert.equal((await app.request('/', { headers: two })).status, 400);
});

test('of a controller of Nest and its method, both demands hold; what is public is open', async (t) => {
  class Api {
    both() {
      return 'both';
    }
    open() {
      return 'open';
    }
    one(token) {
      return token.sub;
    }
  }
  decorated(Api, [Controller('api'), Require({ permissions: ['enter'] })], {
    both: [[Get('both'), Require({ scopes: ['read'] }), Require({ scopes: ['write'] })]],
    open: [[Get('open'), Public()]],
    one: [[Get('one')], [Token()]],
  });
  const { port, close } = await nest([AccessTokenModule.forRoot(validator)], [Api]);
  t.after(close);
  const statuses = async (path) => {
    const requests = [{}, { permissions: ['enter'] }, { scope: 'read write' }];
    const all = [...requests, { permissions: ['enter'], scope: 'read write' }].map((more) => bearer(mint(more)));
    return Promise.all([[], ...all].map(async (headers) => (await ask(port, path, headers)).status));
  };
  assert.deepEqual(await statuses('/api/both'), [401, 403, 403, 403, 200]);
  assert.deepEqual(await statuses('/api/one'), [401, 403, 200, 403, 200]);
  assert.deepEqual(await statuses('/api/open'), [200, 200, 200, 200, 200]);
  assert.equal(code(() => decorated(class { a() {} }, [], { a: [[Public(), Require()]] })), 'argument_invalid');
});

test('a class of Nest adds its demands to those of the class that it extends', async (t) => {
  class Base {
    inherited() {
      return 'inherited';
    }
    overridden() {
      return 'base';
    }
    unmarked() {
      return 'base';
    }
    opened() {
      return 'base';
    }
  }
  decorated(Base, [Require({ permissions: ['enter'] })], {
    inherited: [[Get('inherited'), Require({ scopes: ['read'] })]],
    overridden: [[Get('overridden'), Require({ scopes: ['read'] })]],
    unmarked: [[Get('unmarked'), Require({ scopes: ['read'] })]],
    opened: [[Get('opened'), Public()]],
  });
  class Api extends Base {
    overridden() {
      return 'api';
    }
    unmarked() {
      return 'api';
    }
    opened() {
      return 'api';
    }
    open() {
      return 'open';
    }
  }
  decorated(Api, [Controller(), Require({ permissions: ['leave'] })], {
    overridden: [[Get('overridden'), Require({ scopes: ['write'] })]],
    unmarked: [[Get('unmarked')]],
    opened: [[Get('opened')]],
    open: [[Get('open'), Public()]],
  });
  class Quiet extends Base {}
  decorated(Quiet, [Controller('quiet')], {});
  const { port, close } = await nest([AccessTokenModule.forRoot(validator)], [Api, Quiet]);
  t.after(close);
  const status = async (path, scope, ...permissions) => (await ask(port, path, bearer(mint({ scope, permissions })))).status;
  const both = ['enter', 'leave'];
  for (const path of ['/inherited', '/unmarked', '/opened']) {
    assert.equal((await ask(port, path)).status, 401, path);
    assert.equal(await status(path, 'read', 'enter'), 403, path);
    assert.equal(await status(path, 'read', 'leave'), 403, path);
    assert.equal(await status(path, 'read', ...both), 200, path);
  }
  for (const path of ['/inherited', '/unmarked']) assert.equal(await status(path, 'write', ...both), 403, path);
  for (const scope of ['read', 'write']) assert.equal(await status('/overridden', scope, ...both), 403);
  assert.equal(await status('/overridden', 'read write', ...both), 200);
  assert.equal((await ask(port, '/open')).status, 200);
  assert.equal(await status('/quiet/inherited', 'read', 'leave'), 403);
  assert.equal(await status('/quiet/inherited', 'read', 'enter'), 200);
});

for (const [name, platform] of [['', () => undefined], [' over Fastify', () => new FastifyAdapter()]]) {
  test(`a filter of everything leaves the refusals of Nest${name} their status and challenge`, async (t) => {
    class Api {
      me(token) {
        return token.sub;
      }
      read(token) {
        return token.sub;
      }
    }
    decorated(Api, [Controller()], {
      me: [[Get('me'), Require()], [Token()]],
      read: [[Get('read'), Require(WRITE.require)], [Token()]],
    });
    const seen = [];
    class Everything {
      catch(error, host) {
        seen.push(error);
        const response = host.switchToHttp().getResponse();
        response.status(error instanceof HttpException ? error.getStatus() : 500).send({ filtered: true });
      }
    }
    Catch()(Everything);
    const filter = { module: class Filters {}, providers: [{ provide: APP_FILTER, useClass: Everything }] };
    for (const [validating, path, headers, route] of [
      [validator, '/me', []],
      [validator, '/read', bearer(mint()), WRITE],
      [unreachable(), '/me', bearer(mint())],
    ]) {
      const { port, close } = await nest([AccessTokenModule.forRoot(validating), filter], [Api], platform());
      t.after(close);
      const expected = await refusal(headers, route, validating);
      const given = await ask(port, path, headers);
      assert.deepEqual([given.status, given.body], [expected.status, '{"filtered":true}']);
      for (const [field, value] of expected.headers) if (field !== 'Content-Type') assert.equal(given.header(field), value);
      const error = seen.at(-1);
      assert.ok(error instanceof HttpError && error.cause instanceof At9068Error);
      assert.deepEqual(error.getResponse(), JSON.parse(expected.body));
      assert.deepEqual([error.code, error.httpResponse], [error.cause.code, expected]);
      assert.equal(error.headers['Cache-Control'], 'no-store');
    }
  });
}

test('Nest takes the validator from other providers, and its guard for everything', async (t) => {
  class Api {
    any(token) {
      return token.sub;
    }
    open() {
      return 'open';
    }
  }
  decorated(Api, [Controller()], { any: [[Get('any')], [Token()]], open: [[Get('open'), Public()]] });
  const given = AccessTokenModule.forRootAsync({
    imports: [{ module: class Settings {}, providers: [{ provide: 'settings', useValue: options }], exports: ['settings'] }],
    inject: ['settings'],
    useFactory: async (settings) => settings,
  });
  const everywhere = { module: class Everywhere {}, providers: [{ provide: APP_GUARD, useExisting: AccessTokenGuard }] };
  const { port, close } = await nest([given, everywhere], [Api]);
  t.after(close);
  assert.equal((await ask(port, '/any')).status, 401);
  assert.equal((await ask(port, '/any', bearer(mint()))).body, 'user');
  assert.equal((await ask(port, '/open')).body, 'open');
});

test('no prefix of Nest moves the metadata', async (t) => {
  class Api {
    me(token) {
      return token.sub;
    }
  }
  decorated(Api, [Controller()], { me: [[Get('me'), Require()], [Token()]] });
  const { port, close } = await nest([AccessTokenModule.forRoot(resource)], [Api], undefined, 'v1');
  t.after(close);
  assert.equal((await ask(port, '/v1/me', bearer(mint()))).body, 'user');
  assert.equal((await ask(port, '/.well-known/oauth-protected-resource')).status, 200);
});

test('CommonJS and ES modules get the same adapters', async () => {
  for (const name of ['express', 'fastify', 'hono', 'koa', 'nest']) {
    const esm = await import(`at9068/${name}`);
    const cjs = require(`at9068/${name}`);
    assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
    for (const each of Object.keys(cjs)) assert.equal(esm[each], cjs[each], `${name} ${each}`);
  }
});
