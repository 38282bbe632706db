// What README.md says of each framework, run as it stands there, in an application around it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Minter, SigningKey } from 'at9068';
import { ask, listening, nest } from './frameworks.mjs';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
// Within the package, so that it finds the package itself.
const folder = mkdtempSync(fileURLToPath(new URL('.readme-', import.meta.url)));
after(() => rmSync(folder, { recursive: true }));

const OPTIONS = "{ issuer: 'https://as.example/', audience: 'https://api.example/' }";
const key = SigningKey.generateSync('ES256');
const apis = [{ audience: 'https://api.example/', dialect: 'rfc9068_profile', scopes: ['read:patients'] }];
const minter = new Minter({ issuer: 'https://as.example/', keys: key, apis });
const request = { grant_type: 'client_credentials', client_id: 'cron', resource: ['https://api.example/'] };
const mint = (scope) => minter.mintSync({ ...request, scope }).token;
globalThis.keysOfReadme = key.keySet();

/** What stands around the lines of a section. `app` listens once it is exported. */
const around = {
  Express: ["import express from 'express'; const app = express(); const list = (_, res) => res.json({ patients: [] });", ''],
  Fastify: ["import fastify from 'fastify'; const app = fastify(); const list = async () => ({ patients: [] });", ''],
  Koa: [
    `import Koa from 'koa'; const app = new Koa(); const routes = new Map();
     const router = { get: (path, ...handlers) => routes.set(path, handlers) };
     const list = (ctx) => void (ctx.body = { patients: [] });`,
    'app.use((ctx) => { const [first, second] = routes.get(ctx.path); return first(ctx, () => second(ctx)); });',
  ],
  Hono: ["import { Hono } from 'hono'; const app = new Hono(); const list = (c) => c.json({ patients: [] });", ''],
  Nest: [
    `import 'reflect-metadata'; import { Controller, Get, Module } from '@nestjs/common';
     import type { AccessToken } from 'at9068';`,
    'const app = AppModule;',
  ],
};

const start = {
  Express: (app) => listening(app),
  Fastify: async (app) => ({ port: new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port, close: () => app.close() }),
  Koa: (app) => listening(app.callback()),
  Hono: async (app) => {
    const { getRequestListener } = await import('@hono/node-server');
    return listening(getRequestListener(app.fetch));
  },
  Nest: (app) => nest([app], []),
};

for (const [name, [before, behind]] of Object.entries(around)) {
  test(`what is said of ${name} works`, async (t) => {
    const [, language, lines] = new RegExp(`### ${name}\\n[^]*?\`\`\`(\\w+)\\n([^]*?)\`\`\``).exec(readme);
    assert.ok(lines.includes(OPTIONS), 'the options are those of every section');
    // The keys of an issuer that there is not.
    const known = lines.replace(OPTIONS, `{ ...${OPTIONS}, jwks: (globalThis as any).keysOfReadme }`);
    const program = `${before}\n${language === 'ts' ? known : known.replace(' as any', '')}\n${behind}\nexport { app };\n`;
    const { app } = await load(name, language, program);
    const { port, close } = await start[name](app);
    t.after(close);
    const bearer = (scope) => [['Authorization', `Bearer ${mint(scope)}`]];
    assert.equal((await ask(port, '/me', bearer('read:patients'))).body, '{"sub":"cron@clients"}');
    assert.equal((await ask(port, '/patients', bearer('read:patients'))).body, '{"patients":[]}');
    const nothing = await ask(port, '/patients');
    assert.equal(nothing.header('www-authenticate'), 'Bearer scope="read:patients"');
    assert.equal(nothing.body, '{"title":"Unauthorized","status":401}');
    assert.equal((await ask(port, '/patients', bearer())).status, 403);
  });
}

async function load(name, language, program) {
  const path = join(folder, `${name}.m${language}`);
  writeFileSync(path, program);
  if (language === 'ts') {
    const tsc = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url));
    const flags = '--experimentalDecorators --module nodenext --target es2022 --skipLibCheck --strict --types node';
    execFileSync(tsc, [...flags.split(' '), path], { stdio: 'inherit' });
  }
  return import(pathToFileURL(path.replace(/ts$/, 'js')));
}
