"""The one table: what is sent, and what every application must answer, to the byte.

Nothing here is taken from what the library says. `docs/examples/README.md` has the routes that the applications share.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from at9068_test_issuer import Issuer

AUDIENCE = "https://api.example/"
METADATA_PATH = "/.well-known/oauth-protected-resource"
METADATA_URL = "https://api.example" + METADATA_PATH
# As it stands on the line: names in small letters, values in their order.
Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Expected:
    """An answer. Header fields are compared as lists of values, so that two are not one with a comma."""

    status: int
    # Text to the byte; or a JSON value, where the application writes it.
    body: str | dict[str, object]
    fields: dict[str, list[str | re.Pattern[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A request and its answer."""

    name: str
    target: str
    expected: Expected
    # Given the server's issuer, the header fields of the request.
    send: Callable[[Issuer], Fields] = lambda _: []
    method: str = "GET"


def refused(status: int, title: str, *, error: str, detail: str, code: str, scope: str = "") -> Expected:
    """A refusal with one challenge (RFC 6750 §3) and problem details (RFC 9457)."""
    named = f', error="{error}", error_description="{detail}"'
    return Expected(
        status,
        f'{{"title":"{title}","status":{status},"detail":"{detail}","code":"{code}"}}',
        _refusal([_challenge(named, scope)]),
    )


def missing(*, scope: str = "") -> Expected:
    """Who sends nothing is told what is wanted, and nothing else (RFC 6750 §3.1)."""
    return Expected(401, '{"title":"Unauthorized","status":401}', _refusal([_challenge("", scope)]))


def invalid(code: str, detail: str, *, scope: str = "") -> Expected:
    """A token that is refused."""
    return refused(401, "Unauthorized", error="invalid_token", detail=detail, code=code, scope=scope)


def forbidden(code: str, detail: str, *, scope: str = "") -> Expected:
    """A token that is good, but not enough."""
    return refused(403, "Forbidden", error="insufficient_scope", detail=detail, code=code, scope=scope)


def ok(body: dict[str, object]) -> Expected:
    """What the application itself answers."""
    return Expected(200, body, {"www-authenticate": []})


def _challenge(named: str, scope: str) -> str:
    demanded = f', scope="{scope}"' if scope else ""
    return f'Bearer realm="patients"{named}{demanded}, resource_metadata="{METADATA_URL}"'


def _refusal(challenges: list[str]) -> dict[str, list[str | re.Pattern[str]]]:
    return {
        "www-authenticate": [*challenges],
        "retry-after": [],
        "dpop-nonce": [],
        "content-type": ["application/problem+json"],
        "cache-control": ["no-store"],
    }


def bearer(token: str) -> Fields:
    """The usual header."""
    return [("Authorization", f"Bearer {token}")]


def good(issuer: Issuer) -> str:
    """A token with everything that the applications ask for."""
    return issuer.mint(
        subject="user-1",
        client_id="app",
        scope="read:patients",
        dialect="rfc9068_profile_authz",
        permissions=["delete:patients"],
    )


MALFORMED = refused(
    400,
    "Bad Request",
    error="invalid_request",
    detail="the request's credentials are malformed or given more than once",
    code="credentials_malformed",
    scope="read:patients",
)
READ = "read:patients"
ME = ok({"sub": "user-1", "client_id": "app", "scopes": ["read:patients"]})

CASES = (
    Case("open_route", "/health", ok({"ok": True})),
    Case("open_route_with_bad_token", "/health", ok({"ok": True}), lambda _: bearer("nonsense")),
    Case("good", "/me", ME, lambda issuer: bearer(good(issuer))),
    Case("good_small_letters", "/me", ME, lambda issuer: [("authorization", f"bearer {good(issuer)}")]),
    Case("good_scope", "/patients", ok({"patients": []}), lambda issuer: bearer(good(issuer))),
    Case("good_permission", "/patients", ok({"deleted": True}), lambda issuer: bearer(good(issuer)), "DELETE"),
    Case("none", "/patients", missing(scope=READ)),
    Case("none_without_demands", "/me", missing()),
    Case("none_for_permission", "/patients", missing(), method="DELETE"),
    Case("other_scheme", "/patients", missing(scope=READ), lambda _: [("Authorization", "Basic dXNlcjpwYXNz")]),
    Case("malformed_header", "/patients", MALFORMED, lambda _: [("Authorization", "Bearer")]),
    Case("double_header", "/patients", MALFORMED, lambda issuer: [*bearer(good(issuer)), *bearer(good(issuer))]),
    Case(
        "token_in_query_too",
        "/patients?page=1&access_token=secret",
        MALFORMED,
        lambda issuer: bearer(good(issuer)),
    ),
    Case(
        "token_in_query_only",
        "/patients?access_token=secret",
        missing(scope=READ),
    ),
    Case(
        "malformed_token",
        "/patients",
        invalid("token_malformed", "the token is malformed", scope=READ),
        lambda _: bearer("opaque"),
    ),
    Case(
        "expired",
        "/patients",
        invalid("token_expired", "the token has expired", scope=READ),
        lambda issuer: bearer(issuer.mint(now=int(time.time()) - 7200, lifetime_seconds=3600)),
    ),
    Case(
        "wrong_audience",
        "/patients",
        invalid("audience_mismatch", "the token is meant for another audience", scope=READ),
        lambda issuer: bearer(issuer.mint(audience="https://other.example/")),
    ),
    Case(
        "wrong_issuer",
        "/patients",
        invalid("issuer_unknown", "the token's issuer is not accepted", scope=READ),
        lambda issuer: bearer(issuer.mint(issuer="https://evil.example/")),
    ),
    Case(
        "bad_signature",
        "/me",
        invalid("signature_invalid", "the token's signature is not valid"),
        lambda issuer: bearer(_forged(issuer)),
    ),
    Case(
        "missing_scope",
        "/patients",
        forbidden("scope_insufficient", "the token's scope is not sufficient", scope=READ),
        lambda issuer: bearer(issuer.mint(scope="openid", subject="user-1")),
    ),
    Case(
        "missing_permission",
        "/patients",
        forbidden("permission_insufficient", "the token's permissions are not sufficient"),
        lambda issuer: bearer(issuer.mint(dialect="rfc9068_profile_authz", permissions=["read:patients"])),
        "DELETE",
    ),
)

# Sent with a good token to an application that cannot have its issuer's keys.
OUTAGE = Expected(
    503,
    '{"title":"Service Unavailable","status":503,"detail":"the issuer\'s keys are not available",'
    '"code":"keys_unavailable"}',
    {**_refusal([]), "retry-after": [re.compile(r"[1-9][0-9]?")]},
)


def metadata(issuer: str) -> Expected:
    """The document of RFC 9728, as `protected_resource` of the applications says it."""
    document: dict[str, object] = {
        "resource": AUDIENCE,
        "authorization_servers": [issuer],
        "scopes_supported": ["read:patients"],
        "bearer_methods_supported": ["header"],
    }
    return Expected(200, document, {"content-type": ["application/json"], "www-authenticate": []})


def _forged(issuer: Issuer) -> str:
    """A good token of another subject, under the signature of the first."""
    head, claims, _ = issuer.mint(subject="user-2").split(".")
    return f"{head}.{claims}.{good(issuer).rpartition('.')[2]}"
