"""Topics and cases: the shape of a vector file, and how it is written."""

from __future__ import annotations

import base64
import json
from typing import Any

from .encoding import Raw, text
from .expect import Err
from .jose import DETERMINISTIC, Token, make

ISSUER = "https://as.example/"
OTHER_ISSUER = "https://other.example/"
API = "https://api.example/"
OTHER_API = "https://other-api.example/"
CLIENT = "client-7"
USER = "auth0|123456"
IAT = 1_700_000_000
EXP = IAT + 3600
NOW = IAT + 100
DROP = object()

# What a flag means; a file's notes hold those that its cases use.
NOTES = {
    "valid": "The token is good: the case guards against refusing too much.",
    "boundary": "One step on either side of a limit.",
    "forgery": "An attacker without the signing key made this.",
    "parser": "Parsers that are lenient here disagree with one another about what was signed.",
    "order": "Breaks two rules at once: the earlier check must name the error.",
    "policy": "The standards leave room; the product's own settled policy decides.",
    "bad-key": "The key set holds an entry that must not be used.",
    "config": "The configuration itself is refused.",
    "deterministic": "The signature algorithm is deterministic: the token is compared to the byte.",
    "round-trip": "The signature differs at each run: header and claims are compared, the token is validated.",
}


def claims(profile: str = "rfc9068", **over: Any) -> dict[str, Any]:
    """The claims of a good token of a profile; DROP leaves one out, a new one goes last."""
    base: dict[str, Any] = {"iss": ISSUER, "sub": USER, "aud": API}
    base["azp" if profile == "auth0" else "client_id"] = CLIENT
    base |= {"exp": EXP, "iat": IAT}
    if profile != "auth0":
        base["jti"] = "jti-1"
    base["scope"] = "openid read:patients"
    base |= over
    return {name: value for name, value in base.items() if value is not DROP}


def header(profile: str = "rfc9068", **over: Any) -> dict[str, Any]:
    """The header of a good token of a profile, signed by the usual key."""
    base = {"typ": "JWT" if profile == "auth0" else "at+jwt", "alg": "ES256", "kid": "es256"}
    base |= over
    return {name: value for name, value in base.items() if value is not DROP}


def token(head: Any = None, body: Any = None, alg: str = "ES256", key: str = "p256-a") -> Token:
    """A token signed by the usual key unless told otherwise."""
    return make(header() if head is None else head, claims() if body is None else body, alg, key)


class Topic:
    """One vector file."""

    def __init__(self, name: str, about: str) -> None:
        self.name = name
        self.about = about
        self.configs: dict[str, Any] = {}
        self.cases: list[dict[str, Any]] = []

    def config(self, name: str, config: Any) -> None:
        """Names a configuration of this file: an object, or text that is sent as it stands."""
        self.configs[name] = config

    def case(self, case_id: str, comment: str, rules: str, flags: str, **fields: Any) -> None:
        """Adds a case; rules and flags are separated by spaces."""
        unknown = set(flags.split()) - set(NOTES)
        assert not unknown, unknown
        expect = fields.pop("expect")
        entry = {"id": f"{self.name}/{case_id}", "comment": comment, "rules": rules.split(), "flags": flags.split()}
        entry |= {name: value for name, value in fields.items() if value is not None}
        entry["expect"] = expect
        self.cases.append(entry)

    def _expect(
        self, result: Err | str, made: Token | str | bytes | None, config: str, require: Any, breaks: str = ""
    ) -> dict[str, Any]:
        if isinstance(result, Err):
            assert not breaks, "only a token that holds can break"
            return result.expectation(self.configs[config], require)
        assert isinstance(made, Token), "a token that holds is made whole"
        held = {"ok": True, "profile": result, "header": made.header, "claims": made.claims}
        return held | ({"would_break": breaks.split()} if breaks else {})

    def validate(
        self,
        case_id: str,
        comment: str,
        rules: str,
        made: Token | str | bytes,
        result: Err | str = "rfc9068",
        *,
        config: str = "base",
        at: float = NOW,
        request: Any = None,
        require: Any = None,
        revocations: list[Any] | None = None,
        flags: str = "",
        kept: Token | None = None,
        breaks: str = "",
    ) -> None:
        """A token against a configuration; `result` is the profile of a token that holds, or the error.

        `breaks` are the codes, separated by spaces, under which the profile that is migrated to would refuse it.
        """
        sent = made.compact if isinstance(made, Token) else made
        spelled: dict[str, Any] = {"token": sent}
        if isinstance(sent, bytes):
            spelled = {"token_b64": base64.b64encode(sent).decode()}
        self.case(
            case_id,
            comment,
            rules,
            flags or ("valid" if isinstance(result, str) else ""),
            op="validate",
            config=config,
            **spelled,
            at=at,
            request=request,
            require=require,
            revocations=revocations,
            expect=self._expect(result, kept or made, config, require, breaks),
        )

    def authenticate(
        self,
        case_id: str,
        comment: str,
        rules: str,
        request: Any,
        result: Err | Token,
        *,
        config: str = "base",
        at: float = NOW,
        require: Any = None,
        flags: str = "",
        profile: str = "rfc9068",
        breaks: str = "",
    ) -> None:
        """A request whose credential the core takes out itself; `result` is the token found in it, or the error.

        `profile` is that of the token, `breaks` as for `validate`.
        """
        held = isinstance(result, Token)
        self.case(
            case_id,
            comment,
            rules,
            flags or ("valid" if held else ""),
            op="authenticate",
            config=config,
            at=at,
            request=request,
            require=require,
            expect=self._expect(profile, result, config, require, breaks)
            if held
            else self._expect(result, None, config, require),
        )

    def http_response(
        self,
        case_id: str,
        comment: str,
        rules: str,
        request: Any,
        result: Err | None,
        *,
        config: str = "base",
        at: float = NOW,
        require: Any = None,
        revocations: list[Any] | None = None,
        retry_after: int | None = None,
        flags: str = "",
    ) -> None:
        """A request and the whole answer to it; `result` is the error, or nothing where the request is let in."""
        let_in = {"ok": True, "http_response": None}
        self.case(
            case_id,
            comment,
            rules,
            flags or ("valid" if result is None else ""),
            op="http_response",
            config=config,
            at=at,
            request=request,
            require=require,
            revocations=revocations,
            expect=let_in if result is None else result.response(self.configs[config], require, retry_after),
        )

    def protected_resource_metadata(
        self, case_id: str, comment: str, config: Any, document: dict[str, Any] | Err | None, path: str | None = None
    ) -> None:
        """A validator's configuration and what is published of its resource, or the error."""
        self.config(case_id, config)
        if isinstance(document, Err):
            expect = document.expectation(config, None)
        else:
            published = "null" if document is None else text(document)
            expect = {"ok": True, "metadata": published, "path": path}
        self.case(
            case_id,
            comment,
            "RS-2",
            "config" if isinstance(document, Err) else "",
            op="protected_resource_metadata",
            config=case_id,
            expect=expect,
        )

    def validate_id_token(
        self,
        case_id: str,
        comment: str,
        rules: str,
        made: Token | str | bytes,
        result: Err | None = None,
        *,
        config: str = "base",
        at: float = NOW,
        require: Any = None,
        flags: str = "",
        kept: Token | None = None,
    ) -> None:
        """An ID token against a client's configuration and what its login expects; `result` is the error, if any."""
        sent = made.compact if isinstance(made, Token) else made
        spelled: dict[str, Any] = {"token": sent}
        if isinstance(sent, bytes):
            spelled = {"token_b64": base64.b64encode(sent).decode()}
        if result is None:
            held = kept or made
            assert isinstance(held, Token), "a token that holds is made whole"
            expect = {"ok": True, "header": held.header, "claims": held.claims}
        else:
            expect = result.unanswered()
        self.case(
            case_id,
            comment,
            rules,
            flags or ("valid" if result is None else ""),
            op="validate_id_token",
            config=config,
            **spelled,
            at=at,
            require=require,
            expect=expect,
        )

    def mint_id_token(self, *arguments: Any, **named: Any) -> None:
        """A request for an ID token and the exact claims and header it yields, or the error."""
        self._mint_kind("mint_id_token", {}, *arguments, **named)

    def mint_client_assertion(self, *arguments: Any, method: str = "private_key_jwt", **named: Any) -> None:
        """The same for a client assertion, by which the client authenticates with that method."""
        self._mint_kind("mint_client_assertion", {"method": method}, *arguments, **named)

    def mint_introspection_response(self, *arguments: Any, **named: Any) -> None:
        """The same for an answer about a token, which has no operation that validates it."""
        self._mint_kind("mint_introspection_response", {}, *arguments, **named)

    def _mint_kind(
        self,
        op: str,
        more: dict[str, Any],
        case_id: str,
        comment: str,
        rules: str,
        request: Any,
        made: dict[str, Any] | Err,
        *,
        config: str,
        head: dict[str, Any] | None = None,
        key: str | None = None,
        at: float = NOW,
        validate_config: str | None = None,
        validate_require: Any = None,
        flags: str = "",
        **members: Any,
    ) -> None:
        """What is minted other than access tokens; `more` is what its validation answers beside header and claims."""
        expect: dict[str, Any]
        if isinstance(made, Err):
            expect = made.unanswered()
        else:
            assert head is not None and key is not None
            assert (validate_config is None) == (op == "mint_introspection_response")
            expect = {"ok": True, **more, "header": text(head), "claims": text(made)}
            flag = "round-trip"
            if head["alg"] in DETERMINISTIC:
                flag = "deterministic"
                expect["token"] = make(head, made, head["alg"], key).compact
            flags = f"{flags} {flag}".strip()
        self.case(
            case_id,
            comment,
            rules,
            flags,
            op=op,
            config=config,
            request=request,
            at=at,
            validate_config=validate_config,
            validate_require=validate_require,
            **members,
            expect=expect,
        )

    def validate_client_assertion(
        self,
        case_id: str,
        comment: str,
        rules: str,
        made: Token | str | bytes,
        result: Err | str = "private_key_jwt",
        *,
        config: str = "base",
        at: float = NOW,
        require: Any = None,
        before: list[str] | None = None,
        flags: str = "",
    ) -> None:
        """An assertion before an authorization server; `result` is how the client authenticated, or the error.

        `before` are assertions that the server is sent first.
        """
        sent = made.compact if isinstance(made, Token) else made
        spelled: dict[str, Any] = {"token": sent}
        if isinstance(sent, bytes):
            spelled = {"token_b64": base64.b64encode(sent).decode()}
        if isinstance(result, Err):
            expect = result.of_client()
        else:
            assert isinstance(made, Token), "an assertion that holds is made whole"
            expect = {"ok": True, "method": result, "header": made.header, "claims": made.claims}
        self.case(
            case_id,
            comment,
            rules,
            flags or ("" if isinstance(result, Err) else "valid"),
            op="validate_client_assertion",
            config=config,
            **spelled,
            at=at,
            require=require,
            before=before,
            expect=expect,
        )

    def refuse_config(self, case_id: str, comment: str, rules: str, config: Any, made: Token) -> None:
        """A validator configuration that is refused before any token is looked at."""
        self.config(case_id, config)
        self.validate(case_id, comment, rules, made, Err("config_invalid"), config=case_id, flags="config")

    def mint(
        self,
        case_id: str,
        comment: str,
        rules: str,
        request: Any,
        made: dict[str, Any] | Err,
        *,
        config: str,
        head: dict[str, Any] | None = None,
        key: str | None = None,
        jti: str | None = None,
        at: float = NOW,
        validate_config: str | None = None,
        validate_request: Any = None,
        flags: str = "",
    ) -> None:
        """A mint request and the exact claims and header it yields, or the error."""
        if isinstance(made, Err):
            self.case(
                case_id,
                comment,
                rules,
                flags,
                op="mint",
                config=config,
                request=request,
                at=at,
                jti=jti,
                expect=made.expectation(None, None),
            )
            return
        assert head is not None and key is not None and validate_config is not None
        alg = head["alg"]
        expect: dict[str, Any] = {
            "ok": True,
            "profile": "auth0" if head["typ"] == "JWT" else "rfc9068",
            "header": text(head),
            "claims": text(made),
        }
        flag = "round-trip"
        if alg in DETERMINISTIC:
            flag = "deterministic"
            expect["token"] = make(head, made, alg, key).compact
        self.case(
            case_id,
            comment,
            rules,
            f"{flags} {flag}".strip(),
            op="mint",
            config=config,
            request=request,
            at=at,
            jti=jti,
            validate_config=validate_config,
            validate_request=validate_request,
            expect=expect,
        )

    def file_text(self) -> str:
        """The file: one member per line, so that a change shows as the lines it touches."""
        ids = [case["id"] for case in self.cases]
        assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
        used = {flag for case in self.cases for flag in case["flags"]}
        lines = ["{", f' "schema": {line("../schema/vector.schema.json")},', f' "about": {line(self.about)},']
        lines += members("notes", {flag: note for flag, note in NOTES.items() if flag in used})
        lines += members("configs", {name: plain(config) for name, config in self.configs.items()})
        lines.append(f' "count": {len(self.cases)},')
        lines.append(' "cases": [')
        for index, case in enumerate(self.cases):
            body = [
                f"   {line(name)}: {nested(plain(value)) if name == 'expect' else line(plain(value))}"
                for name, value in case.items()
            ]
            lines.append("  {\n" + ",\n".join(body) + "\n  }" + ("," if index + 1 < len(self.cases) else ""))
        return "\n".join([*lines, " ]", "}"]) + "\n"


def line(value: Any) -> str:
    """A value on one line, in ASCII so that look-alike characters show."""
    return json.dumps(value, ensure_ascii=True)


def nested(value: dict[str, Any]) -> str:
    """An object with one member per line."""
    return "{\n" + ",\n".join(f"    {line(n)}: {line(v)}" for n, v in value.items()) + "\n   }"


def members(name: str, content: dict[str, Any]) -> list[str]:
    """A top-level object with one member per line."""
    if not content:
        return [f' "{name}": {{}},']
    return [f' "{name}": {{', ",\n".join(f"  {line(n)}: {line(v)}" for n, v in content.items()), " },"]


def plain(value: Any) -> Any:
    """What holds Raw text somewhere cannot be an object of the file: it becomes text as a whole."""
    return text(value) if holds_raw(value) else value


def holds_raw(value: Any) -> bool:
    """Whether any part of the value is Raw."""
    if isinstance(value, dict):
        return any(holds_raw(n) or holds_raw(v) for n, v in value.items())
    if isinstance(value, list | tuple):
        return any(holds_raw(item) for item in value)
    return isinstance(value, Raw)
