//! Cutting a page out of a set, in the order asked for.

use super::range::Range;
use crate::error::{Context, Outcome};
use crate::physical::read_id;
use crate::posting::members;
use crate::vocabulary::{Vocabulary, reserved};
use cresset_store::position::Place;
use cresset_store::{Parameter, Position, Query, Sort, SortBy, Start};
use roaring::RoaringTreemap;
use rusqlite::Connection;
use std::collections::HashMap;

/// A page cut from what was found.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) resources: Vec<u64>,
    pub(super) next: Option<Position>,
    pub(super) previous: Option<Position>,
}

/// The surrogates of the page, and where those beside it start.
pub(super) fn page(
    connection: &Connection,
    vocabulary: &mut Vocabulary,
    found: &RoaringTreemap,
    query: &Query,
) -> Outcome<Page> {
    let place = |position: &Position| Place::decode(position, query.sort.len());
    let (bound, backwards) = match &query.start {
        Start::First => (None, false),
        Start::After(position) => (Some(place(position)?), false),
        Start::Before(position) => (Some(place(position)?), true),
    };
    if query.limit == 0 {
        return Ok(Page::default());
    }
    if query.sort.is_empty() {
        return Ok(by_arrival(
            found,
            bound.map_or(0, |place| place.arrival),
            backwards,
            query.limit,
        ));
    }
    let values = query.sort.iter().map(|key| values(connection, vocabulary, found, key));
    let values: Vec<HashMap<u64, Vec<u8>>> = values.collect::<Outcome<_>>()?;
    let order = |a: &Place, b: &Place| {
        let order = a.order(b, &query.sort);
        if backwards { order.reverse() } else { order }
    };
    let all = found.iter().map(|resource| Place {
        values: values.iter().map(|by| by.get(&resource).cloned()).collect(),
        arrival: resource,
    });
    let is_beyond = |p: &Place| bound.as_ref().is_none_or(|bound| order(p, bound).is_gt());
    let mut places: Vec<Place> = all.filter(is_beyond).collect();
    let beyond = found.len() > places.len() as u64;
    let more = places.len() > query.limit;
    if more {
        places.select_nth_unstable_by(query.limit, order);
        places.truncate(query.limit);
    }
    places.sort_unstable_by(|a, b| a.order(b, &query.sort));
    let (before, after) = if backwards { (more, beyond) } else { (beyond, more) };
    Ok(Page {
        next: places.last().filter(|_| after).map(Place::encode),
        previous: places.first().filter(|_| before).map(Place::encode),
        resources: places.iter().map(|place| place.arrival).collect(),
    })
}

fn by_arrival(found: &RoaringTreemap, bound: u64, backwards: bool, limit: usize) -> Page {
    let limit = limit as u64;
    // How many stand before the page, and how many before its end.
    let (from, to) = match (bound, backwards) {
        (0, _) => (0, limit),
        (after, false) => (found.rank(after), found.rank(after) + limit),
        (before, true) => {
            let to = found.rank(before - 1);
            (to.saturating_sub(limit), to)
        }
    };
    let mut members = found.iter();
    if let Some(first) = found.select(from) {
        members.advance_to(first);
    }
    let count = usize::try_from(to.min(found.len()).saturating_sub(from)).unwrap_or(0);
    let resources: Vec<u64> = members.take(count).collect();
    let edge = |at: Option<&u64>, more: bool| {
        let place = at.filter(|_| more).map(|r| Place { values: Vec::new(), arrival: *r });
        place.map(|place| place.encode())
    };
    Page {
        next: edge(resources.last(), to < found.len()),
        previous: edge(resources.first(), from > 0),
        resources,
    }
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
        SortBy::Id => ids(connection, found),
        SortBy::Updated => walk(connection, &[reserved::UPDATED], found, sort.descending, 2),
        SortBy::Parameters(parameters) => {
            let numbers = numbers(connection, vocabulary, parameters)?;
            walk(connection, &numbers, found, sort.descending, 0)
        }
    }
}

/// The id of each resource: a row is looked up for each.
fn ids(connection: &Connection, found: &RoaringTreemap) -> Outcome<HashMap<u64, Vec<u8>>> {
    let look_up = || -> rusqlite::Result<HashMap<u64, Vec<u8>>> {
        let mut statement = connection.prepare_cached("SELECT id FROM resource WHERE r = ?1")?;
        let mut ids = HashMap::new();
        for resource in found {
            let mut rows = statement.query([resource as i64])?;
            let id = rows.next()?.map(|row| row.get_ref(0).map(read_id)).transpose()?.flatten();
            ids.extend(id.map(|id| (resource, id.as_str().as_bytes().to_vec())));
        }
        Ok(ids)
    };
    look_up().context("reading ids")
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
        let range = Range::new(*parameter, Vec::new(), None);
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
