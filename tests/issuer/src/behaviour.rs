//! How an answer differs from a good one, as it is told over the control port.

use std::collections::VecDeque;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::place::Document;
use crate::poison::Poison;

/// Everything that may be wrong with an answer; by default nothing is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// How many answers are given so.
    pub(crate) times: Option<u64>,

    // What is said.
    pub(crate) status: Option<u16>,
    /// Header fields in the place of those of the same name; null only removes.
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) date_skew_seconds: i64,
    pub(crate) redirect: Option<String>,
    /// Members of metadata that are replaced, or removed where they are null.
    pub(crate) metadata: Map<String, Value>,
    /// So many other keys stand before and after the issuer's own.
    pub(crate) keys_before: u32,
    pub(crate) keys_after: u32,
    pub(crate) poison_before: Vec<Poison>,
    pub(crate) poison_after: Vec<Poison>,
    /// Members of what is said of a token that are replaced, or removed where they are null.
    pub(crate) answer: Map<String, Value>,
    /// The same of the claims of a signed answer, and of its header.
    pub(crate) response: Map<String, Value>,
    pub(crate) response_header: Map<String, Value>,
    /// The name of the key that signs answers, under the `kid` of the issuer's own.
    pub(crate) sign_with: Option<String>,
    /// Whether answers are not signed although that was asked for.
    pub(crate) plain: bool,
    pub(crate) body_json: Option<Box<RawValue>>,
    pub(crate) body_text: Option<String>,
    pub(crate) body_base64: Option<Octets>,
    pub(crate) captive_portal: bool,
    /// The name of a member that stands there twice.
    pub(crate) repeat_member: Option<String>,
    pub(crate) bom: bool,
    /// So many spaces follow the document.
    pub(crate) pad_bytes: u64,
    pub(crate) gzip: bool,
    /// Spaces without end follow the document.
    pub(crate) endless: bool,

    // How it is sent.
    pub(crate) framing: Option<Framing>,
    pub(crate) chunk_abuse: Option<ChunkAbuse>,
    pub(crate) interim: Option<Interim>,
    pub(crate) header_bomb: Option<HeaderBomb>,
    pub(crate) delay_ms: u64,
    pub(crate) drip: Option<Drip>,
    pub(crate) hang: Option<Point>,
    pub(crate) close: Option<Point>,
    /// These octets are the whole answer.
    pub(crate) raw_base64: Option<Octets>,
}

/// Any octets, told in base64.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Octets(pub(crate) Vec<u8>);

impl TryFrom<String> for Octets {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Framing {
    /// By its declared length.
    Length,
    /// By the last chunk.
    Chunked,
    /// By the end of the connection.
    Close,
}

/// What is wrong with chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChunkAbuse {
    /// Nothing, but every octet is a chunk.
    OneOctet,
    /// A chunk of 2^64 - 1 octets is announced.
    HugeSize,
    /// The size is right only to those who count modulo 2^64.
    Overflow,
    Negative,
    NotHex,
    HexPrefix,
    EmptySize,
    /// Every octet is a chunk with an extension of 1 KiB.
    Extensions,
    EndlessExtension,
    /// Nothing stands between a chunk and the next size.
    MissingCrlf,
    BareLf,
    NoLastChunk,
    EndlessTrailers,
}

impl ChunkAbuse {
    /// Every kind.
    pub(crate) const ALL: [Self; 13] = [
        Self::OneOctet,
        Self::HugeSize,
        Self::Overflow,
        Self::Negative,
        Self::NotHex,
        Self::HexPrefix,
        Self::EmptySize,
        Self::Extensions,
        Self::EndlessExtension,
        Self::MissingCrlf,
        Self::BareLf,
        Self::NoLastChunk,
        Self::EndlessTrailers,
    ];
}

/// Responses before the response.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Interim {
    #[serde(default = "Interim::usual_status")]
    pub(crate) status: u16,
    pub(crate) count: u64,
}

impl Interim {
    fn usual_status() -> u16 {
        100
    }
}

/// Header fields without use.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderBomb {
    pub(crate) fields: u64,
    /// The length of each value.
    pub(crate) octets: u64,
}

/// How slow an answer is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drip {
    pub(crate) octets_per_second: u32,
    #[serde(default)]
    pub(crate) part: Part,
}

/// The part of an answer that is slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    Head,
    #[default]
    Body,
    All,
}

/// Where an answer stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Point {
    BeforeHead,
    InHead,
    AfterHead,
    InBody,
}

impl Behaviour {
    /// Refuses what contradicts itself or says nothing of the documents that it is for.
    pub(crate) fn check(&self, documents: &[Document]) -> Result<(), Fault> {
        let keys = self.keys_before > 0
            || self.keys_after > 0
            || !self.poison_before.is_empty()
            || !self.poison_after.is_empty();
        let only = |wanted: fn(Document) -> bool| documents.iter().all(|document| wanted(*document));
        let answers = self.plain
            || self.sign_with.is_some()
            || [&self.answer, &self.response, &self.response_header].iter().any(|changes| !changes.is_empty());
        let bodies = [
            self.body_json.is_some(),
            self.body_text.is_some(),
            self.body_base64.is_some(),
            self.captive_portal,
            keys || answers || !self.metadata.is_empty(),
        ];
        let faults = [
            (self.times == Some(0), "times is at least 1"),
            (self.status.is_some_and(|status| !(100..=999).contains(&status)), "status has three digits"),
            (keys && !only(|document| document == Document::Jwks), "keys and poison are of jwks"),
            (!self.metadata.is_empty() && !only(Document::is_metadata), "metadata is of the metadata documents"),
            (
                answers && !only(|document| document == Document::Introspection),
                "answer, response, response_header, sign_with and plain are of introspection",
            ),
            (bodies.iter().filter(|given| **given).count() > 1, "there is one body"),
            (self.drip.is_some_and(|drip| drip.octets_per_second == 0), "drip: octets_per_second is at least 1"),
            (self.hang.is_some() && self.close.is_some(), "an answer hangs or closes"),
            (self.endless && self.framing == Some(Framing::Length), "what is endless has no length"),
            (self.endless && self.gzip, "what is endless is not compressed"),
            (
                self.chunk_abuse.is_some() && self.framing.is_some_and(|framing| framing != Framing::Chunked),
                "chunk_abuse is of chunked framing",
            ),
        ];
        match faults.iter().find(|(wrong, _)| *wrong) {
            Some((_, fault)) => Err(Fault::new(*fault)),
            None => Ok(()),
        }
    }

    pub(crate) fn stops_at(&self, point: Point) -> bool {
        self.hang == Some(point) || self.close == Some(point)
    }

    /// How the end of the body is known.
    pub(crate) fn framing(&self) -> Framing {
        let chunked = self.chunk_abuse.is_some() || self.endless;
        self.framing.unwrap_or(if chunked { Framing::Chunked } else { Framing::Length })
    }
}

/// What was told of one document, in the order in which it comes to pass.
#[derive(Default)]
pub(crate) struct Plan {
    queue: VecDeque<(Arc<Behaviour>, Option<u64>)>,
    good: Arc<Behaviour>,
}

impl Plan {
    /// Adds a behaviour after those that were told before, or in their place.
    pub(crate) fn tell(&mut self, behaviour: Arc<Behaviour>, append: bool) {
        if !append {
            self.queue.clear();
        }
        let times = behaviour.times;
        self.queue.push_back((behaviour, times));
    }

    /// The behaviour of the next answer.
    pub(crate) fn next(&mut self) -> Arc<Behaviour> {
        let Some((behaviour, left)) = self.queue.front_mut() else { return Arc::clone(&self.good) };
        let behaviour = Arc::clone(behaviour);
        if let Some(left) = left {
            *left -= 1;
            if *left == 0 {
                self.queue.pop_front();
            }
        }
        behaviour
    }
}
