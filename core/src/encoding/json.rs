//! A strict reader of JSON (RFC 8259) for headers, claims, keys and configuration.
//!
//! One pass without recursion checks the grammar, the bounds and that no object at any depth has
//! two members of one name; it then knows where each member of the outermost object lies.
//! What lies deeper is read on demand through [`Value`], from the same text that was checked.

use std::borrow::Cow;

use smallvec::SmallVec;
use zeroize::Zeroize as _;

/// Members for which room is made at once.
const USUAL_MEMBERS: usize = 20;

/// Bounds on a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Containers within one another, the outermost included; 64 at most.
    pub(crate) depth: usize,
    /// Members of one object.
    pub(crate) members: usize,
}

impl Limits {
    /// For what strangers send.
    pub(crate) const TOKEN: Self = Self { depth: 32, members: 256 };
    /// For what the operator configures.
    pub(crate) const CONFIG: Self = Self { depth: 64, members: 4096 };
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Malformed,
    TooLarge,
}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// An object whose text has been checked, with a table of its members.
pub(crate) struct Object {
    text: String,
    /// Names and string values that were written with escapes, decoded.
    decoded: String,
    members: Vec<Member>,
}

#[derive(Clone, Copy)]
struct Member {
    name: Span,
    value: Span,
    /// The inside of a string, where the value is one.
    string: Option<Span>,
}

/// A piece of the text, or of what was decoded from it.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    decoded: bool,
}

impl Span {
    #[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused")]
    fn new(start: usize, end: usize, decoded: bool) -> Self {
        Self { start: start as u32, end: end as u32, decoded }
    }

    fn of<'a>(self, text: &'a str, decoded: &'a str) -> &'a str {
        let source = if self.decoded { decoded } else { text };
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The octets, which are cheaper to compare than text is to cut.
    fn octets<'a>(self, text: &'a str, decoded: &'a str) -> &'a [u8] {
        let source = if self.decoded { decoded } else { text };
        source.as_bytes().get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl Object {
    /// Reads a text that must be exactly one object.
    pub(crate) fn parse(text: impl Into<String>, limits: Limits) -> Result<Self, Fault> {
        let text = text.into();
        let mut scanner = Scanner::new(&text, limits);
        scanner.members.reserve(USUAL_MEMBERS);
        if scanner.document()? != Kind::Object {
            return Err(Fault::Malformed);
        }
        let (decoded, members) = (scanner.decoded, scanner.members);
        Ok(Self { text, decoded, members })
    }

    /// Overwrites everything read, for texts that hold secrets.
    pub(crate) fn wipe(&mut self) {
        self.text.zeroize();
        self.decoded.zeroize();
        self.members.clear();
    }

    /// The text as it was given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value<'_>> {
        self.member(name).and_then(|member| self.value(member))
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// The value of a member that is a string, without a copy.
    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        self.inside(self.member(name)?)
    }

    /// The names of members in the order of the text.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.of(&self.text, &self.decoded))
    }

    /// The value of the member at a place in that order.
    pub(crate) fn at(&self, place: usize) -> Option<Value<'_>> {
        self.value(self.members.get(place)?)
    }

    /// The same, where that value is a string.
    pub(crate) fn string_at(&self, place: usize) -> Option<&str> {
        self.inside(self.members.get(place)?)
    }

    fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name.octets(&self.text, &self.decoded) == name.as_bytes())
    }

    fn value(&self, member: &Member) -> Option<Value<'_>> {
        Some(Value { text: member.value.of(&self.text, "") })
    }

    fn inside(&self, member: &Member) -> Option<&str> {
        member.string.map(|span| span.of(&self.text, &self.decoded))
    }
}

/// Checks that a text is one JSON value within the limits.
pub(crate) fn check(text: &str, limits: Limits) -> Result<Kind, Fault> {
    Scanner::new(text, limits).document()
}

/// A value within a text that has been checked.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    text: &'a str,
}

impl<'a> Value<'a> {
    /// The value of a text that was checked before; white space around it is left away.
    pub(crate) fn of_checked(text: &'a str) -> Self {
        Self { text: text.trim_matches([' ', '\t', '\n', '\r']) }
    }

    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    pub(crate) fn kind(self) -> Kind {
        match self.text.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        if inner.as_bytes().contains(&b'\\') {
            let mut out = String::with_capacity(inner.len());
            unescape(inner, &mut out);
            Some(Cow::Owned(out))
        } else {
            Some(Cow::Borrowed(inner))
        }
    }

    pub(crate) fn number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then_some(self.text)
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        match self.text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The elements, where this is an array.
    pub(crate) fn elements(self) -> Option<impl Iterator<Item = Value<'a>>> {
        let inner = self.text.strip_prefix('[')?.strip_suffix(']')?;
        let mut pieces = Pieces { text: inner };
        Some(std::iter::from_fn(move || pieces.value()))
    }

    /// The members, where this is an object.
    pub(crate) fn members(self) -> Option<impl Iterator<Item = (Cow<'a, str>, Value<'a>)>> {
        let inner = self.text.strip_prefix('{')?.strip_suffix('}')?;
        let mut pieces = Pieces { text: inner };
        Some(std::iter::from_fn(move || {
            let name = pieces.value()?.string()?;
            Some((name, pieces.value()?))
        }))
    }

    /// A member of an object.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        self.members()?.find_map(|(found, value)| (found == name).then_some(value))
    }
}

/// Cuts the inside of a checked container into its values.
struct Pieces<'a> {
    text: &'a str,
}

impl<'a> Pieces<'a> {
    fn value(&mut self) -> Option<Value<'a>> {
        let text = self.text.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
        let end = end_of_value(text.as_bytes())?;
        let (value, rest) = text.split_at_checked(end)?;
        self.text = rest;
        Some(Value { text: value })
    }
}

/// Where the value that a checked text begins with ends.
fn end_of_value(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    quoted = false;
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    (!bytes.is_empty() && depth == 0 && !quoted).then_some(bytes.len())
}

/// An open container.
enum Frame {
    Array,
    /// Where the names of the object begin in the table of names.
    Object(usize),
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    open: SmallVec<[Frame; 8]>,
    /// Names of all open objects, those of the innermost last.
    names: SmallVec<[Span; 32]>,
    decoded: String,
    members: Vec<Member>,
    /// The member of the outermost object that is being read.
    pending: Option<(Span, usize)>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            text,
            at: 0,
            limits,
            open: SmallVec::new(),
            names: SmallVec::new(),
            decoded: String::new(),
            members: Vec::new(),
            pending: None,
        }
    }

    /// The whole text: one value, and nothing but white space around it.
    fn document(&mut self) -> Result<Kind, Fault> {
        if u32::try_from(self.text.len()).is_err() {
            return Err(Fault::TooLarge);
        }
        let outermost = self.value_start()?;
        while self.after_value()? {
            self.value_start()?;
        }
        self.skip_space();
        if self.at == self.text.len() { Ok(outermost) } else { Err(Fault::Malformed) }
    }

    /// Reads a scalar, or opens containers until a scalar or an empty container has been read.
    fn value_start(&mut self) -> Result<Kind, Fault> {
        let mut outermost = None;
        loop {
            self.skip_space();
            if self.open.len() == 1
                && let Some((_, start)) = &mut self.pending
            {
                *start = self.at;
            }
            let kind = match self.peek() {
                Some(b'{') => {
                    self.open(Frame::Object(self.names.len()))?;
                    self.skip_space();
                    outermost = outermost.or(Some(Kind::Object));
                    if self.peek() == Some(b'}') {
                        Kind::Object
                    } else {
                        self.name()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.open(Frame::Array)?;
                    self.skip_space();
                    outermost = outermost.or(Some(Kind::Array));
                    if self.peek() == Some(b']') {
                        Kind::Array
                    } else {
                        continue;
                    }
                }
                Some(b'"') => {
                    let span = self.string()?;
                    self.complete(Some(span));
                    Kind::String
                }
                Some(b't') => self.literal("true", Kind::Boolean)?,
                Some(b'f') => self.literal("false", Kind::Boolean)?,
                Some(b'n') => self.literal("null", Kind::Null)?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                _ => return Err(Fault::Malformed),
            };
            return Ok(outermost.unwrap_or(kind));
        }
    }

    /// Closes what ends here; tells whether another value follows.
    fn after_value(&mut self) -> Result<bool, Fault> {
        loop {
            let Some(frame) = self.open.last() else { return Ok(false) };
            let (closing, object) = match frame {
                Frame::Array => (b']', None),
                Frame::Object(names) => (b'}', Some(*names)),
            };
            self.skip_space();
            let next = self.peek().ok_or(Fault::Malformed)?;
            if next == closing {
                self.at += 1;
                self.open.pop();
                if let Some(names) = object {
                    self.names.truncate(names);
                }
                self.complete(None);
            } else if next == b',' {
                self.at += 1;
                if object.is_some() {
                    self.skip_space();
                    self.name()?;
                }
                return Ok(true);
            } else {
                return Err(Fault::Malformed);
            }
        }
    }

    fn open(&mut self, frame: Frame) -> Result<(), Fault> {
        if self.open.len() >= self.limits.depth {
            return Err(Fault::Malformed);
        }
        self.at += 1;
        self.open.push(frame);
        Ok(())
    }

    /// A member of the outermost object ends where we stand.
    fn complete(&mut self, string: Option<Span>) {
        if self.open.len() == 1
            && let Some((name, start)) = self.pending.take()
        {
            self.members.push(Member { name, value: Span::new(start, self.at, false), string });
        }
    }

    /// A member's name and the colon behind it.
    fn name(&mut self) -> Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return Err(Fault::Malformed);
        }
        let name = self.string()?;
        let Some(Frame::Object(first)) = self.open.last() else { return Err(Fault::Malformed) };
        let siblings = self.names.get(*first..).unwrap_or_default();
        let octets = name.octets(self.text, &self.decoded);
        if siblings.iter().any(|sibling| sibling.octets(self.text, &self.decoded) == octets) {
            return Err(Fault::Malformed);
        }
        if siblings.len() >= self.limits.members {
            return Err(Fault::TooLarge);
        }
        self.names.push(name);
        if self.open.len() == 1 {
            self.pending = Some((name, self.at));
        }
        self.skip_space();
        self.expect(b':')
    }

    /// A string; what it spans is its inside, decoded where it was written with escapes.
    fn string(&mut self) -> Result<Span, Fault> {
        self.at += 1;
        let start = self.at;
        let mut escapes = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let end = memchr::memchr2(b'"', b'\\', rest).ok_or(Fault::Malformed)?;
            let plain = rest.get(..end).unwrap_or_default();
            // Looks at every octet, without a branch for each.
            if plain.iter().fold(u8::MAX, |least, b| least.min(*b)) < 0x20 {
                return Err(Fault::Malformed);
            }
            self.at += end + 1;
            if rest.get(end) == Some(&b'"') {
                break;
            }
            escapes = true;
            self.escape()?;
        }
        let end = self.at - 1;
        if !escapes {
            return Ok(Span::new(start, end, false));
        }
        // Room for all at once: a secret is not to be left behind in a buffer that was too small.
        if self.decoded.capacity() == 0 {
            self.decoded.reserve(self.text.len());
        }
        let from = self.decoded.len();
        unescape(self.text.get(start..end).unwrap_or_default(), &mut self.decoded);
        Ok(Span::new(from, self.decoded.len(), true))
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.next() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => match self.hex4()? {
                0xd800..=0xdbff => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    match self.hex4()? {
                        0xdc00..=0xdfff => Ok(()),
                        _ => Err(Fault::Malformed),
                    }
                }
                0xdc00..=0xdfff => Err(Fault::Malformed),
                _ => Ok(()),
            },
            _ => Err(Fault::Malformed),
        }
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|b| char::from(b).to_digit(16));
            value = value * 16 + digit.ok_or(Fault::Malformed)?;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.complete(None);
        Ok(Kind::Number)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Fault::Malformed) }
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<Kind, Fault> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(Fault::Malformed);
        }
        self.at += word.len();
        self.complete(None);
        Ok(kind)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.next() == Some(byte) { Ok(()) } else { Err(Fault::Malformed) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

/// Decodes the inside of a string whose escapes have been checked.
fn unescape(inner: &str, out: &mut String) {
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let mut unit = code_unit(&mut chars);
                if (0xd800..=0xdbff).contains(&unit) {
                    chars.next();
                    chars.next();
                    let low = code_unit(&mut chars);
                    unit = 0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
}

fn code_unit(chars: &mut std::str::Chars<'_>) -> u32 {
    chars.by_ref().take(4).fold(0, |value, c| value * 16 + c.to_digit(16).unwrap_or(0))
}

/// Appends a string as JSON.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                out.push_str("\\u00");
                for nibble in [u32::from(c) >> 4, u32::from(c) & 0xf] {
                    out.push(char::from_digit(nibble, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends strings as a JSON array.
pub(crate) fn write_strings<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, out: &mut String) {
    out.push('[');
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(text.as_ref(), out);
    }
    out.push(']');
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
