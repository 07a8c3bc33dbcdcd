//! What PostgreSQL makes of a search, in words.

use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::read::Snapshot;
use crate::search::{Compiled, too_costly};
use cresset_store::{Plan, PlanStep, Query, Scope};
use std::time::Instant;

const DOING: &str = "explaining a search";
const EXPLAIN: &str = "EXPLAIN (ANALYZE, COSTS, TIMING OFF, SUMMARY OFF) ";

/// The plan of a search, and what it took.
pub(crate) async fn explain(shared: &Shared, scope: &Scope, query: &Query) -> Outcome<Plan> {
    let limit = shared.connections.settings.search_timeout;
    let snapshot = Snapshot::take(shared, limit).await?;
    let plan = plan(&snapshot, shared, scope, query).await;
    snapshot.end(plan).await.map_err(|error| too_costly(error, limit))
}

async fn plan(snapshot: &Snapshot, shared: &Shared, scope: &Scope, query: &Query) -> Outcome<Plan> {
    let transaction = &snapshot.transaction;
    let compiled = Compiled::new(transaction, shared, scope, query).await?;
    let started = Instant::now();
    let (places, count) = compiled.run(transaction, query).await?;
    let (found, time) = (places.len().min(query.limit), started.elapsed());
    let total = count.map(|row| row.try_get::<_, i64>(0)).transpose().context(DOING)?;
    let total = total.map(i64::unsigned_abs);
    // What is asked for isn't named: only the shape of the plan is shown. Without a page it is the count's.
    let first = compiled.first().filter(|_| query.limit > 0);
    let explained = first.or(compiled.count.as_ref()).map(|ready| ready.prefixed(EXPLAIN, DOING));
    let rows = transaction.pipeline(None, explained.as_slice()).await?;
    let lines = rows.iter().flatten().map(|row| row.try_get::<_, String>(0).context(DOING));
    let nodes: Vec<Node> =
        lines.collect::<Outcome<Vec<_>>>()?.iter().filter_map(|line| Node::read(line)).collect();
    let looked_at = nodes.iter().map(|node| node.looked_at).sum();
    let steps = nodes.into_iter().map(|node| node.step).collect();
    Ok(Plan { steps, rows: looked_at, found, total, time })
}

/// A node of the plan.
#[derive(Debug)]
struct Node {
    step: PlanStep,
    /// Rows that it read from a table or an index.
    looked_at: u64,
}

impl Node {
    /// From a line of `EXPLAIN`; `None` for those with conditions, which quote what is asked for.
    fn read(line: &str) -> Option<Self> {
        let (what, costs) = line.split_once("  (cost=")?;
        let (depth, what) = match what.split_once("->  ") {
            None => (0, what.trim()),
            Some((indent, what)) => (indent.len() / 6 + 1, what.trim()),
        };
        let after = |text: &str, name: &str| -> Option<u64> {
            let (_, rest) = text.split_once(name)?;
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits].parse().ok()
        };
        let actual = costs.split_once("(actual ").map_or("", |(_, actual)| actual);
        let rows = after(actual, "rows=").unwrap_or(0) * after(actual, "loops=").unwrap_or(0);
        let reads = what.contains("Scan") && what.contains(" on ");
        let looked_at = if reads { rows } else { 0 };
        let step = PlanStep { depth, what: what.to_owned(), estimate: after(costs, "rows=") };
        Some(Self { step, looked_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_nodes_become_steps_and_conditions_are_left_out() {
        let lines = [
            "Limit  (cost=0.42..8.5 rows=21 width=8) (actual rows=3 loops=1)",
            "  ->  Nested Loop  (cost=0.42..8.5 rows=40 width=8) (actual rows=3 loops=1)",
            "        ->  Index Only Scan using value_k on value v  (cost=0.42..8.5 rows=7 width=8) (actual rows=4 loops=2)",
            "              Index Cond: ((p = 5) AND (v >= '\\x61'::bytea))",
            "Planning Time: 0.1 ms",
        ];
        let nodes: Vec<Node> = lines.iter().filter_map(|line| Node::read(line)).collect();
        let steps: Vec<_> = nodes.iter().map(|n| (n.step.depth, n.step.estimate)).collect();
        assert_eq!(steps, [(0, Some(21)), (1, Some(40)), (2, Some(7))]);
        assert_eq!(nodes[2].step.what, "Index Only Scan using value_k on value v");
        assert_eq!(nodes.iter().map(|n| n.looked_at).sum::<u64>(), 8);
    }
}
