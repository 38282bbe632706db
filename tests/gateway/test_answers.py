"""The table that all frameworks answer, answered by nginx."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from at9068_test_issuer import Issuer, IssuerServer

from frameworks.serve import compare
from frameworks.table import CASES, METADATA_PATH, OUTAGE, Case, bearer, good, metadata

from .nginx import Nginx, nginx

# nginx refuses a request with two Authorization fields itself, before any module sees it.
BY_NGINX_ITSELF = {"double_header"}


@pytest.fixture(scope="module")
def application(issuers: IssuerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nginx, Issuer]]:
    """nginx, and the issuer whose tokens it accepts."""
    issuer = issuers.new_case()
    with nginx(tmp_path_factory.mktemp("nginx"), issuer.issuer) as running:
        yield running, issuer


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name not in BY_NGINX_ITSELF], ids=lambda case: case.name
)
def test_answers(application: tuple[Nginx, Issuer], case: Case) -> None:
    """The row of the table."""
    running, issuer = application
    running.drive(case, issuer)


@pytest.mark.parametrize("case", [case for case in CASES if case.name in BY_NGINX_ITSELF], ids=lambda case: case.name)
def test_what_nginx_refuses_itself(application: tuple[Nginx, Issuer], case: Case) -> None:
    """The same status, nginx's own words, and the request goes no further."""
    running, issuer = application
    answer = running.ask(case.target, case.send(issuer), case.method)
    assert answer.status == case.expected.status == 400
    assert "duplicate header line" in running.log()


def test_head_is_refused_without_a_body(application: tuple[Nginx, Issuer]) -> None:
    """All header fields of the answer, its length included, and nothing behind them."""
    running, _ = application
    to_get, to_head = running.ask("/patients"), running.ask("/patients", method="HEAD")
    assert (to_head.status, to_head.body) == (401, b"")
    for name in ("www-authenticate", "content-type", "cache-control", "content-length"):
        assert to_head.fields[name] == to_get.fields[name]
    assert int(to_get.fields["content-length"][0]) == len(to_get.body)


def test_a_refused_body_is_not_taken_for_the_next_request(application: tuple[Nginx, Issuer]) -> None:
    """What a refused request carries is read and thrown away, and the connection goes on."""
    running, issuer = application
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request("POST", "/patients", body=b"x" * 100_000)
    first = connection.getresponse()
    assert first.status == 401
    assert b"credentials" not in first.read()
    connection.request("GET", "/me", headers=dict(bearer(good(issuer))))
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("value", ["Bearer \u00e9\u00ff", "Bearer a\tb", 'Bearer "a\\b"', "\u0080", "Bearer a b"])
def test_octets_that_no_token_has(application: tuple[Nginx, Issuer], value: str) -> None:
    """Whatever stands in the field reaches the core as one text, which is no credential."""
    running, _ = application
    answer = running.ask("/me", [("Authorization", value)])
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "credentials_malformed")


def test_octets_of_a_url(application: tuple[Nginx, Issuer]) -> None:
    """Names that are no text are no tokens either; escapes are seen through."""
    running, issuer = application
    token = good(issuer)
    assert running.ask("/me?%ff=1", bearer(token)).status == 200
    assert running.ask("/me?acc%65ss_token=x", bearer(token)).status == 400
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as connection:
        head = (
            f"GET /me?\u00ff=\u0080 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        connection.sendall(head.encode("latin-1"))
        assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


def test_metadata(application: tuple[Nginx, Issuer]) -> None:
    """RFC 9728: who wants a token finds out where to get one, without having one."""
    running, issuer = application
    compare(running.ask(METADATA_PATH), metadata(issuer.issuer))
    assert running.ask(METADATA_PATH, method="POST").status == 405
    assert running.ask(METADATA_PATH, method="HEAD").body == b""


def test_outage(issuers: IssuerServer, tmp_path: Path) -> None:
    """An issuer that cannot be reached is nobody's bad token; the log says why."""
    issuer = issuers.new_case()
    token = good(issuer)
    issuer.behave("all", status=503)
    with nginx(tmp_path, issuer.issuer) as running:
        compare(running.ask("/patients", bearer(token)), OUTAGE)
        running.await_log("refresh_failed")
        assert token not in running.log()


def test_nothing_of_a_token_is_logged(issuers: IssuerServer, tmp_path: Path) -> None:
    """Of a token that is refused there is its code in the log, and nothing else."""
    issuer = issuers.new_case()
    with nginx(tmp_path, issuer.issuer) as running:
        token = issuer.mint(audience="https://other.example/", subject="canary-subject")
        assert running.ask("/me", bearer(token)).status == 401
        running.await_log("audience_mismatch")
        for part in [*token.split("."), "canary-subject"]:
            assert part not in running.log()
