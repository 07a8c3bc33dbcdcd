//! `\,` `\$` `\|` `\\` in search values (R4 search, section 3.1.1.4.15).

/// Splits at separators that aren't escaped; the parts stay escaped.
pub fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == separator && !escaped {
            parts.push(&text[start..at]);
            start = at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    parts.push(&text[start..]);
    parts
}

/// The text that was meant.
pub fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let escapes = c == '\\' && letters.peek().is_some_and(|next| r"\,$|".contains(*next));
        plain.push(if escapes { letters.next().unwrap_or(c) } else { c });
    }
    plain
}

/// The text as a search has to write it.
pub fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\,$|".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_comes_back() {
        for text in ["", "a,b", r"a\", r"\,", "a$b|c", r"x\\y,", "ü"] {
            assert_eq!(unescape(&escape(text)), text);
            assert_eq!(split(&escape(text), ',').len(), 1, "{text}");
        }
        assert_eq!(split(r"a\,b,c,", ','), [r"a\,b", "c", ""]);
        assert_eq!(split(r"a\\,b", ','), [r"a\\", "b"]);
    }
}
