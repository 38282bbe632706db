"""The examples of docs/id-tokens.md fit the schemas, and its tables explain every field."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "id-tokens.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```json (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = {
    "id-token": "The validator",
    "id-token-checks": "What a login expects",
    "id-token-request": "Minting",
}


def schema(name: str) -> dict[str, Any]:
    """The committed schema of one kind of structure."""
    return json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))


def fields(section: str) -> set[str]:
    """What the tables of a section name in their first column."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return {
        name for cell in re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }


@pytest.mark.parametrize("name", SECTIONS)
def test_an_example_fits_its_schema(name: str) -> None:
    """Each kind has an example of the shape that the code asks for."""
    found = [json.loads(text) for kind, text in BLOCK.findall(PAGE) if kind == name]
    assert found
    for example in found:
        Draft202012Validator(schema(name)).validate(example)


@pytest.mark.parametrize(("name", "section"), SECTIONS.items())
def test_every_field_has_a_row(name: str, section: str) -> None:
    """The tables name the fields of the schema, and nothing else."""
    known = set(schema(name)["properties"])
    if section == "Minting":
        known |= set(schema("minter")["$defs"]["IdTokenMinterConfig"]["properties"])
    assert fields(section) == known
