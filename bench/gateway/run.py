"""The nginx module beside nginx alone and `auth_request` to a Python service; writes docs/gateway-performance.md.

    run.py            takes about two minutes
    run.py --quick    tries it, and writes nothing

One worker of nginx serves a small file. Rounds are interleaved, so that what else the machine does meets all alike.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from at9068 import Minter, SigningKey

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/issuer"), str(ROOT / "bench")]
from frameworks.serve import free_port  # noqa: E402
from gateway.nginx import MODULE, TEMPORARY, Nginx, binary  # noqa: E402

from machine import describe  # noqa: E402

PAGE = ROOT / "docs/gateway-performance.md"
CONNECTIONS = 32
TOKENS = 4000

CONFIGURATION = """
load_module {module};
{user}daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 512; }}
http {{
    {temporary}
    access_log off;
    keepalive_requests 1000000000;
    at9068_issuer https://as.example/;
    at9068_audience https://api.example/;
    at9068_jwks jwks.json;
    upstream cached {{ server 127.0.0.1:{cached}; keepalive 64; }}
    upstream cold {{ server 127.0.0.1:{cold}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location = /health {{ return 200; }}
        location = /alone {{ alias html/answer.json; }}
        location = /module-cached {{ at9068 on; alias html/answer.json; }}
        location = /module-cold {{
            at9068 on;
            at9068_option token_cache '{{"max_entries": 0}}';
            alias html/answer.json;
        }}
        location = /service-cached {{ auth_request /ask-cached; alias html/answer.json; }}
        location = /service-cold {{ auth_request /ask-cold; alias html/answer.json; }}
        location = /ask-cached {{ internal; {asks} proxy_pass http://cached; }}
        location = /ask-cold {{ internal; {asks} proxy_pass http://cold; }}
    }}
}}
"""
ASKS = (
    'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass_request_body off;'
    ' proxy_set_header Content-Length "";'
)


@dataclass
class Subject:
    """A location, what is sent to it, and what was measured."""

    name: str
    target: str
    # Which file of tokens, if any, and which service takes part.
    tokens: str | None = None
    service: str | None = None
    rates: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    # Of nginx and of the service, for each request, in microseconds.
    cpu: list[float] = field(default_factory=list)


def subjects() -> list[Subject]:
    """In the order of the page."""
    return [
        Subject("nginx alone", "/alone"),
        Subject("the module, one token, remembered", "/module-cached", "one"),
        Subject("the module, RS256, every token verified", "/module-cold", "many"),
        Subject("`auth_request`, one token, remembered", "/service-cached", "one", "cached"),
        Subject("`auth_request`, RS256, every token verified", "/service-cold", "many", "cold"),
    ]


def cpu_seconds(pid: int) -> float:
    """What a process has used of processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def material(folder: Path) -> None:
    """Keys and tokens, and the file that is served."""
    key = SigningKey.generate("RS256")
    (folder / "jwks.json").write_text(key.key_set().to_json())
    minter = Minter(
        issuer="https://as.example/",
        keys=key,
        apis=[{"audience": "https://api.example/", "dialect": "rfc9068_profile", "scopes": ["read:patients"]}],
    )
    tokens = [
        minter.mint(
            grant_type="authorization_code", client_id="app", subject=f"user-{number}", scope="read:patients"
        ).token
        for number in range(TOKENS)
    ]
    (folder / "many").write_text("\n".join(tokens) + "\n")
    (folder / "one").write_text(tokens[0] + "\n")
    (folder / "html").mkdir()
    (folder / "html/answer.json").write_text('{"patients":[]}')


@contextmanager
def service(folder: Path, port: int, entries: int) -> Iterator[int]:
    """uvicorn, one process, as a user would start it; its process id."""
    environment = {**os.environ, "AT9068_JWKS": str(folder / "jwks.json"), "AT9068_TOKEN_CACHE": str(entries)}
    command = [sys.executable, "-m", "uvicorn", "service:app", "--port", str(port), "--no-access-log"]
    log = (folder / f"service-{port}").open("wb")
    with subprocess.Popen(command, cwd=HERE, env=environment, stdout=log, stderr=log) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


@contextmanager
def gateway(folder: Path, port: int, cached: int, cold: int) -> Iterator[Nginx]:
    """nginx with all locations."""
    path = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    path.write_text(
        CONFIGURATION.format(
            module=MODULE, user=user, temporary=TEMPORARY, port=port, cached=cached, cold=cold, asks=ASKS
        )
    )
    command = [binary(), "-p", str(folder), "-c", str(path), "-e", str(folder / "error.log")]
    with subprocess.Popen(command) as process:
        try:
            yield Nginx(folder, port, process)
        finally:
            process.terminate()


def measure(one: Subject, running: Nginx, services: dict[str, int], folder: Path, seconds: int) -> None:
    """One round of one subject."""
    wrk = shutil.which("wrk")
    assert wrk, "wrk is not installed"
    (worker,) = running.workers()
    processes = [worker, *([services[one.service]] if one.service else [])]
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "wrk.lua")]
    command += [f"http://127.0.0.1:{running.port}{one.target}", "--"]
    command += [str(folder / one.tokens)] if one.tokens else []
    before = sum(cpu_seconds(pid) for pid in processes)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    used = sum(cpu_seconds(pid) for pid in processes) - before
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["failed"] == 0, (one.name, told, running.log())
    one.rates.append(told["requests"] / told["microseconds"] * 1e6)
    one.p99.append(told["p99"] / 1000)
    one.cpu.append(used / told["requests"] * 1e6)


def page(measured: list[Subject], machine: dict[str, Any], rounds: int, seconds: int) -> str:
    """What is told."""
    alone = measured[0]
    rows = []
    for one in measured:
        rate, p99, cpu = (statistics.median(values) for values in (one.rates, one.p99, one.cpu))
        ratio = rate / statistics.median(alone.rates)
        slower = p99 / statistics.median(alone.p99)
        rows.append(f"| {one.name} | {rate:,.0f} | {ratio:.2f} | {p99:.2f} | {slower:.1f} | {cpu:.0f} |")
    by_name = {one.target: statistics.median(one.rates) for one in measured}
    cpu_of = {one.target: statistics.median(one.cpu) for one in measured}
    kinds = (("cached", "one token that is remembered"), ("cold", "tokens that are all verified"))
    told = []
    for kind, words in kinds:
        many = by_name[f"/module-{kind}"] / by_name[f"/service-{kind}"]
        cost = cpu_of[f"/module-{kind}"] / cpu_of[f"/service-{kind}"]
        told.append(
            f"- With {words} the module answers {many:.1f} times as many requests as `auth_request`, for {cost:.2f} of"
            " the processor time of each."
        )
    version = subprocess.run([binary(), "-v"], capture_output=True, text=True, check=True).stderr.strip()
    return f"""# Performance of the gateway

<!-- Written by `make gateway-bench`. Do not edit. -->

The [nginx module](gateway.md) beside nginx alone, and beside `auth_request`, nginx's own way to ask a service about
each request: here one process of uvicorn that validates with the Python package. Numbers hold as ratios within this
run.

{time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}; {machine["cpu"]}, {machine["cpus"]} CPUs; {machine["system"]};
load {machine["load_before"]:.1f} at the beginning and {os.getloadavg()[0]:.1f} at the end; {version}. One worker of
nginx serves a file of 15 octets to {CONNECTIONS} connections of wrk, which runs on the same machine; medians of
{rounds} interleaved rounds of {seconds} s.

| | requests per second | of nginx alone | p99, ms | of nginx alone | processor time, µs |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

{chr(10).join(told)}

*Remembered*: one token, which is verified once and found again from then on. *Every token verified*: {TOKENS} tokens
in turn, and nothing is remembered (`token_cache` off). Processor time is that of nginx's worker and of the service, for
each request. The service has a processor of its own as long as wrk leaves it one; with more of them it could run more
processes.
"""


def main() -> int:
    """Measures; writes unless it is only tried."""
    quick = "--quick" in sys.argv[1:]
    rounds, seconds = (1, 1) if quick else (7, 3)
    machine = describe()
    measured = subjects()
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        material(folder)
        port, cached, cold = (free_port() for _ in range(3))
        services = {
            "cached": stack.enter_context(service(folder, cached, 1000)),
            "cold": stack.enter_context(service(folder, cold, 0)),
        }
        running = stack.enter_context(gateway(folder, port, cached, cold))
        await_all(running, measured, folder)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for one in measured:
                measure(one, running, services, folder, seconds)
    text = page(measured, machine, rounds, seconds)
    if quick:
        print(text)
    else:
        PAGE.write_text(text)
    return 0


def await_all(running: Nginx, measured: list[Subject], folder: Path) -> None:
    """Until every location answers, and refuses who has no token."""
    token = (folder / "one").read_text().strip()
    until = time.monotonic() + 60
    for one in measured:
        while True:
            try:
                if running.ask(one.target, [("Authorization", f"Bearer {token}")]).status == 200:
                    break
            except OSError:
                pass
            assert time.monotonic() < until, f"{one.target} does not answer: {running.log()[-2000:]}"
            time.sleep(0.1)
        assert running.ask(one.target).status == (401 if one.tokens else 200), one.target


if __name__ == "__main__":
    sys.exit(main())
