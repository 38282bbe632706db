"""The ABI of libat9068, as programs that were compiled against it rely on it, beside the one in abi.txt.

    python3 tools/abi.py LIBRARY             fails where the two differ, and says what that breaks
    python3 tools/abi.py --update LIBRARY    writes abi.txt anew; refuses what breaks programs under the same SONAME

Sizes and offsets are asked of the C compiler (CC), by the header; nothing is read from debug information, which a
release does not have. Names of parameters do not count.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import header

DUMP = header.HERE / "abi.txt"
# Tell versions apart; everybody may look at them, nobody relies on their values.
VERSIONS = re.compile(r"^AT9068_VERSION")
# In a declaration of a function: the name of a parameter, at its end.
PARAMETER = re.compile(r"(?<=[\s*])(?!void\b)\w+(?=[,)])")

Dump = dict[str, str]


def nameless(text: str) -> str:
    """A declaration without the names of its parameters."""
    return PARAMETER.sub("", text).replace(" ,", ",").replace(" )", ")")


def run(*command: str) -> str:
    """What a program writes."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def layout(declarations: list[header.Declaration]) -> Dump:
    """Sizes, alignments and offsets, as the compiler has them."""
    lines = ['printf("model = pointer %zu, size_t %zu, int %zu\\n", sizeof(void *), sizeof(size_t), sizeof(int));']
    for one in declarations:
        if one.kind == "alias":
            lines.append(
                f'printf("alias {one.name} = {one.text}, size %zu, %s\\n", sizeof({one.name}),'
                f' ({one.name})-1 > 0 ? "unsigned" : "signed");'
            )
        for at in one.members:
            place = f"{one.name}, {at.name}"
            lines.append(
                f'printf("member {one.name}.{at.name} = offset %zu, size %zu: {nameless(at.text)}\\n",'
                f" offsetof({place}), sizeof((({one.name} *)0)->{at.name}));"
            )
        if one.kind == "struct":
            lines.append(
                f'printf("struct {one.name} = size %zu, align %zu\\n", sizeof({one.name}), _Alignof({one.name}));'
            )
    program = "#include <at9068.h>\n#include <stdio.h>\nint main(void)\n{\n" + "\n".join(lines) + "\nreturn 0;\n}\n"
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder, "layout.c"), Path(folder, "layout")
        source.write_text(program)
        include = str(header.HEADER.parent)
        run(*os.environ.get("CC", "cc").split(), "-std=c11", f"-I{include}", str(source), "-o", str(binary))
        return read(run(str(binary)))


def read(text: str) -> Dump:
    """The lines of a dump, by what they speak of."""
    return dict(line.split(" = ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def dump(library: str) -> Dump:
    """The ABI of the header and the library as they are now."""
    _, declarations = header.read(header.HEADER.read_text())
    found = layout(declarations)
    for one in declarations:
        if one.kind == "function":
            found[f"function {one.name}"] = nameless(one.text)
        elif one.kind == "opaque":
            found[f"handle {one.name}"] = "opaque"
        elif one.kind == "constant" and not VERSIONS.match(one.name):
            found[f"constant {one.name}"] = one.text
    exported = {line.split()[0] for line in run("nm", "-D", "--defined-only", "--format=posix", library).splitlines()}
    declared = {one.name for one in declarations if one.kind == "function"}
    if exported != declared:
        sys.exit(f"abi.py: declared or exported, but not both: {', '.join(sorted(exported ^ declared))}")
    soname = re.search(r"\(SONAME\).*\[(.*)\]", run("readelf", "-d", library))
    if soname is None:
        sys.exit(f"abi.py: {library} has no SONAME")
    return {"soname": soname[1], **found}


def grows(dumps: Dump, name: str) -> bool:
    """Whether a struct says its own size first, so that later versions may have more of it."""
    return dumps.get(f"member {name}.size", "").startswith("offset 0, ")


def size(value: str) -> int:
    """The size that the line of a struct tells."""
    found = re.search(r"size (\d+)", value)
    assert found
    return int(found[1])


def compare(old: Dump, new: Dump) -> tuple[list[str], list[str]]:
    """What breaks programs that were compiled against the old one, and what only adds to it."""
    breaks: list[str] = []
    adds: list[str] = []
    for key, was in old.items():
        if key == "soname":
            continue
        now = new.get(key)
        if now is None:
            breaks.append(f"gone: {key} = {was}")
        elif now != was:
            kind, _, name = key.partition(" ")
            larger = kind == "struct" and grows(old, name) and grows(new, name) and size(now) > size(was)
            same_align = was.rpartition(",")[2] == now.rpartition(",")[2]
            (adds if larger and same_align else breaks).append(f"changed: {key}\n    was {was}\n    is  {now}")
    for key, now in new.items():
        if key in old:
            continue
        kind, _, name = key.partition(" ")
        struct = old.get(f"struct {name.partition('.')[0]}", "size 0")
        # Within what was there already, even if it was padding: older programs leave it as it comes.
        inside = kind == "member" and int(now.split()[1].rstrip(",")) < size(struct)
        (breaks if inside else adds).append(f"new: {key} = {now}")
    return breaks, adds


def verdict(old: Dump, new: Dump) -> str | None:
    """What is wrong with a change, as a text for whoever made it; None where it may be written down."""
    breaks, _ = compare(old, new)
    if not breaks or old["soname"] != new["soname"]:
        return None
    return (
        "\n".join(breaks) + f"\n\nabi.py: this breaks programs that were linked with {old['soname']}, and the library"
        " is still named so.\nRaise the minor version (before 1.0; later the major one), which changes the SONAME."
        "\nWhere no version with that SONAME was ever given away, remove abi.txt and run `make abi` again."
    )


def write(new: Dump) -> None:
    """Writes abi.txt."""
    head = "# The ABI of libat9068 on 64-bit Linux. Written by `make abi`; `make check-abi` compares. Do not edit.\n"
    lines = [f"{key} = {new[key]}\n" for key in sorted(new, key=lambda key: (key not in ("soname", "model"), key))]
    DUMP.write_text(head + "".join(lines))


def main() -> int:
    """Compares or writes; the exit code says whether all is well."""
    arguments = [one for one in sys.argv[1:] if one != "--update"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    new = dump(arguments[0])
    old = read(DUMP.read_text()) if DUMP.exists() else None
    if "--update" in sys.argv[1:]:
        wrong = verdict(old, new) if old is not None else None
        if wrong is None:
            write(new)
            return 0
        print(wrong, file=sys.stderr)
        return 1
    if old is None:
        sys.exit("abi.py: abi.txt is missing; `make -C bindings-c abi` writes it")
    if old == new:
        print(f"{len(new)} lines of ABI, as written down for {new['soname']}")
        return 0
    breaks, adds = compare(old, new)
    print(
        verdict(old, new)
        or "\n".join(breaks + adds)
        + f"\n\nabi.py: the ABI is not the one of abi.txt ({old['soname']}; the library is {new['soname']}). Programs"
        " that exist go on to work, or are kept away by the new name.\nWhere the change is meant, and in CHANGELOG.md,"
        " `make -C bindings-c abi` writes it down.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
