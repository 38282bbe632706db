import type { Context, ErrorHandler, MiddlewareHandler } from 'hono';
import type { AccessToken, Validator, ValidatorOptions } from '../index.cjs';
import type { GuardOptions, RouteOptions } from './common.cjs';

export { GuardOptions, HttpError, RouteOptions } from './common.cjs';

/** What a guard adds to the environment of the handlers behind it; for `new Hono<GuardedEnv>()`. */
export interface GuardedEnv {
  Variables: {
    /** The token of the request. */
    accessToken: AccessToken;
  };
}

/** Guards routes with one validator. */
export interface Guard {
  /**
   * Middleware that lets requests with a valid token through, which is `c.get('accessToken')` then. What is refused is
   * thrown, and answered by Hono as the core says.
   *
   * @throws {At9068Error} `argument_invalid` for demands that are none.
   */
  (route?: RouteOptions): MiddlewareHandler<GuardedEnv>;
  /** What judges. */
  readonly validator: Validator;
  /**
   * Middleware that answers with the metadata of the protected resource (RFC 9728), and needs no token. To be used
   * before a guard of everything.
   *
   * @throws {At9068Error} `config_invalid` where the validator has no `protected_resource`.
   */
  metadata(): MiddlewareHandler;
  /**
   * A handler for `app.onError`, which answers as the core says also where a handler demands more of its token, and
   * throws other errors. What a guard throws is answered so without it.
   */
  errors(): ErrorHandler;
}

/**
 * Makes the guard of an application, once: its validator keeps keys and remembers tokens.
 *
 * ```js
 * const guarded = guard({ issuer: 'https://as.example/', audience: 'https://api.example/' });
 * app.get('/me', guarded(), (c) => c.json({ sub: c.get('accessToken').sub }));
 * app.get('/patients', guarded({ require: { scopes: ['read:patients'] } }), list);
 * ```
 *
 * @throws {At9068Error} `config_invalid`, as the constructor of {@link Validator}.
 */
export declare function guard(validator: Validator | ValidatorOptions, options?: GuardOptions<Context>): Guard;
