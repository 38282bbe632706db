"""Types of options and arguments, for annotations; plain dictionaries at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypedDict

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

DialectName: TypeAlias = (
    Literal["rfc9068_profile", "rfc9068_profile_authz"] | Literal["access_token", "access_token_authz"]
)
"""The form of an API's tokens: a profile, with or without ``permissions``."""

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
    """A document of an issuer that is wanted: an HTTP ``GET``.

    Whoever fetches follows no redirect, sends nothing but ``headers``, gives up after
    ``timeout_seconds`` and reads no more than ``max_body_bytes``.
    """

    url: str
    """An absolute URL, https but where http to loopback was allowed."""
    headers: tuple[tuple[str, str], ...]
    """Header fields to send."""
    timeout_seconds: float
    """How long the whole exchange may take."""
    connect_timeout_seconds: float
    """How long it may take to be connected."""
    max_body_bytes: int
    """The longest body that is read; a longer one is no answer."""
    trusted_host: bool
    """Whether the operator vouches for the host. Another one was learned from a document: it must
    not lead into the network of this server, so every address must be a public one."""


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
"""Makes a request for a document of an issuer, and waits for the answer.

Called on a thread of its own. To raise ``TimeoutError`` means that it took too long; anything else
means that nobody answers.
"""


class _EventName(TypedDict):
    event: Literal["refreshed"] | Literal["refresh_failed"] | Literal["unknown_kid"] | Literal["entry_dropped"]
    issuer: str


class IssuerEvent(_EventName, total=False):
    """Something that happened to the keys of an issuer. Nothing in it is taken from a token.

    ``refreshed``, with ``keys`` (how many are usable) and ``changed`` (whether they are others
    than before). ``refresh_failed``, with ``code`` and ``reason``. ``unknown_kid``: a token named a
    ``kid`` that no key bears. ``entry_dropped``, with ``index`` and ``code``: an entry of the
    fetched set cannot be used.
    """

    keys: int
    changed: bool
    code: ErrorCode
    reason: str
    index: int


Events: TypeAlias = Callable[[IssuerEvent], object]
"""Hears of what happens to keys. Called where it happens or on a thread of its own; should return at once."""


class SkippedEntry(TypedDict):
    """An entry of a fetched key set that cannot be used, and why."""

    index: int
    code: ErrorCode


class RefreshError(TypedDict):
    """Why keys could not be fetched."""

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


class IssuerStatus(TypedDict):
    """Where the keys of an issuer are in their life.

    Of ``fresh`` and ``due`` keys the latter are refreshed while they serve; ``stale`` ones serve
    only while no others can be had; ``expired`` ones and ``empty`` sets serve nobody. Times are
    whole seconds, and None where there are no keys.
    """

    issuer: str
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


class _IssuerPolicy(TypedDict, total=False):
    audience: str | Sequence[str] | None
    client_ids: Sequence[str] | None
    jwks: KeySetLike | None
    jwks_uri: str | None
    discovery: DiscoveryMode | None
    key_thumbprints: Sequence[str] | None
    profiles: Sequence[ProfileName] | None
    migrate_from: ProfileName | None
    algorithms: Sequence[Algorithm] | None
    leeway_seconds: int | None
    max_lifetime_seconds: int | None
    required_claims: Sequence[str] | None


class _IssuerName(TypedDict):
    issuer: str


class IssuerOptions(_IssuerName, _IssuerPolicy, total=False):
    """One of several issuers. What it leaves out, other than keys, is taken from the top.

    ``tenants`` are those for whom ``{tenant}`` in ``issuer`` may stand; in an entry, ``*`` is any
    number of letters, digits and hyphens.
    """

    tenants: Sequence[str] | None


Resolver: TypeAlias = Callable[[str], IssuerOptions | None]
"""Knows issuers that no configuration lists; gives None for one that is not to be trusted."""


class ValidatorOptions(_IssuerPolicy, total=False):
    """The options of a :class:`Validator`, which documents them."""

    issuer: str | None
    max_token_bytes: int | None
    realm: str | None
    resource_metadata: str | None
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


class _MinterRequired(TypedDict):
    issuer: str
    keys: SigningKeys
    apis: Sequence[ApiOptions]


class MinterOptions(_MinterRequired, total=False):
    """The options of a :class:`Minter`, which documents them."""

    default_audience: str | None
    userinfo_audience: str | None
    client_subject_suffix: str | None


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
