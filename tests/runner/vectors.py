"""Loads the vector files, validates them, and writes the questions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from .rawjson import compact

# Members of a case that are JSON text of the product's own: sent raw, never re-spelled.
TEXT_MEMBERS = (
    "config",
    "validator",
    "token",
    "token_b64",
    "audience",
    "at",
    "request",
    "require",
    "before",
    "revocations",
    "jti",
    "jwk",
    "keys",
    "algorithms",
)


def raw(value: Any) -> str:
    """A string is text already; anything else has one compact spelling."""
    return value if isinstance(value, str) else compact(value)


@dataclass(frozen=True)
class Case:
    """One vector."""

    id: str
    file: str
    entry: dict[str, Any]
    configs: dict[str, Any]

    @property
    def op(self) -> str:
        """The driver operation."""
        return str(self.entry["op"])

    @property
    def mints(self) -> bool:
        """Whether the operation makes a token."""
        return self.op.partition("_")[0] == "mint"

    @property
    def crosses(self) -> bool:
        """Whether what is made is then validated."""
        return self.mints and "validate_config" in self.entry

    @property
    def validating(self) -> str:
        """The operation that validates what a minting one makes."""
        return self.op.replace("mint", "validate", 1)

    @property
    def expect(self) -> dict[str, Any]:
        """What the answer must be."""
        return dict(self.entry["expect"])

    @property
    def comment(self) -> str:
        """What the case is about."""
        return str(self.entry["comment"])

    def question(self) -> str:
        """The line that a driver is sent."""
        parts = [f'"id":{compact(self.id)}', f'"op":{compact(self.op)}']
        for name in TEXT_MEMBERS:
            if name not in self.entry:
                continue
            value = self.entry[name]
            if name in ("config", "validator"):
                text = raw(self.configs[value])
            elif name in ("request", "require", "revocations", "jwk", "keys"):
                text = raw(value)
            else:
                text = compact(value)
            parts.append(f'"{name}":{text}')
        return "{" + ",".join(parts) + "}"

    def explaining(self) -> str:
        """The question that asks how the verdict came about."""
        return self.question().replace('"op":"validate"', '"op":"explain"', 1)

    def crossing(self, minted_by: str, token: str) -> tuple[str, str]:
        """Id and line of the question that validates what a driver minted."""
        question_id = f"{self.id}#{minted_by}"
        parts = [
            f'"id":{compact(question_id)}',
            f'"op":{compact(self.validating)}',
            f'"config":{raw(self.configs[self.entry["validate_config"]])}',
            f'"token":{compact(token)}',
            f'"at":{compact(self.entry["at"])}',
        ]
        for name in ("request", "require"):
            if f"validate_{name}" in self.entry:
                parts.append(f'"{name}":{compact(self.entry[f"validate_{name}"])}')
        return question_id, "{" + ",".join(parts) + "}"


def load(tests: Path) -> tuple[list[Case], list[str]]:
    """Every case, in file order, and the faults of the files themselves."""
    schema = json.loads((tests / "schema" / "vector.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    cases: list[Case] = []
    faults: list[str] = []
    for path in sorted((tests / "vectors").rglob("*.json")):
        content = json.loads(path.read_text())
        if not isinstance(content, dict) or "cases" not in content:
            continue
        name = path.relative_to(tests / "vectors").with_suffix("").as_posix()
        broken = [
            f"{name}: {'/'.join(map(str, error.path)) or 'file'}: {error.message[:200]}"
            for error in validator.iter_errors(content)
        ]
        faults += broken
        if broken:
            continue
        if content["count"] != len(content["cases"]):
            faults.append(
                f"{name}: count is pinned to {content['count']}, the file holds {len(content['cases'])} cases"
            )
        for entry in content["cases"]:
            faults += lint(name, entry, content)
            cases.append(Case(entry["id"], name, entry, content["configs"]))
    ids = [case.id for case in cases]
    faults += [f"{double}: the id stands there twice" for double in sorted({i for i in ids if ids.count(i) > 1})]
    return cases, faults


def lint(name: str, entry: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """What a schema cannot say."""
    faults = []
    if not entry["id"].startswith(f"{name}/"):
        faults.append(f"{entry['id']}: an id begins with its file's name, {name}/")
    faults += [
        f"{entry['id']}: no config is called {entry[member]}"
        for member in ("config", "validator", "validate_config")
        if member in entry and entry[member] not in content["configs"]
    ]
    faults += [f"{entry['id']}: flag {flag} has no note" for flag in entry["flags"] if flag not in content["notes"]]
    return faults
