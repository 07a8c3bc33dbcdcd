//! Bringing the tables of a collection from one form to the next, while others use them.
//!
//! A step has two parts. What `expand` adds doesn't disturb programs of the form before: both work on
//! the collection, one beside the other. What `contract` takes away they may need, so it waits for an
//! operator who knows that none of them runs any more. Each part is a transaction of its own, under the
//! lock of the schema: a process that is killed leaves whole steps, and the next one goes on there.
//!
//! `setting.form` is the oldest form whose programs may use the tables; the table `step` has the steps
//! that were expanded. Each commit and each search looks at the first, so a program that is too old and
//! still running is refused from the contraction on.

use crate::connection::Connections;
use crate::error::{Context, Kind, Outcome, corrupt, is_forbidden, kind};
use crate::names::Names;
use crate::schema_type::SchemaType;
use crate::tables;
use crate::transaction::{Transaction, retrying};
use cresset_store::StoreError;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// The steps of Cresset's own tables: none so far.
pub(crate) const STEPS: &[Step] = &[];

/// The form that the tables have before any step.
pub(crate) const FIRST_FORM: i32 = 1;

const DOING: &str = "migrating a collection";

/// A step from the form before to `form`. Statements are sent one by one, as Citus wants them; `@`
/// stands before each name that is the collection's own. They run inside a transaction, so without
/// `CONCURRENTLY`.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The form that it leads to: 2 is the first.
    pub form: i32,
    /// What is added. Programs of the form before must be able to go on reading and writing.
    pub expand: &'static [&'static str],
    /// What makes that which was added distributed, in a distributed schema.
    pub distribute: &'static [&'static str],
    /// What is taken away once no program of the form before runs.
    pub contract: &'static [&'static str],
}

/// What a migration did, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// Whether the tables were made.
    pub made: bool,
    /// The forms that were expanded to.
    pub expanded: Vec<i32>,
    /// The forms whose older parts were taken away.
    pub contracted: Vec<i32>,
    /// The form that the tables have.
    pub form: i32,
    /// The oldest form whose programs may use them.
    pub oldest: i32,
}

/// The form of a program with these steps.
pub(crate) fn newest(steps: &[Step]) -> i32 {
    steps.last().map_or(FIRST_FORM, |step| step.form)
}

/// Where a collection stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forms {
    /// The oldest form whose programs may use it.
    pub(crate) oldest: i32,
    /// The form whose parts are all there.
    pub(crate) reached: i32,
}

/// Whether the steps were ever begun, and the oldest form that is allowed.
pub(crate) const OLDEST: &str = "form, to_regclass('@step') IS NOT NULL";
/// All who may see the schema read it when they open the collection, also before rights to what a step
/// has added are granted.
const STEP_TABLE: [&str; 2] =
    ["CREATE TABLE IF NOT EXISTS @step(form int PRIMARY KEY)", "GRANT SELECT ON @step TO PUBLIC"];
const REACHED: &str = "SELECT max(form) FROM @step";

impl Forms {
    /// From a row that begins with [`OLDEST`], and what `REACHED` gives when it is to be asked.
    pub(crate) async fn of(
        row: &Row,
        client: &crate::connection::Object,
        names: &Names,
    ) -> Outcome<Self> {
        let oldest: i32 = row.try_get(0).context(DOING)?;
        let begun: bool = row.try_get(1).context(DOING)?;
        let mut reached = oldest;
        if begun {
            let rows = client.query_typed(&names.sql(REACHED), &[]).await.context(DOING)?;
            let last = rows.first().map(|row| row.try_get::<_, Option<i32>>(0)).transpose();
            reached = oldest.max(last.context(DOING)?.flatten().unwrap_or(oldest));
        }
        Ok(Self { oldest, reached })
    }

    /// Whether a program with these steps may use the collection.
    pub(crate) fn check(self, steps: &[Step]) -> Outcome<()> {
        let own = newest(steps);
        let mismatch = match own {
            own if own < self.oldest => Mismatch::TooOld { own, oldest: self.oldest },
            own if own > self.reached => Mismatch::Behind { own, reached: self.reached },
            _ => return Ok(()),
        };
        Err(StoreError::Backend { context: "opening a collection", source: Box::new(mismatch) })
    }
}

/// Why a program and a collection don't go together.
#[derive(Clone, Copy, Debug)]
enum Mismatch {
    TooOld { own: i32, oldest: i32 },
    Behind { own: i32, reached: i32 },
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooOld { own, oldest } => write!(
                f,
                "the tables are for programs of form {oldest} or later, this one has form {own}: use the version of Cresset that migrated them, or a later one"
            ),
            Self::Behind { own, reached } => write!(
                f,
                "the tables have form {reached}, this program needs form {own}: run `cresset config migrate --store URL` with this version, as their owner"
            ),
        }
    }
}

impl std::error::Error for Mismatch {}

fn mismatch(error: &StoreError) -> Option<&Mismatch> {
    match error {
        StoreError::Backend { source, .. } => source.downcast_ref(),
        _ => None,
    }
}

/// Whether the tables wait for steps that this program knows.
pub(crate) fn is_behind(error: &StoreError) -> bool {
    matches!(mismatch(error), Some(Mismatch::Behind { .. }))
}

/// Whether the program is older than the tables allow.
pub(crate) fn is_too_old(error: &StoreError) -> bool {
    matches!(mismatch(error), Some(Mismatch::TooOld { .. }))
}

/// Makes the tables where they aren't, and applies the steps that are missing, one process at a time;
/// with `contract` takes away what only older programs need.
pub(crate) async fn migrate(
    connections: &Connections,
    names: &Names,
    wanted: Option<SchemaType>,
    steps: &[Step],
    contract: bool,
) -> Outcome<Migrated> {
    let mut migrated = Migrated::default();
    let make = || tables::make(connections, names, wanted.unwrap_or(SchemaType::Plain), steps);
    migrated.made = retrying(make).await.map_err(|error| explained(error, "make"))?;
    loop {
        let once = retrying(|| apply(connections, names, steps, contract)).await;
        match once.map_err(|error| explained(error, "change"))? {
            Applied::Expanded(form) => migrated.expanded.push(form),
            Applied::Contracted(form) => migrated.contracted.push(form),
            Applied::Nothing(forms) => {
                (migrated.form, migrated.oldest) = (forms.reached, forms.oldest);
                return Ok(migrated);
            }
        }
    }
}

enum Applied {
    Expanded(i32),
    Contracted(i32),
    Nothing(Forms),
}

/// Applies the next part, if there is one.
async fn apply(
    connections: &Connections,
    names: &Names,
    steps: &[Step],
    contract: bool,
) -> Outcome<Applied> {
    let transaction = tables::locked(connections, names).await?;
    match apply_in(&transaction, names, steps, contract).await {
        Ok(applied) => transaction.commit().await.map(|()| applied),
        Err(error) => {
            transaction.rollback().await;
            Err(error)
        }
    }
}

async fn apply_in(
    transaction: &Transaction,
    names: &Names,
    steps: &[Step],
    contract: bool,
) -> Outcome<Applied> {
    let sql = names.sql(&format!("SELECT {OLDEST}, distributed FROM @setting"));
    let rows = transaction.rows(DOING, &sql, &[]).await?;
    let row = rows.first().ok_or_else(|| corrupt("the collection has no settings"))?;
    let forms = Forms::of(row, transaction.client()?, names).await?;
    let distributed: bool = row.try_get(2).context(DOING)?;
    let next = |from: i32| steps.iter().find(|step| step.form > from);
    if forms.oldest > newest(steps) {
        forms.check(steps)?;
    }
    if let Some(step) = next(forms.reached) {
        expand(transaction, names, step, distributed).await?;
        return Ok(Applied::Expanded(step.form));
    }
    if let Some(step) = next(forms.oldest).filter(|_| contract) {
        each(transaction, names, step.contract).await?;
        // Commits that are under way begin again, and look at the form.
        let sql = names.sql("UPDATE @setting SET form = $1, build = build + 1");
        transaction.rows(DOING, &sql, &[(&step.form, Type::INT4)]).await?;
        return Ok(Applied::Contracted(step.form));
    }
    Ok(Applied::Nothing(forms))
}

async fn expand(
    transaction: &Transaction,
    names: &Names,
    step: &Step,
    distributed: bool,
) -> Outcome<()> {
    each(transaction, names, &STEP_TABLE).await?;
    each(transaction, names, step.expand).await?;
    if distributed {
        each(transaction, names, step.distribute).await?;
    }
    let sql = names.sql("INSERT INTO @step(form) VALUES ($1)");
    transaction.rows(DOING, &sql, &[(&step.form, Type::INT4)]).await.map(|_| ())
}

/// Brings tables that were just made, and that nobody else knows yet, to the newest form.
pub(crate) async fn apply_all(
    transaction: &Transaction,
    names: &Names,
    steps: &[Step],
    distributed: bool,
) -> Outcome<()> {
    for step in steps {
        expand(transaction, names, step, distributed).await?;
        each(transaction, names, step.contract).await?;
    }
    let sql = names.sql("UPDATE @setting SET form = $1");
    transaction.rows(DOING, &sql, &[(&newest(steps), Type::INT4)]).await.map(|_| ())
}

async fn each(transaction: &Transaction, names: &Names, statements: &[&str]) -> Outcome<()> {
    for statement in statements {
        transaction.client()?.batch_execute(&names.sql(statement)).await.context(DOING)?;
    }
    Ok(())
}

/// Says what an operator can do when the role may not, or when somebody holds a lock.
pub(crate) fn explained(error: StoreError, what: &str) -> StoreError {
    let source = if is_forbidden(&error) {
        format!(
            "this role may not {what} the collection's tables ({error}): let their owner run `cresset config migrate --store URL --grant ROLE`"
        )
    } else if kind(&error) == Kind::Locked {
        format!("a long search, a commit or another migration is in the way ({error}): try again")
    } else {
        return error;
    };
    StoreError::Backend { context: DOING, source: source.into() }
}
