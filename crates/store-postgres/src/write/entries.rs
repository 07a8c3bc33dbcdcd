//! Index keys as rows of `value`, `reference` and `words`.

use super::words::Words;
use crate::error::{Outcome, corrupt};
use crate::tables::INDEXED;
use crate::transaction::Argument;
use crate::vocabulary::Known;
use cresset_store::physical::keys::{self, PhysicalKey};
use cresset_store::physical::{read_number, write_number, write_value};
use cresset_store::{IndexKeys, Segment};
use tokio_postgres::types::Type;

/// Which table a key goes to: the lowest two bits of the number under which a row keeps it.
const VALUE: u32 = 0;
const REFERENCE: u32 = 1;
const WORD: u32 = 2;

/// The keys as a row keeps them, sorted; `None` when one has a part that has no number.
pub(crate) fn physical(index: &IndexKeys, known: &Known) -> Outcome<Option<Vec<PhysicalKey>>> {
    let mut keys = Vec::with_capacity(index.len());
    for key in index.iter() {
        let Some(parameter) = known.parameter(&key.parameter) else { return Ok(None) };
        let mut value = Vec::with_capacity(16);
        let mut numbers = known;
        if !write_value(&key.value, &mut numbers, &mut value)? {
            return Ok(None);
        }
        let table = match key.value.first() {
            Some(Segment::Resource(_)) => REFERENCE,
            _ if key.parameter.is_words() => WORD,
            _ => VALUE,
        };
        keys.push((parameter.unsigned_abs() << 2 | table, value));
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(Some(keys))
}

/// The value of a key that a row keeps, if it is one of these indexes'.
pub(crate) fn value_of<'k>(number: u32, value: &'k [u8], indexes: &[i32]) -> Option<&'k [u8]> {
    indexes.contains(&(number >> 2).cast_signed()).then_some(value)
}

/// Rows of the index, column by column.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) values: Values,
    pub(crate) references: References,
    /// Words by resource, of all that was pushed.
    pub(crate) words: Words,
}

/// Columns of `value`.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) r: Vec<i64>,
    pub(crate) k: Vec<Vec<u8>>,
    pub(crate) more: Vec<Option<Vec<u8>>>,
}

/// Columns of `reference`.
#[derive(Debug, Default)]
pub(crate) struct References {
    pub(crate) p: Vec<i32>,
    pub(crate) target: Vec<i64>,
    pub(crate) more: Vec<Option<Vec<u8>>>,
    pub(crate) r: Vec<i64>,
}

/// What the values of an index begin with in `value`.
pub(crate) fn index_prefix(p: i32) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(16);
    write_number(u64::from(p.unsigned_abs()), &mut prefix);
    prefix
}

impl Entries {
    /// Adds what the keys of a resource are in the index.
    pub(crate) fn push(&mut self, resource: i64, key: (u32, &[u8])) -> Outcome<()> {
        let (number, value) = key;
        let p = (number >> 2).cast_signed();
        match number & 3 {
            VALUE => {
                let mut k = index_prefix(p);
                k.extend_from_slice(value);
                let more = (k.len() > INDEXED).then(|| k.split_off(INDEXED));
                self.values.r.push(resource);
                self.values.k.push(k);
                self.values.more.push(more);
            }
            REFERENCE => {
                let (target, more) = read_number(value).ok_or_else(damaged)?;
                self.references.p.push(p);
                self.references.target.push(i64::try_from(target).map_err(|_| damaged())?);
                self.references.more.push((!more.is_empty()).then(|| more.to_vec()));
                self.references.r.push(resource);
            }
            WORD => self.words.push(resource, p, value)?,
            _ => return Err(damaged()),
        }
        Ok(())
    }

    /// Adds all keys that a row keeps.
    pub(crate) fn push_all(&mut self, resource: i64, kept: &[u8]) -> Outcome<()> {
        let keys = keys::decode(kept).ok_or_else(damaged)?;
        keys.into_iter().try_for_each(|key| self.push(resource, key))
    }

    pub(crate) fn len(&self) -> usize {
        self.values.r.len() + self.references.r.len() + self.words.count()
    }

    /// The columns of `value` as arguments.
    pub(crate) fn value_arguments(&self) -> Vec<Argument<'_>> {
        let Values { r, k, more } = &self.values;
        vec![(r, Type::INT8_ARRAY), (k, Type::BYTEA_ARRAY), (more, Type::BYTEA_ARRAY)]
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

fn damaged() -> cresset_store::StoreError {
    corrupt("a row's index keys")
}

/// How the index changes when a row's keys do.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) gone: Entries,
    pub(super) new: Entries,
}

impl Difference {
    /// Adds the difference between the keys that a resource had and those that it gets. Words are one
    /// row: when they differ, `new` has all of them, or `gone` when none is left.
    pub(super) fn push(&mut self, resource: i64, old: &[u8], new: &[u8]) -> Outcome<()> {
        if old == new {
            return Ok(());
        }
        let old = keys::decode(old).ok_or_else(damaged)?;
        let new = keys::decode(new).ok_or_else(damaged)?;
        let is_word = |key: &&(u32, &[u8])| key.0 & 3 == WORD;
        if !old.iter().filter(is_word).eq(new.iter().filter(is_word)) {
            let (side, entries) = match new.iter().any(|key| is_word(&key)) {
                true => (&new, &mut self.new),
                false => (&old, &mut self.gone),
            };
            side.iter().filter(is_word).try_for_each(|key| entries.push(resource, *key))?;
        }
        let (mut old, mut new) = (old.as_slice(), new.as_slice());
        loop {
            match (old.first(), new.first()) {
                (None, None) => return Ok(()),
                (Some(a), _) if is_word(&a) => old = &old[1..],
                (_, Some(b)) if is_word(&b) => new = &new[1..],
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
