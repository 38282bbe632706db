"""Claims are read as `json.loads` reads them, to the type and the last digit."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from at9068 import AccessToken, At9068Error, Minter, SigningKey, Validator
from conftest import API, ISSUER, NOW

SECRET = '{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q","alg":"HS256"}'
"""TEST ONLY, and quick."""

NUMBERS = [
    *("0", "-0", "1", "-1", "0.1", "1.5", "-0.0", "0.0", "1e5", "1E+3", "1e-7", "1e-400", "1e400", "-1e400"),
    *("2.2250738585072014e-308", "5e-324", "0.30000000000000004", "100000000000000000000000.5", "9007199254740993"),
    *("123456789012345678", "1234567890123456789", "9223372036854775807", "9223372036854775808"),
    *("-9223372036854775808", "-9223372036854775809", "1" * 50, "-" + "9" * 400),
]
PIECES = ['"', "\\", "/", "a", "b", "é", "漢", "😀", "\n", "\x01", "\x7f", " ", "{", "u0041", "\u2028", "x" * 9]


@pytest.fixture(scope="module")
def quick() -> Minter:
    key = SigningKey.from_jwk(SECRET)
    return Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])


def claims_of(minter: Minter, claims: str) -> tuple[str, Any]:
    request = f'{{"grant_type":"client_credentials","client_id":"cron","resource":["{API}"],"claims":{claims}}}'
    minted = minter.mint_json(request, now=NOW)
    return minted.claims_json, minted.claims


def typed(value: Any) -> Any:
    """Tell values apart that are equal, such as 1 and 1.0, or 0.0 and -0.0."""
    if isinstance(value, dict):
        return {name: typed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [typed(element) for element in value]
    return type(value), repr(value)


def written(text: str, chance: random.Random) -> str:
    """Write a text in JSON, with escapes where they must be, and where they need not."""
    out = []
    for character in text:
        units = character.encode("utf-16-be").hex()
        escaped = "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
        if chance.random() < 0.2:
            out.append(escaped.upper().replace("U", "u") if chance.random() < 0.5 else escaped)
        elif character == "/" and chance.random() < 0.5:
            out.append("\\/")
        else:
            out.append(json.dumps(character, ensure_ascii=chance.random() < 0.5)[1:-1])
    return '"' + "".join(out) + '"'


def value(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth > 0 and kind < 0.2:
        elements = [value(chance, depth - 1) for _ in range(chance.randrange(5))]
        return "[" + space(chance) + f"{space(chance)},{space(chance)}".join(elements) + space(chance) + "]"
    if depth > 0 and kind < 0.4:
        names = {text(chance) for _ in range(chance.randrange(6))}
        members = [
            f"{written(name, chance)}{space(chance)}:{space(chance)}{value(chance, depth - 1)}"
            for name in sorted(names)
        ]
        return "{" + space(chance) + f"{space(chance)},{space(chance)}".join(members) + space(chance) + "}"
    if kind < 0.65:
        return written(text(chance), chance)
    if kind < 0.9:
        return chance.choice([*NUMBERS, str(chance.random()), str(chance.randrange(-(10**18), 10**18))])
    return chance.choice(["true", "false", "null"])


def space(chance: random.Random) -> str:
    return chance.choice(["", "", "", " ", "\n\t ", "\r"])


def text(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.choice([0, 1, 2, 3, 8, 20])))


def test_claims_are_what_json_says(quick: Minter) -> None:
    chance = random.Random(9068)
    for number in range(1000):
        members = [f'"claim {number % 700} {place}":{value(chance, 5)}' for place in range(chance.randrange(1, 8))]
        text, claims = claims_of(quick, "{" + ",".join(members) + "}")
        assert typed(claims) == typed(json.loads(text))
        assert list(claims) == list(json.loads(text))


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_what_json_says(quick: Minter, number: str) -> None:
    _, claims = claims_of(quick, f'{{"number":{number}}}')
    assert typed(claims["number"]) == typed(json.loads(number))


def test_integers_that_python_does_not_read_are_floats(quick: Minter) -> None:
    _, claims = claims_of(quick, f'{{"huge":{"9" * 5000},"negative":-{"9" * 5000},"small":7,"large":{"9" * 300}}}')
    assert (claims["huge"], claims["negative"]) in [(float("inf"), float("-inf")), (10**5000 - 1, 1 - 10**5000)]
    assert typed(claims["small"]) == typed(7)
    assert claims["large"] == 10**300 - 1


def test_the_deepest_claims_are_read(quick: Minter) -> None:
    deepest = 0
    for depth in range(1, 100):
        try:
            text, claims = claims_of(quick, '{"deep":' + "[" * depth + "]" * depth + "}")
        except At9068Error:
            break
        deepest = depth
        assert claims == json.loads(text)
    assert deepest >= 16


def test_what_is_read_belongs_to_whoever_reads_it(quick: Minter) -> None:
    _, first = claims_of(quick, '{"list":[1],"name":"x"}')
    first["list"].append(2)
    first["name"] = "y"
    _, second = claims_of(quick, '{"list":[1],"name":"x"}')
    assert (second["list"], second["name"]) == ([1], "x")


def test_scopes_are_made_once(quick: Minter) -> None:
    keys: Any = {"keys": [json.loads(SECRET)]}
    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, algorithms=["HS256"])
    token = validator.validate(quick.mint(grant_type="client_credentials", client_id="cron", resource=[API]).token)
    assert isinstance(token, AccessToken)
    assert token.scopes is token.scopes
