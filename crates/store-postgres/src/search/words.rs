//! Words of texts as statements that give resources.

use super::compile::Compiler;
use super::ranges::{Range, ranges};
use crate::error::Outcome;
use crate::write::lexeme;
use cresset_store::physical::after;
use cresset_store::{Pattern, Scan, Segment};
use tokio_postgres::types::Type;

/// A lexeme as a value: with the NUL that ends texts.
const VALUE: &str = "convert_to(l.word, 'UTF8') || '\\x00'::bytea";

impl Compiler<'_> {
    /// The resources with a word in a range.
    pub(super) fn words(&mut self, p: i32, scan: &Scan) -> Outcome<Vec<String>> {
        if let Some(query) = asked(p, scan) {
            let query = self.arguments.bind(query, Type::TEXT);
            return Ok(vec![format!(
                "SELECT w.r FROM @words w WHERE w.words @@ ({query}::text)::tsquery"
            )]);
        }
        // Nothing asks for words otherwise: right, and slow.
        let Some(narrowed) = self.narrowed(scan, VALUE, "t.at")? else { return Ok(Vec::new()) };
        let name = format!("{p}:").into_bytes();
        let mut selects = Vec::new();
        for Range { low, high, at } in ranges(&self.vocabulary, &scan.prefix, scan)? {
            let low = self.arguments.bytes([name.as_slice(), &low].concat());
            let high = high.map(|high| [name.as_slice(), &high].concat()).or_else(|| after(&name));
            let high = self.arguments.bytes(high.unwrap_or_default());
            let at = at.saturating_add(i32::try_from(name.len()).unwrap_or(0));
            let narrowed = narrowed.replace("t.at", &at.to_string());
            selects.push(format!(
                "SELECT w.r FROM @words w, unnest(tsvector_to_array(w.words)) AS l(word) \
                 WHERE {VALUE} >= {low} AND {VALUE} < {high}{narrowed}"
            ));
        }
        Ok(selects)
    }
}

/// What is asked for in the notation of `tsquery`: a whole word, or those that begin with one.
fn asked(p: i32, scan: &Scan) -> Option<String> {
    if !scan.suffix.is_empty() || scan.contains.is_some() || scan.within.is_some() {
        return None;
    }
    match (&scan.prefix[..], &scan.lower, &scan.upper) {
        ([Pattern::Is(Segment::Text(word))], None, None) => Some(lexeme(p, word)),
        ([], Some(start), upper) if *upper == after(start) => {
            let start = std::str::from_utf8(start).ok()?;
            Some(format!("{}:*", lexeme(p, start)))
        }
        _ => None,
    }
}
