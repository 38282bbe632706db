//! The program under test, and clients that see every octet that it sends.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use at9068::{KeySet, ValidateOptions, Validator, ValidatorConfig};
use serde_json::{Value, json};

/// Longer than anything that is to come at once, shorter than anybody waits.
pub(crate) const SOON: Duration = Duration::from_secs(20);
/// So long nothing comes, where nothing comes at all.
pub(crate) const NEVER: Duration = Duration::from_millis(400);

/// The program, as it runs.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) announcement: Value,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_at9068-test-issuer"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, announcement: serde_json::from_str(&line).unwrap() }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.announcement[name].as_str().unwrap()
    }

    /// Closes its standard input.
    pub(crate) fn hang_up(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Asks at the control port.
    pub(crate) fn ask(&self, path: &str, question: &Value) -> (u16, Value) {
        self.ask_text(path, &question.to_string())
    }

    pub(crate) fn ask_text(&self, path: &str, question: &str) -> (u16, Value) {
        let length = question.len();
        let request =
            format!("POST {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{question}");
        let answer = Answer::of(&converse(self.text("control"), &request));
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// The answer to a question that must have one.
    pub(crate) fn told(&self, path: &str, question: Value) -> Value {
        let (status, answer) = self.ask(path, &question);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// An issuer of its own.
    pub(crate) fn case(&self, name: &str) -> Case<'_> {
        Case { program: self, path: format!("/cases/{name}") }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.hang_up());
        self.child.wait().unwrap();
    }
}

/// One program for all tests of a file. It ends with the tests, when its standard input does.
pub(crate) fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| Program::start(&[]))
}

/// An issuer.
pub(crate) struct Case<'a> {
    pub(crate) program: &'a Program,
    pub(crate) path: String,
}

impl Case<'_> {
    pub(crate) fn ask(&self, question: Value) -> Value {
        self.program.told(&self.path, question)
    }

    /// Tells how the key set is to be answered.
    pub(crate) fn behave(&self, behaviour: Value) {
        self.behave_of("jwks", behaviour);
    }

    pub(crate) fn behave_of(&self, document: &str, mut behaviour: Value) {
        behaviour["op"] = "behave".into();
        behaviour["document"] = document.into();
        self.ask(behaviour);
    }

    pub(crate) fn target(&self, document: &str) -> String {
        match document {
            "oauth" => format!("/.well-known/oauth-authorization-server{}", self.path),
            "openid" => format!("{}/.well-known/openid-configuration", self.path),
            other => format!("{}/{other}", self.path),
        }
    }

    /// Connects and asks for a document; the answer is yet to be read.
    pub(crate) fn open(&self, document: &str) -> TcpStream {
        let request = format!("GET {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", self.target(document));
        ask(self.program.text("issuer"), &request)
    }

    /// All octets of the answer.
    pub(crate) fn octets(&self, document: &str) -> Vec<u8> {
        read_all(&mut self.open(document))
    }

    pub(crate) fn get(&self, document: &str) -> Answer {
        Answer::of(&self.octets(document))
    }

    pub(crate) fn get_with(&self, document: &str, fields: &str) -> Answer {
        let target = self.target(document);
        let request = format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{fields}\r\n");
        Answer::of(&converse(self.program.text("issuer"), &request))
    }

    pub(crate) fn issuer(&self) -> String {
        self.ask(json!({"op": "issuer"}))["issuer"].as_str().unwrap().to_owned()
    }

    /// What a validator thinks of a token, given the keys that are published now.
    pub(crate) fn verdict(&self, token: &Value) -> Result<(), &'static str> {
        let keys = KeySet::from_json(self.get("jwks").text()).unwrap();
        let config = ValidatorConfig::new(self.issuer(), "https://api.example/").keys(&keys);
        let judged = Validator::new(config).unwrap().validate(token.as_str().unwrap(), &ValidateOptions::default());
        judged.map(drop).map_err(|error| error.code().slug())
    }

    pub(crate) fn requests(&self) -> Value {
        self.ask(json!({"op": "requests"}))
    }
}

/// Connects to a URL's host and port.
pub(crate) fn connect(url: &str) -> TcpStream {
    let authority = url.split("://").nth(1).unwrap().split('/').next().unwrap();
    let tcp = TcpStream::connect(authority.replace("localhost", "127.0.0.1")).unwrap();
    tcp.set_read_timeout(Some(SOON)).unwrap();
    tcp
}

/// Sends a request; the answer is yet to be read.
pub(crate) fn ask(url: &str, request: &str) -> TcpStream {
    let mut tcp = connect(url);
    tcp.write_all(request.as_bytes()).unwrap();
    tcp
}

/// Sends a request and reads until the connection ends.
pub(crate) fn converse(url: &str, request: &str) -> Vec<u8> {
    read_all(&mut ask(url, request))
}

pub(crate) fn read_all(tcp: &mut TcpStream) -> Vec<u8> {
    let mut octets = Vec::new();
    tcp.read_to_end(&mut octets).unwrap();
    octets
}

/// So many octets, and what else comes until nothing comes any more, over a connection that does not end.
pub(crate) fn read_until_silence(tcp: &mut TcpStream, at_least: usize) -> Vec<u8> {
    let mut octets = read_some(tcp, at_least);
    tcp.set_read_timeout(Some(NEVER)).unwrap();
    let error = tcp.read_to_end(&mut octets).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "the connection is still there");
    octets
}

/// The first octets that come, of an answer that may have no end.
pub(crate) fn read_some(tcp: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut octets = vec![0; count];
    tcp.read_exact(&mut octets).unwrap();
    octets
}

/// An answer, taken apart where its head ends.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    /// As it was sent: chunks are not put together.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn of(octets: &[u8]) -> Self {
        let end = octets.windows(4).position(|window| window == b"\r\n\r\n").expect("there is no head");
        let head = String::from_utf8(octets[..end].to_vec()).unwrap();
        let status = head.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        Self { status, head, body: octets[end + 4..].to_vec() }
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
