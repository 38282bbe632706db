// Compiled, never run: the typings take what the package takes, and refuse what it refuses.

import {
  AccessToken,
  At9068Error,
  ClientAssertion,
  ClientAssertionMinter,
  ClientAssertionValidator,
  IdToken,
  IdTokenValidator,
  IssuerCache,
  KeySet,
  MemoryReplayStore,
  Minter,
  Revocations,
  SigningKey,
  Validator,
  certificateSha256,
  errorCodes,
  introspectionResponse,
  thumbprint,
  verifyJws,
  version,
} from 'at9068';
import type {
  Algorithm,
  AskedIssuerStatus,
  ErrorCode,
  Explanation,
  Fetch,
  FetchRequest,
  HttpRequest,
  HttpResponse,
  IdTokenChecks,
  IssuerEvent,
  IssuerStatus,
  Jwk,
  MigrationReport,
  MintRequest,
  MintedToken,
  MinterOptions,
  Profile,
  ReplayStore,
  Requirements,
  Step,
  ValidateOptions,
  ValidatorOptions,
} from 'at9068';

/** Fails to compile unless both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const key: SigningKey = await SigningKey.generate('RS256', { bits: 3072 });
const ec = SigningKey.generateSync('ES256');
const set: KeySet = KeySet.fromSigningKeys([key, ec]);
const text: string = version + thumbprint(ec.toJwk()) + certificateSha256(new Uint8Array());

const options: ValidatorOptions = {
  issuer: 'https://as.example/',
  audience: ['https://api.example/'],
  jwks: set,
  algorithms: ['RS256', 'ES256'],
  leeway_seconds: undefined,
};
const validator = new Validator(options, { clock: () => Date.now() / 1000 });
const publishing = new Validator({ protected_resource: { resource: 'https://api.example/', scopes_supported: ['read'] } });
same<typeof publishing.protectedResourceMetadata, string | undefined>(true);
same<typeof publishing.protectedResourceMetadataPath, string | undefined>(true);
// @ts-expect-error: a resource has an identifier
new Validator({ protected_resource: {} });
new Validator({ issuer: 'i', jwks: set, profiles: ['danger_cognito_no_audience'], client_ids: ['c'] });
new Validator({ audience: 'a', issuers: [{ issuer: 'i', jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '' }] } }] });
Validator.fromJson('{}');

const fetchDocument: Fetch = async ({ method, url, headers, body, signal }) => {
  return { status: signal.aborted ? 504 : 200, headers, body: (method === 'POST' && body) || url };
};
const heard: string[] = [];
const events = (event: IssuerEvent) => {
  if (event.event === 'refresh_failed') heard.push(event.issuer, event.code, event.reason);
};
const cache = new IssuerCache({ cooldown_seconds: 10, trusted_hosts: ['jwks.internal'] }, { fetch: fetchDocument, events });
cache.restore(IssuerCache.fromJson('{}').snapshot());
const fetching = new Validator(
  { issuer: 'https://as.example/', audience: 'a', discovery: 'openid', issuer_cache: cache },
  { resolver: (issuer) => (issuer === 'https://b.example/' ? { issuer, jwks_uri: `${issuer}jwks` } : null) },
);
new Validator({ issuer: 'i', audience: 'a', jwks_uri: 'u', issuer_cache: { timeout_seconds: 1.5 } }, { events });
new Validator({ audience: 'a', issuers: [{ issuer: 'https://as.example/{tenant}', tenants: ['a', 'b-*'] }] });
await fetching.prefetch();
const { issuers: [status], token_cache } = fetching.status();
const share: number = token_cache.hits / (token_cache.hits + token_cache.misses);
const kept: readonly IssuerStatus[] = cache.status().issuers;
const state = status?.state === undefined ? status?.introspection.available : status.counters.fetches;

const minterOptions: MinterOptions = {
  issuer: 'https://as.example/',
  keys: { keys: [key, ec.toJwk()] },
  apis: [{ audience: 'https://api.example/', dialect: 'rfc9068_profile' }],
};
const minter = new Minter(minterOptions);
const request: MintRequest = { grant_type: 'client_credentials', client_id: 'c', claims: { any: [1, null] } };
const minted: MintedToken = await minter.mint(request, { now: 1.5 });
minter.mintSync('{"grant_type":"client_credentials","client_id":"c"}');

const http: HttpRequest = { headers: [['Authorization', `Bearer ${minted.token}`]], method: 'GET' };
const require: Requirements = { scopes: ['read'], max_age: 60 };
const given: ValidateOptions = { now: 1, request: http, require };
const token: AccessToken = await validator.validate(minted.token, given);
const verdicts: (AccessToken | At9068Error)[] = await validator.validateMany([minted.token, new Uint8Array()] as const, given);
const others: string[] = validator.validateManySync([minted.token]).map((one) => (one instanceof At9068Error ? one.code : one.sub));
const mints: (MintedToken | At9068Error)[] = await minter.mintMany([request, '{}'] as const, { now: 1 });
minter.mintManySync([request]).filter((one) => !(one instanceof At9068Error));
const other: AccessToken = validator.authenticateSync(http, { require });
token.require({ acr_values: ['urn:mfa'] }, { now: 2 });

const explanation: Explanation = await validator.explain(minted.token, given);
const steps: readonly Step[] = validator.explainSync(new Uint8Array(), {}).trace;
const payload: Uint8Array = verifyJws(minted.token, set, ['RS256']);
verifyJws(payload, ec, options.algorithms ?? []);
verifyJws('', { keys: [ec.toJwk()] }, ['ES256']);
verifyJws('', '{"keys":[]}', ['ES256']);

new Validator({ ...options, migrate_from: 'auth0' });
new Validator({ audience: 'a', issuers: [{ issuer: 'i', jwks: set, migrate_from: 'okta' }] });
const [report] = validator.migrations();

const revocations = new Revocations({ clock: () => 0 });
revocations.revoke({ issuer: 'i', jti: 'j', until: 1 });
revocations.revoke({ issuer: 'i', sid: 's', issued_before: 1, until: 2 });
revocations.revoke('{}');
revocations.restore(revocations.snapshot());
new Validator(options, { revocations });

const ids = new IdTokenValidator({ issuer: 'i', client_id: 'c', jwks: set }, { fetch: fetchDocument });
const checks: IdTokenChecks = { nonce: 'n', require_hashes: true };
const id: IdToken = await ids.validate(minted.token, checks, { now: 1 });
const logins: MintedToken = await minter.mintIdToken({ client_id: 'c', subject: 's' });
await ids.prefetch();

const replayStore: ReplayStore = { firstUse: async (key, until, now) => key.length > until - now };
const clients = [{ client_id: 'c', jwks: set }, { client_id: 'd', client_secret: 's' }];
const assertions = new ClientAssertionValidator({ issuer: 'i', clients }, { replayStore });
new ClientAssertionValidator({ issuer: 'i', clients }, { replayStore: new MemoryReplayStore({ capacity: 7 }) });
const made = new ClientAssertionMinter({ client_id: 'c', audience: 'i', keys: key }).mintSync();
const assertion: ClientAssertion = await assertions.validate(made.token, { client_id: 'c' });

same<typeof id.nonce, string | undefined>(true);
same<typeof id.aud, string[]>(true);
same<typeof id.claims, typeof logins.claims>(true);
same<typeof assertion.aud, string>(true);
same<typeof assertion.method, 'private_key_jwt' | 'client_secret_jwt'>(true);
same<ReturnType<typeof assertions.validateSync>, ClientAssertion>(true);
same<(typeof assertions.skippedKeys)[number]['client_id'], string>(true);
same<typeof revocations.size, number>(true);
same<typeof status, IssuerStatus | AskedIssuerStatus | undefined>(true);
same<typeof state, boolean | number | undefined>(true);
same<typeof token.origin, 'local' | 'introspection' | 'local_and_introspection'>(true);
same<IssuerStatus['state'], 'empty' | 'fresh' | 'due' | 'stale' | 'expired'>(true);
same<FetchRequest['headers'], [name: string, value: string][]>(true);
same<ReturnType<typeof fetching.refresh>, Promise<void>>(true);
same<typeof report, MigrationReport | undefined>(true);
same<MigrationReport['codes']['claim_missing'], number | undefined>(true);
same<typeof token.wouldBreak, ErrorCode[]>(true);
same<typeof explanation.token, AccessToken | null>(true);
same<typeof explanation.error, At9068Error | null>(true);
same<(typeof steps)[number]['outcome'], 'pass' | 'fail' | 'not_reached'>(true);
same<Step['code'], ErrorCode | null>(true);
same<typeof token.client_id, string>(true);
same<typeof token.jti, string | undefined>(true);
same<typeof token.scopes, Set<string>>(true);
same<typeof token.exp, number>(true);
same<typeof token.profile, Profile | undefined>(true);
same<typeof token.aud, string[]>(true);
same<ReturnType<typeof validator.validate>, Promise<AccessToken>>(true);
same<ReturnType<typeof validator.validateSync>, AccessToken>(true);
same<ReturnType<typeof other.require>, void>(true);
same<typeof key.algorithm, Algorithm>(true);
same<ReturnType<typeof set.toJSON>, { keys: Jwk[] }>(true);
same<ReturnType<typeof errorCodes>[number]['code'], ErrorCode>(true);

export function answer(error: unknown): string {
  if (!(error instanceof At9068Error)) return text;
  same<typeof error.httpResponse, HttpResponse | undefined>(true);
  // @ts-expect-error: an answer is not changed
  error.httpResponse?.headers.push(['X', 'y']);
  const status: number | null = error.status;
  switch (error.code) {
    case 'token_expired':
      return error.challenge.join() + status;
    // @ts-expect-error: no such code
    case 'token_rotten':
      return '';
    default: {
      const rest: Exclude<ErrorCode, 'token_expired'> = error.code;
      return rest;
    }
  }
}

// @ts-expect-error: a validator makes access tokens, and nothing else does
new AccessToken();
// @ts-expect-error: key sets are made by static methods
new KeySet();
// @ts-expect-error: misspelt
new Validator({ ...options, leeway: 5 });
// @ts-expect-error: misspelt
new IssuerCache({ cooldown: 5 });
// @ts-expect-error: a validator asks the resolver
new IssuerCache({}, { resolver: () => null });
// @ts-expect-error: an answer that comes later comes too late
new Validator(options, { resolver: async () => null });
// @ts-expect-error: minting fetches nothing
new Minter(minterOptions, { fetch: fetchDocument });
// @ts-expect-error: it leads from one profile
new Validator({ ...options, migrate_from: ['auth0'] });
// @ts-expect-error: `none` is no algorithm
new Validator({ ...options, algorithms: ['none'] });
// @ts-expect-error: misspelt, and would otherwise demand nothing
validator.validateSync('', { requires: {} });
// @ts-expect-error: the API's form must be chosen
new Minter({ ...minterOptions, apis: [{ audience: 'a' }] });
// @ts-expect-error: not a time
validator.validateSync('', { now: new Date() });
// @ts-expect-error: not a token
validator.validateSync(42);
// @ts-expect-error: misspelt, and would otherwise demand nothing
validator.explainSync('', { requires: {} });
// @ts-expect-error: a list, lest a name be taken for one
verifyJws('', set, 'RS256');
// @ts-expect-error: the algorithms must be chosen
verifyJws('', set);
// @ts-expect-error: a refused token has no claims
explanation.token.sub;
// @ts-expect-error: a key set cannot sign
new Minter({ ...minterOptions, keys: set });
const endpoint = 'https://as.example/introspect';
new Validator({
  ...options,
  strategy: 'local_then_introspection',
  introspection: { endpoint, authentication: 'private_key_jwt', client_id: 'api', keys: key, every_seconds: 60 },
});
const answers: string = introspectionResponse(token) + introspectionResponse(null);
const signed: MintedToken = await minter.mintIntrospectionResponse(null, 'api');

// @ts-expect-error: a token that was refused is none
introspectionResponse(undefined);
// @ts-expect-error: how this server authenticates must be chosen
new Validator({ ...options, strategy: 'introspection', introspection: { endpoint } });
// @ts-expect-error: an ID token is no access token
const confused: AccessToken = id;
// @ts-expect-error: who is revoked up to when
revocations.revoke({ issuer: 'i', sub: 's', until: 2 });
// @ts-expect-error: revocations are of access tokens
new IdTokenValidator({ issuer: 'i', client_id: 'c' }, { revocations });
// @ts-expect-error: a validator of its own decides what was used
new Validator(options, { replayStore });
// @ts-expect-error: misspelt, and would otherwise expect nothing
ids.validateSync('', { nounce: 'n' });
// @ts-expect-error: read-only
token.sub = 'somebody else';
