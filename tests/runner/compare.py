"""Judges answers: against the vector, and against the other drivers."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any

from . import rawjson
from .vectors import Case

RAW = ("claims", "header", "trace", "response", "metadata")
ERROR_MEMBERS = (
    "code", "number", "claim", "kind", "authenticated", "oauth", "status", "challenge", "headers", "retry_after",
)  # fmt: skip
# What RFC 6750 section 3 allows in error_description.
MESSAGE_TEXT = r"[\x20-\x21\x23-\x5b\x5d-\x7e]+"
MESSAGE_IN_BODY = re.compile(f'"detail":"(?P<message>{MESSAGE_TEXT})"')


class Unusable(Exception):
    """An answer that cannot be judged; its text says why."""


@dataclass
class Answer:
    """An answer line, taken apart."""

    line: str
    raw: dict[str, str]
    value: dict[str, Any]

    def canonical(self, loose_token: bool) -> dict[str, Any]:
        """What must be equal between drivers: claims and header as text, the rest as values."""
        parts: dict[str, Any] = {name: text if name in RAW else self.value[name] for name, text in self.raw.items()}
        if loose_token and isinstance(parts.get("token"), str):
            parts["token"] = parts["token"].rpartition(".")[0]
        return parts


@dataclass
class Judge:
    """Remembers the message of each code, which must be one fixed text."""

    numbers: dict[str, int]
    messages: dict[str, str] = field(default_factory=dict)

    def against_vector(self, case: Case, answer: Answer) -> list[str]:
        """What is wrong with the answer; nothing where it is as expected."""
        expect = case.expect
        ok = answer.value.get("ok")
        if not isinstance(ok, bool):
            return ["ok is neither true nor false"]
        if ok != expect["ok"]:
            got = "accepted" if ok else f"refused with {code_of(answer)}"
            wanted = "accepted" if expect["ok"] else f"refused with {expect['code']}"
            return [f"{got}, should be {wanted}"]
        if not ok:
            return self.error(expect, answer)
        if case.op == "thumbprint":
            return unequal("thumbprint", expect["thumbprint"], answer.value.get("thumbprint"))
        if case.op == "verify_jws":
            return unequal("payload_b64", expect["payload_b64"], answer.value.get("payload_b64"))
        if case.op == "introspection_response":
            wrong = unequal("response", expect["response"], answer.raw.get("response"))
            return wrong + strangers(answer, {"id", "ok", "response"})
        if case.op == "http_response":
            return self.http_response(expect["http_response"], answer)
        if case.op == "protected_resource_metadata":
            wrong = unequal("metadata", expect["metadata"], answer.raw.get("metadata"))
            wrong += unequal("path", expect["path"], answer.value.get("path"))
            return wrong + strangers(answer, {"id", "ok", "metadata", "path"})
        if case.mints:
            return minted(expect, answer)
        return held(expect, answer)

    def error(self, expect: dict[str, Any], answer: Answer) -> list[str]:
        """An error, member by member; a member that the vector leaves out is not judged here."""
        error = answer.value.get("error")
        if not isinstance(error, dict):
            return ["ok is false, but there is no error object"]
        wrong = [f"error.{name} is missing" for name in ERROR_MEMBERS if name not in error]
        wrong += [f"error.{name} is no member of the protocol" for name in error if name not in ERROR_MEMBERS]
        for name in ("code", "claim", "kind", "authenticated", "oauth", "status"):
            if name in expect and error.get(name) != expect[name]:
                wrong += unequal(f"error.{name}", expect[name], error.get(name))
        number = self.numbers.get(str(error.get("code")))
        if error.get("number") != number:
            wrong += unequal("error.number", number, error.get("number"))
        wrong += unequal("error.headers", expect.get("headers", []), error.get("headers"))
        wrong += unequal("error.retry_after", expect.get("retry_after"), error.get("retry_after"))
        if "challenge" in expect:
            wrong += self.challenge(str(error.get("code")), expect["challenge"], error.get("challenge"))
        return wrong

    def http_response(self, expected: Any, answer: Answer) -> list[str]:
        """What a server sends back, to the byte but for the code's message, which is the one that challenges show."""
        wanted, got = expected, answer.value.get("http_response")
        detail = MESSAGE_IN_BODY.search(got["body"]) if isinstance(got, dict) else None
        if wanted is not None and detail is not None:
            message = detail.group("message")
            known = self.messages.setdefault(str(json.loads(wanted["body"]).get("code")), message)
            wanted = json.loads(json.dumps(wanted).replace("{message}", known))
        return unequal("http_response", wanted, got) + strangers(answer, {"id", "ok", "http_response"})

    def challenge(self, code: str, expected: list[str], got: Any) -> list[str]:
        """Header values, to the byte but for the code's message, which must always be the same."""
        if not isinstance(got, list) or len(got) != len(expected):
            return unequal("error.challenge", expected, got)
        for wanted, value in zip(expected, got, strict=True):
            pattern = re.escape(wanted).replace(re.escape("{message}"), f"(?P<message>{MESSAGE_TEXT})")
            match = re.fullmatch(pattern, value) if isinstance(value, str) else None
            if match is None:
                return unequal("error.challenge", expected, got)
            if "message" in match.groupdict():
                message = match.group("message")
                if self.messages.setdefault(code, message) != message:
                    return [f"{code} is described as {message!r} here and as {self.messages[code]!r} elsewhere"]
        return []


def explained(asked: Answer, explanation: Answer) -> list[str]:
    """What is wrong with an explanation: its verdict is the answer to `validate`, and the trace bears it out."""
    error = asked.value.get("error", {})
    if "trace" not in explanation.raw:
        # A configuration or an argument that is refused is refused alike.
        return unequal("error", error, explanation.value.get("error"))
    _, _, plain = asked.line.partition(",")
    wrong = unequal("verdict", "{" + plain, explanation.raw.get("verdict"))
    failed = [step for step in explanation.value["trace"] if step["outcome"] == "fail"]
    if asked.value["ok"]:
        wrong += [f"a good token fails {step['rule']}" for step in failed]
        wrong += [f"{step['rule']} is not passed" for step in explanation.value["trace"] if step["outcome"] != "pass"]
    else:
        wrong += unequal("first failure", error.get("code"), failed[0]["code"] if failed else None)
    return wrong


def parse(line: str, question_id: str) -> Answer:
    """Takes an answer apart; Unusable where it is none, skips, or answers something else."""
    try:
        raw = rawjson.members(line)
        value = json.loads(line)
    except ValueError as error:
        raise Unusable(f"no answer in JSON: {error}: {line[:200]!r}") from None
    if value.get("id") != question_id:
        raise Unusable(f"answers {value.get('id')!r} where {question_id!r} was asked")
    if "skip" in value:
        raise Unusable(f"skipped: {value['skip']!r}")
    return Answer(line, raw, value)


def code_of(answer: Answer) -> str:
    """The code of an error answer, or a question mark."""
    error = answer.value.get("error")
    return str(error.get("code")) if isinstance(error, dict) else "?"


def unequal(what: str, wanted: Any, got: Any) -> list[str]:
    """Says how two things differ, if they do. Text is compared as text, true is not 1."""
    if type(wanted) is type(got) and wanted == got:
        return []
    return [f"{what}\n    expected {show(wanted)}\n    got      {show(got)}"]


def show(value: Any) -> str:
    """A value for the eye."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def held(expect: dict[str, Any], answer: Answer) -> list[str]:
    """A token that holds: what is said of it, and the very text of header and claims."""
    wrong: list[str] = []
    # A member is there exactly where there is something to say: an empty list, or null, is another answer than none.
    # Access tokens have a profile and client assertions a method; and not every token breaks something.
    absent = "(no member)"
    for name in ("profile", "would_break", "method"):
        wrong += unequal(name, expect.get(name, absent), answer.value.get(name, absent))
    for name in ("claims", "header"):
        wrong += unequal(name, expect[name], answer.raw.get(name))
    return wrong + strangers(answer, {"id", "ok", "claims", "header", "profile", "would_break", "method"})


def minted(expect: dict[str, Any], answer: Answer) -> list[str]:
    """A minted token: the claims as text, the token's own segments, all of it where the algorithm allows."""
    wrong = unequal("claims", expect["claims"], answer.raw.get("claims"))
    token = answer.value.get("token")
    if not isinstance(token, str) or token.count(".") != 2:
        return [*wrong, "token is no compact JWS"]
    if "token" in expect:
        wrong += unequal("token", expect["token"], token)
    for name, segment in zip(("header", "claims"), token.split("."), strict=False):
        try:
            text = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            text = "(not base64url of UTF-8)"
        wrong += unequal(f"{name} segment of the token", expect[name], text)
    return wrong + strangers(answer, {"id", "ok", "token", "claims"})


def strangers(answer: Answer, known: set[str]) -> list[str]:
    """Members that the protocol does not know."""
    return [f"{name} is no member of the protocol" for name in answer.raw if name not in known]


def between(answers: dict[str, Answer], loose_token: bool) -> list[str]:
    """How the drivers differ from the first of them, member by member."""
    wrong: list[str] = []
    names = list(answers)
    if not names:
        return wrong
    first = answers[names[0]].canonical(loose_token)
    for name in names[1:]:
        other = answers[name].canonical(loose_token)
        for member in {**first, **other}:
            if member == "id":
                continue
            wrong += [
                f"{names[0]} and {name} differ: {difference}"
                for difference in unequal(member, first.get(member), other.get(member))
            ]
    return wrong
