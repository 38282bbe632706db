"""Types of options and arguments, for annotations; plain dictionaries at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

from at9068._at9068 import KeySet, SigningKey
from at9068._errors import ErrorCode, publish

# Unions of literals, as in ``_errors``.
Algorithm: TypeAlias = (
    Literal["RS256", "RS384", "RS512"]
    | Literal["PS256", "PS384", "PS512"]
    | Literal["ES256", "ES384", "ES512"]
    | Literal["EdDSA", "Ed25519"]
    | Literal["HS256", "HS384", "HS512"]
)
"""A signature algorithm by its name in ``alg``."""

ProfileName: TypeAlias = (
    Literal["rfc9068", "auth0"] | Literal["keycloak", "okta", "entra"] | Literal["danger_cognito_no_audience"]
)
"""A profile of access tokens."""

Origin: TypeAlias = Literal["local"] | Literal["introspection"] | Literal["local_and_introspection"]
"""Who vouches for an access token: the key that signed it, its issuer who was asked, or both."""

Strategy: TypeAlias = Literal["local"] | Literal["introspection"] | Literal["local_then_introspection"]
"""How the tokens of an issuer are judged: here, by asking it, or both."""

DialectName: TypeAlias = (
    Literal["rfc9068_profile", "rfc9068_profile_authz"] | Literal["access_token", "access_token_authz"]
)
"""The form of an API's tokens: a profile, with or without ``permissions``."""

ClientAuthMethod: TypeAlias = Literal["private_key_jwt"] | Literal["client_secret_jwt"]
"""How a client authenticated, by the names of OpenID Connect Core §9."""

Clock: TypeAlias = Callable[[], float]
"""Tells the time in seconds since the epoch."""

KeySetLike: TypeAlias = KeySet | SigningKey | Mapping[str, Any]
"""A key set: a handle, or a JWK set whose entries may be signing keys (their public half)."""

DiscoveryMode: TypeAlias = Literal["auto"] | Literal["oauth"] | Literal["openid"]
"""Which of an issuer's metadata documents are asked (RFC 8414, OpenID Connect Discovery)."""

SigningKeys: TypeAlias = SigningKey | Mapping[str, Any]
"""Keys that sign: a handle, or a JWK set of private JWKs or handles."""


@dataclass(frozen=True)
class SkippedKey:
    """An entry of a key set that cannot be used, and why."""

    index: int
    """The entry's place in the set, from 0."""
    kid: str | None
    """Its identifier, where it has one."""
    code: ErrorCode
    """``key_malformed``, ``key_unsupported``, ``key_too_weak``, or ``key_mismatch``."""


Outcome: TypeAlias = Literal["pass"] | Literal["fail"] | Literal["not_reached"]
"""How a rule was met. It is not reached where an earlier failure left nothing to ask it of."""


@dataclass(frozen=True)
class Step:
    """One line of an :class:`Explanation`: a rule, and how the token met it."""

    rule: str
    """The identifier of the rule in the register of rules."""
    section: str
    """The document and section that the rule comes from."""
    outcome: Outcome
    """How the rule was met."""
    claim: str | None
    """The claim that the rule speaks of, where it is one."""
    expected: str
    """What the rule wants, in words."""
    found: str | None
    """The kind of value that broke the rule, such as ``string`` or ``absent``; never the value."""
    code: ErrorCode | None
    """The code of the failure."""


@dataclass(frozen=True)
class MigrationReport:
    """How far the tokens of one issuer have moved from one profile to another.

    Counts the tokens that one validator accepted since it was made.
    """

    issuer: str
    """The issuer."""
    from_: ProfileName
    """The profile that tokens come from, ``migrate_from``."""
    to: ProfileName
    """The profile that they move to."""
    migrated: int
    """Accepted tokens that follow ``to``."""
    remaining: int
    """Accepted tokens that follow ``from_``, which will be refused once the migration ends."""
    codes: Mapping[ErrorCode, int]
    """Under how many of ``remaining`` each code arose; a token counts once under each of its codes."""


@dataclass(frozen=True)
class FetchRequest:
    """A request to an issuer that is wanted: for a document, or about a token.

    Whoever makes it follows no redirect, sends nothing but ``headers`` and ``body``, gives up after
    ``timeout_seconds`` and reads no more than ``max_body_bytes``. What shows it as text shows nothing
    of what is sent.
    """

    url: str
    """An absolute URL, https but where http to loopback was allowed."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """Header fields to send. They may hold the credentials of this server."""
    timeout_seconds: float
    """How long the whole exchange may take."""
    connect_timeout_seconds: float
    """How long it may take to be connected."""
    max_body_bytes: int
    """The longest body that is read; a longer one is no answer."""
    trusted_host: bool
    """Whether the operator vouches for the host. Another one was learned from a document: it must
    not lead into the network of this server, so every address must be a public one."""
    method: Literal["GET"] | Literal["POST"]
    """``POST`` where there is a body."""
    body: bytes | None = field(repr=False)
    """What to post. It may hold a token and the credentials of this server."""


@dataclass(frozen=True)
class FetchResponse:
    """What came back, of whatever status."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    """Header fields."""
    body: bytes = field(default=b"", repr=False)
    """The body, as it was sent."""


publish(SkippedKey, Step, MigrationReport, FetchRequest, FetchResponse)

Fetch: TypeAlias = Callable[[FetchRequest], FetchResponse]
"""Makes a request to an issuer, and waits for the answer.

Called on a thread of its own. To raise ``TimeoutError`` means that it took too long; anything else
means that nobody answers.
"""


class ReplayStore(Protocol):
    """Remembers what may be used only once: client assertions (RFC 7523 §3).

    Servers of one service must share one store: what each of them remembers alone can be replayed
    at the others. Whatever a store raises is the ``__cause__`` of what the call raises; nothing is
    accepted then.
    """

    def first_use(self, key: str, until: int, now: int, /) -> bool:
        """Note a use, and tell whether it is the first one of this key.

        Of several callers at once, in whatever process, exactly one is told so. The key is printable
        ASCII of at most 80 characters; it holds nothing of a token but a digest. It must be
        remembered while the time is less than ``until``, in seconds since the epoch, and may be
        forgotten then; that is a minute later than the token is good, so that clocks may differ.
        ``now`` is the time by which the token was judged, for stores without a clock of their own.
        """
        ...


class _EventName(TypedDict):
    event: (
        Literal["refreshed", "refresh_failed"]
        | Literal["introspection_failed"]
        | Literal["unknown_kid", "entry_dropped"]
    )
    issuer: str


class IssuerEvent(_EventName, total=False):
    """Something that happened to the keys of an issuer, or to a question about a token.

    Nothing in it is taken from a token. ``refreshed``, with ``keys`` (how many are usable) and
    ``changed`` (whether they are others than before). ``refresh_failed`` and
    ``introspection_failed``, with ``code`` and ``reason``. ``unknown_kid``: a token named a
    ``kid`` that no key bears. ``entry_dropped``, with ``index`` and ``code``: an entry of the
    fetched set cannot be used.
    """

    keys: int
    changed: bool
    code: ErrorCode
    reason: str
    index: int


Events: TypeAlias = Callable[[IssuerEvent], object]
"""Hears of what happens to keys, and to questions about tokens.

Called where it happens or on a thread of its own; should return at once.
"""


class SkippedEntry(TypedDict):
    """An entry of a fetched key set that cannot be used, and why."""

    index: int
    code: ErrorCode


class RefreshError(TypedDict):
    """Why keys could not be fetched, or an issuer not be asked."""

    code: ErrorCode
    reason: str
    age_seconds: int | None


class IssuerCounters(TypedDict):
    """What has happened since the keys of an issuer were first asked for."""

    fetches: int
    refreshes: int
    unchanged: int
    failures: int
    unknown_kids: int
    bad_signatures: int
    held_back: int
    served_stale: int


class IntrospectionStatus(TypedDict):
    """How an issuer has been asked about its tokens since the first time.

    ``entries`` is how many tokens are remembered, ``available`` whether the issuer answers.
    """

    asked: int
    answered: int
    inactive: int
    failures: int
    entries: int
    last_error: RefreshError | None
    available: bool


class _IssuerName(TypedDict):
    issuer: str


class IssuerStatus(_IssuerName, total=False):
    """Where the keys of an issuer are in their life, where they are fetched.

    Of ``fresh`` and ``due`` keys the latter are refreshed while they serve; ``stale`` ones serve
    only while no others can be had; ``expired`` ones and ``empty`` sets serve nobody. Times are
    whole seconds, and None where there are no keys. ``introspection`` is there where the issuer is
    asked about its tokens; where its keys are not fetched, nothing else is.
    """

    state: Literal["empty"] | Literal["fresh"] | Literal["due"] | Literal["stale"] | Literal["expired"]
    keys: int
    kids: list[str]
    skipped: list[SkippedEntry]
    jwks_uri: str | None
    age_seconds: int | None
    refresh_in_seconds: int | None
    expires_in_seconds: int | None
    refreshing: bool
    last_error: RefreshError | None
    counters: IssuerCounters
    introspection: IntrospectionStatus


class TokenCacheStatus(TypedDict):
    """What a validator remembers of tokens that it verified; all 0 where that is nothing."""

    entries: int
    bytes: int
    max_entries: int
    max_bytes: int
    hits: int
    misses: int


class _IssuersStatus(TypedDict):
    issuers: list[IssuerStatus]


class Status(_IssuersStatus, total=False):
    """How whatever fetches keys is. ``token_cache`` is there where tokens are remembered: in a :class:`Validator`."""

    token_cache: TokenCacheStatus


class TokenCacheOptions(TypedDict, total=False):
    """How many verified tokens a validator remembers: 1000, in 8 MiB, by default.

    What depends on time and request is judged every time. `max_entries` 0 turns it off.
    """

    max_entries: int | None
    max_bytes: int | None


class IssuerCacheOptions(TypedDict, total=False):
    """The options of an :class:`IssuerCache`, which documents them."""

    max_issuers: int | None
    max_stale_seconds: int | None
    cooldown_seconds: int | None
    timeout_seconds: float | None
    connect_timeout_seconds: float | None
    ca_bundle: str | None
    proxy: str | None
    same_origin: bool | None
    trusted_hosts: Sequence[str] | None
    danger_http_loopback: bool | None


class _IntrospectionRequired(TypedDict):
    endpoint: str
    authentication: Literal["client_secret_basic", "client_secret_post"] | Literal["private_key_jwt", "bearer"]


class IntrospectionOptions(_IntrospectionRequired, total=False):
    """How an issuer is asked about its tokens (RFC 7662), and how long its answers hold.

    ``endpoint`` is its introspection endpoint, ``authentication`` how this server authenticates
    there: as ``client_id``, with ``client_secret``, with assertions that ``keys`` sign (by default
    under the first usable key's algorithm, and for the issuer as ``audience``), or with
    ``bearer_token``. ``signed_response``: answers must be signed (RFC 9701; default: False).
    ``cache_seconds``: how long an answer holds under the strategy ``introspection``, 1 to 3600
    (default: 30). ``every_seconds``: after how long the issuer is asked again under
    ``local_then_introspection``, 1 to 86400. ``cache_entries``: the most answers that are kept, 100
    to 1000000 (default: 10000). ``local_verdict_while_unavailable_seconds``: for how long the local
    verdict stands while the issuer cannot be asked, 0 to 86400 (default: 0). ``opaque_tokens``:
    whether tokens that are no JWTs are this issuer's (default: under ``introspection`` only).
    ``danger_audience_optional``: whether answers that name no audience are accepted, so that tokens
    that a client got for another API are good here (default: False).
    """

    client_id: str | None
    client_secret: str | None
    keys: SigningKeys | None
    algorithm: Algorithm | None
    audience: str | None
    bearer_token: str | None
    signed_response: bool | None
    cache_seconds: int | None
    every_seconds: int | None
    cache_entries: int | None
    local_verdict_while_unavailable_seconds: int | None
    opaque_tokens: bool | None
    danger_audience_optional: bool | None


class _IssuerPolicy(TypedDict, total=False):
    audience: str | Sequence[str] | None
    client_ids: Sequence[str] | None
    jwks: KeySetLike | None
    jwks_uri: str | None
    discovery: DiscoveryMode | None
    key_thumbprints: Sequence[str] | None
    strategy: Strategy | None
    introspection: IntrospectionOptions | None
    profiles: Sequence[ProfileName] | None
    migrate_from: ProfileName | None
    algorithms: Sequence[Algorithm] | None
    leeway_seconds: int | None
    max_lifetime_seconds: int | None
    required_claims: Sequence[str] | None


class IssuerOptions(_IssuerName, _IssuerPolicy, total=False):
    """One of several issuers. What it leaves out, other than keys, is taken from the top.

    ``tenants`` are those for whom ``{tenant}`` in ``issuer`` may stand; in an entry, ``*`` is any
    number of letters, digits and hyphens.
    """

    tenants: Sequence[str] | None


Resolver: TypeAlias = Callable[[str], IssuerOptions | None]
"""Knows issuers that no configuration lists; gives None for one that is not to be trusted."""


class _RevokedRequired(TypedDict):
    issuer: str
    until: int


class Revoked(_RevokedRequired, total=False):
    """What is revoked, and until when it is remembered; see :meth:`Revocations.revoke`."""

    jti: str | None
    sub: str | None
    client_id: str | None
    sid: str | None
    issued_before: int | None


class _ProtectedResourceRequired(TypedDict):
    resource: str


class ProtectedResourceOptions(_ProtectedResourceRequired, total=False):
    """What a resource publishes about itself (RFC 9728 §2).

    ``resource`` is its identifier: the ``https`` URL, without fragment, by which clients know this API.
    ``scopes_supported`` are those that clients may ask for; ``resource_name`` is shown to end users;
    ``resource_documentation``, ``resource_policy_uri`` and ``resource_tos_uri`` are ``https`` URLs of
    pages; ``tls_client_certificate_bound_access_tokens`` says whether tokens that are bound to a client
    certificate are supported. Of what is left out nothing is published.
    """

    scopes_supported: Sequence[str] | None
    resource_name: str | None
    resource_documentation: str | None
    resource_policy_uri: str | None
    resource_tos_uri: str | None
    tls_client_certificate_bound_access_tokens: bool | None


class ValidatorOptions(_IssuerPolicy, total=False):
    """The options of a :class:`Validator`, which documents them."""

    issuer: str | None
    max_token_bytes: int | None
    token_cache: TokenCacheOptions | None
    realm: str | None
    resource_metadata: str | None
    protected_resource: ProtectedResourceOptions | None
    issuers: Sequence[IssuerOptions] | None


class _ApiRequired(TypedDict):
    audience: str
    dialect: DialectName


class ApiOptions(_ApiRequired, total=False):
    """An API that tokens are minted for.

    ``audience`` is its identifier, as ``aud`` has it; ``dialect`` the form of its tokens;
    ``algorithm`` what they are signed with (default: that of the first usable key); ``scopes``
    what means something to it (default: none); ``lifetime_seconds`` the time from ``iat`` to
    ``exp``, 1 to 315360000 (default: 3600).
    """

    algorithm: Algorithm | None
    scopes: Sequence[str] | None
    lifetime_seconds: int | None


class IdTokenMinterOptions(TypedDict, total=False):
    """How a :class:`Minter` mints ID tokens, which documents it."""

    algorithm: Algorithm | None
    lifetime_seconds: int | None


class _MinterRequired(TypedDict):
    issuer: str
    keys: SigningKeys
    apis: Sequence[ApiOptions]


class MinterOptions(_MinterRequired, total=False):
    """The options of a :class:`Minter`, which documents them."""

    default_audience: str | None
    userinfo_audience: str | None
    client_subject_suffix: str | None
    id_tokens: IdTokenMinterOptions | None


class _GrantRequired(TypedDict):
    grant_type: str
    client_id: str


class MintRequest(_GrantRequired, total=False):
    """What an authorization server knows when it issues a token; see :meth:`Minter.mint`."""

    subject: str | None
    resource: Sequence[str] | None
    audience: Sequence[str] | None
    scope: str | None
    auth_time: float | None
    acr: str | None
    amr: Sequence[str] | None
    permissions: Sequence[str] | None
    roles: Sequence[str | Mapping[str, Any]] | None
    groups: Sequence[str | Mapping[str, Any]] | None
    entitlements: Sequence[str | Mapping[str, Any]] | None
    org_id: str | None
    org_name: str | None
    authorization_details: Sequence[Mapping[str, Any]] | None
    cnf: Mapping[str, Any] | None
    act: Mapping[str, Any] | None
    claims: Mapping[str, Any] | None
    jti: str | None


class _IdTokenRequired(TypedDict):
    client_id: str
    subject: str


class IdTokenRequest(_IdTokenRequired, total=False):
    """What an OpenID provider knows when it issues an ID token; see :meth:`Minter.mint_id_token`."""

    audience: Sequence[str] | None
    nonce: str | None
    auth_time: float | None
    acr: str | None
    amr: Sequence[str] | None
    sid: str | None
    access_token: str | None
    code: str | None
    state: str | None
    claims: Mapping[str, Any] | None


class _IdTokenValidatorRequired(TypedDict):
    issuer: str
    client_id: str


class IdTokenValidatorOptions(_IdTokenValidatorRequired, total=False):
    """The options of an :class:`IdTokenValidator`, which documents them."""

    jwks: KeySetLike | None
    jwks_uri: str | None
    discovery: DiscoveryMode | None
    key_thumbprints: Sequence[str] | None
    algorithms: Sequence[Algorithm] | None
    trusted_audiences: Sequence[str] | None
    leeway_seconds: int | None
    max_lifetime_seconds: int | None
    max_token_bytes: int | None
    danger_any_nonce: bool | None


class IdTokenChecks(TypedDict, total=False):
    """What one login expects of its ID token: what the client sent, and what came beside the token.

    ``nonce`` is that of the request, kept in the user's session. ``max_age``, in seconds, and
    ``acr_values``, any one of which will do, are what the request asked for. ``access_token``,
    ``code`` and ``state`` are compared with ``at_hash``, ``c_hash`` and ``s_hash`` where these are
    there, and with ``require_hashes`` these must be: to be asked of tokens that travelled through the
    browser (OpenID Connect Core §3.2.2.10, §3.3.2.11). With ``refreshed`` the token came of a
    refresh, so that it may have no nonce any more (§12.2).
    """

    nonce: str | None
    max_age: int | None
    acr_values: Sequence[str] | None
    access_token: str | None
    code: str | None
    state: str | None
    require_hashes: bool | None
    refreshed: bool | None


class _ClientAssertionMinterRequired(TypedDict):
    client_id: str
    audience: str


class ClientAssertionMinterOptions(_ClientAssertionMinterRequired, total=False):
    """The options of a :class:`ClientAssertionMinter`, which documents them."""

    keys: SigningKeys | None
    client_secret: str | None
    algorithm: Algorithm | None
    lifetime_seconds: int | None


class ClientAssertionRequest(TypedDict, total=False):
    """What one assertion has of its own; see :meth:`ClientAssertionMinter.mint`."""

    jti: str | None


class _ClientName(TypedDict):
    client_id: str


class ClientOptions(_ClientName, total=False):
    """A client and what it authenticates with: exactly one of three.

    ``jwks``: its public keys, fixed. ``jwks_uri``: where they are fetched from; clients choose it
    when they register, so its host must have public addresses only, unless it is one of the cache's
    ``trusted_hosts``. ``client_secret``: its secret, at least as long as its hash (RFC 7518 §3.2).
    ``algorithms`` are those accepted: by default every asymmetric one, or with a secret those of HMAC
    that it is long enough for. ``key_thumbprints`` are those of the only keys that count.
    """

    jwks: KeySetLike | None
    jwks_uri: str | None
    client_secret: str | None
    algorithms: Sequence[Algorithm] | None
    key_thumbprints: Sequence[str] | None


class _ClientAssertionValidatorRequired(TypedDict):
    issuer: str
    clients: Sequence[ClientOptions]


class ClientAssertionValidatorOptions(_ClientAssertionValidatorRequired, total=False):
    """The options of a :class:`ClientAssertionValidator`, which documents them."""

    danger_token_endpoint_audience: Sequence[str] | None
    danger_jwt_type: bool | None
    leeway_seconds: int | None
    max_lifetime_seconds: int | None
    max_token_bytes: int | None


class Request(TypedDict, total=False):
    """What the server knows of an HTTP request.

    ``headers``, as name and value, is read by :meth:`Validator.authenticate` only; ``scheme`` and
    ``dpop`` by :meth:`Validator.validate` only, where the caller took the credential out itself.
    ``client_certificate_sha256`` (base64url, see :func:`certificate_sha256`) must come from the
    TLS layer: a header that a client can set proves nothing.
    """

    headers: Sequence[tuple[str, str] | list[str]]
    scheme: Literal["Bearer", "DPoP"] | None
    method: str | None
    url: str | None
    dpop: str | Sequence[str] | None
    client_certificate_sha256: str | None


class Require(TypedDict, total=False):
    """What an endpoint demands of a token beyond its being good.

    All of ``scopes``, ``permissions``, ``roles``, ``groups`` and ``entitlements``; any one of
    ``acr_values``, in order of preference; an authentication no more than ``max_age`` seconds
    ago (RFC 9470 §3).
    """

    scopes: Sequence[str] | None
    permissions: Sequence[str] | None
    roles: Sequence[str] | None
    groups: Sequence[str] | None
    entitlements: Sequence[str] | None
    acr_values: Sequence[str] | None
    max_age: int | None
