import type { Context, Middleware } from 'koa';
import type { AccessToken, Validator, ValidatorOptions } from '../index.cjs';
import type { GuardOptions, RouteOptions } from './common.cjs';

export { GuardOptions, HttpError, RouteOptions } from './common.cjs';

/** What a guard leaves in `ctx.state`. */
export interface GuardedState {
  /** The token of the request. */
  accessToken: AccessToken;
}

/** Guards routes with one validator. */
export interface Guard {
  /**
   * Middleware that lets requests with a valid token through, which is `ctx.state.accessToken` then. What is refused is
   * thrown.
   *
   * @throws {At9068Error} `argument_invalid` for demands that are none.
   */
  (route?: RouteOptions): Middleware<GuardedState>;
  /** What judges. */
  readonly validator: Validator;
  /**
   * Middleware that answers with the metadata of the protected resource (RFC 9728), and needs no token. To be used
   * before a guard of everything.
   *
   * @throws {At9068Error} `config_invalid` where the validator has no `protected_resource`.
   */
  metadata(): Middleware;
  /**
   * Middleware that answers to errors of what comes after it as the core says, body included, and leaves other errors
   * alone. Without it Koa answers with the same status and challenge, and a text as the body.
   */
  errors(): Middleware;
}

/**
 * Makes the guard of an application, once: its validator keeps keys and remembers tokens.
 *
 * ```js
 * const guarded = guard({ issuer: 'https://as.example/', audience: 'https://api.example/' });
 * app.use(guarded.errors());
 * router.get('/me', guarded(), (ctx) => { ctx.body = { sub: ctx.state.accessToken.sub }; });
 * router.get('/patients', guarded({ require: { scopes: ['read:patients'] } }), list);
 * ```
 *
 * @throws {At9068Error} `config_invalid`, as the constructor of {@link Validator}.
 */
export declare function guard(validator: Validator | ValidatorOptions, options?: GuardOptions<Context>): Guard;
