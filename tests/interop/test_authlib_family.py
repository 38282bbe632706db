"""Authlib's ID tokens and client assertions and ours, both ways, in every language."""

from __future__ import annotations

import time
from typing import Any

import pytest
from asking import ask, every_driver, verdict
from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, client_secret_jwt_sign, private_key_jwt_sign
from authlib.oidc.core import HybridIDToken
from authlib.oidc.core.grants.util import generate_id_token
from common import API, CLIENT, ISSUER, USER, Side, mint, spoiled
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

SECRET = "the-secret-of-a-client-for-tests-only-and-long-enough-for-hs512-000"
NONCE = "n-0S6_WzA2Mj"
CODE = "SplxlOBeZQQYbYS6WxSbIA"
ACCESS_TOKEN = "SlAV32hkKG"
ALGORITHMS = ("RS256", "RS512", "PS384", "ES256", "ES384")


def id_token_question(side: Side, token: str, **require: Any) -> dict[str, Any]:
    """One of our validators, for the one client."""
    config = {"issuer": ISSUER, "client_id": CLIENT, "jwks": {"keys": [side.verifying]}}
    return {"op": "validate_id_token", "config": config, "token": token, "at": time.time(), "require": require}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_authlibs_id_tokens_are_good(alg: str) -> None:
    """With hashes of the code and the access token."""
    side = Side(alg)
    token = generate_id_token(
        {"access_token": ACCESS_TOKEN}, {"sub": USER}, side.signing, ISSUER, CLIENT,
        alg=alg, nonce=NONCE, code=CODE, kid=side.kid, acr="gold", amr=["pwd"],
    )  # fmt: skip
    own = {"nonce": NONCE, "access_token": ACCESS_TOKEN, "code": CODE, "acr_values": ["gold"], "max_age": 60}
    asked = {
        "good": (own, "ok"),
        "nonce": (own | {"nonce": "another"}, "claim_mismatch nonce"),
        "access token": (own | {"access_token": "another"}, "claim_mismatch at_hash"),
        "code": (own | {"code": "another"}, "claim_mismatch c_hash"),
    }
    questions = {name: id_token_question(side, token, **require) for name, (require, _) in asked.items()}
    answers = ask(questions | {"spoiled": id_token_question(side, spoiled(token), **own)})
    expected = {name: code for name, (_, code) in asked.items()} | {"spoiled": "signature_invalid"}
    assert {name: verdict(answer) for name, answer in answers.items()} == expected


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_our_id_tokens_are_good_to_authlib(alg: str) -> None:
    """Minted in every language."""
    side = Side(alg)
    config = {
        "issuer": ISSUER,
        "keys": {"keys": [side.signing]},
        "apis": [{"audience": API, "dialect": "rfc9068_profile", "algorithm": alg}],
    }
    request = {
        "client_id": CLIENT,
        "subject": USER,
        "nonce": NONCE,
        "auth_time": int(time.time()),
        "access_token": ACCESS_TOKEN,
        "code": CODE,
        "claims": {"name": "Somebody"},
    }
    question = {"op": "mint_id_token", "config": config, "request": request, "at": time.time()}
    for driver, answers in every_driver({"minted": question}).items():
        decoded = jwt.decode(answers["minted"]["token"], KeySet.import_key_set({"keys": [side.verifying]}), [alg])
        own = {"nonce": NONCE, "client_id": CLIENT, "access_token": ACCESS_TOKEN, "code": CODE, "max_age": 60}
        options = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": CLIENT}}
        HybridIDToken(decoded.claims, decoded.header, options, own).validate(leeway=5)
        assert decoded.claims["name"] == "Somebody", driver
        for wrong in ({"nonce": "another"}, {"access_token": "another"}, {"code": "another"}):
            with pytest.raises(JoseError):
                HybridIDToken(decoded.claims, decoded.header, options, own | wrong).validate(leeway=5)


def assertion_question(alg: str, token: str, **over: Any) -> dict[str, Any]:
    """An authorization server of ours, lenient as Authlib's assertions need it: they are typed `JWT`."""
    keys = {"client_secret": SECRET} if alg.startswith("HS") else {"jwks": {"keys": [Side(alg).verifying]}}
    config = {"issuer": ISSUER, "clients": [{"client_id": CLIENT} | keys], "danger_jwt_type": True} | over
    return {"op": "validate_client_assertion", "config": config, "token": token, "at": time.time()}


@pytest.mark.parametrize("alg", [*ALGORITHMS, "HS256", "HS512"])
def test_authlibs_assertions_are_good(alg: str) -> None:
    """For the issuer; for the token endpoint only where that is allowed."""
    secret = alg.startswith("HS")
    sign = client_secret_jwt_sign if secret else private_key_jwt_sign
    key = OctKey.import_key(SECRET) if secret else Side(alg).signing
    header = {} if secret else {"kid": Side(alg).kid}
    token = sign(key, CLIENT, ISSUER, alg, header=header, expires_in=60)
    endpoint = sign(key, CLIENT, ISSUER + "token", alg, header=header, expires_in=60)
    lenient = {"danger_token_endpoint_audience": [ISSUER + "token"]}
    asked = {
        "issuer": (assertion_question(alg, token), "ok"),
        "again": (assertion_question(alg, token) | {"before": [token]}, "token_replayed jti"),
        "endpoint": (assertion_question(alg, endpoint), "audience_mismatch aud"),
        "endpoint, where allowed": (assertion_question(alg, endpoint, **lenient), "ok"),
        "typed JWT": (assertion_question(alg, token, danger_jwt_type=False), "type_mismatch"),
        "spoiled": (assertion_question(alg, spoiled(token)), "signature_invalid"),
    }
    answers = ask({name: question for name, (question, _) in asked.items()})
    assert {name: verdict(answer) for name, answer in answers.items()} == {n: code for n, (_, code) in asked.items()}
    refused = [answer["error"] for answer in answers.values() if not answer["ok"]]
    assert {(error["oauth"], error["status"]) for error in refused} == {("invalid_client", 401)}


class Endpoint(JWTBearerClientAssertion):
    """Authlib's check of assertions, for the one issuer."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def get_audiences(self) -> list[str]:
        return [ISSUER]

    def validate_jti(self, claims: Any, jti: str) -> bool:
        known = jti in self.seen
        self.seen.add(jti)
        return not known


@pytest.mark.parametrize("alg", ["RS256", "ES256", "HS256"])
def test_our_assertions_are_good_to_authlib(alg: str) -> None:
    """Minted in every language, accepted once, under those algorithms that it takes."""
    secret = alg.startswith("HS")
    keys: dict[str, Any] = {"client_secret": SECRET} if secret else {"keys": {"keys": [Side(alg).signing]}}
    key = OctKey.import_key(SECRET) if secret else KeySet.import_key_set({"keys": [Side(alg).verifying]})
    config = {"client_id": CLIENT, "audience": ISSUER} | keys
    now = time.time()
    questions = {
        "good": {"op": "mint_client_assertion", "config": config, "request": {}, "at": now},
        "late": {"op": "mint_client_assertion", "config": config, "request": {}, "at": now - 600},
        "elsewhere": {
            "op": "mint_client_assertion",
            "config": config | {"audience": "https://other.example/"},
            "request": {},
            "at": now,
        },
    }
    endpoint = Endpoint()
    for driver, answers in every_driver(questions).items():
        good = answers["good"]["token"]
        assert endpoint.process_assertion_claims(good, key)["iss"] == CLIENT, driver
        for wrong in (good, spoiled(good), answers["late"]["token"], answers["elsewhere"]["token"]):
            with pytest.raises(InvalidClientError):
                endpoint.process_assertion_claims(wrong, key)


def test_an_access_token_is_neither() -> None:
    """Authlib is asked the same of the other kinds; ours says which kind it is."""
    side = Side("ES256")
    token = mint(side, "rfc9068_profile").token
    answers = ask(
        {"as an ID token": id_token_question(side, token), "as an assertion": assertion_question("ES256", token)}
    )
    assert verdict(answers["as an ID token"]) == "type_mismatch"
    assert answers["as an ID token"]["error"]["kind"] == "access_token"
    assert not answers["as an assertion"]["ok"]
