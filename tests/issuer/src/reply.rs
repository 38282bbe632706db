//! An answer, as octets and in time.

use std::io;
use std::iter;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::behaviour::{Behaviour, ChunkAbuse, Framing, Part, Point};
use crate::http::Request;
use crate::stream::{Stream, hang};

const BLOCK: usize = 16 << 10;
const SPACES: &[u8] = &[b' '; BLOCK];
const FILLING: &[u8] = &[b'x'; BLOCK];
/// The length of an extension of a chunk.
const EXTENSION: u64 = 1 << 10;

/// What is answered.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    /// None where the answer can have none, as to `HEAD`.
    pub(crate) body: Option<Body>,
    pub(crate) behaviour: Arc<Behaviour>,
    /// Whether the connection serves another request.
    pub(crate) reuse: bool,
}

/// A document with the spaces that follow it, which are made only when they are sent.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) octets: Vec<u8>,
    pub(crate) spaces: u64,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It serves another request.
    Reuse,
    /// It ends in order.
    End,
    /// It breaks off.
    Cut,
}

impl Body {
    pub(crate) fn length(&self) -> u64 {
        (self.octets.len() as u64).saturating_add(self.spaces)
    }

    /// All of it, piece by piece.
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        iter::once(self.octets.as_slice()).chain(repeated(SPACES, self.spaces)).filter(|piece| !piece.is_empty())
    }
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn bare(status: u16, fields: Vec<(String, String)>, request: &Request) -> Self {
        Self::good(status, fields, Vec::new(), request)
    }

    /// An answer of JSON.
    pub(crate) fn json(status: u16, value: &Value, request: &Request) -> Self {
        let fields = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Self::good(status, fields, value.to_string().into_bytes(), request)
    }

    fn good(status: u16, mut fields: Vec<(String, String)>, octets: Vec<u8>, request: &Request) -> Self {
        fields.push(("Content-Length".to_owned(), octets.len().to_string()));
        fields.extend((!request.keep_alive).then(|| ("Connection".to_owned(), "close".to_owned())));
        let body = (request.method != "HEAD").then_some(Body { octets, spaces: 0 });
        Self { status, fields, body, behaviour: Arc::default(), reuse: request.keep_alive }
    }

    /// The status, if it comes to that.
    pub(crate) fn said(&self) -> Option<u16> {
        let silent = self.behaviour.raw_base64.is_some() || self.behaviour.stops_at(Point::BeforeHead);
        (!silent).then_some(self.status)
    }

    /// Sends it.
    pub(crate) fn send(&self, stream: &mut dyn Stream) -> io::Result<After> {
        let behaviour = &*self.behaviour;
        thread::sleep(Duration::from_millis(behaviour.delay_ms));
        if behaviour.stops_at(Point::BeforeHead) {
            return Ok(stopped(behaviour, stream));
        }
        if let Some(raw) = &behaviour.raw_base64 {
            stream.write_all(&raw.0)?;
            return Ok(After::End);
        }
        self.send_head(&mut Pen::new(stream, behaviour, Part::Head))?;
        stream.flush()?;
        if behaviour.stops_at(Point::InHead) || behaviour.stops_at(Point::AfterHead) {
            return Ok(stopped(behaviour, stream));
        }
        if let Some(body) = &self.body {
            self.send_body(body, &mut Pen::new(stream, behaviour, Part::Body))?;
            stream.flush()?;
            if behaviour.stops_at(Point::InBody) {
                return Ok(stopped(behaviour, stream));
            }
        }
        Ok(if self.reuse { After::Reuse } else { After::End })
    }

    fn send_head(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        if let Some(interim) = self.behaviour.interim {
            let text = format!("HTTP/1.1 {} {}\r\n\r\n", interim.status, reason(interim.status));
            (0..interim.count).try_for_each(|_| pen.write(text.as_bytes()))?;
        }
        let fields: String = self.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("HTTP/1.1 {} {}\r\n{fields}", self.status, reason(self.status));
        if self.behaviour.stops_at(Point::InHead) {
            return pen.write(half(head.as_bytes()));
        }
        pen.write(head.as_bytes())?;
        if let Some(bomb) = self.behaviour.header_bomb {
            for number in 0..bomb.fields {
                pen.write(format!("X-Bomb-{number}: ").as_bytes())?;
                pen.write_all(repeated(FILLING, bomb.octets))?;
                pen.write(b"\r\n")?;
            }
        }
        pen.write(b"\r\n")
    }

    fn send_body(&self, body: &Body, pen: &mut Pen<'_>) -> io::Result<()> {
        if self.behaviour.framing() == Framing::Chunked {
            self.send_chunks(body, pen)
        } else if self.behaviour.stops_at(Point::InBody) {
            pen.write(half(&body.octets))
        } else {
            pen.write_all(body.pieces())
        }
    }

    fn send_chunks(&self, body: &Body, pen: &mut Pen<'_>) -> io::Result<()> {
        let octets = body.octets.as_slice();
        let size = format!("{:x}", octets.len());
        if self.behaviour.stops_at(Point::InBody) {
            return pen.write_all([size.as_bytes(), b"\r\n", half(octets)]);
        }
        let Some(abuse) = self.behaviour.chunk_abuse else {
            body.pieces().try_for_each(|piece| pen.chunk(piece))?;
            return pen.write(b"0\r\n\r\n");
        };
        let sized = |pen: &mut Pen<'_>, size: &str| pen.write_all([size.as_bytes(), b"\r\n", octets, b"\r\n0\r\n\r\n"]);
        match abuse {
            ChunkAbuse::OneOctet => {
                octets.chunks(1).try_for_each(|octet| pen.chunk(octet))?;
                pen.write(b"0\r\n\r\n")
            }
            ChunkAbuse::HugeSize => sized(pen, "ffffffffffffffff"),
            ChunkAbuse::Overflow => sized(pen, &format!("1{:016x}", octets.len())),
            ChunkAbuse::Negative => sized(pen, &format!("-{size}")),
            ChunkAbuse::NotHex => sized(pen, "size"),
            ChunkAbuse::HexPrefix => sized(pen, &format!("0x{size}")),
            ChunkAbuse::EmptySize => sized(pen, ""),
            ChunkAbuse::Extensions => {
                for octet in octets.chunks(1) {
                    pen.write(b"1;x=")?;
                    pen.write_all(repeated(FILLING, EXTENSION))?;
                    pen.write_all([b"\r\n", octet, b"\r\n"])?;
                }
                pen.write(b"0\r\n\r\n")
            }
            ChunkAbuse::EndlessExtension => {
                pen.write_all([size.as_bytes(), b";x="])?;
                pen.write_all(repeated(FILLING, u64::MAX))
            }
            ChunkAbuse::MissingCrlf => pen.write_all([size.as_bytes(), b"\r\n", octets, b"0\r\n\r\n"]),
            ChunkAbuse::BareLf => pen.write_all([size.as_bytes(), b"\n", octets, b"\n0\n\n"]),
            ChunkAbuse::NoLastChunk => pen.chunk(octets),
            ChunkAbuse::EndlessTrailers => {
                pen.chunk(octets)?;
                pen.write(b"0\r\n")?;
                (0..u64::MAX).try_for_each(|number| pen.write(format!("X-Trailer-{number}: x\r\n").as_bytes()))
            }
        }
    }
}

/// Where an answer stops, the client is either left waiting or cut off.
fn stopped(behaviour: &Behaviour, stream: &mut dyn Stream) -> After {
    if behaviour.hang.is_some() {
        hang(stream);
    }
    After::Cut
}

fn half(octets: &[u8]) -> &[u8] {
    octets.get(..octets.len() / 2).unwrap_or_default()
}

/// So many octets out of blocks that are all alike.
fn repeated(block: &[u8], octets: u64) -> impl Iterator<Item = &[u8]> {
    let length = block.len() as u64;
    let rest = usize::try_from(octets % length).ok().and_then(|rest| block.get(..rest)).unwrap_or_default();
    (0..octets / length).map(move |_| block).chain(iter::once(rest))
}

/// Writes at the pace that was told for a part of the answer.
struct Pen<'a> {
    stream: &'a mut dyn Stream,
    octets_per_second: Option<u32>,
}

impl<'a> Pen<'a> {
    fn new(stream: &'a mut dyn Stream, behaviour: &Behaviour, part: Part) -> Self {
        let drip = behaviour.drip.filter(|drip| drip.part == part || drip.part == Part::All);
        Self { stream, octets_per_second: drip.map(|drip| drip.octets_per_second) }
    }

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let Some(rate) = self.octets_per_second else { return self.stream.write_all(octets) };
        // Ten pieces a second where more than one octet is due in that time.
        for piece in octets.chunks(usize::try_from(rate / 10).unwrap_or_default().max(1)) {
            self.stream.write_all(piece)?;
            self.stream.flush()?;
            thread::sleep(Duration::from_secs_f64(piece.len() as f64 / f64::from(rate)));
        }
        Ok(())
    }

    fn write_all<'b>(&mut self, pieces: impl IntoIterator<Item = &'b [u8]>) -> io::Result<()> {
        pieces.into_iter().try_for_each(|piece| self.write(piece))
    }

    fn chunk(&mut self, octets: &[u8]) -> io::Result<()> {
        self.write_all([format!("{:x}\r\n", octets.len()).as_bytes(), octets, b"\r\n"])
    }
}

/// The reason phrase of a status.
fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}
