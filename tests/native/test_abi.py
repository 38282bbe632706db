"""What the comparison of ABIs (bindings-c/tools/abi.py) calls a break, and what it lets pass."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from .corpus import ROOT


def load() -> ModuleType:
    """The program as a module; it lies beside what it reads, not in a package."""
    spec = importlib.util.spec_from_file_location("abi", ROOT / "bindings-c" / "tools" / "abi.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["abi"] = module
    spec.loader.exec_module(module)
    return module


abi = load()
NOW: dict[str, str] = abi.read(abi.DUMP.read_text())
FUNCTION = "function at9068_access_token_sub"
OPTIONS, PAIR = "struct at9068_validate_options", "struct at9068_str"


def test_the_dump_holds_everything_of_the_header() -> None:
    """Every kind of line is there, and every function and constant of the header has one."""
    assert {key.partition(" ")[0] for key in NOW} == {
        "soname", "model", "alias", "constant", "function", "handle", "member", "struct"
    }  # fmt: skip
    _, declarations = abi.header.read(abi.header.HEADER.read_text())
    kinds = {"function": "function", "opaque": "handle", "struct": "struct", "alias": "alias"}
    for one in declarations:
        assert one.kind == "constant" or f"{kinds[one.kind]} {one.name}" in NOW
    assert NOW["constant AT9068_CODE_TOKEN_EXPIRED"] == "605"
    assert NOW["member at9068_str.len"] == "offset 8, size 8: size_t len"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (FUNCTION, None),
        (FUNCTION, "struct at9068_str at9068_access_token_sub(struct at9068_access_token *)"),
        ("constant AT9068_CODE_TOKEN_EXPIRED", "606"),
        ("constant AT9068_CODE_TOKEN_EXPIRED", None),
        ("alias at9068_code", "uint64_t, size 8, unsigned"),
        ("handle at9068_validator", None),
        ("member at9068_validate_options.now", "offset 8, size 8: double now"),
        ("member at9068_validate_options.padding", "offset 12, size 4: int padding"),
        ("member at9068_str.tail", "offset 8, size 8: void *tail"),
        (OPTIONS, "size 48, align 8"),
        (OPTIONS, "size 64, align 16"),
        (PAIR, "size 24, align 8"),
    ],
)
def test_what_breaks_programs_needs_another_name(key: str, value: str | None) -> None:
    """Refused under the same SONAME, with the line in the text; let through under another."""
    changed = {**NOW, key: value} if value is not None else {k: v for k, v in NOW.items() if k != key}
    text = abi.verdict(NOW, changed)
    assert text and key in text and "Raise the minor version" in text
    assert abi.verdict(NOW, {**changed, "soname": "libat9068.so.0.9"}) is None


@pytest.mark.parametrize(
    "more",
    [
        {"function at9068_more": "void at9068_more(void)"},
        {"constant AT9068_CODE_MORE": "999"},
        {"struct at9068_more": "size 8, align 8", "member at9068_more.one": "offset 0, size 8: size_t one"},
        {OPTIONS: "size 64, align 8", "member at9068_validate_options.more": "offset 56, size 8: size_t more"},
    ],
)
def test_what_only_adds_may_be_written_down(more: dict[str, str]) -> None:
    """It is told as a difference, but breaks nobody."""
    breaks, adds = abi.compare(NOW, {**NOW, **more})
    assert breaks == []
    assert len(adds) == len(more)
    assert abi.verdict(NOW, {**NOW, **more}) is None


def test_names_of_parameters_do_not_count() -> None:
    """They are no part of what programs are linked with."""
    assert abi.nameless("void f(const struct a *one, size_t two, void (*done)(void *context))") == (
        "void f(const struct a *, size_t, void (*)(void *))"
    )
