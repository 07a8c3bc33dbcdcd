//! Index keys as rows of `value` and `reference`.

use crate::error::{Outcome, corrupt};
use crate::tables::INDEXED;
use crate::transaction::Argument;
use crate::vocabulary::Known;
use cresset_store::physical::keys::{self, PhysicalKey};
use cresset_store::physical::{read_number, write_value};
use cresset_store::{IndexKeys, Segment};
use tokio_postgres::types::Type;

/// The keys as a row keeps them, sorted; `None` when one has a part that has no number. The number
/// of a parameter is doubled, and odd for keys that begin with a resource: these go to `reference`.
pub(crate) fn physical(index: &IndexKeys, known: &Known) -> Outcome<Option<Vec<PhysicalKey>>> {
    let mut keys = Vec::with_capacity(index.len());
    for key in index.iter() {
        let Some(parameter) = known.parameter(&key.parameter) else { return Ok(None) };
        let mut value = Vec::with_capacity(16);
        let mut numbers = known;
        if !write_value(&key.value, &mut numbers, &mut value)? {
            return Ok(None);
        }
        let refers = matches!(key.value.first(), Some(Segment::Resource(_)));
        let parameter = parameter.unsigned_abs() << 1 | u32::from(refers);
        keys.push((parameter, value));
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(Some(keys))
}

/// Rows of the index, column by column.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) values: Values,
    pub(crate) references: References,
}

/// Columns of `value`.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) p: Vec<i32>,
    pub(crate) v: Vec<Vec<u8>>,
    pub(crate) more: Vec<Option<Vec<u8>>>,
    pub(crate) r: Vec<i64>,
}

/// Columns of `reference`.
#[derive(Debug, Default)]
pub(crate) struct References {
    pub(crate) p: Vec<i32>,
    pub(crate) target: Vec<i64>,
    pub(crate) more: Vec<Option<Vec<u8>>>,
    pub(crate) r: Vec<i64>,
}

impl Entries {
    /// Adds what the keys of a resource are in the index.
    pub(crate) fn push(&mut self, resource: i64, key: (u32, &[u8])) -> Outcome<()> {
        let (number, value) = key;
        let p = (number >> 1).cast_signed();
        if number & 1 == 0 {
            let (v, more) = value.split_at(value.len().min(INDEXED));
            self.values.p.push(p);
            self.values.v.push(v.to_vec());
            self.values.more.push((!more.is_empty()).then(|| more.to_vec()));
            self.values.r.push(resource);
            return Ok(());
        }
        let (target, more) = read_number(value).ok_or_else(|| corrupt("a row's index keys"))?;
        let target = i64::try_from(target).map_err(|_| corrupt("a row's index keys"))?;
        self.references.p.push(p);
        self.references.target.push(target);
        self.references.more.push((!more.is_empty()).then(|| more.to_vec()));
        self.references.r.push(resource);
        Ok(())
    }

    /// Adds all keys that a row keeps.
    pub(crate) fn push_all(&mut self, resource: i64, kept: &[u8]) -> Outcome<()> {
        let keys = keys::decode(kept).ok_or_else(|| corrupt("a row's index keys"))?;
        keys.into_iter().try_for_each(|key| self.push(resource, key))
    }

    pub(crate) fn len(&self) -> usize {
        self.values.r.len() + self.references.r.len()
    }
}

/// How the index changes when a row's keys do.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) gone: Entries,
    pub(super) new: Entries,
}

impl Difference {
    /// Adds the difference between the keys that a resource had and those that it gets.
    pub(super) fn push(&mut self, resource: i64, old: &[u8], new: &[u8]) -> Outcome<()> {
        if old == new {
            return Ok(());
        }
        let damaged = || corrupt("a row's index keys");
        let old = keys::decode(old).ok_or_else(damaged)?;
        let new = keys::decode(new).ok_or_else(damaged)?;
        let (mut old, mut new) = (old.as_slice(), new.as_slice());
        loop {
            match (old.first(), new.first()) {
                (None, None) => return Ok(()),
                (Some(a), Some(b)) if a == b => (old, new) = (&old[1..], &new[1..]),
                (Some(a), b) if b.is_none_or(|b| a < b) => {
                    self.gone.push(resource, *a)?;
                    old = &old[1..];
                }
                (_, Some(b)) => {
                    self.new.push(resource, *b)?;
                    new = &new[1..];
                }
                (Some(_), None) => return Ok(()),
            }
        }
    }
}

impl Entries {
    /// The columns of `value` as arguments.
    pub(crate) fn value_arguments(&self) -> Vec<Argument<'_>> {
        let Values { p, v, more, r } = &self.values;
        vec![
            (p, Type::INT4_ARRAY),
            (v, Type::BYTEA_ARRAY),
            (more, Type::BYTEA_ARRAY),
            (r, Type::INT8_ARRAY),
        ]
    }

    /// The columns of `reference` as arguments.
    pub(crate) fn reference_arguments(&self) -> Vec<Argument<'_>> {
        let References { p, target, more, r } = &self.references;
        vec![
            (p, Type::INT4_ARRAY),
            (target, Type::INT8_ARRAY),
            (more, Type::BYTEA_ARRAY),
            (r, Type::INT8_ARRAY),
        ]
    }
}
