//! Escapes in search values: `\,` `\$` `\|` `\\` (R4 search, section 3.1.1.4.15).
//!
//! A value is split at its separators while still escaped, and unescaped last: `a\,b,c` is two
//! values, the first of which has a comma.

use std::borrow::Cow;

/// Splits at each `separator` that no backslash stands before.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((part, after)) = split_once(rest, separator) {
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Splits at the first `separator` that no backslash stands before.
pub(crate) fn split_once(text: &str, separator: char) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == separator {
            return Some((&text[..at], &text[at + c.len_utf8()..]));
        }
    }
    None
}

/// Whether each backslash escapes something.
pub(crate) fn is_legal(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        if c == '\\' && !matches!(letters.next(), Some(',' | '$' | '|' | '\\')) {
            return false;
        }
    }
    true
}

/// Takes the backslashes away that escape something; any other one stays.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match (c, letters.peek()) {
            ('\\', Some(&next @ (',' | '$' | '|' | '\\'))) => {
                plain.push(next);
                letters.next();
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_separators_do_not_split() {
        assert_eq!(split(r"a\,b,c", ','), [r"a\,b", "c"]);
        assert_eq!(split(r"a\\,b", ','), [r"a\\", "b"]);
        assert_eq!(split("", ','), [""]);
        assert_eq!(split_once(r"x\|y|z|w", '|'), Some((r"x\|y", "z|w")));
        assert_eq!(split_once(r"x\|y", '|'), None);
    }

    #[test]
    fn only_separators_and_backslashes_are_escaped() {
        for (escaped, plain) in
            [(r"a\,b", "a,b"), (r"\$\|\\", r"$|\"), (r"\n\", r"\n\"), ("plain", "plain")]
        {
            assert_eq!(unescape(escaped), plain);
        }
        assert!(is_legal(r"a\,b\|\$\\") && !is_legal(r"xx\xx") && !is_legal(r"x\"));
    }
}
