'use strict';

const native = require('./native.cjs');

/** The table of codes, as the core has it. */
const table = native.errorCodes().map((row) =>
  Object.freeze({ ...row, oauth: row.oauth ?? null, status: row.status ?? null }),
);

const rows = new Map(table.map((row) => [row.code, row]));

class At9068Error extends Error {
  /** The whole answer: of what is shown of an error, it would say everything twice. */
  #httpResponse;

  constructor(failure, options) {
    super(failure.message, options);
    this.code = failure.code;
    this.number = failure.number;
    this.claim = failure.claim ?? null;
    this.kind = failure.kind ?? null;
    this.authenticated = failure.authenticated;
    this.oauth = failure.oauth ?? null;
    this.status = failure.status ?? null;
    this.challenge = failure.challenge;
    this.headers = failure.headers;
    this.retryAfter = failure.retryAfter ?? null;
    this.#httpResponse = failure.httpResponse ?? undefined;
  }

  get httpResponse() {
    return this.#httpResponse;
  }
}
Object.defineProperty(At9068Error.prototype, 'name', {
  value: 'At9068Error',
  configurable: true,
  writable: true,
});

/** An error that arises on this side of the border. Of its codes, only `internal` is an answer. */
function failure(code, detail, options) {
  const { number, message, oauth, status } = rows.get(code);
  const answer = code === 'internal' ? { oauth, status } : {};
  return new At9068Error(
    { code, number, message: `${message}: ${detail}`, authenticated: false, challenge: [], headers: [], ...answer },
    options,
  );
}

/** The native half reports every error as a value, so what it throws is a fault. */
function fault(cause) {
  return failure('internal', 'the native library failed', { cause });
}

/** The result within an outcome; throws the error that is one. */
function settle(outcome, options) {
  if (outcome?.failed === true) throw new At9068Error(outcome, options);
  return outcome;
}

/** The outcome of a native call, be it an error. */
function attempt(work) {
  try {
    return work();
  } catch (cause) {
    throw fault(cause);
  }
}

/** The result of a native call; throws nothing but `At9068Error`. */
function call(work) {
  return settle(attempt(work));
}

/** The result of a native call that runs on another thread. */
async function callAsync(work) {
  let outcome;
  try {
    outcome = await work();
  } catch (cause) {
    throw fault(cause);
  }
  return settle(outcome);
}

function errorCodes() {
  return [...table];
}

module.exports = { At9068Error, attempt, call, callAsync, errorCodes, failure, fault, settle };
