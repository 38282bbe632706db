//! How an answer is sent, octet by octet.

use std::io::{self, Read as _};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::common::{Answer, NEVER, ask, connect, program, read_all, read_some, read_until_silence};

/// The chunks of a body put together, as a strict reader does it.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n").unwrap();
        let line = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(line.split(';').next().unwrap(), 16).unwrap();
        whole.extend(&body[end + 2..end + 2 + size]);
        assert_eq!(&body[end + 2 + size..end + 4 + size], b"\r\n");
        body = &body[end + 4 + size..];
        if size == 0 {
            assert_eq!(body, b"", "nothing follows the last chunk");
            return whole;
        }
    }
}

#[test]
fn it_hangs_where_it_is_told_to() {
    let case = program().case("hang");
    let octets = case.octets("jwks");
    let whole = Answer::of(&octets);
    let (head, half) = (octets.len() - whole.body.len(), whole.body.len() / 2);
    for (point, at_least) in [("before_head", 0), ("in_head", 1), ("after_head", head), ("in_body", head + half)] {
        case.behave(json!({"hang": point}));
        let said = read_until_silence(&mut case.open("jwks"), at_least);
        let text = std::str::from_utf8(&said).unwrap();
        match point {
            "before_head" => assert_eq!(text, ""),
            "in_head" => assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && !text.contains("\r\n\r\n")),
            _ => {
                assert_eq!(said.len(), at_least);
                let answer = Answer::of(&said);
                assert_eq!(answer.field("Content-Length"), whole.field("Content-Length"));
                assert!(whole.body.starts_with(&answer.body));
            }
        }
    }
}

#[test]
fn it_closes_where_it_is_told_to() {
    let case = program().case("close");
    let whole = Answer::of(&case.octets("jwks"));
    case.behave(json!({"close": "before_head"}));
    assert_eq!(case.octets("jwks"), b"");
    case.behave(json!({"close": "in_head"}));
    let text = String::from_utf8(case.octets("jwks")).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && !text.contains("\r\n\r\n"));
    case.behave(json!({"close": "after_head"}));
    let answer = case.get("jwks");
    assert_eq!((answer.body.len(), answer.field("Content-Length")), (0, whole.field("Content-Length")));
    case.behave(json!({"close": "in_body"}));
    let answer = case.get("jwks");
    assert_eq!(answer.field("Content-Length"), whole.field("Content-Length"), "more was promised");
    assert_eq!(answer.body, &whole.body[..whole.body.len() / 2]);
    case.behave(json!({"close": "in_body", "framing": "chunked"}));
    let answer = case.get("jwks");
    let promised = format!("{:x}\r\n", whole.body.len());
    assert_eq!(answer.body, [promised.as_bytes(), &whole.body[..whole.body.len() / 2]].concat());
    let statuses: Vec<_> =
        case.requests()["requests"].as_array().unwrap().iter().map(|r| r["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(200), None, Some(200), Some(200), Some(200), Some(200)]);
}

#[test]
fn it_is_late() {
    let case = program().case("delay");
    case.behave(json!({"delay_ms": 1000}));
    let begun = Instant::now();
    let mut tcp = case.open("jwks");
    read_some(&mut tcp, 1);
    assert!(begun.elapsed() >= Duration::from_secs(1), "nothing comes before");
    read_all(&mut tcp);
}

#[test]
fn it_drips() {
    let case = program().case("drip");
    let time = |part: &str, rate: u32| {
        case.behave(json!({"body_text": "x".repeat(30), "drip": {"octets_per_second": rate, "part": part}}));
        let begun = Instant::now();
        let octets = case.octets("jwks");
        (begun.elapsed().as_secs_f64(), octets)
    };
    let (whole, octets) = time("all", 400);
    let length = f64::from(u32::try_from(octets.len()).unwrap());
    assert!(whole >= length / 400.0, "{whole} s for {length} octets");
    let (head, same) = time("head", 400);
    assert!(head >= (length - 30.0) / 400.0, "{head} s");
    let (body, _) = time("body", 30);
    assert!(body >= 1.0, "{body} s");
    assert_eq!(octets.len(), same.len(), "what is said stays the same");

    // One by one.
    case.behave(json!({"body_text": "x".repeat(30), "drip": {"octets_per_second": 1}}));
    let begun = Instant::now();
    let head = octets.len() - 30;
    read_some(&mut case.open("jwks"), head + 3);
    assert!(begun.elapsed() >= Duration::from_secs(2), "the third octet comes two seconds after the first");
}

#[test]
fn it_frames_bodies_in_every_way() {
    let case = program().case("framing");
    let good = case.get("jwks").body;
    case.behave(json!({"framing": "chunked"}));
    let chunked = case.get("jwks");
    assert_eq!((chunked.field("Transfer-Encoding"), chunked.field("Content-Length")), (Some("chunked"), None));
    assert_eq!(unchunked(&chunked.body), good);
    case.behave(json!({"framing": "chunked", "pad_bytes": 40_000}));
    assert_eq!(unchunked(&case.get("jwks").body).len(), good.len() + 40_000);
    case.behave(json!({"framing": "close"}));
    let target = case.target("jwks");
    let persistent = ask(program().text("issuer"), &format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n"));
    let closed = Answer::of(&read_all(&mut { persistent }));
    assert_eq!((closed.field("Transfer-Encoding"), closed.field("Content-Length")), (None, None));
    assert_eq!((closed.field("Connection"), &closed.body), (Some("close"), &good));
    for (headers, length) in [
        (json!([["Content-Length", "-1"]]), vec!["-1"]),
        (json!([["Content-Length", "18446744073709551617"]]), vec!["18446744073709551617"]),
        (json!([["Content-Length", "1"], ["Content-Length", "2"]]), vec!["1", "2"]),
        (json!([["Content-Length", null]]), vec![]),
    ] {
        case.behave(json!({"headers": headers}));
        let answer = case.get("jwks");
        assert_eq!((answer.all("Content-Length"), &answer.body), (length, &good), "the body is sent whole");
    }
    case.behave(json!({"headers": [["Transfer-Encoding", "chunked"]]}));
    let both = case.get("jwks");
    assert_eq!((both.all("Transfer-Encoding"), both.all("Content-Length").len()), (vec!["chunked"], 1));
}

#[test]
fn it_abuses_chunks() {
    let case = program().case("chunks");
    let body = case.get("jwks").body;
    let (text, size) = (String::from_utf8(body.clone()).unwrap(), format!("{:x}", body.len()));
    let rest = format!("\r\n{text}\r\n0\r\n\r\n");
    let octets = |from: fn(char) -> String| text.chars().map(from).collect::<String>();
    let expected = [
        ("one_octet", octets(|octet| format!("1\r\n{octet}\r\n")) + "0\r\n\r\n"),
        ("huge_size", format!("ffffffffffffffff{rest}")),
        ("overflow", format!("1{:016x}{rest}", body.len())),
        ("negative", format!("-{size}{rest}")),
        ("not_hex", format!("size{rest}")),
        ("hex_prefix", format!("0x{size}{rest}")),
        ("empty_size", rest.clone()),
        ("extensions", octets(|octet| format!("1;x={}\r\n{octet}\r\n", "x".repeat(1024))) + "0\r\n\r\n"),
        ("endless_extension", format!("{size};x=x")),
        ("missing_crlf", format!("{size}\r\n{text}0\r\n\r\n")),
        ("bare_lf", format!("{size}\n{text}\n0\n\n")),
        ("no_last_chunk", format!("{size}\r\n{text}\r\n")),
        ("endless_trailers", format!("{size}\r\n{text}\r\n0\r\nX-Trailer-0: x\r\nX-Trailer-1: x\r\n")),
    ];
    let names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(case.ask(json!({"op": "kinds"}))["chunk_abuse"], json!(names));
    for (name, sent) in expected {
        case.behave(json!({"chunk_abuse": name}));
        if name.starts_with("endless") {
            let octets = read_some(&mut case.open("jwks"), 4 << 20);
            assert!(Answer::of(&octets).body.starts_with(sent.as_bytes()), "{name}");
        } else {
            let answer = case.get("jwks");
            assert_eq!((answer.field("Transfer-Encoding"), answer.text()), (Some("chunked"), sent.as_str()), "{name}");
        }
    }
}

#[test]
fn it_says_things_beforehand() {
    let case = program().case("interim");
    let good = case.octets("jwks").len();
    case.behave(json!({"interim": {"count": 3}}));
    let octets = case.octets("jwks");
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(3);
    assert!(octets.starts_with(interim.as_bytes()));
    assert_eq!(octets.len(), good + interim.len());
    assert_eq!(Answer::of(&octets[interim.len()..]).status, 200);
    case.behave(json!({"interim": {"count": u64::MAX, "status": 103}}));
    let flood = read_some(&mut case.open("jwks"), 4 << 20);
    assert!(flood.starts_with("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100).as_bytes()));
    assert!(!String::from_utf8(flood).unwrap().contains("200 OK"));
}

#[test]
fn it_sends_header_bombs() {
    let case = program().case("bomb");
    let good = case.get("jwks").body;
    case.behave(json!({"header_bomb": {"fields": 5000, "octets": 1}}));
    let many = case.get("jwks");
    assert_eq!((many.head.lines().count() > 5000, many.field("X-Bomb-4999")), (true, Some("x")));
    assert_eq!(many.body, good);
    case.behave(json!({"header_bomb": {"fields": 1, "octets": 1_000_000}}));
    assert_eq!(case.get("jwks").field("X-Bomb-0").unwrap().len(), 1_000_000);
    case.behave(json!({"header_bomb": {"fields": u64::MAX, "octets": 100}}));
    let endless = read_some(&mut case.open("jwks"), 4 << 20);
    assert!(!endless.windows(4).any(|window| window == b"\r\n\r\n"), "the head does not end");
}

#[test]
fn it_never_ends() {
    let case = program().case("endless");
    let good = case.get("jwks").body;
    case.behave(json!({"endless": true, "framing": "close"}));
    let octets = read_some(&mut case.open("jwks"), 8 << 20);
    let answer = Answer::of(&octets);
    assert!(answer.body.starts_with(&good) && answer.body[good.len()..].iter().all(|octet| *octet == b' '));
    case.behave(json!({"endless": true}));
    let chunked = Answer::of(&read_some(&mut case.open("jwks"), 8 << 20));
    assert_eq!(chunked.field("Transfer-Encoding"), Some("chunked"));
    assert!(chunked.text().starts_with(&format!("{:x}\r\n", good.len())) && chunked.text().contains("\r\n4000\r\n  "));
}

#[test]
fn it_sends_huge_bodies_declared_or_not() {
    let case = program().case("huge");
    let good = case.get("jwks").body.len() as u64;
    case.behave(json!({"pad_bytes": 1_u64 << 40}));
    let declared = Answer::of(&read_some(&mut case.open("jwks"), 1 << 20));
    assert_eq!(declared.field("Content-Length"), Some((good + (1 << 40)).to_string().as_str()));
    for framing in ["chunked", "close"] {
        case.behave(json!({"pad_bytes": 32 << 20, "framing": framing}));
        let answer = case.get("jwks");
        assert!(answer.field("Content-Length").is_none() && answer.body.len() > 32 << 20);
    }
}

#[test]
fn it_sends_any_octets_at_all() {
    let case = program().case("raw");
    let raw = b"HTTP/9.9 two hundred\n\n\xff\0";
    case.behave(json!({"raw_base64": STANDARD.encode(raw)}));
    assert_eq!(case.octets("jwks"), raw);
}

#[test]
fn it_serves_others_while_some_hang() {
    let case = program().case("crowd");
    case.behave(json!({"hang": "before_head", "times": 200}));
    let mut hanging: Vec<_> = (0..200).map(|_| case.open("jwks")).collect();
    while case.requests()["documents"]["jwks"].as_u64().unwrap() < 200 {}
    assert_eq!(case.get("jwks").status, 200);
    for tcp in &mut hanging {
        tcp.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        assert_eq!(tcp.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
    assert_eq!(case.requests()["connections"], 201);
}

#[test]
fn a_client_that_leaves_early_harms_nobody() {
    let case = program().case("leaver");
    let before = |case: &crate::common::Case<'_>| case.requests()["ports"]["main"]["given_up"].as_u64().unwrap();
    let count = before(&case);
    drop(connect(program().text("issuer")));
    drop(ask(program().text("issuer"), "GET /ca"));
    drop(ask(program().text("issuer"), "no HTTP at all\r\n\r\n"));
    while before(&case) < count + 3 {}
    case.behave(json!({"pad_bytes": 1_u64 << 40, "times": 1}));
    read_some(&mut case.open("jwks"), 100);
    std::thread::sleep(NEVER);
    assert_eq!(case.get("jwks").status, 200);
}
