"""Runs one driver over a list of questions: everything is written at once, answers are read as they come."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

INFO = ("info", '{"id":"info","op":"info"}')


@dataclass
class Run:
    """What came back: one line per question as far as they came, and what went wrong with the process."""

    driver: str
    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def run(starter: Path, driver: str, questions: Sequence[tuple[str, str]], idle_seconds: float) -> Run:
    """Starts the driver, streams the questions, collects the answers."""
    result = Run(driver)
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                [str(starter), driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        except OSError as error:
            result.faults.append(f"does not start: {error}")
            return result
        assert process.stdin is not None and process.stdout is not None
        source, sink = process.stdout, process.stdin
        raw: list[bytes] = []

        def write() -> None:
            try:
                for _, line in questions:
                    sink.write(line.encode() + b"\n")
                sink.close()
            except OSError:
                pass  # the driver is gone; the missing answers tell

        def read() -> None:
            # One by one: the list is what shows that answers keep coming.
            for line in iter(source.readline, b""):
                raw.append(line)

        threads = [threading.Thread(target=write, daemon=True), threading.Thread(target=read, daemon=True)]
        for thread in threads:
            thread.start()
        wait_while_moving(threads[1], raw, idle_seconds)
        if threads[1].is_alive():
            result.faults.append(f"silent for {idle_seconds:g} s, stopped")
            process.kill()
        try:
            status = process.wait(idle_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
            result.faults.append("did not end at the end of input")
        for thread in threads:
            thread.join(5)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    for line in raw:
        try:
            result.lines.append(line.decode().rstrip("\n"))
        except UnicodeDecodeError:
            result.lines.append("")
            result.faults.append(f"answer {len(result.lines)} is not UTF-8")
    if status != 0:
        result.faults.append(f"ended with status {status}" + (f": {said[-2000:]}" if said else ""))
    if len(result.lines) != len(questions):
        result.faults.append(f"{len(result.lines)} answers to {len(questions)} questions")
    return result


def wait_while_moving(reader: threading.Thread, raw: list[bytes], idle_seconds: float) -> None:
    """Waits for the reader as long as answers keep coming."""
    seen, since = -1, time.monotonic()
    while reader.is_alive():
        reader.join(0.2)
        if len(raw) != seen:
            seen, since = len(raw), time.monotonic()
        elif time.monotonic() - since > idle_seconds:
            return


def run_all(
    starter: Path, drivers: Sequence[str], questions: Sequence[tuple[str, str]], idle_seconds: float
) -> dict[str, Run]:
    """All drivers side by side."""
    results: dict[str, Run] = {}

    def one(name: str) -> None:
        results[name] = run(starter, name, questions, idle_seconds)

    threads = [threading.Thread(target=one, args=(name,)) for name in drivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {name: results[name] for name in drivers}
