'use strict';

const native = require('./native.cjs');
const { call, callAsync, failure } = require('./error.cjs');
const args = require('./arguments.cjs');

/** Known to this package only: proves that a constructor is called from here. */
const MAKE = Symbol('make');

function made(proof, what) {
  if (proof !== MAKE) throw failure('argument_invalid', `${what} cannot be constructed`);
}

// The native handle within an instance, or undefined for anything else.
let keySetHandle;
let signingKeyHandle;

class KeySet {
  #native;

  static {
    keySetHandle = (value) => (#native in value ? value.#native : undefined);
  }

  constructor(proof, handle) {
    made(proof, 'a KeySet');
    this.#native = handle;
  }

  static fromJson(jwks) {
    const text = args.jsonText(jwks, 'key_malformed', 'jwks');
    return new KeySet(MAKE, call(() => native.keySetFromJson(text)));
  }

  static fromPem(pem, options) {
    const text = args.pem(pem);
    const { algorithm, kid } = pemOptions(options);
    return new KeySet(MAKE, call(() => native.keySetFromPem(text, algorithm, kid)));
  }

  static fromSigningKeys(keys) {
    if (typeof keys?.[Symbol.iterator] !== 'function') throw failure('argument_invalid', 'keys is not iterable');
    const handles = args.reading(() => Array.from(keys, handleOf), 'argument_invalid', 'keys');
    return new KeySet(MAKE, call(() => native.keySetFromSigningKeys(handles)));
  }

  get size() {
    return call(() => this.#native.size());
  }

  get kids() {
    return call(() => this.#native.kids());
  }

  get skipped() {
    return call(() => this.#native.skipped());
  }

  toJson() {
    return call(() => this.#native.toJson());
  }

  toJSON() {
    return JSON.parse(this.toJson());
  }
}

class SigningKey {
  #native;

  static {
    signingKeyHandle = (value) => (#native in value ? value.#native : undefined);
  }

  constructor(proof, handle) {
    made(proof, 'a SigningKey');
    this.#native = handle;
  }

  static async generate(algorithm, options) {
    const { name, bits } = generation(algorithm, options);
    return new SigningKey(MAKE, await callAsync(() => native.signingKeyGenerate(name, bits)));
  }

  static generateSync(algorithm, options) {
    const { name, bits } = generation(algorithm, options);
    return new SigningKey(MAKE, call(() => native.signingKeyGenerateSync(name, bits)));
  }

  static fromJwk(jwk) {
    const text = args.jsonText(jwk, 'key_malformed', 'jwk');
    return new SigningKey(MAKE, call(() => native.signingKeyFromJwk(text)));
  }

  static fromPem(pem, options) {
    const text = args.pem(pem);
    const { algorithm, kid } = pemOptions(options);
    return new SigningKey(MAKE, call(() => native.signingKeyFromPem(text, algorithm, kid)));
  }

  get kid() {
    return call(() => this.#native.kid()) ?? undefined;
  }

  get algorithm() {
    return call(() => this.#native.algorithm());
  }

  get thumbprint() {
    return call(() => this.#native.thumbprint()) ?? undefined;
  }

  publicJwk() {
    const text = call(() => this.#native.publicJwk());
    return text === null ? undefined : JSON.parse(text);
  }

  publicPem() {
    return call(() => this.#native.publicPem()) ?? undefined;
  }

  toJwk() {
    return JSON.parse(call(() => this.#native.toJwk()));
  }

  toPem() {
    return call(() => this.#native.toPem());
  }

  keySet() {
    return new KeySet(MAKE, call(() => this.#native.keySet()));
  }
}

function handleOf(key) {
  const handle = Object(key) === key ? signingKeyHandle(key) : undefined;
  if (handle === undefined) throw failure('argument_invalid', 'keys has a member that is no SigningKey');
  return handle;
}

/** The native key set of whatever verifies: a set, a signing key, or a JWK set as data or text. */
function verifying(keys) {
  if (Object(keys) === keys) {
    const set = keySetHandle(keys);
    if (set !== undefined) return set;
    const key = signingKeyHandle(keys);
    if (key !== undefined) return call(() => key.keySet());
  }
  const text = args.jsonText(keys, 'key_malformed', 'keys');
  return call(() => native.keySetFromJson(text));
}

/** What a PEM text does not say about its key. */
function pemOptions(given) {
  const { algorithm, kid } = args.options(given, ['algorithm', 'kid']);
  return {
    algorithm: algorithm === undefined ? undefined : args.text(algorithm, 'argument_invalid', 'algorithm'),
    kid: kid === undefined ? undefined : args.text(kid, 'argument_invalid', 'kid'),
  };
}

function generation(algorithm, options) {
  const { bits } = args.options(options, ['bits']);
  return {
    name: args.text(algorithm, 'argument_invalid', 'algorithm'),
    bits: args.optional(bits, 'number', 'bits'),
  };
}

/**
 * Writes a configuration: its JSON text, in which each key set and signing key is a reference to
 * its place in the lists beside the text. What `leave` says of a value and its place stays out.
 */
function configuration(options, leave = () => false) {
  const keySets = [];
  const signingKeys = [];
  const reference = (value, at) => {
    if (leave(value, at)) return args.LEFT_OUT;
    const set = keySetHandle(value);
    if (set !== undefined) return `{"$key_set":${keySets.push(set) - 1}}`;
    const key = signingKeyHandle(value);
    if (key !== undefined) return `{"$signing_key":${signingKeys.push(key) - 1}}`;
    return undefined;
  };
  const text =
    options instanceof args.JsonText ? options.text : args.encode(options, 'config_invalid', 'options', reference);
  return { text, keySets, signingKeys };
}

function thumbprint(jwk) {
  const text = args.jsonText(jwk, 'key_malformed', 'jwk');
  return call(() => native.thumbprint(text));
}

function certificateSha256(certificate) {
  const given = args.certificate(certificate);
  return call(() => native.certificateSha256(given));
}

module.exports = { KeySet, MAKE, SigningKey, certificateSha256, configuration, made, thumbprint, verifying };
