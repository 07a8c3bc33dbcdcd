//! Java's properties files, as `java.util.Properties.load` reads them.
//!
//! Lines whose first character that isn't blank is `#` or `!` are comments. A key ends at the first `=`, `:`
//! or blank; blanks around the separator belong to neither side, those at the end of the value to the value.
//! A line that ends with an odd number of backslashes goes on in the next one, without that one's
//! indentation. `\t`, `\n`, `\r`, `\f` and `\uXXXX` stand for characters, any other escaped character for
//! itself. A file that isn't UTF-8 is ISO-8859-1, which older ones have to be.

use crate::secret::Secret;
use std::str::Chars;

/// A key with its value, as they stand in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The line where it begins, from 1.
    pub line: usize,
    /// The key, which may be empty.
    pub key: String,
    /// The value: passwords are among them.
    pub value: Secret,
}

/// Why a file can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertiesError {
    /// The line where the property begins, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl std::fmt::Display for PropertiesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for PropertiesError {}

/// Reads a file's bytes. A key that stands there twice is given twice: in Java the last one counts.
///
/// # Errors
/// [`PropertiesError`] when `\u` isn't followed by four hexadecimal digits, or names half a character.
pub fn parse(bytes: &[u8]) -> Result<Vec<Property>, PropertiesError> {
    let text = decoded(bytes);
    let mut lines = Lines { rest: &text, number: 0 };
    let mut properties = Vec::new();
    while let Some((line, text)) = lines.logical() {
        let (key, value) = split(&text);
        let plain = |text| unescaped(text).map_err(|problem| PropertiesError { line, problem });
        let (key, value) = (plain(key)?, Secret::new(plain(value)?));
        properties.push(Property { line, key, value });
    }
    Ok(properties)
}

fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
        // In ISO-8859-1 each byte is the character of that number.
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// What is left of a text, line by line.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next natural line without its indentation and its end.
    fn natural(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..));
        self.rest = rest.unwrap_or_default();
        Some(line.trim_start_matches(is_blank))
    }

    /// The next line that is neither blank nor a comment, with those that go on with it; and its number.
    fn logical(&mut self) -> Option<(usize, String)> {
        loop {
            let mut line = self.natural()?;
            let number = self.number;
            if line.starts_with(['#', '!']) {
                continue;
            }
            let mut whole = String::new();
            while goes_on(line) {
                whole.push_str(&line[..line.len() - 1]);
                line = self.natural().unwrap_or_default();
            }
            whole.push_str(line);
            if !whole.is_empty() {
                return Some((number, whole));
            }
        }
    }
}

/// Whether the last backslash isn't itself escaped.
fn goes_on(line: &str) -> bool {
    let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    backslashes % 2 == 1
}

/// The key and the value, escaped as they were.
fn split(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = line.find(|c: char| {
        let ends = !is_escaped && (is_blank(c) || c == '=' || c == ':');
        is_escaped = !is_escaped && c == '\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start_matches(is_blank))
}

fn unescaped(text: &str) -> Result<String, &'static str> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => plain.push(character(&mut chars)?),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Ok(plain)
}

/// The character after `\u`; one beyond the first 65,536 is written as two.
fn character(chars: &mut Chars<'_>) -> Result<char, &'static str> {
    let half = "a pair of \\u escapes is incomplete";
    let first = code(chars)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).ok_or(half);
    }
    if chars.next() != Some('\\') || chars.next() != Some('u') {
        return Err(half);
    }
    let second = code(chars)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(half);
    }
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(half)
}

fn code(chars: &mut Chars<'_>) -> Result<u32, &'static str> {
    let mut code = 0;
    for _ in 0..4 {
        let digit = chars.next().and_then(|c| c.to_digit(16));
        code = code << 4 | digit.ok_or("\\u needs four hexadecimal digits")?;
    }
    Ok(code)
}
