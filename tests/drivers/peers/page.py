"""The words of docs/conformance.md; the numbers come from report.py."""

from __future__ import annotations

PAGE = """\
# Conformance, beside other libraries

Written by `make peers`; do not edit it. It runs {judged} of the shared vectors, each a token with a configuration and
a clock, through this product (by its Rust driver; the other languages answer the same, byte for byte) and through ten
libraries for JSON Web Tokens. Each verdict, accepted or refused, is set beside the one that the vector demands.

## What the tables say, and what they do not

- **The vectors are ours.** They are written from the rules in [rules.md](rules.md) and the attacks in
  [threats.md](threats.md), and this product is built to meet them, so its column shows no gap by construction. That
  it is right is shown elsewhere, by suites that others wrote. Where the standards leave room, the vectors hold our
  policy; another library that decides otherwise is not wrong. The last section keeps these cases apart; the tables
  before it do not.
- **Most of these libraries do not claim RFC 9068.** Authlib's validator and oauth4webapi do. The others verify JWTs
  and leave the rest to the program around them: to refuse another type of token, a wrongly typed claim of a profile,
  or a token that is bound to a certificate or a key, may be the program's task. The tables show how much is left to
  it, not that a library is broken. What is accepted here is not thereby an attack that succeeds on a deployed
  service.
- **Each is configured as strictly as its interface allows**, from the same configuration: issuer, audience, allowed
  algorithms, keys, required claims, leeway, type. Choices are listed below. A program that adds checks of its own
  gets more; one that leaves options out gets less.
- **A refusal is a refusal**, whatever the reason. A library that refuses for another cause than the vector's, or that
  raises an error which is none of its own, or panics, counts as refusing.
- **What a library cannot be asked is left out**: several issuers, a vendor's profile, a move from one profile to
  another, an option that it has not, an algorithm that it does not know. A rule of access tokens that it does not know
  is not left out: the token goes in, and the verdict counts.
- **Keys are given.** How anybody fetches them, and what becomes of them in rotations and outages, is not compared.
- Vectors that refuse a configuration or an argument of this product ({left_out}) are left out for all.
- One vector may stand for several rules, so rows overlap, some of them almost wholly: they do not add up. Verdicts are
  those of the versions named.

## In total

{totals}

## How each is asked

- **The clock** is the vector's. jose, joserfc, fast-jwt and jsonwebtoken (npm) take one as an option. The others read
  the process's, which is replaced in the driver: `time.time` and the modules' own `datetime` for PyJWT, Authlib,
  python-jose and jwcrypto, `Date.now` for oauth4webapi (and beside the option for the other Node libraries),
  `clock_gettime` for jsonwebtoken (crate). Where a clock is a date it is exact to a microsecond or a millisecond only,
  so vectors about less than that show the clock and not the library.
- **Keys.** Authlib, joserfc, jwcrypto, jose and oauth4webapi are given the key set and choose; PyJWT's `PyJWKClient`
  chooses for it. The others get the first entry that bears the token's `kid`, or the only entry where the token has
  none. fast-jwt and jsonwebtoken (both) take a bare key, so `use` and `key_ops` are lost; the entry's `alg` is passed
  on as the only algorithm allowed. jose's sets hold public keys only, so secrets are chosen by `kid`.
- **Type.** joserfc (by a check of the header parameter), jose and fast-jwt have an option for it; Authlib and
  oauth4webapi check it themselves. PyJWT, python-jose, jwcrypto and jsonwebtoken (both) have none.
- **Required claims.** By name, but for jsonwebtoken (npm), which has no such option, and jsonwebtoken (crate), where
  the type that the claims are read into requires them and gives them types.
- **Ages.** jose, fast-jwt and jsonwebtoken (npm) look at `iat` only where a token's age is bounded, so they are given
  a bound that nothing reaches. None bounds the lifetime, which is another thing.
- **Authlib** takes no leeway and no list of algorithms; it is asked about scopes, roles, groups and entitlements. No
  other is asked about demands of an endpoint.
- **jwcrypto** is asked twice, with required claims and without, since only the latter judges an optional `nbf`.
- **oauth4webapi** is given a request with the token in its `Authorization` header, and the proof where there is one.

{reasons}

## Rule by rule

A cell gives the number of verdicts that agree; then `+` how often the library accepts what must be refused, `-` how
often it refuses what must be accepted, `~` how often it was not asked. Rules that only minting, requests or
configuration can show have no row.

{rules}

## The most telling cases

Tokens that must be refused and that libraries accept. Of each family of vectors, which is the first part of their
names, the one that most accept; nothing where all refuse. `tests/drivers/peers/report.py --single ID` prints all
verdicts on one vector, `--differing NAME` all vectors on which one library differs.

### Where a standard decides

{settled}

### Where standards leave room, and our policy decides

{open}
"""


def text(*, judged: int, left_out: int, totals: str, reasons: str, rules: str, settled: str, left_open: str) -> str:
    """The whole page."""
    return PAGE.format(
        judged=judged,
        left_out=left_out,
        totals=totals,
        reasons=reasons,
        rules=rules,
        settled=settled,
        open=left_open,
    )
