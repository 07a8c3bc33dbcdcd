//! Quoted texts and their escapes.

use compact_str::CompactString;

use super::Lexer;
use crate::error::ParseError;

impl Lexer<'_> {
    /// A text between two of the same quotation mark.
    pub(super) fn quoted(&mut self, quote: char) -> Result<CompactString, ParseError> {
        let mut text = CompactString::default();
        self.at += 1;
        loop {
            text.push_str(self.take_while(|c| c != quote && c != '\\'));
            match self.peek() {
                None => return Err(self.error("a quoted text doesn't end")),
                Some('\\') => text.push(self.escape()?),
                Some(_) => {
                    self.at += 1;
                    return Ok(text);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let mut characters = self.rest().chars().skip(1);
        let character = match characters.next() {
            Some('u') => {
                let (character, length) = unicode_escape(self.rest()).ok_or_else(|| {
                    self.error("\\u needs four hexadecimal digits of a character")
                })?;
                self.at += length;
                return Ok(character);
            }
            Some('r') => '\r',
            Some('n') => '\n',
            Some('t') => '\t',
            Some('f') => '\u{c}',
            Some(same @ ('\\' | '/' | '\'' | '"' | '`')) => same,
            _ => return Err(self.error("an unknown escape")),
        };
        self.at += 2;
        Ok(character)
    }
}

/// The character of `\uXXXX`, or of two of them that are a surrogate pair, and their length.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let unit = |from: usize| -> Option<u16> {
        let digits = text.get(from..from + 6)?.strip_prefix("\\u")?;
        let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        all_hex.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = unit(0)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let pair = [first, unit(6)?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, 12))
}
