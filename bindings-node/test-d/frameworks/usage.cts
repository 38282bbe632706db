// Compiled, never run: the CommonJS face of the adapters' typings, and that both faces have the same types.

import express = require('at9068/express');
import fastify = require('at9068/fastify');
import hono = require('at9068/hono');
import nest = require('at9068/nest');

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

type Esm<Name extends keyof Faces> = Faces[Name];
interface Faces {
  express: typeof import('at9068/express', { with: { 'resolution-mode': 'import' } });
  fastify: typeof import('at9068/fastify', { with: { 'resolution-mode': 'import' } });
  hono: typeof import('at9068/hono', { with: { 'resolution-mode': 'import' } });
  nest: typeof import('at9068/nest', { with: { 'resolution-mode': 'import' } });
}

same<typeof express.guard, Esm<'express'>['guard']>(true);
same<typeof fastify.accessToken, Esm<'fastify'>['accessToken']>(true);
same<typeof fastify.default, Esm<'fastify'>['default']>(true);
same<typeof fastify.errorHandler, Esm<'fastify'>['errorHandler']>(true);
same<typeof hono.guard, Esm<'hono'>['guard']>(true);
same<typeof nest.AccessTokenModule, Esm<'nest'>['AccessTokenModule']>(true);
same<typeof nest.Require, Esm<'nest'>['Require']>(true);
same<typeof express.HttpError, Esm<'fastify'>['HttpError']>(true);
same<typeof nest.HttpError, Esm<'nest'>['HttpError']>(true);
same<keyof typeof express, keyof Esm<'express'>>(true);
same<keyof typeof fastify, keyof Esm<'fastify'>>(true);
same<keyof typeof hono, keyof Esm<'hono'>>(true);
same<keyof typeof nest, keyof Esm<'nest'>>(true);
