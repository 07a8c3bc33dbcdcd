//! `encode()`, `decode()`, `escape()` and `unescape()`.

use cresset_fhir::json;

use super::{Arguments, Function, Result};
use crate::collection::Collection;
use crate::error::EvaluationError;
use crate::scalar::Scalar;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let (Some(item), Some(format)) = (arguments.single(&input)?, arguments.string(0)?) else {
        return Ok(Collection::new());
    };
    let scalar = arguments.evaluator.scalar(item);
    let Scalar::String(text) = scalar else {
        return Err(arguments.wrong_type(&scalar));
    };
    // The longest of them, `&quot;`, is six times as long as what it stands for.
    arguments.evaluator.charge_text(text.len() * 6)?;
    let result = match (arguments.call.function, format.as_str()) {
        (Function::Encode, "base64") => Some(base64(text.as_bytes(), STANDARD)),
        (Function::Encode, "urlbase64") => Some(base64(text.as_bytes(), URL_SAFE)),
        (Function::Encode, "hex") => Some(hex(text.as_bytes())),
        (Function::Decode, "base64") => from_base64(text, STANDARD),
        (Function::Decode, "urlbase64") => from_base64(text, URL_SAFE),
        (Function::Decode, "hex") => from_hex(text),
        (Function::Escape, "html") => Some(escape_html(text)),
        (Function::Escape, "json") => Some(escape_json(text)),
        (Function::Unescape, "html") => Some(unescape_html(text)),
        (Function::Unescape, "json") => unescape_json(text),
        _ => {
            let found = format!("the format {format}");
            return Err(EvaluationError::WrongType { place: arguments.name(), found });
        }
    };
    Ok(result.map_or_else(Collection::new, Collection::string))
}

fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = alphabet[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn from_base64(text: &str, alphabet: &[u8; 64]) -> Option<String> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0u32, 0);
    for digit in digits.bytes() {
        let value = alphabet.iter().position(|known| *known == digit)?;
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
            _ => None,
        })
        .collect();
    String::from_utf8(bytes?).ok()
}

const HTML: [(char, &str); 5] =
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match HTML.iter().find(|(plain, _)| *plain == character) {
            Some((_, entity)) => escaped.push_str(entity),
            None => escaped.push(character),
        }
    }
    escaped
}

fn unescape_html(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = HTML.iter().find(|(_, entity)| rest.starts_with(entity));
        let (character, length) = entity.map_or(('&', 1), |(plain, entity)| (*plain, entity.len()));
        plain.push(character);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

fn escape_json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            control if control < ' ' => escaped.push_str(&format!("\\u{:04x}", control as u32)),
            other => escaped.push(other),
        }
    }
    escaped
}

fn unescape_json(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        // The parser knows JSON's escapes; a surrogate pair is one of twelve characters.
        let escape = [12, 6, 2].into_iter().find_map(|length| {
            let quoted = format!("\"{}\"", rest.get(at..at + length)?);
            let parsed = json::parse(quoted.as_bytes(), &json::Limits::default()).ok()?;
            let text = parsed.as_str().filter(|text| text.chars().count() == 1)?;
            Some((text.to_owned(), length))
        });
        let (character, length) = escape?;
        plain.push_str(&character);
        rest = &rest[at + length..];
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["", "a", "ab", "abc", "Grüße?>"] {
            for alphabet in [STANDARD, URL_SAFE] {
                let encoded = base64(text.as_bytes(), alphabet);
                assert_eq!(from_base64(&encoded, alphabet).as_deref(), Some(text));
            }
            assert_eq!(from_hex(&hex(text.as_bytes())).as_deref(), Some(text));
        }
        assert_eq!(base64(b"ab", STANDARD), "YWI=");
    }

    #[test]
    fn escapes_are_undone() {
        let text = "a \"b\" & <c> 'd' \\ \n \u{1}";
        assert_eq!(unescape_html(&escape_html(text)), text);
        assert_eq!(unescape_json(&escape_json(text)).as_deref(), Some(text));
        assert_eq!(unescape_json(r"\ud83d\ude00\u0041").as_deref(), Some("😀A"));
        assert_eq!(unescape_json(r"\x"), None);
    }
}
