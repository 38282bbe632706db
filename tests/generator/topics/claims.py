"""Claims: presence and type, profile by profile."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, DROP, EXP, IAT, Topic, claims, header, token
from ..common import config, topic
from ..encoding import Raw
from ..expect import Err
from ..jose import Token


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("claims", "Each claim's presence and type, in both profiles.")
    profiles(t)
    required(t)
    types(t)
    raw_when_not_asked(t)
    configured(t)
    return [t]


def made(profile: str, **over: Any) -> Token:
    """A token of a profile with changed claims."""
    return token(header(profile), claims(profile, **over))


def profiles(t: Topic) -> None:
    """Full tokens of every dialect's shape, and claims of the other profile that do not matter."""
    full: dict[str, Any] = {
        "nbf": IAT,
        "permissions": ["read:patients"],
        "auth_time": IAT - 60,
        "acr": "urn:example:loa:2",
        "amr": ["pwd", "otp"],
        "org_id": "org_1",
        "org_name": "example",
        "roles": ["doctor", {"value": "nurse", "display": "Nurse", "primary": True}],
        "groups": ["ward-7"],
        "entitlements": [{"value": "e", "type": "t", "$ref": "https://scim.example/e"}],
        "authorization_details": [{"type": "payment", "amount": {"currency": "EUR", "value": "1.00"}}],
        "act": {"sub": "service-1", "act": {"sub": "service-0"}},
        "may_act": {"sub": "service-2"},
        "https://api.example/custom": {"a": [1, 2.50, None]},
    }
    m2m = {"sub": f"{CLIENT}@clients", "scope": "read:patients"}
    shapes: dict[str, tuple[str, dict[str, Any]]] = {
        "rfc9068-profile": ("rfc9068", {}),
        "rfc9068-profile-authz": ("rfc9068", {"permissions": []}),
        "rfc9068-m2m": ("rfc9068", m2m),
        "rfc9068-full": ("rfc9068", full),
        "rfc9068-bare": ("rfc9068", {"scope": DROP}),
        "access-token": ("auth0", {}),
        "access-token-authz": ("auth0", {"permissions": ["read:patients"]}),
        "access-token-m2m": ("auth0", {**m2m, "gty": "client-credentials"}),
        "access-token-password": ("auth0", {"gty": "password"}),
        "access-token-gty-array": ("auth0", {"gty": ["refresh_token", "password"]}),
        "access-token-full": ("auth0", full),
        "access-token-bare": ("auth0", {"scope": DROP}),
    }
    for name, (profile, over) in shapes.items():
        rules = "PRO-1 PRO-2 PRO-3 PRO-5 PRO-6 AT-CLM-1"
        if "full" in name:
            rules += " AT-CLM-7 RAR-1 ACT-1"
        t.validate(
            f"shape-{name}",
            f"A whole token: {name}",
            rules,
            made(profile, **over),
            profile,
            config="base" if profile == "rfc9068" else "auth0",
        )
    for profile, over, name in (
        ("rfc9068", {"azp": CLIENT}, "azp"),
        ("rfc9068", {"azp": "someone-else"}, "other-azp"),
        ("rfc9068", {"gty": "password"}, "gty"),
        ("rfc9068", {"gty": 5}, "gty-number"),
        ("rfc9068", {"azp": 5}, "azp-number"),
        ("auth0", {"client_id": "someone-else"}, "client-id"),
        ("auth0", {"client_id": 5}, "client-id-number"),
        ("auth0", {"jti": "j"}, "jti"),
        ("auth0", {"roles": ["r"]}, "roles"),
    ):
        t.validate(
            f"{profile}-extra-{name}",
            f"Absences bind the minter only: {profile} token with {name}",
            "PRO-1 PRO-2",
            made(profile, **over),
            profile,
            config="base" if profile == "rfc9068" else "auth0",
            flags="valid policy",
        )


REQUIRED = {
    "rfc9068": ("iss", "sub", "aud", "client_id", "exp", "iat", "jti"),
    "auth0": ("iss", "sub", "aud", "azp", "exp", "iat"),
}


def required(t: Topic) -> None:
    """What a profile requires."""
    for profile, names in REQUIRED.items():
        for name in names:
            error = Err("claim_missing", claim=name, authenticated=name != "iss")
            t.validate(
                f"{profile}-missing-{name.replace('_', '-')}",
                f"{profile} without {name}",
                "AT-CLM-1 T70 T87 T93",
                made(profile, **{name: DROP}),
                error,
                config="base" if profile == "rfc9068" else "auth0",
            )
    t.validate(
        "rfc9068-only-azp",
        "The client is read from the profile's own claim: azp is none under rfc9068",
        "PRO-1",
        made("rfc9068", client_id=DROP, azp=CLIENT),
        Err("claim_missing", claim="client_id"),
    )
    t.validate(
        "auth0-only-client-id",
        "The client is read from the profile's own claim: client_id is none under auth0",
        "PRO-2",
        made("auth0", azp=DROP, client_id=CLIENT),
        Err("claim_missing", claim="azp"),
        config="auth0",
    )
    t.validate(
        "empty-object",
        "No claims at all",
        "AT-CLM-1",
        token(body={}),
        Err("claim_missing", claim="iss", authenticated=False),
    )


NOT_STRING: dict[str, Any] = {"null": None, "number": 1, "true": True, "array": ["x"], "object": {}}
NOT_DATE: dict[str, Any] = {
    "null": None,
    "string": str(EXP),
    "true": True,
    "array": [EXP],
    "empty-array": [],
    "object": {},
    "negative": -1,
    "huge": Raw("1e999"),
    "minus-huge": Raw("-1e999"),
    "1e308": Raw("1e308"),
    "above-9999": 253402300800,
    "above-9999-fraction": Raw("253402300799.5"),
    "400-digits": Raw("9" * 400),
    "i64-min": -9223372036854775808,
    "i64-max-plus-1": 9223372036854775808,
    "u64-max-plus-1": 18446744073709551616,
    "2-to-53-plus-1": 9007199254740993,
    "small-negative": Raw("-0.5"),
    "empty": "",
}
NOT_STRINGS: dict[str, Any] = {
    "null": None,
    "string": "x",
    "number": 1,
    "object": {},
    "inner-number": ["x", 1],
    "inner-null": [None],
    "inner-array": [["x"]],
}
NOT_OBJECT: dict[str, Any] = {"null": None, "string": "x", "number": 1, "array": [], "true": False}


def types(t: Topic) -> None:
    """A wrong type is refused wherever the claim stands, never skipped."""
    rules = "AT-CLM-1 JOSE-6 T71 T72 T73 T74 T87 T89 T92"

    def refuse(name: str, form: str, value: Any, profile: str = "rfc9068") -> None:
        prefix = "" if profile == "rfc9068" else "auth0-"
        t.validate(
            f"{prefix}{name.replace('_', '-')}-{form}",
            f"{profile}: {name} malformed: {form}",
            rules,
            made(profile, **{name: value}),
            Err("claim_malformed", claim=name, authenticated=name != "iss"),
            config="base" if profile == "rfc9068" else "auth0",
        )

    for name in ("iss", "sub", "client_id", "jti", "scope", "acr", "org_id", "org_name"):
        for form, value in NOT_STRING.items():
            refuse(name, form, value)
    for name in ("sub", "client_id", "jti"):
        refuse(name, "empty", "")
    for form, value in NOT_STRING.items():
        refuse("azp", form, value, "auth0")
    refuse("azp", "empty", "", "auth0")
    refuse("jti", "number", 5, "auth0")
    refuse("sub", "empty", "", "auth0")
    for form, value in NOT_DATE.items():
        refuse("exp", form, value)
    for name in ("iat", "nbf", "auth_time"):
        for form in (
            "null",
            "string",
            "true",
            "array",
            "object",
            "negative",
            "huge",
            "above-9999",
            "i64-min",
            "400-digits",
        ):
            refuse(name, form, NOT_DATE[form])
    refuse("exp", "string", str(EXP), "auth0")
    refuse("nbf", "string", str(IAT), "auth0")
    for name in ("permissions", "amr"):
        for form, value in NOT_STRINGS.items():
            refuse(name, form, value)
    refuse("permissions", "string", "read:patients", "auth0")
    for form, value in NOT_OBJECT.items():
        refuse("act", form, value)
    refuse("act", "inner-string", {"sub": "s", "act": "t"})
    for form, value in {"null": None, "number": 1, "object": {}, "inner-number": ["x", 1]}.items():
        refuse("gty", form, value, "auth0")
    for form, scope in {
        "leading-space": " read",
        "trailing-space": "read ",
        "double-space": "read  write",
        "only-space": " ",
        "tab": "read\twrite",
        "newline": "read\nwrite",
        "quote": 'read "x"',
        "backslash": "read\\write",
        "non-ascii": "r\u00e9ad",
        "nul": "read\0",
        "del": "read\x7f",
        "nbsp": "read\u00a0write",
    }.items():
        refuse("scope", form, scope)
    for form, aud in {
        "null": None,
        "number": 1,
        "object": {},
        "true": True,
        "inner-number": [API, 1],
        "inner-array": [[API]],
        "inner-null": [None, API],
    }.items():
        refuse("aud", form, aud)
    for depth in (8, 9):
        act: dict[str, Any] = {"sub": "s"}
        for _ in range(depth - 1):
            act = {"sub": "s", "act": act}
        good = depth == 8
        t.validate(
            f"act-depth-{depth}",
            f"act nested {depth} deep",
            "ACT-1 T91",
            made("rfc9068", act=act),
            "rfc9068" if good else Err("claim_malformed", claim="act"),
            flags="valid boundary" if good else "boundary",
        )
    dates: dict[str, dict[str, Any]] = {
        "exp-fraction": {"exp": Raw("1700003600.5")},
        "exp-exponent": {"exp": Raw("1.7000036e9")},
        "exp-zero-fraction": {"exp": Raw("1700003600.000")},
        "exp-last": {"exp": 253402300799},
        "iat-zero": {"iat": 0},
        "iat-minus-zero": {"iat": Raw("-0")},
        "iat-tiny": {"iat": Raw("1e-300")},
        "nbf-fraction": {"nbf": Raw("1700000000.75")},
        "auth-time-fraction": {"auth_time": Raw("1699999999.25")},
        "exp-many-digits": {"exp": Raw("1700003600." + "0" * 200 + "1")},
    }
    for form, over in dates.items():
        t.validate(
            f"date-{form}", f"A NumericDate is any JSON number in range: {form}", "JOSE-6 T73", made("rfc9068", **over)
        )
    scopes = {
        "empty": "",
        "one": "read",
        "duplicates": "read write read",
        "punctuation": "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    }
    for form, scope in scopes.items():
        t.validate(f"scope-kept-{form}", f"scope {form}", "AT-CLM-5 T89", made("rfc9068", scope=scope))
    t.validate(
        "strings-kept",
        "Odd but good strings",
        "AT-CLM-1 T60",
        made("rfc9068", sub="a\u0000b\u202e\u200b e\u0301", client_id=" ", jti="\U0001f600" * 20),
    )


def raw_when_not_asked(t: Topic) -> None:
    """Roles, groups, entitlements and authorization_details are judged when the endpoint asks."""
    for name in ("roles", "groups", "entitlements"):
        for form, value in (
            ("object", {}),
            ("string", "x"),
            ("null", None),
            ("inner-number", [1]),
            ("no-value", [{"display": "x"}]),
            ("value-number", [{"value": "x"}, {"value": 5}]),
            ("display-number", [{"value": "x", "display": 5}]),
            ("type-number", [{"value": "x", "type": 5}]),
            ("ref-number", [{"value": "x", "$ref": 5}]),
            ("primary-text", [{"value": "x", "primary": "true"}]),
        ):
            body = made("rfc9068", **{name: value})
            t.validate(
                f"{name}-{form}-raw",
                f"{name} of the wrong type, not asked for",
                "AT-CLM-7 T90",
                body,
                flags="valid policy",
            )
            t.validate(
                f"{name}-{form}-asked",
                f"{name} of the wrong type, asked for",
                "AT-CLM-7 AT-VAL-9 T90",
                body,
                Err("claim_malformed", claim=name),
                require={name: ["x"]},
            )
    for form, value in (("string", "x"), ("number", 1), ("no-type", [{"amount": 1}]), ("object", {"type": "payment"})):
        t.validate(
            f"authorization-details-{form}-raw",
            "authorization_details is judged by its accessor",
            "RAR-1 T90",
            made("rfc9068", authorization_details=value),
            flags="valid policy",
        )
    t.validate(
        "auth0-authorization-details-object",
        "auth0: authorization_details as one object",
        "RAR-1 PRO-5",
        made("auth0", authorization_details={"type": "payment"}),
        "auth0",
        config="auth0",
    )


def configured(t: Topic) -> None:
    """required_claims asks for more."""
    t.config("more", config(required_claims=["org_id", "https://api.example/tenant"]))
    t.validate(
        "configured-present",
        "Both further claims are there",
        "AT-VAL-9",
        made("rfc9068", org_id="o", **{"https://api.example/tenant": 0}),
        config="more",
    )
    t.validate(
        "configured-one-missing",
        "A further claim is missing",
        "AT-VAL-9",
        made("rfc9068", org_id="o"),
        Err("claim_missing", claim="https://api.example/tenant"),
        config="more",
    )
    t.validate(
        "configured-null",
        "A further claim is null",
        "AT-VAL-9",
        made("rfc9068", org_id="o", **{"https://api.example/tenant": None}),
        Err("claim_missing", claim="https://api.example/tenant"),
        config="more",
    )
    for name in ("constructor", "toString", "__proto__", "hasOwnProperty"):
        t.config(f"require-{name}", config(required_claims=[name]))
        t.validate(
            f"configured-{name.strip('_').lower()}-missing",
            f"A required claim called {name} is not there",
            "AT-VAL-9 T41",
            made("rfc9068"),
            Err("claim_missing", claim=name),
            config=f"require-{name}",
        )
        t.validate(
            f"configured-{name.strip('_').lower()}-present",
            f"A required claim called {name} is there",
            "AT-VAL-9 T41",
            made("rfc9068", **{name: "x"}),
            config=f"require-{name}",
        )
    t.config("require-nbf-auth0", config(profiles=["auth0"], required_claims=["nbf"]))
    t.validate(
        "configured-auth0",
        "required_claims under auth0",
        "AT-VAL-9",
        made("auth0"),
        Err("claim_missing", claim="nbf"),
        config="require-nbf-auth0",
    )
