'use strict';

// What comes from the caller, brought into the forms that the native half takes: JSON texts that
// are well-formed, numbers and bytes. Values are judged by the core; here it is only made sure
// that none changes or gets lost on the way.

const { isUint8Array } = require('node:util/types');
const native = require('./native.cjs');
const { At9068Error, failure } = require('./error.cjs');

/** Far deeper than the core reads: ends the writing of what contains itself. */
const DEEPEST = 128;

const noReference = () => undefined;

/** What a reference is to a member that is as good as not there. */
const LEFT_OUT = '';

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  // The second: the plain objects of another realm, as in node:vm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * JSON text of plain data. JSON.stringify would turn NaN into null, leave functions out and call
 * methods of the data; here whatever has no JSON form is an error that names its place.
 */
function encode(data, code, what, reference = noReference) {
  const refuse = (at, why) => failure(code, `${at || what} ${why}`);

  function write(value, at, depth) {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw refuse(at, 'has a lone surrogate');
        return JSON.stringify(value);
      case 'number':
        if (!Number.isFinite(value)) throw refuse(at, 'is not a finite number');
        return JSON.stringify(value);
      case 'boolean':
        return String(value);
      case 'object':
        if (value === null) return 'null';
        if (depth > DEEPEST) throw refuse(at.slice(0, 80), 'is nested too deeply');
        return reference(value, at) ?? (Array.isArray(value) ? writeArray : writeObject)(value, at, depth);
      default:
        throw refuse(at, `has no JSON form, being of type ${typeof value}`);
    }
  }

  function writeArray(array, at, depth) {
    const items = [];
    for (let i = 0; i < array.length; i += 1) items.push(write(array[i], `${at}[${i}]`, depth + 1));
    return `[${items.join(',')}]`;
  }

  function writeObject(object, at, depth) {
    if (!isPlain(object)) throw refuse(at, 'has no JSON form, being an instance of a class');
    const members = [];
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      if (!name.isWellFormed()) throw refuse(at, 'has a member whose name has a lone surrogate');
      const text = write(value, at ? `${at}.${name}` : name, depth + 1);
      if (text !== LEFT_OUT) members.push(`${JSON.stringify(name)}:${text}`);
    }
    return `{${members.join(',')}}`;
  }

  return reading(() => write(data, '', 1), code, what);
}

/** Reads what may run code of the caller's, a getter or an iterator, which may throw. */
function reading(work, code, what) {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof At9068Error) throw cause;
    throw failure(code, `${what} could not be read`, { cause });
  }
}

/** A text that is passed on as it is. The native half relies on its being well-formed. */
function text(value, code, what) {
  if (typeof value !== 'string') throw failure('argument_invalid', `${what} is not a string`);
  if (!value.isWellFormed()) throw failure(code, `${what} has a lone surrogate`);
  return value;
}

/** Many of what a call takes one of, each brought into its form; `what` is the name of them all. */
function many(value, what, read) {
  if (!Array.isArray(value)) throw failure('argument_invalid', `${what} is not an array`);
  return reading(() => Array.from(value, (item, index) => read(item, `${what}[${index}]`)), 'argument_invalid', what);
}

/** An array of texts, in an array of our own. */
function texts(value, what) {
  return many(value, what, (item, at) => text(item, 'argument_invalid', at));
}

/** JSON data, or the JSON text of it. */
function jsonText(value, code, what) {
  return typeof value === 'string' ? text(value, code, what) : encode(value, code, what);
}

/** A member of a call's options that is JSON data or its text. */
function optionalJsonText(value, what) {
  return value === undefined ? undefined : jsonText(value, 'argument_invalid', what);
}

/** A token as the native half takes it: well-formed text, or bytes. */
function token(value, what = 'token') {
  if (typeof value === 'string') {
    // A lone surrogate becomes the bytes of U+FFFD, which are as little part of any token.
    return value.isWellFormed() ? value : Buffer.from(value, 'utf8');
  }
  if (isUint8Array(value)) return copy(value);
  throw failure('argument_invalid', `${what} is neither a string nor a Uint8Array`);
}

/** A certificate: DER as bytes, PEM as a string or as bytes. */
function certificate(value) {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (isUint8Array(value)) return copy(value);
  throw failure('argument_invalid', 'certificate is neither a string nor a Uint8Array');
}

/** The memory of a Uint8Array may be shared with another thread, which may write to it. */
function copy(bytes) {
  return reading(() => new Uint8Array(bytes), 'argument_invalid', 'a Uint8Array'); // it may be detached
}

/** A PEM text, as a string or as the bytes of a file. */
function pem(value) {
  return text(isUint8Array(value) ? Buffer.from(value).toString('utf8') : value, 'key_malformed', 'pem');
}

const NONE = Object.freeze({});

/** The options of a call. One that is misspelt is an error: it may be what keeps a door shut. */
function options(given, names, what = 'options') {
  if (given === undefined) return NONE;
  return reading(() => membersOf(given, names, what), 'argument_invalid', what);
}

function membersOf(given, names, what) {
  if (typeof given !== 'object' || given === null || !isPlain(given)) {
    throw failure('argument_invalid', `${what} is not a plain object`);
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw failure('argument_invalid', `${what} has an unknown member ${unknown}`);
  const read = {};
  for (const name of names) read[name] = given[name];
  return read;
}

function optional(value, type, name) {
  if (value !== undefined && typeof value !== type) throw failure('argument_invalid', `${name} is not a ${type}`);
  return value;
}

/** The clock that was plugged in, if one was. */
function clockOf(ports) {
  return optional(options(ports, ['clock'], 'ports').clock, 'function', 'clock');
}

/** The time of a call: what it names, or else the plugged-in clock's; the core's own otherwise. */
function time(now, clock) {
  if (now !== undefined || clock === undefined) return optional(now, 'number', 'now');
  let seconds;
  try {
    seconds = clock();
  } catch (cause) {
    throw failure('internal', 'the clock failed', { cause });
  }
  if (typeof seconds !== 'number' || !native.isTime(seconds)) {
    throw failure('internal', 'the clock gave no usable time', {
      cause: new TypeError('a clock returns a number: seconds since the epoch'),
    });
  }
  return seconds;
}

/** What a constructor takes in place of options: their JSON text. */
class JsonText {
  constructor(value) {
    this.text = text(value, 'config_invalid', 'the JSON text');
  }
}

module.exports = {
  JsonText,
  LEFT_OUT,
  certificate,
  clockOf,
  encode,
  jsonText,
  many,
  optional,
  optionalJsonText,
  options,
  pem,
  reading,
  text,
  texts,
  time,
  token,
};
