"""Every code block of the documentation and of the packages' READMEs is run, compiled or judged; see snippets.py."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import readme
from jsonschema import Draft202012Validator
from markdown_files import ROOT, Block, pages, parse
from snippets import FRAMES, RUN_BY, SLOT, fill, plan, run

# Those for people who work on this product are no part: what they show is run by `make`.
PAGES = [page for path, page in pages().items() if not path.startswith(("tests/", "fuzz/", "bench/"))]
PAGES += [page for path, page in pages().items() if path == "tests/issuer/README.md"]
PLAN = plan(PAGES)
# Those that no page uses any more, too: they fail.
FRAMED = sorted(
    {*PLAN.frames, *(path.name for path in FRAMES.iterdir() if path.is_file() and SLOT.search(path.read_text()))}
)


def joined(blocks: list[Block]) -> str:
    """The program that several blocks make."""
    return "\n".join(block.text for block in blocks)


def test_every_block_is_treated() -> None:
    """None is left out by oversight."""
    assert PLAN.faults == []
    assert {page.path for page in PAGES} >= {"README.md", "docs/configuration.md", "bindings-c/README.md"}


@pytest.mark.parametrize(("page", "suffix"), PLAN.sessions)
def test_the_code_of_a_page_runs(page: str, suffix: str, tmp_path: Path) -> None:
    """As one program."""
    pytest.importorskip("at9068", reason="the packages are not built")
    run(joined(PLAN.sessions[page, suffix]), suffix, tmp_path)


@pytest.mark.parametrize("frame", FRAMED)
def test_the_code_in_a_frame_runs(frame: str, tmp_path: Path) -> None:
    """With what the frame asserts about it."""
    pytest.importorskip("at9068", reason="the packages are not built")
    run(fill(frame, PLAN.frames.get(frame, {}), tmp_path), Path(frame).suffix, tmp_path)


@pytest.mark.parametrize("block", PLAN.files, ids=lambda block: block.place)
def test_a_file_is_shown_as_it_is_and_run(block: Block) -> None:
    """The page has the file's own text, and the test of its folder names it."""
    path = block.markers["file"]
    assert block.text == f"{readme.source(path)}\n", "run tests/docs/readme.py"
    tests = [test for folder, test in RUN_BY.items() if path.startswith(folder)]
    assert tests, f"nothing is known to run {path}"
    if path.startswith("docs/examples/"):
        # What is in the folder beside the servers, all of them import.
        names = (f"/{Path(path).parent.name}",) if Path(path).parent.name != "examples" else ("docs/examples",)
    else:
        names = (Path(path).name, Path(path).stem, Path(path).stem.replace("_", "-"))
    assert any(name in (ROOT / test).read_text(encoding="utf-8") for test in tests for name in names), tests


@pytest.mark.parametrize("block", PLAN.run_by, ids=lambda block: block.place)
def test_a_block_is_run_by_who_is_named(block: Block) -> None:
    """The test reads the page."""
    assert Path(block.page).name in (ROOT / block.markers["run by"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("block", PLAN.json, ids=lambda block: block.place)
def test_json_is_of_its_kind(block: Block) -> None:
    """Strict JSON, of the shape that the fence names."""
    value: Any = json.loads(block.text)
    _, _, kind = block.info.partition(" ")
    if kind:
        schema = (ROOT / "docs" / "schema" / f"{kind}.schema.json").read_text(encoding="utf-8")
        Draft202012Validator(json.loads(schema)).validate(value)


@pytest.mark.parametrize(("block", "source"), PLAN.outputs, ids=[block.place for block, _ in PLAN.outputs])
def test_an_output_is_what_is_printed(block: Block, source: list[Block] | str, tmp_path: Path) -> None:
    """To the letter; of a page's own code what its last block adds."""
    pytest.importorskip("at9068", reason="the packages are not built")
    if isinstance(source, str):
        assert run((ROOT / source).read_text(encoding="utf-8"), Path(source).suffix, tmp_path) == block.text
    else:
        suffix = {"python": ".py", "js": ".mjs", "sh": ".sh"}[source[0].language]
        assert run(joined(source), suffix, tmp_path).endswith(block.text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```rust\nfn main() {}\n```", "page.md:1: nothing runs a block of rust"),
        ("```\nls\n```", "page.md:1: nothing runs a block of no language"),
        ("<!-- not run: -->\n\n```sh\nls\n```", "page.md:3: not run does not say enough, or not of this"),
        ("<!-- output -->\n\n```text\nls\n```", "page.md:3: output does not say enough, or not of this"),
        ("<!-- file: a -->\n<!-- frame: b c -->\n```c\n```", "page.md:3: file and frame"),
    ],
)
def test_what_is_not_treated_is_found(text: str, fault: str) -> None:
    """Each way to leave a block out, made on purpose."""
    assert plan([parse("page.md", text)]).faults == [fault]


def test_what_fails_is_heard_of(tmp_path: Path) -> None:
    """In each language, at the end of each kind of tool."""
    fails = {
        ".py": "assert False",
        ".mjs": "throw new Error('no');",
        ".sh": "false; true",
        ".c": "int main(void) { return 1; }",
        ".cpp": "int main() { int unused = 1; }",
    }
    for suffix, program in fails.items():
        with pytest.raises(AssertionError):
            run(program, suffix, tmp_path)


def test_a_marker_stands_right_before_its_block() -> None:
    """One that has slipped away is no marker."""
    away = parse("page.md", "<!-- not run: it needs a network -->\n\ntext\n\n```c\n```")
    assert re.search("block of c", plan([away]).faults[0])
