// The client certificate of the connection, for tokens that are bound to it (RFC 8705), over HTTP/1.1 and HTTP/2.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { createServer, request } from 'node:https';
import { test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { Minter, SigningKey, Validator, certificateSha256 } from 'at9068';
import { guard as guardExpress } from 'at9068/express';
import { accessToken, errorHandler } from 'at9068/fastify';
import { guard as guardHono } from 'at9068/hono';
import { guard as guardKoa } from 'at9068/koa';
import { API, ISSUER } from './common.mjs';

// TEST ONLY.
const pem = (name) => readFileSync(new URL(`../../core/tests/pem/${name}.pem`, import.meta.url));
const identity = { key: pem('p256-pkcs8-private'), cert: pem('p256-certificate') };
// Clients are known by what their tokens are bound to, and need not be certified by anybody (RFC 8705 §2.2).
const tls = { ...identity, requestCert: true, rejectUnauthorized: false };

const key = SigningKey.generateSync('ES256');
const minter = new Minter({ issuer: ISSUER, keys: key, apis: [{ audience: API, dialect: 'rfc9068_profile' }] });
const validator = new Validator({ issuer: ISSUER, audience: API, jwks: key.keySet() });
const cnf = { 'x5t#S256': certificateSha256(identity.cert) };
const { token } = minter.mintSync({ grant_type: 'client_credentials', client_id: 'cron', resource: [API], cnf });

const frameworks = {
  async express() {
    const guarded = guardExpress(validator);
    const app = express().use(guarded()).get('/', (_, res) => res.send('in'));
    return listening(createServer(tls, app.use(guarded.errors())));
  },
  async koa() {
    const app = new Koa().use(guardKoa(validator)()).use((ctx) => void (ctx.body = 'in'));
    app.silent = true;
    return listening(createServer(tls, app.callback()));
  },
  async hono() {
    const app = new Hono().get('/', guardHono(validator)(), (c) => c.text('in'));
    return listening(createServer(tls, getRequestListener(app.fetch)));
  },
  fastify: () => onFastify({ https: tls }),
};

async function onFastify(options) {
  const app = fastify(options);
  await app.register(accessToken, { validator });
  app.setErrorHandler(errorHandler);
  app.get('/', { config: { accessToken: true } }, async () => 'in');
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: app.server.address().port, close: () => app.close() };
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: () => server.closeAllConnections() ?? server.close() };
}

/** Asks as a client with a certificate, or without. */
async function status(port, certificate) {
  const headers = { Authorization: `Bearer ${token}` };
  const options = { host: '127.0.0.1', port, agent: false, rejectUnauthorized: false, headers, ...certificate };
  const asked = request(options).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

for (const [name, start] of Object.entries(frameworks)) {
  test(`${name} knows the client by its certificate`, async (t) => {
    const { port, close } = await start();
    t.after(close);
    assert.equal(await status(port, identity), 200);
    assert.equal(await status(port, { key: pem('p384-pkcs8-private'), cert: pem('p384-certificate') }), 401);
    assert.equal(await status(port), 401);
  });
}

test('Fastify knows it over HTTP/2 too', async (t) => {
  const { port, close } = await onFastify({ http2: true, https: tls });
  t.after(close);
  for (const [certificate, expected] of [[identity, 200], [{}, 401]]) {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...certificate });
    const stream = session.request({ ':path': '/', authorization: `Bearer ${token}` });
    const [headers] = await once(stream, 'response');
    assert.equal(headers[':status'], expected);
    stream.resume();
    await once(stream, 'close');
    session.close();
  }
});
