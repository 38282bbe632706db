"""Validator configurations that are refused, and limits that are not."""

from __future__ import annotations

from typing import Any

from ..build import API, ISSUER, OTHER_ISSUER, Topic, token
from ..common import config, jwks, topic, verifying_jwk
from ..encoding import Raw, text
from ..expect import Err
from ..keys import thumbprint


def without(name: str) -> dict[str, Any]:
    """The usual configuration less one member."""
    return {key: value for key, value in config().items() if key != name}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("config", "Validator configuration: what is refused, and the limits that are still good.")
    keys = jwks(verifying_jwk("ES256"))
    entry = {"issuer": ISSUER, "jwks": keys}
    refused: dict[str, tuple[Any, str]] = {
        "unknown-field": (config(audiance=API), "T81"),
        "unknown-field-camel": (config(leewaySeconds=5), "T75"),
        "unknown-field-in-entry": ({"audience": API, "issuers": [entry | {"leeway": 5}]}, "T83"),
        "issuer-and-issuers": (config(issuers=[{"issuer": OTHER_ISSUER, "jwks": keys}]), "JOSE-9"),
        "issuer-missing": (without("issuer"), "T83 AT-VAL-3"),
        "issuers-empty": ({"audience": API, "issuers": []}, "T83 AT-VAL-3"),
        "issuers-twice": ({"audience": API, "issuers": [entry, entry]}, "JOSE-9"),
        "issuer-empty": (config(issuer=""), "T83 AT-VAL-3"),
        "duplicate-member": (Raw(text(config())[:-1] + ',"audience":"https://evil.example/"}'), "T57"),
        "entry-positional": ({"audience": API, "issuers": [[ISSUER, API, keys]]}, "T83"),
        "positional": (Raw(text([ISSUER, API, keys])), "T83"),
        "issuer-number": (config(issuer=5), "T83 AT-VAL-3"),
        "issuer-array": (config(issuer=[ISSUER]), "T83 AT-VAL-3"),
        "keys-beside-issuers": ({"audience": API, "issuers": [entry], "jwks": keys}, "JOSE-9"),
        "audience-missing": (without("audience"), "T81 AT-VAL-4"),
        "audience-empty-array": (config(audience=[]), "T81 AT-VAL-4"),
        "audience-empty-string": (config(audience=""), "T81 AT-VAL-4"),
        "audience-empty-inside": (config(audience=[API, ""]), "T81 AT-VAL-4"),
        "audience-number": (config(audience=5), "T81 AT-VAL-4"),
        "audience-number-inside": (config(audience=[API, 5]), "T81 AT-VAL-4"),
        "audience-missing-in-issuers": ({"issuers": [entry]}, "T81 AT-VAL-4"),
        "profiles-empty": (config(profiles=[]), "PRO-7"),
        "profiles-unknown": (config(profiles=["rfc9068", "ping"]), "PRO-7"),
        "profiles-twice": (config(profiles=["rfc9068", "rfc9068"]), "PRO-7"),
        "profiles-twice-auth0": (config(profiles=["auth0", "auth0"]), "PRO-7"),
        "profiles-twice-in-entry": ({"audience": API, "issuers": [entry | {"profiles": ["auth0", "auth0"]}]}, "PRO-7"),
        "profiles-string": (config(profiles="rfc9068"), "PRO-7"),
        "profiles-case": (config(profiles=["RFC9068"]), "PRO-7"),
        "algorithms-empty": (config(algorithms=[]), "JOSE-1"),
        "algorithms-none": (config(algorithms=["none"]), "JOSE-1 AT-HDR-1 T01"),
        "algorithms-none-beside": (config(algorithms=["ES256", "none"]), "JOSE-1 AT-HDR-1 T01"),
        "algorithms-none-upper": (config(algorithms=["ES256", "NONE"]), "JOSE-1 AT-HDR-1 T02"),
        "algorithms-unknown": (config(algorithms=["ES256", "ES256K"]), "JOSE-1 T23"),
        "algorithms-case": (config(algorithms=["es256"]), "JOSE-1 T23"),
        "algorithms-string": (config(algorithms="ES256"), "JOSE-1"),
        "algorithms-number": (config(algorithms=[256]), "JOSE-1"),
        "leeway-301": (config(leeway_seconds=301), "AT-VAL-6 T75"),
        "leeway-negative": (config(leeway_seconds=-1), "AT-VAL-6 T75"),
        "leeway-absurd": (config(leeway_seconds=10**9), "AT-VAL-6 T75"),
        "leeway-text": (config(leeway_seconds="30"), "AT-VAL-6 T75"),
        "leeway-overflow": (config(leeway_seconds=Raw("1e999")), "AT-VAL-6 T75"),
        "leeway-true": (config(leeway_seconds=True), "AT-VAL-6 T75"),
        "lifetime-negative": (config(max_lifetime_seconds=-1), "AT-VAL-6 T75"),
        "lifetime-text": (config(max_lifetime_seconds="3600"), "AT-VAL-6 T75"),
        "token-bytes-0": (config(max_token_bytes=0), "JOSE-5 T54"),
        "token-bytes-65537": (config(max_token_bytes=65537), "JOSE-5 T54"),
        "token-bytes-negative": (config(max_token_bytes=-1), "JOSE-5 T54"),
        "token-bytes-text": (config(max_token_bytes="16384"), "JOSE-5 T54"),
        "metadata-no-host": (config(resource_metadata="https:///x"), "RS-2"),
        "metadata-user": (config(resource_metadata="https://u:p@api.example/"), "RS-2"),
        "required-claims-string": (config(required_claims="sub"), "AT-CLM-1"),
        "required-claims-number": (config(required_claims=[5]), "AT-CLM-1"),
        "realm-quote": (config(realm='a"b'), "RS-1"),
        "realm-backslash": (config(realm="a\\b"), "RS-1"),
        "realm-newline": (config(realm="a\r\nSet-Cookie: x=y"), "RS-1"),
        "realm-control": (config(realm="a\u0001b"), "RS-1"),
        "realm-del": (config(realm="a\u007fb"), "RS-1"),
        "realm-non-ascii": (config(realm="\u00e9"), "RS-1"),
        "realm-number": (config(realm=5), "RS-1"),
        "metadata-quote": (config(resource_metadata='https://api.example/"x'), "RS-2"),
        "metadata-newline": (config(resource_metadata="https://api.example/\r\nx"), "RS-2"),
        "metadata-backslash": (config(resource_metadata="https://api.example/\\x"), "RS-2"),
        "metadata-non-ascii": (config(resource_metadata="https://api.example/\u00e9"), "RS-2"),
        **fetched(entry),
        "not-an-object": (Raw("[]"), "T83"),
        "null": (Raw("null"), "T83"),
        "text": (Raw('"config"'), "T83"),
        "empty-object": ({}, "T83"),
    }
    made = token()
    for name, (wrong, rules) in refused.items():
        t.refuse_config(name, f"Refused: {name}", rules, wrong, made)
    good: dict[str, dict[str, Any]] = {
        "leeway-0": config(leeway_seconds=0),
        "leeway-300": config(leeway_seconds=300),
        "token-bytes-65536": config(max_token_bytes=65536),
        "audience-array": config(audience=[API]),
        "issuers": {"audience": API, "issuers": [entry]},
        "issuers-own-audience": {"issuers": [entry | {"audience": API}]},
        "lifetime-null": config(max_lifetime_seconds=None),
        "algorithms-listed": config(algorithms=["ES256", "RS256"]),
        "profiles-both": config(profiles=["auth0", "rfc9068"]),
        "required-claims-empty": config(required_claims=[]),
        "realm-plain": config(realm="The API, v1 (test)"),
        "spelled-out": config(
            leeway_seconds=30,
            max_lifetime_seconds=None,
            max_token_bytes=16384,
            required_claims=[],
            profiles=["rfc9068"],
        ),
    }
    for name, right in good.items():
        t.config(f"good-{name}", right)
        t.validate(
            f"good-{name}",
            f"Accepted: {name}",
            "PRO-7" if "profiles" in name else "AT-VAL-4",
            made,
            config=f"good-{name}",
            flags="valid boundary" if name[-1].isdigit() else "valid",
        )
    pins(t)
    return [t]


def fetched(entry: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """What is refused of issuers whose keys are fetched; nothing is fetched to find out."""
    uri = "https://as.example/jwks"
    discovered = {"issuer": ISSUER, "audience": API}
    tenants = {"issuer": "https://login.example/{tenant}/", "tenants": ["acme"]}
    refused: dict[str, tuple[Any, str]] = {}
    for name, issuer in {
        "http": "http://as.example/",
        "http-loopback": "http://127.0.0.1/",
        "no-url": "as.example",
        "path": "/issuer",
        "query": "https://as.example/?a=b",
        "query-empty": "https://as.example/?",
        "fragment": "https://as.example/#a",
        "user": "https://user@as.example/",
        "file": "file:///etc/passwd",
        "space": "https://as.example/a b",
        "no-host": "https:///as",
    }.items():
        refused[f"discovery-issuer-{name}"] = (discovered | {"issuer": issuer}, "DISC-1 T159 T162")
    for name, url in {
        "http": "http://as.example/jwks",
        "http-metadata-service": "http://169.254.169.254/latest",
        "http-loopback": "http://localhost/jwks",
        "file": "file:///etc/passwd",
        "ftp": "ftp://as.example/jwks",
        "data": 'data:application/json,{"keys":[]}',
        "unix": "unix:///run/jwks.sock",
        "user": "https://as.example@evil.example/jwks",
        "fragment": uri + "#a",
        "relative": "/jwks",
        "empty": "",
        "newline": uri + "\r\nHost: evil.example",
        "backslash": "https://as.example\\@evil.example/",
        "port-0": "https://as.example:0/jwks",
        "port-70000": "https://as.example:70000/jwks",
    }.items():
        refused[f"jwks-uri-{name}"] = (discovered | {"jwks_uri": url}, "JWKS-1 T159 T160")
    for name, cache in {
        "unknown-member": {"ttl": 5},
        "array": [],
        "issuers-0": {"max_issuers": 0},
        "stale-over-a-day": {"max_stale_seconds": 86401},
        "stale-negative": {"max_stale_seconds": -1},
        "cooldown-0": {"cooldown_seconds": 0},
        "cooldown-over-an-hour": {"cooldown_seconds": 3601},
        "timeout-0": {"timeout_seconds": 0},
        "timeout-over-a-minute": {"timeout_seconds": 60.5},
        "timeout-overflow": {"timeout_seconds": Raw("1e999")},
        "connect-timeout-negative": {"connect_timeout_seconds": -1},
        "trusted-host-url": {"trusted_hosts": ["https://keys.example/"]},
        "trusted-host-port": {"trusted_hosts": ["keys.example:444"]},
        "trusted-host-empty": {"trusted_hosts": [""]},
        "ca-bundle-no-pem": {"ca_bundle": "certificate"},
        "proxy-no-url": {"proxy": "proxy"},
        "loopback-text": {"danger_http_loopback": "true"},
    }.items():
        refused[f"cache-{name}"] = (discovered | {"issuer_cache": cache}, "JWKS-1 T156 T157 T170")
    for name, over in {
        "unnamed": {"tenants": []},
        "missing": {"issuer": tenants["issuer"]},
        "slash": {"tenants": ["a/b"]},
        "dots": {"tenants": [".."]},
        "twice": {"issuer": "https://{tenant}.example/{tenant}/"},
        "without-a-place": {"issuer": "https://login.example/"},
        "with-keys": {"jwks": entry["jwks"]},
    }.items():
        one = {"issuer": tenants["issuer"]} if name == "missing" else tenants | over
        refused[f"tenants-{name}"] = ({"audience": API, "issuers": [one]}, "DISC-1 T85")
    return refused | {
        "keys-twice": (config(jwks_uri=uri), "JOSE-9"),
        "keys-and-discovery": (config(discovery="auto"), "JOSE-9"),
        "jwks-uri-and-discovery": (discovered | {"jwks_uri": uri, "discovery": "oauth"}, "DISC-1"),
        "discovery-unknown": (discovered | {"discovery": "oidc"}, "DISC-1"),
        "jwks-uri-beside-issuers": ({"audience": API, "issuers": [entry], "jwks_uri": uri}, "JOSE-9 T163"),
        "thumbprints-empty": (config(key_thumbprints=[]), "JWKS-1 T168"),
        "thumbprints-short": (config(key_thumbprints=["AAAA"]), "JWKS-1 T168"),
        "thumbprints-padded": (config(key_thumbprints=["A" * 43 + "="]), "JWKS-1 T168"),
    }


def pins(t: Topic) -> None:
    """Of the keys of an issuer, only those that are pinned count."""
    own = thumbprint(verifying_jwk("ES256"))
    for name, pinned, error in (
        ("pinned", [own], None),
        ("pinned-among-others", ["A" * 43, own], None),
        ("pinned-otherwise", ["A" * 43], Err("key_not_found")),
    ):
        t.config(name, config(key_thumbprints=pinned))
        t.validate(
            name,
            f"Keys that count: {name}",
            "JWKS-1 T168",
            token(),
            error or "rfc9068",
            config=name,
            flags="" if error else "valid",
        )
