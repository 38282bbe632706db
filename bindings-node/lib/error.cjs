'use strict';

const native = require('./native.cjs');

/** The table of codes, as the core has it. */
const table = native.errorCodes().map((row) =>
  Object.freeze({ ...row, oauth: row.oauth ?? null, status: row.status ?? null }),
);

const rows = new Map(table.map((row) => [row.code, row]));

class At9068Error extends Error {
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
    this.retryAfter = failure.retry_after ?? null;
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

function settle(outcome) {
  if (outcome?.failed === true) throw new At9068Error(outcome);
  return outcome;
}

/** The result of a native call; throws nothing but `At9068Error`. */
function call(work) {
  let outcome;
  try {
    outcome = work();
  } catch (cause) {
    throw fault(cause);
  }
  return settle(outcome);
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

module.exports = { At9068Error, call, callAsync, errorCodes, failure };
