"""The Python helper against the program."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

import pytest
from at9068_test_issuer import Issuer, IssuerFault, IssuerServer, start, test_issuer, test_issuer_server

__all__ = ["test_issuer", "test_issuer_server"]  # as a user's conftest.py has them


def fetch(url: str, context: ssl.SSLContext | None = None) -> dict[str, object]:
    """A document, as any client gets it."""
    with urllib.request.urlopen(url, timeout=20, context=context) as response:
        document: dict[str, object] = json.load(response)
    return document


def test_an_issuer_of_ones_own(test_issuer: Issuer) -> None:
    """Its documents, tokens, keys and counters."""
    metadata = fetch(f"{test_issuer.issuer}/.well-known/openid-configuration")
    assert metadata["jwks_uri"] == test_issuer.jwks_uri
    [key] = test_issuer.keys()
    assert fetch(test_issuer.jwks_uri) == {"keys": [key["jwk"]]}
    assert test_issuer.mint(subject="user-1", scope="read").count(".") == 2
    assert test_issuer.forge(signature="").endswith(".")
    [old, new] = test_issuer.keys(generate=[{"key": "b"}], publish=["b"], sign_with="b")
    assert (old["signs"], new["signs"], new["published"]) == (False, True, True)
    assert test_issuer.requests()["documents"] == {"oauth": 0, "openid": 1, "jwks": 1, "introspection": 0, "other": 0}
    test_issuer.reset()
    assert test_issuer.requests()["connections"] == 0
    [again] = test_issuer.keys()
    assert again["key"] == "first" and again["kid"] != key["kid"]


def test_it_is_asked_about_tokens(test_issuer: Issuer) -> None:
    """By whoever may ask, until they are revoked."""

    def ask(token: str, **more: str) -> dict[str, object]:
        form = urllib.parse.urlencode({"token": token, **more}).encode()
        with urllib.request.urlopen(test_issuer.introspection_endpoint, form, timeout=20) as response:
            document: dict[str, object] = json.load(response)
        return document

    token = test_issuer.mint(subject="user-1")
    opaque = test_issuer.token(members={"sub": "user-2"})
    assert (ask(token)["sub"], ask(opaque)) == ("user-1", {"active": True, "sub": "user-2"})
    test_issuer.revoke(token)
    assert ask(token) == {"active": False}
    test_issuer.admit(authentication="client_secret_post", client_id="api", client_secret="s")
    assert ask(opaque, client_id="api", client_secret="s")["active"] is True
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(opaque)
    with caught.value:
        assert caught.value.code == 401
    test_issuer.admit()
    test_issuer.behave("introspection", answer={"active": "true"})
    assert ask(opaque)["active"] == "true"
    assert test_issuer.requests()["documents"]["introspection"] == 6


def test_behaviour_is_told(test_issuer: Issuer) -> None:
    """And ends when it was told to."""
    test_issuer.behave("jwks", status=503, times=1, headers=[["Retry-After", "7"]])
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetch(test_issuer.jwks_uri)
    with caught.value:
        assert (caught.value.code, caught.value.headers["Retry-After"]) == (503, "7")
    assert fetch(test_issuer.jwks_uri)["keys"]


def test_refusals_are_exceptions(test_issuer: Issuer) -> None:
    """Those of the program, and those of the library."""
    with pytest.raises(IssuerFault, match="unknown field"):
        test_issuer.behave("jwks", unknown=1)
    with pytest.raises(IssuerFault) as caught:
        test_issuer.mint(claims={"exp": 1})
    assert (caught.value.code, caught.value.claim) == ("claim_reserved", "exp")


def test_every_test_has_another(test_issuer: Issuer, test_issuer_server: IssuerServer) -> None:
    """Under paths of their own."""
    assert test_issuer.path != test_issuer_server.new_case().path
    assert test_issuer_server.first.issuer == test_issuer_server.announcement["issuer"]


def test_tls_and_paths() -> None:
    """A context of its own: the authority is trusted, the faults are refused."""
    with start(tls=True, path="/tenant/") as server:
        trusting = ssl.create_default_context(cafile=server.ca)
        url = server.first.issuer
        assert url.startswith("https://localhost:") and url.endswith("/tenant/")
        assert fetch(f"{url}.well-known/openid-configuration", context=trusting)["issuer"] == url
        for flaw in ("expired", "not_yet_valid", "wrong_host", "self_signed", "unknown_ca", "not_a_server", "tls10"):
            with pytest.raises(urllib.error.URLError) as caught:
                fetch(f"{server.tls_faults[flaw]}/tenant/jwks", context=trusting)
            assert isinstance(caught.value.reason, ssl.SSLError), flaw


def test_what_does_not_start_is_told() -> None:
    """An argument that the program refuses."""
    with pytest.raises(RuntimeError, match="did not start"), start(path="no path"):
        pass
