//! One issuer: its keys, what it was told, who asked it for what.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::behaviour::{Behaviour, Framing, Plan};
use crate::documents::{key_set, metadata};
use crate::fault::Fault;
use crate::http::{Request, field};
use crate::introspection::{Introspection, Said};
use crate::keys::Keys;
use crate::place::{Document, Place};
use crate::poison::Stranger;
use crate::reply::{Body, Reply};

/// How long documents may be kept unless something else is told.
const CACHE_CONTROL: &str = "max-age=300";
/// Requests beyond these are counted, but not told of.
const MOST_RECORDS: usize = 10_000;
/// The last second of the year 9999, beyond which HTTP has no dates.
const LAST_DATE: i64 = 253_402_300_799;
const PORTAL: &str = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head>\
                      <body><form action=\"/login\"><input name=\"room\"></form></body></html>";

/// An issuer.
pub(crate) struct Case {
    pub(crate) keys: Keys,
    pub(crate) trailing_slash: bool,
    /// Whether its identifier ended in a slash from the start.
    slash_at_first: bool,
    oauth: Plan,
    openid: Plan,
    jwks: Plan,
    asked: Plan,
    pub(crate) introspection: Introspection,
    log: Log,
}

/// Who asked for what.
#[derive(Default)]
struct Log {
    oauth: u64,
    openid: u64,
    jwks: u64,
    introspection: u64,
    other: u64,
    connections: HashSet<u64>,
    records: Vec<Value>,
}

/// Where a request came in.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    /// The name of the port.
    pub(crate) port: &'a str,
    /// The number of the connection, counted over all ports.
    pub(crate) connection: u64,
}

impl Case {
    pub(crate) fn new(trailing_slash: bool) -> Result<Self, Fault> {
        Ok(Self {
            keys: Keys::new()?,
            trailing_slash,
            slash_at_first: trailing_slash,
            oauth: Plan::default(),
            openid: Plan::default(),
            jwks: Plan::default(),
            asked: Plan::default(),
            introspection: Introspection::default(),
            log: Log::default(),
        })
    }

    /// Tells how the next answers are to differ from good ones.
    pub(crate) fn tell(&mut self, documents: &[Document], behaviour: Behaviour, append: bool) {
        let behaviour = Arc::new(behaviour);
        for document in documents {
            self.plan(*document).tell(Arc::clone(&behaviour), append);
        }
    }

    /// Makes it as new.
    pub(crate) fn reset(&mut self) -> Result<(), Fault> {
        *self = Self::new(self.slash_at_first)?;
        Ok(())
    }

    /// Forgets what was told.
    pub(crate) fn forget_behaviour(&mut self) {
        Document::ALL.into_iter().for_each(|document| *self.plan(document) = Plan::default());
    }

    /// Forgets who asked.
    pub(crate) fn forget_requests(&mut self) {
        self.log = Log::default();
    }

    /// Who asked for what.
    pub(crate) fn requests(&self) -> Value {
        let Log { oauth, openid, jwks, introspection, other, connections, records } = &self.log;
        json!({
            "documents":
                {"oauth": oauth, "openid": openid, "jwks": jwks, "introspection": introspection, "other": other},
            "connections": connections.len(),
            "requests": records,
        })
    }

    /// The answer to a request for a document, or for something else.
    pub(crate) fn answer(
        &mut self,
        document: Option<Document>,
        request: &Request,
        place: &Place<'_>,
        visit: Visit<'_>,
        stranger: &Stranger,
    ) -> Reply {
        let allowed: &[&str] = if document == Some(Document::Introspection) { &["POST"] } else { &["GET", "HEAD"] };
        let reply = match document {
            Some(document) if allowed.contains(&request.method.as_str()) => {
                let behaviour = self.plan(document).next();
                let said = match document {
                    Document::Jwks => Said::json(key_set(&self.keys, stranger, &behaviour)),
                    Document::Oauth | Document::Openid => Said::json(metadata(document, place, &behaviour)),
                    Document::Introspection => {
                        let said = self.introspection.answer(request, &self.keys, place, &behaviour);
                        said.unwrap_or_else(|fault| Said { status: 500, ..Said::json(fault.to_json().to_string()) })
                    }
                };
                let reusable = document != Document::Introspection;
                answer(said, reusable, behaviour, request, place)
            }
            Some(_) => Reply::bare(405, vec![field_of("Allow", allowed.join(", "))], request),
            None => Reply::bare(404, Vec::new(), request),
        };
        self.log.note(document, request, visit, reply.said());
        reply
    }

    fn plan(&mut self, document: Document) -> &mut Plan {
        match document {
            Document::Oauth => &mut self.oauth,
            Document::Openid => &mut self.openid,
            Document::Jwks => &mut self.jwks,
            Document::Introspection => &mut self.asked,
        }
    }
}

impl Log {
    fn note(&mut self, document: Option<Document>, request: &Request, visit: Visit<'_>, status: Option<u16>) {
        match document {
            Some(Document::Oauth) => self.oauth += 1,
            Some(Document::Openid) => self.openid += 1,
            Some(Document::Jwks) => self.jwks += 1,
            Some(Document::Introspection) => self.introspection += 1,
            None => self.other += 1,
        }
        self.connections.insert(visit.connection);
        if self.records.len() < MOST_RECORDS {
            self.records.push(json!({
                "document": document,
                "port": visit.port,
                "connection": visit.connection,
                "method": request.method,
                "target": request.target,
                "headers": request.fields,
                "body": String::from_utf8_lossy(&request.body),
                "status": status,
            }));
        }
    }
}

/// The answer with a document, as the behaviour wants it. `reusable` is whether it may be kept.
fn answer(said: Said, reusable: bool, behaviour: Arc<Behaviour>, request: &Request, place: &Place<'_>) -> Reply {
    let body = body(said.text, &behaviour);
    let told = |name: &str| behaviour.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let framing = behaviour.framing();
    let reframed = ["Content-Length", "Transfer-Encoding", "Connection"].into_iter().any(told);
    let reuse = request.keep_alive && framing != Framing::Close && behaviour.chunk_abuse.is_none() && !reframed;

    let mut fields = vec![
        field_of("Date", date(behaviour.date_skew_seconds)),
        field_of("Content-Type", if behaviour.captive_portal { "text/html" } else { said.content_type }),
        field_of("Cache-Control", if reusable { CACHE_CONTROL } else { "no-store" }),
        field_of("Age", "0"),
        field_of("ETag", entity_tag(&body)),
    ];
    fields.extend(behaviour.gzip.then(|| field_of("Content-Encoding", "gzip")));
    fields.extend(behaviour.redirect.as_ref().map(|target| field_of("Location", place.fill(target))));
    fields.retain(|(name, _)| !told(name));
    let given = behaviour.headers.iter();
    fields.extend(given.filter_map(|(name, value)| Some(field_of(name, place.fill(value.as_ref()?)))));

    let usual = if behaviour.redirect.is_some() { 302 } else { said.status };
    let unchanged = behaviour.status.is_none() && usual == 200 && is_known(request, &fields);
    let status = behaviour.status.unwrap_or(if unchanged { 304 } else { usual });
    let bodiless = matches!(status, 100..=199 | 204 | 304);
    match framing {
        _ if bodiless => {}
        Framing::Length if !told("Content-Length") => {
            fields.push(field_of("Content-Length", body.length().to_string()));
        }
        Framing::Chunked if !told("Transfer-Encoding") => fields.push(field_of("Transfer-Encoding", "chunked")),
        _ => {}
    }
    fields.extend((!reuse && !told("Connection")).then(|| field_of("Connection", "close")));
    let body = (!bodiless && request.method != "HEAD").then_some(body);
    Reply { status, fields, body, behaviour, reuse }
}

/// The document, or what stands in its place.
fn body(document: String, behaviour: &Behaviour) -> Body {
    let mut text = match (&behaviour.body_json, &behaviour.body_text) {
        (Some(raw), _) => raw.get().to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) if behaviour.captive_portal => PORTAL.to_owned(),
        (None, None) => document,
    };
    if let Some(name) = &behaviour.repeat_member {
        repeat(&mut text, name);
    }
    let mut octets = behaviour.body_base64.as_ref().map_or_else(|| text.into_bytes(), |octets| octets.0.clone());
    if behaviour.bom {
        octets.splice(..0, *b"\xef\xbb\xbf");
    }
    let spaces = if behaviour.endless { u64::MAX } else { behaviour.pad_bytes };
    if !behaviour.gzip {
        return Body { octets, spaces };
    }
    Body { octets: compressed(&octets, spaces).unwrap_or_default(), spaces: 0 }
}

/// Makes a member of an object stand there twice.
fn repeat(text: &mut String, name: &str) {
    let object: Value = serde_json::from_str(text).unwrap_or_default();
    if let (Some(value), true) = (object.get(name), text.starts_with('{')) {
        text.insert_str(1, &format!("{}:{value},", Value::from(name)));
    }
}

fn compressed(octets: &[u8], spaces: u64) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(octets)?;
    io::copy(&mut io::repeat(b' ').take(spaces), &mut encoder)?;
    encoder.finish()
}

/// Whether the client already has what it would be given (RFC 9110 §13.1.2).
fn is_known(request: &Request, fields: &[(String, String)]) -> bool {
    let Some(current) = field(fields, "etag") else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let mut given = request.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("if-none-match"));
    given.any(|(_, value)| value.trim() == "*" || value.split(',').any(|tag| opaque(tag) == opaque(current)))
}

fn entity_tag(body: &Body) -> String {
    let mut hasher = DefaultHasher::new();
    (&body.octets, body.spaces).hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// The time now as HTTP writes it, so many seconds off.
fn date(skew_seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let shifted = i64::try_from(now).unwrap_or(LAST_DATE).saturating_add(skew_seconds).clamp(0, LAST_DATE);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(shifted.unsigned_abs()))
}

fn field_of(name: impl Into<String>, value: impl Into<String>) -> (String, String) {
    (name.into(), value.into())
}
