'use strict';

const { HttpError, answerTo } = require('../lib/http/error.cjs');
const { Guard, asks, pairs } = require('../lib/http/guard.cjs');

function guard(validator, options) {
  const own = new Guard(validator, options);

  function guarded(route) {
    const demands = own.demands(route);
    return async function accessToken(c, next) {
      c.set('accessToken', await own.authenticate(requestOf(c), demands));
      return next();
    };
  }

  guarded.validator = own.validator;

  guarded.metadata = () => {
    const { path, response: document } = own.metadata;
    return async function protectedResourceMetadata(c, next) {
      if (asks({ method: c.req.method, url: new URL(c.req.url).pathname }, path)) return response(document);
      return next();
    };
  };

  guarded.errors = () =>
    function accessTokenErrors(error) {
      const answer = answerTo(error);
      if (answer === undefined) throw error;
      return response(answer);
    };

  return guarded;
}

/** A `Headers` joins the values of a field that came several times; where Node serves, it is known how they came. */
function requestOf(c) {
  const { method, url, raw } = c.req;
  const incoming = c.env?.incoming;
  const headers = incoming?.rawHeaders === undefined ? [...raw.headers] : pairs(incoming.rawHeaders);
  return { headers, method, url, socket: incoming?.socket, request: c };
}

function response({ status, headers, body }) {
  return new Response(body, { status, headers });
}

module.exports = { HttpError, guard };
