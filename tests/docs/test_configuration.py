"""The examples of docs/configuration.md fit the schemas and the product, and every field is explained."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```json ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = {
    "validator": "Validator",
    "request": "Request",
    "require": "Require",
    "minter": "Minter",
    "mint-request": "Mint request",
}
EXAMPLES = [(found[1], found[2]) for found in BLOCK.finditer(PAGE)]
NAMES = [f"{name}-{place}" for place, (name, _) in enumerate(EXAMPLES)]


def schema(name: str) -> dict[str, Any]:
    """The committed schema of one kind of structure."""
    return json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))


def examples(name: str) -> list[dict[str, Any]]:
    """The examples of that kind, parsed."""
    return [json.loads(text) for found, text in EXAMPLES if found == name]


def test_every_kind_has_an_example() -> None:
    """No kind without example, and no block that is checked by nothing."""
    assert {name for name, _ in EXAMPLES} == set(SECTIONS)
    assert PAGE.count("```") == 2 * len(EXAMPLES), "a block that is no example"


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=NAMES)
def test_an_example_fits_its_schema(name: str, text: str) -> None:
    """Each example has the shape that the code asks for."""
    Draft202012Validator(schema(name)).validate(json.loads(text))


@pytest.mark.parametrize("name", SECTIONS)
def test_every_field_has_a_row(name: str) -> None:
    """The tables of a section name the fields of its schema, and the profiles, and nothing else."""
    section = PAGE.split(f"\n## {SECTIONS[name]}\n")[1].split("\n## ")[0]
    described = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    whole = schema(name)
    fields = set(whole["properties"])
    if name == "minter":
        fields |= set(whole["$defs"]["ApiConfig"]["properties"])
    if name == "validator":
        # Tenants alone are of an entry only; all else may stand at the top, too.
        assert set(whole["$defs"]["IssuerConfig"]["properties"]) - fields == {"tenants"}
        fields.add("tenants")
        fields |= set(whole["$defs"]["ProtectedResourceConfig"]["properties"])
        fields |= {profile["const"] for profile in whole["$defs"]["Profile"]["oneOf"]}
    assert described == fields


def test_every_field_of_introspection_has_a_row() -> None:
    """Its page has the one table of its fields, and an example that fits the schema."""
    page = (ROOT / "docs" / "introspection.md").read_text(encoding="utf-8")
    section = page.split("\n## Configuration\n")[1].split("\n## ")[0]
    whole = schema("validator")
    described = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert set(described) == set(whole["$defs"]["IntrospectionConfig"]["properties"])
    blocks = BLOCK.findall(page)
    assert [name for name, _ in blocks] == ["validator"]
    Draft202012Validator(whole).validate(json.loads(blocks[0][1]))


@pytest.mark.parametrize("name", ["validator", "minter"])
def test_required_fields_are_said_to_be(name: str) -> None:
    """What the schema requires, the table calls required."""
    section = PAGE.split(f"\n## {SECTIONS[name]}\n")[1].split("\n## ")[0]
    for field in schema(name).get("required", []):
        assert re.search(rf"^\| `{field}` \| [^|]+ \| required", section, re.MULTILINE), field


def with_handles(value: Any, key: Any) -> Any:
    """The same, a signing key in the place of each reference to one."""
    if isinstance(value, dict):
        if "$signing_key" in value:
            return key
        return {name: with_handles(member, key) for name, member in value.items()}
    return [with_handles(member, key) for member in value] if isinstance(value, list) else value


def test_the_examples_work() -> None:
    """Minters mint what is asked for; validators judge requests and demands, and find nothing wrong with their form."""
    at9068 = pytest.importorskip("at9068", reason="the Python package is not installed")
    key = at9068.SigningKey.generate("RS256")
    tokens = []
    for config in examples("minter"):
        minter = at9068.Minter(**with_handles(config, key))
        tokens += [minter.mint(request).token for request in examples("mint-request")]
    assert len(tokens) >= 2
    validators = [at9068.Validator(**with_handles(config, key)) for config in examples("validator")]
    assert all(not validator.skipped_keys for validator in validators)
    for validator in validators:
        for request in examples("request"):
            for require in examples("require"):
                with pytest.raises((at9068.TokenError, at9068.DemandError)):
                    validator.authenticate(request, require=require)
    last = validators[-1]
    assert last.validate(tokens[0], require={"scopes": ["read:patients"], "acr_values": ["silver"]}).sub == "user-1"
