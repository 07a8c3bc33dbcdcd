//! Finding the parts of a document without building it: a Bundle of 100,000 entries is taken apart
//! entry by entry, in the memory of its text.
//!
//! Scanning looks at structure only; each part is [`parse`](super::parse)d, and checked, on its own.

use std::ops::Range;

/// Why a text can't be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at byte {offset}")]
pub struct ScanError {
    /// What should have been there.
    pub expected: &'static str,
    /// Bytes before the fault.
    pub offset: usize,
}

/// A property: its name as written, and the extent of its value.
pub type Member<'a> = (&'a [u8], Range<usize>);

/// The properties of an object: their names as written, and the extents of their values in `bytes`.
///
/// # Errors
/// [`ScanError`] when `bytes` at `from` is not an object.
pub fn members(bytes: &[u8], from: usize) -> Result<Vec<Member<'_>>, ScanError> {
    let mut scanner = Scanner { bytes, at: from };
    scanner.open(b'{', "an object")?;
    let mut members = Vec::new();
    if scanner.close(b'}') {
        return Ok(members);
    }
    loop {
        scanner.space();
        let name = scanner.string()?;
        scanner.space();
        scanner.take(b':', "a colon")?;
        let value = scanner.value()?;
        members.push((&bytes[name.start + 1..name.end - 1], value));
        if !scanner.goes_on(b'}', "a comma or a closing brace")? {
            return Ok(members);
        }
    }
}

/// The items of an array, one after another.
pub struct Items<'a> {
    scanner: Scanner<'a>,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Before,
    Inside,
    Done,
}

/// The extents of the items of the array at `from`.
pub fn items(bytes: &[u8], from: usize) -> Items<'_> {
    Items { scanner: Scanner { bytes, at: from }, state: State::Before }
}

impl Iterator for Items<'_> {
    type Item = Result<Range<usize>, ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.step().transpose();
        if item.as_ref().is_none_or(Result::is_err) {
            self.state = State::Done;
        }
        item
    }
}

impl Items<'_> {
    fn step(&mut self) -> Result<Option<Range<usize>>, ScanError> {
        match self.state {
            State::Done => return Ok(None),
            State::Before => {
                self.scanner.open(b'[', "an array")?;
                self.state = State::Inside;
                if self.scanner.close(b']') {
                    return Ok(None);
                }
            }
            State::Inside => {
                if !self.scanner.goes_on(b']', "a comma or a closing bracket")? {
                    return Ok(None);
                }
            }
        }
        self.scanner.value().map(Some)
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn value(&mut self) -> Result<Range<usize>, ScanError> {
        self.space();
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') if depth > 0 => depth -= 1,
                Some(b'"') => {
                    let text = self.string()?;
                    if depth == 0 {
                        return Ok(text);
                    }
                    continue;
                }
                Some(_) if depth > 0 => {}
                Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => return Ok(self.word(start)),
                _ => return Err(self.expected("a value")),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(start..self.at);
            }
        }
    }

    fn word(&mut self, start: usize) -> Range<usize> {
        let ends = |b: &u8| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        start..self.at
    }

    /// The extent of a string, quotes included.
    fn string(&mut self) -> Result<Range<usize>, ScanError> {
        let start = self.at;
        self.take(b'"', "a string")?;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(stop) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.expected("the end of a string"));
            };
            self.at += stop + 1;
            if rest[stop] == b'"' {
                return Ok(start..self.at);
            }
            self.at = (self.at + 1).min(self.bytes.len());
        }
    }

    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), ScanError> {
        self.space();
        self.take(bracket, expected)
    }

    fn close(&mut self, bracket: u8) -> bool {
        self.space();
        let closes = self.peek() == Some(bracket);
        self.at += usize::from(closes);
        closes
    }

    fn goes_on(&mut self, close: u8, expected: &'static str) -> Result<bool, ScanError> {
        if self.close(close) {
            return Ok(false);
        }
        self.take(b',', expected).map(|()| true)
    }

    fn take(&mut self, byte: u8, expected: &'static str) -> Result<(), ScanError> {
        if self.peek() != Some(byte) {
            return Err(self.expected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expected(&self, expected: &'static str) -> ScanError {
        ScanError { expected, offset: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_where_they_stand() {
        let text = br#" {"a" : [1, {"b":"]\"}"}, "x" ,null], "c":-1.5e3} "#;
        let found = members(text, 0).unwrap();
        assert_eq!(found[0].0, b"a");
        assert_eq!(&text[found[1].1.clone()], b"-1.5e3");
        let parts: Vec<_> = items(text, found[0].1.start).map(|r| &text[r.unwrap()]).collect();
        assert_eq!(parts, [&b"1"[..], br#"{"b":"]\"}"}"#, br#""x""#, b"null"]);
    }

    #[test]
    fn broken_documents_end_with_an_error() {
        for text in ["", "[", "{\"a\"", "{\"a\":\"x", "{\"a\":}", "{\"a\":1 \"b\":2}", "{\"a\\"] {
            assert!(members(text.as_bytes(), 0).is_err(), "{text}");
        }
        assert!(items(b"[1,", 0).any(|item| item.is_err()));
        assert_eq!(items(b"[]", 0).count(), 0);
        let deep = "[".repeat(1_000_000);
        assert!(items(deep.as_bytes(), 0).any(|item| item.is_err()));
    }
}
