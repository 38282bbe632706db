//! What is committed beside the sources is what the sources say: header, symbols, versions, codes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn committed(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

fn generated() -> String {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).unwrap();
    let mut sources: Vec<PathBuf> =
        fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap().path()).collect();
    // The order that a reader wants: texts and codes, errors, keys, then what is done with them.
    let order = [
        "strings",
        "bytes",
        "code",
        "error",
        "key_options",
        "key_set",
        "signing_key",
        "jws",
        "handles",
        "fetch",
        "revocations",
        "replay_store",
        "ports",
        "issuer_cache",
        "validator",
        "wait",
        "key_steps",
        "refresh",
        "flight",
        "access_token",
        "explanation",
        "minter",
        "batch",
        "id_token_validator",
        "id_token",
        "client_assertion_validator",
        "client_assertion",
        "client_assertion_minter",
        "introspection_response",
    ];
    let place = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default();
        order.iter().position(|name| stem == *name).unwrap_or(order.len())
    };
    // Its `mod` lines would lead to every file a second time; folders hold tests.
    sources.retain(|path| path.is_file() && !path.ends_with("lib.rs"));
    sources.sort_by_key(|path| (place(path), path.clone()));
    let builder = sources.into_iter().fold(cbindgen::Builder::new().with_config(config), cbindgen::Builder::with_src);
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

/// Every name in the header that is followed by a parenthesis, which is every function.
fn declared_functions(header: &str) -> BTreeSet<String> {
    let code: String = header.split("*/").map(|part| part.split("/*").next().unwrap_or_default()).collect();
    let ends = code.match_indices('(').map(|(at, _)| code.get(..at).unwrap());
    let names = ends.filter_map(|before| before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next());
    names.filter(|name| name.starts_with("at9068_")).map(str::to_owned).collect()
}

#[test]
fn every_function_is_declared_once() {
    let header = committed("include/at9068.h");
    for name in declared_functions(&header) {
        let declared =
            header.lines().filter(|line| !line.trim_start().starts_with('*') && line.contains(&format!("{name}(")));
        assert_eq!(declared.count(), 1, "{name}");
    }
}

#[test]
fn header_is_current() {
    let header = generated();
    if env::var_os("AT9068_UPDATE_HEADER").is_some() {
        fs::write(root().join("include/at9068.h"), &header).unwrap();
    }
    assert!(committed("include/at9068.h") == header, "include/at9068.h is stale: run `make -C bindings-c header`");
}

#[test]
fn symbols_are_those_declared() {
    let declared = declared_functions(&committed("include/at9068.h"));
    let listed: BTreeSet<String> = committed("symbols.txt").lines().map(str::to_owned).collect();
    assert!(declared.len() > 50, "{declared:?}");
    assert_eq!(declared, listed, "symbols.txt is stale: run `make -C bindings-c symbols`");
}

#[test]
fn codes_are_those_of_the_table() {
    let header = committed("include/at9068.h");
    let mut rest = header.lines().filter(|line| line.starts_with("#define AT9068_CODE_")).count();
    let mut check = |comment: &str, name: &str, number: u32| {
        let written = format!("/**\n * {comment}.\n */\n#define AT9068_CODE_{name} {number}\n");
        assert!(header.contains(&written), "src/code.rs does not say: {written}");
        rest -= 1;
    };
    check("No error", "OK", 0);
    for code in at9068_core::ErrorCode::ALL {
        let (first, others) = code.message().split_at(1);
        let source = match code.source_section() {
            "at9068" => String::new(),
            section => format!(" ({section})"),
        };
        check(&format!("{}{others}{source}", first.to_uppercase()), &code.slug().to_uppercase(), code.number().into());
    }
    assert_eq!(rest, 0, "codes in the header that the table does not have");
}

#[test]
fn versions_agree() {
    let header = committed("include/at9068.h");
    let (version, mut parts) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_VERSION").split('.'));
    assert!(header.contains(&format!("#define AT9068_VERSION \"{version}\"\n")));
    for name in ["MAJOR", "MINOR", "PATCH"] {
        let line = format!("#define AT9068_VERSION_{name} {}\n", parts.next().unwrap());
        assert!(header.contains(&line), "{line}");
    }
    assert_eq!(version, at9068_core::VERSION);
}

#[test]
fn every_public_item_is_explained() {
    let header = committed("include/at9068.h");
    let lines: Vec<&str> = header.lines().collect();
    let mut items = 0;
    for pair in lines.windows(2) {
        let [above, line] = pair else { continue };
        let macro_or_type =
            line.starts_with("#define AT9068_") && *line != "#define AT9068_H" || line.starts_with("typedef");
        let function =
            line.starts_with(|c: char| c.is_ascii_alphabetic()) && line.contains('(') && line.contains("at9068_");
        if macro_or_type || function {
            items += 1;
            assert!(above.trim() == "*/", "no comment above: {line}");
        }
    }
    assert!(items > 100, "{items}");
}

#[test]
fn the_readme_quotes_the_examples() {
    let readme = committed("README.md");
    for (fence, example) in [("```c\n", "examples/quickstart.c"), ("```cpp\n", "examples/quickstart.cpp")] {
        let quoted = readme.split(fence).nth(1).unwrap().split("```").next().unwrap();
        let bare = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        for part in bare(quoted).split("// ...") {
            assert!(bare(&committed(example)).contains(part.trim()), "{example} does not hold: {part}");
        }
    }
}
