use super::{Gathering, MOST_SCANS};
use crate::Failure;
use crate::compartment::number;
use cresset_fhir::definitions::ResourceType;
use cresset_search::Include;
use cresset_store::{Filter, Key, Parameter, Query, Scan, Segment, Start, Stored};
use std::collections::HashSet;

/// Pairs of an index and a resource in one search.
const PAIRS_AT_ONCE: usize = 500;
/// Resources that one search gives.
const PAGE: usize = 1_000;

impl<'a> Gathering<'a> {
    /// Includes what refers to these resources.
    pub(super) async fn referring(
        &mut self,
        to: &[Stored],
        includes: &[&Include],
    ) -> Result<(), Failure> {
        for include in includes.iter().filter(|include| include.reverse) {
            let sources: Vec<ResourceType> = match include.source {
                Some(source) => vec![source],
                None => self.service.definitions().concrete_resource_types().collect(),
            };
            for source in sources {
                let may_read = self.context.scope.may_read(number(source)).is_ok();
                if may_read && !self.is_cut() {
                    let pairs = self.pairs(source, include, to);
                    self.referring_by(source, &pairs).await?;
                }
            }
        }
        Ok(())
    }

    /// The indexes of a type that can refer to these resources, with each of them.
    fn pairs<'k>(
        &self,
        source: ResourceType,
        include: &Include,
        to: &'k [Stored],
    ) -> Vec<(&'a Parameter, &'k Key)> {
        let registry = self.registry;
        let mut pairs = Vec::new();
        let mut known = HashSet::new();
        for link in registry.links(source, include.parameter.as_deref()) {
            let targets = link.targets.iter().filter(|t| include.target.is_none_or(|o| o == **t));
            let targets: HashSet<_> = targets.map(|t| number(*t)).collect();
            // `subject` and `patient` share an index.
            let keys = to.iter().map(|stored| &stored.key);
            let keys = keys.filter(|key| targets.contains(&key.resource_type));
            pairs.extend(keys.map(|key| (link.parameter, key)).filter(|pair| known.insert(*pair)));
        }
        pairs
    }

    async fn referring_by(
        &mut self,
        source: ResourceType,
        pairs: &[(&Parameter, &Key)],
    ) -> Result<(), Failure> {
        for pairs in pairs.chunks(PAIRS_AT_ONCE) {
            self.scans += pairs.len();
            if self.scans > MOST_SCANS {
                self.cut("too many references would have to be looked for".to_owned());
            }
            let scan = |(parameter, key): &(&Parameter, &Key)| {
                let value = vec![Segment::Resource((*key).clone())];
                Filter::Scan(Scan::starting((*parameter).clone(), value))
            };
            let mut query = Query {
                types: vec![number(source)],
                filter: Filter::Or(pairs.iter().map(scan).collect()),
                sort: Vec::new(),
                start: Start::First,
                limit: PAGE,
                total: false,
            };
            while !self.is_cut() {
                let page = self.service.store.search(&self.context.scope, query.clone()).await?;
                for stored in page.resources {
                    if self.seen.insert(stored.key.clone()) {
                        self.take(stored);
                    }
                }
                let Some(next) = page.next else { break };
                query.start = Start::After(next);
            }
        }
        Ok(())
    }
}
