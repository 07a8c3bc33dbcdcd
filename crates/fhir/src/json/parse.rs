use super::number::number_length;
use super::{Json, Number, Object};
use compact_str::CompactString;
use std::collections::HashSet;

/// What a document may cost its reader.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Arrays and objects inside one another; FHIR's own recursion stays below 30.
    pub depth: usize,
    /// Bytes of text.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 100, bytes: 128 << 20 }
    }
}

/// Why a document is not acceptable JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset} (line {line}, column {column})")]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Bytes before the fault.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

/// What can be wrong with a document. Messages name no contents but property names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// More bytes than [`Limits::bytes`].
    #[error("the document is larger than {0} bytes")]
    TooLarge(usize),
    /// More levels than [`Limits::depth`].
    #[error("objects and arrays are nested more than {0} deep")]
    TooDeep(usize),
    /// The text is not UTF-8.
    #[error("the text is not valid UTF-8")]
    Utf8,
    /// A property occurs twice in one object.
    #[error("property '{0}' occurs twice in one object")]
    DuplicateKey(String),
    /// A number that JSON has no form for, NaN and infinities included.
    #[error("this is not a JSON number")]
    Number,
    /// An escape that JSON has no form for, or half of a surrogate pair.
    #[error("this is not a valid escape sequence in a string")]
    Escape,
    /// A raw control character in a string.
    #[error("a control character must be escaped in a string")]
    Control,
    /// The text ends too early.
    #[error("the document ends here, too early")]
    End,
    /// Another character was expected.
    #[error("expected {0}")]
    Expected(&'static str),
}

/// Reads one document: exactly one value, white space around it.
///
/// # Errors
/// [`ParseError`] with the place of the first fault; nothing after it is looked at.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Json, ParseError> {
    if bytes.len() > limits.bytes {
        return Err(located(bytes, limits.bytes, ParseErrorKind::TooLarge(limits.bytes)));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| located(bytes, e.valid_up_to(), ParseErrorKind::Utf8))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, limits };
    parser.document().map_err(|kind| located(parser.bytes, parser.at, kind))
}

fn located(bytes: &[u8], offset: usize, kind: ParseErrorKind) -> ParseError {
    let before = &bytes[..offset.min(bytes.len())];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let column = offset - memchr::memrchr(b'\n', before).map_or(0, |n| n + 1) + 1;
    ParseError { kind, offset, line, column }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    limits: &'a Limits,
}

type Parsed<T> = Result<T, ParseErrorKind>;

/// Above this many properties, twins are found by hashing instead of looking at each pair.
const MANY_PROPERTIES: usize = 32;

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Json> {
        self.space();
        let value = self.value(0)?;
        self.space();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(ParseErrorKind::Expected("the end of the document")),
        }
    }

    fn value(&mut self, depth: usize) -> Parsed<Json> {
        match self.peek().ok_or(ParseErrorKind::End)? {
            b'{' => self.object(depth + 1),
            b'[' => self.array(depth + 1),
            b'"' => self.string().map(Json::String),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            b'-' | b'0'..=b'9' => self.number(),
            b'N' | b'I' | b'+' | b'.' => Err(ParseErrorKind::Number),
            _ => Err(ParseErrorKind::Expected("a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<Json> {
        self.enter(depth)?;
        let mut object = Object::new();
        let mut seen: HashSet<CompactString> = HashSet::new();
        if self.closes(b'}') {
            return Ok(Json::Object(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a property name in quotes"));
            }
            let start = self.at;
            let name = self.string()?;
            if is_twin(&object, &mut seen, &name) {
                self.at = start;
                return Err(ParseErrorKind::DuplicateKey(name.into()));
            }
            self.space();
            self.take(b':', "a colon")?;
            self.space();
            let value = self.value(depth)?;
            object.push_unique(name, value);
            if !self.goes_on(b'}', "a comma or a closing brace")? {
                return Ok(Json::Object(object));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<Json> {
        self.enter(depth)?;
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if !self.goes_on(b']', "a comma or a closing bracket")? {
                return Ok(Json::Array(items));
            }
        }
    }

    fn enter(&mut self, depth: usize) -> Parsed<()> {
        if depth > self.limits.depth {
            return Err(ParseErrorKind::TooDeep(self.limits.depth));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn closes(&mut self, close: u8) -> bool {
        let closes = self.peek() == Some(close);
        self.at += usize::from(closes);
        closes
    }

    /// After an item: true on a comma, false on the closing character.
    fn goes_on(&mut self, close: u8, expected: &'static str) -> Parsed<bool> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(true)
            }
            Some(c) if c == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.expected(expected)),
        }
    }

    fn number(&mut self) -> Parsed<Json> {
        let rest = &self.bytes[self.at..];
        let length = number_length(rest).ok_or(ParseErrorKind::Number)?;
        if rest.get(length).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.') {
            return Err(ParseErrorKind::Number);
        }
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        Ok(Json::Number(Number::from_valid(text)))
    }

    fn string(&mut self) -> Parsed<CompactString> {
        self.at += 1;
        let start = self.at;
        let end = self.plain_run();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(CompactString::new(&self.text[start..end]));
        }
        let mut text = CompactString::new(&self.text[start..end]);
        loop {
            match self.peek().ok_or(ParseErrorKind::End)? {
                b'"' => {
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => text.push(self.escape()?),
                0..0x20 => return Err(ParseErrorKind::Control),
                _ => {
                    let from = self.at;
                    let to = self.plain_run();
                    text.push_str(&self.text[from..to]);
                }
            }
        }
    }

    /// Moves to the next quote, backslash or control character; returns that place.
    fn plain_run(&mut self) -> usize {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20);
        self.at += length.unwrap_or(rest.len());
        self.at
    }

    fn escape(&mut self) -> Parsed<char> {
        let code = *self.bytes.get(self.at + 1).ok_or(ParseErrorKind::End)?;
        let plain = match code {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(ParseErrorKind::Escape),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Parsed<char> {
        let high = self.hex4(self.at + 2)?;
        if !(0xd800..0xe000).contains(&high) {
            self.at += 6;
            return char::from_u32(high).ok_or(ParseErrorKind::Escape);
        }
        let paired = self.bytes.get(self.at + 6..self.at + 8) == Some(b"\\u");
        let low = if paired { self.hex4(self.at + 8)? } else { 0 };
        if high >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
            return Err(ParseErrorKind::Escape);
        }
        self.at += 12;
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            .ok_or(ParseErrorKind::Escape)
    }

    fn hex4(&self, from: usize) -> Parsed<u32> {
        let digits = self.bytes.get(from..from + 4).ok_or(ParseErrorKind::End)?;
        digits.iter().try_fold(0, |value, digit| {
            let digit = (*digit as char).to_digit(16).ok_or(ParseErrorKind::Escape)?;
            Ok(value << 4 | digit)
        })
    }

    fn word(&mut self, word: &'static str, value: Json) -> Parsed<Json> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(ParseErrorKind::Expected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn take(&mut self, byte: u8, expected: &'static str) -> Parsed<()> {
        if self.peek() != Some(byte) {
            return Err(self.expected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn expected(&self, what: &'static str) -> ParseErrorKind {
        if self.at >= self.bytes.len() {
            ParseErrorKind::End
        } else {
            ParseErrorKind::Expected(what)
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}

fn is_twin(object: &Object, seen: &mut HashSet<CompactString>, name: &CompactString) -> bool {
    if object.len() < MANY_PROPERTIES {
        return object.get(name).is_some();
    }
    if seen.is_empty() {
        seen.extend(object.iter().map(|(n, _)| CompactString::new(n)));
    }
    !seen.insert(name.clone())
}
