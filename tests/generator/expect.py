"""What an error looks like from outside: OAuth error, status, challenge. Written from the design, not from the core."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .encoding import text

INVALID_TOKEN = ("invalid_token", 401)
SCOPE = ("insufficient_scope", 403)
NOTHING: tuple[str | None, int | None] = (None, None)

# code -> (OAuth error, status) where a resource server or token endpoint answers with it
ANSWERS: dict[str, tuple[str | None, int | None]] = {
    "config_invalid": NOTHING,
    "argument_invalid": NOTHING,
    "credentials_missing": (None, 401),
    "credentials_malformed": ("invalid_request", 400),
    "scope_insufficient": SCOPE,
    "permission_insufficient": SCOPE,
    "authentication_insufficient": ("insufficient_user_authentication", 401),
    "keys_unavailable": (None, 503),
    "introspection_unavailable": (None, 503),
    "dpop_proof_missing": ("invalid_dpop_proof", 401),
    "invalid_scope": ("invalid_scope", 400),
    "invalid_target": ("invalid_target", 400),
    "grant_ambiguous": ("invalid_scope", 400),
    "claim_reserved": NOTHING,
    "subject_collision": NOTHING,
}
UNCHALLENGED = {
    "config_invalid",
    "argument_invalid",
    "keys_unavailable",
    "introspection_unavailable",
    "invalid_scope",
    "invalid_target",
    "grant_ambiguous",
    "claim_reserved",
    "subject_collision",
}
# Codes that arise only once the signature was found good.
AFTER_SIGNATURE = {
    "claim_missing",
    "claim_malformed",
    "kind_mismatch",
    "audience_mismatch",
    "token_expired",
    "token_not_yet_valid",
    "token_issued_in_future",
    "lifetime_exceeded",
    "claim_mismatch",
    "scope_insufficient",
    "permission_insufficient",
    "authentication_insufficient",
    "scheme_mismatch",
    "binding_missing",
    "binding_mismatch",
    "binding_unsupported",
    "dpop_proof_missing",
    "token_revoked",
    "token_replayed",
}
# The claim that a code is about where the design leaves no choice.
CLAIM_OF: dict[str, str | None] = {
    "audience_mismatch": "aud",
    "token_expired": "exp",
    "token_not_yet_valid": "nbf",
    "token_issued_in_future": "iat",
    "scope_insufficient": "scope",
    "token_replayed": "jti",
}
# Codes whose `claim` the design does not settle: the vectors leave it unjudged, drivers must still agree.
CLAIM_OPEN = {
    "argument_invalid",
    "issuer_unknown",
    "kind_mismatch",
    "lifetime_exceeded",
    "scheme_mismatch",
    "binding_missing",
    "binding_mismatch",
    "binding_unsupported",
    "dpop_proof_missing",
    "invalid_scope",
    "invalid_target",
    "grant_ambiguous",
    "subject_collision",
    "token_too_large",
}
MESSAGE = "{message}"
# RFC 9110 §15
PHRASES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable"}


class Open:
    """Marks a member that a vector leaves unjudged."""


OPEN = Open()


@dataclass(frozen=True)
class Err:
    """An expected error; what is not given follows from the code."""

    code: str
    claim: str | Open | None = None
    kind: str | None = None
    authenticated: bool | Open | None = None
    open: frozenset[str] = field(default_factory=frozenset)
    key_named: bool = True  # a key slug has a status only where a token names the entry

    def expectation(self, config: Any, require: Any) -> dict[str, Any]:
        """The `expect` member of a case."""
        oauth, status = ANSWERS.get(self.code, INVALID_TOKEN)
        challenged = self.code not in UNCHALLENGED
        if self.code.startswith("key_") and not self.key_named:
            oauth, status, challenged = None, None, False
        answer: dict[str, Any] = {"ok": False, "code": self.code}
        claim = self.claim if self.claim is not None else CLAIM_OF.get(self.code)
        if not (isinstance(claim, Open) or (claim is None and self.code in CLAIM_OPEN)):
            answer["claim"] = claim
        answer["kind"] = self.kind
        authenticated = self.code in AFTER_SIGNATURE if self.authenticated is None else self.authenticated
        if not isinstance(authenticated, Open):
            answer["authenticated"] = authenticated
        answer["oauth"] = oauth
        answer["status"] = status
        answer["challenge"] = [challenge(config, require, oauth)] if challenged else []
        for member in self.open:
            del answer[member]
        return answer

    def response(self, config: Any, require: Any, retry_after: int | None) -> dict[str, Any]:
        """The `expect` member where the whole answer is asked for, or the error where nobody is answered."""
        told = self.expectation(config, require)
        status = told["status"]
        if status is None:
            return told
        headers = [["WWW-Authenticate", value] for value in told["challenge"]]
        if retry_after is not None:
            headers.append(["Retry-After", str(retry_after)])
        headers += [["Content-Type", "application/problem+json"], ["Cache-Control", "no-store"]]
        problem = {"title": PHRASES[status], "status": status}
        if self.code != "credentials_missing":
            problem |= {"detail": MESSAGE, "code": self.code}
        return {"ok": True, "http_response": {"status": status, "headers": headers, "body": text(problem)}}

    def unanswered(self) -> dict[str, Any]:
        """The same where nobody is answered over HTTP, as of ID tokens."""
        return self.expectation(None, None) | {"oauth": None, "status": None, "challenge": []}

    def of_client(self) -> dict[str, Any]:
        """The same of a client assertion: whatever is wrong with it, the client is not who it says."""
        answer = self.unanswered()
        if self.code in ("config_invalid", "argument_invalid"):
            return answer
        return answer | {"oauth": "invalid_client", "status": 401}


def challenge(config: Any, require: Any, oauth: str | None) -> str:
    """The one Bearer challenge, parameters in the fixed order, all quoted."""
    config = config if isinstance(config, dict) else {}
    require = require if isinstance(require, dict) else {}
    parameters: list[tuple[str, str]] = []
    if "realm" in config:
        parameters.append(("realm", config["realm"]))
    if oauth is not None:
        parameters += [("error", oauth), ("error_description", MESSAGE)]
    if require.get("scopes"):
        parameters.append(("scope", " ".join(require["scopes"])))
    if require.get("acr_values"):
        parameters.append(("acr_values", " ".join(require["acr_values"])))
    if require.get("max_age") is not None:
        parameters.append(("max_age", str(require["max_age"])))
    url = metadata_url(config)
    if url is not None:
        parameters.append(("resource_metadata", url))
    return " ".join(["Bearer", ", ".join(f'{name}="{value}"' for name, value in parameters)]).rstrip()


def metadata_url(config: dict[str, Any]) -> str | None:
    """Where a resource's metadata is: where the operator says, or else as RFC 9728 §3.1 says."""
    if "resource_metadata" in config:
        return str(config["resource_metadata"])
    if "protected_resource" not in config:
        return None
    url = urlsplit(config["protected_resource"]["resource"])
    path = "" if url.path == "/" else url.path
    return url._replace(path=f"/.well-known/oauth-protected-resource{path}").geturl()
