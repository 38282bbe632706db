//! What is said, where it is not what should be.

use std::io::Read as _;

use at9068::KeySet;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::common::{Answer, converse, program};

#[test]
fn every_status_and_what_goes_with_it() {
    let case = program().case("status");
    let good = case.get("jwks").body;
    for status in [100, 201, 301, 400, 401, 403, 404, 418, 429, 500, 502, 599] {
        case.behave(json!({"status": status}));
        let answer = case.get("jwks");
        assert_eq!(answer.status, status);
        if status != 100 {
            assert_eq!(answer.body, good, "who overlooks the status takes the keys");
        }
    }
    case.behave(json!({"status": 503, "headers": [["Retry-After", "120"]]}));
    let answer = case.get("jwks");
    assert_eq!((answer.status, answer.field("Retry-After")), (503, Some("120")));
    assert!(answer.head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    for status in [204, 304] {
        case.behave(json!({"status": status}));
        let answer = case.get("jwks");
        assert_eq!((answer.status, answer.body.len(), answer.field("Content-Length")), (status, 0, None));
    }
    assert_eq!(case.get("oauth").status, 200, "it was told of the key set only");
}

#[test]
fn header_fields_are_replaced_added_and_removed() {
    let case = program().case("headers");
    case.behave(json!({"headers": [
        ["cache-control", "max-age=1000000000000"], ["Cache-Control", "no-store"], ["AGE", "7"], ["ETag", null],
        ["Content-Type", "text/plain"], ["Set-Cookie", "a=b"], ["Link", "<{issuer}>"],
    ]}));
    let answer = case.get("jwks");
    assert_eq!(answer.all("Cache-Control"), ["max-age=1000000000000", "no-store"]);
    assert_eq!((answer.all("Age"), answer.all("ETag")), (vec!["7"], vec![]));
    assert_eq!((answer.all("Content-Type"), answer.all("Set-Cookie")), (vec!["text/plain"], vec!["a=b"]));
    assert_eq!(answer.all("Link"), [format!("<{}>", case.issuer())]);
    case.behave(json!({"headers": [["ETag", "\"mine\""]]}));
    assert_eq!(case.get_with("jwks", "If-None-Match: \"mine\"\r\n").status, 304);
    for (skew, before) in [(-86_400, true), (86_400, false)] {
        case.behave(json!({"date_skew_seconds": skew}));
        let date = httpdate::parse_http_date(case.get("jwks").field("Date").unwrap()).unwrap();
        let now = std::time::SystemTime::now();
        let off = if before { now.duration_since(date) } else { date.duration_since(now) }.unwrap().as_secs();
        assert!((86_300..86_500).contains(&off), "{off}");
    }
    for (skew, date) in [(i64::MIN, "Thu, 01 Jan 1970 00:00:00 GMT"), (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT")] {
        case.behave(json!({"date_skew_seconds": skew}));
        assert_eq!(case.get("jwks").field("Date"), Some(date));
    }
}

#[test]
fn a_behaviour_may_last_for_some_answers_and_be_followed_by_others() {
    let case = program().case("times");
    case.behave(json!({"status": 500, "times": 2}));
    case.behave(json!({"status": 404, "times": 1, "append": true}));
    assert_eq!([(); 4].map(|()| case.get("jwks").status), [500, 500, 404, 200]);
    case.behave(json!({"status": 500, "times": 2}));
    case.behave(json!({"status": 403}));
    assert_eq!([(); 3].map(|()| case.get("jwks").status), [403, 403, 403], "told anew");
    case.behave(json!({}));
    assert_eq!(case.get("jwks").status, 200);
    case.behave_of("metadata", json!({"status": 500, "times": 1}));
    let statuses = ["oauth", "openid", "oauth", "openid"].map(|document| case.get(document).status);
    assert_eq!(statuses, [500, 500, 200, 200], "each document counts for itself");
    case.behave_of("all", json!({"status": 500}));
    let keys = case.ask(json!({"op": "keys"}));
    case.ask(json!({"op": "reset", "only": "behaviour"}));
    assert_eq!(["oauth", "openid", "jwks"].map(|document| case.get(document).status), [200; 3]);
    assert_eq!(case.ask(json!({"op": "keys"})), keys);
    case.behave(json!({"status": 500}));
    case.ask(json!({"op": "reset", "only": "keys"}));
    assert_ne!(case.ask(json!({"op": "keys"})), keys);
    assert_eq!(case.get("jwks").status, 500, "what was told still holds");
}

#[test]
fn redirects_lead_wherever_they_are_told_to() {
    let case = program().case("redirects");
    let (elsewhere, target) = (program().text("elsewhere"), case.target("jwks"));
    for (told, location) in [
        ("{elsewhere}{target}", format!("{elsewhere}{target}")),
        ("{target}", target.clone()),
        ("{plain}{path}/jwks", format!("{}{target}", program().text("plain"))),
        ("file:///etc/passwd", "file:///etc/passwd".to_owned()),
        ("//{host}@evil.example/", format!("//{}@evil.example/", &program().text("issuer")[7..])),
    ] {
        case.behave(json!({"redirect": told}));
        let answer = case.get("jwks");
        assert_eq!((answer.status, answer.field("Location")), (302, Some(location.as_str())), "{told}");
    }
    case.behave(json!({"redirect": "{target}", "status": 308}));
    assert_eq!(case.get("jwks").status, 308);
    let etag = case.get("jwks").field("ETag").unwrap().to_owned();
    case.behave(json!({"redirect": "{target}"}));
    assert_eq!(case.get_with("jwks", &format!("If-None-Match: {etag}\r\n")).status, 302);
}

#[test]
fn metadata_names_whatever_it_is_told_to_name() {
    let case = program().case("metadata");
    let good = case.get("oauth").json();
    let host = good["issuer"].as_str().unwrap()["http://".len()..].split('/').next().unwrap().to_owned();
    for (told, name, value) in [
        (json!({"issuer": "https://evil.example"}), "issuer", json!("https://evil.example")),
        (json!({"issuer": "{issuer}/"}), "issuer", json!(format!("{}/", case.issuer()))),
        (json!({"issuer": 5}), "issuer", json!(5)),
        (json!({"jwks_uri": null}), "jwks_uri", Value::Null),
        (
            json!({"jwks_uri": "http://u:p@{host}{path}/jwks"}),
            "jwks_uri",
            json!(format!("http://u:p@{host}/cases/metadata/jwks")),
        ),
        (json!({"jwks_uri": "http://10.0.0.1/"}), "jwks_uri", json!("http://10.0.0.1/")),
    ] {
        case.behave_of("openid", json!({"metadata": told}));
        let metadata = case.get("openid").json();
        assert_eq!(metadata[name], value, "{told}");
        assert_eq!(case.get("oauth").json(), good, "the other document disagrees");
    }
}

#[test]
fn keys_stand_among_any_number_of_others() {
    let case = program().case("many");
    let own = case.get("jwks").json()["keys"][0]["kid"].clone();
    for (before, after) in [(0, 299), (299, 0), (60_000, 40_000)] {
        case.behave(json!({"keys_before": before, "keys_after": after}));
        let set = case.get("jwks").json();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!((keys.len(), &keys[before]["kid"]), (before + after + 1, &own));
    }
    case.behave(json!({"keys_before": 299}));
    let set = KeySet::from_json(case.get("jwks").text()).unwrap();
    assert_eq!((set.len(), set.skipped().len()), (300, 0), "each of them is a good key");
    let kids: std::collections::HashSet<_> = set.kids().collect();
    assert_eq!(kids.len(), 300);
}

/// What the core finds wrong with each entry; `None` where it uses it.
const POISON: [(&str, Option<&str>); 22] = [
    ("not_an_object", Some("key_malformed")),
    ("null", Some("key_malformed")),
    ("empty", Some("key_malformed")),
    ("no_kty", Some("key_malformed")),
    ("unknown_kty", Some("key_unsupported")),
    ("unknown_crv", Some("key_unsupported")),
    ("off_curve", Some("key_malformed")),
    ("zero_point", Some("key_malformed")),
    ("short_coordinate", Some("key_malformed")),
    ("bad_base64", Some("key_malformed")),
    ("small_rsa", Some("key_too_weak")),
    ("rsa_exponent_one", Some("key_malformed")),
    ("oct", None),
    ("private_members", None),
    ("x25519", Some("key_unsupported")),
    ("use_enc", Some("key_mismatch")),
    ("key_ops", Some("key_mismatch")),
    ("wrong_alg", Some("key_mismatch")),
    ("alg_none", Some("key_mismatch")),
    ("wrong_types", Some("key_malformed")),
    ("duplicate_member", None),
    ("duplicate_kid", None),
];

#[test]
fn poisoned_entries_are_what_they_are_called() {
    let case = program().case("poison");
    let listed: Vec<&str> = POISON.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(case.ask(json!({"op": "kinds"}))["poison"], json!(listed));
    let own = case.get("jwks").json()["keys"][0].clone();
    for (kind, code) in POISON {
        case.behave(json!({"poison_before": [kind]}));
        let text = case.get("jwks").text().to_owned();
        if kind == "duplicate_member" {
            assert_eq!(text.matches("\"kty\":\"EC\"").count(), 3, "two in it, one in the good one");
            assert!(KeySet::from_json(&text).is_err(), "for a strict reader the whole set is none");
            continue;
        }
        let set = KeySet::from_json(&text).unwrap();
        let skipped: Vec<_> = set.skipped().iter().map(|entry| (entry.index, entry.code.slug())).collect();
        assert_eq!(skipped, code.map(|code| (0, code)).into_iter().collect::<Vec<_>>(), "{kind}");
        assert_eq!(set.len(), 2 - skipped.len(), "{kind}");
        let entries = &serde_json::from_str::<Value>(&text).unwrap()["keys"];
        assert_eq!(entries[1], own, "{kind}: the good one stands behind it");
        let kid = &entries[0]["kid"];
        match kind {
            "duplicate_kid" => assert_eq!(*kid, own["kid"]),
            "not_an_object" | "null" | "empty" | "wrong_types" => assert!(!kid.is_string()),
            _ => assert_eq!(*kid, format!("poison-{kind}")),
        }
        let d = entries[0]["d"].as_str();
        assert_eq!(d.is_some(), kind == "private_members", "{kind}");
    }
    case.behave(json!({"poison_before": ["oct"], "keys_before": 1, "poison_after": ["null"], "keys_after": 1}));
    let set = case.get("jwks").json();
    let kids: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, [json!("other-0"), json!("poison-oct"), own["kid"].clone(), Value::Null, json!("other-1")]);
}

#[test]
fn the_private_half_that_is_published_is_the_true_one() {
    let case = program().case("private");
    case.behave(json!({"poison_before": ["private_members"]}));
    let mut private = case.get("jwks").json()["keys"][0].clone();
    let key = at9068::SigningKey::from_jwk(&private.to_string()).unwrap();
    private.as_object_mut().unwrap().remove("d");
    assert_eq!(serde_json::from_str::<Value>(&key.public_jwk().unwrap()).unwrap(), private);
}

#[test]
fn any_body_stands_in_the_place_of_the_document() {
    let case = program().case("bodies");
    for text in ["{\"keys\":null}", "{\"keys\":{}}", "{}", "{\"keys\": \"x\"}", "{\"keys\":[],\"keys\":[1e2]}", "[]"] {
        let question = format!("{{\"op\": \"behave\", \"document\": \"jwks\", \"body_json\": {text}}}");
        assert_eq!(program().ask_text(&case.path, &question).0, 200);
        let answer = case.get("jwks");
        assert_eq!((answer.text(), answer.field("Content-Type")), (text, Some("application/json")));
    }
    for text in ["", "null", "{\"keys\":[", "\u{feff}", "<html>"] {
        case.behave(json!({"body_text": text}));
        assert_eq!(case.get("jwks").text(), text);
    }
    let octets = [0xff, 0, 0xc0, 0x80];
    case.behave(json!({"body_base64": STANDARD.encode(octets)}));
    assert_eq!(case.get("jwks").body, octets);
    case.behave(json!({"captive_portal": true}));
    let portal = case.get("jwks");
    assert_eq!((portal.status, portal.field("Content-Type")), (200, Some("text/html")));
    assert!(portal.text().starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_document_may_be_dressed_up() {
    let case = program().case("dressed");
    let good = case.get("jwks").body;
    case.behave(json!({"bom": true}));
    assert_eq!(case.get("jwks").body, [b"\xef\xbb\xbf", good.as_slice()].concat());
    case.behave(json!({"pad_bytes": 100_000}));
    assert_eq!(case.get("jwks").body, [good.as_slice(), &[b' '; 100_000]].concat());
    case.behave(json!({"repeat_member": "keys"}));
    let text = case.get("jwks").text().to_owned();
    assert_eq!(text.matches("\"keys\":[").count(), 2);
    assert_eq!(
        serde_json::from_slice::<Value>(text.as_bytes()).unwrap(),
        serde_json::from_slice::<Value>(&good).unwrap()
    );
    case.behave_of("oauth", json!({"repeat_member": "issuer"}));
    assert_eq!(case.get("oauth").text().matches("\"issuer\":").count(), 2);
}

#[test]
fn compressed_documents_and_bombs() {
    let case = program().case("gzip");
    let good = case.get("jwks").body;
    case.behave(json!({"gzip": true}));
    let answer = case.get("jwks");
    assert_eq!(answer.field("Content-Encoding"), Some("gzip"), "though nobody asked for it");
    let mut inflated = Vec::new();
    GzDecoder::new(answer.body.as_slice()).read_to_end(&mut inflated).unwrap();
    assert_eq!(inflated, good);
    case.behave(json!({"gzip": true, "pad_bytes": 64 << 20, "headers": [["Content-Encoding", null]]}));
    let bomb = case.get("jwks");
    assert!(bomb.body.len() < 1 << 20 && bomb.field("Content-Encoding").is_none());
    let size = std::io::copy(&mut GzDecoder::new(bomb.body.as_slice()), &mut std::io::sink()).unwrap();
    assert_eq!(size, good.len() as u64 + (64 << 20));
}

#[test]
fn every_port_serves_every_issuer_under_its_own_name() {
    let case = program().case("ports");
    for port in ["elsewhere", "plain"] {
        let origin = program().text(port);
        let request = format!("GET {} HTTP/1.1\r\nConnection: close\r\n\r\n", case.target("oauth"));
        let metadata = Answer::of(&converse(origin, &request)).json();
        assert_eq!(metadata["issuer"], format!("{origin}{}", case.path));
    }
    assert_eq!(case.requests()["documents"]["oauth"], 2, "and they are one issuer's");
}
