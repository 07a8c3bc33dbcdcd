//! Words of texts: one `tsvector` for each resource, whose lexemes are the index's number and the word.

use crate::error::{Outcome, corrupt};
use crate::transaction::Argument;
use tokio_postgres::types::Type;

/// Words by resource.
#[derive(Debug, Default)]
pub(crate) struct Words {
    r: Vec<i64>,
    /// Each a `tsvector` in PostgreSQL's notation.
    texts: Vec<String>,
    count: usize,
}

impl Words {
    /// Adds a word, as its index holds it. All words of a resource come one after another.
    pub(super) fn push(&mut self, resource: i64, p: i32, value: &[u8]) -> Outcome<()> {
        let damaged = || corrupt("a row's index keys");
        let word = value.strip_suffix(&[0]).ok_or_else(damaged)?;
        let word = std::str::from_utf8(word).map_err(|_| damaged())?;
        if self.r.last() != Some(&resource) {
            self.r.push(resource);
            self.texts.push(String::new());
        }
        if let Some(text) = self.texts.last_mut() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&lexeme(p, word));
        }
        self.count += 1;
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.r.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The resources and their words as arguments.
    pub(crate) fn arguments(&self) -> Vec<Argument<'_>> {
        vec![(&self.r, Type::INT8_ARRAY), (&self.texts, Type::TEXT_ARRAY)]
    }

    /// The resources alone.
    pub(crate) fn resources(&self) -> Vec<Argument<'_>> {
        vec![(&self.r, Type::INT8_ARRAY)]
    }
}

/// A word of an index in the notation of `tsvector` and `tsquery`.
pub(crate) fn lexeme(p: i32, word: &str) -> String {
    let mut quoted = format!("'{p}:");
    for c in word.chars() {
        if matches!(c, '\'' | '\\') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_kept_apart_by_index() {
        let mut words = Words::default();
        words.push(7, 3, b"o'neil\0").expect("a word");
        words.push(7, 4, b"back\\slash\0").expect("a word");
        words.push(8, 3, b"x\0").expect("a word");
        assert_eq!(words.texts, ["'3:o''neil' '4:back\\\\slash'", "'3:x'"]);
        assert_eq!((words.r, words.count), (vec![7, 8], 3));
    }
}
