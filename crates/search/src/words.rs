//! Words: `_text` and `_content` (R4 search, section 3.1.1.4), and the texts beside codes.
//!
//! A word is a run of letters and digits, folded as strings are. A resource is found by the words of
//! 2 to 40 letters that have not only digits, at most 200 different ones; `[Text(word)]` in an index
//! of the narrative's words, and in one of all texts' words.

use crate::escape::unescape;
use crate::form::Asked;
use crate::index::{Leaf, Match, Slot, after_prefix};
use crate::string::push_folded;
use compact_str::CompactString;
use cresset_store::{Pattern, Segment};
use std::collections::HashSet;

/// How many different words of a resource are kept, in each of its indexes.
const MOST: usize = 200;
/// How long a word may be, in bytes of its folded form.
const LONGEST: usize = 40;
/// How many words a search value may have.
const MOST_ASKED: usize = 50;

/// Shows `visit` each word of a text, folded, until it says that it needs no more. What is longer
/// than a word may be is shown cut, and longer than [`LONGEST`].
pub(crate) fn each(text: &str, mut visit: impl FnMut(&str) -> bool) -> bool {
    let mut word = CompactString::default();
    for c in text.chars() {
        let is_long = word.len() > LONGEST;
        if c.is_ascii_alphanumeric() {
            if !is_long {
                word.push(c.to_ascii_lowercase());
            }
        } else if !c.is_ascii() && c.is_alphanumeric() {
            if !is_long {
                push_folded(&mut word, c);
            }
        } else if c.is_ascii() || !is_mark(c) {
            if !word.is_empty() && !visit(&word) {
                return false;
            }
            word.clear();
        }
    }
    word.is_empty() || visit(&word)
}

/// A mark that belongs to the letter before it.
fn is_mark(c: char) -> bool {
    let mut folded = CompactString::default();
    push_folded(&mut folded, c);
    folded.is_empty()
}

/// The words that are worth a row.
fn is_kept(word: &str) -> bool {
    (2..=LONGEST).contains(&word.len()) && !word.bytes().all(|b| b.is_ascii_digit())
}

/// The different words of a resource.
#[derive(Debug, Default)]
pub(crate) struct Words(HashSet<CompactString>);

impl Words {
    /// Takes the words of a text, as far as there is room.
    pub(crate) fn take(&mut self, text: &str) {
        if self.0.len() >= MOST {
            return;
        }
        if self.0.capacity() == 0 {
            self.0.reserve(28);
        }
        each(text, |word| {
            if is_kept(word) && !self.0.contains(word) {
                self.0.insert(word.into());
            }
            self.0.len() < MOST
        });
    }

    /// The index values of all words.
    pub(crate) fn values(self) -> impl Iterator<Item = Vec<Segment>> {
        self.0.into_iter().map(|word| vec![Segment::Text(word)])
    }
}

/// Shows `visit` the text between the tags of XHTML that validation let pass.
pub(crate) fn of_xhtml(xhtml: &str, mut visit: impl FnMut(&str)) {
    let mut rest = xhtml;
    while let Some(start) = rest.find('<') {
        text_between_entities(&rest[..start], &mut visit);
        let tag = &rest[start..];
        let end = match tag.starts_with("<!--") {
            true => tag.find("-->").map(|at| at + 3),
            false => tag.find('>').map(|at| at + 1),
        };
        rest = end.map_or("", |end| &tag[end..]);
    }
    text_between_entities(rest, &mut visit);
}

/// Entities are no words: `&nbsp;` stands between two.
fn text_between_entities(text: &str, visit: &mut impl FnMut(&str)) {
    for (n, part) in text.split('&').enumerate() {
        let part = match part.split_once(';') {
            Some((name, after)) if n > 0 && name.len() <= 10 => after,
            _ => part,
        };
        visit(part);
    }
}

/// All words of the value; one that ends with `*` stands for those that begin with it.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("full text"));
    }
    let value = unescape(value);
    let mut all = Vec::new();
    for part in value.split_whitespace() {
        let (part, is_start) = match part.strip_suffix('*') {
            Some(start) => (start, true),
            None => (part, false),
        };
        let mut words = Vec::new();
        each(part, |word| {
            words.push(CompactString::from(word));
            words.len() <= MOST_ASKED
        });
        let last = words.len().wrapping_sub(1);
        for (n, word) in words.into_iter().enumerate() {
            match is_start && n == last {
                true if word.len() <= LONGEST => all.push(starting(&word)),
                false if is_kept(&word) => all.push(whole(word)),
                _ => {}
            }
        }
    }
    match all.len() {
        0 => Err("needs a word of 2 to 40 letters".to_owned()),
        1..=MOST_ASKED => Ok(Match::All(all)),
        _ => Err(format!("may have {MOST_ASKED} words")),
    }
}

fn whole(word: CompactString) -> Match {
    Match::starting(Slot::Main, vec![Pattern::Is(Segment::Text(word))])
}

fn starting(start: &str) -> Match {
    let start = start.as_bytes().to_vec();
    let upper = after_prefix(start.clone());
    Match::Leaf(Leaf::between(Slot::Main, Some(start), upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each(text, |word| {
            all.push(word.to_owned());
            true
        });
        all
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let found = words("Crohn's disease (B12), Jose\u{301} Núñez-Straße; 5 mg");
        let expected = ["crohn", "s", "disease", "b12", "jose", "nunez", "strasse", "5", "mg"];
        assert_eq!(found, expected);
        assert_eq!(words(" -- "), [""; 0]);
    }

    #[test]
    fn what_is_kept_of_a_resource_is_bounded() {
        let mut kept = Words::default();
        kept.take(&format!("a 12 b12 {} {}", "x".repeat(40), "y".repeat(41)));
        let mut found: Vec<_> = kept.0.iter().map(CompactString::to_string).collect();
        found.sort_unstable();
        assert_eq!(found, ["b12".to_owned(), "x".repeat(40)]);
        let many: Vec<String> = (0..1_000).map(|n| format!("w{n}")).collect();
        kept.take(&many.join(" "));
        assert_eq!(kept.0.len(), MOST);
    }

    #[test]
    fn tags_and_entities_are_no_words() {
        let mut text = String::new();
        let xhtml = "<div class=\"x\">One&nbsp;two<!-- no > --><b>three</b> A&amp;B c&d</div>";
        of_xhtml(xhtml, |part| text.push_str(&format!(" {part}")));
        assert_eq!(words(&text), ["one", "two", "three", "a", "b", "c", "d"]);
    }
}
