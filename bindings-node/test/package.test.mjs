import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as esm from 'at9068';

const require = createRequire(import.meta.url);
const cjs = require('at9068');
const { platform } = require('../lib/platform.cjs');
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

test('where there is no native library, loading says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'at9068-'));
  try {
    for (const name of ['lib', 'lib.cjs', 'package.json']) {
      cpSync(at(name), join(folder, name), { recursive: true });
    }
    const load = () => require(join(folder, 'lib.cjs'));
    assert.throws(load, { message: `at9068: no native library could be loaded for ${platform}` });
    writeFileSync(join(folder, `at9068.${platform}.node`), 'no library');
    assert.throws(load, ({ cause }) => cause.errors.length === 2 && cause.errors[0].code === 'ERR_DLOPEN_FAILED');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('nothing runs when the package is installed, and nothing else is', () => {
  const manifest = require('at9068/package.json');
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare'];
  for (const name of hooks) assert.equal(manifest.scripts[name], undefined);
  const fields = ['dependencies', 'optionalDependencies', 'peerDependencies'];
  for (const name of fields) assert.equal(manifest[name], undefined);
});
