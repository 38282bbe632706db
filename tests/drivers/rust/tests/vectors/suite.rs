//! The vector files, and the questions that they ask.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

type Texts = BTreeMap<String, Box<RawValue>>;

/// A vector file; the lists beside them have no cases.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    configs: Texts,
    #[serde(default)]
    count: usize,
    #[serde(default)]
    cases: Vec<Texts>,
}

/// One vector.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) op: String,
    pub(crate) expect: Map<String, Value>,
    /// What its question has beside `id` and `op`.
    question: String,
    /// What the question about the minted token has beside these and the token.
    crossing: String,
    /// Whether what is made is then validated.
    pub(crate) crosses: bool,
}

/// Every vector, in the order of the files.
pub(crate) fn cases() -> Vec<Case> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let file: File = read(&path);
        assert_eq!(file.count, file.cases.len(), "{}", path.display());
        cases.extend(file.cases.iter().map(|entry| Case::new(entry, &file.configs)));
    }
    assert!(cases.len() > 2000, "the vectors were not found");
    cases
}

/// The number of each code.
pub(crate) fn numbers() -> HashMap<String, u64> {
    read(&folder().join("codes.json"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

impl Case {
    fn new(entry: &Texts, configs: &Texts) -> Self {
        let (mut question, mut crossing) = (String::new(), String::new());
        for (name, raw) in entry {
            let config = || configs.get(&string(raw)).map(|text| product_json(text)).unwrap();
            match name.as_str() {
                "config" | "validator" => add(&mut question, name, &config()),
                "request" | "require" | "revocations" | "jwk" | "keys" => add(&mut question, name, &product_json(raw)),
                "token" | "token_b64" | "audience" | "before" | "jti" | "algorithms" => {
                    add(&mut question, name, raw.get());
                }
                "at" => {
                    add(&mut question, name, raw.get());
                    add(&mut crossing, name, raw.get());
                }
                "validate_config" => add(&mut crossing, "config", &config()),
                "validate_request" => add(&mut crossing, "request", raw.get()),
                "validate_require" => add(&mut crossing, "require", raw.get()),
                _ => {}
            }
        }
        let member = |name: &str| entry.get(name).unwrap();
        let expect = serde_json::from_str(member("expect").get()).unwrap();
        let crosses = entry.contains_key("validate_config");
        Self { id: string(member("id")), op: string(member("op")), expect, question, crossing, crosses }
    }

    pub(crate) fn expects_success(&self) -> bool {
        self.expect.get("ok") == Some(&Value::Bool(true))
    }

    /// The line that a driver is sent.
    pub(crate) fn question(&self) -> String {
        self.line(&self.op, &self.question)
    }

    /// The question how the verdict came about.
    pub(crate) fn explaining(&self) -> String {
        self.line("explain", &self.question)
    }

    /// The question whether the token that was minted is good.
    pub(crate) fn crossing(&self, token: &str) -> String {
        self.line(&self.validating(), &format!("{},\"token\":\"{token}\"", self.crossing))
    }

    /// What the token that was minted must be to a validator.
    pub(crate) fn as_validated(&self) -> Self {
        Self { op: self.validating(), ..self.clone() }
    }

    /// Whether the operation makes a token.
    pub(crate) fn mints(&self) -> bool {
        self.op.split('_').next() == Some("mint")
    }

    /// The operation that validates what a minting one makes.
    fn validating(&self) -> String {
        self.op.replacen("mint", "validate", 1)
    }

    fn line(&self, op: &str, members: &str) -> String {
        format!("{{\"id\":\"{}\",\"op\":\"{op}\"{members}}}", self.id)
    }
}

fn add(members: &mut String, name: &str, text: &str) {
    write!(members, ",\"{name}\":{text}").unwrap();
}

fn string(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap()
}

/// JSON of the product's own: a string is its text, anything else is sent in its compact spelling.
fn product_json(raw: &RawValue) -> String {
    if raw.get().starts_with('"') { string(raw) } else { compact(raw.get()) }
}

/// Leaves out the spaces between values.
fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keeps = |c: &char| {
        let is_blank = !quoted && c.is_ascii_whitespace();
        quoted ^= *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        !is_blank
    };
    json.chars().filter(keeps).collect()
}
