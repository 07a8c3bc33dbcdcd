//! Filters to sets of surrogates.

use super::range::{Range, ranges, surrogate};
use crate::error::{Context, Outcome};
use crate::keys;
use crate::physical::{after, read_number, write_number};
use crate::vocabulary::{Vocabulary, reserved};
use crate::write::time_bytes;
use cresset_store::*;
use roaring::RoaringTreemap;
use rusqlite::{Connection, OptionalExtension};

/// Up to so many resources, a join goes from resource to resource; beyond, over the whole index.
const FEW: u64 = 5_000;

/// What filters are evaluated with.
pub(super) struct Evaluator<'a> {
    pub(super) connection: &'a Connection,
    pub(super) vocabulary: &'a mut Vocabulary,
    pub(super) scope: &'a Scope,
}

impl Evaluator<'_> {
    /// Current resources of these types (of all that may be read, when there are none) that match.
    pub(super) fn of_types(
        &mut self,
        types: &[TypeNumber],
        filter: &Filter,
    ) -> Outcome<RoaringTreemap> {
        let found = self.set(types, filter)?;
        if found.is_empty() || self.is_typed(types, filter)? {
            return Ok(found);
        }
        Ok(found & self.all(types)?)
    }

    /// Whether all that the filter finds is of the only type anyway.
    fn is_typed(&mut self, types: &[TypeNumber], filter: &Filter) -> Outcome<bool> {
        let [only] = types else { return Ok(false) };
        Ok(match filter {
            Filter::All | Filter::Updated(..) | Filter::Not(_) => true,
            Filter::Scan(scan) => {
                let index = self.vocabulary.parameter(self.connection, &scan.parameter)?;
                index.is_some_and(|index| index.only_type == Some(*only))
            }
            Filter::And(all) => {
                // A negation takes away from the others, so it narrows only when it stands alone.
                let narrows = |f: &&Filter| !matches!(f, Filter::Not(_) | Filter::All);
                let mut typed = !all.iter().any(|f| narrows(&f));
                for filter in all.iter().filter(narrows) {
                    typed |= self.is_typed(types, filter)?;
                }
                typed
            }
            Filter::Or(any) => {
                for filter in any {
                    if !self.is_typed(types, filter)? {
                        return Ok(false);
                    }
                }
                true
            }
            Filter::Keys(_)
            | Filter::RefersTo(..)
            | Filter::RefersToType(..)
            | Filter::ReferredFrom(..) => false,
        })
    }

    fn set(&mut self, types: &[TypeNumber], filter: &Filter) -> Outcome<RoaringTreemap> {
        match filter {
            Filter::All => self.all(types),
            Filter::Keys(keys) => self.keys(keys),
            Filter::Scan(scan) => self.scan(scan),
            Filter::Updated(from, to) => self.updated(types, *from, *to),
            Filter::And(all) => self.and(types, all),
            Filter::Or(any) => {
                let mut found = RoaringTreemap::new();
                for filter in any {
                    found |= self.set(types, filter)?;
                }
                Ok(found)
            }
            Filter::Not(inner) => Ok(self.all(types)? - self.set(types, inner)?),
            Filter::RefersTo(parameters, of, inner) => {
                let targets = self.readable(of, inner)?;
                self.referring(parameters, &targets)
            }
            Filter::RefersToType(parameters, of) => self.referring_to_type(parameters, *of),
            Filter::ReferredFrom(parameters, of, inner) => {
                let sources = self.readable(of, inner)?;
                self.referred(parameters, &sources)
            }
        }
    }

    /// An inner search; types that the principal may not read are as if they were empty.
    fn readable(&mut self, types: &[TypeNumber], filter: &Filter) -> Outcome<RoaringTreemap> {
        let allowed = types.iter().copied().filter(|t| self.scope.may_read(*t).is_ok());
        let allowed: Vec<_> = allowed.collect();
        if allowed.is_empty() { Ok(RoaringTreemap::new()) } else { self.of_types(&allowed, filter) }
    }

    fn and(&mut self, types: &[TypeNumber], all: &[Filter]) -> Outcome<RoaringTreemap> {
        // Negations last: they cost the whole type, and need not be asked when nothing is left.
        let mut ordered: Vec<&Filter> = all.iter().collect();
        ordered.sort_by_key(|f| matches!(f, Filter::Not(_) | Filter::All));
        let mut found: Option<RoaringTreemap> = None;
        for filter in ordered {
            found = Some(match (found, filter) {
                (None, filter) => self.set(types, filter)?,
                (Some(found), Filter::All) => found,
                (Some(found), Filter::Not(inner)) => found - self.set(types, inner)?,
                (Some(found), filter) => found & self.set(types, filter)?,
            });
            if found.as_ref().is_some_and(RoaringTreemap::is_empty) {
                break;
            }
        }
        found.map_or_else(|| self.all(types), Ok)
    }

    fn all(&mut self, types: &[TypeNumber]) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for of in self.types(types)? {
            let low = of.0.to_be_bytes().to_vec();
            let high = after(&low);
            let range = Range::new(reserved::TYPE, low, high);
            found |= range.resources(self.connection)?;
        }
        Ok(found)
    }

    /// The types asked for; all that there are and may be read when none are.
    fn types(&self, types: &[TypeNumber]) -> Outcome<Vec<TypeNumber>> {
        if !types.is_empty() {
            return Ok(types.to_vec());
        }
        let present = || {
            let mut statement = self.connection.prepare_cached(
                "WITH RECURSIVE t(v) AS (
                   SELECT min(v) FROM posting WHERE p = 0
                   UNION ALL SELECT (SELECT min(v) FROM posting WHERE p = 0 AND v > t.v) FROM t
                   WHERE t.v IS NOT NULL)
                 SELECT v FROM t WHERE v IS NOT NULL",
            )?;
            let rows = statement.query_map([], |row| row.get::<_, [u8; 2]>(0))?;
            rows.map(|v| v.map(|v| TypeNumber(u16::from_be_bytes(v))))
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut present = present().context("listing types")?;
        present.retain(|of| self.scope.may_read(*of).is_ok());
        Ok(present)
    }

    fn keys(&self, keys: &[Key]) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for key in keys {
            let Some(resource) = surrogate(self.connection, key)? else {
                continue;
            };
            if self.scope.may_read(key.resource_type).is_ok() && self.is_live(resource)? {
                found.insert(resource);
            }
        }
        Ok(found)
    }

    fn is_live(&self, resource: u64) -> Outcome<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM resource WHERE r = ?1 AND version > 0 AND kind < 3")
            .and_then(|mut s| s.exists([resource as i64]))
            .context("looking at a resource")
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<RoaringTreemap> {
        let Some(index) = self.vocabulary.parameter(self.connection, &scan.parameter)? else {
            return Ok(RoaringTreemap::new());
        };
        let mut found = RoaringTreemap::new();
        for range in ranges(self.connection, self.vocabulary, index.number, scan)? {
            found |= range.resources(self.connection)?;
        }
        Ok(found)
    }

    fn updated(
        &mut self,
        types: &[TypeNumber],
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for of in self.types(types)? {
            let prefix = of.0.to_be_bytes();
            let bound =
                |moment: Timestamp| [&prefix[..], &time_bytes(moment.milliseconds())[..]].concat();
            let low = from.map_or_else(|| prefix.to_vec(), bound);
            let high = to.map_or_else(|| after(&prefix), |to| Some(bound(to)));
            let range = Range::new(reserved::UPDATED, low, high);
            found |= range.resources(self.connection)?;
        }
        Ok(found)
    }

    /// Resources that refer to one of `targets`.
    fn referring(
        &mut self,
        parameters: &[Parameter],
        targets: &RoaringTreemap,
    ) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for number in self.numbers(parameters)? {
            if targets.len() <= FEW {
                for target in targets {
                    let mut low = Vec::new();
                    write_number(target, &mut low);
                    let high = after(&low);
                    let range = Range::new(number, low, high);
                    found |= range.resources(self.connection)?;
                }
                continue;
            }
            whole(number).rows(self.connection, |value, first, more| {
                if read_number(value).is_some_and(|(target, _)| targets.contains(target)) {
                    found.extend(crate::posting::members(first, more));
                }
            })?;
        }
        Ok(found)
    }

    /// Resources that refer to one of this type.
    fn referring_to_type(
        &mut self,
        parameters: &[Parameter],
        of: TypeNumber,
    ) -> Outcome<RoaringTreemap> {
        let live = self.all(&[of])?;
        let mut found = RoaringTreemap::new();
        let mut last = (0, false);
        for number in self.numbers(parameters)? {
            let mut failure = Ok(());
            whole(number).rows(self.connection, |value, first, more| {
                let Some((target, _)) = read_number(value) else { return };
                if last.0 != target {
                    // Whether it exists makes no difference: a deleted one keeps its row.
                    let is_of = live.contains(target)
                        || self.type_of(target).map_or_else(
                            |error| {
                                failure = Err(error);
                                false
                            },
                            |t| t == Some(of),
                        );
                    last = (target, is_of);
                }
                if last.1 {
                    found.extend(crate::posting::members(first, more));
                }
            })?;
            failure?;
        }
        Ok(found)
    }

    fn type_of(&self, resource: u64) -> Outcome<Option<TypeNumber>> {
        self.connection
            .prepare_cached("SELECT type FROM resource WHERE r = ?1")
            .and_then(|mut s| {
                s.query_row([resource as i64], |row| row.get(0).map(TypeNumber)).optional()
            })
            .context("looking at a resource")
    }

    /// Resources that one of `sources` refers to.
    fn referred(
        &mut self,
        parameters: &[Parameter],
        sources: &RoaringTreemap,
    ) -> Outcome<RoaringTreemap> {
        let numbers = self.numbers(parameters)?;
        let mut found = RoaringTreemap::new();
        if sources.len() <= FEW {
            for source in sources {
                let kept = self.kept(source)?;
                let kept = keys::decode(&kept).unwrap_or_default();
                let wanted = kept.iter().filter(|(p, _)| numbers.contains(p));
                found.extend(wanted.filter_map(|(_, v)| Some(read_number(v)?.0)));
            }
            return Ok(found);
        }
        for number in numbers {
            whole(number).rows(self.connection, |value, first, more| {
                if crate::posting::members(first, more).any(|source| sources.contains(source)) {
                    found.extend(read_number(value).map(|(target, _)| target));
                }
            })?;
        }
        Ok(found)
    }

    fn numbers(&mut self, parameters: &[Parameter]) -> Outcome<Vec<u32>> {
        let mut numbers = Vec::new();
        for parameter in parameters {
            let index = self.vocabulary.parameter(self.connection, parameter)?;
            numbers.extend(index.map(|index| index.number));
        }
        Ok(numbers)
    }

    fn kept(&self, resource: u64) -> Outcome<Vec<u8>> {
        let kept = self
            .connection
            .prepare_cached("SELECT keys FROM resource WHERE r = ?1")
            .and_then(|mut s| {
                s.query_row([resource as i64], |row| row.get::<_, Option<Vec<u8>>>(0)).optional()
            })
            .context("reading a resource's index keys")?;
        Ok(kept.flatten().unwrap_or_default())
    }
}

fn whole(parameter: u32) -> Range {
    Range::new(parameter, Vec::new(), None)
}
