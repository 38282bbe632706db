'use strict';

const { HttpError, answerTo, fields } = require('../lib/http/error.cjs');
const { Guard, asks, fromNode } = require('../lib/http/guard.cjs');

function guard(validator, options) {
  const own = new Guard(validator, options);

  function guarded(route) {
    const demands = own.demands(route);
    return async function accessToken(ctx, next) {
      ctx.state.accessToken = await own.authenticate(fromNode(ctx.req, ctx.originalUrl, ctx), demands);
      return next();
    };
  }

  guarded.validator = own.validator;

  guarded.metadata = () => {
    const { path, response } = own.metadata;
    return async function protectedResourceMetadata(ctx, next) {
      if (asks({ method: ctx.method, url: ctx.originalUrl }, path)) return answer(ctx, response);
      return next();
    };
  };

  guarded.errors = () =>
    async function accessTokenErrors(ctx, next) {
      try {
        return await next();
      } catch (error) {
        const response = answerTo(error);
        if (response === undefined) throw error;
        return answer(ctx, response);
      }
    };

  return guarded;
}

function answer(ctx, { status, headers, body }) {
  ctx.status = status;
  ctx.set(fields(headers));
  ctx.body = body;
}

module.exports = { HttpError, guard };
