use proptest::prelude::*;

use super::*;

/// Members in the order of the text.
fn members(read: &Object) -> Vec<(&str, Value<'_>)> {
    (0..).map_while(|place| Some((read.name_at(place)?, read.at(place)?))).collect()
}

fn object(text: &str) -> Result<Object, Fault> {
    Object::parse(text, Limits::TOKEN)
}

#[test]
fn members_keep_their_order_and_text() {
    let read = object(r#" {"a" : "x" , "b":[1, {"c":null}] ,"s\u0075b":"\ud83d\ude00", "n":-1.5e3 } "#).unwrap();
    let members: Vec<_> =
        members(&read).into_iter().map(|(name, value)| (name.to_owned(), value.text().to_owned())).collect();
    let expected = [("a", r#""x""#), ("b", r#"[1, {"c":null}]"#), ("sub", r#""\ud83d\ude00""#), ("n", "-1.5e3")];
    assert_eq!(members, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(read.string("a"), Some("x"));
    assert_eq!(read.string("sub"), Some("😀"));
    assert_eq!(read.string("b"), None);
    let inner: Vec<_> = read.get("b").unwrap().elements().unwrap().map(Value::kind).collect();
    assert_eq!(inner, [Kind::Number, Kind::Object]);
}

#[test]
fn duplicates_are_refused_at_any_depth_and_however_written() {
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"sub":1,"s\u0075b":2}"#,
        r#"{"x":{"a":1,"b":2,"a":3}}"#,
        r#"{"x":[{"a":{"b":1,"b":1}}]}"#,
        r#"{"":1,"":2}"#,
    ] {
        assert_eq!(object(text).err(), Some(Fault::Malformed), "{text}");
    }
    assert!(object(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#).is_ok());
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "{}}",
        "{} {}",
        "[]",
        "null",
        "1",
        r#""x""#,
        "{,}",
        r#"{"a":1,}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[,1]}"#,
        r#"{"a":[,]}"#,
        r#"{"a" 1}"#,
        r#"{"a"::1}"#,
        r#"{"a":}"#,
        "{a:1}",
        "{'a':1}",
        r#"{"a":01}"#,
        r#"{"a":+1}"#,
        r#"{"a":.5}"#,
        r#"{"a":1.}"#,
        r#"{"a":1e}"#,
        r#"{"a":-}"#,
        r#"{"a":NaN}"#,
        r#"{"a":Infinity}"#,
        r#"{"a":0x10}"#,
        r#"{"a":tru}"#,
        r#"{"a":True}"#,
        r#"{"a":1 /* */}"#,
        "{\"a\":\"\t\"}",
        "{\"a\":\"\0\"}",
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12"}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\ud800x"}"#,
        r#"{"a":"\ud800\u0041"}"#,
        r#"{"a":"\udc00"}"#,
        "\u{feff}{}",
        "{}\0",
        r#"{"a":[1}"#,
        r#"{"a":{]}"#,
        r#"{"a":[}"#,
        r#"{"a":1]"#,
    ] {
        assert_eq!(object(text).err(), Some(Fault::Malformed), "{text}");
    }
    for text in ["{}", " {\n}\r\t", r#"{"a":"\u0000\/\""}"#, r#"{"a":[],"b":{},"c":[[]]}"#, r#"{"a":-0.0E-0}"#] {
        assert!(object(text).is_ok(), "{text}");
    }
}

#[test]
fn bounds_hold() {
    let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(object(&nested(31)).is_ok());
    assert_eq!(object(&nested(32)).err(), Some(Fault::Malformed));
    assert_eq!(object(&nested(100_000)).err(), Some(Fault::Malformed));
    let wide = |count: usize| format!("{{{}}}", (0..count).map(|i| format!("\"{i}\":0")).collect::<Vec<_>>().join(","));
    assert!(object(&wide(256)).is_ok());
    assert_eq!(object(&wide(257)).err(), Some(Fault::TooLarge));
}

#[test]
fn what_is_written_is_read_again() {
    let text = "\u{0}\u{1f}\"\\\n\r\t\u{8}\u{c}é😀/";
    let mut out = String::new();
    write_string(text, &mut out);
    assert_eq!(Value::of_checked(&out).string().as_deref(), Some(text));
    assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
}

/// JSON-like texts: mostly right, often broken in small ways.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\u0061\"",
        "1",
        "-0",
        "1.5e3",
        "01",
        "true",
        "null",
        " ",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"x",
        "\\",
        "\n",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| format!("{{\"k\":{}}}", pieces.concat()))
}

proptest! {
    /// Whatever we accept, an independent reader accepts, and reads the same.
    #[test]
    fn never_reads_what_another_reader_refuses(text in nearly_json()) {
        if let Ok(read) = object(&text) {
            let other: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(members(&read).len(), other.len());
            for (name, value) in members(&read) {
                let again: serde_json::Value = serde_json::from_str(value.text()).unwrap();
                prop_assert_eq!(Some(&again), other.get(name));
            }
        }
    }

    #[test]
    fn never_panics(text in any::<String>()) {
        let _ = check(&text, Limits::TOKEN);
    }

    #[test]
    fn accepts_what_a_writer_writes(names in prop::collection::btree_set(".*", 0..20), number in any::<f64>()) {
        let map: serde_json::Map<_, _> = names.into_iter().map(|name| (name, serde_json::json!([number, {"x": number}]))).collect();
        let text = serde_json::to_string(&map).unwrap();
        let read = object(&text).unwrap();
        prop_assert_eq!(members(&read).len(), map.len());
    }
}

#[test]
fn names_that_begin_alike_are_told_apart() {
    let (long, longer) = ("n".repeat(300), "n".repeat(301));
    for (one, other) in [("abcdefg", "abcdefgh"), ("abcdefgh", "abcdefgi"), ("", "a"), (&long, &longer)] {
        let text = |second: &str| format!("{{\"{one}\":1,\"{second}\":2}}");
        assert!(Object::parse(text(other), Limits::TOKEN).is_ok());
        assert!(Object::parse(text(one), Limits::TOKEN).is_err(), "{one}");
    }
}
