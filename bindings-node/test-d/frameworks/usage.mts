// Compiled, never run: the adapters fit their frameworks, and tokens have their types there.

import { Controller, Get, HttpException, Module } from '@nestjs/common';
import express from 'express';
import fastify from 'fastify';
import type { FastifyContextConfig } from 'fastify';
import { Hono } from 'hono';
import { AccessToken, At9068Error, Validator } from 'at9068';
import type { ErrorCode, HttpResponse, ValidatorOptions } from 'at9068';
import { HttpError, guard as guardExpress } from 'at9068/express';
import type { Guard, GuardOptions, RouteOptions } from 'at9068/express';
import plugin, { accessToken, errorHandler } from 'at9068/fastify';
import { guard as guardHono } from 'at9068/hono';
import type { GuardedEnv } from 'at9068/hono';
import { AccessTokenGuard, AccessTokenModule, HttpError as NestError, Public, Require, Token } from 'at9068/nest';

/** Fails to compile unless both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const options: ValidatorOptions = { issuer: 'https://as.example/', audience: 'https://api.example/' };
const route: RouteOptions = { require: { scopes: ['read'], permissions: ['enter'], acr_values: ['mfa'], max_age: 60 } };

// Express
{
  const app = express();
  const guarded: Guard = guardExpress(options, { clientCertificate: (req) => req.get('x') });
  const seen: Validator = guarded.validator;
  app.use(guarded.metadata());
  app.get('/:id', guarded(route), (req, res) => {
    same<typeof req.accessToken, AccessToken>(true);
    res.json({ id: req.params['id'], sub: req.accessToken.sub });
  });
  app.use(guarded.errors());
  guardExpress(seen);
  // @ts-expect-error: an option that does not exist
  guarded({ scopes: ['read'] });
  // @ts-expect-error: neither a validator nor its options
  guardExpress('https://as.example/');
}

// Fastify
{
  const app = fastify();
  await app.register(accessToken, { validator: options, clientCertificate: (request) => request.raw.method });
  await app.register(plugin, { validator: new Validator(options) });
  app.get('/', { config: { accessToken: route } }, async (request) => {
    same<typeof request.accessToken, AccessToken>(true);
    return request.accessToken.sub;
  });
  app.get('/any', { config: { accessToken: true } }, async () => '');
  app.get('/hook', { onRequest: app.guard(route), preHandler: [app.guard()] }, async () => '');
  app.setErrorHandler(errorHandler);
  // @ts-expect-error: a demand that does not exist
  const wrong: FastifyContextConfig = { accessToken: { require: { scope: 'read' } } };
  app.get('/wrong', { config: wrong }, async () => '');
  // @ts-expect-error: as good as open
  const nothing: FastifyContextConfig = { accessToken: undefined };
  app.get('/nothing', { config: nothing }, async () => '');
  await app.register(plugin, { validator: options, clientCertificate: () => null });
}

// Hono
{
  const guarded = guardHono(options, { clientCertificate: (c) => c.req.header('x') });
  const app = new Hono();
  app.use(guarded.metadata());
  app.get('/', guarded(route), (c) => {
    const token = c.get('accessToken');
    same<typeof token, AccessToken>(true);
    return c.text(token.sub);
  });
  app.onError(guarded.errors());
  const everywhere = new Hono<GuardedEnv>();
  everywhere.use(guarded());
  everywhere.get('/', (c) => c.text(c.var.accessToken.sub));
}

// Nest
@Controller()
@Require({ permissions: ['enter'] })
export class Api {
  @Get()
  @Require({ scopes: ['read'] })
  me(@Token() token: AccessToken): string {
    return token.sub;
  }

  @Get('open')
  @Public()
  open(): string {
    return '';
  }
}
@Module({ imports: [AccessTokenModule.forRoot(options)], controllers: [Api] })
export class AppModule {}
AccessTokenModule.forRootAsync({ inject: ['settings'], useFactory: async (settings: ValidatorOptions) => settings });
export type IsGuard = AccessTokenGuard;

// What goes wrong
export function told(error: unknown): HttpResponse | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const cause: At9068Error = error.cause;
  const code: ErrorCode = error.code;
  same<typeof error.headers, { readonly [name: string]: string | string[] }>(true);
  return error.status === error.statusCode && cause.code === code ? error.httpResponse : undefined;
}
export type IsOptions = GuardOptions<string>;
export function toldByNest(error: unknown): HttpResponse | undefined {
  if (!(error instanceof NestError)) return undefined;
  const exception: HttpException = error;
  const cause: At9068Error = error.cause;
  same<typeof error.headers, { readonly [name: string]: string | string[] }>(true);
  return exception.getStatus() === cause.status && cause.code === error.code ? error.httpResponse : undefined;
}
