//! Collecting items of which no two are equal.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use cresset_fhir::json::Json;
use smallvec::SmallVec;

use super::{Evaluator, Result};
use crate::collection::{Collection, Item};
use crate::scalar::Scalar;

/// Up to here, comparing with each is faster than hashing.
const FEW: usize = 16;

/// Items in the order they came, each once.
pub(crate) struct Distinct<'e, 'a, 'c> {
    evaluator: &'e Evaluator<'a, 'c>,
    items: Collection<'a>,
    buckets: Option<Buckets>,
}

#[derive(Default)]
struct Buckets {
    hasher: RandomState,
    places: HashMap<u64, SmallVec<[usize; 2]>>,
}

impl<'e, 'a, 'c> Distinct<'e, 'a, 'c> {
    pub(crate) fn new(evaluator: &'e Evaluator<'a, 'c>) -> Self {
        Distinct { evaluator, items: Collection::new(), buckets: None }
    }

    pub(crate) fn into_items(self) -> Collection<'a> {
        self.items
    }

    /// Whether the item was new.
    pub(crate) fn insert(&mut self, item: Item<'a>) -> Result<bool> {
        if self.items.len() < FEW {
            if self.evaluator.is_among(&item, &self.items)? {
                return Ok(false);
            }
            self.items.push(item);
            return Ok(true);
        }
        let evaluator = self.evaluator;
        let items = &self.items;
        let buckets = self.buckets.get_or_insert_with(|| Buckets::of(evaluator, items));
        let hash = buckets.hash(&evaluator.scalar(&item));
        let places = buckets.places.entry(hash).or_default();
        for place in places.iter() {
            if evaluator.equal(&item, &items[*place])? == Some(true) {
                return Ok(false);
            }
        }
        evaluator.charge(1)?;
        places.push(items.len());
        self.items.push(item);
        Ok(true)
    }
}

impl Buckets {
    fn of(evaluator: &Evaluator<'_, '_>, items: &[Item<'_>]) -> Buckets {
        let mut buckets = Buckets::default();
        for (place, item) in items.iter().enumerate() {
            let hash = buckets.hash(&evaluator.scalar(item));
            buckets.places.entry(hash).or_default().push(place);
        }
        buckets
    }

    /// Equal values have equal hashes.
    fn hash(&self, scalar: &Scalar<'_>) -> u64 {
        match scalar {
            Scalar::Boolean(value) => u64::from(*value),
            Scalar::String(text) => self.hasher.hash_one(text),
            Scalar::Complex(json) => self.hash_json(json),
            // Numbers, moments and quantities are equal in too many ways.
            other => other.decimal().map_or(2, |n| self.hasher.hash_one(n.normalize())),
        }
    }

    fn hash_json(&self, json: &Json) -> u64 {
        match json {
            Json::String(text) => self.hasher.hash_one(text),
            Json::Array(items) => items.iter().fold(3, |hash: u64, item| {
                hash.wrapping_mul(31).wrapping_add(self.hash_json(item))
            }),
            Json::Object(object) => object.iter().fold(5, |hash: u64, (name, value)| {
                let property = (self.hasher.hash_one(name), self.hash_json(value));
                hash.wrapping_add(self.hasher.hash_one(property))
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) => 7,
        }
    }
}
