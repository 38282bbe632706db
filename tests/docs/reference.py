"""Writes docs/configuration-reference.md from the JSON Schemas, which are written from the core's structures.

python tests/docs/reference.py            writes it anew
python tests/docs/reference.py --check    fails where it is not current
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from markdown_files import ROOT, slug

Json = dict[str, Any]
PAGE = ROOT / "docs" / "configuration-reference.md"
SCHEMAS = ROOT / "docs" / "schema"
# schema -> the guide that explains it
KINDS = {
    "validator": "configuration.md#validator",
    "request": "configuration.md#request",
    "require": "configuration.md#require",
    "minter": "configuration.md#minter",
    "mint-request": "configuration.md#mint-request",
    "id-token": "id-tokens.md#the-validator",
    "id-token-checks": "id-tokens.md#what-a-login-expects",
    "id-token-request": "id-tokens.md#minting",
    "client-assertion-minter": "client-assertions.md#the-client",
    "client-assertion-request": "client-assertions.md#the-client",
    "client-assertion": "client-assertions.md#the-server",
    "client-assertion-require": "client-assertions.md#what-is-checked-in-which-order",
}
HEAD = """<!-- Written by tests/docs/reference.py from docs/schema/; change the structures of the core. -->

# Configuration reference

Every structure that goes into the library as JSON, field by field, as the code has it. The [guide](configuration.md)
says how the fields work together, what ranges they have beyond those of their types, and which error is told where one
is wrong. Types are those of JSON; *or null* is left out here: a member that is `null` counts as not given.
"""


def prose(text: str) -> tuple[str, dict[str, str]]:
    """A description without its list of defaults, and that list by the fields it names."""
    said, _, listed = re.sub(r"\[(`[^`]+`)\]", r"\1", text).partition("\n\n# Defaults\n")
    listed, _, after = listed.partition("\n\n")
    defaults = {}
    for entry in listed.removeprefix("* ").split("\n* "):
        for part in re.split(r"; (?=`)", entry.replace("\n", " ")):
            names, colon, value = part.partition(": ")
            if colon and names.startswith("`"):
                defaults |= dict.fromkeys(re.findall(r"`([^`]+)`", names), value.removesuffix("."))
    return "\n\n".join(part for part in (said, after) if part), defaults


def typed(schema: Any, anchors: dict[str, str]) -> str:
    """The type of a value, in words; a structure is linked to."""
    if schema is True:
        return "any"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{anchors[name]})"
    if "anyOf" in schema:
        return " or ".join(typed(one, anchors) for one in schema["anyOf"] if one != {"type": "null"})
    kinds = [schema["type"]] if isinstance(schema["type"], str) else [kind for kind in schema["type"] if kind != "null"]
    if "prefixItems" in schema:
        return "pair of " + " and ".join(typed(one, anchors) for one in schema["prefixItems"])
    if kinds == ["array"]:
        return f"array of {typed(schema['items'], anchors)}"
    return " or ".join(kinds)


def table(schema: Json, defaults: dict[str, str], anchors: dict[str, str]) -> str:
    """The fields of an object, the required ones first."""
    required = schema.get("required", [])
    rows = ["| field | type | default | |", "| --- | --- | --- | --- |"]
    for name, field in sorted(schema["properties"].items(), key=lambda item: (item[0] not in required, item[0])):
        default = "**required**" if name in required else defaults.get(name, "")
        text = prose(field.get("description", ""))[0].replace("\n", " ").replace("|", "\\|")
        rows.append(f"| `{name}` | {typed(field, anchors)} | {default} | {text} |")
    return "\n".join(rows)


def section(name: str, schema: Json, anchors: dict[str, str]) -> str:
    """What is said of one structure: its fields, or the values it may have."""
    text, defaults = prose(schema.get("description", ""))
    parts = [text]
    if "oneOf" in schema:
        rows = [f"| `{one['const']}` | {one['description']} |".replace("\n", " ") for one in schema["oneOf"]]
        parts.append("\n".join(["| value | |", "| --- | --- |", *rows]))
    elif "properties" in schema:
        parts.append(table(schema, defaults, anchors))
    else:
        parts.append(f"Type: {typed(schema, anchors)}.")
    return "\n\n".join(parts)


def page() -> str:
    """The whole page: the structures by their use, then those that several of them have."""
    whole = {kind: json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")) for kind in KINDS}
    assert {path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir()} == set(KINDS), "a schema is left out"
    shared: dict[str, Json] = {}
    for schema in whole.values():
        for name, definition in schema.get("$defs", {}).items():
            assert shared.setdefault(name, definition) == definition, f"{name} has two meanings"
    anchors = {name: slug(name) for name in shared}
    parts = [HEAD.rstrip()]
    for kind, schema in whole.items():
        parts.append(f"## {kind}")
        parts.append(f"{schema['title']}. [Guide]({KINDS[kind]}), [schema](schema/{kind}.schema.json).")
        parts.append(section(kind, schema, anchors))
    parts.append("## Structures within")
    parts += [f"### {name}\n\n{section(name, schema, anchors)}" for name, schema in sorted(shared.items())]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Compares or writes; the exit code says whether all is well."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.name} is not that of the schemas; run tests/docs/reference.py")
        return 1
    else:
        print(f"{PAGE.name}: schemas {len(KINDS)}, current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
