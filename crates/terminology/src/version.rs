//! The order of versions. FHIR leaves their form open (R4, `CodeSystem.version`): HL7's are like
//! `4.0.1` and `2018-08-12`.

use std::cmp::Ordering;

/// Which of two versions is the newer one. Runs of digits are compared as numbers, the rest as text;
/// a suffix of letters makes it older (`1.0.0-ballot` comes before `1.0.0`).
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        match rank(left).cmp(&rank(right)) {
            Ordering::Equal => {}
            other => return other,
        }
    }
}

/// Text, then the end, then a number: `1.0-rc` < `1.0` < `1.0.1`.
fn rank(part: Option<&str>) -> (u8, usize, &str) {
    match part {
        None => (1, 0, ""),
        Some(part) if part.starts_with(|c: char| c.is_ascii_digit()) => {
            // Without leading zeros, the longer number is the larger one.
            let digits = part.trim_start_matches('0');
            (2, digits.len(), digits)
        }
        Some(part) => (0, 0, part),
    }
}

/// Runs of digits and runs of other letters, without the punctuation between them.
fn parts(version: &str) -> impl Iterator<Item = &str> {
    version.split(|c: char| !c.is_alphanumeric()).flat_map(runs).filter(|part| !part.is_empty())
}

fn runs(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let ascending = [
            "1.0.0-ballot",
            "1.0.0-ballot2",
            "1.0.0",
            "1.0.1",
            "1.9",
            "1.10",
            "2",
            "2018-08-12",
            "2018-09-01",
            "20230901",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare_versions(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare_versions(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare_versions("1.0", "1.0"), Ordering::Equal);
    }
}
