"""The Python face of the shared suite: one question a line, one answer a line.

Drives the installed package and nothing else. ``tests/README.md`` describes the protocol.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import sys
import traceback
from collections.abc import Callable
from typing import Any

import at9068

Raw = dict[str, str]
"""The members of a question, each as the text that it has in the line."""

_WHITE = re.compile(r"[ \t\r\n]*")
# Only finds where a value ends, so numbers of any length will do.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def members(line: str) -> Raw:
    """Slice a JSON object into its members without rewriting them.

    Configuration and requests reach the package as they were sent: no number type of Python's
    comes between.
    """
    found: Raw = {}
    at = _skip(line, _skip(line, 0) + 1)
    while line[at] != "}":
        name, at = _DECODER.raw_decode(line, at)
        start = _skip(line, _skip(line, at) + 1)
        _, end = _DECODER.raw_decode(line, start)
        found[name] = line[start:end]
        at = _skip(line, end)
        if line[at] == ",":
            at = _skip(line, at + 1)
    return found


def _skip(line: str, at: int) -> int:
    match = _WHITE.match(line, at)
    return match.end() if match else at


def quote(text: str) -> str:
    """Write a JSON string as the core does: escaped where it must be, UTF-8 elsewhere."""
    return '"' + "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def write(value: Any) -> str:
    """Write a value without white space."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(write, value)) + "]"
    return json.dumps(value)


def one_line(text: str) -> str:
    """Replace line breaks between members, which JSON allows and which would end the answer."""
    return text.replace("\r", " ").replace("\n", " ")


def arguments(question: Raw) -> dict[str, Any]:
    """Read what ``validate``, ``explain`` and ``authenticate`` have in common."""
    options = {"now": now_of(question)}
    if "require" in question:
        options["require"] = json.loads(question["require"])
    return options


def arguments_with_request(question: Raw) -> dict[str, Any]:
    """Read what ``validate`` and ``explain`` have in common."""
    options = arguments(question)
    if "request" in question:
        options["request"] = json.loads(question["request"])
    return options


def now_of(question: Raw) -> Any:
    """Read the time, which is the clock's where the question has none."""
    return json.loads(question.get("at", "null"))


def token_of(question: Raw) -> Any:
    """Read the token, as text or octets."""
    if "token" in question:
        return json.loads(question["token"])
    return base64.b64decode(json.loads(question.get("token_b64", '""')))


def elements(text: str) -> list[str]:
    """Slice a JSON array into its elements without rewriting them."""
    found: list[str] = []
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        found.append(text[at:end])
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found


def validator_of(question: Raw) -> at9068.Validator:
    """Make the validator of ``validate``, ``explain`` and ``authenticate``."""
    config = question.get("config", "")
    if "revocations" not in question:
        return at9068.Validator.from_json(config)
    revocations = at9068.Revocations()
    for entry in elements(question["revocations"]):
        revocations.revoke_json(entry)
    return at9068.Validator.from_json(config, revocations=revocations)


def validate(question: Raw) -> str:
    """Answer ``validate``."""
    return validated(validator_of(question).validate(token_of(question), **arguments_with_request(question)))


def explain(question: Raw) -> str:
    """Answer ``explain``."""
    validator = validator_of(question)
    explanation = validator.explain(token_of(question), **arguments_with_request(question))
    if explanation.token is not None:
        verdict = validated(explanation.token)
    else:
        verdict = failure(explanation.error or of_code("internal"))
    return f'"ok":true,"trace":{explanation.trace_json},"verdict":{{{verdict}}}'


def authenticate(question: Raw) -> str:
    """Answer ``authenticate``."""
    validator = validator_of(question)
    request = json.loads(question.get("request", "{}"))
    return validated(validator.authenticate(request, **arguments(question)))


def http_response(question: Raw) -> str:
    """Answer ``http_response``; an error that is no answer to anybody is this question's own."""
    try:
        authenticate(question)
    except at9068.At9068Error as error:
        if error.http_response is None:
            raise
        status, headers, body = error.http_response
        sent = f'"status":{status},"headers":{write(headers)},"body":{quote(body.decode())}'
        return f'"ok":true,"http_response":{{{sent}}}'
    return '"ok":true,"http_response":null'


def protected_resource_metadata(question: Raw) -> str:
    """Answer ``protected_resource_metadata``."""
    validator = validator_of(question)
    document, path = validator.protected_resource_metadata, validator.protected_resource_metadata_path
    return f'"ok":true,"metadata":{one_line(document or "null")},"path":{write(path)}'


def validated(token: at9068.AccessToken) -> str:
    """Write the answer for a good token."""
    breaks = f',"would_break":{write(token.would_break)}' if token.would_break else ""
    origin = f',"origin":{quote(token.origin)}' if token.origin != "local" else ""
    return f'{held(token)},"profile":{write(token.profile)}{origin}{breaks}'


def held(token: at9068.AccessToken | at9068.IdToken | at9068.ClientAssertion) -> str:
    """Write what the answers for all good tokens have in common."""
    return f'"ok":true,"claims":{one_line(token.claims_json)},"header":{one_line(token.header_json)}'


def validate_id_token(question: Raw) -> str:
    """Answer ``validate_id_token``."""
    validator = at9068.IdTokenValidator.from_json(question.get("config", ""))
    return held(validator.validate(token_of(question), checks=question.get("require"), now=now_of(question)))


def validate_client_assertion(question: Raw) -> str:
    """Answer ``validate_client_assertion``."""
    validator = at9068.ClientAssertionValidator.from_json(question.get("config", ""))
    options = {"now": now_of(question), **json.loads(question.get("require", "{}"))}
    for before in json.loads(question.get("before", "[]")):
        with contextlib.suppress(at9068.At9068Error):
            validator.validate(before, **options)
    assertion = validator.validate(token_of(question), **options)
    return f'{held(assertion)},"method":{quote(assertion.method)}'


def mint(question: Raw) -> str:
    """Answer ``mint``."""
    minter = at9068.Minter.from_json(question.get("config", ""))
    request = question.get("request", "").strip()
    if "jti" in question and request.startswith("{"):
        rest = request[1:]
        comma = "" if rest.lstrip().startswith("}") else ","
        request = f'{{"jti":{question["jti"]}{comma}{rest}'
    return issued(minter.mint_json(request, now=now_of(question)))


def mint_id_token(question: Raw) -> str:
    """Answer ``mint_id_token``."""
    minter = at9068.Minter.from_json(question.get("config", ""))
    return issued(minter.mint_id_token_json(question.get("request", ""), now=now_of(question)))


def mint_client_assertion(question: Raw) -> str:
    """Answer ``mint_client_assertion``."""
    minter = at9068.ClientAssertionMinter.from_json(question.get("config", ""))
    return issued(minter.mint_json(question.get("request", "{}"), now=now_of(question)))


def introspection_response(question: Raw) -> str:
    """Answer ``introspection_response``."""
    token = introspected(question, question.get("config", ""))
    return f'"ok":true,"response":{one_line(at9068.introspection_response(token))}'


def mint_introspection_response(question: Raw) -> str:
    """Answer ``mint_introspection_response``."""
    minter = at9068.Minter.from_json(question.get("config", ""))
    token = introspected(question, question.get("validator", ""))
    audience = json.loads(question["audience"])
    return issued(minter.mint_introspection_response(token, audience, now=now_of(question)))


def introspected(question: Raw, config: str) -> at9068.AccessToken | None:
    """Give the token that is asked about; nothing where it is refused."""
    try:
        return at9068.Validator.from_json(config).validate(token_of(question), **arguments(question))
    except (at9068.TokenError, at9068.KeySetError, at9068.DemandError):
        return None


def issued(minted: at9068.MintedToken) -> str:
    """Write the answer for a token that was minted."""
    return f'"ok":true,"token":{quote(minted.token)},"claims":{one_line(minted.claims_json)}'


def thumbprint(question: Raw) -> str:
    """Answer ``thumbprint``."""
    return f'"ok":true,"thumbprint":{quote(at9068.thumbprint(question.get("jwk", "")))}'


def verify_jws(question: Raw) -> str:
    """Answer ``verify_jws``."""
    keys = at9068.KeySet.from_json(question.get("keys", ""))
    algorithms = json.loads(question.get("algorithms", "[]"))
    payload = at9068.verify_jws(token_of(question), keys, algorithms)
    return f'"ok":true,"payload_b64":{quote(base64.b64encode(payload).decode())}'


def info(_: Raw) -> str:
    """Answer ``info``."""
    codes = write([row.slug for row in at9068.error_codes()])
    version = quote(at9068.__version__)
    return f'"ok":true,"name":"python","version":{version},"ops":{write(list(OPERATIONS))},"codes":{codes}'


OPERATIONS: dict[str, Callable[[Raw], str]] = {
    "info": info,
    "authenticate": authenticate,
    "validate": validate,
    "mint": mint,
    "thumbprint": thumbprint,
    "verify_jws": verify_jws,
    "explain": explain,
    "validate_id_token": validate_id_token,
    "mint_id_token": mint_id_token,
    "validate_client_assertion": validate_client_assertion,
    "mint_client_assertion": mint_client_assertion,
    "introspection_response": introspection_response,
    "mint_introspection_response": mint_introspection_response,
    "http_response": http_response,
    "protected_resource_metadata": protected_resource_metadata,
}

FIELDS = (
    "code",
    "number",
    "claim",
    "kind",
    "authenticated",
    "oauth",
    "status",
    "challenge",
    "headers",
    "retry_after",
)


def answer(question: Raw) -> str:
    """Write the members of an answer, after its ``id``."""
    name = json.loads(question.get("op", "null"))
    operation = OPERATIONS.get(name) if isinstance(name, str) else None
    if operation is None:
        return '"skip":"unknown operation"'
    try:
        return operation(question)
    except at9068.At9068Error as error:
        return failure(error)
    except TypeError:
        # How Python says what the other languages call by this code.
        return failure(of_code("argument_invalid"))
    except Exception:
        traceback.print_exc()
        return failure(of_code("internal"))


def failure(error: at9068.At9068Error) -> str:
    """Write the answer for an error."""
    fields = ",".join(f"{quote(name)}:{write(getattr(error, name))}" for name in FIELDS)
    return f'"ok":false,"error":{{{fields}}}'


def of_code(code: at9068.ErrorCode) -> at9068.At9068Error:
    """Make the bare error of a code."""
    row = next(row for row in at9068.error_codes() if row.slug == code)
    return at9068.At9068Error(row.message, code=row.slug, number=row.number)


def main() -> None:
    """Answer every line until the input ends."""
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        try:
            question = members(line.decode())
            written = f'{{"id":{question["id"]},{answer(question)}}}\n'
        except (ValueError, LookupError):
            written = '{"id":null,"skip":"not a question"}\n'
        out.write(written.encode())
        out.flush()


if __name__ == "__main__":
    main()
