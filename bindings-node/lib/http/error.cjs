'use strict';

const { At9068Error } = require('../error.cjs');

/** What describes the body of an answer, and so does not go with another body. */
const OF_BODY = 'content-type';

/**
 * An error of the package in the form in which frameworks take the errors of requests. The answer is the core's; here
 * its parts only get the names under which frameworks look for them.
 */
class HttpError extends Error {
  constructor(cause) {
    const { status, headers, body } = cause.httpResponse;
    const { title, detail } = JSON.parse(body);
    super(detail ?? title, { cause });
    this.code = cause.code;
    this.status = status;
    this.statusCode = status;
    this.headers = fields(headers.filter(([name]) => name.toLowerCase() !== OF_BODY));
    this.expose = status < 500;
  }

  get httpResponse() {
    return this.cause.httpResponse;
  }

  /** What Hono asks an error for. */
  getResponse() {
    const { status, headers, body } = this.httpResponse;
    return new Response(body, { status, headers });
  }
}
Object.defineProperty(HttpError.prototype, 'name', { value: 'HttpError', configurable: true, writable: true });

/** The fields of an answer as an object, the values of one that is there several times as a list. */
function fields(pairs) {
  const all = {};
  for (const [name, value] of pairs) all[name] = name in all ? [all[name], value].flat() : value;
  return all;
}

/** An error of a request, as it goes to a framework. What has no answer is a mistake in the server, and stays as it is. */
function forFramework(error) {
  return error instanceof At9068Error && error.httpResponse !== undefined ? new HttpError(error) : error;
}

/** The answer to an error, where it is one of this package's that has one: its own, or that of a demand in a handler. */
function answerTo(error) {
  return error instanceof HttpError || error instanceof At9068Error ? error.httpResponse : undefined;
}

module.exports = { HttpError, answerTo, fields, forFramework };
