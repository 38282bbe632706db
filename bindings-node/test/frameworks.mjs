// The same small API in every framework, guarded by the package's adapter, and how it is asked.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { serve } from '@hono/node-server';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import Koa2 from 'koa2';
import 'reflect-metadata';
import { guard as guardExpress } from 'at9068/express';
import { accessToken, errorHandler } from 'at9068/fastify';
import { guard as guardHono } from 'at9068/hono';
import { guard as guardKoa } from 'at9068/koa';
import { AccessTokenModule, Require, Token } from 'at9068/nest';

export const READ = { require: { scopes: ['read'] } };
export const WRITE = { require: { scopes: ['write'] } };

/** Of a framework: `app(validator, { answers })` gives what listens on loopback, with or without a handler of errors. */
export const frameworks = {
  express: onExpress(express),
  'express 4': onExpress(express4),
  fastify: onFastify,
  hono: onHono,
  koa: onKoa(Koa),
  'koa 2': onKoa(Koa2),
  nest: onNest(),
  'nest over fastify': onNest(() => new FastifyAdapter()),
};

function onExpress(express) {
  return async (validator, { answers, options }) => {
    const app = express().set('env', 'test');
    const guarded = guardExpress(validator, options);
    if (guarded.validator.protectedResourceMetadataPath !== undefined) app.use(guarded.metadata());
    app.get('/open', (req, res) => res.json({ token: req.accessToken === undefined }));
    app.get('/me', guarded(), (req, res) => res.json({ sub: req.accessToken.sub }));
    app.get('/read', guarded(READ), (req, res) => res.json({ sub: req.accessToken.sub }));
    app.get('/write', guarded(WRITE), (req, res) => res.json({ sub: req.accessToken.sub }));
    app.get('/later', guarded(), (req) => req.accessToken.require(WRITE.require));
    app.get('/broken', guarded(), () => {
      throw new Error('not of the package');
    });
    if (answers) app.use(guarded.errors());
    return listening(app);
  };
}

async function onFastify(validator, { answers, options }) {
  const app = fastify();
  await app.register(accessToken, { validator, ...options });
  const me = async (req) => ({ sub: req.accessToken.sub });
  app.get('/open', async (req) => ({ token: req.accessToken === null }));
  app.get('/me', { config: { accessToken: true } }, me);
  app.get('/read', { config: { accessToken: READ } }, me);
  app.get('/write', { onRequest: app.guard(WRITE) }, me);
  app.get('/later', { config: { accessToken: {} } }, async (req) => req.accessToken.require(WRITE.require));
  app.get('/broken', { config: { accessToken: true } }, async () => {
    throw new Error('not of the package');
  });
  if (answers) app.setErrorHandler(errorHandler);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: app.server.address().port, close: () => app.close() };
}

async function onHono(validator, { answers, options }) {
  const app = new Hono();
  const guarded = guardHono(validator, options);
  if (guarded.validator.protectedResourceMetadataPath !== undefined) app.use(guarded.metadata());
  const me = (c) => c.json({ sub: c.get('accessToken').sub });
  app.get('/open', (c) => c.json({ token: c.get('accessToken') === undefined }));
  app.get('/me', guarded(), me);
  app.get('/read', guarded(READ), me);
  app.get('/write', guarded(WRITE), me);
  app.get('/later', guarded(), (c) => c.get('accessToken').require(WRITE.require));
  app.get('/broken', guarded(), () => {
    throw new Error('not of the package');
  });
  if (answers) app.onError(guarded.errors());
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return { port: server.address().port, close: () => ended(server) };
}

function onKoa(Koa) {
  return async (validator, { answers, options }) => {
    const app = new Koa();
    app.silent = true;
    const guarded = guardKoa(validator, options);
    const me = (ctx) => void (ctx.body = { sub: ctx.state.accessToken.sub });
    const routes = {
      '/open': [(ctx) => void (ctx.body = { token: ctx.state.accessToken === undefined })],
      '/me': [guarded(), me],
      '/read': [guarded(READ), me],
      '/write': [guarded(WRITE), me],
      '/later': [guarded(), (ctx) => ctx.state.accessToken.require(WRITE.require)],
      '/broken': [guarded(), () => Promise.reject(new Error('not of the package'))],
    };
    if (answers) app.use(guarded.errors());
    if (guarded.validator.protectedResourceMetadataPath !== undefined) app.use(guarded.metadata());
    app.use(async (ctx, next) => {
      const [first, second] = routes[ctx.path] ?? [next];
      await first(ctx, async () => second?.(ctx));
    });
    return listening(app.callback());
  };
}

/** Decorators as plain functions, which is what a compiler makes of them. */
export function decorated(type, decorators, methods) {
  for (const [name, [list, parameters = []]] of Object.entries(methods)) {
    parameters.forEach((parameter, place) => parameter(type.prototype, name, place));
    const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
    for (const decorator of list) decorator(type.prototype, name, descriptor);
  }
  for (const decorator of decorators) decorator(type);
  return type;
}

/** An application of Nest with these controllers, all of whose routes may have a prefix. */
export async function nest(imports, controllers, platform, prefix = '') {
  class AppModule {}
  Module({ imports, controllers })(AppModule);
  const app = await NestFactory.create(AppModule, ...(platform ? [platform] : []), { logger: false });
  app.setGlobalPrefix(prefix);
  await app.listen(0, '127.0.0.1');
  return { port: app.getHttpServer().address().port, close: () => app.close() };
}

function onNest(platform = () => undefined) {
  return (validator, { options }) => nest([AccessTokenModule.forRoot(validator, options)], [controller()], platform());
}

/** A class of its own for every application: what decorators leave on one stays there. */
function controller() {
  class Api {
    open() {
      return { token: true };
    }
    me(token) {
      return { sub: token.sub };
    }
    read(token) {
      return { sub: token.sub };
    }
    write(token) {
      return { sub: token.sub };
    }
    later(token) {
      return token.require(WRITE.require);
    }
    broken() {
      throw new Error('not of the package');
    }
  }
  return decorated(Api, [Controller()], {
    open: [[Get('open')]],
    me: [[Get('me'), Require()], [Token()]],
    read: [[Get('read'), Require(READ.require)], [Token()]],
    write: [[Get('write'), Require(WRITE.require)], [Token()]],
    later: [[Get('later'), Require()], [Token()]],
    broken: [[Get('broken'), Require()]],
  });
}

/** A server of Node's, on loopback, for a function that answers. */
export async function listening(answers) {
  const server = createServer(answers).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: () => ended(server) };
}

async function ended(server) {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** Asks an API: status, header fields as they came, and body. `headers` are pairs. */
export async function ask(port, path, headers = [], method = 'GET') {
  const sent = ['Host', `127.0.0.1:${port}`, ...headers.flat()];
  const asked = request({ host: '127.0.0.1', port, path, method, agent: false, headers: sent });
  asked.end();
  const [response] = await once(asked, 'response');
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, header: (name) => response.headers[name.toLowerCase()], body };
}
