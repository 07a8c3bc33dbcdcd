//! Cutting a page out of a set, in the order asked for.

use super::range::Range;
use crate::error::Outcome;
use crate::posting::members;
use crate::vocabulary::{Vocabulary, reserved};
use cresset_store::position::Place;
use cresset_store::{Parameter, Position, Query, Sort, SortBy};
use roaring::RoaringTreemap;
use rusqlite::Connection;
use std::collections::HashMap;

/// The surrogates of the page, and where the next one starts.
pub(super) fn page(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    found: &RoaringTreemap,
    query: &Query,
) -> Outcome<(Vec<u64>, Option<Position>)> {
    let after = query.after.as_ref().map(|p| Place::decode(p, query.sort.len())).transpose()?;
    if query.limit == 0 {
        return Ok((Vec::new(), None));
    }
    if query.sort.is_empty() {
        return Ok(by_arrival(found, after.map_or(0, |place| place.arrival), query.limit));
    }
    let values = query.sort.iter().map(|key| values(connection, vocabulary, found, key));
    let values: Vec<HashMap<u64, Vec<u8>>> = values.collect::<Outcome<_>>()?;
    let mut places: Vec<Place> = found
        .iter()
        .map(|resource| Place {
            values: values.iter().map(|by| by.get(&resource).cloned()).collect(),
            arrival: resource,
        })
        .filter(|place| after.as_ref().is_none_or(|a| place.order(a, &query.sort).is_gt()))
        .collect();
    let more = places.len() > query.limit;
    if more {
        places.select_nth_unstable_by(query.limit, |a, b| a.order(b, &query.sort));
        places.truncate(query.limit);
    }
    places.sort_unstable_by(|a, b| a.order(b, &query.sort));
    let next = places.last().filter(|_| more).map(Place::encode);
    Ok((places.iter().map(|place| place.arrival).collect(), next))
}

fn by_arrival(found: &RoaringTreemap, after: u64, limit: usize) -> (Vec<u64>, Option<Position>) {
    let skip = if after == 0 { 0 } else { found.rank(after) };
    let mut page: Vec<u64> = Vec::with_capacity(limit.min(1024) + 1);
    let mut at = found.iter();
    at.advance_to(after + 1);
    page.extend(at.take(limit));
    let more = found.len() > skip + page.len() as u64;
    let last = page.last().filter(|_| more);
    let next = last.map(|last| Place { values: Vec::new(), arrival: *last }.encode());
    (page, next)
}

/// The sort value of each resource that has one.
fn values(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    found: &RoaringTreemap,
    sort: &Sort,
) -> Outcome<HashMap<u64, Vec<u8>>> {
    match &sort.by {
        SortBy::Arrival => Ok(found.iter().map(|r| (r, r.to_be_bytes().to_vec())).collect()),
        SortBy::Updated => walk(connection, &[reserved::UPDATED], found, sort.descending, 2),
        SortBy::Parameters(parameters) => {
            let numbers = numbers(connection, vocabulary, parameters)?;
            walk(connection, &numbers, found, sort.descending, 0)
        }
    }
}

fn numbers(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    parameters: &[Parameter],
) -> Outcome<Vec<u32>> {
    let mut numbers = Vec::new();
    for parameter in parameters {
        numbers.extend(vocabulary.parameter(connection, parameter)?.map(|index| index.number));
    }
    Ok(numbers)
}

/// Walks whole indexes in order of value; keeps each resource's smallest (or largest) value. `skip`
/// bytes at the front of a value are not part of the order.
fn walk(
    connection: &Connection,
    parameters: &[u32],
    found: &RoaringTreemap,
    largest: bool,
    skip: usize,
) -> Outcome<HashMap<u64, Vec<u8>>> {
    let mut values: HashMap<u64, Vec<u8>> = HashMap::new();
    for parameter in parameters {
        let range =
            Range { parameter: *parameter, low: Vec::new(), high: None, suffix: Vec::new() };
        range.rows(connection, |value, first, more| {
            let value = &value[skip.min(value.len())..];
            for resource in members(first, more).filter(|r| found.contains(*r)) {
                let kept = values.entry(resource).or_insert_with(|| value.to_vec());
                if (value > kept.as_slice()) == largest && value != kept.as_slice() {
                    *kept = value.to_vec();
                }
            }
        })?;
    }
    Ok(values)
}
