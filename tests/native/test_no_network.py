"""T12, T13, T14: a header that points somewhere leads to no connection and no file."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import at9068
import pytest

from generator.build import API, ISSUER, NOW, header, token
from generator.common import config
from generator.keys import public_jwk

from .corpus import ROOT


@contextmanager
def trap() -> Iterator[tuple[int, list[object]]]:
    """A server that counts who comes."""
    visits: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def wait() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                visits.append(address)
                connection.close()

        waiting = threading.Thread(target=wait)
        waiting.start()
        try:
            yield server.getsockname()[1], visits
        finally:
            server.shutdown(socket.SHUT_RDWR)
            waiting.join(5)


def pointing(port: int) -> dict[str, dict[str, object]]:
    """Headers by which a token tells where its key is."""
    url = f"http://127.0.0.1:{port}/keys"
    return {
        "jku": {"jku": url},
        "x5u": {"x5u": url},
        "jku-kid": {"jku": url, "kid": "unknown"},
        "jku-and-jwk": {"jku": url, "jwk": public_jwk("p256-b")},
        "kid-is-url": {"kid": url},
        "file": {"jku": "file:///etc/hostname", "x5u": "file:///etc/hostname"},
        "iss-kid": {"kid": "unknown", "iss": url},
    }


def test_nobody_comes_to_a_place_that_a_token_names() -> None:
    """Signed by the attacker's key, which the place would give out."""
    validator = at9068.Validator(**config())
    with trap() as (port, visits):
        with socket.create_connection(("127.0.0.1", port)):
            pass
        for name, more in pointing(port).items():
            forged = token(header(**more), key="p256-b").compact
            with pytest.raises(at9068.TokenError) as caught:
                validator.validate(forged, now=NOW)
            expected = "key_not_found" if "kid" in more else "signature_invalid"
            assert caught.value.code == expected, name
    assert len(visits) == 1, "the test's own visit, and no other"
    assert validator.validate(token(header(jku="http://127.0.0.1:9/")).compact, now=NOW).iss == ISSUER


ALONE = f"""
import json, os, sys, at9068
validator = at9068.Validator(issuer={ISSUER!r}, audience={API!r}, jwks=json.loads(sys.argv[1]))

def judge(token):
    try:
        validator.validate(token, now={NOW})
    except at9068.TokenError as error:
        return error.code

def mark(name):
    assert not os.path.exists(name)

judge("a.b.c")
mark("/at9068-starts-here")
codes = [judge(token) for token in sys.argv[2:]]
mark("/at9068-ends-here")
assert set(codes) == {{"key_not_found", "signature_invalid"}}, codes
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows the calls of the system; not installed here")
def test_validation_asks_the_system_for_nothing() -> None:
    """Between two marks: no file is opened, no socket made, no process or thread begun."""
    tokens = [token(header(**more), key="p256-b").compact for more in pointing(9).values()]
    keys = json.dumps(config()["jwks"])
    command = ["strace", "-f", "-e", "trace=file,network,process", sys.executable, "-c", ALONE, keys, *tokens]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0 and "ptrace" in done.stderr:
        pytest.skip("this system does not let one process watch another")
    assert done.returncode == 0, done.stderr[-2000:]
    between = done.stderr.split("/at9068-starts-here", 1)[1].split("/at9068-ends-here", 1)[0].splitlines()
    # The first and the last line are the rests of the marks' own.
    assert between[1:-1] == []
