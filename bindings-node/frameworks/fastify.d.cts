import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { AccessToken, Validator, ValidatorOptions } from '../index.cjs';
import type { GuardOptions, RouteOptions } from './common.cjs';

export { GuardOptions, HttpError, RouteOptions } from './common.cjs';

declare module 'fastify' {
  interface FastifyRequest {
    /** The token of the request. Set by the guard of a route; `null` where none stands. */
    accessToken: AccessToken;
  }

  interface FastifyInstance {
    /**
     * A hook, for `onRequest` of a route or of a scope, that lets requests with a valid token through. Where the plugin is
     * not in scope there is no such function, so that no route can be made with it.
     *
     * @throws {At9068Error} `argument_invalid` for demands that are none.
     */
    guard(route?: RouteOptions): onRequestAsyncHookHandler;
  }

  interface FastifyContextConfig {
    /**
     * What the route asks of the token that a request needs; `true` for any valid one, `false` for none. Without this
     * member the route is open. It counts in the scope that the plugin is registered in: elsewhere no such route can be
     * made, and of one that was made before the plugin was loaded, each request fails. Where no plugin is registered at
     * all, nothing reads it; `{ onRequest: app.guard() }` is the same, and fails there too.
     */
    accessToken?: RouteOptions | boolean;
  }
}

/** The options of the plugin. */
export interface AccessTokenOptions extends GuardOptions<FastifyRequest> {
  /** What judges, or its options. */
  validator: Validator | ValidatorOptions;
}

/**
 * The plugin, to be registered once: its validator keeps keys and remembers tokens.
 *
 * Routes are guarded by the hook that `fastify.guard()` gives, or by `config.accessToken`. Where the validator has a
 * `protected_resource`, its metadata (RFC 9728) is served, at its path whatever the prefix of the scope.
 *
 * What the plugin adds is there for the scope that it is registered in, and for those within, as with `fastify-plugin`.
 * Registered by a plugin of your own, it is there for the routes of that one only, unless `fastify-plugin` is around it.
 *
 * ```js
 * await app.register(accessToken, { validator: { issuer: 'https://as.example/', audience: 'https://api.example/' } });
 * app.get('/me', { onRequest: app.guard() }, async (request) => ({ sub: request.accessToken.sub }));
 * app.get('/patients', { onRequest: app.guard({ require: { scopes: ['read:patients'] } }) }, list);
 * app.setErrorHandler(errorHandler);
 * ```
 */
export declare const accessToken: FastifyPluginAsync<AccessTokenOptions>;
export default accessToken;

/**
 * The handler of errors that answers as the core says, body included, and throws other errors, for the handler around
 * it. Without it Fastify answers with the same status and challenge, and a body of its own.
 */
export declare function errorHandler(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply;
