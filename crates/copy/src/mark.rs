//! How far a copy has got, as its target keeps it.

use cresset_store::{Bookmark, Cursor, Incarnation, Seq};

/// The bookmark that holds it.
pub(crate) const NAME: &str = "copy";

/// The form of the text; the golden file `tests/golden/mark.txt` has an example.
const FORM: &str = "copy-1";

/// A mark: set in the commit that it tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The last change of the source that was taken over, and in which of its lives.
    pub(crate) cursor: Cursor,
    /// The place of the target's own sequence before that commit.
    pub(crate) before: Seq,
    /// How many changes that commit has entered at most.
    pub(crate) most: u64,
}

impl Mark {
    /// Where the target's sequence is at most when nobody else has written to it.
    pub(crate) fn left(&self) -> Seq {
        Seq(self.before.0.saturating_add(self.most))
    }

    pub(crate) fn bookmark(&self) -> Bookmark {
        let Cursor { incarnation, seq } = self.cursor;
        let text = format!("{FORM} {} {} {} {}", incarnation.0, seq.0, self.before.0, self.most);
        Bookmark { name: NAME.to_owned(), value: text.into_bytes() }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_prefix(FORM)?.strip_prefix(' ')?;
        let numbers: Vec<u64> = text.split(' ').map(|n| n.parse().ok()).collect::<Option<_>>()?;
        let &[incarnation, seq, before, most] = numbers.as_slice() else { return None };
        let cursor = Cursor { incarnation: Incarnation(incarnation), seq: Seq(seq) };
        Some(Self { cursor, before: Seq(before), most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_in_the_golden_file() {
        let cursor = Cursor { incarnation: Incarnation(u64::MAX), seq: Seq(1_234_567) };
        let mark = Mark { cursor, before: Seq(1_230_000), most: 20_000 };
        let golden = include_str!("../tests/golden/mark.txt").trim_end();
        assert_eq!(String::from_utf8_lossy(&mark.bookmark().value), golden);
        assert_eq!(Mark::decode(golden.as_bytes()), Some(mark));
        assert_eq!(mark.left(), Seq(1_250_000));
    }

    #[test]
    fn what_is_no_mark_is_not_read_as_one() {
        for other in
            ["", "copy-1", "copy-2 1 2 3 4", "copy-1 1 2 3", "copy-1 1 2 3 4 5", "copy-1 1 2 3 x"]
        {
            assert_eq!(Mark::decode(other.as_bytes()), None, "{other}");
        }
    }
}
