//! How it starts, what it says, and how it ends.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use crate::common::{Answer, Program, converse};
use serde_json::{Value, json};

fn get(url: &str) -> Answer {
    let target = url.splitn(4, '/').nth(3).unwrap();
    Answer::of(&converse(url, &format!("GET /{target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")))
}

#[test]
fn it_says_where_it_listens_and_ends_with_its_input() {
    let mut program = Program::start(&[]);
    let said = program.announcement.as_object().unwrap();
    let names: Vec<_> = said.keys().map(String::as_str).collect();
    assert_eq!(names, ["ca", "control", "elsewhere", "issuer", "plain", "tls_faults"]);
    assert_eq!((&said["ca"], &said["tls_faults"]), (&Value::Null, &json!({})));
    let ports: Vec<_> = ["issuer", "control", "elsewhere", "plain"].map(|name| program.text(name).to_owned()).into();
    for (index, port) in ports.iter().enumerate() {
        assert!(port.starts_with("http://127.0.0.1:"), "{port}");
        assert!(!ports[..index].contains(port));
        TcpStream::connect(port.trim_start_matches("http://")).unwrap();
    }
    drop(program.hang_up());
    assert!(program.child.wait().unwrap().success());
    TcpStream::connect(ports[0].trim_start_matches("http://")).unwrap_err();
}

#[test]
fn the_port_can_be_chosen() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = Program::start(&["--port", &free.to_string()]);
    assert_eq!(program.text("issuer"), format!("http://127.0.0.1:{free}"));
}

#[test]
fn the_first_issuer_may_have_a_path() {
    for (path, inserted, appended) in [
        ("", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
        ("/", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
        ("/tenant", "/.well-known/oauth-authorization-server/tenant", "/tenant/.well-known/openid-configuration"),
        ("/tenant/", "/.well-known/oauth-authorization-server/tenant", "/tenant/.well-known/openid-configuration"),
        ("/a/b", "/.well-known/oauth-authorization-server/a/b", "/a/b/.well-known/openid-configuration"),
    ] {
        let program = Program::start(&["--path", path]);
        let issuer = program.text("issuer");
        let origin = issuer.strip_suffix(path).unwrap();
        for document in [inserted, appended] {
            let metadata = get(&format!("{origin}{document}"));
            assert_eq!(metadata.status, 200, "{path} {document}");
            assert_eq!(metadata.json()["issuer"], issuer, "to the letter, with the slash at its end");
            assert_eq!(get(metadata.json()["jwks_uri"].as_str().unwrap()).status, 200);
        }
        let asked = if path.is_empty() { "/" } else { path };
        assert_eq!(program.told(asked, json!({"op": "issuer"}))["issuer"], issuer);
        assert_eq!(program.told(asked, json!({"op": "requests"}))["documents"]["jwks"], 2);
        program.told(asked, json!({"op": "issuer", "trailing_slash": !path.ends_with('/')}));
        program.told(asked, json!({"op": "reset"}));
        assert_eq!(program.told(asked, json!({"op": "issuer"}))["issuer"], issuer, "as at the start");
        assert_eq!(program.told(asked, json!({"op": "requests"}))["documents"]["jwks"], 0);
    }
}

#[test]
fn anything_else_is_refused_at_the_start() {
    for arguments in [&["--help"][..], &["--port"], &["--port", "x"], &["--port", "65536"], &["--path"], &["x"]] {
        let ended = Command::new(env!("CARGO_BIN_EXE_at9068-test-issuer")).args(arguments).output().unwrap();
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(ended.stdout.is_empty() && String::from_utf8(ended.stderr).unwrap().starts_with("usage: "));
    }
    for path in ["tenant", "//", "/a//b", "/a b", "/..", "/cases", "/cases/x", "/a/.well-known/b"] {
        let ended = Command::new(env!("CARGO_BIN_EXE_at9068-test-issuer")).args(["--path", path]).output().unwrap();
        assert_eq!((ended.status.code(), ended.stdout.len()), (Some(1), 0), "{path}");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(said, "at9068-test-issuer: the path is none that an issuer can have here\n");
    }
}

#[test]
fn the_authority_is_gone_with_the_program() {
    let mut program = Program::start(&["--tls"]);
    let file = program.text("ca").to_owned();
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    drop(program.hang_up());
    assert!(program.child.wait().unwrap().success());
    assert!(!Path::new(&file).parent().unwrap().exists());
}

/// The texts between backticks on lines of the README's tables.
fn marked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn the_readme_is_right() {
    let readme = include_str!("../../README.md");
    let program = Program::start(&["--tls"]);
    let kinds = program.told("/", json!({"op": "kinds"}));
    for kind in kinds.as_object().unwrap().values().flat_map(|kinds| kinds.as_array().unwrap()) {
        assert!(readme.contains(&format!("`{}`", kind.as_str().unwrap())), "{kind}");
    }
    let (_, recipes) = readme.split_once("| fault | behaviour |").unwrap();
    let (recipes, _) = recipes.split_once("\n## ").unwrap();
    let mut count = 0;
    for recipe in recipes.lines().flat_map(marked).filter(|text| text.starts_with("{\"")) {
        let document = if recipe.contains("\"metadata\"") { "metadata" } else { "jwks" };
        let question = format!("{{\"op\":\"behave\",\"document\":\"{document}\",{}", &recipe[1..]);
        let (status, answer) = program.ask_text("/cases/readme", &question);
        assert_eq!(status, 200, "{recipe}: {answer}");
        count += 1;
    }
    assert_eq!(count, 21);
    let row = |start: &str| readme.lines().find(|line| line.starts_with(start)).unwrap();
    for name in program.announcement.as_object().unwrap().keys() {
        row(&format!("| `{name}` |"));
    }
}
