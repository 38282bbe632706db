"""What a resource publishes about itself, and where (RFC 9728)."""

from __future__ import annotations

from typing import Any

from ..build import API, ISSUER, OTHER_ISSUER, Topic
from ..common import config, jwks, verifying_jwk
from ..expect import Err

NAME = "/.well-known/oauth-protected-resource"
RESOURCE = "https://api.example/"
KEYS = jwks(verifying_jwk("ES256"))
LOGIN = "https://login.example/"
PAGE = "https://docs.example/patients"


def resource(identifier: str = RESOURCE, **more: Any) -> dict[str, Any]:
    """What is configured of a resource."""
    return {"resource": identifier, **more}


def published(identifier: str = RESOURCE, servers: tuple[str, ...] = (ISSUER,), **more: Any) -> dict[str, Any]:
    """The document about it; `scopes_supported` stands before the methods."""
    document: dict[str, Any] = {"resource": identifier}
    if servers:
        document["authorization_servers"] = list(servers)
    if "scopes_supported" in more:
        document["scopes_supported"] = more.pop("scopes_supported")
    return document | {"bearer_methods_supported": ["header"]} | more


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("protected_resource", "What is published of a protected resource, and at which path.")
    t.protected_resource_metadata("none", "Nothing is configured, and nothing published", config(), None)
    places(t)
    servers(t)
    members(t)
    given(t)
    refused(t)
    return [t]


def places(t: Topic) -> None:
    """The well-known path stands between host and path; the slash of an empty path is left away."""
    for name, identifier, path in (
        ("root", "https://api.example/", NAME),
        ("host", "https://api.example", NAME),
        ("path", "https://api.example/v1", f"{NAME}/v1"),
        ("path-slash", "https://api.example/v1/", f"{NAME}/v1/"),
        ("path-deep", "https://api.example/a/b.c/~d", f"{NAME}/a/b.c/~d"),
        ("path-escaped", "https://api.example/a%20b/%C3%A9", f"{NAME}/a%20b/%C3%A9"),
        ("port", "https://api.example:8443/v1", f"{NAME}/v1"),
        ("upper-case", "https://API.example/V1", f"{NAME}/V1"),
        ("address", "https://[2001:db8::1]/v1", f"{NAME}/v1"),
        ("query", "https://api.example/v1?tenant=one", f"{NAME}/v1"),
        ("query-of-root", "https://api.example/?tenant=/one", NAME),
        ("query-of-host", "https://api.example?tenant=one", NAME),
    ):
        t.protected_resource_metadata(
            f"at-{name}",
            f"Where it is published: {identifier}",
            config(protected_resource=resource(identifier)),
            published(identifier),
            path,
        )


def servers(t: Topic) -> None:
    """Those issuers that clients can find."""
    for name, issuers, listed in (
        ("several", [ISSUER, OTHER_ISSUER], (ISSUER, OTHER_ISSUER)),
        ("order", [OTHER_ISSUER, ISSUER], (OTHER_ISSUER, ISSUER)),
        ("no-url", ["accounts.example", ISSUER], (ISSUER,)),
        ("none", ["accounts.example"], ()),
        ("query", ["https://as.example/?t=1", "https://as.example/#f"], ()),
        ("http", ["http://as.example/", ISSUER], (ISSUER,)),
        ("loopback", ["http://127.0.0.1:8080", "http://localhost/"], ("http://127.0.0.1:8080", "http://localhost/")),
    ):
        entries = [{"issuer": issuer, "jwks": KEYS} for issuer in issuers]
        whole = {"audience": API, "issuers": entries, "protected_resource": resource()}
        t.protected_resource_metadata(
            f"servers-{name}", f"Issuers: {', '.join(issuers)}", whole, published(servers=listed), NAME
        )
    template = {"issuer": LOGIN + "{tenant}/v2", "tenants": ["one", "clinic-*", "two"]}
    one, two = f"{LOGIN}one/v2", f"{LOGIN}two/v2"
    for name, comment, entries, listed in (
        ("tenants", "Tenants that are named; of a pattern nobody is", [template], (one, two)),
        (
            "tenants-beside",
            "An issuer beside tenants",
            [{"issuer": ISSUER, "jwks": KEYS}, template],
            (ISSUER, one, two),
        ),
        ("tenant-twice", "A tenant that is an entry, too", [{"issuer": two, "jwks": KEYS}, template], (two, one)),
        ("patterns", "Patterns only", [template | {"tenants": ["*"]}], ()),
    ):
        whole = {"audience": API, "issuers": entries, "protected_resource": resource()}
        t.protected_resource_metadata(f"servers-{name}", comment, whole, published(servers=listed), NAME)
    whole = {"issuer": ISSUER, "audience": API, "protected_resource": resource()}
    t.protected_resource_metadata("servers-discovered", "An issuer whose keys are found", whole, published(), NAME)


def members(t: Topic) -> None:
    """What is configured is told as it is; what has no value is left out."""
    every = {
        "scopes_supported": ["read:patients", "delete:patients"],
        "resource_name": "Patients",
        "resource_documentation": PAGE,
        "resource_policy_uri": f"{PAGE}/policy?lang=en",
        "resource_tos_uri": f"{PAGE}/terms#today",
        "tls_client_certificate_bound_access_tokens": True,
    }
    backwards = dict(reversed(every.items()))
    unbound = {"tls_client_certificate_bound_access_tokens": False}
    tongues = {"resource_name": "Zo\u00eb \u2013 \u60a3\u8005"}
    escaped = {"resource_name": 'A "B" \\ C\n\u007f'}
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "every": (every, every),
        "every-backwards": (backwards, every),
        "not-bound": (unbound, unbound),
        "no-scopes": ({"scopes_supported": []}, {}),
        "nulls": (dict.fromkeys(every), {}),
        "name-of-many-tongues": (tongues, tongues),
        "name-with-escapes": (escaped, escaped),
    }
    for name, (said, told) in cases.items():
        whole = config(protected_resource=resource(**said))
        t.protected_resource_metadata(f"members-{name}", f"Members: {name}", whole, published(**told), NAME)


def given(t: Topic) -> None:
    """A URL that is given may have another name for the well-known path, and no more."""
    for name, identifier, url, path in (
        ("usual", RESOURCE, f"https://api.example{NAME}", NAME),
        ("other-name", RESOURCE, "https://api.example/.well-known/patients", "/.well-known/patients"),
        ("other-name-path", f"{RESOURCE}v1", "https://api.example/.well-known/patients/v1", "/.well-known/patients/v1"),
        ("usual-port", RESOURCE, f"https://api.example:443{NAME}", NAME),
        ("host-case", RESOURCE, f"https://API.example{NAME}", NAME),
        ("query", f"{RESOURCE}v1?a=b", f"https://api.example{NAME}/v1?a=b", f"{NAME}/v1"),
    ):
        whole = config(protected_resource=resource(identifier), resource_metadata=url)
        t.protected_resource_metadata(f"given-{name}", f"{identifier} at {url}", whole, published(identifier), path)
    for name, identifier, url in (
        ("host", RESOURCE, f"https://other.example{NAME}"),
        ("port", RESOURCE, f"https://api.example:8443{NAME}"),
        ("http", RESOURCE, f"http://api.example{NAME}"),
        ("no-path", f"{RESOURCE}v1", f"https://api.example{NAME}"),
        ("other-path", f"{RESOURCE}v1", f"https://api.example{NAME}/v2"),
        ("path-case", f"{RESOURCE}v1", f"https://api.example{NAME}/V1"),
        ("slash", RESOURCE, f"https://api.example{NAME}/"),
        ("behind-path", f"{RESOURCE}v1", f"https://api.example/v1{NAME}"),
        ("no-well-known", RESOURCE, "https://api.example/metadata"),
        ("no-name", RESOURCE, "https://api.example/.well-known/"),
        ("no-query", f"{RESOURCE}v1?a=b", f"https://api.example{NAME}/v1"),
        ("fragment", RESOURCE, f"https://api.example{NAME}#f"),
        ("relative", RESOURCE, NAME),
    ):
        whole = config(protected_resource=resource(identifier), resource_metadata=url)
        t.protected_resource_metadata(
            f"given-wrong-{name}", f"Metadata of {identifier} is not at {url}", whole, Err("config_invalid")
        )


def refused(t: Topic) -> None:
    """What is no resource, or says of it what is no such thing."""
    wrong: dict[str, Any] = {
        "http": resource("http://api.example/"),
        "loopback": resource("http://localhost/"),
        "fragment": resource("https://api.example/#f"),
        "fragment-empty": resource("https://api.example/#"),
        "user": resource("https://user@api.example/"),
        "password": resource("https://user:pw@api.example/"),
        "relative": resource("/v1"),
        "no-host": resource("https:///v1"),
        "urn": resource("urn:example:api"),
        "empty": resource(""),
        "space": resource("https://api.example/a b"),
        "newline": resource("https://api.example/\r\nx"),
        "quote": resource('https://api.example/"'),
        "non-ascii": resource("https://api.example/\u00e9"),
        "number": {"resource": 1},
        "missing": {"resource_name": "Patients"},
        "string": RESOURCE,
        "array": [RESOURCE],
        "unknown": resource(resources=[]),
        "methods": resource(bearer_methods_supported=["body"]),
        "scope-of-two": resource(scopes_supported=["a b"]),
        "scope-empty": resource(scopes_supported=[""]),
        "scope-quote": resource(scopes_supported=['a"']),
        "scopes-string": resource(scopes_supported="read"),
        "name-empty": resource(resource_name=""),
        "name-number": resource(resource_name=1),
        "bound-string": resource(tls_client_certificate_bound_access_tokens="true"),
    }
    for member in ("resource_documentation", "resource_policy_uri", "resource_tos_uri"):
        for name, url in (
            ("http", "http://docs.example/"),
            ("script", "javascript:alert(1)"),
            ("relative", "/docs"),
            ("space", "https://docs.example/a b"),
            ("place", "https://docs.example/#a b"),
            ("empty", ""),
        ):
            wrong[f"{member.removeprefix('resource_')}-{name}"] = resource(**{member: url})
    for name, what in wrong.items():
        whole = config(protected_resource=what)
        t.protected_resource_metadata(f"refused-{name}", f"No resource: {name}", whole, Err("config_invalid"))
