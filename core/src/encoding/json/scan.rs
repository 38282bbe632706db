//! The one pass over a text: grammar, bounds, duplicates, and where the members lie.

use smallvec::SmallVec;

use super::value::unescape;
use super::{Fault, Kind, Limits};

#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) name: Span,
    pub(super) value: Span,
    /// The inside of a string, where the value is one.
    pub(super) string: Option<Span>,
}

/// A piece of the text, or of what was decoded from it.
#[derive(Clone, Copy)]
pub(super) struct Span {
    start: u32,
    end: u32,
    decoded: bool,
}

impl Span {
    #[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused")]
    fn new(start: usize, end: usize, decoded: bool) -> Self {
        Self { start: start as u32, end: end as u32, decoded }
    }

    #[inline]
    fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    #[inline]
    pub(super) fn of<'a>(self, text: &'a str, decoded: &'a str) -> &'a str {
        let source = if self.decoded { decoded } else { text };
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The octets, which are cheaper to compare than text is to cut.
    pub(super) fn octets<'a>(self, text: &'a str, decoded: &'a str) -> &'a [u8] {
        let source = if self.decoded { decoded } else { text };
        source.as_bytes().get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Names no longer than this are told apart by their marks alone.
const MARKED: usize = 7;

/// An open container.
#[derive(Clone, Copy)]
enum Frame {
    Array,
    /// Where the object begins in the tables of marks and of long names.
    Object(usize, usize),
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    /// The innermost open container, and how many are open.
    inside: Option<Frame>,
    depth: usize,
    /// Those around it, the outermost first.
    around: SmallVec<[Frame; 8]>,
    /// Of the names of members of all open objects, those of the innermost last, how long they are
    /// and how they begin: of names that differ, most differ here.
    marks: SmallVec<[u64; 32]>,
    /// Those of them of which that is not all.
    long: SmallVec<[Span; 16]>,
    pub(super) decoded: String,
    pub(super) members: Vec<Member>,
    /// The member of the outermost object that is being read.
    pending: Option<(Span, usize)>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            text,
            at: 0,
            limits,
            inside: None,
            depth: 0,
            around: SmallVec::new(),
            marks: SmallVec::new(),
            long: SmallVec::new(),
            decoded: String::new(),
            members: Vec::new(),
            pending: None,
        }
    }

    /// The whole text: one value, and nothing but white space around it.
    pub(super) fn document(&mut self) -> Result<Kind, Fault> {
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
            if self.depth == 1
                && let Some((_, start)) = &mut self.pending
            {
                *start = self.at;
            }
            let kind = match self.peek() {
                Some(b'{') => {
                    self.open(Frame::Object(self.marks.len(), self.long.len()))?;
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
            let Some(frame) = self.inside else { return Ok(false) };
            let (closing, object) = match frame {
                Frame::Array => (b']', None),
                Frame::Object(marks, long) => (b'}', Some((marks, long))),
            };
            self.skip_space();
            let next = self.peek().ok_or(Fault::Malformed)?;
            if next == closing {
                self.at += 1;
                self.inside = self.around.pop();
                self.depth -= 1;
                if let Some((marks, long)) = object {
                    self.marks.truncate(marks);
                    self.long.truncate(long);
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
        if self.depth >= self.limits.depth {
            return Err(Fault::Malformed);
        }
        self.at += 1;
        self.around.extend(self.inside.replace(frame));
        self.depth += 1;
        Ok(())
    }

    /// A member of the outermost object ends where we stand.
    #[inline]
    fn complete(&mut self, string: Option<Span>) {
        if self.depth == 1
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
        let Some(Frame::Object(marks, long)) = self.inside else { return Err(Fault::Malformed) };
        let mark = self.mark(name);
        let siblings = self.marks.get(marks..).unwrap_or_default();
        if siblings.contains(&mark) && (name.len() <= MARKED || self.has_sibling(long, name)) {
            return Err(Fault::Malformed);
        }
        if siblings.len() >= self.limits.members {
            return Err(Fault::TooLarge);
        }
        self.marks.push(mark);
        if name.len() > MARKED {
            self.long.push(name);
        }
        if self.depth == 1 {
            self.pending = Some((name, self.at));
        }
        self.skip_space();
        self.expect(b':')
    }

    /// Whether a member before in the same object has this long name.
    fn has_sibling(&self, first: usize, name: Span) -> bool {
        let name = name.octets(self.text, &self.decoded);
        let mut siblings = self.long.get(first..).unwrap_or_default().iter();
        siblings.any(|sibling| sibling.octets(self.text, &self.decoded) == name)
    }

    /// The length of a name, as far as it fits, and its first octets.
    fn mark(&self, name: Span) -> u64 {
        let length = name.len().min(0xff);
        let source = if name.decoded { &self.decoded } else { self.text };
        let from = source.as_bytes().get(name.start as usize..).unwrap_or_default();
        let first = from.first_chunk().copied().unwrap_or_else(|| {
            let mut near = [0; 8];
            near.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            near
        });
        // What lies behind the name is left out.
        let kept = (1_u64 << (8 * length.min(MARKED))) - 1;
        u64::from_le_bytes(first) & kept | (length as u64) << (8 * MARKED)
    }

    /// A string; what it spans is its inside, decoded where it was written with escapes.
    #[inline]
    fn string(&mut self) -> Result<Span, Fault> {
        let start = self.at + 1;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = end_of_plain(rest).ok_or(Fault::Malformed)?;
        let end = start + length;
        self.at = end;
        if rest.get(length) == Some(&b'"') {
            self.at += 1;
            return Ok(Span::new(start, end, false));
        }
        self.string_with_escapes(start)
    }

    /// The same, from the first character on that is not simply itself.
    #[cold]
    fn string_with_escapes(&mut self, start: usize) -> Result<Span, Fault> {
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let end = end_of_plain(rest).ok_or(Fault::Malformed)?;
            self.at += end + 1;
            match rest.get(end) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                // A control character.
                _ => return Err(Fault::Malformed),
            }
        }
        // Room for all at once: a secret is not to be left behind in a buffer that was too small.
        if self.decoded.capacity() == 0 {
            self.decoded.reserve(self.text.len());
        }
        let from = self.decoded.len();
        unescape(self.text.get(start..self.at - 1).unwrap_or_default(), &mut self.decoded);
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

    #[inline]
    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.next() == Some(byte) { Ok(()) } else { Err(Fault::Malformed) }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

/// Where a quote, a backslash or a control character comes first; eight octets are looked at together.
#[inline]
pub(super) fn end_of_plain(text: &[u8]) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let place = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20))?;
    Some(words.len() * 8 + place)
}

/// Sets the highest bit of the first octet that is a quote, a backslash or a control character;
/// what is set beyond it means nothing.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let equal = |octet: u8| below(word ^ (ONES * u64::from(octet)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & HIGHEST
}
