'use strict';

const { failure } = require('../lib/error.cjs');
const args = require('../lib/arguments.cjs');
const { HttpError, answerTo } = require('../lib/http/error.cjs');
const { Guard, fromNode } = require('../lib/http/guard.cjs');
const { reply } = require('../lib/http/send.cjs');

/** What tells that a scope of Fastify's has the plugin: scopes within it have it from there. */
const HERE = Symbol.for('at9068.fastify');

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
    const route = routeOf(config);
    if (route === false) return undefined;
    if (route === true) return any;
    if (route === null || typeof route !== 'object') {
      throw failure('argument_invalid', 'config.accessToken is neither a boolean nor an object');
    }
    if (!known.has(route)) known.set(route, guard(route));
    return known.get(route);
  }

  fastify[HERE] = true;
  fastify.decorateRequest('accessToken', null);
  fastify.decorate('guard', guard);
  // A mistake in a route is told when it is made.
  fastify.addHook('onRoute', ({ config }) => void marked(config));
  // Asked of each request and not put on routes as they are made: a route that was made before the plugin was loaded
  // is guarded too.
  fastify.addHook('onRequest', async (request) => {
    await marked(request.routeOptions.config)?.(request);
  });
  const outer = scopesAround(fastify);
  watch(outer);
  if (own.validator.protectedResourceMetadataPath !== undefined) {
    const { path, response } = own.metadata;
    // Where no prefix moves it: challenges name its URL.
    (outer.at(-1) ?? fastify).get(path, async (_request, to) => reply(to, response));
  }
}

/** What is said of the token in the configuration of a route; `false` where nothing is. */
function routeOf(config) {
  return 'accessToken' in Object(config) ? config.accessToken : false;
}

/** The scopes around one, the outermost last. */
function scopesAround(scope) {
  const outer = Object.getPrototypeOf(scope);
  return 'addHook' in outer ? [outer, ...scopesAround(outer)] : [];
}

/** Outside of its scope the plugin guards nothing: a route that asks for a token there is a mistake, made or asked for. */
function watch(outer) {
  const check = (scope, config) => {
    if (HERE in scope || routeOf(config) === false) return;
    throw failure('config_invalid', 'config.accessToken of a route outside of the scope of the plugin');
  };
  for (const scope of outer) {
    scope.addHook('onRoute', function accessTokenScope({ config }) {
      check(this, config);
    });
  }
  // For routes that were made before.
  outer.at(-1)?.addHook('onRequest', async (request) => check(request.server, request.routeOptions.config));
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
