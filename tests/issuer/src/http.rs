//! Requests as they come in.

use std::io::{self, Read};

use httparse::{EMPTY_HEADER, Status};

const MOST_FIELDS: usize = 100;
const LARGEST_HEAD: usize = 64 << 10;
const LARGEST_BODY: usize = 64 << 20;

/// What a client asked for.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether it may ask again over the same connection.
    pub(crate) keep_alive: bool,
}

impl Request {
    /// The first field of a name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }
}

/// The first field of a name, in whatever case it was written.
pub(crate) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The next request, or none where the client is done. What was read beyond it stays in `rest`.
pub(crate) fn read(stream: &mut (impl Read + ?Sized), rest: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let (length, mut request) = loop {
        if let Some(found) = head(rest)? {
            break found;
        }
        if rest.len() > LARGEST_HEAD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a head without end"));
        }
        if more(stream, rest)? == 0 {
            return if rest.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
    };
    rest.drain(..length);
    let declared = request.field("content-length").map_or(Some(0), |text| text.parse().ok());
    let declared = declared.filter(|length| *length <= LARGEST_BODY && request.field("transfer-encoding").is_none());
    let Some(declared) = declared else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a body that is not read here"));
    };
    while rest.len() < declared {
        if more(stream, rest)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    request.body = rest.drain(..declared).collect();
    Ok(Some(request))
}

fn more(stream: &mut (impl Read + ?Sized), rest: &mut Vec<u8>) -> io::Result<usize> {
    let mut block = [0; 16 << 10];
    let count = stream.read(&mut block)?;
    rest.extend(block.iter().take(count));
    Ok(count)
}

/// The head at the start of these octets with its length, if all of it is there.
fn head(octets: &[u8]) -> io::Result<Option<(usize, Request)>> {
    let mut fields = [EMPTY_HEADER; MOST_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let status = parsed.parse(octets).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let Status::Complete(length) = status else { return Ok(None) };
    let fields: Vec<(String, String)> = parsed
        .headers
        .iter()
        .map(|field| (field.name.to_owned(), String::from_utf8_lossy(field.value).into_owned()))
        .collect();
    let connection = field(&fields, "connection").unwrap_or_default().to_ascii_lowercase();
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        // HTTP/1.0 closes unless asked not to; here it always does.
        keep_alive: parsed.version == Some(1) && !connection.contains("close"),
        fields,
        body: Vec::new(),
    };
    Ok(Some((length, request)))
}
