//! What it serves where it was told nothing else.

use std::io::Write as _;

use crate::common::{Answer, Case, ask, connect, converse, program, read_until_silence};
use serde_json::{Value, json};

fn mint(case: &Case<'_>) -> Value {
    case.ask(json!({"op": "mint"}))["token"].clone()
}

#[test]
fn documents_are_those_of_the_standards() {
    let case = program().case("documents");
    let (issuer, origin) = (case.issuer(), program().text("issuer"));
    assert_eq!(issuer, format!("{origin}/cases/documents"));
    let oauth = case.get("oauth");
    assert_eq!((oauth.status, oauth.field("Content-Type")), (200, Some("application/json")));
    let metadata = oauth.json();
    assert_eq!(metadata["issuer"], issuer);
    assert_eq!(metadata["jwks_uri"], format!("{issuer}/jwks"));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    let mut openid = case.get("openid").json();
    for required in ["subject_types_supported", "id_token_signing_alg_values_supported"] {
        assert!(openid.as_object_mut().unwrap().remove(required).unwrap().is_array());
    }
    assert_eq!(openid, metadata, "the two documents agree");

    let keys = case.get("jwks").json();
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], keys["keys"].as_array().unwrap().len()), (&"EC".into(), &"ES256".into(), 1));
    assert!(key["d"].is_null() && key["kid"].is_string());
    let told = case.ask(json!({"op": "issuer"}));
    for (name, document) in [("oauth", "oauth"), ("openid", "openid"), ("jwks", "jwks")] {
        assert_eq!(told[name], format!("{origin}{}", case.target(document)));
    }
}

#[test]
fn a_slash_at_the_end_is_of_the_identifier_only() {
    let case = program().case("slash");
    let plain = case.issuer();
    let told = case.ask(json!({"op": "issuer", "trailing_slash": true}));
    assert_eq!(told["issuer"], format!("{plain}/"));
    assert_eq!(told["jwks"], format!("{plain}/jwks"));
    assert_eq!(case.get("oauth").json()["issuer"], format!("{plain}/"));
    assert_eq!(case.verdict(&mint(&case)), Ok(()));
    case.ask(json!({"op": "reset"}));
    assert_eq!(case.issuer(), plain);
}

#[test]
fn caches_are_told_what_they_need() {
    let case = program().case("caching");
    let first = case.get("jwks");
    assert_eq!((first.field("Cache-Control"), first.field("Age")), (Some("max-age=300"), Some("0")));
    let date = httpdate::parse_http_date(first.field("Date").unwrap()).unwrap();
    assert!(date.elapsed().unwrap().as_secs() < 60);
    let tag = first.field("ETag").unwrap();
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = case.get_with("jwks", &format!("If-None-Match: {known}\r\n"));
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        assert_eq!((again.field("ETag"), again.field("Content-Length")), (Some(tag), None));
        assert_eq!(again.field("Cache-Control"), Some("max-age=300"));
    }
    assert_eq!(case.get_with("jwks", "If-None-Match: \"other\"\r\n").status, 200);
    case.ask(json!({"op": "keys", "generate": [{"key": "b"}], "publish": ["b"]}));
    let changed = case.get_with("jwks", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((changed.status, changed.json()["keys"].as_array().unwrap().len()), (200, 2));
    assert_ne!(changed.field("ETag"), Some(tag));
}

#[test]
fn a_connection_serves_until_it_is_asked_to_close() {
    let case = program().case("keep-alive");
    let target = case.target("jwks");
    let mut tcp = connect(program().text("issuer"));
    // The second request is sent before the first is answered.
    let twice = format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").repeat(2);
    tcp.write_all(twice.as_bytes()).unwrap();
    let once = case.octets("jwks").len() - "Connection: close\r\n".len();
    let octets = read_until_silence(&mut tcp, 2 * once);
    assert_eq!(std::str::from_utf8(&octets).unwrap().matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(octets.len(), 2 * once);
    assert_eq!(case.requests()["connections"], 2, "one for both, one for the comparison");
    assert_eq!(case.get("jwks").field("Connection"), Some("close"));
    let old = converse(program().text("issuer"), &format!("GET {target} HTTP/1.0\r\n\r\n"));
    assert_eq!(Answer::of(&old).status, 200, "and then it ends");
}

#[test]
fn only_documents_are_given_and_only_by_get() {
    let case = program().case("methods");
    let head = converse(
        program().text("issuer"),
        &format!("HEAD {} HTTP/1.1\r\nConnection: close\r\n\r\n", case.target("jwks")),
    );
    let head = Answer::of(&head);
    let length = case.get("jwks").body.len().to_string();
    assert_eq!((head.status, head.body.len(), head.field("Content-Length")), (200, 0, Some(length.as_str())));
    let post = format!("POST {} HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}", case.target("jwks"));
    let post = Answer::of(&converse(program().text("issuer"), &post));
    assert_eq!((post.status, post.field("Allow")), (405, Some("GET, HEAD")));
    for target in ["", "/", "/jwks/", "//jwks", "/.well-known/oauth-authorization-server", "/token"] {
        let request = format!("GET {}{target} HTTP/1.1\r\nConnection: close\r\n\r\n", case.path);
        assert_eq!(Answer::of(&converse(program().text("issuer"), &request)).status, 404, "{target}");
    }
    for well_known in ["openid-configuration", "oauth-authorization-server"] {
        // OpenID's is appended, and a slash at the end of the path was to be removed.
        let slash = if well_known.starts_with("oauth") { "/" } else { "" };
        let target = format!("/.well-known/{well_known}{}{slash}", case.path);
        let request = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
        assert_eq!(Answer::of(&converse(program().text("issuer"), &request)).status, 404, "{target}");
    }
    let seen = case.requests();
    assert_eq!(seen["documents"], json!({"oauth": 0, "openid": 0, "jwks": 3, "introspection": 0, "other": 8}));
}

#[test]
fn requests_are_told_in_full() {
    let case = program().case("requests");
    case.get_with("openid", "Accept: application/json\r\nX-Seen: yes\r\n");
    let elsewhere = program().text("elsewhere");
    converse(elsewhere, &format!("GET {}?x=1 HTTP/1.1\r\nConnection: close\r\n\r\n", case.target("jwks")));
    let seen = case.requests();
    let (first, second) = (&seen["requests"][0], &seen["requests"][1]);
    assert_eq!((&first["document"], &first["port"], &first["status"]), (&"openid".into(), &"main".into(), &200.into()));
    assert!(first["headers"].as_array().unwrap().contains(&json!(["X-Seen", "yes"])));
    assert_eq!((&second["document"], &second["port"]), (&"jwks".into(), &"elsewhere".into()));
    assert_eq!(second["target"], format!("{}?x=1", case.target("jwks")));
    assert_ne!(first["connection"], second["connection"]);
    assert_eq!(seen["connections"], 2);
    let before = seen["ports"]["elsewhere"]["connections"].as_u64().unwrap();
    drop(connect(elsewhere));
    while case.requests()["ports"]["elsewhere"]["connections"].as_u64().unwrap() == before {}
    case.ask(json!({"op": "reset", "only": "requests"}));
    assert_eq!(
        case.requests()["documents"],
        json!({"oauth": 0, "openid": 0, "jwks": 0, "introspection": 0, "other": 0})
    );
}

#[test]
fn cases_share_nothing() {
    let (one, other) = (program().case("one"), program().case("other"));
    let token = mint(&one);
    assert_eq!(one.verdict(&token), Ok(()));
    assert_eq!(other.verdict(&token), Err("issuer_unknown"));
    assert_ne!(one.get("jwks").json(), other.get("jwks").json());
    one.behave(json!({"status": 500}));
    assert_eq!((one.get("jwks").status, other.get("jwks").status), (500, 200));
    assert_eq!(other.requests()["documents"]["jwks"], 3);
    let (status, refused) = program().ask("/cases/a/b", &json!({"op": "issuer"}));
    assert_eq!((status, &refused["error"]), (400, &"there is no issuer at this path".into()));
}

/// Added, signed with, and the old one withdrawn in its time: nothing is ever lost.
#[test]
fn rotation_add_then_sign() {
    let case = program().case("rotation-add");
    let old = mint(&case);
    case.ask(json!({"op": "keys", "generate": [{"key": "b", "algorithm": "RS256"}], "publish": ["b"]}));
    assert_eq!((case.verdict(&old), case.verdict(&mint(&case))), (Ok(()), Ok(())));
    case.ask(json!({"op": "keys", "sign_with": "b"}));
    let new = mint(&case);
    assert_eq!((case.verdict(&old), case.verdict(&new)), (Ok(()), Ok(())));
    case.ask(json!({"op": "keys", "withdraw": ["first"]}));
    assert_eq!((case.verdict(&old), case.verdict(&new)), (Err("key_not_found"), Ok(())));
}

#[test]
fn rotation_sign_before_publish() {
    let case = program().case("rotation-early");
    case.ask(json!({"op": "keys", "generate": [{"key": "b"}], "sign_with": "b"}));
    let token = mint(&case);
    assert_eq!(case.verdict(&token), Err("key_not_found"));
    case.ask(json!({"op": "keys", "publish": ["b"]}));
    assert_eq!(case.verdict(&token), Ok(()));
}

#[test]
fn rotation_replace_all_and_remove_all() {
    let case = program().case("rotation-replace");
    let old = mint(&case);
    let change =
        json!({"op": "keys", "generate": [{"key": "b"}], "publish": ["b"], "withdraw": ["first"], "sign_with": "b"});
    case.ask(change);
    assert_eq!((case.verdict(&old), case.verdict(&mint(&case))), (Err("key_not_found"), Ok(())));
    let left = case.ask(json!({"op": "keys", "withdraw_all": true}));
    assert!(left["keys"].as_array().unwrap().iter().all(|key| key["published"] == false));
    assert_eq!(case.get("jwks").text(), "{\"keys\":[]}");
}

#[test]
fn rotation_same_kid_new_key() {
    let case = program().case("rotation-kid");
    let kid = |case: &Case<'_>| case.get("jwks").json()["keys"][0]["kid"].clone();
    let (old, before) = (mint(&case), kid(&case));
    case.ask(json!({"op": "keys", "replace": ["first"]}));
    assert_eq!(kid(&case), before);
    assert_eq!((case.verdict(&old), case.verdict(&mint(&case))), (Err("signature_invalid"), Ok(())));
}

#[test]
fn keys_are_changed_all_together_or_not_at_all() {
    let case = program().case("keys");
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "rfc8037", "alg": "EdDSA"});
    let answer = case.ask(json!({"op": "keys", "generate": [
        {"key": "rsa", "algorithm": "PS256", "bits": 3072, "kid": "a kid"}, {"key": "own", "jwk": jwk}]}));
    let [first, rsa, own] = answer["keys"].as_array().unwrap().as_slice() else { panic!("there are three keys") };
    assert_eq!((&first["published"], &first["signs"]), (&true.into(), &true.into()));
    let expected = (&"a kid".into(), &"PS256".into(), &false.into());
    assert_eq!((&rsa["kid"], &rsa["algorithm"], &rsa["published"]), expected);
    assert_eq!(rsa["jwk"]["n"].as_str().unwrap().len(), 512);
    assert_eq!((&own["kid"], &own["jwk"]["d"]), (&"rfc8037".into(), &Value::Null));
    for refused in [
        json!({"publish": ["rsa", "nobody"]}),
        json!({"publish": ["rsa"], "sign_with": "nobody"}),
        json!({"publish": ["rsa"], "generate": [{"key": "own"}]}),
        json!({"publish": ["rsa"], "generate": [{"key": "secret", "algorithm": "HS256"}]}),
        json!({"publish": ["rsa"], "generate": [{"key": "secret", "jwk": {"kty": "oct", "k": "AAAA"}}]}),
        json!({"publish": ["rsa"], "generate": [{"key": "d", "jwk": jwk, "kid": "d"}]}),
        json!({"publish": ["rsa"], "unknown": true}),
    ] {
        let mut question = refused.clone();
        question["op"] = "keys".into();
        assert_eq!(program().ask(&case.path, &question).0, 400, "{refused}");
        assert_eq!(case.ask(json!({"op": "keys"})), answer, "{refused}");
    }
}

#[test]
fn questions_are_read_strictly() {
    let case = program().case("questions");
    for (question, error) in [
        ("", "EOF while parsing"),
        ("[]", "invalid type"),
        ("{}", "op is missing"),
        ("{\"op\": \"other\"}", "op is none of"),
        ("{\"op\": \"requests\", \"x\": 1}", "x is unknown here"),
        ("{\"op\": \"reset\", \"only\": \"x\"}", "unknown variant"),
        ("{\"op\": \"behave\"}", "document is missing"),
        ("{\"op\": \"behave\", \"document\": \"jwks\", \"x\": 1}", "unknown field `x`"),
        ("{\"op\": \"behave\", \"document\": \"jwks\", \"times\": 0}", "times is at least 1"),
        ("{\"op\": \"behave\", \"document\": \"jwks\", \"metadata\": {\"issuer\": null}}", "metadata is of"),
        ("{\"op\": \"behave\", \"document\": \"all\", \"poison_before\": [\"oct\"]}", "keys and poison are of jwks"),
        (
            "{\"op\": \"behave\", \"document\": \"jwks\", \"hang\": \"in_body\", \"close\": \"in_body\"}",
            "hangs or closes",
        ),
        ("{\"op\": \"behave\", \"document\": \"jwks\", \"body_text\": \"\", \"body_json\": {}}", "there is one body"),
        ("{\"op\": \"behave\", \"document\": \"jwks\", \"endless\": true, \"framing\": \"length\"}", "endless"),
        ("{\"op\": \"behave\", \"document\": \"jwks\", \"raw_base64\": \"!\"}", "Invalid symbol"),
    ] {
        let (status, answer) = program().ask_text(&case.path, question);
        let said = answer["error"].as_str().unwrap();
        assert!(status == 400 && said.contains(error), "{question}: {said}");
    }
    let get = ask(program().text("control"), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    let get = Answer::of(&crate::common::read_all(&mut { get }));
    assert_eq!((get.status, &get.json()["error"]), (400, &"questions are sent by POST".into()));
}
