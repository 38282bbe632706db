'use strict';

// One document of an issuer, fetched by a function of the caller's.

const { isAnyArrayBuffer, isUint8Array } = require('node:util/types');
const { clearTimeout, setTimeout } = require('node:timers');

/** Why nothing came back, in the word that status and events have for it. */
class FetchFault extends Error {
  constructor(reason, options) {
    super(`the document could not be fetched: ${reason}`, options);
    this.reason = reason;
  }
}

/** Lets `fetch` get a document within the time it may take, and gives what came back. */
async function exchange(fetch, request) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const fault = new FetchFault('timeout');
      controller.abort(fault);
      reject(fault);
    }, request.timeoutSeconds * 1000);
  });
  try {
    const asked = (async () => fetch({ ...request, signal: controller.signal }))();
    return response(await Promise.race([asked, late]));
  } catch (cause) {
    if (cause instanceof FetchFault) throw cause;
    throw new FetchFault(cause?.name === 'TimeoutError' ? 'timeout' : 'connect', { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** What the function gave, in the form that the native half takes. */
function response(given) {
  try {
    const { status, headers, body } = given;
    if (!Number.isInteger(status) || status < 100 || status > 599) throw new TypeError('status is no HTTP status');
    return { status, headers: fields(headers ?? []), body: octets(body) };
  } catch (cause) {
    throw new FetchFault('broken', { cause });
  }
}

/** Header fields, from pairs, a `Headers`, a `Map` or an object. */
function fields(headers) {
  const pairs = typeof headers[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers);
  return pairs.map(([name, value]) => [well(name), well(value)]);
}

function well(text) {
  if (typeof text !== 'string') throw new TypeError('a header field is not a string');
  return text.toWellFormed();
}

function octets(body) {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (isUint8Array(body) || isAnyArrayBuffer(body)) return new Uint8Array(body);
  throw new TypeError('body is neither bytes nor a string');
}

module.exports = { exchange };
