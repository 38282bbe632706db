"""What the endpoint demands: scopes, permissions, roles, groups, entitlements, authentication."""

from __future__ import annotations

from typing import Any

from ..build import EXP, NOW, Topic, claims, header, token
from ..common import config, topic
from ..expect import Err
from ..jose import Token

SCOPE = Err("scope_insufficient")


def permission(name: str) -> Err:
    """A missing permission, role, group or entitlement."""
    return Err("permission_insufficient", claim=name)


def authentication(claim: str) -> Err:
    """A missing or old authentication."""
    return Err("authentication_insufficient", claim=claim)


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic(
        "demands", "require: scopes, permissions, roles, groups, entitlements, acr_values, max_age; and the challenges."
    )
    t.config("realm", config(realm="api", resource_metadata="https://api.example/.well-known/oauth-protected-resource"))
    t.config("strict", config(leeway_seconds=0))
    scopes(t)
    permissions(t)
    step_up(t)
    challenges(t)
    malformed(t)
    return [t]


def body(**over: Any) -> Token:
    """A token with these claims."""
    return token(body=claims(**over))


def scopes(t: Topic) -> None:
    """All of, byte for byte."""
    made = body(scope="openid read:patients write:all")
    for name, asked in {"none": [], "one": ["read:patients"], "all": ["write:all", "openid", "read:patients"]}.items():
        t.validate(f"scopes-held-{name}", f"scopes {asked}", "AT-VAL-9", made, require={"scopes": asked})
    for name, asked in {
        "absent": ["admin"],
        "one-of-two": ["read:patients", "admin"],
        "prefix": ["read"],
        "substring": ["patients"],
        "longer": ["read:patients:all"],
        "case": ["Read:patients"],
        "star": ["*"],
    }.items():
        t.validate(
            f"scopes-lacking-{name}", f"scopes {asked}", "AT-VAL-9 RS-1 T89", made, SCOPE, require={"scopes": asked}
        )
    t.validate(
        "scopes-no-claim",
        "No scope claim",
        "AT-VAL-9 RS-1",
        token(body={n: v for n, v in claims().items() if n != "scope"}),
        SCOPE,
        require={"scopes": ["a"]},
    )
    t.validate(
        "scopes-empty-claim", "An empty scope claim", "AT-VAL-9 RS-1", body(scope=""), SCOPE, require={"scopes": ["a"]}
    )
    t.validate("scopes-empty-all", "Nothing demanded of nothing", "AT-VAL-9", body(scope=""), require={"scopes": []})
    t.validate("require-empty", "An empty require demands nothing", "AT-VAL-9", token(), require={})
    t.validate(
        "scopes-not-permissions",
        "A permission is no scope",
        "AT-VAL-9",
        body(permissions=["admin"]),
        SCOPE,
        require={"scopes": ["admin"]},
    )
    t.validate(
        "auth0-scopes",
        "auth0: scope lacking",
        "AT-VAL-9 PRO-2",
        token(header("auth0"), claims("auth0")),
        SCOPE,
        config="auth0",
        require={"scopes": ["admin"]},
    )
    t.validate(
        "auth0-scopes-held",
        "auth0: scope held",
        "AT-VAL-9 PRO-2",
        token(header("auth0"), claims("auth0")),
        "auth0",
        config="auth0",
        require={"scopes": ["openid"]},
    )


def permissions(t: Topic) -> None:
    """Permissions are strings; roles, groups and entitlements strings or SCIM objects."""
    made = body(permissions=["read", "write"])
    t.validate(
        "permissions-held", "Both permissions", "AT-VAL-9 PRO-3", made, require={"permissions": ["write", "read"]}
    )
    t.validate(
        "permissions-lacking",
        "One of two",
        "AT-VAL-9 PRO-3",
        made,
        permission("permissions"),
        require={"permissions": ["read", "admin"]},
    )
    t.validate(
        "permissions-no-claim",
        "No permissions claim",
        "AT-VAL-9 PRO-3",
        token(),
        permission("permissions"),
        require={"permissions": ["read"]},
    )
    t.validate(
        "permissions-not-scope",
        "A scope is no permission",
        "AT-VAL-9 PRO-3",
        body(scope="read"),
        permission("permissions"),
        require={"permissions": ["read"]},
    )
    t.validate(
        "permissions-empty-claim",
        "permissions []",
        "AT-VAL-9 PRO-3",
        body(permissions=[]),
        permission("permissions"),
        require={"permissions": ["read"]},
    )
    t.validate(
        "auth0-permissions",
        "auth0: permission lacking",
        "AT-VAL-9 PRO-3",
        token(header("auth0"), claims("auth0", permissions=["a"])),
        permission("permissions"),
        config="auth0",
        require={"permissions": ["b"]},
    )
    t.validate(
        "auth0-permissions-held",
        "auth0: permission held",
        "AT-VAL-9 PRO-3",
        token(header("auth0"), claims("auth0", permissions=["a"])),
        "auth0",
        config="auth0",
        require={"permissions": ["a"]},
    )
    for name in ("roles", "groups", "entitlements"):
        rules = "AT-VAL-9 AT-CLM-7"
        strings = body(**{name: ["a", "b"]})
        objects = body(**{name: [{"value": "a", "display": "not this"}, "b", {"value": "c", "primary": True}]})
        t.validate(f"{name}-strings-held", f"{name} as strings", rules, strings, require={name: ["b", "a"]})
        t.validate(
            f"{name}-objects-held",
            f"{name} as SCIM objects: value counts",
            rules,
            objects,
            require={name: ["c", "a", "b"]},
        )
        t.validate(
            f"{name}-lacking", f"{name}: one of two", rules, strings, permission(name), require={name: ["a", "z"]}
        )
        t.validate(
            f"{name}-display",
            f"{name}: display is no value",
            rules,
            objects,
            permission(name),
            require={name: ["not this"]},
        )
        t.validate(f"{name}-no-claim", f"{name}: no claim", rules, token(), permission(name), require={name: ["a"]})
        t.validate(f"{name}-none-demanded", f"{name}: nothing demanded", rules, token(), require={name: []})


def step_up(t: Topic) -> None:
    """acr_values any one; max_age with leeway."""
    made = body(acr="silver", auth_time=NOW - 600)
    rules = "STEP-1 AT-CLM-3"
    t.validate("acr-held", "One of several acr_values", rules, made, require={"acr_values": ["gold", "silver"]})
    t.validate(
        "acr-lacking", "None of them", rules, made, authentication("acr"), require={"acr_values": ["gold", "platinum"]}
    )
    t.validate(
        "acr-case", "acr in another letter case", rules, made, authentication("acr"), require={"acr_values": ["Silver"]}
    )
    t.validate("acr-absent", "No acr claim", rules, token(), authentication("acr"), require={"acr_values": ["silver"]})
    t.validate(
        "max-age-absent", "No auth_time claim", rules, token(), authentication("auth_time"), require={"max_age": 600}
    )
    # fails when now > auth_time + max_age + leeway
    for name, leeway in (("base", 30), ("strict", 0)):
        for case, at, good in (
            ("reached", NOW + leeway, True),
            ("microsecond-after", NOW + leeway + 0.000001, False),
            ("second-after", NOW + leeway + 1, False),
            ("before", NOW, True),
        ):
            t.validate(
                f"max-age-leeway-{leeway}-{case}",
                f"max_age 600 with leeway {leeway}: {case}",
                rules,
                made,
                "rfc9068" if good else authentication("auth_time"),
                config=name,
                at=at,
                require={"max_age": 600},
                flags="valid boundary" if good else "boundary",
            )
    t.validate(
        "max-age-zero-held",
        "max_age 0, within leeway",
        rules,
        body(auth_time=NOW - 30),
        require={"max_age": 0},
        flags="valid boundary",
    )
    t.validate(
        "max-age-zero-lacking",
        "max_age 0, beyond leeway",
        rules,
        body(auth_time=NOW - 31),
        authentication("auth_time"),
        require={"max_age": 0},
        flags="boundary",
    )
    t.validate(
        "auth-time-future",
        "auth_time ahead of the clock is not too old",
        rules,
        body(auth_time=EXP),
        require={"max_age": 0},
    )
    t.validate("both-held", "acr and max_age", rules, made, require={"acr_values": ["silver"], "max_age": 600})


def challenges(t: Topic) -> None:
    """Challenges list everything demanded, in a fixed order."""
    everything = {
        "scopes": ["read:patients", "admin"],
        "permissions": ["p"],
        "roles": ["r"],
        "acr_values": ["gold", "silver"],
        "max_age": 600,
    }
    rules = "RS-1 RS-2 STEP-1"
    t.validate(
        "challenge-authentication",
        "Everything demanded, authentication fails first",
        rules,
        token(),
        authentication("acr"),
        config="realm",
        require=everything,
    )
    t.validate(
        "challenge-scope",
        "Everything demanded, the scope fails",
        rules,
        body(acr="gold", auth_time=NOW),
        SCOPE,
        config="realm",
        require=everything,
    )
    t.validate(
        "challenge-permission",
        "Everything demanded, the permission fails",
        rules,
        body(acr="gold", auth_time=NOW, scope="admin read:patients"),
        permission("permissions"),
        config="realm",
        require=everything,
    )
    t.validate(
        "challenge-role",
        "Everything demanded, the role fails: it is never called a scope",
        rules,
        body(acr="gold", auth_time=NOW, scope="admin read:patients", permissions=["p"]),
        permission("roles"),
        config="realm",
        require=everything,
    )
    t.validate(
        "challenge-invalid-token",
        "A bad token: the demands are listed as well",
        rules,
        token(key="p256-b"),
        Err("signature_invalid"),
        config="realm",
        require=everything,
    )
    t.validate(
        "challenge-no-demands",
        "A bad token, no demands",
        rules,
        token(key="p256-b"),
        Err("signature_invalid"),
        config="realm",
    )
    t.validate(
        "challenge-only-permissions",
        "Only permissions demanded: nothing to name",
        rules,
        token(),
        permission("permissions"),
        config="realm",
        require={"permissions": ["p"]},
    )
    t.validate(
        "everything-held",
        "Everything demanded and held",
        rules,
        body(acr="silver", auth_time=NOW, scope="admin read:patients", permissions=["p"], roles=["r"]),
        config="realm",
        require=everything,
    )


def malformed(t: Topic) -> None:
    """A require that is none."""
    for name, acr in (("empty", ""), ("space", "a b"), ("quote", 'a"'), ("control", "a\n")):
        t.validate(
            f"acr-{name}",
            "A context that no challenge could name",
            "STEP-1",
            token(),
            Err("argument_invalid"),
            require={"acr_values": [acr]},
            flags="config",
        )
    for name, value in {
        "unknown-field": {"scope": ["a"]},
        "scopes-string": {"scopes": "a"},
        "scopes-number": {"scopes": [1]},
        "max-age-text": {"max_age": "5"},
        "max-age-negative": {"max_age": -1},
        "empty-array": [],
        "positional": [["read:patients"]],
        "array": ["a"],
        "text": '"scopes"',
        "acr-number": {"acr_values": 1},
    }.items():
        t.validate(
            f"malformed-{name}",
            f"require malformed: {name}",
            "AT-VAL-9",
            token(),
            Err("argument_invalid", authenticated=False),
            require=value,
            flags="config",
        )
    for name, value in {"unknown-field": {"certificate": "x"}, "array": [], "headers-text": {"headers": "x"}}.items():
        t.validate(
            f"malformed-request-{name}",
            f"request malformed: {name}",
            "RS-1",
            token(),
            Err("argument_invalid"),
            request=value,
            flags="config",
        )
