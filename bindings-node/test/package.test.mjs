import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as esm from 'at9068';

const require = createRequire(import.meta.url);
const cjs = require('at9068');
const { libc, packageOf, platform, platforms } = require('../lib/platform.cjs');
const at = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), 'utf8');
const typings = read('index.d.cts');

test('both entries have the same objects', () => {
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort());
  for (const [name, value] of Object.entries(cjs)) assert.equal(esm[name], value, name);
});

/** The body of a class or an interface in the typings. */
function body(kind, name) {
  return new RegExp(`^export ${kind} ${name}(?: extends \\w+| implements \\w+)? \\{\\n([^]*?)^\\}`, 'm').exec(typings)[1];
}

/** The names of what a class has, inherited or not, on itself and on its instances. */
function* names(type, own = ['length', 'name', 'prototype', 'constructor']) {
  for (let one = type; one !== Function.prototype; one = Object.getPrototypeOf(one)) {
    yield* [...Object.getOwnPropertyNames(one), ...Object.getOwnPropertyNames(one.prototype)].filter(
      (name) => !own.includes(name),
    );
  }
}

test('the typings declare what there is, and nothing else', () => {
  const declared = [...typings.matchAll(/^export declare (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(cjs).sort());
  for (const name of declared.filter((name) => /^[A-Z]/.test(name) && name !== 'At9068Error')) {
    const inherited = [...typings.matchAll(new RegExp(`^export interface ${name} extends (\\w+) \\{\\}`, 'gm'))];
    const bodies = [body('declare class', name), ...inherited.map(([, parent]) => body('interface', parent))];
    const members = bodies.flatMap((text) => [...text.matchAll(/^  (?:static |get )*(\w+)\(/gm)]);
    const typed = new Set(members.map(([, member]) => member).filter((member) => member !== 'constructor'));
    assert.deepEqual([...typed].sort(), [...new Set(names(cjs[name]))].sort(), name);
  }
});

test('the typings of options are those of the schemas', () => {
  const schema = (name) => JSON.parse(read(`../docs/schema/${name}.schema.json`));
  const members = (name) => [...body('interface', name).matchAll(/^  (\w+)\??:/gm)].map(([, member]) => member).sort();
  const validator = schema('validator');
  const minter = schema('minter');
  const pairs = {
    ValidatorOptions: validator,
    IssuerOptions: validator.$defs.IssuerConfig,
    IssuerCacheOptions: validator.$defs.IssuerCacheConfig,
    IntrospectionOptions: validator.$defs.IntrospectionConfig,
    ProtectedResourceOptions: validator.$defs.ProtectedResourceConfig,
    MinterOptions: minter,
    ApiOptions: minter.$defs.ApiConfig,
    MintRequest: schema('mint-request'),
    HttpRequest: schema('request'),
    Requirements: schema('require'),
    IdTokenOptions: schema('id-token'),
    IdTokenChecks: schema('id-token-checks'),
    IdTokenMinterOptions: minter.$defs.IdTokenMinterConfig,
    IdTokenRequest: schema('id-token-request'),
    ClientAssertionOptions: schema('client-assertion'),
    ClientOptions: schema('client-assertion').$defs.ClientConfig,
    ClientAssertionRequirements: schema('client-assertion-require'),
    ClientAssertionMinterOptions: schema('client-assertion-minter'),
    ClientAssertionRequest: schema('client-assertion-request'),
  };
  for (const [name, { properties }] of Object.entries(pairs)) {
    assert.deepEqual(members(name), Object.keys(properties).sort(), name);
  }
});

test('the typings name the values that the schemas name', () => {
  const pairs = { Algorithm: 'validator', Discovery: 'validator', Profile: 'validator', Strategy: 'validator', Dialect: 'minter' };
  for (const [name, file] of Object.entries(pairs)) {
    const { oneOf } = JSON.parse(read(`../docs/schema/${file}.schema.json`)).$defs[name];
    const [, body] = new RegExp(`^export type ${name} =([^;]*);`, 'm').exec(typings);
    const listed = [...body.matchAll(/'(\w+)'/g)].map(([, value]) => value);
    assert.deepEqual(listed.sort(), oneOf.map((value) => value.const).sort(), name);
  }
});

test('the version is one', () => {
  const { version } = require('at9068/package.json');
  assert.equal(cjs.version, version);
  assert.match(read('../Cargo.toml'), new RegExp(`^version = "${version.replaceAll('.', '\\.')}"$`, 'm'));
});

/** Loads a copy of the package, in which there is only what is put there, on another platform if need be. */
function loading(put, on = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'at9068-'));
  try {
    for (const name of ['lib', 'lib.cjs', 'package.json']) {
      cpSync(at(name), join(folder, name), { recursive: true });
    }
    put(folder);
    const program = `
      for (const [name, value] of Object.entries(${JSON.stringify(on)})) Object.defineProperty(process, name, { value });
      try {
        console.log(JSON.stringify({ version: require('./lib.cjs').version }));
      } catch ({ message, cause }) {
        console.log(JSON.stringify({ message, codes: cause?.errors.map(({ code }) => code) }));
      }
    `;
    return JSON.parse(execFileSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The package of this platform, with any library. */
function install(folder, library) {
  const home = join(folder, 'node_modules', packageOf(platform));
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ main: `at9068.${platform}.node` }));
  copyFileSync(library, join(home, `at9068.${platform}.node`));
}

test('the native library is taken from the package of the platform', () => {
  const library = at(`at9068.${platform}.node`);
  assert.deepEqual(loading((folder) => install(folder, library)), { version: cjs.version });
});

test('where there is no native library, loading says so, and what can be done', () => {
  const { version } = require('at9068/package.json');
  const here = `platform ${process.platform}, arch ${process.arch}, libc ${libc}`;
  const missing = loading(() => {});
  assert.equal(
    missing.message,
    `at9068: no native library for ${platform} (${here}): the package ${packageOf(platform)} is not installed; ` +
      `install ${packageOf(platform)}@${version}, or at9068 with its optional dependencies`,
  );
  assert.deepEqual(missing.codes, ['MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

  const broken = loading((folder) => install(folder, at('package.json')));
  assert.match(broken.message, /is there but could not be loaded, for the reason that is the cause of this error$/);
  assert.deepEqual(broken.codes, ['MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED']);

  const { message } = loading(() => {}, { arch: 's390x' });
  assert.match(message, /^at9068: no native library for linux-s390x-gnu \(platform linux, arch s390x, libc glibc\): /);
  assert.ok(message.endsWith(`it is built for ${platforms.join(', ')}; elsewhere it has to be built from its sources`));
  const mac = loading(() => {}, { platform: 'darwin', arch: 'arm64' });
  assert.match(mac.message, /^at9068: no native library for darwin-arm64 \(platform darwin, arch arm64\): the package /);
  const windows = loading(() => {}, { platform: 'win32', arch: 'x64' });
  assert.match(windows.message, /^at9068: no native library for win32-x64-msvc \(platform win32, arch x64\): the package /);
});

test('nothing runs when the package is installed, and no framework is installed with it', () => {
  const manifest = require('at9068/package.json');
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare'];
  for (const name of hooks) assert.equal(manifest.scripts[name], undefined);
  // Those that it is packed with, the packages of the platforms, are there once it is packed.
  for (const name of ['dependencies', 'optionalDependencies']) assert.equal(manifest[name], undefined);
  const { peerDependencies, peerDependenciesMeta } = manifest;
  const optional = Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }]));
  assert.deepEqual(peerDependenciesMeta, optional);
});

test('no framework is loaded unless its adapter is', () => {
  const loaded = (code) => {
    const list = `console.log(JSON.stringify(Object.keys(require.cache).map((path) => path.split('node_modules/')[1])))`;
    const told = execFileSync(process.execPath, ['-e', `${code}; ${list}`], { cwd: at('.'), encoding: 'utf8' });
    return JSON.parse(told).filter((path) => path !== null);
  };
  const adapters = ['express', 'fastify', 'hono', 'koa'].map((name) => `require('at9068/${name}')`);
  assert.deepEqual(loaded(`require('at9068'); ${adapters.join(';')}`), []);
  assert.ok(loaded(`require('at9068/nest')`).some((path) => path.startsWith('tslib/') || path.startsWith('@nestjs/')));
});
