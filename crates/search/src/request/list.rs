//! `_list` (R4 search, section 3.1.1.4.16): resources that a List's items refer to.

use super::criterion::{Criteria, Failure, Outcome};
use crate::escape::{split, unescape};
use crate::reference;
use cresset_store::{Filter, Key, ResourceId, TypeNumber};

impl Criteria<'_> {
    /// What one of the Lists refers to. Items marked as deleted are references like others.
    pub(super) fn list(&self, value: &str) -> Outcome<Filter> {
        let list = self.registry.definitions().resource_type("List");
        let indexes = list.and_then(|list| Some((list, self.registry.references(list, "item")?)));
        let Some((list, indexes)) = indexes else {
            return Err(Failure::Ignored("there are no Lists here".to_owned()));
        };
        let list = TypeNumber(list.number());
        let values = split(value, ',').into_iter().filter(|value| !value.is_empty());
        let keys = values.map(|value| self.key_of_list(list, &unescape(value)));
        let keys: Vec<Key> = keys.collect::<Outcome<_>>()?;
        if keys.is_empty() {
            return Err(Failure::Ignored("has no value".to_owned()));
        }
        Ok(Filter::ReferredFrom(indexes, vec![list], Box::new(Filter::Keys(keys))))
    }

    /// `id`, `List/id`, or a List's URL on this server.
    fn key_of_list(&self, list: TypeNumber, value: &str) -> Outcome<Key> {
        if value.starts_with('$') {
            let reason = "functional lists are not supported: name a List by its id";
            return Err(Failure::Invalid(reason.to_owned()));
        }
        let key = match ResourceId::new(value) {
            Ok(id) => Some(Key::new(list, id)),
            Err(_) => {
                let asked = self.registry.asked(&[], self.expansions);
                reference::own(asked.definitions, asked.base_urls, value)
            }
        };
        key.filter(|key| key.resource_type == list)
            .ok_or_else(|| Failure::Invalid("must be id or List/id".to_owned()))
    }
}
