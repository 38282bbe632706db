"""T210, T114, T223, T224, T232: what holds for the source as a whole, function by function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .corpus import ROOT

ITEM = re.compile(r"^( *)(?:pub(?:\(crate\))? )?(unsafe )?(extern \"C\" )?fn (\w+)", re.MULTILINE)


def code(place: str) -> str:
    """The Rust source of a file or a folder, without comments and without its unit tests."""
    path = ROOT / place
    files = sorted(path.rglob("*.rs")) if path.is_dir() else [path]
    assert files, place
    parts = [path.read_text(encoding="utf-8").split("\n#[cfg(test)]\nmod tests {")[0] for path in files]
    return "\n".join(re.sub(r"^\s*//.*$", "", part, flags=re.MULTILINE) for part in parts)


def functions(source: str) -> Iterator[tuple[str, str, bool]]:
    """Name, text, and whether it is one of C's, of every function: its line, or up to the brace in its own column."""
    for found in ITEM.finditer(source):
        end = re.compile(rf".*{{}}$|(?s:.*?)^{found[1]}}}", re.MULTILINE).match(source, found.end())
        assert end, found[4]
        yield found[4], source[found.start() : end.end()], bool(found[3])


def calls(text: str, names: set[str]) -> bool:
    """Whether a function calls one of those named."""
    return any(re.search(rf"\b{name}(?:::<[^(]*>)?\(", text) for name in names)


def closure(texts: dict[str, str], known: set[str]) -> set[str]:
    """The functions among `texts` that go through one of those known, and so on."""
    known = set(known)
    while more := {name for name, text in texts.items() if calls(text, known)} - known:
        known |= more
    return known


def test_every_function_of_c_catches_panics() -> None:
    """Each goes through a function that catches, or through one of its file that goes through such a one."""
    border = {}
    for name in ("guard", "ffi", "wait"):
        border |= {name: text for name, text, is_c in functions(code(f"bindings-c/src/{name}.rs")) if not is_c}
    guards = closure(border, {"catch_unwind"}) - {"catch_unwind"}
    assert guards == {"caught", "infallible", "call", "make", "make_optional", "make_step"}
    exported, unguarded = set(), []
    for path in sorted((ROOT / "bindings-c" / "src").glob("*.rs")):
        every = list(functions(code(f"bindings-c/src/{path.name}")))
        own = closure({name: text for name, text, is_c in every if not is_c}, guards)
        for name, text, is_c in every:
            if is_c and name.startswith("at9068_"):
                exported.add(name)
                unguarded += [] if calls(text, own) else [name]
    assert exported == set((ROOT / "bindings-c" / "symbols.txt").read_text(encoding="ascii").split())
    assert len(exported) > 60
    assert unguarded == []


def test_every_function_of_c_is_fuzzed() -> None:
    """The target calls each in any order, with handles and texts that are there or not."""
    target = code("fuzz/libat9068")
    symbols = (ROOT / "bindings-c" / "symbols.txt").read_text(encoding="ascii").split()
    assert [name for name in symbols if not calls(target, {name})] == []


def test_every_call_of_python_that_may_fail_catches_panics() -> None:
    """What PyO3 would raise for a panic is no error of ours; only what cannot fail is left to it."""
    source = code("bindings-python/src")
    core = (
        r"\b(?:Core\w*|\w*Request|Require|Revoked|\w+Checks|\w+Options|at9068)"
        r"::(?:from_|with_|generate|thumbprint|certificate|introspection|verify)\w*\("
    )
    handle = (
        r"self\s*\.(?:core|0)\s*\.(?:validate|authenticate|explain|mint|require|gty|accessor_json|to_pem|key_set"
        r"|revoke|sweep|snapshot|restore|first_use)\w*\("
    )
    asked = 0
    for name, text, _ in functions(source):
        if re.search(rf"{core}|{handle}", text):
            asked += 1
            assert calls(text, {"guarded", "detached", "minted"}), name
    assert asked > 30
    assert [calls(text, {"detached"}) for name, text, _ in functions(source) if name == "minted"] == [True]
    error = {name: text for name, text, _ in functions(code("bindings-python/src/error.rs"))}
    assert calls(error["guarded"], {"catch_unwind"}) and calls(error["detached"], {"guarded"})


def test_every_function_of_node_catches_panics() -> None:
    """Those on the caller's thread by the attribute; those on the pool by `guarded`."""
    source = code("bindings-node/src")
    tasks = 0
    for found in re.finditer(r"#\[napi(\([^\]]*\))?\]\s*(?:#\[[^\]]*\]\s*)*pub (?:unsafe )?(\w+) (\w+)", source):
        if found[2] == "fn":
            assert "catch_unwind" in (found[1] or ""), found[3]
    for name, text, _ in functions(source):
        if name == "compute":
            tasks += 1
            assert "guarded(" in text
    assert tasks >= 1


def test_panics_unwind_and_overflows_are_noticed() -> None:
    """What catches panics needs them to unwind; sums that would wrap around panic, in release builds too."""
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    release = manifest.split("[profile.release]")[1].split("\n[")[0]
    assert re.search(r'^panic = "unwind"$', release, re.MULTILINE)
    assert re.search(r"^overflow-checks = true$", release, re.MULTILINE)
    assert 'panic = "abort"' not in manifest


# What threads share and what changes lies here and nowhere else.
SHARED = (
    "core/src/cache.rs",  # tokens that were verified
    "core/src/introspection/",  # what issuers said of tokens
    "core/src/issuer/",  # the life of fetched keys
    "core/src/jws/headers.rs",  # headers that were read
    "core/src/ports/http/",  # the TLS configuration, made once
    "core/src/process.rs",  # state that belongs to a process
    "core/src/revocation/",  # tokens that were taken back
    "core/src/sync.rs",  # where these come from
    "core/src/validator/migration.rs",  # counters
    "core/src/validator/policy/",  # issuers that were met, and their numbers
    "core/src/waiting/",  # flights, and a wish within one call
)


def test_what_changes_under_threads_lies_in_few_places() -> None:
    """No lock, cell or atomic outside of a few modules; no lock that a panic could poison; global are only threads."""
    changing = r"\b(Mutex|RwLock|Condvar|Atomic\w+|ArcSwap\w*|Once\w*|Lazy(?:Lock|Cell)|\w*Cell|thread_local)\b"
    for path in sorted((ROOT / "core/src").rglob("*.rs")):
        name = path.relative_to(ROOT).as_posix()
        text = code(name)
        found = re.findall(changing, text)
        assert not found or name.startswith(SHARED), f"{name} has {found}"
        assert not re.search(r"\.lock\(\)(?!\s*\.unwrap_or_else\(PoisonError::into_inner\))", text), name
    assert "#![forbid(unsafe_code)]" in (ROOT / "core/src/lib.rs").read_text(encoding="utf-8")
    assert re.findall(r"^\s*static (\w+)", code("core/src"), re.MULTILINE) == ["POOL"]


def test_secrets_are_compared_in_constant_time() -> None:
    """MACs by the library's own verification, digests of certificates by its comparison; never by `==`."""
    verify = (ROOT / "core/src/crypto/verify.rs").read_text(encoding="utf-8")
    assert "hmac::verify(" in verify and "hmac::sign(" not in verify
    for path in (ROOT / "core/src").rglob("*.rs"):
        text = path.read_text(encoding="utf-8")
        # `rustls::crypto::aws_lc_rs` is how TLS is given the same library.
        assert path.parent.name == "crypto" or not re.search(r"(?<!rustls::crypto::)aws_lc_rs", text), path
    assert "constant_time::verify_slices_are_equal" in (ROOT / "core/src/crypto/mod.rs").read_text(encoding="utf-8")
    binding = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "core/src/binding").glob("*.rs"))
    assert re.search(r"crypto::\{?.*equal", binding) or "crypto::equal" in binding


def test_no_processor_is_asked_for() -> None:
    """Nothing is compiled for more than the oldest processor of its architecture; more is found out when it runs."""
    for name in ("Cargo.toml", "Makefile", "bindings-node/scripts/build.mjs", "bindings-c/Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "target-cpu" not in text and "target-feature" not in text, name
    assert not list((ROOT / ".cargo").glob("config*"))
    assert not re.search(r"target_feature", code("core/src"))
