//! A query as statements.

use super::arguments::Ready;
use super::compile::Compiler;
use super::needed::look_up;
use super::sort::{deciding, place};
use super::stream::{self, Numbers};
use super::{columns, walk};
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::transaction::{Statement, Transaction};
use cresset_store::position::Place;
use cresset_store::{Query, Scope, SortBy};
use tokio_postgres::Row;

const DOING: &str = "searching";

/// The statements that answer a query.
#[derive(Debug)]
pub(crate) struct Compiled {
    pages: Pages,
    /// How many match, when that is asked for.
    pub(crate) count: Option<Ready>,
}

/// How the page is found.
#[derive(Debug)]
enum Pages {
    /// Statements whose rows follow each other, until the page is full.
    Ordered(Vec<Ready>),
    /// A statement whose rows are sorted here.
    Unordered(Ready, Numbers),
}

impl Compiled {
    pub(crate) async fn new(
        transaction: &Transaction,
        shared: &Shared,
        scope: &Scope,
        query: &Query,
    ) -> Outcome<Self> {
        for of in &query.types {
            scope.may_read(*of)?;
        }
        let vocabulary = look_up(transaction, shared, query).await?;
        let mut compiler = Compiler::new(vocabulary, scope, shared);
        let pages = pages(&mut compiler, query)?;
        let mut count = None;
        if query.total {
            let condition = compiler.matching("x", &query.types, &query.filter)?;
            let sql = format!("SELECT count(*) FROM @resource x WHERE {condition}");
            count = Some(compiler.ready(&sql));
        }
        Ok(Self { pages, count })
    }

    /// The statement that the page begins with.
    pub(crate) fn first(&self) -> Option<&Ready> {
        match &self.pages {
            Pages::Ordered(legs) => legs.first(),
            Pages::Unordered(ready, _) => Some(ready),
        }
    }

    /// Resources with their places from the start of the page on, in the order of the walk, up to one
    /// more than the page takes; and, from the same round trip where that can be, the row that counts.
    pub(crate) async fn run(
        &self,
        transaction: &Transaction,
        query: &Query,
    ) -> Outcome<(Vec<(i64, Place)>, Option<Row>)> {
        let mut statements: Vec<Statement<'_>> = Vec::new();
        let mut legs: &[Ready] = &[];
        if let (Pages::Ordered(all), 1..) = (&self.pages, query.limit) {
            let (first, others) = all.split_at(1.min(all.len()));
            statements.extend(first.iter().map(|leg| leg.statement(DOING)));
            legs = others;
        }
        let ordered = !statements.is_empty();
        statements.extend(self.count.iter().map(|count| count.statement(DOING)));
        let mut answers = transaction.pipeline(None, &statements).await?.into_iter();
        let sort = deciding(&query.sort);
        let mut found = Vec::new();
        if ordered {
            add(&answers.next().unwrap_or_default(), query, &mut found)?;
        }
        let count = answers.next().and_then(|mut rows| rows.pop());
        for leg in legs {
            if found.len() > query.limit {
                break;
            }
            let rows = transaction.pipeline(None, &[leg.statement(DOING)]).await?;
            add(&rows[0], query, &mut found)?;
        }
        if let (Pages::Unordered(ready, numbers), 1..) = (&self.pages, query.limit) {
            found = stream::best(transaction, ready, query, sort, numbers).await?;
        }
        Ok((found, count))
    }
}

/// Takes rows over; of one that comes twice, because a value is longer than its index entry, the first.
fn add(rows: &[Row], query: &Query, found: &mut Vec<(i64, Place)>) -> Outcome<()> {
    let sort = deciding(&query.sort);
    for row in rows {
        let r = row.try_get(0).context(DOING)?;
        if found.last().is_none_or(|(last, _)| *last != r) {
            found.push((r, place(row, sort)?));
        }
    }
    Ok(())
}

fn pages(compiler: &mut Compiler<'_>, query: &Query) -> Outcome<Pages> {
    let sort = deciding(&query.sort);
    if let Some(sql) = columns::page(compiler, query, sort)? {
        return Ok(Pages::Ordered(vec![compiler.ready(&sql)]));
    }
    if let Some(legs) = walk::legs(compiler, query, sort)? {
        return Ok(Pages::Ordered(legs));
    }
    let condition = compiler.matching("x", &query.types, &query.filter)?;
    let arrival = compiler.schema_type.arrival();
    let sql = format!(
        "SELECT x.r, x.{arrival}, x.updated, x.id, x.keys FROM @resource x WHERE {condition}"
    );
    let numbers = sort.iter().map(|key| match &key.by {
        SortBy::Parameters(parameters) | SortBy::Texts(parameters) => compiler.numbers(parameters),
        SortBy::Updated | SortBy::Id | SortBy::Arrival => Vec::new(),
    });
    let numbers = numbers.collect();
    Ok(Pages::Unordered(compiler.ready(&sql), numbers))
}
