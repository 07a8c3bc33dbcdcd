//! A query as statements.

use super::arguments::Ready;
use super::compile::Compiler;
use super::needed::look_up;
use super::sort::{Order, deciding};
use crate::collection::Shared;
use crate::error::Outcome;
use crate::rows::limit;
use crate::transaction::Transaction;
use cresset_store::position::Place;
use cresset_store::{Query, Scope, Start};
use tokio_postgres::types::Type;

/// The statements that answer a query.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Surrogates and sort values of the page, and of one resource more.
    pub(crate) page: Ready,
    /// How many match, when that is asked for.
    pub(crate) count: Option<Ready>,
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
        let mut compiler = Compiler::new(vocabulary, scope, shared.schema_type);
        let sql = page(&mut compiler, query)?;
        let page = Ready {
            sql: shared.names.sql(&sql),
            arguments: std::mem::take(&mut compiler.arguments),
        };
        let mut count = None;
        if query.total {
            let condition = compiler.matching("x", &query.types, &query.filter)?;
            let sql = format!("SELECT count(*) FROM @resource x WHERE {condition}");
            count = Some(Ready { sql: shared.names.sql(&sql), arguments: compiler.arguments });
        }
        Ok(Self { page, count })
    }
}

fn page(compiler: &mut Compiler<'_>, query: &Query) -> Outcome<String> {
    let sort = deciding(&query.sort);
    let order = Order::new(compiler, sort);
    let mut condition = compiler.matching("x", &query.types, &query.filter)?;
    let (place, backwards) = match &query.start {
        Start::First => (None, false),
        Start::After(position) => (Some(Place::decode(position, sort.len())?), false),
        Start::Before(position) => (Some(Place::decode(position, sort.len())?), true),
    };
    if let Some(place) = place {
        let beyond = order.beyond(compiler, sort, &place, backwards)?;
        condition.push_str(&format!(" AND {beyond}"));
    }
    let columns: String = order.columns.iter().map(|column| format!(", {column}")).collect();
    let most = compiler.arguments.bind(limit(query.limit.saturating_add(1)), Type::INT8);
    Ok(format!(
        "SELECT x.r, x.{}{columns} FROM @resource x{} WHERE {condition} ORDER BY {} LIMIT {most}",
        compiler.schema_type.arrival(),
        order.joins,
        order.by(sort, backwards)
    ))
}
