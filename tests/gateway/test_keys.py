"""Keys that are fetched while nobody waits but who must."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from pathlib import Path

from at9068_test_issuer import Issuer, IssuerServer

from frameworks.serve import Answer
from frameworks.table import bearer, good

from .nginx import Nginx, nginx

# Another key is asked for at once.
EAGER = {"cooldown_seconds": 1}
# As long as an issuer is slow here; nothing is measured by it.
SLOW_MS = 3000


def asked_in_background(running: Nginx, issuer: Issuer) -> tuple[threading.Thread, list[Answer]]:
    """A request that waits, and where its answer will be."""
    answers: list[Answer] = []
    fields = bearer(good(issuer))
    thread = threading.Thread(target=lambda: answers.append(running.ask("/me", fields)))
    thread.start()
    return thread, answers


def waiting(running: Nginx) -> int:
    """How many requests have got to nginx and have no answer: connections that it serves, ours left out."""
    text = running.ask("/nginx_status").body.decode()
    return int(text.split("Active connections:")[1].split()[0]) - 1


STUB_STATUS = "location = /nginx_status { stub_status; }"


def await_waiting(running: Nginx, count: int) -> None:
    """Until so many wait."""
    until = time.monotonic() + 60
    while waiting(running) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_worker_serves_others_while_keys_are_fetched(issuers: IssuerServer, tmp_path: Path) -> None:
    """One worker: requests that need keys wait together for one fetch, all others are answered meanwhile."""
    issuer = issuers.new_case()
    issuer.behave("jwks", delay_ms=SLOW_MS)
    with nginx(tmp_path, issuer.issuer, server=STUB_STATUS) as running:
        waits = [asked_in_background(running, issuer) for _ in range(20)]
        await_waiting(running, 20)
        answered = sum(running.ask("/health").status == 200 for _ in range(20))
        still = sum(thread.is_alive() for thread, _ in waits)
        for thread, _ in waits:
            thread.join()
        assert (answered, still) == (20, 20)
        assert [answers[0].status for _, answers in waits] == [200] * 20
    assert issuer.requests()["documents"]["jwks"] == 1


def test_a_client_that_goes_away_while_it_waits(issuers: IssuerServer, tmp_path: Path) -> None:
    """Its request ends; the fetch goes on for others."""
    issuer = issuers.new_case()
    issuer.behave("jwks", delay_ms=SLOW_MS)
    with nginx(tmp_path, issuer.issuer, server=STUB_STATUS) as running:
        workers = running.workers()
        request = f"GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {good(issuer)}\r\n\r\n".encode()
        gone = []
        for _ in range(10):
            gone.append(socket.create_connection(("127.0.0.1", running.port)))
            gone[-1].sendall(request)
        stays, answers = asked_in_background(running, issuer)
        await_waiting(running, 11)
        for connection in gone:
            connection.close()
        stays.join()
        assert answers[0].status == 200
        assert running.workers() == workers


def test_a_body_that_comes_while_the_request_waits(issuers: IssuerServer, tmp_path: Path) -> None:
    """It reaches the upstream whole, and the connection goes on to the next request."""
    issuer = issuers.new_case()
    issuer.behave("jwks", delay_ms=1000)
    server = """
        location = /posted {
            at9068 on;
            client_max_body_size 1m;
            proxy_pass http://api/length;
        }"""
    api = "location = /length { client_max_body_size 1m; return 200 '$http_content_length'; }"
    with nginx(tmp_path, issuer.issuer, server=server, api=api) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
        for _ in range(2):
            connection.request("POST", "/posted", body=b"x" * 300_000, headers=dict(bearer(good(issuer))))
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, b"300000")
        connection.close()


def test_rotation(issuers: IssuerServer, tmp_path: Path) -> None:
    """A token of a key that nobody has seen is judged by the keys of now, in the same request."""
    issuer = issuers.new_case()
    with nginx(tmp_path, issuer.issuer, cache=EAGER) as running:
        old = good(issuer)
        assert running.ask("/me", bearer(old)).status == 200
        time.sleep(1.1)  # the cooldown
        issuer.keys(generate=[{"key": "b", "algorithm": "RS256"}], publish=["b"], sign_with="b")
        assert running.ask("/me", bearer(good(issuer))).status == 200
        assert running.ask("/me", bearer(old)).status == 200
        time.sleep(1.1)  # the cooldown
        issuer.keys(
            generate=[{"key": "c", "algorithm": "ES256"}], publish=["c"], sign_with="c", withdraw=["first", "b"]
        )
        assert running.ask("/me", bearer(good(issuer))).status == 200
        refused = running.ask("/me", bearer(issuer.mint(key="first")))
        assert (refused.status, b"key_not_found" in refused.body) == (401, True)


def test_an_outage_later_harms_nobody(issuers: IssuerServer, tmp_path: Path) -> None:
    """Keys that are there serve on."""
    issuer = issuers.new_case()
    with nginx(tmp_path, issuer.issuer) as running:
        token = good(issuer)
        assert running.ask("/me", bearer(token)).status == 200
        issuer.behave("all", status=503)
        assert running.ask("/me", bearer(token)).status == 200
        unknown = issuer.forge(header={"kid": "unknown"})
        assert running.ask("/me", bearer(unknown)).status in (401, 503)
        assert running.ask("/me", bearer(good(issuer))).status == 200


def test_an_issuer_that_never_answers(issuers: IssuerServer, tmp_path: Path) -> None:
    """Who waits is told when the time is over."""
    issuer = issuers.new_case()
    issuer.behave("all", hang="before_head")
    with nginx(tmp_path, issuer.issuer, cache={"timeout_seconds": 1}) as running:
        answer = running.ask("/me", bearer(good(issuer)))
        assert (answer.status, b"keys_unavailable" in answer.body) == (503, True)
        assert running.ask("/health").status == 200


def test_locations_share_what_is_fetched(issuers: IssuerServer, tmp_path: Path) -> None:
    """Another audience or another demand is no other issuer."""
    issuer = issuers.new_case()
    other = """
        location = /other {
            at9068 on;
            at9068_audience https://other.example/;
            proxy_pass http://api/me;
        }"""
    with nginx(tmp_path, issuer.issuer, server=other) as running:
        assert running.ask("/me", bearer(good(issuer))).status == 200
        token = issuer.mint(audience="https://other.example/")
        assert running.ask("/other", bearer(token)).status == 200
        assert running.ask("/me", bearer(token)).status == 401
    assert issuer.requests()["documents"]["jwks"] == 1


def test_an_issuer_that_is_asked_about_every_token(issuers: IssuerServer, tmp_path: Path) -> None:
    """Introspection: more requests than threads, each waits for its own answer, nobody for another's."""
    issuer = issuers.new_case()
    asks = {"endpoint": issuer.introspection_endpoint, "authentication": "bearer", "bearer_token": "secret"}
    asking = f"""
        location = /asked {{
            at9068 on;
            at9068_option strategy '"introspection"';
            at9068_option introspection '{json.dumps(asks)}';
            proxy_pass http://api/me;
        }}"""
    issuer.ask("client", authentication="bearer", bearer_token="secret")
    issuer.behave("introspection", delay_ms=200)
    with nginx(tmp_path, issuer.issuer, server=asking, cache={"timeout_seconds": 30}) as running:
        tokens = [issuer.mint(subject=f"user-{number}") for number in range(80)]
        revoked = issuer.mint(subject="revoked")
        issuer.ask("revoke", token=revoked)
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda t=token: statuses.append(running.ask("/asked", bearer(t)).status))
            for token in tokens
        ]
        for thread in threads:
            thread.start()
        assert running.ask("/health").status == 200
        for thread in threads:
            thread.join()
        assert statuses == [200] * 80
        assert running.ask("/asked", bearer(revoked)).status == 401
