"""The exceptions: one class per family of codes, all of them :class:`At9068Error`."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

# One literal per band, and a union of them: stubtest takes a lone literal of several for a mistake.
ErrorCode: TypeAlias = (
    Literal["config_invalid", "argument_invalid"]
    | Literal["key_malformed", "key_unsupported", "key_too_weak"]
    | Literal["keys_unavailable", "metadata_invalid"]
    | Literal[
        "credentials_missing",
        "credentials_malformed",
        "token_too_large",
        "token_malformed",
        "decryption_failed",
    ]
    | Literal[
        "type_mismatch",
        "algorithm_not_allowed",
        "critical_header_unsupported",
        "issuer_unknown",
        "key_not_found",
        "key_mismatch",
        "key_ambiguous",
    ]
    | Literal["signature_invalid"]
    | Literal[
        "claim_missing",
        "claim_malformed",
        "kind_mismatch",
        "audience_mismatch",
        "token_expired",
        "token_not_yet_valid",
        "token_issued_in_future",
        "lifetime_exceeded",
        "claim_mismatch",
    ]
    | Literal[
        "scope_insufficient",
        "permission_insufficient",
        "authentication_insufficient",
        "token_revoked",
        "token_inactive",
        "introspection_unavailable",
        "scheme_mismatch",
        "binding_missing",
        "binding_mismatch",
        "binding_unsupported",
        "dpop_proof_missing",
        "token_replayed",
    ]
    | Literal[
        "invalid_scope",
        "invalid_target",
        "grant_ambiguous",
        "claim_reserved",
        "subject_collision",
        "signing_failed",
    ]
    | Literal["internal"]
)
"""Every error code of this version. Codes are never renamed or used for something else."""

Kind: TypeAlias = (
    Literal["access_token"]
    | Literal["id_token", "logout_token", "request_object"]
    | Literal["dpop_proof", "client_assertion"]
    | Literal["introspection_response", "security_event"]
)
"""What a refused token appears to be, where it is of another kind than was asked for."""


def publish(*classes: type) -> None:
    """Have tracebacks and pickles name classes as users know them: as members of the package."""
    for one in classes:
        one.__module__ = "at9068"


class HttpResponse(NamedTuple):
    """The answer to a request that is refused, to be sent as it is.

    It holds nothing that the request brought along.
    """

    status: int
    """The status."""
    headers: tuple[tuple[str, str], ...]
    """The header fields, as name and value, in this order. Each challenge is a ``WWW-Authenticate`` of its own."""
    body: bytes
    """The body, a JSON text. Not for the answer to a HEAD request, which has none."""


class At9068Error(Exception):
    """Whatever at9068 refuses to do. Itself raised for the code ``internal`` only.

    Neither the message nor an attribute ever holds a token, a key or a claim's value.
    The attributes ``oauth``, ``status``, ``challenge``, ``headers`` and ``retry_after`` are what
    an HTTP server answers with; they are set where it does. ``http_response`` is the whole answer.

    Attributes:
        code: The stable name of what went wrong.
        number: The stable number of ``code``.
        message: A sentence for logs and developers. Its wording may change.
        claim: The claim, or the member of a mint request, that is wrong.
        kind: What a refused token appears to be. Not to be trusted before the signature is good.
        authenticated: Whether the token's signature was good when this arose.
        oauth: The OAuth error (RFC 6749 §5.2, RFC 6750 §3.1, RFC 9470 §3).
        status: The HTTP status.
        challenge: Values of ``WWW-Authenticate``, one header field each (RFC 6750 §3).
        headers: Other header fields to send, as name and value.
        retry_after: Seconds after which trying again makes sense.
        http_response: The answer as it is to be sent, all of the above in it (RFC 9457). None where
            nobody is to be answered: then it is a mistake of the program, or of its configuration.

    """

    code: ErrorCode
    number: int
    message: str
    claim: str | None
    kind: Kind | None
    authenticated: bool
    oauth: str | None
    status: int | None
    challenge: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    retry_after: int | None
    http_response: HttpResponse | None

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode,
        number: int,
        claim: str | None = None,
        kind: Kind | None = None,
        authenticated: bool = False,
        oauth: str | None = None,
        status: int | None = None,
        challenge: tuple[str, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
        retry_after: int | None = None,
        http_response: HttpResponse | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.number = number
        self.claim = claim
        self.kind = kind
        self.authenticated = authenticated
        self.oauth = oauth
        self.status = status
        self.challenge = challenge
        self.headers = headers
        self.retry_after = retry_after
        self.http_response = http_response

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickle calls a class with positional arguments only, which would lose everything else.
        return _rebuild, (type(self), self.message, self.code, self.number), self.__dict__


def _rebuild(cls: type[At9068Error], message: str, code: ErrorCode, number: int) -> At9068Error:
    return cls(message, code=code, number=number)


class ConfigError(At9068Error):
    """The library was used wrongly: a configuration or an argument is not valid (1xx)."""


class KeySetError(At9068Error):
    """A key, or a key set, is unusable (201 to 203)."""


class TokenError(At9068Error):
    """Credentials or a token are refused (3xx to 6xx, 704, 705, 715). Never holds anything of the token."""


class DemandError(At9068Error):
    """The token is good, but not enough for this endpoint or request (the others of 7xx)."""


class MintError(At9068Error):
    """A token is not minted (8xx)."""


class UndecidedError(At9068Error):
    """No verdict could be reached, and nobody's token is to blame (204, 205, 706).

    Try again after ``retry_after`` seconds. Where a ``fetch`` or ``resolver`` of the application
    raised, that is the ``__cause__``.
    """


class ErrorCodeInfo(NamedTuple):
    """One row of the table of error codes."""

    slug: ErrorCode
    """The code."""
    number: int
    """Its number."""
    message: str
    """Its fixed message, also sent as ``error_description``."""
    oauth: str | None
    """The OAuth error that a server answers with, where it answers with this code at all."""
    status: int | None
    """The HTTP status that a server answers with, where it answers with this code at all."""
    source: str
    """The document and section that the code comes from."""
    exception: type[At9068Error]
    """The class that is raised with it."""


publish(
    At9068Error,
    ConfigError,
    KeySetError,
    TokenError,
    DemandError,
    MintError,
    UndecidedError,
    ErrorCodeInfo,
    HttpResponse,
)
