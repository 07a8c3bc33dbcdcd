//! Ranges of the index.

use super::snapshot::Snapshot;
use crate::error::{Context, Outcome};
use crate::vocabulary::Vocabulary;
use cresset_store::physical::{Numbers, after, write_number, write_segment, write_value};
use cresset_store::{Key, Pattern, Scan, TextPart, Within};
use rusqlite::{Connection, OptionalExtension};

/// Values from `low` up to, but without, `high`.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) parameter: u32,
    pub(crate) low: Vec<u8>,
    pub(crate) high: Option<Vec<u8>>,
    pub(crate) suffix: Option<Suffix>,
    pub(crate) contains: Option<Contains>,
    /// A further bound, with the length of what stands before the part that it is about.
    pub(crate) within: Option<(usize, Within)>,
}

/// What follows the text that begins so many bytes into the value.
#[derive(Clone, Debug)]
pub(crate) struct Suffix {
    at: usize,
    bytes: Vec<u8>,
}

impl Suffix {
    /// By the text's end, since the bytes of one number may end another's.
    fn follows(&self, value: &[u8]) -> bool {
        let rest = value.get(self.at..).unwrap_or_default();
        memchr::memchr(0, rest).is_some_and(|end| rest[end + 1..] == self.bytes)
    }
}

/// A part of the text in the segment that begins so many bytes into the value.
#[derive(Clone, Debug)]
pub(crate) struct Contains {
    at: usize,
    wanted: TextPart,
}

impl Contains {
    fn holds(&self, value: &[u8]) -> bool {
        let rest = value.get(self.at..).unwrap_or_default();
        let Some(end) = memchr::memchr(0, rest) else { return false };
        self.wanted.is_in(&rest[..end])
    }
}

impl Range {
    /// Values from `low` up to, but without, `high`.
    pub(crate) fn new(parameter: u32, low: Vec<u8>, high: Option<Vec<u8>>) -> Self {
        Self { parameter, low, high, suffix: None, contains: None, within: None }
    }

    /// Whether a value within the bounds is one of those meant.
    pub(crate) fn admits(&self, value: &[u8]) -> bool {
        let within = |(start, within): &(usize, Within)| {
            value.get(*start..).is_some_and(|after_prefix| within.admits(after_prefix))
        };
        self.suffix.as_ref().is_none_or(|suffix| suffix.follows(value))
            && self.within.as_ref().is_none_or(within)
            && self.contains.as_ref().is_none_or(|c| c.holds(value))
    }

    /// Whether rows within the bounds may not be meant.
    pub(crate) fn is_filtered(&self) -> bool {
        self.suffix.is_some() || self.within.is_some() || self.contains.is_some()
    }

    /// Whether a key is in the range.
    pub(crate) fn holds(&self, parameter: u32, value: &[u8]) -> bool {
        parameter == self.parameter
            && value >= self.low.as_slice()
            && self.high.as_ref().is_none_or(|high| value < high.as_slice())
            && self.admits(value)
    }

    /// Calls `visit` with each row's value, first resource and further ones, in order.
    pub(crate) fn rows(
        &self,
        snapshot: &Snapshot<'_>,
        mut visit: impl FnMut(&[u8], u64, &[u8]) -> Outcome<()>,
    ) -> Outcome<()> {
        let sql = match &self.high {
            None => {
                "SELECT v, r, more FROM posting WHERE p = ?1 AND v >= ?2 AND ?3 IS NULL
                 ORDER BY p, v, r"
            }
            Some(_) => {
                "SELECT v, r, more FROM posting WHERE p = ?1 AND v >= ?2 AND v < ?3
                 ORDER BY p, v, r"
            }
        };
        let doing = "searching the index";
        let mut statement = snapshot.connection.prepare_cached(sql).context(doing)?;
        let mut rows = statement.query((self.parameter, &self.low, &self.high)).context(doing)?;
        while let Some(row) = rows.next().context(doing)? {
            snapshot.step()?;
            let blob =
                |column| row.get_ref(column).map(|v| v.as_blob_or_null().unwrap_or_default());
            let (value, more) = (blob(0).context(doing)?, blob(2).context(doing)?);
            let value = value.unwrap_or_default();
            if self.admits(value) {
                let first = row.get::<_, i64>(1).context(doing)? as u64;
                visit(value, first, more.unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

/// The ranges that a scan stands for: one, or one for each term that a pattern lets through. Empty
/// when something in it was never written.
pub(crate) fn ranges(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    parameter: u32,
    scan: &Scan,
) -> Outcome<Vec<Range>> {
    let mut numbers = Known { connection, vocabulary };
    let mut suffix = Vec::new();
    if !write_value(&scan.suffix, &mut numbers, &mut suffix)? {
        return Ok(Vec::new());
    }
    let mut prefixes = vec![Vec::new()];
    for pattern in &scan.prefix {
        let mut longer = Vec::new();
        for prefix in prefixes {
            extend(&mut numbers, parameter, &prefix, pattern, &mut longer)?;
        }
        prefixes = longer;
    }
    let range = |prefix: Vec<u8>| {
        let high = match &scan.upper {
            Some(upper) => Some([prefix.as_slice(), upper].concat()),
            None => after(&prefix),
        };
        let low = [prefix.as_slice(), scan.lower.as_deref().unwrap_or_default()].concat();
        let wanted = scan.contains.clone();
        let contains = wanted.map(|wanted| Contains { at: prefix.len(), wanted });
        let within = scan.within.clone().map(|within| (prefix.len(), within));
        let bytes = Some(&suffix).filter(|bytes| !bytes.is_empty()).cloned();
        let suffix = bytes.map(|bytes| Suffix { at: prefix.len(), bytes });
        Range { parameter, low, high, suffix, contains, within }
    };
    Ok(prefixes.into_iter().map(range).collect())
}

fn extend(
    numbers: &mut Known<'_>,
    parameter: u32,
    prefix: &[u8],
    pattern: &Pattern,
    longer: &mut Vec<Vec<u8>>,
) -> Outcome<()> {
    let terms = match pattern {
        Pattern::Is(segment) => {
            let mut next = prefix.to_vec();
            if write_segment(segment, numbers, &mut next)? {
                longer.push(next);
            }
            return Ok(());
        }
        Pattern::AnyTerm => terms_after(numbers.connection, parameter, prefix)?,
        Pattern::TermEnding(ending) => Vocabulary::terms_ending(numbers.connection, ending)?,
    };
    longer.extend(terms.into_iter().map(|term| {
        let mut next = prefix.to_vec();
        write_number(term, &mut next);
        next
    }));
    Ok(())
}

/// The distinct terms that follow `prefix`: a leap from each to the next, not a walk over all rows.
fn terms_after(connection: &Connection, parameter: u32, prefix: &[u8]) -> Outcome<Vec<u64>> {
    let mut terms = Vec::new();
    let mut at = prefix.to_vec();
    loop {
        let value: Option<Vec<u8>> = connection
            .prepare_cached("SELECT v FROM posting WHERE p = ?1 AND v >= ?2 ORDER BY v LIMIT 1")
            .and_then(|mut s| s.query_row((parameter, &at), |row| row.get(0)).optional())
            .context("searching the index")?;
        let Some(value) = value.filter(|value| value.starts_with(prefix)) else {
            return Ok(terms);
        };
        match cresset_store::physical::read_number(&value[prefix.len()..]) {
            Some((term, _)) => {
                terms.push(term);
                at = prefix.to_vec();
                write_number(term + 1, &mut at);
            }
            // It ends before a term: the next one.
            None => {
                at = value;
                at.push(0);
            }
        }
    }
}

/// Numbers of what was written before; nothing is entered.
pub(crate) struct Known<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) vocabulary: &'a mut Vocabulary,
}

impl Numbers for Known<'_> {
    fn term(&mut self, text: &str) -> Outcome<Option<u64>> {
        self.vocabulary.term(self.connection, text)
    }

    fn resource(&mut self, key: &Key) -> Outcome<Option<u64>> {
        surrogate(self.connection, key)
    }
}

/// The surrogate of a resource that was written or referred to.
pub(crate) fn surrogate(connection: &Connection, key: &Key) -> Outcome<Option<u64>> {
    connection
        .prepare_cached("SELECT r FROM resource WHERE type = ?1 AND id = ?2")
        .and_then(|mut s| {
            let id = crate::physical::id_value(&key.id);
            s.query_row((key.resource_type.0, id), |row| row.get::<_, i64>(0)).optional()
        })
        .map(|resource| resource.map(|r| r as u64))
        .context("looking up a resource")
}
