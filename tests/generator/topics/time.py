"""exp, nbf, iat and the lifetime, at their boundaries."""

from __future__ import annotations

from typing import Any

from ..build import DROP, EXP, IAT, Topic, claims, header, token
from ..common import config, topic
from ..encoding import Raw
from ..expect import Err

MICRO = 0.000001
EXPIRED = Err("token_expired")
EARLY = Err("token_not_yet_valid")
FUTURE = Err("token_issued_in_future")
LONG = Err("lifetime_exceeded")


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("time", "exp, nbf, iat and the maximum lifetime: exactly at the limit, and one microsecond beside it.")
    t.config("strict", config(leeway_seconds=0))
    t.config("widest", config(leeway_seconds=300))
    t.config("lifetime-3600", config(max_lifetime_seconds=3600))
    t.config("auth0-lifetime", config(profiles=["auth0"], max_lifetime_seconds=3600))
    for name, leeway in (("base", 30), ("strict", 0), ("widest", 300)):
        boundaries(t, name, leeway)
    fractions(t)
    exact(t)
    lifetime(t)
    far(t)
    clock(t)
    return [t]


def boundaries(t: Topic, name: str, leeway: int) -> None:
    """now >= exp + leeway, now < nbf - leeway, iat > now + leeway are the refusals."""
    label = f"leeway-{leeway}"
    rules = "AT-VAL-6 AT-VAL-7 T77 T78"
    no_iat_limit = {"iat": 0}

    def at(case: str, when: float, over: dict[str, Any], error: Err | None) -> None:
        t.validate(
            f"{label}-{case}",
            f"Leeway {leeway} s: {case}",
            rules,
            token(body=claims(**over)),
            error or "rfc9068",
            config=name,
            at=when,
            flags="boundary" if error else "valid boundary",
        )

    at("exp-reached", EXP + leeway, {}, EXPIRED)
    at("exp-one-microsecond-before", EXP + leeway - MICRO, {}, None)
    at("exp-one-microsecond-after", EXP + leeway + MICRO, {}, EXPIRED)
    at("nbf-reached", IAT - leeway, {"nbf": IAT, **no_iat_limit}, None)
    at("nbf-one-microsecond-before", IAT - leeway - MICRO, {"nbf": IAT, **no_iat_limit}, EARLY)
    at("iat-reached", IAT - leeway, {}, None)
    at("iat-one-microsecond-before", IAT - leeway - MICRO, {}, FUTURE)
    if leeway:
        at("exp-itself", EXP, {}, None)
        at("exp-far-past", EXP + leeway + 86400, {}, EXPIRED)


def fractions(t: Topic) -> None:
    """Fractions are compared exactly, on either side. All are binary fractions, so that no rounding takes part."""
    rules = "AT-VAL-6 JOSE-6"
    for case, when, over, error in (
        ("now-fraction", IAT + 0.25, {}, None),
        ("exp-quarter-reached", EXP + 0.25, {"exp": Raw(f"{EXP}.25")}, EXPIRED),
        ("exp-quarter-before", EXP + 0.125, {"exp": Raw(f"{EXP}.25")}, None),
        ("exp-whole-now-quarter", EXP + 0.25, {}, EXPIRED),
        ("exp-exponent-reached", EXP, {"exp": Raw("17000036e2")}, EXPIRED),
        ("nbf-half-reached", IAT + 0.5, {"nbf": Raw(f"{IAT}.5")}, None),
        ("nbf-half-before", IAT + 0.25, {"nbf": Raw(f"{IAT}.5")}, EARLY),
        ("iat-half-reached", IAT + 0.5, {"iat": Raw(f"{IAT}.5")}, None),
        ("iat-half-before", IAT + 0.25, {"iat": Raw(f"{IAT}.5")}, FUTURE),
    ):
        t.validate(
            case,
            f"Fractions: {case}",
            rules,
            token(body=claims(**over)),
            error or "rfc9068",
            config="strict",
            at=when,
            flags="boundary" if error else "valid boundary",
        )


def exact(t: Topic) -> None:
    """A time has one value, however it is written and however small its fraction is."""
    rules = "AT-VAL-6 JOSE-6"
    zeros = "0" * 30
    quarter = {"auth_time": Raw(f"{IAT - 1}.25")}
    for case, when, over, error in (
        ("exp-leading-zero-reached", EXP, {"exp": Raw("0.17000036e10")}, EXPIRED),
        ("exp-leading-zero-before", EXP - MICRO, {"exp": Raw("0.17000036e10")}, None),
        ("exp-leading-zeros-behind-the-point", EXP, {"exp": Raw("0.0017000036e12")}, EXPIRED),
        ("nbf-beyond-30-digits-before", IAT, {"nbf": Raw(f"{IAT}.{zeros}1")}, EARLY),
        ("nbf-30-zeros-and-one-more-reached", IAT, {"nbf": Raw(f"{IAT}.{zeros}0")}, None),
        ("nbf-five-eighths-reached", IAT + 0.625, {"nbf": Raw(f"{IAT}.625")}, None),
        ("nbf-five-eighths-before", IAT + 0.5, {"nbf": Raw(f"{IAT}.625")}, EARLY),
        ("nbf-sixteenth-reached", 0.0625, {"nbf": Raw("0.0625"), "iat": 0}, None),
        ("nbf-sixteenth-before", 0.03125, {"nbf": Raw("0.0625"), "iat": 0}, EARLY),
        ("nbf-in-the-60th-binary-place-reached", 2.0**-60, {"nbf": Raw("8e-19"), "iat": 0}, None),
        ("nbf-in-the-60th-binary-place-before", 2.0**-60, {"nbf": Raw("9e-19"), "iat": 0}, EARLY),
        ("now-beyond-the-60th-binary-place", 1e-30, {"nbf": 0, "iat": 0}, None),
        ("now-beyond-the-60th-binary-place-before", 1e-30, {"nbf": Raw("1e-18"), "iat": 0}, EARLY),
        ("auth-time-quarter-reached", IAT + 0.25, quarter, None),
        ("auth-time-quarter-passed", IAT + 0.375, quarter, Err("authentication_insufficient", claim="auth_time")),
    ):
        t.validate(
            case,
            f"Exact times: {case}",
            rules,
            token(body=claims(**over)),
            error or "rfc9068",
            config="strict",
            at=when,
            require={"max_age": 1} if "auth_time" in over else None,
            flags="boundary" if error else "valid boundary",
        )


def lifetime(t: Topic) -> None:
    """exp - iat against max_lifetime_seconds, without leeway."""
    for case, over, error in (
        ("exact", {}, None),
        ("one-second-more", {"exp": EXP + 1}, LONG),
        ("quarter-more", {"exp": Raw(f"{EXP}.25")}, LONG),
        ("quarter-more-by-iat", {"iat": Raw(f"{IAT - 1}.75")}, LONG),
        ("both-quarter", {"exp": Raw(f"{EXP}.25"), "iat": Raw(f"{IAT}.25")}, None),
        ("shorter", {"exp": IAT + 3599}, None),
    ):
        t.validate(
            f"lifetime-{case}",
            f"Maximum lifetime 3600 s: {case}",
            "AT-VAL-6",
            token(body=claims(**over)),
            error or "rfc9068",
            config="lifetime-3600",
            flags="boundary" if error else "valid boundary",
        )
    t.validate(
        "auth0-lifetime-more",
        "The lifetime is limited under auth0 too",
        "AT-VAL-6",
        token(header("auth0"), claims("auth0", exp=EXP + 1)),
        LONG,
        config="auth0-lifetime",
        flags="boundary",
    )
    t.validate(
        "lifetime-unlimited",
        "Without a limit a century is no error",
        "AT-VAL-6",
        token(body=claims(exp=EXP + 100 * 31557600)),
    )


def far(t: Topic) -> None:
    """The ends of time."""
    t.validate("old-iat", "An old iat alone is no ground", "AT-VAL-6 T77", token(body=claims(iat=1)))
    t.validate("exp-zero", "exp 0", "AT-VAL-6 T73", token(body=claims(exp=0)), EXPIRED)
    t.validate("exp-minus-zero", "exp -0 is 0", "AT-VAL-6 T73", token(body=claims(exp=Raw("-0"))), EXPIRED)
    t.validate("exp-minus-zero-fraction", "exp -0.0 is 0", "AT-VAL-6 T73", token(body=claims(exp=Raw("-0.0"))), EXPIRED)
    t.validate("exp-tiny", "exp 1e-300", "AT-VAL-6 T73", token(body=claims(exp=Raw("1e-300"))), EXPIRED)
    t.validate("nbf-far", "nbf in the year 9999", "T78", token(body=claims(nbf=253402300799)), EARLY)
    t.validate("iat-far", "iat in the year 9999", "T77", token(body=claims(iat=253402300799, exp=253402300799)), FUTURE)
    t.validate("at-zero", "A clock at 0", "T76", token(body=claims(iat=0)), at=0)
    t.validate(
        "after-2038", "A clock after 2038", "T76", token(body=claims(iat=2200000000, exp=2200003600)), at=2200000001
    )
    t.validate(
        "exp-at-last-second",
        "exp and clock at the end of the year 9999, within leeway",
        "AT-VAL-6 T74",
        token(body=claims(exp=253402300799)),
        at=253402300799,
    )
    t.validate(
        "auth0-expired",
        "auth0: expired",
        "AT-VAL-6",
        token(header("auth0"), claims("auth0")),
        EXPIRED,
        config="auth0",
        at=EXP + 30,
    )
    t.validate(
        "auth0-not-yet",
        "auth0: nbf",
        "AT-VAL-6",
        token(header("auth0"), claims("auth0", nbf=IAT + 200)),
        EARLY,
        config="auth0",
    )
    t.validate(
        "auth0-future",
        "auth0: iat",
        "AT-VAL-6",
        token(header("auth0"), claims("auth0", iat=IAT + 200)),
        FUTURE,
        config="auth0",
    )
    t.validate("no-nbf", "nbf is optional", "AT-CLM-1", token(body=claims(nbf=DROP)))


def clock(t: Topic) -> None:
    """A clock stands within 10^12 seconds of the epoch, or it is none."""
    beyond = Err("argument_invalid")
    for case, when, result in (
        ("clock-farthest", 1_000_000_000_000, EXPIRED),
        ("clock-beyond", 1_000_000_000_001, beyond),
        ("clock-far-beyond", 1e300, beyond),
        ("clock-earliest", -1_000_000_000_000, FUTURE),
        ("clock-before-earliest", -1_000_000_000_001, beyond),
    ):
        t.validate(case, f"The clock's range: {case}", "AT-VAL-6 T76", token(), result, at=when, flags="boundary")
