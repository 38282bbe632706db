import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import type { AccessToken, Validator, ValidatorOptions } from '../index.cjs';
import type { GuardOptions, RouteOptions } from './common.cjs';

export { GuardOptions, HttpError, RouteOptions } from './common.cjs';

declare global {
  // The interface that Express has for additions to requests: that of express-serve-static-core extends it.
  namespace Express {
    interface Request {
      /** The token of the request. Set by the guard of a route; nothing where none stands. */
      accessToken: AccessToken;
    }
  }
}

/** Guards routes with one validator. */
export interface Guard {
  /**
   * Middleware that lets requests with a valid token through, which is `req.accessToken` then. What is refused goes to
   * `next`.
   *
   * @throws {At9068Error} `argument_invalid` for demands that are none.
   */
  (route?: RouteOptions): RequestHandler;
  /** What judges. */
  readonly validator: Validator;
  /**
   * Middleware that answers with the metadata of the protected resource (RFC 9728), and needs no token. To be used
   * before a guard of everything.
   *
   * @throws {At9068Error} `config_invalid` where the validator has no `protected_resource`.
   */
  metadata(): RequestHandler;
  /**
   * The handler of errors that answers as the core says, body included, and leaves other errors to the next handler.
   * Without it Express answers with the same status and challenge, and a body of its own.
   */
  errors(): ErrorRequestHandler;
}

/**
 * Makes the guard of an application, once: its validator keeps keys and remembers tokens.
 *
 * ```js
 * const guarded = guard({ issuer: 'https://as.example/', audience: 'https://api.example/' });
 * app.get('/me', guarded(), (req, res) => res.json({ sub: req.accessToken.sub }));
 * app.get('/patients', guarded({ require: { scopes: ['read:patients'] } }), list);
 * app.use(guarded.errors());
 * ```
 *
 * @throws {At9068Error} `config_invalid`, as the constructor of {@link Validator}.
 */
export declare function guard(validator: Validator | ValidatorOptions, options?: GuardOptions<Request>): Guard;
