"""Writes seeds for every target into a folder, most of them out of the shared vectors and test keys.

    python fuzz/seeds.py target/fuzz/seeds

Needs nothing but Python. What is written is not committed: the vectors are.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

Seeds = Iterator[tuple[str, bytes]]

ROOT = Path(__file__).resolve().parent.parent
# As fuzz/run bounds the inputs: long claims are slow to judge twice, and limits are the vectors' matter.
LARGEST = {"compact": 6000, "jwk_set": 6000, "pem": 8000, "config": 6000}
LARGEST_OTHER = 2000


def octets(segment: str) -> bytes | None:
    """The octets of a segment, if it has some."""
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        return None


def text(value: Any) -> bytes:
    """A text of the product's own: as it stands, or as compact JSON."""
    compact = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return compact.encode("utf-8", "surrogatepass")


def of_token(token: bytes, config: Any) -> Seeds:
    """A token, and what its segments hold: as it is, and for the target's issuer, API and algorithm."""
    yield "compact", token
    parts = token.split(b".")
    if len(parts) == 3 and token.isascii():
        for target, part in zip(("header", "claims"), parts, strict=False):
            if (decoded := octets(part.decode())) is not None:
                yield target, decoded
                yield target, adapted(decoded, config)


def adapted(decoded: bytes, config: Any) -> bytes:
    """Claims or a header that a target can accept, where the vector's own validator can."""
    given = config if isinstance(config, dict) else {}
    audience = given.get("audience")
    for theirs, ours in (
        (given.get("issuer"), "https://as.example/"),
        (audience[0] if isinstance(audience, list) and audience else audience, "https://api.example/"),
        ("ES256", "HS256"),
        ("es256", "hs256"),
    ):
        if isinstance(theirs, str):
            decoded = decoded.replace(text(json.dumps(theirs)), text(json.dumps(ours)))
    return decoded


def of_case(case: dict, config: Any) -> Seeds:
    """The parts of a vector, which names that configuration."""
    if "token" in case:
        yield from of_token(case["token"].encode(), config)
    if "token_b64" in case:
        yield from of_token(base64.b64decode(case["token_b64"]), config)
    for name in ("request", "require"):
        if name in case:
            yield "config", text(case[name])
    if case["op"] == "mint":
        yield "mint", text(case["request"])
    if "jwk" in case:
        yield "jwk_set", text(case["jwk"])
    require = case.get("require")
    if isinstance(require, dict):
        yield "challenge", challenge("api", None, require)


def challenge(realm: str | None, url: str | None, require: dict) -> bytes:
    """The fields as the target takes them apart."""
    given = [require.get(name) for name in ("scopes", "acr_values")]
    lists = [b"\xfe".join(map(text, value)) if isinstance(value, list) else b"" for value in given]
    age = require.get("max_age")
    age = age.to_bytes(4, "big") if isinstance(age, int) and 0 <= age < 2**32 else b""
    return b"\xff".join([text(realm or ""), text(url or ""), *lists, age])


def of_config(config: dict | str) -> Seeds:
    """A configuration, its keys, and what challenges take from it."""
    yield "config", text(config)
    if not isinstance(config, dict):
        return
    yield "challenge", challenge(config.get("realm"), config.get("resource_metadata"), {})
    for name in ("jwks", "keys"):
        keys = config.get(name)
        if isinstance(keys, dict):
            yield "jwk_set", text(keys)
            for key in keys.get("keys") or []:
                yield "jwk_set", text(key)


# Claims that meet everything that the target `claims` demands, as each profile has them.
DEMANDED = {
    "iss": "https://as.example/",
    "sub": "u",
    "aud": ["https://api.example/", "other"],
    "exp": 1700003600,
    "iat": 1700000000,
    "nbf": 1700000000,
    "jti": "j",
    "auth_time": 1700000000.5,
    "acr": "gold",
    "permissions": ["p"],
    "roles": ["r"],
    "groups": [{"value": "g", "primary": True}],
    "entitlements": ["x", {"value": "e"}],
}
SCOPE = "openid read:patients"
PROFILES: list[dict[str, Any]] = [
    {"client_id": "c", "scope": SCOPE},
    {"azp": "c", "scope": SCOPE, "gty": "password"},
    {"azp": "c", "scope": SCOPE, "typ": "Bearer"},
    {"cid": "c", "scp": SCOPE.split()},
    {"azp": "c", "scp": SCOPE, "tid": "t", "ver": "2.0"},
    {"client_id": "1example23456789", "scope": SCOPE, "token_use": "access"},
    # Of Auth0's profile, and ready for that of RFC 9068.
    {"azp": "c", "client_id": "c", "scope": SCOPE},
]


def of_profiles() -> Seeds:
    """Their claims, bound to a certificate and not, and without audience."""
    for own in PROFILES:
        claims = DEMANDED | own
        yield "claims", text(claims)
        yield "claims", text(claims | {"cnf": {"x5t#S256": "A" * 43}})
        yield "claims", text({name: value for name, value in claims.items() if name != "aud"})


# Calls of the target c_abi, as libat9068/c_abi.rs takes them apart: operation, place, place of what is
# used, mode, and what the operation reads besides.
WHOLE, ABSENT = [0], [250, 0]
VALIDATOR, MINTER = [6, 0, 64, 0], [7, 0, 64, 0]
MINT, VALIDATE = [8, 0, 0, 0, 8, 0], [9, 64, 0, 0, 152, 0, *WHOLE, *ABSENT, 10, 0]
LOOK = [[11, 0, 0, 0, 15, 0], [12, 0, 0, 0, 15, 0], [13, 0, 0, 0, 9, 0], [17, 0, 0, 0]]
EXPORT = [[14, place, 0, mode] for place, mode in enumerate((200, 204, 208, 212))] + [[15, 1, 0, 0], [17, 0, 0, 0]]
SEQUENCES = [
    # A key set in the configuration, and no clock.
    [[*VALIDATOR, 3, 0, *WHOLE, 0, *WHOLE], [*MINTER, 6, 0, *WHOLE, 0, *WHOLE], MINT, VALIDATE, *LOOK],
    # A signing key as a handle, freed at once, and a clock; the token outlives its validator.
    [
        [2, 0, 128, 0, 2, 0, *WHOLE, 13, 0, *ABSENT],
        [*VALIDATOR, 5, 0, *WHOLE, 52, *WHOLE],
        [*MINTER, 7, 0, *WHOLE, 52, *WHOLE],
        [18, 0, 4, 0],
        [8, 6, 0, 0, 8, 0],
        [9, 70, 0, 0, 154, 0, *WHOLE, *ABSENT, *ABSENT],
        [18, 0, 0, 0],
        *LOOK,
    ],
    # Keys in and out, sets of them, thumbprints.
    [[1, 0, 0, 0, 0, 0], *EXPORT, [4, 0, 0, 0, 14, 0], *EXPORT, [5, 2, 1, 0], [16, 0, 0, 0, 0, 0], [17, 2, 0, 0]],
    [
        [0, 0, 0, 0, 1, 0],
        [3, 1, 0, 0, 2, 0, *WHOLE, *ABSENT, *ABSENT],
        [*VALIDATOR, 4, 0, *WHOLE, 53, *WHOLE],
        VALIDATE,
    ],
    # A request with its headers, and a proof.
    [
        [*VALIDATOR, 3, 0, *WHOLE, 0, *WHOLE],
        [10, 64, 0, 0, 11, 0, *WHOLE, *ABSENT, 9, 0],
        [9, 64, 0, 0, 100, 0, *WHOLE, 12, 0, 10, 0],
    ],
    # Many at once, on other threads; taken and looked at.
    [
        [*VALIDATOR, 3, 0, *WHOLE, 0, *WHOLE],
        [*MINTER, 6, 0, *WHOLE, 0, *WHOLE],
        MINT,
        [9, 64, 208, 0, 152, 0, 8, 0, 152, 0, *ABSENT, 152, 0, 0, *WHOLE, *ABSENT, 10, 0, 0],
        [8, 64, 208, 0, 8, 0, 8, 0, 9, 0, 8, 0, *ABSENT, 0],
        [17, 0, 0, 0],
        [18, 1, 208, 0],
        [17, 0, 0, 0],
        [17, 1, 0, 0],
        [9, 65, 208, 0, 152, 0, 8, 0, 152, 0, *ABSENT, 152, 0, 0, *WHOLE, *ABSENT, *ABSENT, 200],
        [17, 1, 0, 0],
    ],
    # Explained, good and refused; verified as any JWS; a set written and read again, and the codes.
    [
        [*VALIDATOR, 3, 0, *WHOLE, 0, *WHOLE],
        [*MINTER, 6, 0, *WHOLE, 0, *WHOLE],
        MINT,
        [20, 64, 0, 0, 152, 0, *WHOLE, *ABSENT, 10, 0],
        [17, 0, 0, 0],
        [20, 65, 0, 0, 152, 0, *WHOLE, *ABSENT, 9, 0],
        [18, 0, 0, 0],
        [17, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [19, 0, 0, 0, 152, 0, 18, 0],
        [21, 0, 0, 0],
        [0, 1, 0, 0, 192, 0],
        [17, 0, 0, 0],
    ],
    # A token of the profile that is left behind, and how far that is.
    [
        [*VALIDATOR, 19, 0, *WHOLE, 0, *WHOLE],
        [*MINTER, 20, 0, *WHOLE, 0, *WHOLE],
        MINT,
        VALIDATE,
        [17, 0, 0, 0],
        [21, 0, 128, 0],
    ],
    # A login: minted, judged in each way, and read.
    [
        [*MINTER, 6, 0, *WHOLE, 0, *WHOLE],
        [227, 0, 0, 0, 30, 0],
        [224, 0, 1, 0, 28, 0, *WHOLE, 0, *WHOLE],
        *([229, place, 0, 0, 152, 0, 31, 0, 0] for place in range(3)),
        *([236, place, 0, 0] for place in range(3)),
    ],
    # An assertion, made with a secret, accepted once, with a store in memory; and read.
    [
        [226, 0, 1, 0, 32, 0, *WHOLE, 0, *WHOLE],
        [228, 0, 0, 0, *ABSENT],
        [223, 0, 0, 0],
        [225, 0, 1, 0, 33, 0, *WHOLE, 54, *WHOLE],
        *([231, place, 0, 0, 152, 0, 34, 0, 0] for place in range(3)),
        [236, 0, 0, 0],
    ],
    # Keys of both kinds of validator, fetched by the host.
    [
        [224, 0, 1, 0, 29, 0, *WHOLE, 0, *WHOLE],
        [225, 0, 1, 0, 33, 0, *WHOLE, 0, *WHOLE],
        *([operation, 0, 0, 0, what] for operation in (234, 235) for what in range(7)),
        [252, 4, 0, 0, 26, 0, 27, 0, 25, 0],
        [238, 0, 0, 0],
    ],
    # A list, with an entry, given to a validator; kept and restored.
    [
        [220, 2, 0, 0, 0, *WHOLE],
        [221, 0, 2, 0, 35, 0, 0],
        [*VALIDATOR, 3, 0, *WHOLE, 54, *WHOLE],
        [*MINTER, 6, 0, *WHOLE, 0, *WHOLE],
        MINT,
        VALIDATE,
        [221, 0, 2, 0, 8, 0, 3],
        [221, 0, 2, 0, 192, 0, 1],
        [221, 0, 2, 0, 8, 0, 2],
    ],
    # An issuer that is asked, step by step, and what is answered about its token.
    [
        [*MINTER, 6, 0, *WHOLE, 0, *WHOLE],
        [*VALIDATOR, 36, 0, *WHOLE, 52, *WHOLE],
        [250, 64, 64, 0, 14, 0, *WHOLE, *ABSENT, *ABSENT],
        [252, 4, 0, 0, 26, 0, 27, 0, 37, 0],
        [250, 64, 64, 0, 14, 0, *WHOLE, *ABSENT, *ABSENT],
        [233, 0, 0, 0, 14, 0],
        [17, 0, 0, 0],
    ],
]


def all_seeds() -> Seeds:
    """All of them, with their targets."""
    for path in sorted((ROOT / "tests/vectors").glob("*.json")):
        topic = json.loads(path.read_text("utf-8"))
        if "cases" not in topic:
            continue
        for config in topic["configs"].values():
            yield from of_config(config)
        for case in topic["cases"]:
            yield from of_case(case, topic["configs"].get(case.get("config")))
    for path in sorted((ROOT / "tests/keys").glob("*.pem")):
        yield "pem", path.read_bytes()
    yield from of_profiles()
    for sequence in SEQUENCES:
        yield "c_abi", bytes(chain.from_iterable(sequence)) + b"\xffa.b.c"


def main() -> None:
    """Writes each seed into its target's folder, under its digest."""
    folder = Path(sys.argv[1])
    for target, seed in all_seeds():
        if len(seed) <= LARGEST.get(target, LARGEST_OTHER):
            (folder / target).mkdir(parents=True, exist_ok=True)
            (folder / target / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
