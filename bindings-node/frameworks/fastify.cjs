'use strict';

const { failure } = require('../lib/error.cjs');
const args = require('../lib/arguments.cjs');
const { HttpError, answerTo } = require('../lib/http/error.cjs');
const { Guard, fromNode } = require('../lib/http/guard.cjs');
const { reply } = require('../lib/http/send.cjs');

/** The options that Fastify itself has for every plugin. */
const OF_FASTIFY = ['prefix', 'logLevel', 'logSerializers'];

async function accessToken(fastify, options) {
  const { validator, clientCertificate } = args.options(options, ['validator', 'clientCertificate', ...OF_FASTIFY]);
  const own = new Guard(validator, { clientCertificate });
  /** What routes demand, by their configuration. */
  const known = new WeakMap();

  async function authenticate(request, demands) {
    request.accessToken = await own.authenticate(fromNode(request.raw, request.originalUrl, request), demands);
  }

  function guard(route) {
    const demands = own.demands(route);
    return async function accessTokenHook(request) {
      await authenticate(request, demands);
    };
  }

  const any = guard();

  function marked(config) {
    if (config === undefined || config === false) return undefined;
    if (config === true) return any;
    if (config === null || typeof config !== 'object') {
      throw failure('argument_invalid', 'config.accessToken is neither a boolean nor an object');
    }
    if (!known.has(config)) known.set(config, guard(config));
    return known.get(config);
  }

  fastify.decorateRequest('accessToken', null);
  fastify.decorate('guard', guard);
  // A mistake in a route is told when it is made.
  fastify.addHook('onRoute', ({ config }) => void marked(config?.accessToken));
  // Asked of each request and not put on routes as they are made: a route that was made before the plugin was loaded
  // is guarded too.
  fastify.addHook('onRequest', async (request) => {
    await marked(request.routeOptions.config?.accessToken)?.(request);
  });
  if (own.validator.protectedResourceMetadataPath !== undefined) {
    const { path, response } = own.metadata;
    fastify.get(path, async (_request, to) => reply(to, response));
  }
}

// As fastify-plugin has it: what is added here is there for the scope that the plugin is registered in.
Object.assign(accessToken, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'at9068',
  [Symbol.for('plugin-meta')]: { name: 'at9068', fastify: '5.x' },
});

function errorHandler(error, _request, to) {
  const answer = answerTo(error);
  // The handler around this one has it then: in the end Fastify's own.
  if (answer === undefined) throw error;
  return reply(to, answer);
}

module.exports = { HttpError, accessToken, default: accessToken, errorHandler };
