//! The one pass over a text: grammar, bounds, duplicates, and where the members lie.

use smallvec::SmallVec;

use super::plain::Specials;
use super::value::unescape;
use super::{Fault, Kind, Limits};

#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) value: Span,
    pub(super) content: Content,
}

/// What was seen of a value while it was read.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// It is a string, and this its inside.
    String(Span),
    /// It is an array of so many strings and of nothing else.
    Strings(u32),
    Other,
}

/// A piece of the text, or of what was decoded from it.
#[derive(Clone, Copy)]
pub(super) struct Span {
    start: u32,
    /// Where it ends; the highest bit is set where it is a piece of what was decoded.
    end: u32,
}

/// The name of a member.
#[derive(Clone, Copy)]
pub(super) struct Name {
    span: Span,
    mark: Mark,
}

/// How long a name is and how it begins: of names that differ, most differ here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

pub(super) struct Scanner<'a> {
    text: &'a str,
    specials: Specials<'a>,
    limits: Limits,
    /// The names of members of all open objects but the outermost, those of the innermost last.
    names: SmallVec<[Name; 16]>,
    pub(super) decoded: String,
    /// The members of the outermost object.
    pub(super) members: Vec<Member>,
}

/// A value that was read.
struct Found {
    kind: Kind,
    content: Content,
    /// Where the text goes on behind it.
    end: usize,
}

/// Names that were met in one object.
#[derive(Default)]
struct Met {
    count: usize,
    /// Some bits of each mark: a name that brings a new one is no duplicate.
    bits: u64,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            text,
            specials: Specials::new(text.as_bytes()),
            limits,
            names: SmallVec::new(),
            decoded: String::new(),
            members: Vec::new(),
        }
    }

    /// The whole text: one value, and nothing but white space around it.
    pub(super) fn document(&mut self) -> Result<Kind, Fault> {
        if self.text.len() > Span::LONGEST {
            return Err(Fault::TooLarge);
        }
        let start = self.skip_space(0);
        let Found { kind, end, .. } = match self.peek(start) {
            Some(b'{') => self.outermost(start)?,
            _ => self.value(start, 0)?,
        };
        if self.skip_space(end) == self.text.len() { Ok(kind) } else { Err(Fault::Malformed) }
    }

    /// The outermost object, of whose members it is noted where they lie.
    fn outermost(&mut self, start: usize) -> Result<Found, Fault> {
        self.check_depth(0)?;
        let mut met = Met::default();
        let mut at = self.skip_space(start + 1);
        if self.peek(at) == Some(b'}') {
            return Ok(Found::of(Kind::Object, at + 1));
        }
        loop {
            let (name, behind) = self.name(at)?;
            if met.may_have(name) && self.members.iter().any(|member| self.is_same(member.name, name)) {
                return Err(Fault::Malformed);
            }
            met.count(self.limits)?;
            let start = self.skip_space(self.expect(b':', self.skip_space(behind))?);
            let found = self.value(start, 1)?;
            self.members.push(Member { name, value: Span::new(start, found.end), content: found.content });
            at = self.skip_space(found.end);
            match self.peek(at) {
                Some(b',') => at = self.skip_space(at + 1),
                Some(b'}') => return Ok(Found::of(Kind::Object, at + 1)),
                _ => return Err(Fault::Malformed),
            }
        }
    }

    /// A value inside of so many containers.
    #[inline(always)]
    fn value(&mut self, start: usize, depth: usize) -> Result<Found, Fault> {
        if self.peek(start) == Some(b'"') {
            let (span, end) = self.string(start)?;
            return Ok(Found { kind: Kind::String, content: Content::String(span), end });
        }
        self.other_value(start, depth)
    }

    /// The same of what is no string. It calls itself no deeper than the bound on depth says.
    fn other_value(&mut self, start: usize, depth: usize) -> Result<Found, Fault> {
        match self.peek(start) {
            Some(b'-' | b'0'..=b'9') => Ok(Found::of(Kind::Number, self.number(start)?)),
            Some(b'{') => self.object(start, depth),
            Some(b'[') => self.array(start, depth),
            Some(b't') => self.literal("true", Kind::Boolean, start),
            Some(b'f') => self.literal("false", Kind::Boolean, start),
            Some(b'n') => self.literal("null", Kind::Null, start),
            _ => Err(Fault::Malformed),
        }
    }

    fn array(&mut self, start: usize, depth: usize) -> Result<Found, Fault> {
        self.check_depth(depth)?;
        let mut at = self.skip_space(start + 1);
        if self.peek(at) == Some(b']') {
            return Ok(Found { kind: Kind::Array, content: Content::Strings(0), end: at + 1 });
        }
        let mut strings = Some(0);
        loop {
            let found = self.value(at, depth + 1)?;
            strings = strings.filter(|_| found.kind == Kind::String).map(|count| count + 1);
            at = self.skip_space(found.end);
            match self.peek(at) {
                Some(b',') => at = self.skip_space(at + 1),
                Some(b']') => {
                    let content = strings.map_or(Content::Other, Content::Strings);
                    return Ok(Found { kind: Kind::Array, content, end: at + 1 });
                }
                _ => return Err(Fault::Malformed),
            }
        }
    }

    fn object(&mut self, start: usize, depth: usize) -> Result<Found, Fault> {
        self.check_depth(depth)?;
        let mut met = Met::default();
        let first = self.names.len();
        let mut at = self.skip_space(start + 1);
        if self.peek(at) == Some(b'}') {
            return Ok(Found::of(Kind::Object, at + 1));
        }
        loop {
            let (name, behind) = self.name(at)?;
            let siblings = self.names.get(first..).unwrap_or_default();
            if met.may_have(name) && siblings.iter().any(|sibling| self.is_same(*sibling, name)) {
                return Err(Fault::Malformed);
            }
            met.count(self.limits)?;
            self.names.push(name);
            let start = self.skip_space(self.expect(b':', self.skip_space(behind))?);
            let end = self.value(start, depth + 1)?.end;
            at = self.skip_space(end);
            match self.peek(at) {
                Some(b',') => at = self.skip_space(at + 1),
                Some(b'}') => {
                    self.names.truncate(first);
                    return Ok(Found::of(Kind::Object, at + 1));
                }
                _ => return Err(Fault::Malformed),
            }
        }
    }

    fn check_depth(&self, around: usize) -> Result<(), Fault> {
        if around < self.limits.depth { Ok(()) } else { Err(Fault::Malformed) }
    }

    /// A member's name, and where the text goes on behind it.
    #[inline(always)]
    fn name(&mut self, start: usize) -> Result<(Name, usize), Fault> {
        if self.peek(start) != Some(b'"') {
            return Err(Fault::Malformed);
        }
        let (span, end) = self.string(start)?;
        let source = if span.is_decoded() { self.decoded.as_bytes() } else { self.text.as_bytes() };
        let mark = Mark::new(source.get(span.start()..).unwrap_or_default(), span.len());
        Ok((Name { span, mark }, end))
    }

    fn is_same(&self, one: Name, other: Name) -> bool {
        let octets = |name: Name| name.span.octets(self.text, &self.decoded);
        one.mark == other.mark && (one.mark.is_whole() || octets(one) == octets(other))
    }

    /// A string; what it spans is its inside, decoded where it was written with escapes.
    #[inline]
    fn string(&mut self, start: usize) -> Result<(Span, usize), Fault> {
        let end = self.specials.next(start + 1);
        if self.peek(end) == Some(b'"') {
            return Ok((Span::new(start + 1, end), end + 1));
        }
        self.string_with_escapes(start + 1, end)
    }

    /// The same, from the first character on that is not simply itself.
    #[cold]
    fn string_with_escapes(&mut self, start: usize, mut at: usize) -> Result<(Span, usize), Fault> {
        loop {
            match self.peek(at) {
                Some(b'"') => break,
                Some(b'\\') => at = self.specials.next(self.escape(at + 1)?),
                // A control character, or the end.
                _ => return Err(Fault::Malformed),
            }
        }
        // Room for all at once: a secret is not to be left behind in a buffer that was too small.
        if self.decoded.capacity() == 0 {
            self.decoded.reserve(self.text.len());
        }
        let from = self.decoded.len();
        unescape(self.text.get(start..at).unwrap_or_default(), &mut self.decoded);
        Ok((Span::new(from, self.decoded.len()).decoded(), at + 1))
    }

    /// What follows a backslash.
    fn escape(&self, at: usize) -> Result<usize, Fault> {
        match self.peek(at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
            Some(b'u') => match self.hex4(at + 1)? {
                0xd800..=0xdbff => {
                    let low = self.expect(b'u', self.expect(b'\\', at + 5)?)?;
                    match self.hex4(low)? {
                        0xdc00..=0xdfff => Ok(low + 4),
                        _ => Err(Fault::Malformed),
                    }
                }
                0xdc00..=0xdfff => Err(Fault::Malformed),
                _ => Ok(at + 5),
            },
            _ => Err(Fault::Malformed),
        }
    }

    fn hex4(&self, at: usize) -> Result<u32, Fault> {
        (at..at + 4).try_fold(0, |value, at| {
            let digit = self.peek(at).and_then(|octet| char::from(octet).to_digit(16));
            Ok(value * 16 + digit.ok_or(Fault::Malformed)?)
        })
    }

    fn number(&self, start: usize) -> Result<usize, Fault> {
        let mut at = start + usize::from(self.peek(start) == Some(b'-'));
        at = if self.peek(at) == Some(b'0') { at + 1 } else { self.digits(at)? };
        if self.peek(at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        if matches!(self.peek(at), Some(b'e' | b'E')) {
            at += 1;
            at = self.digits(at + usize::from(matches!(self.peek(at), Some(b'+' | b'-'))))?;
        }
        Ok(at)
    }

    /// One digit or more.
    #[inline]
    fn digits(&self, start: usize) -> Result<usize, Fault> {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let count = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        if count > 0 { Ok(start + count) } else { Err(Fault::Malformed) }
    }

    fn literal(&self, word: &str, kind: Kind, start: usize) -> Result<Found, Fault> {
        let there = self.text.as_bytes().get(start..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if there { Ok(Found::of(kind, start + word.len())) } else { Err(Fault::Malformed) }
    }

    #[inline]
    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.peek(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    #[inline]
    fn expect(&self, octet: u8, at: usize) -> Result<usize, Fault> {
        if self.peek(at) == Some(octet) { Ok(at + 1) } else { Err(Fault::Malformed) }
    }

    #[inline]
    fn peek(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }
}

impl Span {
    const DECODED: u32 = 1 << 31;
    const LONGEST: usize = Self::DECODED as usize - 1;

    #[expect(clippy::cast_possible_truncation, reason = "longer texts are refused")]
    #[inline]
    fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    #[inline]
    fn decoded(self) -> Self {
        Self { end: self.end | Self::DECODED, ..self }
    }

    #[inline]
    pub(super) fn is_decoded(self) -> bool {
        self.end & Self::DECODED != 0
    }

    #[inline]
    fn start(self) -> usize {
        self.start as usize
    }

    #[inline]
    fn end(self) -> usize {
        (self.end & !Self::DECODED) as usize
    }

    #[inline]
    fn len(self) -> usize {
        self.end() - self.start()
    }

    #[inline]
    pub(super) fn of<'a>(self, text: &'a str, decoded: &'a str) -> &'a str {
        let source = if self.is_decoded() { decoded } else { text };
        source.get(self.start()..self.end()).unwrap_or_default()
    }

    /// The octets, which are cheaper to compare than text is to cut.
    #[inline]
    fn octets<'a>(self, text: &'a str, decoded: &'a str) -> &'a [u8] {
        let source = if self.is_decoded() { decoded } else { text };
        source.as_bytes().get(self.start()..self.end()).unwrap_or_default()
    }
}

impl Name {
    #[inline]
    pub(super) fn of<'a>(self, text: &'a str, decoded: &'a str) -> &'a str {
        self.span.of(text, decoded)
    }

    #[inline]
    pub(super) fn mark(self) -> Mark {
        self.mark
    }

    /// Whether it is this name, of which that is the mark.
    #[inline]
    pub(super) fn is(self, name: &str, mark: Mark, text: &str, decoded: &str) -> bool {
        self.mark == mark && (mark.is_whole() || self.span.octets(text, decoded) == name.as_bytes())
    }
}

impl Mark {
    /// Names no longer than this are told apart by their marks alone.
    const WHOLE: usize = 7;

    /// Of a name of so many octets, and what comes behind it.
    #[inline]
    const fn new(from: &[u8], length: usize) -> Self {
        let first = match from.first_chunk() {
            Some(first) => u64::from_le_bytes(*first),
            None => near(from),
        };
        let counted = if length < 0xff { length } else { 0xff };
        let within = if length < Self::WHOLE { length } else { Self::WHOLE };
        // What lies behind the name is left out.
        let kept = (1_u64 << (8 * within)) - 1;
        Self(first & kept | (counted as u64) << (8 * Self::WHOLE))
    }

    /// Of a name.
    #[inline]
    pub(crate) const fn of(name: &str) -> Self {
        Self::new(name.as_bytes(), name.len())
    }

    /// Whether it tells the whole name.
    #[inline]
    pub(crate) const fn is_whole(self) -> bool {
        self.0 >> (8 * Self::WHOLE) <= Self::WHOLE as u64
    }

    /// A number below 2^`bits` that differs for most names that differ.
    #[inline]
    pub(crate) const fn hashed(self, bits: u32) -> usize {
        (self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - bits)) as usize
    }
}

/// Fewer than eight octets, the first of them lowest.
const fn near(mut octets: &[u8]) -> u64 {
    let mut word = 0;
    while let [rest @ .., last] = octets {
        (word, octets) = (word << 8 | *last as u64, rest);
    }
    word
}

impl Found {
    /// Of what no more than this is known.
    #[inline]
    fn of(kind: Kind, end: usize) -> Self {
        Self { kind, content: Content::Other, end }
    }
}

impl Met {
    /// Whether the name may be among those; notes that it is from now on.
    #[inline]
    fn may_have(&mut self, name: Name) -> bool {
        let bit = 1 << name.mark.hashed(6);
        let may = self.bits & bit != 0;
        self.bits |= bit;
        may
    }

    #[inline]
    fn count(&mut self, limits: Limits) -> Result<(), Fault> {
        if self.count >= limits.members {
            return Err(Fault::TooLarge);
        }
        self.count += 1;
        Ok(())
    }
}
