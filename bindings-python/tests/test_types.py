"""The package keeps the promises of its annotations and documentation."""

from __future__ import annotations

import ast
import inspect
import json
import typing
from pathlib import Path

import at9068
import pytest
from at9068 import AccessToken, MintedToken, Validator
from conftest import API, ISSUER, NOW

STUB = Path(at9068.__file__).with_name("_at9068.pyi")


def test_every_public_name_exists() -> None:
    assert sorted(at9068.__all__) == sorted(set(at9068.__all__))
    for name in at9068.__all__:
        assert hasattr(at9068, name), name


def test_the_error_codes_are_those_of_the_core() -> None:
    literals = typing.get_args(at9068.ErrorCode)
    annotated = [code for literal in literals for code in typing.get_args(literal)]
    assert annotated == [row.slug for row in at9068.error_codes()]
    numbers = [row.number for row in at9068.error_codes()]
    assert numbers == sorted(numbers)
    for row in at9068.error_codes():
        assert issubclass(row.exception, at9068.At9068Error)
        assert row.message
        assert row.source


def test_classes_follow_the_families() -> None:
    by_slug = {row.slug: row for row in at9068.error_codes()}
    expected = {
        "config_invalid": at9068.ConfigError,
        "key_malformed": at9068.KeySetError,
        "keys_unavailable": at9068.UndecidedError,
        "metadata_invalid": at9068.UndecidedError,
        "token_malformed": at9068.TokenError,
        "binding_missing": at9068.DemandError,
        "invalid_scope": at9068.MintError,
        "token_revoked": at9068.TokenError,
        "token_replayed": at9068.TokenError,
        "introspection_unavailable": at9068.UndecidedError,
        "internal": at9068.At9068Error,
    }
    assert {slug: by_slug[slug].exception for slug in expected} == expected  # type: ignore[index]


def documented() -> list[tuple[str, str]]:
    """Every documented thing of the stub, by its path in the module."""
    found = []
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.append((node.name, ast.get_docstring(node) or ""))
        if isinstance(node, ast.ClassDef):
            members = [member for member in node.body if isinstance(member, ast.FunctionDef)]
            texts = [(f"{node.name}.{member.name}", ast.get_docstring(member) or "") for member in members]
            found += [(path, text) for path, text in texts if text]
    return found


@pytest.mark.parametrize(("path", "text"), documented(), ids=lambda value: value if "\n" not in value else "")
def test_the_stub_documents_what_the_module_does(path: str, text: str) -> None:
    thing: object = at9068._at9068
    for name in path.split("."):
        thing = inspect.getattr_static(thing, name) if inspect.isclass(thing) else getattr(thing, name)
    if isinstance(thing, staticmethod):
        thing = thing.__func__
    assert inspect.cleandoc(getattr(thing, "__doc__", "") or "") == text.strip()


def test_everything_is_documented() -> None:
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("__"):
                    # Of several signatures the first one is documented.
                    first = next(other for other in node.body if getattr(other, "name", None) == member.name)
                    assert isinstance(first, ast.FunctionDef)
                    assert ast.get_docstring(first), f"{node.name}.{member.name}"


def test_an_access_token_has_typed_attributes(validator: Validator, minted: MintedToken) -> None:
    token = validator.validate(minted.token, now=NOW)
    assert (token.iss, token.issuer) == (ISSUER, ISSUER)
    assert token.sub == "auth0|123456"
    assert token.aud == (API,)
    assert token.client_id == "client-7"
    assert (token.iat, token.exp, token.nbf) == (NOW, NOW + 3600, None)
    assert token.jti == "id-1"
    assert token.scope == "read:patients read:admin"
    assert token.scopes == frozenset({"read:patients", "read:admin"})
    assert token.permissions == ("patients:read",)
    assert token.roles == ["nurse", {"value": "admin", "primary": True}]
    assert token.groups == ["ward-3"]
    assert token.entitlements == []
    assert token.auth_time == NOW - 60
    assert token.acr == "gold"
    assert token.amr == ("pwd", "otp")
    assert (token.org_id, token.org_name) == ("org_1", "clinic")
    assert token.authorization_details == [{"type": "record", "id": 1}]
    assert token.act == {"sub": "proxy"}
    assert (token.cnf, token.gty) == (None, None)
    assert (token.profile, token.origin) == ("rfc9068", "local")
    assert token.header["typ"] == "at+jwt"
    assert token.claims["name"] == "Zoë"
    assert token.claims["nested"] == {"__proto__": [1, 2.5, None, True]}
    assert token.claim_json("nested") == '{"__proto__":[1,2.5,null,true]}'
    assert token.claim_json("absent") is None
    assert (token.claims_json, token.header_json) == (minted.claims_json, minted.header_json)


def test_a_validator_publishes_what_is_configured(keys: at9068.KeySet) -> None:
    bare = Validator(issuer=ISSUER, audience=API, jwks=keys)
    assert (bare.protected_resource_metadata, bare.protected_resource_metadata_path) == (None, None)
    resource: at9068.ProtectedResourceOptions = {"resource": API + "v1", "scopes_supported": ["read:patients"]}
    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, protected_resource=resource)
    assert json.loads(validator.protected_resource_metadata or "") == {
        **resource,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
    }
    assert validator.protected_resource_metadata_path == "/.well-known/oauth-protected-resource/v1"
    with pytest.raises(at9068.TokenError) as caught:
        validator.authenticate({"headers": []})
    where = "https://api.example/.well-known/oauth-protected-resource/v1"
    assert caught.value.challenge == (f'Bearer resource_metadata="{where}"',)


def test_claims_are_read_once(validator: Validator, minted: MintedToken) -> None:
    token = validator.validate(minted.token, now=NOW)
    assert token.claims is token.claims
    assert token.header is token.header
    assert minted.claims is minted.claims
    assert minted.claims == token.claims
    assert minted.header == token.header
    token.claims["sub"] = "somebody else"
    assert token.sub == "auth0|123456"
    assert minted.expires_in == 3600


def test_absent_claims_are_none_and_no_scope_is_the_empty_set(minter: at9068.Minter, validator: Validator) -> None:
    minted = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=NOW)
    token = validator.validate(minted.token, now=NOW)
    assert (token.scope, token.scopes) == (None, frozenset())
    assert (token.roles, token.amr, token.acr, token.org_id, token.act) == (None, None, None, None, None)
    assert token.permissions == ()


@pytest.mark.parametrize(
    "kind",
    [
        AccessToken,
        at9068.ClientAssertion,
        at9068.Explanation,
        at9068.IdToken,
        MintedToken,
        at9068.KeySet,
        at9068.SigningKey,
        at9068._at9068.KeyFetcher,
        at9068._at9068.Signed,
    ],
)
def test_results_cannot_be_made_by_hand(kind: type) -> None:
    with pytest.raises(TypeError, match=r"create|constructor"):
        kind()


@pytest.mark.parametrize(
    "kind",
    [
        AccessToken,
        at9068.ClientAssertion,
        at9068.ClientAssertionMinter,
        at9068.ClientAssertionValidator,
        at9068.Explanation,
        at9068.IdToken,
        at9068.IdTokenValidator,
        at9068.IssuerCache,
        at9068.MemoryReplayStore,
        MintedToken,
        at9068.KeySet,
        at9068.Revocations,
        at9068.SigningKey,
        Validator,
        at9068.Minter,
    ],
)
def test_classes_are_final_immutable_and_of_the_package(kind: type, validator: Validator) -> None:
    assert kind.__module__ == "at9068"
    with pytest.raises(TypeError):
        type("Sub", (kind,), {})
    with pytest.raises(AttributeError):
        validator.extra = 1  # type: ignore[attr-defined]


def test_nothing_shows_a_token_or_a_key(
    key: at9068.SigningKey, keys: at9068.KeySet, minter: at9068.Minter, validator: Validator, minted: MintedToken
) -> None:
    token = validator.validate(minted.token, now=NOW)
    shown = " ".join(map(repr, [key, keys, minter, validator, minted, token]))
    shown += " ".join(map(str, [key, keys, minter, validator, minted, token]))
    secrets = [*minted.token.split("."), "auth0|123456", "client-7", "id-1", key.kid or "", ISSUER]
    assert all(secret not in shown for secret in secrets)
