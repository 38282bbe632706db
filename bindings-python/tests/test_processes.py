"""Interrupts, the end of the interpreter and forks, while keys are fetched."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from typing import Any

import pytest
from at9068 import FetchRequest, FetchResponse, Validator
from conftest import ended, forked
from loopback import Issuer

PROLOGUE = """
import asyncio, signal, sys, threading, time
from at9068 import ClientAssertionValidator, FetchResponse, IdTokenValidator, Validator
issuer, token, id_token = sys.argv[1:]
# Whoever runs the tests in the background has interrupts ignored, and that is handed down.
signal.signal(signal.SIGINT, signal.default_int_handler)
cache = {"danger_http_loopback": True, "timeout_seconds": 20.0, "trusted_hosts": ["127.0.0.1"]}
def of(**options):
    return Validator(issuer=issuer, audience="https://api.example/", issuer_cache=cache, **options)
def of_logins():
    return IdTokenValidator(issuer=issuer, client_id="app", issuer_cache=cache)
def of_asked():
    asked = {"endpoint": issuer + "introspect", "authentication": "bearer", "bearer_token": "b"}
    return of(strategy="introspection", introspection=asked)
def of_clients():
    clients = [{"client_id": "app", "jwks_uri": issuer + "jwks"}]
    return ClientAssertionValidator(issuer=issuer, clients=clients, issuer_cache=cache)
"""


def arguments(issuer: Issuer) -> list[str]:
    return [issuer.name, issuer.mint(), issuer.mint_id_token()]


def start(issuer: Issuer, script: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROLOGUE + textwrap.dedent(script), *arguments(issuer)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "call",
    [
        "of().validate(token)",
        "of().authenticate({'headers': [('Authorization', 'Bearer ' + token)]})",
        "of().explain(token)",
        "of().prefetch()",
        "of().refresh()",
        "of_logins().validate(id_token)",
        "of_logins().refresh()",
        "asyncio.run(of_logins().validate_async(id_token))",
        "of_clients().prefetch()",
        "of_asked().validate('opaque')",
        "asyncio.run(of_asked().validate_async('opaque'))",
        "asyncio.run(of().validate_async(token))",
        "asyncio.run(of().prefetch_async())",
        "of(fetch=lambda _: urllib.request.urlopen(issuer)).validate(token)",
    ],
)
def test_an_interrupt_ends_the_waiting(issuer: Issuer, call: str) -> None:
    script = f"""
        import urllib.request
        try:
            {call}
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    """
    with issuer.held_back(), start(issuer, script) as process:
        assert process.stdout is not None
        assert issuer.arrived.wait(20)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.stdout.readline() == "interrupted\n"
        took = time.monotonic() - sent
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output, errors) == (0, "", "")
    assert took < 1


ENDINGS = {
    "a daemon thread that waits": "threading.Thread(target=of().validate, args=(token,), daemon=True).start()",
    "a thread for nobody": "at_hand(of())",
    "a host's fetch that sleeps": "at_hand(of(fetch=lambda _: time.sleep(20)))",
    "a host's fetch that wakes up": "at_hand(of(fetch=nap))",
    "events that sleep": "at_hand(of(fetch=lambda _: FetchResponse(500), events=lambda _: time.sleep(20)))",
    "events that wake up": "at_hand(of(fetch=lambda _: FetchResponse(500), events=nap))",
    "a clock": "at_hand(of(clock=lambda: time.sleep(0.001) or time.time(), fetch=lambda _: FetchResponse(500)))",
    "a loop in a daemon thread": "threading.Thread(target=asyncio.run, args=(answer(),), daemon=True).start()",
    "a loop that was left": "asyncio.run(leave())",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_interpreter_ends_while_keys_are_fetched(issuer: Issuer, ending: str) -> None:
    script = f"""
        def nap(_):
            for _ in range(1000):
                time.sleep(0.0005)
            return FetchResponse(500)

        def at_hand(validator):
            global kept
            kept = validator
            try:
                validator.validate_at_hand(token)
            except Exception as error:
                assert error.code == "keys_unavailable"

        async def answer():
            await of().validate_async(token)

        async def leave():
            call = asyncio.create_task(answer())
            await asyncio.sleep(0.05)

        {ENDINGS[ending]}
        time.sleep(float(sys.stdin.readline()))
        sys.exit(7)
    """
    with issuer.held_back():
        processes = [start(issuer, script) for _ in range(4)]
        for number, process in enumerate(processes):
            output, errors = process.communicate(f"{0.1 + number / 50}\n", timeout=20)
            assert (process.returncode, output, errors) == (7, "", "")


def test_without_threads_calls_fetch_themselves_and_loops_do_not_wait(issuer: Issuer) -> None:
    script = """
        told = []
        ports = dict(events=told.append, clock=time.time)
        print(of(**ports).validate(token).client_id)

        async def main():
            try:
                await of(**ports).validate_async(token)
            except Exception as error:
                print(error.code, error.status)

        asyncio.run(main())
        print([event["event"] for event in told], threading.active_count())
    """
    command = [sys.executable, "-c", PROLOGUE + textwrap.dedent(script), *arguments(issuer)]
    # No thread can have so large a stack.
    environment = {**os.environ, "RUST_MIN_STACK": str(1 << 50)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    told = "['refreshed', 'refresh_failed'] 1"
    assert done.stdout.splitlines() == ["cron", "keys_unavailable 503", told]
    assert sum(issuer.asked.values()) == 3


def child_of(validator: Validator, token: str) -> int:
    return forked(lambda: validator.validate(token).client_id == "cron")


def test_children_validate_while_the_parent_fetches(issuer: Issuer) -> None:
    validator = issuer.validator()
    token = issuer.mint()
    with issuer.held_back():
        waiting = threading.Thread(target=validator.validate, args=(token,))
        waiting.start()
        assert issuer.arrived.wait(20)
        children = [child_of(validator, token) for _ in range(4)]
    assert [ended(child) for child in children] == [0] * 4
    waiting.join()
    assert validator.validate(token).client_id == "cron"
    # What was at hand before the fork is at hand after it.
    asked = sum(issuer.asked.values())
    assert ended(child_of(validator, token)) == 0
    assert sum(issuer.asked.values()) == asked


def test_children_validate_while_a_host_fetches(issuer: Issuer) -> None:
    def fetch(request: FetchRequest) -> FetchResponse:
        status, body = issuer.answer(request.url.removeprefix(issuer.origin))
        return FetchResponse(status, (), body)

    validator = issuer.validator(fetch=fetch, events=lambda _: None, clock=time.time)
    token = issuer.mint()
    done = threading.Event()

    def refresh() -> None:
        while not done.is_set():
            validator.refresh()

    refreshing = threading.Thread(target=refresh)
    refreshing.start()
    try:
        for _ in range(50):
            assert ended(child_of(validator, token)) == 0
    finally:
        done.set()
        refreshing.join()


def answer(found: Any, token: str) -> None:
    found.put(inherited[0].validate(token).client_id)


inherited: list[Validator] = []


def test_processes_of_multiprocessing_validate(issuer: Issuer) -> None:
    inherited[:] = [issuer.validator()]
    inherited[0].prefetch()
    context = multiprocessing.get_context("fork")
    found: Any = context.SimpleQueue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        processes = [context.Process(target=answer, args=(found, issuer.mint())) for _ in range(4)]
        for process in processes:
            process.start()
    assert [found.get() for _ in processes] == ["cron"] * 4
    for process in processes:
        process.join(20)
        assert process.exitcode == 0
    inherited.clear()
