from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, final, overload

from typing_extensions import Unpack, disjoint_base

from at9068._errors import At9068Error, ErrorCode, ErrorCodeInfo
from at9068._types import (
    Algorithm,
    ClientAssertionMinterOptions,
    ClientAssertionRequest,
    ClientAssertionValidatorOptions,
    ClientAuthMethod,
    Clock,
    Events,
    Fetch,
    IdTokenChecks,
    IdTokenRequest,
    IdTokenValidatorOptions,
    IssuerCacheOptions,
    MigrationReport,
    MinterOptions,
    MintRequest,
    Origin,
    ProfileName,
    ReplayStore,
    Request,
    Require,
    Resolver,
    Revoked,
    SkippedKey,
    Status,
    Step,
    ValidatorOptions,
)

__all__ = [
    "AccessToken",
    "Call",
    "ClientAssertion",
    "ClientAssertionMinter",
    "ClientAssertionValidator",
    "Explanation",
    "IdToken",
    "IdTokenValidator",
    "IssuerCache",
    "KeyFetcher",
    "KeySet",
    "MemoryReplayStore",
    "MintedToken",
    "Minter",
    "Revocations",
    "Signed",
    "SigningKey",
    "Validator",
    "Waiting",
    "__version__",
    "certificate_sha256",
    "error_codes",
    "introspection_response",
    "thumbprint",
    "verify_jws",
]

__version__: str

@disjoint_base
class KeyFetcher:
    """Keys that a validator fetches and keeps: what all validators have in common."""

    def prefetch(self) -> None:
        """Fetch all keys that are not fresh, and wait for them.

        Best called when a server starts. Ctrl-C ends the waiting.

        Raises:
            UndecidedError: `keys_unavailable` or `metadata_invalid` where somebody's keys cannot
                be had; those of the others are there all the same.

        """

    def prefetch_async(self) -> Coroutine[Any, Any, None]:
        """Fetch all keys that are not fresh, without blocking the loop.

        As `prefetch`.
        """

    def refresh(self) -> None:
        """Fetch all keys anew, however fresh they are, and wait for them.

        For the operator who knows that a key was taken back. Ctrl-C ends the waiting.

        Raises:
            UndecidedError: As for `prefetch`; keys at hand are kept then.

        """

    def refresh_async(self) -> Coroutine[Any, Any, None]:
        """Fetch all keys anew, without blocking the loop.

        As `refresh`.
        """

    def status(self) -> Status:
        """Tell of everyone whose keys are fetched, or who is asked about tokens, how that goes."""

    @property
    def issuer_cache(self) -> IssuerCache | None:
        """The cache in which the validator's keys are kept, where it fetches any."""

@final
class Validator(KeyFetcher):
    """Decides whether a token is a good access token for this API (RFC 9068 §4).

    One issuer, or several in `issuers`; never both. Keys that are not given are fetched when they
    are first needed, and kept as `IssuerCache` says. Immutable; may be shared between threads, and
    used after a fork.

    Args:
        issuer: The issuer identifier, compared to the letter.
        audience: The identifiers of this API, one of which a token's `aud` must contain.
            Always required: it is what makes a token meant for this API.
        jwks: The issuer's keys, fixed: a `KeySet`, or a JWK set as a mapping.
        jwks_uri: Where the issuer's keys are fetched from. Without keys and without this, its
            metadata tells.
        discovery: Which metadata is asked then: `oauth` (RFC 8414), `openid` (OpenID Connect
            Discovery), or `auto`, the default: both, which must agree where both are there.
        key_thumbprints: RFC 7638 thumbprints of the only keys of the issuer that count. Default:
            all count.
        strategy: How tokens are judged: `local`, the default, by signature and claims;
            `introspection`, by what the issuer says of them (RFC 7662); or
            `local_then_introspection`, by both where a token lives longer than `every_seconds`.
        introspection: How the issuer is asked, as a mapping; required where the strategy asks. See
            `IntrospectionOptions`.
        issuer_cache: An `IssuerCache` to share, or the options of one as a mapping. Default: a
            cache of its own with all defaults.
        client_ids: The clients whose tokens are accepted, where the profile names no audience
            (`danger_cognito_no_audience`); only there.
        profiles: The profiles accepted: `rfc9068` (the default), `auth0`, or one of an issuer
            that does not follow the standard yet: `keycloak`, `okta`, `entra`,
            `danger_cognito_no_audience`. No two of them may share a type.
        migrate_from: A profile that is still accepted while tokens move to the only one in
            `profiles`; see `AccessToken.would_break` and `migrations`. Default: none.
        algorithms: The algorithms accepted. Default: every asymmetric one; HMAC only where it
            is listed here.
        leeway_seconds: Seconds by which clocks may differ, 0 to 300. Default: 30.
        max_lifetime_seconds: The longest time from `iat` to `exp`. Default: none.
        max_token_bytes: The largest token that is looked at, 1 to 65536. Default: 16384.
        token_cache: How many verified tokens are remembered, `max_entries` (0 turns it off) and
            `max_bytes`. Default: 1000, in 8 MiB.
        required_claims: Claims that must be there besides those of the profile.
        realm: `realm` of challenges (RFC 9110 §11.5).
        resource_metadata: URL of the protected resource metadata, for challenges (RFC 9728 §5.1).
            Default: that of `protected_resource`, where it is given.
        protected_resource: What the resource publishes about itself, as a mapping; see
            `ProtectedResourceOptions`. Default: nothing.
        issuers: Several issuers, each with its own keys; what an entry leaves out, other than
            keys, is taken from the top. With `{tenant}` in its `issuer`, an entry is for all of
            its `tenants`.
        clock: A callable that returns seconds since the epoch. Default: the system's clock. If
            it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
        fetch: A callable that makes requests for documents of issuers, as `IssuerCache` has it.
            Not beside an `IssuerCache`, which has its own.
        events: A callable that hears of what happens to keys, as `IssuerCache` has it. Not beside
            an `IssuerCache`, which has its own.
        resolver: A callable that is given an issuer that is not configured, and returns what is
            accepted of it, as an entry of `issuers`, or None where it is not to be trusted. Asked
            before any signature is verified, about whatever tokens claim: it must only say yes to
            issuers that it knows, and at once. If it fails, so does the call that asked, as
            `keys_unavailable` with the failure as `__cause__`.
        revocations: `Revocations`, whose tokens are refused as `token_revoked`. Default: none.

    Raises:
        ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
        TypeError: An option is of a type that is neither JSON nor a key.

    """

    def __new__(
        cls,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        resolver: Resolver | None = None,
        revocations: Revocations | None = None,
        issuer_cache: IssuerCache | IssuerCacheOptions | None = None,
        **options: Unpack[ValidatorOptions],
    ) -> Validator: ...
    @staticmethod
    def from_json(
        text: str,
        /,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        resolver: Resolver | None = None,
        revocations: Revocations | None = None,
        issuer_cache: IssuerCache | None = None,
    ) -> Validator:
        """Read the same options from JSON text, as every language has them.

        Raises:
            ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.

        """

    def validate(
        self,
        token: str | bytes | bytearray,
        /,
        *,
        now: float | None = None,
        request: Request | None = None,
        require: Require | None = None,
    ) -> AccessToken:
        """Validate a token that the caller took out of a request.

        Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm;
        key; signature. Then, of an authentic token: the types of its claims; its kind; required
        claims; `aud`; `exp`, `nbf`, `iat` and lifetime; the sender constraint of `cnf`; and what
        `require` demands. Other threads run meanwhile.

        Waits only where keys must be fetched or the issuer asked; Ctrl-C ends that. In an event loop
        use `validate_async`, which never blocks.

        It does not check whether the client or user still exists, whether the token was revoked
        beyond what `revocations` and an issuer that is asked say, or DPoP proofs: a token bound to a
        DPoP key is refused.

        Args:
            token: The token, as text or octets.
            now: The time to judge by, in seconds since the epoch, with a fraction where it
                matters. Default: the clock's.
            request: The request that the token came with. Default: a bearer token without
                client certificate.
            require: What the endpoint demands. Default: nothing.

        Raises:
            TokenError: The token is refused (RFC 9068 §4, RFC 6750 §3.1).
            KeySetError: The token names a key that is unusable.
            DemandError: The token is bound to another sender, or not enough.
            UndecidedError: `keys_unavailable`, `metadata_invalid` or `introspection_unavailable`: the
                issuer's keys cannot be had, or it cannot be asked; try again after `retry_after`
                seconds.
            ConfigError: `argument_invalid`: an argument is not valid.
            TypeError: An argument is of a wrong type.

        """

    def validate_async(
        self,
        token: str | bytes | bytearray,
        /,
        *,
        now: float | None = None,
        request: Request | None = None,
        require: Require | None = None,
    ) -> Coroutine[Any, Any, AccessToken]:
        """Validate a token without blocking the event loop.

        As `validate`; where keys must be fetched or the issuer asked, the loop goes on meanwhile.
        Tasks that wait for the same share one fetch, and a task that is cancelled takes it from
        nobody.
        """

    def validate_many(
        self, tokens: Iterable[str | bytes | bytearray], /, *, require: Require | None = None, now: float | None = None
    ) -> list[AccessToken | At9068Error]:
        """Validate many tokens at once, for audits and gateways.

        Each as `validate` does; one that is refused changes nothing for the others. The work is spread
        over as many threads as there are processors, which are kept; other threads of Python run
        meanwhile.

        All are judged by one time, and those that wait for keys, or for what an issuer says of them, by
        that of when it came. Ctrl-C ends the waiting for these, and otherwise takes effect when all
        tokens are judged. In an event loop use `validate_many_async`.

        Args:
            tokens: The tokens, as texts or octets, from any iterable.
            require: What the endpoint demands of each of them. Default: nothing.
            now: The time to judge by, in seconds since the epoch. Default: the clock's.

        Returns:
            For each token, in their order, what `validate` would return, or the error that it would
            raise. An empty list where there are none.

        Raises:
            ConfigError: `argument_invalid`: `require` is not valid.
            TypeError: An argument is of a wrong type; a token's place is named.

        """

    def validate_many_async(
        self, tokens: Iterable[str | bytes | bytearray], /, *, require: Require | None = None, now: float | None = None
    ) -> Coroutine[Any, Any, list[AccessToken | At9068Error]]:
        """Validate many tokens at once without blocking the event loop.

        As `validate_many`; the work is done on a thread of the loop's executor and on those that are
        kept, and the loop goes on meanwhile.
        """

    def validate_at_hand(
        self,
        token: str | bytes | bytearray,
        /,
        *,
        now: float | None = None,
        request: Request | None = None,
        require: Require | None = None,
    ) -> AccessToken:
        """Validate a token with the keys and answers at hand, without waiting for any.

        As `validate`; where others are wanted, they are fetched for later calls. Keys whose time is
        over are used while none others can be had, for `max_stale_seconds` at most.
        """

    def explain(
        self,
        token: str | bytes | bytearray,
        /,
        *,
        now: float | None = None,
        request: Request | None = None,
        require: Require | None = None,
    ) -> Explanation:
        """Validate a token and tell of every rule how it was met, not only of the first that failed.

        For developers and operators; slower than `validate`, whose verdict it gives too. A refused
        token raises nothing here. Up to the signature every failure ends the judgement, since
        nothing after it could be believed; the rules that follow are marked as not reached. Other
        threads run meanwhile.

        The trace holds nothing of the token but the kinds of its values. Do not show it to clients
        all the same: it tells an attacker how far a forgery came. What `validate` does not check is
        not checked here either.

        Args:
            token: The token, as text or octets.
            now: The time to judge by, in seconds since the epoch. Default: the clock's.
            request: The request that the token came with. Default: a bearer token without
                client certificate.
            require: What the endpoint demands. Default: nothing.

        Raises:
            ConfigError: `argument_invalid`: an argument is not valid.
            TypeError: An argument is of a wrong type.

        """

    def authenticate(
        self,
        request: Request,
        /,
        *,
        now: float | None = None,
        require: Require | None = None,
    ) -> AccessToken:
        """Take the credential out of a request's headers and validate it (RFC 6750 §2.1).

        Exactly one `Authorization` header with one token is accepted; tokens in a form body or a
        query are not. Everything else is as for `validate`.

        Args:
            request: The request, with its `headers`.
            now: The time to judge by, in seconds since the epoch. Default: the clock's.
            require: What the endpoint demands. Default: nothing.

        Raises:
            TokenError: `credentials_missing` where nothing is sent, or another scheme;
                `credentials_malformed` for bad syntax or more than one credential; or the token
                is refused.
            KeySetError: The token names a key that is unusable.
            DemandError: The token is bound to another sender, or not enough.
            UndecidedError: `keys_unavailable`, `metadata_invalid` or `introspection_unavailable`: the
                issuer's keys cannot be had, or it cannot be asked; try again after `retry_after`
                seconds.
            ConfigError: `argument_invalid`: an argument is not valid.
            TypeError: An argument is of a wrong type.

        """

    def authenticate_async(
        self,
        request: Request,
        /,
        *,
        now: float | None = None,
        require: Require | None = None,
    ) -> Coroutine[Any, Any, AccessToken]:
        """Take the credential out of a request's headers and validate it, without blocking the loop.

        As `authenticate`, in the way of `validate_async`.
        """

    @property
    def protected_resource_metadata(self) -> str | None:
        """The metadata of the protected resource, a JSON document (RFC 9728 §3.2).

        To be served as `application/json` at `protected_resource_metadata_path`, to whoever asks and
        without a token. None without the option `protected_resource`.
        """

    @property
    def protected_resource_metadata_path(self) -> str | None:
        """The path at which that metadata is to be served, percent-encoded and without query."""

    @property
    def skipped_keys(self) -> tuple[tuple[str, SkippedKey], ...]:
        """Entries of the configured key sets that cannot be used, with their issuers."""

    def migrations(self) -> tuple[MigrationReport, ...]:
        """Give, of every issuer with `migrate_from`, how far its tokens have moved.

        Counts the tokens that this validator accepted so far; an explanation counts for nothing.
        """

@final
class IssuerCache:
    """Keys of issuers, fetched and kept, for the validators that are given the cache.

    Fetches when keys are first needed, and again before their time is over, on a thread that ends
    with it. Validators with the same cache share its keys; keys are told apart by issuer and by
    where they come from. May be shared between threads, and used after a fork.

    Args:
        max_issuers: The most issuers whose keys are kept at a time, 1 to 100000. Default: 256.
        max_stale_seconds: For how long keys whose time is over are still used while none can be
            fetched, 0 to 86400. Default: 3600.
        cooldown_seconds: The least time between a fetch and the next one that an unknown `kid` or
            a bad signature brings about, 1 to 3600. Default: 30.
        timeout_seconds: How long a refresh may take in all, 0.001 to 60. Default: 5.
        connect_timeout_seconds: How long it may take to be connected, 0.001 to 60. Default: 2.
        ca_bundle: Certificates in PEM that are trusted instead of the system's.
        proxy: The URL of an HTTP proxy. Default: none; the environment is not asked.
        same_origin: Whether `jwks_uri` must have the origin of the issuer. Default: False.
        trusted_hosts: Hosts that may be anywhere, even where their names are learned from
            documents. Default: none but those that are configured.
        danger_http_loopback: Whether http, without TLS, is allowed to loopback addresses. For
            tests only. Default: False.
        clock: A callable that returns seconds since the epoch. Default: the system's clock.
        fetch: A callable that makes a `FetchRequest` and returns a `FetchResponse`, instead of
            the client that is built in. Whatever it raises means that there is no answer, and is
            the `__cause__` of what the calls raise that wait for one.
        events: A callable that is given an `IssuerEvent`. Default: events go to the logger
            `at9068`, keys that were refreshed as INFO, everything else as WARNING. What it raises
            goes to `sys.unraisablehook`.

    Raises:
        ConfigError: `config_invalid`, naming the option that is unknown or wrong.
        TypeError: An option is of a wrong type.

    """

    def __new__(
        cls,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        **options: Unpack[IssuerCacheOptions],
    ) -> IssuerCache: ...
    @staticmethod
    def from_json(
        text: str,
        /,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
    ) -> IssuerCache:
        """Read the same options from JSON text, as every language has them.

        Raises:
            ConfigError: `config_invalid`, naming the member that is unknown or wrong.

        """

    def status(self) -> Status:
        """Tell of every issuer where its keys are in their life."""

    def snapshot(self) -> str:
        """Give the keys at hand as text, so that a process that starts in an outage can restore them.

        It holds public keys only; whoever can change it chooses whom the API trusts.
        """

    def restore(self, text: str, /) -> None:
        """Take keys from a snapshot, for issuers that have none yet.

        They age from when they were fetched: what is stale is tried to be refreshed first, what
        has expired is of no use.

        Raises:
            ConfigError: `argument_invalid` where the text is no snapshot; nothing is taken then.

        """

@disjoint_base
class Signed:
    """The claims and the header of a token: what tokens of every kind have in common."""

    @property
    def claims(self) -> dict[str, Any]:
        """All claims. Read when first asked for, then kept; changing it changes nothing else.

        Integers of more than 4300 digits are read as floats; `claims_json` has them exactly.
        """

    @property
    def claims_json(self) -> str:
        """The claims, as the text that was signed."""

    @property
    def header(self) -> dict[str, Any]:
        """The header; empty where nothing was verified here. Read when first asked for, then kept."""

    @property
    def header_json(self) -> str:
        """The header, as the text that was signed."""

@final
class AccessToken(Signed):
    """The claims of a token that a `Validator` found good. Nothing else makes one.

    Where `origin` is `introspection`, the claims are those of the issuer's answer, and what it does
    not say is empty, or 0. Times are seconds since the epoch, rounded down. What shows an object as
    text shows nothing of the token. Claims whose types the validation does not judge (`roles`,
    `groups`, `entitlements`, `authorization_details`) are judged when asked for.
    """

    @property
    def profile(self) -> ProfileName | None:
        """The profile that the token follows; none where it is its issuer alone that vouches for it."""

    @property
    def origin(self) -> Origin:
        """Who vouches for the token.

        `local`: the key that signed it, as verified here. `introspection`: its issuer, who was
        asked. `local_and_introspection`: both.
        """

    @property
    def would_break(self) -> tuple[ErrorCode, ...]:
        """The codes under which the token will be refused once the validator's migration ends.

        Empty unless the token follows the profile that is migrated from.
        """

    @property
    def iss(self) -> str:
        """`iss`: who issued the token (RFC 7519 §4.1.1)."""

    @property
    def issuer(self) -> str:
        """The same as `iss`."""

    @property
    def sub(self) -> str:
        """`sub`: whom the token speaks of, a user or the client itself (RFC 9068 §2.2)."""

    @property
    def aud(self) -> tuple[str, ...]:
        """`aud`: for whom the token is meant, always as several; none where the profile has none."""

    @property
    def client_id(self) -> str:
        """The client that the token was issued to: `client_id`, or what the profile calls it."""

    @property
    def exp(self) -> int:
        """`exp`: when the token expires."""

    @property
    def iat(self) -> int:
        """`iat`: when the token was issued."""

    @property
    def nbf(self) -> int | None:
        """`nbf`: when the token becomes valid."""

    @property
    def jti(self) -> str | None:
        """`jti`: the token's identifier (RFC 7519 §4.1.7)."""

    @property
    def scope(self) -> str | None:
        """`scope` as it was written (RFC 8693 §4.2)."""

    @property
    def scopes(self) -> frozenset[str]:
        """The members of `scope`; empty where the token has none."""

    @property
    def permissions(self) -> tuple[str, ...] | None:
        """`permissions`, where the token has them."""

    @property
    def roles(self) -> list[str | dict[str, Any]] | None:
        """`roles`: strings or SCIM values (RFC 9068 §2.2.3.1).

        Raises:
            TokenError: `claim_malformed` where they are not.

        """

    @property
    def groups(self) -> list[str | dict[str, Any]] | None:
        """`groups`: strings or SCIM values (RFC 9068 §2.2.3.1).

        Raises:
            TokenError: `claim_malformed` where they are not.

        """

    @property
    def entitlements(self) -> list[str | dict[str, Any]] | None:
        """`entitlements`: strings or SCIM values (RFC 9068 §2.2.3.1).

        Raises:
            TokenError: `claim_malformed` where they are not.

        """

    @property
    def auth_time(self) -> int | None:
        """`auth_time`: when the user authenticated (RFC 9068 §2.2.1)."""

    @property
    def acr(self) -> str | None:
        """`acr`: the context in which the user authenticated (RFC 9068 §2.2.1)."""

    @property
    def amr(self) -> tuple[str, ...] | None:
        """`amr`: the methods by which the user authenticated (RFC 9068 §2.2.1)."""

    @property
    def org_id(self) -> str | None:
        """`org_id`: the organization that the user acts for."""

    @property
    def org_name(self) -> str | None:
        """`org_name`: the name of that organization."""

    @property
    def authorization_details(self) -> list[dict[str, Any]] | None:
        """`authorization_details`: objects that each have a `type` (RFC 9396 §2).

        What a type means is left to the caller.

        Raises:
            TokenError: `claim_malformed` where they are not.

        """

    @property
    def cnf(self) -> dict[str, Any] | None:
        """`cnf`: what the token is bound to; checked by the validation (RFC 7800 §3.1)."""

    @property
    def act(self) -> dict[str, Any] | None:
        """`act`: who acts for the subject (RFC 8693 §4.1)."""

    @property
    def gty(self) -> tuple[str, ...] | None:
        """`gty`: the grants by which the token came about.

        Raises:
            TokenError: `claim_malformed` where it is neither a string nor an array of strings.

        """

    def claim_json(self, name: str, /) -> str | None:
        """Give the JSON text of any claim, exactly as it was signed."""

    def require(self, demands: Require, /, *, now: float | None = None) -> None:
        """Ask again whether the token is enough, for an endpoint that demands more.

        Does not ask again whether the token has expired.

        Args:
            demands: What the endpoint demands (RFC 6750 §3.1, RFC 9470 §3).
            now: The time for `max_age`, in seconds since the epoch. Default: the validator's clock.

        Raises:
            DemandError: `authentication_insufficient`, `scope_insufficient` or
                `permission_insufficient`, in that order.
            TokenError: `claim_malformed` for roles, groups or entitlements that are no such.
            ConfigError: `argument_invalid`: an argument is not valid.
            TypeError: An argument is of a wrong type.

        """

@final
class Explanation:
    """A verdict, and how it came about. Only `Validator.explain` makes one.

    Immutable; may be shared between threads. What shows it as text shows nothing of the token.
    """

    @property
    def token(self) -> AccessToken | None:
        """The token, where it is good."""

    @property
    def error(self) -> At9068Error | None:
        """What `validate` would have raised, where the token is refused; the same object each time."""

    @property
    def trace(self) -> tuple[Step, ...]:
        """Every rule in the order in which they are asked; at the end those that were not reached.

        Read when first asked for, then kept.
        """

    @property
    def trace_json(self) -> str:
        """The trace as a JSON array, equal in every language."""

@final
class IdTokenValidator(KeyFetcher):
    """Decides whether a token is a good ID token for this client, and of this login.

    As OpenID Connect Core §3.1.3.7 says, for one provider. Keys that are not given are fetched when
    they are first needed, and kept as `IssuerCache` says. Immutable; may be shared between threads,
    and used after a fork. Errors are those of access tokens, without an answer over HTTP: a client
    that refuses an ID token has nobody to answer.

    Args:
        issuer: The issuer identifier, compared to the letter.
        client_id: The client's own identifier, which `aud` must contain.
        jwks: The issuer's keys, fixed: a `KeySet`, or a JWK set as a mapping.
        jwks_uri: Where the issuer's keys are fetched from. Without keys and without this, its
            metadata tells.
        discovery: Which metadata is asked then: `oauth` (RFC 8414), `openid` (OpenID Connect
            Discovery), or `auto`, the default: both, which must agree where both are there.
        key_thumbprints: RFC 7638 thumbprints of the only keys of the issuer that count. Default:
            all count.
        issuer_cache: An `IssuerCache` to share, also with a `Validator`, or the options of one as a
            mapping. Default: a cache of its own with all defaults.
        algorithms: The algorithms accepted. Default: every asymmetric one; HMAC only where it
            is listed here.
        trusted_audiences: Audiences that may stand beside the client; a token with any other is
            refused. Default: none.
        leeway_seconds: Seconds by which clocks may differ, 0 to 300. Default: 30.
        max_lifetime_seconds: The longest time from `iat` to `exp`. Default: none.
        max_token_bytes: The largest token that is looked at, 1 to 65536. Default: 16384.
        danger_any_nonce: Whether a token with a `nonce` is accepted where none is expected, so that
            one that was issued for another login is accepted too. Default: False.
        clock: A callable that returns seconds since the epoch. Default: the system's clock. If
            it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
        fetch: A callable that makes requests for documents of issuers, as `IssuerCache` has it.
            Not beside an `IssuerCache`, which has its own.
        events: A callable that hears of what happens to keys, as `IssuerCache` has it. Not beside
            an `IssuerCache`, which has its own.

    Raises:
        ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
        TypeError: An option is of a type that is neither JSON nor a key.

    """

    def __new__(
        cls,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        issuer_cache: IssuerCache | IssuerCacheOptions | None = None,
        **options: Unpack[IdTokenValidatorOptions],
    ) -> IdTokenValidator: ...
    @staticmethod
    def from_json(
        text: str,
        /,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        issuer_cache: IssuerCache | None = None,
    ) -> IdTokenValidator:
        """Read the same options from JSON text, as every language has them.

        Raises:
            ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.

        """

    def validate(
        self, token: str | bytes | bytearray, /, *, checks: IdTokenChecks | str | None = None, now: float | None = None
    ) -> IdToken:
        """Validate an ID token.

        Checks, and stops at the first that fails: size and shape; header; `iss`; type, which is
        `JWT` or absent; algorithm; key; signature. Then, of an authentic token: the types of its
        claims; its kind; required claims; that `aud` holds the client and nobody who is not
        trusted; `azp`; `exp`, `nbf`, `iat` and lifetime; `nonce`; `auth_time` and `acr`; `at_hash`,
        `c_hash` and `s_hash`. Other threads run meanwhile.

        Waits only where keys must be fetched; Ctrl-C ends that. In an event loop use
        `validate_async`, which never blocks.

        It does not check whether the token comes for the second time: drop the nonce from the
        session with the first. Nor whether the user is who was expected, or the one of the token
        before a refresh: compare `sub`.

        Args:
            token: The token, as text or octets.
            checks: What this login expects, as a mapping or JSON text. Default: nothing; a token
                with a `nonce` is then refused, since nobody here asked for it.
            now: The time to judge by, in seconds since the epoch, with a fraction where it
                matters. Default: the clock's.

        Raises:
            TokenError: The token is refused.
            KeySetError: The token names a key that is unusable.
            DemandError: `authentication_insufficient`.
            UndecidedError: `keys_unavailable` or `metadata_invalid`: the issuer's keys cannot be
                had; try again after `retry_after` seconds.
            ConfigError: `argument_invalid`: an argument is not valid, or a check is empty.
            TypeError: An argument is of a wrong type.

        """

    def validate_async(
        self, token: str | bytes | bytearray, /, *, checks: IdTokenChecks | str | None = None, now: float | None = None
    ) -> Coroutine[Any, Any, IdToken]:
        """Validate an ID token without blocking the event loop.

        As `validate`; where keys must be fetched, the loop goes on meanwhile. Tasks that wait for
        the same keys share one fetch, and a task that is cancelled takes it from nobody.
        """

    def validate_at_hand(
        self, token: str | bytes | bytearray, /, *, checks: IdTokenChecks | str | None = None, now: float | None = None
    ) -> IdToken:
        """Validate an ID token with the keys at hand, without waiting for any.

        As `validate`; where other keys are wanted, they are fetched for later calls. Keys whose
        time is over are used while none others can be had, for `max_stale_seconds` at most.
        """

    @property
    def skipped_keys(self) -> tuple[SkippedKey, ...]:
        """Entries of the configured key set that cannot be used."""

@final
class IdToken(Signed):
    """The claims of an ID token that an `IdTokenValidator` found good. Nothing else makes one.

    It is never an access token: it says who logged in, not what may be done. Times are seconds
    since the epoch, rounded down. What shows an object as text shows nothing of the token. Of the
    user's claims, which `claims` holds, nothing was judged.
    """

    @property
    def iss(self) -> str:
        """`iss`: who issued the token."""

    @property
    def sub(self) -> str:
        """`sub`: who logged in. Unique together with the issuer only."""

    @property
    def aud(self) -> tuple[str, ...]:
        """`aud`: for whom the token is meant, always as several; the client is one of them."""

    @property
    def azp(self) -> str | None:
        """`azp`: the client that the token was issued to, where the token says it."""

    @property
    def exp(self) -> int:
        """`exp`: until when the token may be accepted. It does not end the user's session."""

    @property
    def iat(self) -> int:
        """`iat`: when the token was issued."""

    @property
    def nbf(self) -> int | None:
        """`nbf`: when the token becomes valid."""

    @property
    def auth_time(self) -> int | None:
        """`auth_time`: when the user authenticated."""

    @property
    def nonce(self) -> str | None:
        """`nonce`: that of the request."""

    @property
    def acr(self) -> str | None:
        """`acr`: the context in which the user authenticated."""

    @property
    def amr(self) -> tuple[str, ...] | None:
        """`amr`: the methods by which the user authenticated."""

    @property
    def sid(self) -> str | None:
        """`sid`: the session at the issuer, by which logout tokens name it."""

    @property
    def at_hash(self) -> str | None:
        """`at_hash`: half of the hash of the access token."""

    @property
    def c_hash(self) -> str | None:
        """`c_hash`: half of the hash of the authorization code."""

    @property
    def s_hash(self) -> str | None:
        """`s_hash`: half of the hash of the request's state."""

    def claim_json(self, name: str, /) -> str | None:
        """Give the JSON text of any claim, exactly as it was signed."""

@final
class Minter:
    """Turns what an authorization server grants into access tokens, and logins into ID tokens.

    Access tokens follow RFC 9068 §2 and §3, ID tokens OpenID Connect Core §2. Immutable; may be shared between threads.

    Args:
        issuer: The issuer identifier.
        keys: The signing keys: a `SigningKey`, or a JWK set as a mapping whose entries are
            private JWKs or `SigningKey`s. The first usable one signs.
        apis: The APIs that tokens are minted for, as mappings: `audience` and `dialect`, and
            where it matters `algorithm`, `scopes`, `lifetime_seconds`. See `ApiOptions`.
        default_audience: The API of requests that name none and whose scopes point at none.
            Default: none, such requests are refused.
        userinfo_audience: Added to the audience where a user granted `openid`. Default: none.
        client_subject_suffix: What follows the client's identifier in the subject of its own
            tokens; never empty. Default: `@clients`.
        id_tokens: How ID tokens are minted: a mapping that may have `algorithm` (default: that
            which the first usable key has among the APIs, else the key's own) and
            `lifetime_seconds` (default: 3600).
        clock: A callable that returns seconds since the epoch. Default: the system's clock. If
            it fails, so does the call that asked, as `internal` with the failure as `__cause__`.

    Raises:
        ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
        TypeError: An option is of a type that is neither JSON nor a key.

    """

    def __new__(cls, *, clock: Clock | None = None, **options: Unpack[MinterOptions]) -> Minter: ...
    @staticmethod
    def from_json(text: str, /, *, clock: Clock | None = None) -> Minter:
        """Read the same options from JSON text, as every language has them.

        Raises:
            ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.

        """

    @overload
    def mint(self, request: MintRequest, /, *, now: float | None = None) -> MintedToken:
        """Mint an access token for a grant. Other threads run meanwhile.

        The request is one mapping, or its fields as keywords: `grant_type` and `client_id`, and
        whatever of the following is known. What the API's dialect does not carry is left out.

        `subject`: the resource owner's identifier. `resource`: absolute URIs (RFC 8707 §2).
        `audience`: APIs by logical name. `scope`: what was granted, not what was asked for.
        `auth_time`, `acr`, `amr`: how the user authenticated. `permissions`; `roles`, `groups`,
        `entitlements` (strings or SCIM values); `org_id`, `org_name`; `authorization_details`
        (RFC 9396 §2); `cnf`; `act`. `claims`: custom claims, none of whose names is one of the
        profiles'. `jti`: the token's identifier, instead of a random one of 128 bits.

        It does not decide whether the client may have the grant, the resource or the scope: that
        was granted before.

        Args:
            request: The request as a mapping.
            now: The time of issue, in seconds since the epoch. Default: the clock's.
            **fields: The fields of the request, instead of a mapping.

        Raises:
            MintError: `invalid_target`, `invalid_scope` and `grant_ambiguous`, with what a token
                endpoint answers; `claim_reserved`; `subject_collision`; `signing_failed`.
            ConfigError: `argument_invalid`, with the claim concerned.
            TypeError: A request and keywords are both given, or one is of a wrong type.

        """

    @overload
    def mint(
        self, request: None = None, /, *, now: float | None = None, **fields: Unpack[MintRequest]
    ) -> MintedToken: ...
    def mint_json(self, request_text: str, /, *, now: float | None = None) -> MintedToken:
        """Mint from a request in JSON text, whose structured values keep their text.

        Args:
            request_text: The request, as `mint` has it.
            now: The time of issue, in seconds since the epoch. Default: the clock's.

        Raises:
            MintError: As for `mint`.
            ConfigError: `argument_invalid`, naming the member that is unknown or wrong.

        """

    def mint_many(
        self, requests: Iterable[MintRequest], /, *, now: float | None = None
    ) -> list[MintedToken | At9068Error]:
        """Mint many access tokens at once.

        Each as `mint` does; a request that is refused changes nothing for the others. The work is
        spread over as many threads as there are processors, which are kept; other threads of Python
        run meanwhile.

        Args:
            requests: The requests as mappings, from any iterable.
            now: The time of issue of all of them, in seconds since the epoch. Default: the clock's.

        Returns:
            For each request, in their order, what `mint` would return, or the error that it would
            raise. An empty list where there are none.

        Raises:
            TypeError: An argument is of a wrong type; a request's place is named.

        """

    @overload
    def mint_id_token(self, request: IdTokenRequest, /, *, now: float | None = None) -> MintedToken:
        """Mint an ID token for a user who logged in (OpenID Connect Core §2). Other threads run meanwhile.

        The request is one mapping, or its fields as keywords: `client_id` and `subject`, and
        whatever of the following is known.

        `audience`: others that the token is for besides the client. `nonce`: that of the client's
        request, unchanged. `auth_time`, `acr`, `amr`: how the user authenticated. `sid`: the user's
        session. `access_token`, `code`, `state`: what goes out with the token, of which `at_hash`,
        `c_hash` and `s_hash` are made. `claims`: those of the user and others, none by a name that
        the token owns.

        It does not decide whether the user logged in, or what the client may know of them.

        Args:
            request: The request as a mapping.
            now: The time of issue, in seconds since the epoch. Default: the clock's.
            **fields: The fields of the request, instead of a mapping.

        Raises:
            MintError: `claim_reserved`; `subject_collision`; `signing_failed`.
            ConfigError: `argument_invalid`, with the claim concerned.
            TypeError: A request and keywords are both given, or one is of a wrong type.

        """

    @overload
    def mint_id_token(
        self, request: None = None, /, *, now: float | None = None, **fields: Unpack[IdTokenRequest]
    ) -> MintedToken: ...
    def mint_id_token_json(self, request_text: str, /, *, now: float | None = None) -> MintedToken:
        """Mint an ID token from a request in JSON text, whose structured values keep their text.

        Args:
            request_text: The request, as `mint_id_token` has it.
            now: The time of issue, in seconds since the epoch. Default: the clock's.

        Raises:
            MintError: As for `mint_id_token`.
            ConfigError: `argument_invalid`, naming the member that is unknown or wrong.

        """

    def mint_introspection_response(
        self, token: AccessToken | None, /, audience: str, *, now: float | None = None
    ) -> MintedToken:
        """Sign the answer of an introspection endpoint about a token (RFC 9701 §5).

        What `introspection_response` tells, for the resource server that asks. It is signed as ID
        tokens are, and does not expire. Other threads run meanwhile.

        Args:
            token: The token, or None for every token that was refused.
            audience: The resource server, by the `client_id` that it asks with.
            now: The time of issue, in seconds since the epoch. Default: the clock's.

        Raises:
            MintError: `signing_failed`.
            ConfigError: `argument_invalid`: an argument is not valid, or the answer is larger than
                anybody takes.
            TypeError: An argument is of a wrong type.

        """

    @property
    def skipped_keys(self) -> tuple[SkippedKey, ...]:
        """Entries of the configured keys that cannot sign."""

@final
class MintedToken(Signed):
    """A token that was minted. What shows it as text shows nothing of it."""

    @property
    def token(self) -> str:
        """The token in compact serialization."""

    @property
    def expires_in(self) -> int:
        """Seconds until the token expires, as a token response has it (RFC 6749 §5.1)."""

@final
class ClientAssertionMinter:
    """Makes the assertions by which a client authenticates at one authorization server (RFC 7523 §2.2).

    With `keys` it authenticates by `private_key_jwt`, with `client_secret` by `client_secret_jwt`
    (OpenID Connect Core §9). Immutable; may be shared between threads.

    Args:
        client_id: The client's identifier, which is issuer and subject of its assertions.
        audience: The issuer identifier of the authorization server, which alone the assertions are
            meant for.
        keys: The client's signing keys: a `SigningKey`, or a JWK set as a mapping whose entries are
            private JWKs or `SigningKey`s. The first that serves the algorithm signs.
        client_secret: The client's secret instead, at least as long as its hash (RFC 7518 §3.2).
        algorithm: The algorithm that assertions are signed with. Default: that of the first usable
            key; HS256 for a secret.
        lifetime_seconds: The time from `iat` to `exp`, 1 to 300. Default: 60.
        clock: A callable that returns seconds since the epoch. Default: the system's clock. If
            it fails, so does the call that asked, as `internal` with the failure as `__cause__`.

    Raises:
        ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
        TypeError: An option is of a type that is neither JSON nor a key.

    """

    def __new__(
        cls, *, clock: Clock | None = None, **options: Unpack[ClientAssertionMinterOptions]
    ) -> ClientAssertionMinter: ...
    @staticmethod
    def from_json(text: str, /, *, clock: Clock | None = None) -> ClientAssertionMinter:
        """Read the same options from JSON text, as every language has them.

        Raises:
            ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.

        """

    @overload
    def mint(self, request: ClientAssertionRequest, /, *, now: float | None = None) -> MintedToken:
        """Make an assertion, for one request. Other threads run meanwhile.

        The request is one mapping, or its fields as keywords. `jti`: the assertion's identifier,
        instead of a random one of 128 bits; it must never have been used before.

        Args:
            request: The request as a mapping.
            now: The time of issue, in seconds since the epoch. Default: the clock's.
            **fields: The fields of the request, instead of a mapping.

        Raises:
            MintError: `signing_failed`.
            ConfigError: `argument_invalid`, with the claim concerned.
            TypeError: A request and keywords are both given, or one is of a wrong type.

        """

    @overload
    def mint(
        self, request: None = None, /, *, now: float | None = None, **fields: Unpack[ClientAssertionRequest]
    ) -> MintedToken: ...
    def mint_json(self, request_text: str, /, *, now: float | None = None) -> MintedToken:
        """Make an assertion from a request in JSON text.

        Args:
            request_text: The request, as `mint` has it.
            now: The time of issue, in seconds since the epoch. Default: the clock's.

        Raises:
            MintError: As for `mint`.
            ConfigError: `argument_invalid`, naming the member that is unknown or wrong.

        """

    @property
    def skipped_keys(self) -> tuple[SkippedKey, ...]:
        """Entries of the configured keys that cannot sign."""

@final
class ClientAssertionValidator(KeyFetcher):
    """Decides whether a client is who it says, by the assertion that it sends (RFC 7523 §3).

    For an authorization server, whose endpoints are sent it as `client_assertion` (RFC 7521 §4.2).
    Each assertion is accepted once. Immutable but for what was used; may be shared between threads,
    and used after a fork. Who makes a new one, because clients have changed, gives both the same
    `replay_store` and the same `issuer_cache`.

    Args:
        issuer: The issuer identifier of this authorization server, which must be the one audience
            of an assertion.
        clients: The clients, as mappings: `client_id`, and exactly one of `jwks`, `jwks_uri` and
            `client_secret`; where it matters `algorithms` and `key_thumbprints`. See
            `ClientOptions`.
        danger_token_endpoint_audience: URLs of this server that are accepted as the one audience as
            well. A client that can be made to send an assertion to another server that names them
            as its own can be impersonated here. Default: none.
        danger_jwt_type: Whether the type `JWT` is accepted too, which says nothing about what a
            token is for. Default: False.
        leeway_seconds: Seconds by which clocks may differ, 0 to 300. Default: 30.
        max_lifetime_seconds: The longest time from now to `exp`, to which the leeway is added, and
            from `iat` to `exp`, to which it is not. Default: 300.
        max_token_bytes: The largest assertion that is looked at, 1 to 65536. Default: 16384.
        issuer_cache: An `IssuerCache` to share, or the options of one as a mapping. Default: a
            cache of its own with all defaults.
        replay_store: A `ReplayStore`, which remembers the assertions that were used. Default: a
            `MemoryReplayStore` of its own, which is enough only where one process is all there is.
            If it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
        clock: A callable that returns seconds since the epoch. Default: the system's clock. If
            it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
        fetch: A callable that makes requests for clients' keys, as `IssuerCache` has it.
            Not beside an `IssuerCache`, which has its own.
        events: A callable that hears of what happens to keys, as `IssuerCache` has it. Not beside
            an `IssuerCache`, which has its own.

    Raises:
        ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
        TypeError: An option is of a type that is neither JSON nor a key.

    """

    def __new__(
        cls,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        replay_store: ReplayStore | None = None,
        issuer_cache: IssuerCache | IssuerCacheOptions | None = None,
        **options: Unpack[ClientAssertionValidatorOptions],
    ) -> ClientAssertionValidator: ...
    @staticmethod
    def from_json(
        text: str,
        /,
        *,
        clock: Clock | None = None,
        fetch: Fetch | None = None,
        events: Events | None = None,
        replay_store: ReplayStore | None = None,
        issuer_cache: IssuerCache | None = None,
    ) -> ClientAssertionValidator:
        """Read the same options from JSON text, as every language has them.

        Raises:
            ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.

        """

    def validate(
        self, token: str | bytes | bytearray, /, *, client_id: str | None = None, now: float | None = None
    ) -> ClientAssertion:
        """Validate an assertion, once: a second time it is `token_replayed`.

        Checks, and stops at the first that fails: size and shape; header; `iss`, which names the
        client; type; algorithm; key; signature. Then, of an authentic assertion: the types of its
        claims; its kind, where it has no type; required claims; `sub`, which is the client as well;
        `client_id`; `aud`, which is this server and nobody else; `exp`, `nbf`, `iat`, and that
        `exp` is near; and last, that the client has not used its `jti` before. Only an assertion
        that is good in all else is remembered as used. Other threads run meanwhile.

        Waits only where a client's keys must be fetched; Ctrl-C ends that. In an event loop use
        `validate_async`, which never blocks.

        It does not look at the request: that `client_assertion_type` is
        `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, and that the client authenticates
        in no other way at the same time (RFC 6749 §2.3). Nor does it decide what the client may do.

        Args:
            token: The assertion, as text or octets.
            client_id: The parameter `client_id` that was sent beside it, which must name the same
                client (RFC 7521 §4.2). Default: none was sent.
            now: The time to judge by, in seconds since the epoch, with a fraction where it
                matters. Default: the clock's.

        Raises:
            TokenError: The assertion is refused, as `invalid_client` (RFC 6749 §5.2).
            KeySetError: The assertion names a key that is unusable.
            UndecidedError: `keys_unavailable`: the client's keys cannot be had; try again after
                `retry_after` seconds.
            ConfigError: `argument_invalid`: an argument is not valid.
            At9068Error: `internal` where the replay store fails.
            TypeError: An argument is of a wrong type.

        """

    def validate_async(
        self, token: str | bytes | bytearray, /, *, client_id: str | None = None, now: float | None = None
    ) -> Coroutine[Any, Any, ClientAssertion]:
        """Validate an assertion without blocking the event loop.

        As `validate`; where keys must be fetched, the loop goes on meanwhile, and a `replay_store`
        that is not in memory is asked on a thread of the loop's executor. Tasks that wait for the
        same keys share one fetch, and a task that is cancelled takes it from nobody; but its
        assertion may have been used.
        """

    def validate_at_hand(
        self, token: str | bytes | bytearray, /, *, client_id: str | None = None, now: float | None = None
    ) -> ClientAssertion:
        """Validate an assertion with the keys at hand, without waiting for any.

        As `validate`; where other keys are wanted, they are fetched for later calls. Keys whose
        time is over are used while none others can be had, for `max_stale_seconds` at most.
        """

    @property
    def skipped_keys(self) -> tuple[tuple[str, SkippedKey], ...]:
        """Entries of the configured key sets that cannot be used, with their clients."""

@final
class ClientAssertion(Signed):
    """The claims of an assertion that a `ClientAssertionValidator` found good: the client is who it says.

    Nothing else makes one. Times are seconds since the epoch, rounded down. What shows an object as
    text shows nothing of the assertion.
    """

    @property
    def client_id(self) -> str:
        """The client, which is `iss` and `sub` at once (RFC 7523 §3)."""

    @property
    def jti(self) -> str:
        """`jti`: the identifier of the assertion, which the client never used before."""

    @property
    def aud(self) -> str:
        """`aud`: the one audience, which is this authorization server."""

    @property
    def exp(self) -> int:
        """`exp`: when the assertion expires."""

    @property
    def iat(self) -> int | None:
        """`iat`: when it was made, where it says so."""

    @property
    def method(self) -> ClientAuthMethod:
        """How the client authenticated, as in `token_endpoint_auth_method` (RFC 7591 §2)."""

@final
class MemoryReplayStore:
    """A `ReplayStore` in the memory of this process: what is used unless another one is given.

    Each process has its own, also a child that `fork` made, which begins with an empty one. A
    service of several processes or machines, where a token can be sent to each of them once, needs
    a store that they share.

    An entry costs some 100 octets and is forgotten when its time is over. A store that is full of
    entries whose time is not over never forgets one: it fails, so that nothing is accepted, until
    there is room again. Its length is the number of entries, those included that have not been
    forgotten yet. May be shared between threads.

    Args:
        capacity: The most entries. A service that is sent `n` tokens per second holds `n` times
            the seconds that each is good, and 60 more. Default: 100000.

    Raises:
        OverflowError: The capacity is negative, or more than can be counted.

    """

    def __new__(cls, *, capacity: int | None = None) -> MemoryReplayStore: ...
    def first_use(self, key: str, until: int, now: int, /) -> bool:
        """Note a use, and tell whether it is the first one of this key.

        Args:
            key: What stands for a token.
            until: When it may be forgotten, in seconds since the epoch.
            now: The time, in seconds since the epoch.

        Raises:
            At9068Error: `internal` where the store is full.

        """

    def __len__(self) -> int: ...

@final
class Revocations:
    """Tokens that are no longer good although they have not expired, known without asking anybody.

    For the validators that are given the list. It takes what the application learns, be it from a
    logout, a security event or an administrator. Its length is the number of entries, those
    included that are over but have not been forgotten yet.

    An entry costs 32 to 64 octets and is forgotten once no token that it concerns can be alive.
    Identifiers are kept as 128 bits of their SHA-256. May be shared between threads, and used
    after a fork, though a child does not see what is revoked in its parent afterwards.

    Args:
        clock: A callable that returns seconds since the epoch, by which entries are forgotten.
            Default: the system's clock.

    """

    def __new__(cls, *, clock: Clock | None = None) -> Revocations: ...
    @overload
    def revoke(self, entry: Revoked, /) -> None:
        """Add an entry. Of two for the same identifier, the later times count.

        The entry is one mapping, or its fields as keywords: `issuer`; the identifier; and `until`,
        when the last of the tokens concerned has expired. The identifier is either the `jti` of one
        token, or a `sub`, `client_id` or `sid` (a session), all of whose tokens are meant that were
        issued before `issued_before`. Times are whole seconds since the epoch.

        Args:
            entry: The entry as a mapping.
            **fields: The fields of the entry, instead of a mapping.

        Raises:
            ConfigError: `argument_invalid`, naming what is unknown or wrong; nothing is added then.
            TypeError: An entry and keywords are both given, or one is of a wrong type.

        """

    @overload
    def revoke(self, entry: None = None, /, **fields: Unpack[Revoked]) -> None: ...
    def revoke_json(self, text: str, /) -> None:
        """Add an entry in JSON text, as every language has it.

        Raises:
            ConfigError: As for `revoke`.

        """

    def sweep(self) -> None:
        """Forget all entries that are over.

        They are also forgotten by and by as others are added; this is for lists to which nothing is
        added for long.
        """

    def snapshot(self) -> str:
        """Give the list as text, from which another process, or this one after a restart, restores it.

        It holds digests, from which identifiers that can be guessed can be confirmed.
        """

    def restore(self, text: str, /) -> None:
        """Add the entries of a snapshot to those that are there.

        Raises:
            ConfigError: `argument_invalid` where the text is no snapshot; nothing is added then.

        """

    def __len__(self) -> int: ...

@final
class KeySet:
    """Keys that verify, each ready for use. Immutable; may be shared between threads.

    Its length is the number of usable keys.
    """

    @staticmethod
    def from_json(jwks: str | Mapping[str, Any], /) -> KeySet:
        """Read a JWK set (RFC 7517 §5), as JSON text or as a mapping.

        An entry that cannot be used is skipped: see `skipped`. Of a private entry only the public
        half is kept; a symmetric entry is kept, and serves only validators that list its
        algorithm. A JWK without `kid` bears its RFC 7638 thumbprint.

        Raises:
            KeySetError: `key_malformed` where it is no JWK set.

        """

    @staticmethod
    def from_pem(
        pem: str | bytes | bytearray, /, *, algorithm: Algorithm | None = None, kid: str | None = None
    ) -> KeySet:
        """Make a set of the one key of a PEM text.

        That is a `PUBLIC KEY`, an `RSA PUBLIC KEY`, a `CERTIFICATE`, or the public half of a
        private key. Of a certificate neither the dates nor the issuer are checked.

        Args:
            pem: The text.
            algorithm: The one algorithm that the key is used with. Default: an RSA key serves
                RS256, others what their kind allows.
            kid: The identifier of the key. Default: its RFC 7638 thumbprint.

        Raises:
            KeySetError: `key_malformed`, `key_unsupported` or `key_too_weak`.
            TokenError: `key_mismatch` where the algorithm does not fit the key.
            ConfigError: `argument_invalid` for an unknown algorithm.

        """

    @staticmethod
    def from_signing_keys(keys: Iterable[SigningKey], /) -> KeySet:
        """Make a set of the public halves of signing keys.

        A symmetric key is its own public half here: such a set is a secret.
        """

    def to_json(self) -> str:
        """Give the public keys as a JWK set. Symmetric keys are left out."""

    @property
    def kids(self) -> tuple[str, ...]:
        """The identifiers of the usable keys."""

    @property
    def skipped(self) -> tuple[SkippedKey, ...]:
        """The entries that cannot be used, and why."""

    def __len__(self) -> int: ...

@final
class SigningKey:
    """A private key, ready to sign. Immutable; may be shared between threads.

    Wiped from memory when the last use of it ends. What shows it as text shows nothing of it.
    """

    @staticmethod
    def generate(algorithm: Algorithm, /, *, bits: int | None = None) -> SigningKey:
        """Generate a key for an asymmetric algorithm, bound to it. Other threads run meanwhile.

        Args:
            algorithm: The algorithm.
            bits: For RSA: 2048, 3072 or 4096. Default: 2048.

        Raises:
            KeySetError: `key_unsupported` for HMAC algorithms, other sizes, and a size for an
                algorithm that is not of RSA.
            ConfigError: `argument_invalid` for an unknown algorithm.

        """

    @staticmethod
    def from_jwk(jwk: str | Mapping[str, Any], /) -> SigningKey:
        """Read a private JWK, or a symmetric one, as JSON text or as a mapping (RFC 7517 §4).

        Raises:
            KeySetError: `key_malformed`, `key_unsupported` or `key_too_weak`.
            TokenError: `key_mismatch` where `alg`, `use` or `key_ops` do not permit signing.

        """

    @staticmethod
    def from_pem(
        pem: str | bytes | bytearray, /, *, algorithm: Algorithm | None = None, kid: str | None = None
    ) -> SigningKey:
        """Read a PEM text: PKCS#8, PKCS#1 or SEC1, not encrypted.

        Args:
            pem: The text.
            algorithm: The one algorithm that the key is used with. Default: RS256 for an RSA
                key, for others that of their kind.
            kid: The identifier of the key. Default: its RFC 7638 thumbprint.

        Raises:
            KeySetError: `key_malformed`, `key_unsupported` (encrypted keys among others) or
                `key_too_weak`.
            TokenError: `key_mismatch` where the algorithm does not fit the key.
            ConfigError: `argument_invalid` for an unknown algorithm.

        """

    @property
    def kid(self) -> str | None:
        """The identifier. A symmetric key has only the one that it was given."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the key is bound to, or else the usual one of its kind."""

    @property
    def thumbprint(self) -> str | None:
        """The RFC 7638 thumbprint; none for a symmetric key."""

    def public_jwk(self) -> str | None:
        """Give the public half as the JSON text of a JWK; none for a symmetric key."""

    def public_pem(self) -> str | None:
        """Give the public half as PEM (SPKI); none for a symmetric key."""

    def to_jwk(self) -> str:
        """Give the whole key as the JSON text of a JWK. The text is a secret."""

    def to_pem(self) -> str:
        """Give the whole key as PEM (PKCS#8). The text is a secret.

        Raises:
            KeySetError: `key_unsupported` for a symmetric key.

        """

    def key_set(self) -> KeySet:
        """Make a set of this key's public half, for a `Validator`."""

def thumbprint(jwk: str | Mapping[str, Any], /) -> str:
    """Give the RFC 7638 thumbprint (SHA-256, base64url) of a JWK.

    Args:
        jwk: The key, public, private or symmetric, as JSON text or as a mapping.

    Raises:
        KeySetError: `key_malformed`, `key_unsupported` or `key_too_weak`.

    """

def verify_jws(
    token: str | bytes | bytearray, /, keys: KeySet | Mapping[str, Any] | str, algorithms: Iterable[Algorithm]
) -> bytes:
    """Verify a JWS in compact serialization and give its payload (RFC 7515 §5.2).

    For JWTs and other content that is no access token; an access token is a `Validator`'s to
    judge. Checks size (64 KiB at most), shape, canonical base64url, the header with `crit`, the
    algorithm against the list, the choice of the key and the signature. Other threads run
    meanwhile.

    It does not look at the payload, at `typ` or at any claim: neither at who issued it, nor for
    whom, nor until when.

    Args:
        token: The JWS, as text or octets.
        keys: The keys of whoever signed: a `KeySet`, or a JWK set as a mapping or JSON text.
        algorithms: The algorithms accepted, at least one; HMAC only where it is listed here.

    Raises:
        TokenError: `token_too_large`, `token_malformed`, `decryption_failed`,
            `critical_header_unsupported`, `algorithm_not_allowed`, `key_not_found`,
            `key_mismatch`, `key_ambiguous`, `signature_invalid`.
        KeySetError: `key_malformed` where the keys are no JWK set; or what is wrong with the key
            that the JWS names.
        ConfigError: `argument_invalid` for no algorithm, or one that is unknown.
        TypeError: An argument is of a wrong type.

    """

def certificate_sha256(certificate: str | bytes | bytearray, /) -> str:
    """Give the SHA-256 of a certificate's DER in base64url, as `x5t#S256` has it (RFC 8705 §3.1).

    The certificate is not validated.

    Args:
        certificate: The DER, or a PEM text with one certificate.

    Raises:
        ConfigError: `argument_invalid` where it is no X.509 certificate.

    """

def introspection_response(token: AccessToken | None, /) -> str:
    """Give the answer of an introspection endpoint about a token, as JSON text (RFC 7662 §2.2).

    For a token that a validator found good: `active`, which is true, and the token's claims, with
    `exp`, `iat` and `nbf` in whole seconds, and with `client_id`, `scope` and `token_type` whatever
    the token's profile calls them. For every token that was refused, whatever the reason, it is
    given None, and the answer is `{"active":false}` and nothing else. Where no verdict could be
    reached, there is no answer: the endpoint sends the error's status instead.

    It does not decide who may ask (RFC 7662 §2.1), nor what of a token they may see (§5): whoever
    should not learn of a token is answered as if there were none.

    Args:
        token: The token, or None.

    """

def error_codes() -> tuple[ErrorCodeInfo, ...]:
    """Give every error code of this version, in order of number."""

@final
class Call:
    """A call that an event loop carries out."""

    @property
    def blocks(self) -> bool:
        """Whether its steps may block, so that they are no loop's to make."""

    def step(self, before: Waiting | None, /) -> Any:
        """Go on, after what was waited for last: gives what the call gives, or what to wait for."""

@final
class Waiting:
    """Keys, or an answer of an issuer, that a call waits for."""

    def begin(self, wake: Callable[[], object], /) -> float:
        """Begin to wait: `wake` is called from any thread when there is something to go on with.

        Gives for how many seconds to wait at the longest.
        """
