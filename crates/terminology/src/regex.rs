//! Regular expressions of filters: matched in time linear in the text, and bounded in size.

use crate::Problem;
use crate::work::Work;
use regex_lite::{Regex, RegexBuilder};

/// Bytes of a pattern at most.
const LONGEST: usize = 500;
/// Bytes of a compiled pattern at most.
const LARGEST: usize = 16 << 10;
/// States that fit into so many bytes.
const MOST_STATES: usize = LARGEST / 16;

/// A pattern that must fit the whole text, as the specification's own filters expect (`[A-Z]{3}` is
/// every code of three letters).
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    states: usize,
}

impl Pattern {
    pub(crate) fn new(pattern: &str) -> Result<Self, &'static str> {
        if pattern.len() > LONGEST {
            return Err("a regular expression is longer than 500 bytes");
        }
        // Alone first: with brackets around it, `a)|(b` would pass.
        compiled(pattern)?;
        Ok(Self { regex: compiled(&format!("^(?:{pattern})$"))?, states: states(pattern) })
    }

    pub(crate) fn matches(&self, text: &str, work: &mut Work) -> Result<bool, Problem> {
        // The engine's time is the product of both, at worst.
        work.look(1 + self.states * text.len() / 16)?;
        Ok(self.regex.is_match(text))
    }
}

fn compiled(pattern: &str) -> Result<Regex, &'static str> {
    let compiled = RegexBuilder::new(pattern).size_limit(LARGEST).nest_limit(20).build();
    compiled.map_err(|_| "a regular expression is not understood, or too large")
}

/// About as many as the compiled pattern has: counted repetitions are copies.
fn states(pattern: &str) -> usize {
    let counts = pattern.split('{').skip(1).filter_map(|rest| {
        let count = rest.split('}').next()?;
        count.split(',').filter_map(|n| n.trim().parse::<usize>().ok()).max()
    });
    let copies = counts.fold(1_usize, |all, count| all.saturating_mul(count.max(1)));
    pattern.len().saturating_mul(copies).min(MOST_STATES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(text, &mut Work::new()).unwrap()
    }

    #[test]
    fn a_pattern_fits_the_whole_text() {
        assert!(matches("[A-Z]{3}", "CHE"));
        assert!(!matches("[A-Z]{3}", "CHEX"));
        assert!(matches("a|b", "b"));
        assert!(!matches("a|b", "ab"));
    }

    #[test]
    fn patterns_that_are_wrong_or_too_large_are_refused() {
        for pattern in ["(", "a)|(b", "(?=a)", "((a{100}){100}){100}", &"a".repeat(501)] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn matching_is_bounded() {
        let pattern = Pattern::new("(a*)*b{1,50}").unwrap();
        let (mut work, text) = (Work::new(), "a".repeat(100_000));
        let refused = (0..1_000).any(|_| pattern.matches(&text, &mut work).is_err());
        assert!(refused);
    }
}
