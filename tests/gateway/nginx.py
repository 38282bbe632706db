"""Starts the real nginx with the module, in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from frameworks.serve import PATIENCE_SECONDS, ROOT, Running, free_port

# `make gateway` builds it; another, as one with sanitizers, by its path.
MODULE = Path(os.environ.get("AT9068_NGINX_MODULE", ROOT / "target/gateway/ngx_http_at9068_module.so"))
EXAMPLE = ROOT / "bindings-c/gateways/nginx/example/nginx.conf"
LOOPBACK = {"danger_http_loopback": True}
# Whatever nginx writes goes into its folder.
TEMPORARY = "\n".join(f"{kind}_temp_path {kind}_temp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


def binary() -> str:
    """nginx, which lies where only root looks."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    assert found, "nginx is not installed; bindings-c/gateways/nginx/build.sh says what is needed"
    return found


class Nginx(Running):
    """An nginx that answers."""

    def __init__(self, root: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        super().__init__(port)
        self.root = root
        self.process = process

    def log(self) -> str:
        """The error log."""
        return (self.root / "error.log").read_text(errors="replace")

    def workers(self) -> set[int]:
        """The processes that answer, those that are about to end left out."""
        lines = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.splitlines()
        return {int(line.split()[0]) for line in lines if line.endswith("nginx: worker process")}

    def reload(self) -> None:
        """Tells the master to read its configuration again, and waits until other workers answer."""
        before = self.workers()
        self.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            now = self.workers()
            if now and not now & before:
                return
            time.sleep(0.02)
        raise AssertionError(f"no new workers:\n{self.log()}")

    def await_log(self, text: str) -> None:
        """Waits until the error log has a text."""
        until = time.monotonic() + PATIENCE_SECONDS
        while text not in self.log():
            assert time.monotonic() < until, f"{text!r} is not in the log:\n{self.log()}"
            time.sleep(0.05)


def configuration(
    root: Path,
    *,
    issuer: str,
    port: int,
    server: str = "",
    http: str = "",
    api: str = "",
    cache: dict[str, Any] | None = None,
    workers: int = 1,
    module: Path = MODULE,
    main: str = "",
) -> Path:
    """The configuration of the example with more in it, in a folder that nginx may write to."""
    root.mkdir(parents=True, exist_ok=True)
    # Workers of a master that is root would be nobody, who may not look into this folder.
    text = EXAMPLE.read_text()
    user = "user root;\n" if os.geteuid() == 0 else ""
    words = {
        "MODULE": str(module),
        "WORKERS": str(workers),
        "HTTP": TEMPORARY + "\naccess_log off;\n" + http,
        "ISSUER": issuer,
        "CACHE": json.dumps({**LOOPBACK, **(cache or {})}),
        "PORT": str(port),
        "SERVER": server,
        "API": api,
        "ROOT": str(root),
    }
    for word, value in words.items():
        assert f"@{word}@" in text, word
        text = text.replace(f"@{word}@", value)
    path = root / "nginx.conf"
    path.write_text(f"{main}{user}{text}")
    return path


@contextmanager
def started(
    root: Path, path: Path, port: int, *, under: Sequence[str] = (), environment: dict[str, str] | None = None
) -> Iterator[Nginx]:
    """nginx, from the moment that it answers until it is told to end; it must end well."""
    log = root / "error.log"
    command = [*under, binary(), "-p", str(root), "-c", str(path), "-e", str(log)]
    with subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stderr=(root / "stderr").open("wb"),
        start_new_session=True,
    ) as process:
        running = Nginx(root, port, process)
        try:
            _await_health(running)
            yield running
        finally:
            process.send_signal(signal.SIGQUIT)
            try:
                code = process.wait(PATIENCE_SECONDS)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        written = (root / "stderr").read_text(errors="replace")
        assert code == 0, f"nginx ended with {code}:\n{written}\n{running.log()}"
        for bad in ("[alert]", "[emerg]", "exited on signal"):
            assert bad not in running.log(), running.log()


@contextmanager
def nginx(root: Path, issuer: str, **more: Any) -> Iterator[Nginx]:
    """The example, served, with more in its configuration."""
    port = free_port()
    with started(root, configuration(root, issuer=issuer, port=port, **more), port) as running:
        yield running


def check(path: Path) -> tuple[int, str]:
    """What nginx says of a configuration."""
    done = subprocess.run(
        [binary(), "-t", "-p", str(path.parent), "-c", str(path), "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def _await_health(running: Nginx) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while running.process.poll() is None and time.monotonic() < until:
        try:
            if running.ask("/health").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    print((running.root / "stderr").read_text(errors="replace"), file=sys.stderr)
    raise AssertionError("nginx did not start")
