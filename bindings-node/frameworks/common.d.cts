import type { At9068Error, ErrorCode, HttpResponse, Requirements } from '../index.cjs';

/** What an adapter is told beside the validator or its options. */
export interface GuardOptions<Request> {
  /**
   * The client certificate of a request, in DER or PEM, where something in front of this server ends TLS; `undefined`,
   * `null` or nothing in it where there is none. It must not come from a header that a client can set. An escaped text,
   * as nginx has it in `$ssl_client_escaped_cert`, is to be unescaped first: `decodeURIComponent(header)`. What cannot be
   * read counts as none, with one warning of the process, so that tokens that are bound to a certificate are refused.
   * Default: that of the connection.
   */
  clientCertificate?: ((request: Request) => string | Uint8Array | null | undefined) | undefined;
}

/** What a route asks of the token that a request needs. */
export interface RouteOptions {
  /** What is demanded of it, as data or as JSON text. Default: that it is valid. */
  require?: Requirements | string | undefined;
}

/**
 * Why a request is refused, or cannot be decided about, in the form in which frameworks take errors. Thrown by guards
 * only: a demand in a handler, by `token.require`, throws an {@link At9068Error}.
 */
export declare class HttpError extends Error {
  private constructor();
  readonly name: 'HttpError';
  /** The stable code, as in `token_expired`. */
  readonly code: ErrorCode;
  /** The status of the answer. */
  readonly status: number;
  /** The same, by the name that some frameworks have for it. */
  readonly statusCode: number;
  /** The header fields of the answer that go with any body: `WWW-Authenticate`, `Retry-After`, `Cache-Control`. */
  readonly headers: { readonly [name: string]: string | string[] };
  /** Whether the message may be told to the client. */
  readonly expose: boolean;
  /** What the core said of the request. */
  readonly cause: At9068Error;
  /** The whole answer, body included. */
  get httpResponse(): HttpResponse;
  /** The whole answer as a `Response`, which is what Hono asks errors for. */
  getResponse(): Response;
}
