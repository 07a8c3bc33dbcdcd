//! Numbers for index names and terms: small sets, remembered by each process.

use crate::dial::Timeline;
use crate::error::{Context, Outcome};
use crate::names::Names;
use crate::transaction::Argument;
use cresset_store::physical::Numbers;
use cresset_store::{IndexKeys, Key, Parameter, Segment, StoreError};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

/// Terms to remember at most; a unit or system that isn't among them is asked for again.
const REMEMBERED: usize = 100_000;

/// What one process knows of a collection's `parameter` and `term`. Rows of these are never changed
/// nor removed, so what is known stays true as long as the collection is the same incarnation, unless a
/// standby is promoted that was behind: then all is forgotten.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    timeline: Timeline,
    /// The timeline on which all of it was learnt.
    learnt_on: AtomicU32,
    parameters: RwLock<HashMap<String, i32>>,
    terms: RwLock<HashMap<String, u64>>,
}

/// Names and texts whose numbers are needed.
#[derive(Debug, Default)]
pub(crate) struct Needed {
    pub(crate) parameters: BTreeSet<Parameter>,
    pub(crate) terms: BTreeSet<String>,
}

impl Needed {
    /// All that index keys have of them; resources are shown to `resource`.
    pub(crate) fn add_keys(&mut self, index: &IndexKeys, mut resource: impl FnMut(Key)) {
        for key in index.iter() {
            if !self.parameters.contains(&key.parameter) {
                self.parameters.insert(key.parameter);
            }
            for segment in key.value {
                if let Segment::Resource(key) = segment {
                    resource(key);
                } else {
                    self.add_segment(&segment);
                }
            }
        }
    }

    pub(crate) fn add_segment(&mut self, segment: &Segment) {
        if let Segment::Term(text) = segment
            && !self.terms.contains(text.as_str())
        {
            self.terms.insert(text.to_string());
        }
    }
}

/// The numbers that were needed, as far as there are any.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) parameters: HashMap<String, i32>,
    pub(crate) terms: HashMap<String, u64>,
    pub(crate) resources: HashMap<Key, i64>,
}

impl Known {
    pub(crate) fn parameter(&self, parameter: &Parameter) -> Option<i32> {
        self.parameters.get(parameter.name()).copied()
    }
}

impl Numbers for &Known {
    fn term(&mut self, text: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.terms.get(text).copied())
    }

    fn resource(&mut self, key: &Key) -> Result<Option<u64>, StoreError> {
        Ok(self.resources.get(key).map(|r| r.unsigned_abs()))
    }
}

impl Vocabulary {
    /// What is known at first: nothing.
    pub(crate) fn on(timeline: Timeline) -> Self {
        let learnt_on = AtomicU32::new(timeline.highest());
        let (parameters, terms) = (RwLock::default(), RwLock::default());
        Self { timeline, learnt_on, parameters, terms }
    }

    /// The numbers of what was ever written; nothing is entered.
    pub(crate) async fn look_up(
        &self,
        client: &Client,
        names: &Names,
        needed: &Needed,
    ) -> Outcome<Known> {
        let mut known = self.remembered(needed);
        let (parameters, terms) = missing(needed, &known);
        if !parameters.is_empty() {
            let sql = names.sql("SELECT name, p FROM @parameter WHERE name = ANY($1)");
            let rows = ask(client, &sql, &[(&parameters, Type::TEXT_ARRAY)]).await?;
            self.learn_parameters(&rows, &mut known)?;
        }
        if !terms.is_empty() {
            let sql = names.sql(
                "SELECT t.text, t.t FROM unnest($1::bytea[]) AS asked(text)
                 JOIN @term t ON sha256(t.text) = sha256(asked.text)",
            );
            let rows = ask(client, &sql, &[(&terms, Type::BYTEA_ARRAY)]).await?;
            self.learn_terms(&rows, &mut known)?;
        }
        Ok(known)
    }

    /// The numbers of all; what has none gets one, in short statements of its own: so the writers of
    /// two processes never wait for each other's commits here. The connection must not be inside a
    /// transaction.
    pub(crate) async fn enter(
        &self,
        client: &Client,
        names: &Names,
        needed: &Needed,
    ) -> Outcome<Known> {
        let known = self.look_up(client, names, needed).await?;
        let (parameters, terms) = missing(needed, &known);
        if parameters.is_empty() && terms.is_empty() {
            return Ok(known);
        }
        if !parameters.is_empty() {
            let sql = names.sql(
                "INSERT INTO @parameter(name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
            );
            ask(client, &sql, &[(&parameters, Type::TEXT_ARRAY)]).await?;
        }
        if !terms.is_empty() {
            let sql = names
                .sql("INSERT INTO @term(text) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING");
            ask(client, &sql, &[(&terms, Type::BYTEA_ARRAY)]).await?;
        }
        self.look_up(client, names, needed).await
    }

    fn remembered(&self, needed: &Needed) -> Known {
        let mut known = Known::default();
        let timeline = self.timeline.highest();
        if self.learnt_on.swap(timeline, Ordering::Relaxed) != timeline {
            self.parameters.write().unwrap_or_else(PoisonError::into_inner).clear();
            self.terms.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
        let parameters = self.parameters.read().unwrap_or_else(PoisonError::into_inner);
        for parameter in &needed.parameters {
            if let Some((name, number)) = parameters.get_key_value(parameter.name()) {
                known.parameters.insert(name.clone(), *number);
            }
        }
        let terms = self.terms.read().unwrap_or_else(PoisonError::into_inner);
        for text in &needed.terms {
            if let Some(number) = terms.get(text) {
                known.terms.insert(text.clone(), *number);
            }
        }
        known
    }

    fn learn_parameters(&self, rows: &[Row], known: &mut Known) -> Outcome<()> {
        let mut remembered = self.parameters.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let name: String = row.try_get(0).context(DOING)?;
            let number = row.try_get(1).context(DOING)?;
            remembered.insert(name.clone(), number);
            known.parameters.insert(name, number);
        }
        Ok(())
    }

    fn learn_terms(&self, rows: &[Row], known: &mut Known) -> Outcome<()> {
        let mut remembered = self.terms.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() + rows.len() > REMEMBERED {
            remembered.clear();
        }
        for row in rows {
            let text: &[u8] = row.try_get(0).context(DOING)?;
            let text = String::from_utf8_lossy(text).into_owned();
            let number = row.try_get::<_, i64>(1).context(DOING)?.unsigned_abs();
            remembered.insert(text.clone(), number);
            known.terms.insert(text, number);
        }
        Ok(())
    }
}

/// The numbers of all terms that end with `ending`.
pub(crate) async fn terms_ending(
    client: &Client,
    names: &Names,
    ending: &str,
) -> Outcome<Vec<u64>> {
    let sql = names.sql(
        "SELECT t FROM @term
         WHERE octet_length(text) >= octet_length($1)
           AND substr(text, octet_length(text) - octet_length($1) + 1) = $1 ORDER BY t",
    );
    let rows = ask(client, &sql, &[(&ending.as_bytes(), Type::BYTEA)]).await?;
    rows.iter().map(|row| Ok(row.try_get::<_, i64>(0).context(DOING)?.unsigned_abs())).collect()
}

const DOING: &str = "looking up terms";

async fn ask(client: &Client, sql: &str, arguments: &[Argument<'_>]) -> Outcome<Vec<Row>> {
    client.query_typed(sql, arguments).await.context(DOING)
}

fn missing<'n>(needed: &'n Needed, known: &Known) -> (Vec<&'n str>, Vec<&'n [u8]>) {
    let parameters = needed.parameters.iter().map(Parameter::name);
    let parameters = parameters.filter(|name| !known.parameters.contains_key(*name));
    let terms = needed.terms.iter().filter(|text| !known.terms.contains_key(*text));
    (parameters.collect(), terms.map(|text| text.as_bytes()).collect())
}
