"""The life of workers: reloads under load, memory over many of them, and what valgrind says from start to end."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from at9068_test_issuer import IssuerServer

from frameworks.serve import free_port
from frameworks.table import bearer, good

from .nginx import MODULE, Nginx, configuration, nginx, started

RELOADS = 50
# What a process may grow by over all of them: an eighth of what it would if validators were lost.
SLACK_KIB = 1024


def memory_kib(pid: int) -> int:
    """What a process has in memory beside files, be it still shared with its workers."""
    found = re.search(r"^Anonymous: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def load(running: Nginx, token: str, seconds: int) -> subprocess.Popen[str]:
    """wrk, with a connection for every request: nothing then hides what becomes of a new one."""
    wrk = shutil.which("wrk")
    assert wrk, "wrk is not installed"
    headers = ["-H", f"Authorization: Bearer {token}", "-H", "Connection: close"]
    command = [wrk, "-t1", "-c8", f"-d{seconds}s", *headers, f"http://127.0.0.1:{running.port}/me"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_reloads_under_load(issuers: IssuerServer, tmp_path: Path) -> None:
    """No good request fails while workers come and go."""
    issuer = issuers.new_case()
    with nginx(tmp_path, issuer.issuer, workers=2) as running:
        token = good(issuer)
        assert running.ask("/me", bearer(token)).status == 200
        with load(running, token, 8) as wrk:
            for _ in range(8):
                running.reload()
            told = wrk.communicate()[0]
    (requests,) = re.findall(r"(\d+) requests in", told)
    assert int(requests) > 100, told
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told


def test_memory_over_reloads(issuers: IssuerServer, tmp_path: Path) -> None:
    """Neither the master, which makes validators and frees them, nor the workers get larger."""
    issuer = issuers.new_case()
    # Many keys, so that a validator is no small thing to lose.
    issuer.keys(generate=[{"key": str(number), "algorithm": "ES256"} for number in range(100)])
    keys = [entry["jwk"] for entry in issuer.ask("keys")["keys"]]
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": keys}))
    given = "location = /given { at9068 on; at9068_jwks jwks.json; proxy_pass http://api/me; }"
    with nginx(tmp_path, issuer.issuer, server=given) as running:
        sizes: list[tuple[int, int]] = []
        for _ in range(RELOADS + 10):
            running.reload()
            assert running.ask("/me", bearer(good(issuer))).status == 200
            assert running.ask("/given", bearer(good(issuer))).status == 200
            (worker,) = running.workers()
            sizes.append((memory_kib(running.process.pid), memory_kib(worker)))
    # The first reloads find room that the later ones use again.
    (master, worker), (master_then, worker_then) = sizes[9], sizes[-1]
    assert master_then - master < SLACK_KIB, sizes
    assert worker_then - worker < SLACK_KIB, sizes


def test_a_reload_to_another_issuer(issuers: IssuerServer, tmp_path: Path) -> None:
    """Whom the new configuration does not name is trusted no longer, and a bad one changes nothing."""
    old, new = issuers.new_case(), issuers.new_case()
    port = free_port()
    path = configuration(tmp_path, issuer=old.issuer, port=port)
    with started(tmp_path, path, port) as running:
        assert running.ask("/me", bearer(good(old))).status == 200
        configuration(tmp_path, issuer=new.issuer, port=port)
        running.reload()
        assert running.ask("/me", bearer(good(old))).status == 401
        assert running.ask("/me", bearer(good(new))).status == 200
        workers = running.workers()
        told = subprocess.run(
            ["sh", "-c", "sed -i 's/at9068_realm.*/at9068_option leeway_seconds 999;/' \"$0\"", str(path)], check=False
        )
        assert told.returncode == 0
        running.process.send_signal(1)
        running.await_log("leeway_seconds")
        assert running.workers() == workers
        assert running.ask("/me", bearer(good(new))).status == 200
        # The log of the failed reload has an [emerg], as it should.
        (tmp_path / "error.log").write_text("")


def test_keys_outlive_a_reload(issuers: IssuerServer, tmp_path: Path) -> None:
    """New workers begin with what the old ones had, be the issuer there or not; a cache of its own is no exception."""
    issuer, port = issuers.new_case(), free_port()
    whole = {
        "issuer": issuer.issuer,
        "audience": "https://api.example/",
        "issuer_cache": {"danger_http_loopback": True},
    }
    server = f"location = /whole {{ at9068 on; at9068_config '{json.dumps(whole)}'; proxy_pass http://api/me; }}"
    path = configuration(tmp_path, issuer=issuer.issuer, port=port, server=server)
    with started(tmp_path, path, port) as running:
        token = good(issuer)
        for target in ("/me", "/whole"):
            assert running.ask(target, bearer(token)).status == 200
        issuer.behave("all", status=503)
        before = issuer.requests()["documents"]
        for _ in range(3):
            running.reload()
            for target in ("/me", "/whole"):
                assert running.ask(target, bearer(good(issuer))).status == 200
        assert issuer.requests()["documents"] == before
        # Where anything of it changes, be it where keys come from, nothing is taken over.
        configuration(tmp_path, issuer=issuer.issuer, port=port, server=server, cache={"max_stale_seconds": 1})
        running.reload()
        assert running.ask("/me", bearer(token)).status == 503


def test_workers_end_while_keys_are_on_their_way(issuers: IssuerServer, tmp_path: Path) -> None:
    """Whatever a thread brings then, it finds nobody, and harms nobody: no worker dies of a signal."""
    issuer, port = issuers.new_case(), free_port()
    path = configuration(tmp_path, issuer=issuer.issuer, port=port)
    with started(tmp_path, path, port) as running:
        for number in range(40):
            issuer.behave("all", delay_ms=number % 20)
            # Another configuration each time, so that nothing is taken over and each worker fetches.
            configuration(tmp_path, issuer=issuer.issuer, port=port, cache={"max_stale_seconds": number})
            running.reload()
        issuer.behave("all", hang="before_head")
        configuration(tmp_path, issuer=issuer.issuer, port=port, cache={"max_stale_seconds": 99})
        running.reload()


def test_the_module_is_never_unloaded() -> None:
    """The linker was told so: what the test before may find only by chance cannot happen."""
    told = subprocess.run(["readelf", "-d", str(MODULE)], capture_output=True, text=True, check=True).stdout
    assert "NODELETE" in told


def test_requests_that_wait_outlive_a_reload(issuers: IssuerServer, tmp_path: Path) -> None:
    """A worker that is to stop first answers those whose keys are on their way."""
    issuer = issuers.new_case()
    issuer.behave("jwks", delay_ms=2000, times=1)
    with nginx(tmp_path, issuer.issuer, server="location = /nginx_status { stub_status; }") as running:
        statuses: list[int] = []
        fields = bearer(good(issuer))
        thread = threading.Thread(target=lambda: statuses.append(running.ask("/me", fields).status))
        thread.start()
        while "Active connections: 2" not in running.ask("/nginx_status").body.decode():
            pass
        running.reload()
        thread.join()
        assert statuses == [200]


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_valgrind_finds_nothing(issuers: IssuerServer, tmp_path: Path) -> None:
    """One process from its start to its end, through good and bad, waiting, rotation and clients that go away."""
    issuer = issuers.new_case()
    port = free_port()
    path = configuration(tmp_path, issuer=issuer.issuer, port=port, cache={"cooldown_seconds": 1}, main=SINGLE)
    report = tmp_path / "valgrind"
    valgrind = [
        "valgrind",
        "--quiet",
        f"--log-file={report}",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--show-leak-kinds=definite",
        f"--suppressions={SUPPRESSIONS}",
        "--error-exitcode=9",
    ]
    with started(tmp_path, path, port, under=valgrind) as running:
        token = good(issuer)
        for _ in range(3):
            assert running.ask("/me", bearer(token)).status == 200
        assert running.ask("/patients", bearer(token), "DELETE").status == 200
        assert running.ask("/patients").status == 401
        assert running.ask("/patients", bearer(issuer.mint(scope="openid", subject="user-1"))).status == 403
        assert running.ask("/.well-known/oauth-protected-resource").status == 200
        issuer.keys(generate=[{"key": "b", "algorithm": "RS256"}], publish=["b"], sign_with="b")
        issuer.behave("all", delay_ms=300)
        threads = [threading.Thread(target=running.ask, args=("/me", bearer(good(issuer)))) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert running.ask("/me", bearer(issuer.mint(subject="user-1"))).status in (200, 401)
        issuer.behave("all", status=503)
        assert running.ask("/me", bearer(issuer.forge(header={"kid": "unknown"}))).status in (401, 503)
    assert report.read_text() == ""


SINGLE = "master_process off;\n"
SUPPRESSIONS = Path(__file__).parent / "valgrind.supp"
