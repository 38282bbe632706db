"""oidc-provider's ID tokens, assertions and introspection, in every language, and each way to be refused."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import ask, every_driver, verdict
from common import Side, spoiled

HERE = Path(__file__).resolve().parent
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
CACHE: Any = {"danger_http_loopback": True, "timeout_seconds": 20.0}
SECRET = "the-secret-of-a-client-for-tests-only"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# How each client authenticates itself.
METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")


def client(method: str, alg: str) -> dict[str, Any]:
    """A client as the server registers it; the name is its method's."""
    own: dict[str, Any] = {"client_id": method, "token_endpoint_auth_method": method}
    if method == "private_key_jwt":
        return own | {"jwks": {"keys": [Side(alg).verifying]}, "token_endpoint_auth_signing_alg": alg}
    if method == "client_secret_jwt":
        return own | {"client_secret": SECRET, "token_endpoint_auth_signing_alg": "HS256"}
    return own | {"client_secret": SECRET}


@dataclass(frozen=True)
class Family:
    """A running server."""

    alg: str
    issuer: str
    endpoint: str
    opaque_api: str
    api: str
    process: subprocess.Popen[str]

    def do(self, name: str, **given: Any) -> dict[str, Any]:
        """Has the server's side do something."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": name} | given) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "failed" not in answer, answer
        return answer


@contextmanager
def serving(alg: str) -> Iterator[Family]:
    """Serves as long as the context lasts."""
    clients = [client(method, alg) for method in METHODS]
    command = ["node", "family.mjs", alg, json.dumps(clients)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=HERE, text=True, **pipes) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield Family(alg=alg, process=process, **json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


@pytest.fixture(params=ALGORITHMS)
def family(request: pytest.FixtureRequest) -> Iterator[Family]:
    """The server with each algorithm."""
    with serving(request.param) as family:
        yield family


def test_id_tokens(family: Family) -> None:
    """Of the code flow and the hybrid flow, found by discovery."""
    plain = family.do("code")
    hybrid = family.do(
        "code", parameters={"response_type": "code id_token", "max_age": "100", "scope": "openid profile"}
    )
    config = {"issuer": family.issuer, "client_id": plain["client_id"], "issuer_cache": CACHE}
    now = time.time()

    def question(token: str, at: float = now, over: Any = None, **require: Any) -> dict[str, Any]:
        return {
            "op": "validate_id_token",
            "config": config | (over or {}),
            "token": token,
            "at": at,
            "require": require,
        }

    token, nonce = plain["id_token"], plain["nonce"]
    front = hybrid["front_id_token"]
    asked = {
        "plain": (question(token, nonce=nonce), "ok"),
        "plain, with its access token": (question(token, nonce=nonce, access_token=plain["access_token"]), "ok"),
        "hybrid": (question(hybrid["id_token"], nonce=hybrid["nonce"], max_age=100), "ok"),
        "front": (question(front, nonce=hybrid["nonce"], code=hybrid["code"], max_age=100), "ok"),
        "another nonce": (question(token, nonce="another"), "claim_mismatch nonce"),
        "no nonce sent": (question(token), "claim_mismatch nonce"),
        "another code": (question(front, nonce=hybrid["nonce"], code=plain["code"]), "claim_mismatch c_hash"),
        "signed in too long ago": (
            question(front, now + 200, nonce=hybrid["nonce"], max_age=100),
            "authentication_insufficient auth_time",
        ),
        "when is not told": (question(token, nonce=nonce, max_age=100), "authentication_insufficient auth_time"),
        "no context": (question(token, nonce=nonce, acr_values=["silver"]), "authentication_insufficient acr"),
        "expired": (question(token, now + 700, nonce=nonce), "token_expired exp"),
        "spoiled": (question(spoiled(token), nonce=nonce), "signature_invalid"),
        "another client's": (question(token, over={"client_id": "web-2"}, nonce=nonce), "audience_mismatch aud"),
        "another issuer's": (question(token, over={"issuer": family.issuer + "/"}, nonce=nonce), "issuer_unknown iss"),
        "an access token": (question(family.do("access", client=basic(), opaque=False)["token"]), "type_mismatch"),
        "as an access token": (
            {
                "op": "validate",
                "config": {"issuer": family.issuer, "audience": plain["client_id"], "issuer_cache": CACHE},
                "token": token,
                "at": now,
            },
            "type_mismatch",
        ),
    }
    answers = ask({name: question for name, (question, _) in asked.items()})
    assert {name: verdict(answer) for name, answer in answers.items()} == {n: code for n, (_, code) in asked.items()}
    assert answers["front"]["claims"]["sub"] == "user-1"


def basic() -> dict[str, str]:
    """The client that any command may use."""
    return {"client_id": "client_secret_basic", "client_secret": SECRET}


def assertion_config(family: Family, method: str) -> dict[str, Any]:
    """Our side of a client that authenticates by assertions."""
    config: dict[str, Any] = {"client_id": method, "audience": family.issuer}
    if method == "private_key_jwt":
        return config | {"keys": {"keys": [Side(family.alg).signing]}}
    return config | {"client_secret": SECRET}


def test_our_assertions(family: Family) -> None:
    """What every language mints is accepted at the token endpoint, once; what is wrong is not."""
    now = time.time()
    for method in ("private_key_jwt", "client_secret_jwt"):
        config = assertion_config(family, method)

        def mint(at: float = now, config: Any = config, **over: Any) -> dict[str, Any]:
            return {"op": "mint_client_assertion", "config": config | over, "request": {}, "at": at}

        questions = {
            "good": mint(),
            "expired": mint(now - 600),
            "for another server": mint(audience="https://other.example/"),
            "of another client": mint(client_id="nobody"),
        }
        for driver, answers in every_driver(questions).items():
            minted = {name: answer["token"] for name, answer in answers.items()}
            sent = minted | {"spoiled": spoiled(minted["good"]), "again": minted["good"]}
            for name, assertion in sent.items():
                form = {
                    "grant_type": "client_credentials",
                    "scope": "read:patients",
                    "resource": family.api,
                    "client_assertion_type": JWT_BEARER,
                    "client_assertion": assertion,
                }
                answer = family.do("token", form=form)
                told = (answer["status"], answer["body"].get("error"))
                assert told == ((200, None) if name == "good" else (401, "invalid_client")), (driver, method, name)


def introspecting(family: Family, method: str, **over: Any) -> dict[str, Any]:
    """A resource server that asks about every token."""
    credentials: dict[str, Any] = {"client_secret": SECRET}
    if method == "private_key_jwt":
        credentials = {"keys": {"keys": [Side(family.alg).signing]}}
    own = {"endpoint": family.endpoint, "client_id": method, "authentication": method} | credentials
    return {
        "issuer": family.issuer,
        "audience": family.opaque_api,
        "issuer_cache": CACHE,
        "strategy": "introspection",
        "introspection": own | over,
    }


def test_introspection(family: Family) -> None:
    """Opaque tokens, asked about in JSON and as signed JWTs, as every kind of client; then taken back."""
    token = family.do("access", client=basic(), opaque=True)["token"]
    now = time.time()

    def question(config: dict[str, Any], token: str = token, **more: Any) -> dict[str, Any]:
        return {"op": "validate", "config": config, "token": token, "at": now} | more

    good = {
        f"{method}, {'signed' if signed else 'JSON'}": question(introspecting(family, method, signed_response=signed))
        for method in ("client_secret_basic", "client_secret_post", "private_key_jwt")
        for signed in (False, True)
    }
    usual = introspecting(family, "client_secret_basic")
    signed = introspecting(family, "client_secret_basic", signed_response=True)
    refused = {
        "nobody's": (question(usual, "nobodys-token"), "token_inactive"),
        "nobody's, signed": (question(signed, "nobodys-token"), "token_inactive"),
        "for another API": (question(usual | {"audience": family.api}), "audience_mismatch aud"),
        "too little scope": (question(usual, require={"scopes": ["write:patients"]}), "scope_insufficient scope"),
        "wrong secret": (
            question(introspecting(family, "client_secret_basic", client_secret="x" * 37)),
            "introspection_unavailable",
        ),
        "nobody there": (
            question(introspecting(family, "client_secret_basic", endpoint=family.issuer + "/nowhere")),
            "introspection_unavailable",
        ),
    }
    answers = ask(good | {name: question for name, (question, _) in refused.items()})
    for name in good:
        answer = answers[name]
        assert verdict(answer) == "ok", (name, answer)
        assert (answer["origin"], answer["profile"], answer["claims"]["scope"]) == (
            "introspection",
            None,
            "read:patients",
        )
    assert {name: verdict(answers[name]) for name in refused} == {name: code for name, (_, code) in refused.items()}

    assert family.do("revoke", client=basic(), token=token)["status"] == 200
    after = ask(good)
    assert {verdict(answer) for answer in after.values()} == {"token_inactive"}


def test_jwt_access_tokens(family: Family) -> None:
    """Local validation of what the same server signs, with the scope that was granted."""
    token = family.do("access", client=basic(), opaque=False)["token"]
    config = {"issuer": family.issuer, "audience": family.api, "issuer_cache": CACHE}
    question = {"op": "validate", "config": config, "token": token, "at": time.time()}
    answers = ask({"good": question, "spoiled": question | {"token": spoiled(token)}})
    assert {name: verdict(answer) for name, answer in answers.items()} == {"good": "ok", "spoiled": "signature_invalid"}
