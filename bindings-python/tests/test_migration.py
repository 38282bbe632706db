"""Migrations: what tokens and validators tell while an API moves from one profile to another."""

from __future__ import annotations

import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import at9068
import pytest
from at9068 import ConfigError, KeySet, MigrationReport, Minter, SigningKey, TokenError, Validator
from conftest import API, ISSUER, NOW

BREAKS: tuple[at9068.ErrorCode, ...] = ("type_mismatch", "claim_missing")


@pytest.fixture
def former(key: SigningKey) -> str:
    """Mint a token of the profile that the API comes from."""
    minter = Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "access_token", "scopes": ["read"]}])
    return minter.mint(grant_type="client_credentials", client_id="cron", scope="read", now=NOW).token


@pytest.fixture
def moving(keys: KeySet) -> Validator:
    return Validator(issuer=ISSUER, audience=API, jwks=keys, migrate_from="auth0")


def test_a_token_tells_what_would_refuse_it(moving: Validator, former: str, minted: at9068.MintedToken) -> None:
    token = moving.validate(former, now=NOW)
    assert (token.profile, token.client_id, token.would_break) == ("auth0", "cron", BREAKS)
    token = moving.validate(minted.token, now=NOW)
    assert (token.profile, token.would_break) == ("rfc9068", ())


def test_without_a_migration_nothing_breaks(
    validator: Validator, keys: KeySet, former: str, minted: at9068.MintedToken
) -> None:
    assert validator.validate(minted.token, now=NOW).would_break == ()
    assert validator.migrations() == ()
    both = Validator(issuer=ISSUER, audience=API, jwks=keys, profiles=["rfc9068", "auth0"])
    assert both.validate(former, now=NOW).would_break == ()
    assert both.migrations() == ()


def test_accepted_tokens_are_counted(moving: Validator, former: str, minted: at9068.MintedToken) -> None:
    (before,) = moving.migrations()
    assert before == MigrationReport(ISSUER, "auth0", "rfc9068", migrated=0, remaining=0, codes={})
    moving.validate(former, now=NOW)
    moving.authenticate({"headers": [("Authorization", f"Bearer {former}")]}, now=NOW)
    moving.validate(minted.token, now=NOW)
    with pytest.raises(TokenError):
        moving.validate(former, now=NOW + 4000)
    explained = moving.explain(former, now=NOW).token
    assert explained is not None
    assert explained.would_break == BREAKS
    (after,) = moving.migrations()
    assert after == dataclasses.replace(before, migrated=1, remaining=2, codes=dict.fromkeys(BREAKS, 2))
    assert list(after.codes) == list(BREAKS), "in the order of the codes' numbers"
    assert (before.migrated, before.remaining) == (0, 0), "a report stays as it was given"


def test_each_issuer_moves_by_itself(keys: KeySet, former: str) -> None:
    validator = Validator(
        audience=API,
        issuers=[
            {"issuer": "https://b.example/", "jwks": keys},
            {"issuer": ISSUER, "jwks": keys, "migrate_from": "auth0"},
        ],
    )
    assert validator.validate(former, now=NOW).would_break == BREAKS
    assert [(report.issuer, report.remaining) for report in validator.migrations()] == [(ISSUER, 1)]


def test_threads_lose_no_count(moving: Validator, former: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: moving.validate(former, now=NOW), range(400)))
    (report,) = moving.migrations()
    assert (report.remaining, dict(report.codes)) == (400, dict.fromkeys(BREAKS, 400))


def test_a_report_is_a_value(moving: Validator) -> None:
    (report,) = moving.migrations()
    assert type(report).__module__ == "at9068"
    assert pickle.loads(pickle.dumps(report)) == report
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.remaining = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "options",
    [
        {"migrate_from": "rfc9068"},
        {"migrate_from": "AUTH0"},
        {"migrate_from": ["auth0"]},
        {"migrate_from": "auth0", "profiles": ["keycloak"]},
        {"migrate_from": "auth0", "profiles": ["rfc9068", "okta"]},
    ],
    ids=str,
)
def test_a_migration_leads_from_one_profile_to_one_other(keys: KeySet, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        Validator(issuer=ISSUER, audience=API, jwks=keys, **options)
    assert caught.value.code == "config_invalid"
