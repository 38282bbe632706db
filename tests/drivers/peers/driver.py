"""A Python library in the driver protocol: `driver.py NAME`. It answers `info` and `validate`.

An accepted token is `ok` true. A refusal has the code `refused`, whatever the library calls it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
import warnings
from importlib.metadata import version
from typing import Any

from clock import Clock
from libraries import LIBRARIES, Library
from policy import ASYMMETRIC, Policy, Skip, read

# For those who work on a driver: says on standard error why each token was refused.
VERBOSE = bool(os.environ.get("PEERS_VERBOSE"))


def stated(token: str | bytes) -> Any:
    """The algorithm that a token states, as far as it can be read."""
    try:
        head = token.encode() if isinstance(token, str) else token
        head = head.split(b".")[0]
        return json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))["alg"]
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        return None


def known_here(library: Library, policy: Policy, token: str | bytes) -> None:
    """An allowed algorithm that the library lacks is no verdict."""
    alg = stated(token)
    if alg in (policy.algorithms or ASYMMETRIC) and alg not in library.known:
        raise Skip(f"does not know {alg}")


def validate(library: Library, question: dict[str, Any]) -> dict[str, Any]:
    """The verdict."""
    policy = read(question["config"])
    token = question["token"] if "token" in question else base64.b64decode(question["token_b64"])
    require = question.get("require") or {}
    if not isinstance(require, dict) or require.keys() - library.demands:
        raise Skip("judges no such demand")
    known_here(library, policy, token)
    library.clock.now = question["at"]
    try:
        library.judge(policy, token, require)
    except (Skip, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as refusal:  # what a native part panics with is no Exception
        if VERBOSE:
            print(question["id"], type(refusal).__name__, str(refusal)[:200], file=sys.stderr)
        return {"ok": False, "error": {"code": "refused"}}
    return {"ok": True}


def answer(name: str, library: Library, question: dict[str, Any]) -> dict[str, Any]:
    """The answer, after its `id`."""
    if question["op"] == "info":
        return {
            "ok": True,
            "name": name,
            "version": library.version,
            "runtime": "Python {}.{}, cryptography {}".format(*sys.version_info[:2], version("cryptography")),
            "ops": ["info", "validate"],
            "codes": ["refused"],
        }
    if question["op"] != "validate":
        return {"skip": "unknown operation"}
    try:
        return validate(library, question)
    except Skip as why:
        return {"skip": str(why)}


def main() -> None:
    """Answers every line until the input ends."""
    warnings.simplefilter("ignore")
    name = sys.argv[1]
    library = LIBRARIES[name](Clock())
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        question: Any = None
        try:
            question = json.loads(line)
            said = answer(name, library, question)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            said = {"skip": f"not a question that this driver can read: {type(fault).__name__}"}
        asked = question.get("id") if isinstance(question, dict) else None
        out.write(json.dumps({"id": asked, **said}).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
