//! The search shapes by themselves: a table for each number of clients.

use super::cells::{cell, errors, latency, or_dash, others, rate, shortened};
use crate::report::SearchResult;
use std::fmt::{self, Formatter};

pub(super) fn write(f: &mut Formatter<'_>, searches: &[SearchResult]) -> fmt::Result {
    let most = searches.iter().map(|search| search.runs.len()).max().unwrap_or(0);
    (0..most).try_for_each(|place| table(f, searches, place))
}

/// The runs at `place` among those of each shape: all with the same number of clients.
fn table(f: &mut Formatter<'_>, searches: &[SearchResult], place: usize) -> fmt::Result {
    let of = |search: &SearchResult| search.runs.get(place)?.median().map(|m| m.clients);
    let clients = searches.iter().find_map(of).unwrap_or(0);
    let s = if clients == 1 { "" } else { "s" };
    writeln!(
        f,
        "\n### Searches, {clients} client{s}\n\n\
         | shape | example | hits: of each query | entries | /s | lowest–highest | CPU ms each | \
         p50 ms | p95 | p99 | max | errors | others' CPU s |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )?;
    for search in searches {
        let Some(runs) = search.runs.get(place) else {
            continue;
        };
        let Some(median) = runs.median() else {
            continue;
        };
        let (low, high) = runs.spread();
        let each = median.per_cpu_second().map(|rate| format!("{:.2}", 1e3 / rate));
        writeln!(
            f,
            "| {} | `{}` | {}{} | {} | {} | {}–{} | {} | {} | {} | {} |",
            search.shape,
            shortened(&search.example),
            hits(search),
            ignored(search),
            search.hits.entries,
            rate(median.operations_per_second),
            rate(low),
            rate(high),
            or_dash(each),
            latency(median.latency_ms),
            errors(median),
            others(median),
        )?;
    }
    Ok(())
}

fn hits(search: &SearchResult) -> String {
    let more = if search.hits.more { "+" } else { "" };
    let total = search.hits.total();
    // Sums can be equal by chance; two tables are compared query by query.
    let each: Vec<_> = search.hits.each.iter().map(|(_, hits)| hits.to_string()).collect();
    format!("{total}{more}: {}", each.join(" "))
}

fn ignored(search: &SearchResult) -> String {
    match search.hits.ignored.as_slice() {
        [] => String::new(),
        names => format!(", self link lacks {}", cell(&names.join(", "))),
    }
}
