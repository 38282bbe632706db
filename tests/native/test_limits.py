"""T222, T232, T53, T63: little memory, an old processor, and tokens made to take long."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time

import at9068
import pytest

from generator.build import NOW
from generator.common import config

from .corpus import ROOT, cases

DRIVER = ROOT / "target" / "drivers" / "rust"
MEBI = 1 << 20


def questions() -> tuple[str, list[bool]]:
    """Lines for a driver, and whether each token is a good one."""
    chosen = [case for case in cases() if case.op == "validate"]
    return "\n".join(case.question() for case in chosen) + "\n", [bool(case.expect["ok"]) for case in chosen]


def hungry() -> str:
    """A good question whose key set of 5,000 keys takes megabytes to read."""
    case = next(case for case in cases() if case.id == "parsing/good")
    key = config()["jwks"]["keys"][0]
    keys = [key | {"kid": f"other-{number}"} for number in range(5000)]
    many = config(jwks={"keys": [*keys, key]})
    line = json.loads(case.question()) | {"config": many}
    return json.dumps(line) + "\n"


def test_where_memory_ends_the_process_ends_or_refuses() -> None:
    """Never a token accepted that is not good, and never a memory fault: an abort, which the system reports as one."""
    text, good = questions()
    text, good = text + hungry(), [*good, True]
    outcomes: dict[str, int] = {"none": 0, "some": 0, "all": 0}
    for limit in [*range(5 * MEBI, 24 * MEBI, MEBI // 2), 256 * MEBI]:
        done = subprocess.run(
            [DRIVER],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.endswith("}")]
        assert [bool(answer["ok"]) for answer in answers] == good[: len(answers)], f"{limit} octets"
        if not answers:
            # The loader had no memory for the program itself: what happens then is the system's.
            assert done.returncode != 0
            outcomes["none"] += 1
        elif len(answers) < len(good):
            assert done.returncode == -signal.SIGABRT, (limit, done.returncode, done.stderr[-300:])
            assert "memory allocation of" in done.stderr
            outcomes["some"] += 1
        else:
            assert done.returncode == 0
            outcomes["all"] += 1
    assert outcomes["some"] >= 5, f"the limits were not where memory ends: {outcomes}"
    assert outcomes["all"] >= 1, "with enough memory everything is answered"


def test_without_the_processor_s_extensions_the_answers_are_the_same() -> None:
    """The cryptography is told that the processor can nothing beyond its oldest kind."""
    text, good = questions()
    outputs = []
    for masked in (None, "0", "~0xffffffffffffffff:~0xffffffffffffffff"):
        environment = dict(os.environ) | ({} if masked is None else {"OPENSSL_ia32cap": masked})
        done = subprocess.run([DRIVER], input=text, capture_output=True, text=True, check=True, env=environment)
        outputs.append(done.stdout)
    assert outputs[0].count("\n") == len(good)
    assert outputs[1] == outputs[0] and outputs[2] == outputs[0]


def header_of(size: int) -> str:
    """A token of that many octets that is nothing but parts."""
    return "e30." + "." * (size - 4)


@pytest.mark.parametrize(
    "token",
    [
        header_of(16384),
        "." * 16384,
        "." * 5_000_000,
        "A" * 16384,
        "e30." + "A" * 16370 + ".A",
        "eyJ" + "A" * 5_000_000 + ".e30.AAAA",
        "\u20ac" * 5_000_000,
    ],
    ids=["dots-behind", "dots", "dots-5e6", "one-part", "claims", "header-5e6", "text-5e6"],
)
def test_no_token_takes_long(token: str) -> None:
    """A thousand such tokens within seconds: sizes are judged before anything else is done."""
    validator = at9068.Validator(**config())
    small = len(token) < 20_000
    rounds = 1000 if small else 20
    began = time.process_time()
    for _ in range(rounds):
        with pytest.raises(at9068.TokenError) as caught:
            validator.validate(token, now=NOW)
    taken = (time.process_time() - began) / rounds
    assert caught.value.code in ("token_malformed", "token_too_large")
    # Generous for slow machines; something quadratic would take seconds for one.
    assert taken < (0.002 if small else 0.1), f"{taken * 1000} ms a token"
