#!/usr/bin/env python3
"""A driver that knows the expected answers by heart, and one fault by its name: what the runner must notice.

It judges nothing; it looks the answer up in the vector files, so that the runner is tested without a product.
"""

import base64
import json
import os
import re
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runner.rawjson import compact, members
from runner.vectors import Case, load

TESTS = Path(os.environ["FAKE_TESTS"])
CODES = json.loads((TESTS / "vectors" / "codes.json").read_text())


def error(expect: dict) -> str:
    """The error object of an expectation, with a fixed message per code."""
    code = expect["code"]
    answer = {
        "code": code,
        "number": CODES[code],
        "claim": expect.get("claim"),
        "kind": expect["kind"],
        "authenticated": expect.get("authenticated", False),
        "oauth": expect["oauth"],
        "status": expect["status"],
        "challenge": [value.replace("{message}", f"Message of {code}.") for value in expect.get("challenge", [])],
        "headers": [],
        "retry_after": None,
    }
    return compact(answer)


def mint(expect: dict) -> str:
    """The token where it is known, otherwise one with a random signature."""
    token = expect.get("token")
    if token is None:
        parts = [expect["header"].encode(), expect["claims"].encode(), secrets.token_bytes(64)]
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    return f'"token":{compact(token)},"claims":{expect["claims"]}'


def answer(case: Case, crossed: bool) -> str:
    """Everything after the id."""
    expect = case.expect
    if not expect["ok"]:
        return f'"ok":false,"error":{error(expect)}'
    if case.op == "thumbprint":
        return f'"ok":true,"thumbprint":{compact(expect["thumbprint"])}'
    if case.op == "introspection_response":
        return f'"ok":true,"response":{expect["response"]}'
    if case.op == "http_response":
        sent = compact(expect["http_response"])
        code = re.search(r'\\"code\\":\\"(\w+)', sent)
        return f'"ok":true,"http_response":{sent.replace("{message}", f"Message of {code[1]}." if code else "")}'
    if case.op == "protected_resource_metadata":
        return f'"ok":true,"metadata":{expect["metadata"]},"path":{compact(expect["path"])}'
    if case.mints and not crossed:
        return f'"ok":true,{mint(expect)}'
    breaks = f',"would_break":{compact(expect["would_break"])}' if "would_break" in expect else ""
    told = "".join(f',"{name}":{compact(expect[name])}' for name in ("profile", "method") if name in expect)
    return f'"ok":true,"claims":{expect["claims"]},"header":{expect["header"]}{told}{breaks}'


def explain(name: str, case: Case, verdict: str) -> str:
    """The verdict with a trace of one step that bears it out."""
    code = None if case.expect["ok"] else case.expect["code"]
    if name == "explains-badly":
        code = None
    step = {"rule": "R", "outcome": "fail" if code else "pass", "code": code}
    if name == "traces-its-own-way":
        step["section"] = "of its own"
    return f'"ok":true,"trace":[{compact(step)}],"verdict":{{{verdict}}}'


def main() -> None:
    """Answers until the end of input, with the fault that the name asks for."""
    name = sys.argv[1]
    cases = {case.id: case for case in load(TESTS)[0]}
    codes = [code for code in CODES if not (name == "forgets-a-code" and code == "internal")]
    asked = 0
    for line in sys.stdin:
        question = json.loads(members(line)["id"])
        asked += 1
        if question == "info":
            info = {"id": "info", "name": name, "version": "0", "ops": [], "codes": codes}
            print(compact(info), flush=True)
            continue
        case_id, crossed, _ = question.partition("#")
        text = answer(cases[case_id], bool(crossed))
        if members(line)["op"] == '"explain"':
            text = explain(name, cases[case_id], text)
        text = spoil(name, text, asked, bool(crossed))
        if text is None:
            continue
        shown = "other" if name == "wrong-id" and asked == 3 else question
        print("{" + f'"id":{compact(shown)},{text}' + "}", flush=True)
    if name == "one-too-many":
        print('{"id":"more","ok":true}', flush=True)
    sys.exit(3 if name == "bad-exit" else 0)


def spoil(name: str, text: str, asked: int, crossed: bool) -> "str | None":
    """The third question and those after it, spoiled."""
    if name == "skips" and asked == 3:
        return '"skip":"not today"'
    if name == "dies" and asked == 3:
        os._exit(1)
    if name == "loses-one" and asked == 3:
        return None
    if name == "respells-claims":
        return text.replace('"claims":{"iss":', '"claims":{"iss" :', 1)
    if name == "other-number":
        return text.replace('"number":6', '"number":7', 1)
    if name == "open-member":
        # A member that the vector leaves open: only the comparison between drivers can see it.
        return text.replace('"claim":null', '"claim":"x"', 1) if '"code":"binding_missing"' in text else text
    if name == "moving-message":
        return text.replace("Message of", f"Message {asked} of")
    if name == "accepts-all" and text.startswith('"ok":false'):
        return '"ok":true,"claims":{},"header":{},"profile":"rfc9068"'
    if name == "mints-badly" and crossed:
        return '"ok":false,"error":' + error({"code": "signature_invalid", "kind": None, "oauth": None, "status": 401})
    if name == "breaks-nothing":
        return re.sub(r',"would_break":\[[^]]*\]', "", text)
    if name == "breaks-in-another-order":
        return text.replace('["type_mismatch","claim_missing"]', '["claim_missing","type_mismatch"]')
    if name == "breaks-everything" and '"profile":' in text and '"would_break":' not in text:
        return re.sub(r'("profile":"\w+")', r'\1,"would_break":[]', text)
    if name == "answers-another-body":
        return text.replace('{\\"title\\":', '{ \\"title\\":', 1)
    if name == "answers-in-another-order":
        return re.sub(r'(\["Content-Type","[^"]*"\]),(\["Cache-Control","[^"]*"\])', r"\2,\1", text)
    if name == "describes-otherwise":
        return text.replace('\\"detail\\":\\"Message', '\\"detail\\":\\"A message')
    if name == "publishes-elsewhere":
        return text.replace('"path":"/.well-known/', '"path":"/', 1)
    if name == "publishes-more":
        return text.replace('"bearer_methods_supported":["header"]', '"bearer_methods_supported":["header","body"]', 1)
    if name == "stranger":
        return text + ',"extra":1'
    return text


if __name__ == "__main__":
    main()
