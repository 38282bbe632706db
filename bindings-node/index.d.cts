/**
 * at9068: OAuth 2.0 JWT access tokens (RFC 9068), minted and validated, and what goes with them: ID
 * tokens and client assertions.
 *
 * Names that a standard registers (claims, parameters) and the members of configurations stay as
 * they are: `client_id`, `leeway_seconds`. Times are numbers of seconds since the epoch, and may
 * have a fraction where they are given. Everything that fails throws, or rejects with, an
 * {@link At9068Error}; a promise-returning method never throws itself.
 */

/** The version of this package. */
export declare const version: string;

// ---------------------------------------------------------------------------------------- errors

/** The stable identity of an error. New codes may join with new versions. */
export type ErrorCode =
  // The library is used wrongly.
  | 'config_invalid'
  | 'argument_invalid'
  // A key is unusable.
  | 'key_malformed'
  | 'key_unsupported'
  | 'key_too_weak'
  // Nobody is to blame: an issuer's keys or metadata cannot be had.
  | 'keys_unavailable'
  | 'metadata_invalid'
  // The request or the token has the wrong shape.
  | 'credentials_missing'
  | 'credentials_malformed'
  | 'token_too_large'
  | 'token_malformed'
  | 'decryption_failed'
  // The token's header, issuer or key is not accepted.
  | 'type_mismatch'
  | 'algorithm_not_allowed'
  | 'critical_header_unsupported'
  | 'issuer_unknown'
  | 'key_not_found'
  | 'key_mismatch'
  | 'key_ambiguous'
  // The signature.
  | 'signature_invalid'
  // The claims of an authentic token.
  | 'claim_missing'
  | 'claim_malformed'
  | 'kind_mismatch'
  | 'audience_mismatch'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_issued_in_future'
  | 'lifetime_exceeded'
  | 'claim_mismatch'
  // The token is good, but not enough for this endpoint, this sender, this time.
  | 'scope_insufficient'
  | 'permission_insufficient'
  | 'authentication_insufficient'
  | 'token_revoked'
  | 'token_inactive'
  | 'introspection_unavailable'
  | 'scheme_mismatch'
  | 'binding_missing'
  | 'binding_mismatch'
  | 'binding_unsupported'
  | 'dpop_proof_missing'
  | 'token_replayed'
  // A token is not minted.
  | 'invalid_scope'
  | 'invalid_target'
  | 'grant_ambiguous'
  | 'claim_reserved'
  | 'subject_collision'
  | 'signing_failed'
  // A fault of this library, or of a port that was plugged into it.
  | 'internal';

/** What a refused token appears to be, where it is not of the kind that is validated. */
export type TokenKind =
  | 'access_token'
  | 'id_token'
  | 'logout_token'
  | 'dpop_proof'
  | 'client_assertion'
  | 'introspection_response'
  | 'security_event'
  | 'request_object';

/**
 * Why something failed.
 *
 * Neither the message nor any member holds anything of a token or a key. `oauth`, `status`,
 * `challenge`, `headers` and `retryAfter` are what a server answers with: a resource server, or a
 * token endpoint for errors of minting. `httpResponse` is the whole answer.
 *
 * ```js
 * try {
 *   token = await validator.authenticate(request);
 * } catch (error) {
 *   if (!(error instanceof At9068Error) || error.httpResponse === undefined) throw error;
 *   const { status, headers, body } = error.httpResponse;
 *   response.writeHead(status, headers.flat()).end(body);
 * }
 * ```
 */
export declare class At9068Error extends Error {
  private constructor();
  readonly name: 'At9068Error';
  /** The stable code, as in `audience_mismatch`. */
  readonly code: ErrorCode;
  /** The number of the code, the same in every language: 604. */
  readonly number: number;
  /** The claim, or the member of a mint request, that is wrong; `null` where it is none. */
  readonly claim: string | null;
  /**
   * What a refused token appears to be. Before the signature is good anybody may have written what
   * it is judged by: for logs, not for decisions.
   */
  readonly kind: TokenKind | null;
  /** Whether the token's signature was good when the error arose. */
  readonly authenticated: boolean;
  /** The OAuth error (RFC 6749 §5.2, RFC 6750 §3.1, RFC 9470 §3), or `null`. */
  readonly oauth: string | null;
  /** The HTTP status to answer with, or `null` where the error is no answer to a request. */
  readonly status: number | null;
  /** Values of `WWW-Authenticate`, a header field each (RFC 6750 §3). */
  readonly challenge: readonly string[];
  /** Other header fields to send, each a name and a value. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Seconds after which to try again, for errors that are nobody's fault; `null` otherwise. */
  readonly retryAfter: number | null;
  /**
   * The answer as it is to be sent, all of the above in it (RFC 9457). `undefined` where nobody is to
   * be answered, and where this package itself failed: then it is a matter of the program's.
   */
  get httpResponse(): HttpResponse | undefined;
  /** What threw, where the error comes from a port or a getter of the caller's. */
  readonly cause?: unknown;
}

/** The answer to a request that is refused, to be sent as it is. It holds nothing of the request. */
export interface HttpResponse {
  /** The status. */
  readonly status: number;
  /** The header fields in this order, each a name and a value; each challenge is a field of its own. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, a JSON text. Not for the answer to a HEAD request, which has none. */
  readonly body: string;
}

/** A row of the table of error codes. */
export interface ErrorCodeRow {
  readonly code: ErrorCode;
  readonly number: number;
  /** The fixed part of the message, which is also the challenge's `error_description`. */
  readonly message: string;
  /** What kind of thing went wrong. */
  readonly family: 'config' | 'key_set' | 'token' | 'demand' | 'mint' | 'undecided' | 'internal';
  /** The OAuth error that a server answers with, where it answers with this code at all. */
  readonly oauth: string | null;
  /** The HTTP status that a server answers with, where it answers with this code at all. */
  readonly status: number | null;
  /** The document and section that the code comes from. */
  readonly source: string;
}

/** Every error code of this version, in order of number. */
export declare function errorCodes(): ErrorCodeRow[];

// ------------------------------------------------------------------------------------------ keys

/** A signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). `none` is not one. */
export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'HS256'
  | 'HS384'
  | 'HS512';

/** A JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). */
export interface Jwk {
  kty?: string | undefined;
  kid?: string | undefined;
  alg?: string | undefined;
  use?: string | undefined;
  key_ops?: string[] | undefined;
  crv?: string | undefined;
  x?: string | undefined;
  y?: string | undefined;
  d?: string | undefined;
  n?: string | undefined;
  e?: string | undefined;
  p?: string | undefined;
  q?: string | undefined;
  dp?: string | undefined;
  dq?: string | undefined;
  qi?: string | undefined;
  oth?: unknown;
  k?: string | undefined;
  ext?: boolean | undefined;
  x5u?: string | undefined;
  x5c?: string[] | undefined;
  x5t?: string | undefined;
  'x5t#S256'?: string | undefined;
}

/** A set of keys (RFC 7517 §5). */
export interface JwkSet {
  keys: readonly Jwk[];
}

/** What a PEM text does not say about its key. */
export interface PemOptions {
  /**
   * The one algorithm that the key is used with. Default: an RSA key serves RS256 (a validator
   * that lists algorithms may use others), an elliptic-curve key the algorithm of its curve.
   */
  algorithm?: Algorithm | undefined;
  /** The identifier. Default: the key's RFC 7638 thumbprint. */
  kid?: string | undefined;
}

/** An entry of a key set that cannot be used. */
export interface SkippedKey {
  /** The entry's place in the set, from 0. */
  readonly index: number;
  /** Its identifier, where it has one. */
  readonly kid?: string;
  /** What is wrong with it; a token that names the entry is refused with this code. */
  readonly code: ErrorCode;
}

/** Keys that verify, parsed once. Immutable. */
export declare class KeySet {
  private constructor();
  #private;

  /**
   * Reads a JWK set (RFC 7517 §5), given as data or as JSON text.
   *
   * An entry that cannot be used is skipped, see {@link skipped}. Of a private entry only the
   * public half is kept; a symmetric one serves only validators that list its algorithm. A JWK
   * without `kid` bears its RFC 7638 thumbprint.
   *
   * @throws {At9068Error} `key_malformed` for what is no JWK set.
   */
  static fromJson(jwks: JwkSet | string): KeySet;

  /**
   * A set of the one key of a PEM text: `PUBLIC KEY`, `RSA PUBLIC KEY`, `CERTIFICATE`, or the
   * public half of `PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`. Of a certificate the key is
   * taken; neither its dates nor its issuer are checked.
   *
   * @throws {At9068Error} `key_malformed`, `key_unsupported`, `key_too_weak`; `key_mismatch` where
   * the algorithm does not fit the key; `argument_invalid`.
   */
  static fromPem(pem: string | Uint8Array, options?: PemOptions): KeySet;

  /**
   * The public halves of signing keys. A symmetric key is its own public half here: such a set is
   * a secret.
   *
   * @throws {At9068Error} `argument_invalid`.
   */
  static fromSigningKeys(keys: Iterable<SigningKey>): KeySet;

  /** How many keys are usable. */
  get size(): number;
  /** The identifiers of the usable keys, a new array each time. */
  get kids(): string[];
  /** The entries that were skipped, a new array each time. */
  get skipped(): SkippedKey[];
  /** The public keys as the text of a JWK set, to be published. Symmetric keys are left out. */
  toJson(): string;
  /** The same as data, which is what `JSON.stringify` and `response.json` write. */
  toJSON(): { keys: Jwk[] };
}

/** A private key, ready to sign. Immutable; wiped from memory when it is collected. */
export declare class SigningKey {
  private constructor();
  #private;

  /**
   * A new key for an asymmetric algorithm, bound to it, generated on another thread.
   *
   * @param options `bits`: the size of an RSA key, 2048 (the default), 3072 or 4096.
   * @throws {At9068Error} (as rejection) `key_unsupported` for other sizes and for HMAC, whose
   * secrets come from elsewhere; `argument_invalid`.
   */
  static generate(algorithm: Algorithm, options?: { bits?: number | undefined }): Promise<SigningKey>;

  /** As {@link generate}, while the caller waits: for RSA that is a good part of a second. */
  static generateSync(algorithm: Algorithm, options?: { bits?: number | undefined }): SigningKey;

  /**
   * Reads a private JWK, or a symmetric one, given as data or as JSON text.
   *
   * @throws {At9068Error} `key_malformed`, `key_unsupported`, `key_too_weak`; `key_mismatch` where
   * `alg`, `use` or `key_ops` do not permit signing.
   */
  static fromJwk(jwk: Jwk | string): SigningKey;

  /**
   * Reads `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC1).
   *
   * @throws {At9068Error} `key_malformed`; `key_unsupported`, for encrypted keys too;
   * `key_too_weak`; `key_mismatch` where the algorithm does not fit the key; `argument_invalid`.
   */
  static fromPem(pem: string | Uint8Array, options?: PemOptions): SigningKey;

  /** The identifier; a symmetric key has only the one that was given. */
  get kid(): string | undefined;
  /** The algorithm that the key is bound to, or else the usual one of its kind. */
  get algorithm(): Algorithm;
  /** The RFC 7638 thumbprint; none for a symmetric key. */
  get thumbprint(): string | undefined;
  /** The public half as a JWK; none for a symmetric key. */
  publicJwk(): Jwk | undefined;
  /** The public half as PEM (SPKI); none for a symmetric key. */
  publicPem(): string | undefined;
  /** The whole key as a JWK: a secret. */
  toJwk(): Jwk;
  /**
   * The whole key as PEM (PKCS#8): a secret.
   *
   * @throws {At9068Error} `key_unsupported` for a symmetric key.
   */
  toPem(): string;
  /** The set of this key's public half. */
  keySet(): KeySet;
}

/**
 * The RFC 7638 thumbprint of a JWK, with SHA-256, in base64url.
 *
 * @throws {At9068Error} `key_malformed`, `key_unsupported`.
 */
export declare function thumbprint(jwk: Jwk | string): string;

/**
 * The `x5t#S256` of a certificate (RFC 8705 §3.1): SHA-256 of its DER, in base64url; what
 * {@link HttpRequest.client_certificate_sha256} and the `cnf` of a bound token hold. The certificate
 * itself is not judged.
 *
 * @param certificate DER as bytes, or PEM as text or bytes.
 * @throws {At9068Error} `argument_invalid` where it is no X.509 certificate.
 */
export declare function certificateSha256(certificate: string | Uint8Array): string;

// ------------------------------------------------------------------------------------ validation

/** What else a minter may be given. */
export interface Ports {
  /**
   * A source of time instead of the system's clock: seconds since the epoch. Where it throws or
   * gives no usable number the call fails with `internal`, and the cause beside it. Fetched keys
   * age by it too, or by that of the cache that a validator is given.
   */
  clock?: (() => number) | undefined;
}

/** What else a cache of issuers' keys may be given. */
export interface IssuerCachePorts extends Ports {
  /**
   * Fetches documents of issuers, instead of the client that is built in, which then opens no
   * socket and starts no thread. See {@link Fetch}. Default: the client that is built in, on a
   * thread of its own for each refresh.
   */
  fetch?: Fetch | undefined;
  /**
   * Hears of what happens to keys, soon after it happened, in its order, for as long as whoever was
   * given it is in use. What it throws is an uncaught exception. Default: nobody.
   *
   * The same is published on channels of `node:diagnostics_channel`, named `at9068:refreshed` and
   * so on. A process does not stay alive to hear of events.
   */
  events?: ((event: IssuerEvent) => void) | undefined;
}

/** What else a validator of access tokens may be given. */
export interface ValidatorPorts extends IssuerCachePorts {
  /**
   * Knows issuers that no configuration lists, such as the tenants of a service: the options of an
   * issuer, or `null` for one that is not to be trusted. It is asked before any signature is
   * verified, about whatever tokens claim: it must only say yes to issuers that it knows, and at
   * once. Options that it gives are kept until too many others are; a no is asked again.
   *
   * Where it throws, the call fails with `keys_unavailable`; where it gives no usable options, with
   * `internal`; the cause is beside it. Default: no other issuers.
   */
  resolver?: ((issuer: string) => IssuerOptions | null | undefined) | undefined;
  /** Tokens that are refused with `token_revoked` although they have not expired. Default: none. */
  revocations?: Revocations | undefined;
}

/** What else a validator of client assertions may be given. */
export interface ClientAssertionPorts extends IssuerCachePorts {
  /**
   * Remembers which assertions were used. Default: a {@link MemoryReplayStore} of the validator's
   * own, which is enough only where one process is all there is.
   */
  replayStore?: ReplayStore | undefined;
}

/**
 * Remembers what may be used only once: client assertions (RFC 7523 §3). Servers of one service must
 * share one store: what each of them remembers alone can be replayed at the others.
 *
 * ```js
 * const replayStore = {
 *   async firstUse(key, until, now) {
 *     return (await redis.set(key, '', { NX: true, EX: until - now })) === 'OK';
 *   },
 * };
 * ```
 */
export interface ReplayStore {
  /**
   * Notes a use, and tells whether it is the first one of this key. Of several callers at once, in
   * whatever process, exactly one is told so.
   *
   * It may answer with a promise, for which `validate` waits, however long; `validateSync` cannot,
   * and fails with `internal` then, after the use was noted. It is asked once for each assertion that
   * is good in all else, which is judged again with the answer. Where it throws, rejects, or gives
   * anything but a boolean, the assertion is refused with `internal`, and the cause is beside it.
   *
   * @param key Printable ASCII, 80 characters at most: equal for equal assertions and for no others.
   * It holds nothing of an assertion but a digest.
   * @param until For how long the use must be remembered, in whole seconds since the epoch: a minute
   * longer than the assertion is good, so that clocks may differ.
   * @param now The time by which the assertion was judged, for stores without a clock of their own.
   */
  firstUse(key: string, until: number, now: number): boolean | Promise<boolean>;
}

/**
 * Makes an HTTP request that follows no redirect and sends nothing but `request.headers` and
 * `request.body`. An answer of any status is one; where there is none it throws, and an
 * error whose name is `TimeoutError` counts as one.
 *
 * Whoever brings a function of this kind does what the built-in client would do: verifies the
 * server's certificate, reads no more than `maxBodyBytes`, and, where `trustedHost` is false,
 * connects to public addresses only.
 *
 * ```js
 * async function fetchDocument({ url, method, headers, body, signal }) {
 *   const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
 *   return { status: response.status, headers: response.headers, body: await response.arrayBuffer() };
 * }
 * ```
 */
export type Fetch = (request: FetchRequest) => Promise<FetchResponse> | FetchResponse;

/** A request that is wanted. */
export interface FetchRequest {
  /** An absolute URL, https but where http to loopback was allowed. */
  readonly url: string;
  /** `GET`, or `POST` where there is a body. */
  readonly method: 'GET' | 'POST';
  /** The header fields to send, each a name and a value. They may hold this server's credentials. */
  readonly headers: [name: string, value: string][];
  /** What to post. It may hold a token and this server's credentials. */
  readonly body?: Uint8Array;
  /** How long the whole exchange may take, in seconds. Then it is given up, and `signal` aborts. */
  readonly timeoutSeconds: number;
  /** How long it may take to be connected, in seconds. */
  readonly connectTimeoutSeconds: number;
  /** The longest body that is taken, in octets. */
  readonly maxBodyBytes: number;
  /**
   * Whether the operator vouches for the host. The host of a URL that was learned from a document
   * is not vouched for, unless it is also configured: it must not lead into the network of this
   * server.
   */
  readonly trustedHost: boolean;
  /** Aborts when the time is over. */
  readonly signal: SignalOf;
}

/** An `AbortSignal`, where typings of it are installed; otherwise what is known of it without them. */
type SignalOf = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : { readonly aborted: boolean };

/** What came back. */
export interface FetchResponse {
  /** The HTTP status. */
  status: number;
  /** The header fields, as pairs, as a `Headers` or a `Map`, or as an object. Default: none. */
  headers?: Iterable<readonly [string, string] | string[]> | { readonly [name: string]: string } | undefined;
  /** The body as it was sent. */
  body: string | Uint8Array | ArrayBuffer;
}

/** What happened to the keys of an issuer, or when it was asked. Nothing in it is taken from a token. */
export type IssuerEvent =
  /** Keys were fetched, or found unchanged: how many are usable, and whether they are others than before. */
  | { readonly event: 'refreshed'; readonly issuer: string; readonly keys: number; readonly changed: boolean }
  /** Keys could not be fetched, and why, as one word. Those at hand are kept. */
  | { readonly event: 'refresh_failed'; readonly issuer: string; readonly code: ErrorCode; readonly reason: string }
  /** The issuer could not be asked about a token, or its answer does not count, and why, as one word. */
  | { readonly event: 'introspection_failed'; readonly issuer: string; readonly code: ErrorCode; readonly reason: string }
  /** A token named a `kid` that no key bears. Told once for each `kid` within a cooldown. */
  | { readonly event: 'unknown_kid'; readonly issuer: string }
  /** An entry of the fetched set, by its place from 0, cannot be used, and what is wrong with it. */
  | { readonly event: 'entry_dropped'; readonly issuer: string; readonly index: number; readonly code: ErrorCode };

/** Which of an issuer's metadata is asked: that of RFC 8414, that of OpenID Connect Discovery, or both. */
export type Discovery = 'auto' | 'oauth' | 'openid';

/** How the keys of issuers are fetched and kept. */
export interface IssuerCacheOptions {
  /** The most issuers whose keys are kept at a time, 1 to 100000. Default: 256. */
  max_issuers?: number | undefined;
  /**
   * For how long keys whose time is over are still used while none can be fetched, in seconds, at
   * most 86400. Default: 3600.
   */
  max_stale_seconds?: number | undefined;
  /**
   * The least time between a fetch and the next one that an unknown `kid` or a bad signature brings
   * about, in seconds, 1 to 3600. Default: 30.
   */
  cooldown_seconds?: number | undefined;
  /** How long a refresh may take in all, in seconds, at most 60. Default: 5. */
  timeout_seconds?: number | undefined;
  /** How long it may take to be connected, in seconds. Default: 2. */
  connect_timeout_seconds?: number | undefined;
  /** Certificates in PEM that are trusted instead of the system's. Default: the system's. */
  ca_bundle?: string | undefined;
  /** The URL of an HTTP proxy. Default: none; the environment is not asked. */
  proxy?: string | undefined;
  /** Whether `jwks_uri` must have the origin of the issuer (RFC 6454 §4). Default: false. */
  same_origin?: boolean | undefined;
  /**
   * Hosts that may be anywhere, be it in this server's own network, even where their names are
   * learned from documents. Those of configured issuers and `jwks_uri` always may. Default: none.
   */
  trusted_hosts?: readonly string[] | undefined;
  /** Whether http, without TLS, is allowed to loopback addresses. For tests only. Default: false. */
  danger_http_loopback?: boolean | undefined;
}

/** Where the keys of issuers are in their life. */
export interface Status {
  /** An entry for each issuer. */
  readonly issuers: IssuerStatus[];
}

/** How a {@link Validator} is. */
export interface ValidatorStatus {
  /** An entry for each issuer whose keys are fetched, or that is asked about its tokens. */
  readonly issuers: (IssuerStatus | AskedIssuerStatus)[];
  /** What is remembered of tokens that were verified. */
  readonly token_cache: TokenCacheStatus;
}

/** What is remembered of tokens that were verified; all 0 where nothing is. */
export interface TokenCacheStatus {
  /** How many tokens are remembered. */
  readonly entries: number;
  /** How much memory they take, about. */
  readonly bytes: number;
  /** How many tokens there may be. */
  readonly max_entries: number;
  /** How much memory they may take. */
  readonly max_bytes: number;
  /** How often a token was found, and its signature did not have to be verified again. */
  readonly hits: number;
  /** How often it was not. */
  readonly misses: number;
}

/** Where the keys of an issuer are in their life. Times are whole seconds, rounded down. */
export interface IssuerStatus {
  /** The issuer. */
  readonly issuer: string;
  /** `due` keys are used while they are refreshed; `stale` ones while they cannot be; others not. */
  readonly state: 'empty' | 'fresh' | 'due' | 'stale' | 'expired';
  /** How many keys are usable. */
  readonly keys: number;
  /** Their identifiers. */
  readonly kids: readonly string[];
  /** The entries of the set that cannot be used. */
  readonly skipped: readonly { readonly index: number; readonly code: ErrorCode }[];
  /** Where the keys come from, as far as that is known. */
  readonly jwks_uri: string | null;
  /** Since when the keys are at hand. */
  readonly age_seconds: number | null;
  /** When they will be refreshed. */
  readonly refresh_in_seconds: number | null;
  /** When they will be of no use, unless they are refreshed. */
  readonly expires_in_seconds: number | null;
  /** Whether they are being fetched. */
  readonly refreshing: boolean;
  /** Why the last attempt failed; `null` where none has since keys were fetched. */
  readonly last_error: {
    readonly code: ErrorCode;
    readonly reason: string;
    readonly age_seconds: number | null;
  } | null;
  /** What has happened since the keys were first asked for. */
  readonly counters: {
    readonly fetches: number;
    readonly refreshes: number;
    readonly unchanged: number;
    readonly failures: number;
    readonly unknown_kids: number;
    readonly bad_signatures: number;
    readonly held_back: number;
    readonly served_stale: number;
  };
  /** How asking the issuer about its tokens goes, where it is asked. */
  readonly introspection?: IntrospectionStatus;
}

/** The status of an issuer that is asked about its tokens, and of which no keys are fetched. */
export interface AskedIssuerStatus {
  /** The issuer. */
  readonly issuer: string;
  /** There are no keys to tell of. */
  readonly state?: undefined;
  /** How asking the issuer about its tokens goes. */
  readonly introspection: IntrospectionStatus;
}

/** How asking an issuer about its tokens goes. */
export interface IntrospectionStatus {
  /** How often it was asked. */
  readonly asked: number;
  /** How often it gave an answer that counts. */
  readonly answered: number;
  /** How often that was that the token is not active. */
  readonly inactive: number;
  /** How often it gave none. */
  readonly failures: number;
  /** How many tokens are remembered. */
  readonly entries: number;
  /** Why the last failure was one; `null` where there was none. */
  readonly last_error: {
    readonly code: ErrorCode;
    readonly reason: string;
    readonly age_seconds: number | null;
  } | null;
  /** Whether the endpoint is not down. */
  readonly available: boolean;
}

/**
 * Fetches the keys of issuers and keeps them. Validators that are given the same cache share its
 * keys; every other validator has a cache of its own.
 */
export declare class IssuerCache {
  #private;

  /**
   * @param options How keys are fetched and kept. An unknown member is an error.
   * @param ports A clock by which keys age, a way to fetch, and who hears of events.
   * @throws {At9068Error} `config_invalid`, naming the member; `argument_invalid` for ports.
   */
  constructor(options?: IssuerCacheOptions, ports?: IssuerCachePorts);

  /**
   * A cache from the JSON text of its options.
   *
   * @throws {At9068Error} as the constructor.
   */
  static fromJson(text: string, ports?: IssuerCachePorts): IssuerCache;

  /** Of every issuer, where its keys are in their life; a new object each time. */
  status(): Status;

  /**
   * The keys at hand as a text, so that a process that starts in an outage can {@link restore}
   * them. It holds public keys only; whoever can change it chooses whom the API trusts.
   */
  snapshot(): string;

  /**
   * Takes keys from a {@link snapshot}, for issuers that have none yet. They age from when they
   * were fetched: what is stale is tried to be refreshed first, what has expired is of no use.
   *
   * @throws {At9068Error} `argument_invalid` where the text is no snapshot; nothing is taken then.
   */
  restore(snapshot: string): void;
}

/** A profile of access tokens. None is accepted unless it is named; no two of one `typ` may be. */
export type Profile =
  // RFC 9068: typ `at+jwt`, seven required claims.
  | 'rfc9068'
  // Auth0's older profile: typ `JWT`, the client in `azp`.
  | 'auth0'
  // Keycloak: typ `JWT`, the client in `azp`, the kind of token in the claim `typ`.
  | 'keycloak'
  // Custom authorization servers of Okta: no typ, the client in `cid`, scopes in the array `scp`.
  | 'okta'
  // Microsoft Entra ID, version 2.0: typ `JWT`, the client in `azp`, scopes in the string `scp`.
  | 'entra'
  // Amazon Cognito user pools, whose access tokens name no audience: a token that a client got for
  // one API is accepted by every API that accepts this client. Needs `client_ids`.
  | 'danger_cognito_no_audience';

/** One of several issuers. What it leaves out, other than keys, is taken from the top. */
export interface IssuerOptions {
  /**
   * The issuer identifier, compared to the letter (RFC 9068 §4); with `tenants`, `{tenant}` stands
   * in it for the name of one.
   */
  issuer: string;
  /** The issuer's keys, fixed. Default: they are fetched. */
  jwks?: KeySet | SigningKey | JwkSet | undefined;
  /** Where the issuer's keys are fetched from. Default: where its metadata says. */
  jwks_uri?: string | undefined;
  /** Which metadata is asked, where neither `jwks` nor `jwks_uri` is given. Default: `auto`. */
  discovery?: Discovery | undefined;
  /** RFC 7638 thumbprints of the only keys of the issuer that count. Default: all keys do. */
  key_thumbprints?: readonly string[] | undefined;
  /**
   * The tenants for whom `{tenant}` in `issuer` may stand; in an entry, `*` is any number of
   * letters, digits and hyphens.
   */
  tenants?: readonly string[] | undefined;
  /** The identifiers of this API for tokens of this issuer. */
  audience?: string | readonly string[] | undefined;
  /** The clients whose tokens are accepted, where the profile names no audience; only there. */
  client_ids?: readonly string[] | undefined;
  /** The profiles accepted of this issuer. */
  profiles?: readonly Profile[] | undefined;
  /** A profile that is still accepted of this issuer while it moves to the one in `profiles`. */
  migrate_from?: Profile | undefined;
  /** The algorithms accepted of this issuer. */
  algorithms?: readonly Algorithm[] | undefined;
  /** Seconds by which clocks may differ, 0 to 300. */
  leeway_seconds?: number | undefined;
  /** The longest time from `iat` to `exp`, in seconds. */
  max_lifetime_seconds?: number | undefined;
  /** Claims that must be there besides those of the profile. */
  required_claims?: readonly string[] | undefined;
  /** How the issuer's tokens are judged. Default: that of the top, and `local` there. */
  strategy?: Strategy | undefined;
  /** How the issuer is asked about its tokens; with the other strategies only. */
  introspection?: IntrospectionOptions | undefined;
}

/** How a token is judged: by its signature and claims, by what its issuer says of it, or by both. */
export type Strategy =
  // By its signature and claims. The issuer is not asked.
  | 'local'
  // By what the issuer says of it (RFC 7662).
  | 'introspection'
  // By its signature and claims, and by what the issuer says of it every so often.
  | 'local_then_introspection';

/** How an issuer is asked about its tokens (RFC 7662), and how long its answers hold. */
export interface IntrospectionOptions {
  /** The URL of the issuer's introspection endpoint. */
  endpoint: string;
  /** How this server authenticates there. */
  authentication: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'bearer';
  /** This server's identifier as a client of the issuer; required, except with `bearer`. */
  client_id?: string | undefined;
  /** This server's secret, for `client_secret_basic` and `client_secret_post`. */
  client_secret?: string | undefined;
  /** This server's signing keys, for `private_key_jwt`; the first usable one signs. */
  keys?: SigningKey | { readonly keys: readonly (SigningKey | Jwk)[] } | undefined;
  /** The algorithm that assertions are signed with. Default: that of the first usable key. */
  algorithm?: Algorithm | undefined;
  /** For whom assertions are meant. Default: the issuer. */
  audience?: string | undefined;
  /** The access token for `bearer`. */
  bearer_token?: string | undefined;
  /** Whether answers must be signed (RFC 9701). Default: false. */
  signed_response?: boolean | undefined;
  /** For how long an answer holds with the strategy `introspection`, in seconds, 1 to 3600. Default: 30. */
  cache_seconds?: number | undefined;
  /**
   * How old an answer, or the token itself, may become until the issuer is asked with the strategy
   * `local_then_introspection`, in seconds, 1 to 86400; required there.
   */
  every_seconds?: number | undefined;
  /** The most answers that are kept at a time, 100 to 1000000. Default: 10000. */
  cache_entries?: number | undefined;
  /**
   * For how long the local verdict stands while the issuer cannot be asked, with the strategy
   * `local_then_introspection`, in seconds, at most 86400. Default: 0.
   */
  local_verdict_while_unavailable_seconds?: number | undefined;
  /**
   * Whether tokens that are no JWTs are this issuer's; those of one issuer at most may be. Default:
   * true with the strategy `introspection`, else false.
   */
  opaque_tokens?: boolean | undefined;
  /**
   * Whether answers that name no audience are accepted: tokens that a client got for another API are
   * then accepted here. Default: false.
   */
  danger_audience_optional?: boolean | undefined;
}

/** What a resource publishes about itself (RFC 9728 §2). Of what is left out nothing is published. */
export interface ProtectedResourceOptions {
  /** Its identifier: the `https` URL, without fragment, by which clients know this API. */
  resource: string;
  /** Scopes that clients may ask for. */
  scopes_supported?: readonly string[] | undefined;
  /** The name to show to end users. */
  resource_name?: string | undefined;
  /** `https` URL of a page for developers. */
  resource_documentation?: string | undefined;
  /** `https` URL of a page on how clients may use the data. */
  resource_policy_uri?: string | undefined;
  /** `https` URL of the terms of service. */
  resource_tos_uri?: string | undefined;
  /** Whether access tokens that are bound to a client certificate are supported (RFC 8705). */
  tls_client_certificate_bound_access_tokens?: boolean | undefined;
}

/**
 * What a resource server accepts: one issuer, or several in `issuers`. Keys that are not given are
 * fetched from the issuer.
 */
export interface ValidatorOptions {
  /** The issuer identifier, compared to the letter (RFC 9068 §4). */
  issuer?: string | undefined;
  /** The issuer's keys, fixed. Default: they are fetched when they are first needed. */
  jwks?: KeySet | SigningKey | JwkSet | undefined;
  /** Where the issuer's keys are fetched from. Default: where its metadata says. */
  jwks_uri?: string | undefined;
  /** Which metadata is asked, where neither `jwks` nor `jwks_uri` is given. Default: `auto`. */
  discovery?: Discovery | undefined;
  /** RFC 7638 thumbprints of the only keys of the issuer that count. Default: all keys do. */
  key_thumbprints?: readonly string[] | undefined;
  /**
   * How keys are fetched and kept, or a cache whose keys are shared; what is fetched, and when,
   * then follows the cache's options and ports. Default: a cache of the validator's own.
   */
  issuer_cache?: IssuerCacheOptions | IssuerCache | undefined;
  /**
   * The identifiers of this API, one of which a token's `aud` must contain. Required, unless every
   * entry of `issuers` has its own, or no profile names an audience.
   */
  audience?: string | readonly string[] | undefined;
  /**
   * The clients whose tokens are accepted, where the profile names no audience: required with
   * `danger_cognito_no_audience`, and an error elsewhere. Default: none.
   */
  client_ids?: readonly string[] | undefined;
  /** The profiles accepted. Default: `['rfc9068']`. */
  profiles?: readonly Profile[] | undefined;
  /**
   * A profile that is still accepted while tokens move to the only one in `profiles`; see
   * {@link AccessToken.wouldBreak} and {@link Validator.migrations}. Default: none.
   */
  migrate_from?: Profile | undefined;
  /** The algorithms accepted. Default: every asymmetric one; HMAC only where it is listed. */
  algorithms?: readonly Algorithm[] | undefined;
  /** Seconds by which clocks may differ, 0 to 300. Default: 30. */
  leeway_seconds?: number | undefined;
  /** The longest time from `iat` to `exp`, in seconds, without leeway. Default: no limit. */
  max_lifetime_seconds?: number | undefined;
  /** The largest token that is looked at, in octets, at most 65536. Default: 16384. */
  max_token_bytes?: number | undefined;
  /**
   * How many verified tokens are remembered, so that a token is verified once and not with every
   * request; what depends on time and request is judged every time. Default: 1000 entries, 8 MiB.
   * `max_entries: 0` turns it off.
   */
  token_cache?: { max_entries?: number | undefined; max_bytes?: number | undefined } | undefined;
  /** Claims that must be there besides those of the profile. Default: none. */
  required_claims?: readonly string[] | undefined;
  /** `realm` of challenges (RFC 9110 §11.5). Default: none. */
  realm?: string | undefined;
  /**
   * URL of the protected resource metadata, for challenges (RFC 9728 §5.1). Default: that of
   * `protected_resource`, where it is given.
   */
  resource_metadata?: string | undefined;
  /** What the resource publishes about itself. Default: nothing. */
  protected_resource?: ProtectedResourceOptions | undefined;
  /** How tokens are judged. Default: `local`. */
  strategy?: Strategy | undefined;
  /** How the issuer is asked about its tokens; with the other strategies only. */
  introspection?: IntrospectionOptions | undefined;
  /** Several issuers, each with its own keys, instead of `issuer` and `jwks`. */
  issuers?: readonly IssuerOptions[] | undefined;
}

/** What the server knows of an HTTP request. */
export interface HttpRequest {
  /** The header fields, each a name and a value. Read by `authenticate` only. */
  headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Under which scheme a token was sent that the caller took out. Default: `Bearer`. */
  scheme?: 'Bearer' | 'DPoP' | undefined;
  /** The method. */
  method?: string | undefined;
  /** The URL as the client sent it. `authenticate` refuses a token in its query. */
  url?: string | undefined;
  /** DPoP proofs that came along. Read by `validate` only. */
  dpop?: string | readonly string[] | undefined;
  /**
   * The client certificate, as {@link certificateSha256} gives it. It must come from the TLS
   * layer: a header that a client can set proves nothing.
   */
  client_certificate_sha256?: string | undefined;
}

/** What an endpoint demands of a token beyond its being good. */
export interface Requirements {
  /** All of these scopes. */
  scopes?: readonly string[] | undefined;
  /** All of these permissions. */
  permissions?: readonly string[] | undefined;
  /** All of these roles. */
  roles?: readonly string[] | undefined;
  /** All of these groups. */
  groups?: readonly string[] | undefined;
  /** All of these entitlements. */
  entitlements?: readonly string[] | undefined;
  /** One of these authentication contexts, in order of preference (RFC 9470 §3). */
  acr_values?: readonly string[] | undefined;
  /** The user authenticated no longer ago than this, in seconds (RFC 9470 §3). */
  max_age?: number | undefined;
}

/** The options of `authenticate`. */
export interface AuthenticateOptions {
  /** The time to judge by, in seconds since the epoch. Default: the clock's. */
  now?: number | undefined;
  /** What the endpoint demands, as data or as JSON text. Default: nothing. */
  require?: Requirements | string | undefined;
}

/** The options of `validate`. */
export interface ValidateOptions extends AuthenticateOptions {
  /** The request that the token came with, as data or as JSON text. Default: nothing known. */
  request?: HttpRequest | string | undefined;
}

/** What every validator does about the keys that it fetches. */
export interface FetchesKeys {
  /**
   * Fetches the keys of every configured issuer that are not fresh. Best called when a server
   * starts, so that a wrong URL is told before the first request.
   *
   * @throws {At9068Error} (as rejection) `keys_unavailable` or `metadata_invalid` where an issuer's
   * keys cannot be had; those of the others are there all the same.
   */
  prefetch(): Promise<void>;

  /**
   * Fetches the keys of every issuer anew, however fresh they are: for the operator who knows that
   * a key was taken back.
   *
   * @throws {At9068Error} (as rejection) as {@link prefetch}; keys at hand are kept then.
   */
  refresh(): Promise<void>;
}

export interface Validator extends FetchesKeys {}

/** Decides whether a token is a good access token for this API. Immutable. */
export declare class Validator {
  #private;

  /**
   * @param options What is accepted. An unknown member is an error, as is whatever has no JSON
   * form; members that are `undefined` count as left out.
   * @param ports A clock, a way to fetch, who hears of events, who knows other issuers, and which
   * tokens are revoked.
   * @throws {At9068Error} `config_invalid`, naming the member; `argument_invalid` for ports, and for
   * `fetch` and `events` beside a cache that is given: they are the cache's.
   */
  constructor(options: ValidatorOptions, ports?: ValidatorPorts);

  /**
   * A validator from the JSON text of its options.
   *
   * @throws {At9068Error} as the constructor.
   */
  static fromJson(text: string, ports?: ValidatorPorts): Validator;

  /**
   * Validates a token that the caller took out of a request.
   *
   * Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm;
   * key; signature. Then, of an authentic token: the types of its claims; its kind; required
   * claims; `aud`; `exp`, `nbf`, `iat` and lifetime; the sender constraint of `cnf`; the list of
   * revocations, where one is plugged in; and what `options.require` demands (RFC 9068 §4).
   *
   * It does **not** check whether a token was revoked of which that list knows nothing, whether the
   * client or user still exists, or DPoP proofs: a token bound to a DPoP key is refused.
   *
   * The promise waits only where keys must be fetched, or the issuer must be asked. Neither the loop
   * nor a thread of the pool is held up meanwhile; the process stays alive until the verdict is there.
   *
   * @param token The token as text or bytes; whatever is no token is `token_malformed`.
   * @throws {At9068Error} (as rejection) with the answer to give; `keys_unavailable` or
   * `metadata_invalid` where the issuer's keys cannot be had, `introspection_unavailable` where it
   * cannot be asked: no verdict, to be tried again after `retryAfter`; `argument_invalid` for arguments of a wrong type and options that do not exist.
   */
  validate(token: string | Uint8Array, options?: ValidateOptions): Promise<AccessToken>;

  /**
   * As {@link validate}, for code that cannot wait: judges with the keys and answers at hand;
   * `keys_unavailable` or `introspection_unavailable` where there are none. What is wanted is fetched
   * meanwhile, for later calls. With keys at hand both take some tens of microseconds.
   */
  validateSync(token: string | Uint8Array, options?: ValidateOptions): AccessToken;

  /**
   * Validates many tokens, each as {@link validate} does, for audits and gateways: what comes of
   * them, in their order. One that is refused changes nothing for the others; its error stands in
   * its place.
   *
   * ```js
   * for (const [i, one] of (await validator.validateMany(tokens)).entries()) {
   *   if (one instanceof At9068Error) console.log(i, one.code);
   * }
   * ```
   *
   * They are judged on another thread, which spreads the work over as many threads as there are
   * processors; they are kept, and all validators and minters of the process use them. The loop
   * turns meanwhile, and while tokens are handed over and verdicts taken. Keys that are wanted are
   * fetched once for all of them. All are judged by one time. Only where a `resolver` is plugged in,
   * which runs on the thread of the loop, are they judged there, one after the other.
   *
   * @param tokens An array of texts or bytes, which may change once the call has returned.
   * @param options What each of them is held to.
   * @throws {At9068Error} (as rejection) `argument_invalid` for arguments of a wrong type, naming the
   * place as in `tokens[3]`, and for options that do not exist; `internal` for a clock that fails.
   */
  validateMany(
    tokens: readonly (string | Uint8Array)[],
    options?: ValidateOptions,
  ): Promise<(AccessToken | At9068Error)[]>;

  /**
   * As {@link validateMany}, for code that cannot wait; see {@link validateSync}. The threads are used
   * here too, but the loop stands until all is done.
   */
  validateManySync(
    tokens: readonly (string | Uint8Array)[],
    options?: ValidateOptions,
  ): (AccessToken | At9068Error)[];

  /**
   * Takes the credential out of a request's headers and validates it (RFC 6750 §2.1).
   *
   * Exactly one `Authorization` header with one token is accepted; tokens in a form body or in a
   * query are not.
   *
   * ```js
   * const headers = [];
   * for (let i = 0; i < req.rawHeaders.length; i += 2) headers.push(req.rawHeaders.slice(i, i + 2));
   * const token = await validator.authenticate({ headers, method: req.method, url: req.url });
   * ```
   *
   * @param request The request, as data or as JSON text.
   * @throws {At9068Error} (as rejection) as {@link validate}; `credentials_missing` where nothing
   * is sent, or another scheme; `credentials_malformed` for bad syntax or more than one credential.
   */
  authenticate(request: HttpRequest | string, options?: AuthenticateOptions): Promise<AccessToken>;

  /** As {@link authenticate}, for code that cannot wait; see {@link validateSync}. */
  authenticateSync(request: HttpRequest | string, options?: AuthenticateOptions): AccessToken;

  /**
   * Validates a token and tells of every rule how it was met, instead of only the first that
   * failed. For developers and operators; slower than {@link validate}, whose verdict it gives too.
   *
   * Up to the signature every failure ends the judgement, since nothing after it could be
   * believed; the rules that follow are then marked as not reached. The trace holds nothing of the
   * token but the kinds of its values. Do not show it to clients all the same: it tells an attacker
   * how far a forgery came.
   *
   * Checks what {@link validate} checks, and leaves unchecked what it leaves.
   *
   * @throws {At9068Error} (as rejection) `argument_invalid` for arguments of a wrong type, a time
   * that is none, and options that do not exist; `internal` for a clock that fails. A refused
   * token is no error here.
   */
  explain(token: string | Uint8Array, options?: ValidateOptions): Promise<Explanation>;

  /** As {@link explain}, for code that cannot wait; see {@link validateSync}. */
  explainSync(token: string | Uint8Array, options?: ValidateOptions): Explanation;

  /**
   * Of every issuer whose keys are fetched, where they are in their life; of every one that is asked
   * about its tokens, how that goes; and what is remembered of tokens. A new object each time.
   */
  status(): ValidatorStatus;

  /**
   * The entries of the configured key sets that cannot be used, a new array each time. Those of
   * fetched sets are in {@link status}.
   */
  get skippedKeys(): (SkippedKey & { readonly issuer: string })[];

  /**
   * The metadata of the protected resource, a JSON document: to be served as `application/json` at
   * {@link protectedResourceMetadataPath}, to whoever asks and without a token (RFC 9728 §3.2).
   * `undefined` without the option `protected_resource`.
   */
  get protectedResourceMetadata(): string | undefined;

  /** The path at which that metadata is to be served, percent-encoded and without query. */
  get protectedResourceMetadataPath(): string | undefined;

  /**
   * Of every issuer with `migrate_from`, how far its tokens have moved: counts of the tokens that
   * this validator accepted so far. An explanation counts for nothing.
   */
  migrations(): MigrationReport[];
}

/** How far the tokens of one issuer have moved from one profile to another. */
export interface MigrationReport {
  /** The issuer. */
  readonly issuer: string;
  /** The profile that tokens come from, `migrate_from`. */
  readonly from: Profile;
  /** The profile that they move to. */
  readonly to: Profile;
  /** Accepted tokens that follow `to`. */
  readonly migrated: number;
  /** Accepted tokens that follow `from`, which will be refused once the migration ends. */
  readonly remaining: number;
  /** Under how many of `remaining` each code arose; a token counts once under each of its codes. */
  readonly codes: { readonly [code in ErrorCode]?: number };
}

/** How a rule was met; not at all where an earlier failure left nothing to ask it of. */
export type Outcome = 'pass' | 'fail' | 'not_reached';

/** How a token met one rule. Nothing in it is taken from the token but the kinds of values. */
export interface Step {
  /** The identifier of the rule in the register of rules, as in `AT-VAL-4`. */
  readonly rule: string;
  /** The document and section that the rule comes from. */
  readonly section: string;
  /** How the rule was met. */
  readonly outcome: Outcome;
  /** The claim that the rule speaks of, or `null`. */
  readonly claim: string | null;
  /** What the rule wants. */
  readonly expected: string;
  /**
   * The kind of value that broke the rule, never the value: `string`, `number`, `absent` and so
   * on; `null` where there is none to tell of.
   */
  readonly found: string | null;
  /** The code of the failure, or `null`. */
  readonly code: ErrorCode | null;
}

/**
 * A verdict, and how it came about; made by {@link Validator.explain}. Exactly one of `token` and
 * `error` is there. Everything is made when it is first asked for, and is the same from then on.
 */
export declare class Explanation {
  private constructor();
  #private;

  /** Every rule, in the order in which they are asked; at the end those that were not reached. */
  get trace(): readonly Step[];
  /** The same as a JSON array, equal in every language. */
  get traceJson(): string;
  /** The token, where `validate` would have given it; `null` where it is refused. */
  get token(): AccessToken | null;
  /** What `validate` would have thrown, the first failure; `null` where the token is good. */
  get error(): At9068Error | null;
}

/** An object of JSON. */
export interface JsonObject {
  [name: string]: unknown;
}

/** What was signed. */
export interface SignedContent {
  /**
   * All claims as plain data, by `JSON.parse`: numbers beyond 2^53 lose digits, see
   * {@link claimsJson}. A claim named `__proto__` is data like any other.
   */
  get claims(): JsonObject;
  /** The claims, as the text that was signed. */
  get claimsJson(): string;
  /** The header as plain data. */
  get header(): JsonObject;
  /** The header, as the text that was signed. */
  get headerJson(): string;
}

export interface AccessToken extends SignedContent {}

/**
 * The claims of a token that a {@link Validator} found good. Nothing else makes one.
 *
 * Claims become JavaScript values when they are first asked for, and are the same values then on.
 * Times are seconds since the epoch, rounded down. What the token does not have is `undefined`.
 *
 * Where the `origin` is `introspection`, the claims are the members of the issuer's answer but
 * `active`, and the header is empty; what the issuer does not say of `sub`, `client_id`, `exp` and `iat`
 * is empty, or 0.
 */
export declare class AccessToken {
  private constructor();
  #private;

  /** Who issued the token (RFC 7519 §4.1.1), or the issuer that was asked about it. */
  get iss(): string;
  /** The same as `iss`. */
  get issuer(): string;
  /** Whom the token speaks of: a user, or the client itself (RFC 9068 §2.2). */
  get sub(): string;
  /**
   * For whom the token is meant, always as an array (RFC 7519 §4.1.3); empty where there is none,
   * as the profile may have it.
   */
  get aud(): string[];
  /** The client that the token was issued to, whatever the profile calls it (RFC 8693 §4.3). */
  get client_id(): string;
  /** When the token expires (RFC 7519 §4.1.4). */
  get exp(): number;
  /** When the token was issued (RFC 7519 §4.1.6). */
  get iat(): number;
  /** When the token becomes valid (RFC 7519 §4.1.5). */
  get nbf(): number | undefined;
  /** The token's identifier (RFC 7519 §4.1.7). */
  get jti(): string | undefined;
  /** `scope`, or what the profile calls it, as it was written (RFC 8693 §4.2); none for an array. */
  get scope(): string | undefined;
  /** The scopes, in their order, wherever the profile keeps them; empty where there are none. */
  get scopes(): Set<string>;
  /** The permissions of the user or client. */
  get permissions(): string[] | undefined;
  /**
   * Strings or SCIM values (RFC 9068 §2.2.3.1, RFC 7643 §4.1.2).
   *
   * @throws {At9068Error} `claim_malformed`: roles, groups, entitlements and authorization details
   * are judged when they are asked for, not by the validation.
   */
  get roles(): (string | JsonObject)[] | undefined;
  /** As {@link roles}. */
  get groups(): (string | JsonObject)[] | undefined;
  /** As {@link roles}. */
  get entitlements(): (string | JsonObject)[] | undefined;
  /** When the user authenticated (RFC 9068 §2.2.1). */
  get auth_time(): number | undefined;
  /** The context in which the user authenticated (RFC 9068 §2.2.1). */
  get acr(): string | undefined;
  /** The methods by which the user authenticated (RFC 9068 §2.2.1). */
  get amr(): string[] | undefined;
  /** The organization that the user acts for. */
  get org_id(): string | undefined;
  /** The name of that organization. */
  get org_name(): string | undefined;
  /**
   * What was authorized in detail, always as an array (RFC 9396 §2). What the types mean is left
   * to the caller.
   *
   * @throws {At9068Error} `claim_malformed`, as {@link roles}.
   */
  get authorization_details(): JsonObject[] | undefined;
  /** What the token is bound to (RFC 7800 §3.1). */
  get cnf(): JsonObject | undefined;
  /** Who acts for the subject (RFC 8693 §4.1). */
  get act(): JsonObject | undefined;
  /**
   * The grants by which the token came about, always as an array; of Auth0's profile.
   *
   * @throws {At9068Error} `claim_malformed`, as {@link roles}.
   */
  get gty(): string[] | undefined;
  /**
   * The profile that the token follows; none where its issuer vouches for it in another form than a
   * signed token.
   */
  get profile(): Profile | undefined;
  /** Who vouches for the token: its signature, the issuer that was asked about it, or both. */
  get origin(): 'local' | 'introspection' | 'local_and_introspection';
  /**
   * The codes under which the token will be refused once the validator's migration ends; empty
   * unless the token follows the profile that is migrated from.
   */
  get wouldBreak(): ErrorCode[];
  /**
   * Asks again whether the token is enough, for an endpoint that demands more than the validation
   * did (RFC 6750 §3.1, RFC 9470 §3). Returns nothing where it is.
   *
   * Does not ask again whether the token has expired.
   *
   * @param demands What is demanded, as data or as JSON text.
   * @param options `now`: the time to judge `max_age` by. Default: the validator's clock.
   * @throws {At9068Error} `authentication_insufficient`, `scope_insufficient`,
   * `permission_insufficient`, in that order, with the answer to give; `claim_malformed` for
   * roles, groups or entitlements that are not of their type; `argument_invalid`.
   */
  require(demands: Requirements | string, options?: { now?: number | undefined }): void;
}

/**
 * The answer of an introspection endpoint about a token, as the JSON text of its body (RFC 7662 §2.2).
 *
 * For a token that a {@link Validator} found good: `active`, which is true; the token's claims as they
 * are, with `exp`, `iat` and `nbf` rounded down to seconds; then `client_id` and `scope`, whatever the
 * token's profile calls them, and `token_type`: `DPoP` where the token is bound to a DPoP key, else
 * `Bearer`.
 *
 * For every token that was refused, whatever the reason, it is given `null`, and the answer is
 * `{"active":false}`. Where no verdict could be reached, which is an error whose `status` is 500 or
 * more, there is no answer: the endpoint sends that status instead.
 *
 * It does **not** decide who may ask (RFC 7662 §2.1), nor what of a token they may see (§5): whoever
 * should not learn of a token is answered as if there were none.
 *
 * @throws {At9068Error} `argument_invalid`.
 */
export declare function introspectionResponse(token: AccessToken | null): string;

// ------------------------------------------------------------------------------------ revocations

/** What is revoked: a token, or all tokens of a subject, client or session up to an instant. */
export type Revoked = RevokedToken | RevokedSubject | RevokedClient | RevokedSession;

/** What every entry of a list of revocations has. */
export interface RevokedTokens {
  /** The issuer of the tokens. */
  issuer: string;
  /**
   * When the last of the tokens concerned has expired, in seconds since the epoch: the entry is
   * forgotten then. The leeway of validators is added to it.
   */
  until: number;
}

/** A single token. */
export interface RevokedToken extends RevokedTokens {
  /** Its identifier. */
  jti: string;
}

/** All tokens of somebody that were issued before an instant. */
export interface RevokedBefore extends RevokedTokens {
  /** Tokens issued at this time or later are not concerned, in seconds since the epoch. */
  issued_before: number;
}

/** All tokens of a subject. */
export interface RevokedSubject extends RevokedBefore {
  /** The subject. */
  sub: string;
}

/** All tokens of a client. */
export interface RevokedClient extends RevokedBefore {
  /** The client, whatever the profile names it in. */
  client_id: string;
}

/** All tokens of a session. */
export interface RevokedSession extends RevokedBefore {
  /** The session, as the claim `sid` has it (OpenID Connect Front-Channel Logout §3). */
  sid: string;
}

/**
 * A list of revoked tokens, which the validators that are given it ask about every token.
 *
 * It takes what the application learns, be it from a logout, a security event or an administrator.
 * Identifiers are kept as digests; an entry costs 32 to 64 octets and is forgotten once no token that
 * it concerns can be alive. Worker threads and processes have lists of their own: whoever learns of a
 * revocation tells all of them, or hands them a {@link snapshot}.
 */
export declare class Revocations {
  #private;

  /**
   * An empty list.
   *
   * @param ports A clock, by which entries are forgotten.
   * @throws {At9068Error} `argument_invalid`.
   */
  constructor(ports?: Ports);

  /**
   * Adds an entry. Of two for the same identifier, the later times count.
   *
   * @param entry What is revoked, as data or as JSON text.
   * @throws {At9068Error} `argument_invalid` for a member that is unknown, missing or wrong;
   * `internal` where the clock fails. Nothing is added then.
   */
  revoke(entry: Revoked | string): void;

  /** How many entries there are, those included that are over but have not been forgotten yet. */
  get size(): number;

  /**
   * Forgets all entries that are over. Entries are also forgotten by and by as others are added; this
   * is for lists to which nothing is added for long.
   *
   * @throws {At9068Error} `internal` where the clock fails.
   */
  sweep(): void;

  /**
   * The list as a text, from which another process, or this one after a restart, can {@link restore}
   * it. It holds digests, from which identifiers that can be guessed can be confirmed.
   */
  snapshot(): string;

  /**
   * Adds the entries of a {@link snapshot} to those that are there.
   *
   * @throws {At9068Error} `argument_invalid` where the text is no snapshot, `internal` where the clock
   * fails; nothing is added then.
   */
  restore(snapshot: string): void;
}

// -------------------------------------------------------------------------------------- ID tokens

/** What a client (relying party) accepts of one OpenID provider. */
export interface IdTokenOptions {
  /** The issuer identifier, compared to the letter (OpenID Connect Core §3.1.3.7). */
  issuer: string;
  /** The client's own identifier, which `aud` must contain. */
  client_id: string;
  /** The issuer's keys, fixed. Default: they are fetched when they are first needed. */
  jwks?: KeySet | SigningKey | JwkSet | undefined;
  /** Where the issuer's keys are fetched from. Default: where its metadata says. */
  jwks_uri?: string | undefined;
  /** Which metadata is asked, where neither `jwks` nor `jwks_uri` is given. Default: `auto`. */
  discovery?: Discovery | undefined;
  /** RFC 7638 thumbprints of the only keys of the issuer that count. Default: all keys do. */
  key_thumbprints?: readonly string[] | undefined;
  /**
   * How keys are fetched and kept, or a cache whose keys are shared, be it with validators of access
   * tokens. Default: a cache of the validator's own.
   */
  issuer_cache?: IssuerCacheOptions | IssuerCache | undefined;
  /** The algorithms accepted. Default: every asymmetric one; HMAC only where it is listed. */
  algorithms?: readonly Algorithm[] | undefined;
  /** Audiences that may stand beside the client; a token with any other is refused. Default: none. */
  trusted_audiences?: readonly string[] | undefined;
  /** Seconds by which clocks may differ, 0 to 300. Default: 30. */
  leeway_seconds?: number | undefined;
  /** The longest time from `iat` to `exp`, in seconds, without leeway. Default: no limit. */
  max_lifetime_seconds?: number | undefined;
  /** The largest token that is looked at, in octets, at most 65536. Default: 16384. */
  max_token_bytes?: number | undefined;
  /**
   * Whether a token with a `nonce` is accepted where none is expected, so that one that was issued
   * for another login, be it an attacker's, is accepted too. Default: false.
   */
  danger_any_nonce?: boolean | undefined;
}

/**
 * What one authentication expects of its ID token: what the client sent with its request, and what
 * came back beside the token. Nothing of it may be empty, as what is lost from a session is.
 */
export interface IdTokenChecks {
  /**
   * The nonce of the request, kept in the user's session (OpenID Connect Core §3.1.2.1); the token's
   * must be the same. Default: none, and a token with one is refused.
   */
  nonce?: string | undefined;
  /** The longest time since the user authenticated, in seconds, as the request asked for it. */
  max_age?: number | undefined;
  /** One of these authentication contexts, as the request asked for them. */
  acr_values?: readonly string[] | undefined;
  /** The access token that came along; `at_hash`, where it is there, must be of it (§3.1.3.8). */
  access_token?: string | undefined;
  /** The code that came along; `c_hash`, where it is there, must be of it (§3.3.2.10). */
  code?: string | undefined;
  /** The `state` of the request; `s_hash`, where it is there, must be of it (FAPI 1.0 Part 2 §5.1.1). */
  state?: string | undefined;
  /**
   * Whether the hash must be there of each of these three that is given: for tokens out of the
   * authorization endpoint, which travel through the browser (§3.2.2.10, §3.3.2.11). Default: false.
   */
  require_hashes?: boolean | undefined;
  /**
   * Whether the token came of a refresh (§12.2), so that it may have no `nonce` any more; where it has
   * one, it must be the original one all the same. Default: false.
   */
  refreshed?: boolean | undefined;
}

export interface IdTokenValidator extends FetchesKeys {}

/**
 * Decides whether a token is a good ID token for this client, and of this login (OpenID Connect Core
 * §3.1.3.7). Immutable.
 *
 * Its errors are those of access tokens, without an answer over HTTP: a client that refuses an ID
 * token has nobody to answer. `retryAfter` is told where no verdict could be reached.
 */
export declare class IdTokenValidator {
  #private;

  /**
   * @param options What is accepted, as with {@link Validator}.
   * @param ports A clock, a way to fetch, and who hears of events.
   * @throws {At9068Error} `config_invalid`, naming the member; `argument_invalid` for ports.
   */
  constructor(options: IdTokenOptions, ports?: IssuerCachePorts);

  /**
   * A validator from the JSON text of its options.
   *
   * @throws {At9068Error} as the constructor.
   */
  static fromJson(text: string, ports?: IssuerCachePorts): IdTokenValidator;

  /**
   * Validates an ID token.
   *
   * Checks, and stops at the first that fails: size and shape; header; `iss`; type, which is `JWT` or
   * absent; algorithm; key; signature. Then, of an authentic token: the types of its claims; its kind;
   * that `iss`, `sub`, `aud`, `exp` and `iat` are there; that `aud` holds the client and nobody who is
   * not trusted; `azp`; `exp`, `nbf`, `iat` and lifetime; `nonce`; `auth_time` and `acr`; `at_hash`,
   * `c_hash` and `s_hash`.
   *
   * It does **not** check whether a token comes for the second time: a nonce is to be dropped from the
   * session with the first. Nor whether the user is who was expected, or the one of the token before
   * a refresh (§12.2): compare `sub`. It does not decrypt, and knows neither self-issued tokens (§7)
   * nor claims of distributed or aggregated sources (§5.6.2).
   *
   * The promise waits only where keys must be fetched, as that of {@link Validator.validate} does.
   *
   * @param token The token as text or bytes.
   * @param checks What is expected of it, as data or as JSON text. Default: nothing.
   * @param options `now`: the time to judge by, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) `keys_unavailable` or `metadata_invalid` where the issuer's
   * keys cannot be had: no verdict; `argument_invalid` for a check that is empty or does not exist.
   */
  validate(
    token: string | Uint8Array,
    checks?: IdTokenChecks | string,
    options?: { now?: number | undefined },
  ): Promise<IdToken>;

  /** As {@link validate}, for code that cannot wait; see {@link Validator.validateSync}. */
  validateSync(
    token: string | Uint8Array,
    checks?: IdTokenChecks | string,
    options?: { now?: number | undefined },
  ): IdToken;

  /** Where the issuer's keys are in their life; no entry where they are given. A new object each time. */
  status(): Status;

  /**
   * The entries of the configured key set that cannot be used, a new array each time. Those of a
   * fetched set are in {@link status}.
   */
  get skippedKeys(): SkippedKey[];
}

export interface IdToken extends SignedContent {}

/**
 * The claims of an ID token that an {@link IdTokenValidator} found good. Nothing else makes one, and
 * it is never an access token: it says who logged in, not what may be done.
 *
 * Times are seconds since the epoch, rounded down. What the token does not have is `undefined`. Of
 * `claims`, such as those of the user (OpenID Connect Core §5.1), only those below were judged.
 */
export declare class IdToken {
  private constructor();
  #private;

  /** Who issued the token. */
  get iss(): string;
  /** Who logged in. Unique together with the issuer only. */
  get sub(): string;
  /** For whom the token is meant, always as an array; the client is one of them. */
  get aud(): string[];
  /** The client that the token was issued to, where the token says it. */
  get azp(): string | undefined;
  /** Until when the token may be accepted. It does not end the user's session. */
  get exp(): number;
  /** When the token was issued. */
  get iat(): number;
  /** When the token becomes valid. */
  get nbf(): number | undefined;
  /** When the user authenticated. */
  get auth_time(): number | undefined;
  /** That of the request. */
  get nonce(): string | undefined;
  /** The context in which the user authenticated. */
  get acr(): string | undefined;
  /** The methods by which the user authenticated. */
  get amr(): string[] | undefined;
  /** The session at the issuer, by which logout tokens name it. */
  get sid(): string | undefined;
  /** Half of the hash of the access token. */
  get at_hash(): string | undefined;
  /** Half of the hash of the authorization code. */
  get c_hash(): string | undefined;
  /** Half of the hash of the request's state. */
  get s_hash(): string | undefined;
}

// ------------------------------------------------------------------------------ client assertions

/** Which client assertions an authorization server accepts. */
export interface ClientAssertionOptions {
  /**
   * The issuer identifier of this authorization server, which must be the one audience of an
   * assertion, to the letter (draft-ietf-oauth-rfc7523bis).
   */
  issuer: string;
  /** The clients, each with its own keys or secret. */
  clients: readonly ClientOptions[];
  /**
   * URLs of this server that are accepted as the one audience as well, such as that of the token
   * endpoint (RFC 7523 §3). A client that can be made to send an assertion to another server that
   * names these URLs as its own can be impersonated here. Default: none.
   */
  danger_token_endpoint_audience?: readonly string[] | undefined;
  /** Whether the type `JWT` is accepted too, which says nothing about what a token is for. Default: false. */
  danger_jwt_type?: boolean | undefined;
  /** Seconds by which clocks may differ, 0 to 300. Default: 30. */
  leeway_seconds?: number | undefined;
  /** The longest time from now to `exp`, with leeway, and from `iat` to `exp`, in seconds. Default: 300. */
  max_lifetime_seconds?: number | undefined;
  /** The largest assertion that is looked at, in octets, at most 65536. Default: 16384. */
  max_token_bytes?: number | undefined;
  /** How clients' keys are fetched and kept, or a cache whose keys are shared. Default: one of its own. */
  issuer_cache?: IssuerCacheOptions | IssuerCache | undefined;
}

/** A client and what it authenticates with: exactly one of `jwks`, `jwks_uri` and `client_secret`. */
export interface ClientOptions {
  /** The client's identifier, compared to the letter. */
  client_id: string;
  /** The client's public keys, fixed. */
  jwks?: KeySet | SigningKey | JwkSet | undefined;
  /**
   * Where the client's public keys are fetched from. Clients choose it when they register: so its
   * host must have public addresses only, unless it is one of the cache's `trusted_hosts`.
   */
  jwks_uri?: string | undefined;
  /** The client's secret; at least as long as the hash of its algorithm (RFC 7518 §3.2). */
  client_secret?: string | undefined;
  /**
   * The algorithms accepted. Default: every asymmetric one; with a secret, those of HMAC that it is
   * long enough for.
   */
  algorithms?: readonly Algorithm[] | undefined;
  /** RFC 7638 thumbprints of the only keys of the client that count. Default: all keys do. */
  key_thumbprints?: readonly string[] | undefined;
}

/** What is required of one assertion. */
export interface ClientAssertionRequirements {
  /** The parameter `client_id` that was sent beside it; it must name the same client (RFC 7521 §4.2). */
  client_id?: string | undefined;
}

export interface ClientAssertionValidator extends FetchesKeys {}

/**
 * Decides whether a client is who it says, by the assertion that it sends to the authorization
 * server's endpoints as `client_assertion` (RFC 7521 §4.2, RFC 7523 §3).
 *
 * Immutable but for what was used: whoever makes a new one, because clients have changed, gives both
 * the same `replayStore` and the same `issuer_cache`.
 */
export declare class ClientAssertionValidator {
  #private;

  /**
   * @param options What is accepted, as with {@link Validator}.
   * @param ports A clock, a way to fetch, who hears of events, and where uses are remembered.
   * @throws {At9068Error} `config_invalid`, naming the member; `argument_invalid` for ports.
   */
  constructor(options: ClientAssertionOptions, ports?: ClientAssertionPorts);

  /**
   * A validator from the JSON text of its options.
   *
   * @throws {At9068Error} as the constructor.
   */
  static fromJson(text: string, ports?: ClientAssertionPorts): ClientAssertionValidator;

  /**
   * Validates an assertion, once: a second time it is `token_replayed`.
   *
   * Checks, and stops at the first that fails: size and shape; header; `iss`, which names the client;
   * type (`client-authentication+jwt`, or none); algorithm; key; signature. Then, of an authentic
   * assertion: the types of its claims; its kind, where it has no type; that `iss`, `sub`, `aud`, `exp`
   * and `jti` are there; `sub`, which is the client as well; `client_id`; `aud`, which is this server
   * and nobody else; `exp`, `nbf`, `iat`, and that `exp` is near; and last, that the client has not
   * used its `jti` before. Only an assertion that is good in all else is remembered as used.
   *
   * It does **not** look at the request: that `client_assertion_type` is
   * `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, and that the client authenticates in no
   * other way at the same time (RFC 6749 §2.3), is the caller's to check; so is what the client may
   * do.
   *
   * The promise waits only where a client's keys must be fetched, and for the {@link ReplayStore}.
   *
   * @param token The assertion as text or bytes.
   * @param require What is required of it, as data or as JSON text. Default: nothing.
   * @param options `now`: the time to judge by, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) with `invalid_client` and 401 as the answer, without challenge
   * (RFC 6749 §5.2); `keys_unavailable` where the client's keys cannot be had: no verdict; `internal`
   * where the replay store fails; `argument_invalid`.
   */
  validate(
    token: string | Uint8Array,
    require?: ClientAssertionRequirements | string,
    options?: { now?: number | undefined },
  ): Promise<ClientAssertion>;

  /**
   * As {@link validate}, for code that cannot wait; see {@link Validator.validateSync}. The replay
   * store must answer at once.
   */
  validateSync(
    token: string | Uint8Array,
    require?: ClientAssertionRequirements | string,
    options?: { now?: number | undefined },
  ): ClientAssertion;

  /** Of every client whose keys are fetched, where they are in their life, with the client in `issuer`. */
  status(): Status;

  /**
   * The entries of the configured key sets that cannot be used, a new array each time. Those of
   * fetched sets are in {@link status}.
   */
  get skippedKeys(): (SkippedKey & { readonly client_id: string })[];
}

export interface ClientAssertion extends SignedContent {}

/**
 * The claims of an assertion that a {@link ClientAssertionValidator} found good: the client is who it
 * says. Nothing else makes one. Times are seconds since the epoch, rounded down.
 */
export declare class ClientAssertion {
  private constructor();
  #private;

  /** The client, which is `iss` and `sub` at once (RFC 7523 §3). */
  get client_id(): string;
  /** The identifier of the assertion, which the client never used before. */
  get jti(): string;
  /** The one audience: the issuer identifier of the authorization server, or what else it accepts. */
  get aud(): string;
  /** When the assertion expires. */
  get exp(): number;
  /** When it was made, where it says so. */
  get iat(): number | undefined;
  /** How the client authenticated, by the names of OpenID Connect Core §9. */
  get method(): 'private_key_jwt' | 'client_secret_jwt';
}

/**
 * A replay store in the memory of this thread: what is used unless another is plugged in.
 *
 * Each process and each worker thread has its own: a service of several of them, where an assertion
 * can be sent to each once, needs a {@link ReplayStore} that they share. An entry costs some 100 octets
 * and is forgotten when its time is over. A store that is full of entries whose time is not over never
 * forgets one: it fails, so that nothing is accepted, until there is room again.
 */
export declare class MemoryReplayStore implements ReplayStore {
  #private;

  /**
   * @param options `capacity`: the most entries. A service that is sent `n` assertions per second holds
   * `n` times the seconds that each is good, and 60 more. Default: 100000.
   * @throws {At9068Error} `argument_invalid`.
   */
  constructor(options?: { capacity?: number | undefined });

  /** @throws {At9068Error} `internal` where the store is full; `argument_invalid`. */
  firstUse(key: string, until: number, now: number): boolean;

  /** How many entries there are, those included whose time is over but that have not been forgotten yet. */
  get size(): number;
}

/**
 * How a client authenticates by assertions: `private_key_jwt` with `keys`, `client_secret_jwt` with
 * `client_secret` (OpenID Connect Core §9).
 */
export interface ClientAssertionMinterOptions {
  /** The client's identifier, which is issuer and subject of its assertions. */
  client_id: string;
  /** The issuer identifier of the authorization server, which alone the assertions are meant for. */
  audience: string;
  /** The client's signing keys, never symmetric ones; the first that serves the algorithm signs. */
  keys?: SigningKey | { readonly keys: readonly (SigningKey | Jwk)[] } | undefined;
  /** The client's secret; at least as long as the hash of its algorithm (RFC 7518 §3.2). */
  client_secret?: string | undefined;
  /** The algorithm. Default: that of the first usable key; HS256 for a secret. */
  algorithm?: Algorithm | undefined;
  /** The time from `iat` to `exp`, in seconds, 1 to 300. Default: 60. */
  lifetime_seconds?: number | undefined;
}

/** What one assertion has of its own. */
export interface ClientAssertionRequest {
  /** Its identifier, never used before. Default: a random one of 128 bits. */
  jti?: string | undefined;
}

/** Makes the assertions by which a client authenticates at one authorization server (RFC 7523 §2.2). */
export declare class ClientAssertionMinter {
  #private;

  /**
   * @param options What is made, as with {@link Minter}.
   * @param ports A clock.
   * @throws {At9068Error} `config_invalid`, naming the member; `argument_invalid` for ports.
   */
  constructor(options: ClientAssertionMinterOptions, ports?: Ports);

  /**
   * A minter from the JSON text of its options.
   *
   * @throws {At9068Error} as the constructor.
   */
  static fromJson(text: string, ports?: Ports): ClientAssertionMinter;

  /**
   * Makes an assertion, for one request, on another thread.
   *
   * @param request What it has of its own, as data or as JSON text. Default: nothing.
   * @param options `now`: the time of issue, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) `argument_invalid`, `signing_failed`, `internal`.
   */
  mint(
    request?: ClientAssertionRequest | string,
    options?: { now?: number | undefined },
  ): Promise<MintedToken>;

  /** As {@link mint}, while the caller waits: about a millisecond for an RSA key. */
  mintSync(request?: ClientAssertionRequest | string, options?: { now?: number | undefined }): MintedToken;

  /** The entries of the configured keys that cannot sign, a new array each time. */
  get skippedKeys(): SkippedKey[];
}

// ---------------------------------------------------------------------------------- other content

/** A `Buffer`, where Node's own typings are installed; otherwise what is known of it without them. */
type Octets = typeof globalThis extends { Buffer: { alloc: (size: number) => infer B } } ? B : Uint8Array;

/**
 * Verifies a JWS in compact serialization (RFC 7515 §5.2) and gives its payload, a `Buffer`.
 *
 * For JWTs and other content that is no access token. Checks size (64 KiB at most), shape,
 * canonical base64url, the header with `crit`, the algorithm against the list, the choice of the
 * key and the signature. It does **not** look at the payload, at `typ` or at any claim: what the
 * content is, for whom and until when is for the caller to judge. An access token is validated
 * with a {@link Validator}.
 *
 * ```js
 * const keys = KeySet.fromJson(jwks);
 * const claims = JSON.parse(verifyJws(logoutToken, keys, ['RS256']).toString());
 * ```
 *
 * @param token The JWS as text or bytes.
 * @param keys Keys that verify; a JWK set is taken as data or as JSON text too. Whoever verifies
 * more than once reads it once, by {@link KeySet.fromJson}.
 * @param algorithms The algorithms accepted, at least one. There is no default.
 * @throws {At9068Error} `argument_invalid` for arguments of a wrong type, an empty list and what is
 * no algorithm; `key_malformed` for what is no JWK set; `token_too_large`, `token_malformed`,
 * `decryption_failed`, `critical_header_unsupported`, `algorithm_not_allowed`; `key_not_found`,
 * `key_mismatch`, `key_ambiguous`, or the error of an unusable key that is named;
 * `signature_invalid`.
 */
export declare function verifyJws(
  token: string | Uint8Array,
  keys: KeySet | SigningKey | JwkSet | string,
  algorithms: readonly Algorithm[],
): Octets;

// --------------------------------------------------------------------------------------- minting

/**
 * The form of an API's tokens: `rfc9068_profile` or Auth0's older `access_token`; with `_authz`
 * they carry `permissions`, be it an empty list.
 */
export type Dialect = 'rfc9068_profile' | 'rfc9068_profile_authz' | 'access_token' | 'access_token_authz';

/** An API that tokens are minted for. */
export interface ApiOptions {
  /** The identifier of the API, as `aud` has it. */
  audience: string;
  /** The form of its tokens. */
  dialect: Dialect;
  /** The algorithm that its tokens are signed with. Default: that of the first usable key. */
  algorithm?: Algorithm | undefined;
  /** The scopes that mean something to it. Default: none. */
  scopes?: readonly string[] | undefined;
  /** The time from `iat` to `exp`, in seconds, 1 to 315360000. Default: 3600. */
  lifetime_seconds?: number | undefined;
}

/** What an authorization server mints. */
export interface MinterOptions {
  /** The issuer identifier. */
  issuer: string;
  /** The signing keys, of which the first usable one signs. */
  keys: SigningKey | { readonly keys: readonly (SigningKey | Jwk)[] };
  /** The APIs. */
  apis: readonly ApiOptions[];
  /** The API of requests that name none and whose scopes point at none. Default: none. */
  default_audience?: string | undefined;
  /** Added to the audience where a user granted `openid`. Default: none. */
  userinfo_audience?: string | undefined;
  /** What follows the client's identifier in the subject of its own tokens. Default: `@clients`. */
  client_subject_suffix?: string | undefined;
  /** How ID tokens are minted. */
  id_tokens?: IdTokenMinterOptions | undefined;
}

/** How an issuer's ID tokens are minted. */
export interface IdTokenMinterOptions {
  /**
   * The algorithm that they are signed with. A key has one only, for whatever it signs. Default: that
   * which the first usable key has among the APIs, else the key's own.
   */
  algorithm?: Algorithm | undefined;
  /** The time from `iat` to `exp`, in seconds, 1 to 315360000. Default: 3600. */
  lifetime_seconds?: number | undefined;
}

/** What an authorization server knows when it issues a token. */
export interface MintRequest {
  /** A grant of RFC 6749, or the URI of an extension grant. */
  grant_type:
    | 'authorization_code'
    | 'client_credentials'
    | 'implicit'
    | 'password'
    | 'refresh_token'
    | (string & {});
  /** The client that the token is issued to. */
  client_id: string;
  /** The resource owner; not for `client_credentials`, whose subject is the client. */
  subject?: string | undefined;
  /** The resources that the token is for, absolute URIs (RFC 8707 §2). */
  resource?: readonly string[] | undefined;
  /** The APIs that the token is for, by their logical names. */
  audience?: readonly string[] | undefined;
  /** The scope that was granted, not the one that was asked for. */
  scope?: string | undefined;
  /** When the user authenticated, in seconds; the same in every token of one authorization. */
  auth_time?: number | undefined;
  /** The context in which the user authenticated. */
  acr?: string | undefined;
  /** The methods by which the user authenticated. */
  amr?: readonly string[] | undefined;
  /** The permissions that the user or client has at the API. */
  permissions?: readonly string[] | undefined;
  /** Strings or SCIM values (RFC 9068 §2.2.3.1). */
  roles?: readonly (string | object)[] | undefined;
  /** Strings or SCIM values. */
  groups?: readonly (string | object)[] | undefined;
  /** Strings or SCIM values. */
  entitlements?: readonly (string | object)[] | undefined;
  /** The organization that the user acts for. */
  org_id?: string | undefined;
  /** The name of that organization. */
  org_name?: string | undefined;
  /** Objects with a `type` (RFC 9396 §2). */
  authorization_details?: readonly object[] | undefined;
  /** What the token is bound to: `x5t#S256` (RFC 8705 §3.1) or `jkt` (RFC 9449 §6.1). */
  cnf?: object | undefined;
  /** Who acts for the subject (RFC 8693 §4.1). */
  act?: object | undefined;
  /** Custom claims, none of whose names is one of the profiles'. */
  claims?: object | undefined;
  /** The token's identifier. Default: a random one of 128 bits. */
  jti?: string | undefined;
}

/** What an OpenID provider knows when it issues an ID token. */
export interface IdTokenRequest {
  /** The client that the user logged in at. */
  client_id: string;
  /** The user's identifier, 255 characters at most. */
  subject: string;
  /** Others that the token is for besides the client. */
  audience?: readonly string[] | undefined;
  /** The nonce of the client's request, unchanged. */
  nonce?: string | undefined;
  /** When the user authenticated, in seconds since the epoch. */
  auth_time?: number | undefined;
  /** The context in which the user authenticated. */
  acr?: string | undefined;
  /** The methods by which the user authenticated. */
  amr?: readonly string[] | undefined;
  /** The user's session. */
  sid?: string | undefined;
  /** The access token that goes out with the ID token, of which `at_hash` is made. */
  access_token?: string | undefined;
  /** The authorization code that goes out with the ID token, of which `c_hash` is made. */
  code?: string | undefined;
  /** The `state` of the client's request, of which `s_hash` is made. */
  state?: string | undefined;
  /** Claims of the user and others, none by a name that the token owns. */
  claims?: object | undefined;
}

/** Turns what an authorization server grants into access tokens, and logins into ID tokens. Immutable. */
export declare class Minter {
  #private;

  /**
   * @param options What is minted. An unknown member is an error, as is whatever has no JSON form;
   * members that are `undefined` count as left out.
   * @param ports A clock.
   * @throws {At9068Error} `config_invalid`, naming the member; `argument_invalid` for ports.
   */
  constructor(options: MinterOptions, ports?: Ports);

  /**
   * A minter from the JSON text of its options.
   *
   * @throws {At9068Error} as the constructor.
   */
  static fromJson(text: string, ports?: Ports): Minter;

  /**
   * Mints an access token, on a thread of Node's pool: a signature by an RSA key takes a good part of
   * a millisecond, in which the loop turns.
   *
   * The audience is what the request names, or what its scopes point at, or the default; a token
   * whose scopes could be taken for more than was granted is not issued (RFC 9068 §3, §5). What
   * the API's dialect does not carry is left out.
   *
   * It does **not** decide whether the client may have the grant, the resource or the scope: that
   * was granted before.
   *
   * @param request The request, as data or as JSON text; a text's custom claims and structured
   * values are signed as they are written there.
   * @param options `now`: the time of issue, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) `argument_invalid` with the claim concerned;
   * `invalid_target`, `invalid_scope` and `grant_ambiguous`, with what a token endpoint answers;
   * `claim_reserved`; `subject_collision`; `signing_failed`.
   */
  mint(request: MintRequest | string, options?: { now?: number | undefined }): Promise<MintedToken>;

  /** As {@link mint}, while the caller waits: about a millisecond for an RSA key. */
  mintSync(request: MintRequest | string, options?: { now?: number | undefined }): MintedToken;

  /**
   * Mints many access tokens, each as {@link mint} does: what comes of the requests, in their order.
   * One that is refused changes nothing for the others; its error stands in its place.
   *
   * They are made as {@link Validator.validateMany} judges: off the loop, and on as many threads as
   * there are processors. All are issued at one time.
   *
   * @param requests An array of requests, as data or as JSON texts, which may change once the call has
   * returned.
   * @param options `now`: the time of issue, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) `argument_invalid` for what is no request at all, naming the
   * place as in `requests[3]`, and for options that do not exist.
   */
  mintMany(
    requests: readonly (MintRequest | string)[],
    options?: { now?: number | undefined },
  ): Promise<(MintedToken | At9068Error)[]>;

  /** As {@link mintMany}, while the caller waits. */
  mintManySync(
    requests: readonly (MintRequest | string)[],
    options?: { now?: number | undefined },
  ): (MintedToken | At9068Error)[];

  /**
   * Mints an ID token (OpenID Connect Core §2), on another thread.
   *
   * @param request Who logged in, at which client, and what goes out beside the token, as data or as
   * JSON text.
   * @param options `now`: the time of issue, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) `argument_invalid` with the claim concerned;
   * `claim_reserved`; `subject_collision`; `signing_failed`.
   */
  mintIdToken(request: IdTokenRequest | string, options?: { now?: number | undefined }): Promise<MintedToken>;

  /** As {@link mintIdToken}, while the caller waits: about a millisecond for an RSA key. */
  mintIdTokenSync(request: IdTokenRequest | string, options?: { now?: number | undefined }): MintedToken;

  /**
   * Signs the answer of an introspection endpoint about a token, for the resource server that asks
   * (RFC 9701 §5), on another thread: what {@link introspectionResponse} tells, in the claim
   * `token_introspection`. It is signed as ID tokens are; its `expires_in` is 0.
   *
   * @param audience The resource server, by the identifier that it asks with (its `client_id`).
   * @param options `now`: the time of issue, in seconds since the epoch. Default: the clock's.
   * @throws {At9068Error} (as rejection) `argument_invalid`, `signing_failed`.
   */
  mintIntrospectionResponse(
    token: AccessToken | null,
    audience: string,
    options?: { now?: number | undefined },
  ): Promise<MintedToken>;

  /** As {@link mintIntrospectionResponse}, while the caller waits: about a millisecond for an RSA key. */
  mintIntrospectionResponseSync(
    token: AccessToken | null,
    audience: string,
    options?: { now?: number | undefined },
  ): MintedToken;

  /** The entries of the configured keys that cannot sign, a new array each time. */
  get skippedKeys(): SkippedKey[];
}

export interface MintedToken extends SignedContent {}

/** A token that was minted. */
export declare class MintedToken {
  private constructor();
  #private;

  /** The token, in compact serialization (RFC 7515 §7.1). */
  get token(): string;
  /** Seconds until the token expires, as a token response has it (RFC 6749 §5.1). */
  get expires_in(): number;
}
