'use strict';

const { HttpError, answerTo } = require('../lib/http/error.cjs');
const { Guard, asks, fromNode } = require('../lib/http/guard.cjs');
const { send } = require('../lib/http/send.cjs');

function guard(validator, options) {
  const own = new Guard(validator, options);

  function guarded(route) {
    const demands = own.demands(route);
    return async function accessToken(request, _response, next) {
      try {
        request.accessToken = await own.authenticate(fromNode(request, request.originalUrl, request), demands);
      } catch (error) {
        return next(error);
      }
      return next();
    };
  }

  guarded.validator = own.validator;

  guarded.metadata = () => {
    const { path, response: document } = own.metadata;
    return function protectedResourceMetadata(request, response, next) {
      if (asks({ method: request.method, url: request.originalUrl }, path)) return send(response, document);
      return next();
    };
  };

  guarded.errors = () =>
    function accessTokenErrors(error, _request, response, next) {
      const answer = answerTo(error);
      if (answer === undefined || response.headersSent) return next(error);
      return send(response, answer);
    };

  return guarded;
}

module.exports = { HttpError, guard };
