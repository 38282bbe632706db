"""The examples of the guides fit the schemas, and their tables explain every field."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```json (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Part(NamedTuple):
    """A structure that a guide explains."""

    page: str
    schema: str
    section: str
    # A structure beside it, or within it, whose fields the section explains as well.
    inner: tuple[str, str] | None = None


PARTS = (
    Part("id-tokens", "id-token", "The validator"),
    Part("id-tokens", "id-token-checks", "What a login expects"),
    Part("id-tokens", "id-token-request", "Minting", ("minter", "IdTokenMinterConfig")),
    Part("client-assertions", "client-assertion-minter", "The client", ("client-assertion-request", "")),
    Part("client-assertions", "client-assertion-request", "The client", ("client-assertion-minter", "")),
    Part("client-assertions", "client-assertion", "The server", ("client-assertion", "ClientConfig")),
    Part("client-assertions", "client-assertion-require", "What is checked, in which order"),
)


def page(name: str) -> str:
    """The text of a guide."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def schema(name: str) -> dict[str, Any]:
    """The committed schema of one kind of structure."""
    return json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))


def fields(part: Part) -> set[str]:
    """What the tables of a section name in their first column."""
    text = page(part.page).split(f"\n## {part.section}\n")[1].split("\n## ")[0]
    return {
        name for cell in re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.schema)
def test_an_example_fits_its_schema(part: Part) -> None:
    """Each kind has an example of the shape that the code asks for."""
    found = [json.loads(text) for kind, text in BLOCK.findall(page(part.page)) if kind == part.schema]
    assert found
    for example in found:
        Draft202012Validator(schema(part.schema)).validate(example)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.schema)
def test_every_field_has_a_row(part: Part) -> None:
    """The tables name the fields of the schema, and nothing else."""
    known = set(schema(part.schema)["properties"])
    if part.inner is not None:
        name, definition = part.inner
        whole = schema(name)
        known |= set((whole["$defs"][definition] if definition else whole)["properties"])
    assert fields(part) == known
