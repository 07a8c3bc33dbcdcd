//! A registry over a store in memory: puts resources, answers search URLs.
#![allow(dead_code, reason = "each test file uses a part")]

use cresset_fhir::definitions::ResourceType;
use cresset_fhir::json::{self, Json};
use cresset_search::{CodeSet, Expansions, Registry, SearchError, SearchRequest};
use cresset_store::memory::MemoryStore;
use cresset_store::*;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

pub(crate) struct Server {
    pub(crate) registry: Registry,
    pub(crate) expansions: Expansions,
    store: MemoryStore,
    scope: Scope,
}

/// The result of a future that never waits, as those of the store in memory.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the store in memory waits for nothing"),
    }
}

impl Server {
    pub(crate) fn new() -> Self {
        let name = CollectionName::new("default", "default", "fhir").expect("a name");
        let catalogue = Catalogue::new();
        let collection = Collection {
            name: name.clone(),
            generation: 1,
            kind: CollectionKind::Fhir,
            fhir_version: "4.0.1".into(),
        };
        catalogue.enter(collection).expect("a new collection");
        let principal = Arc::new(Principal::unrestricted("test"));
        let scope = catalogue.scope(&name, &principal).expect("a scope");
        let store = MemoryStore::new();
        now(store.create(&scope)).expect("created");
        let base_urls = vec!["https://own.example/fhir/".to_owned()];
        let registry = Registry::r4(base_urls);
        Self { registry, expansions: Expansions::default(), store, scope }
    }

    /// A server with these resources.
    pub(crate) fn with(resources: &[&str]) -> Self {
        let server = Self::new();
        resources.iter().for_each(|text| server.put(text));
        server
    }

    pub(crate) fn put(&self, text: &str) {
        let resource = json::parse(text.as_bytes(), &json::Limits::default());
        let resource = resource.unwrap_or_else(|e| panic!("{e}: {text}"));
        let analyzed = self.registry.analyze(&resource);
        let analyzed = analyzed.unwrap_or_else(|issues| panic!("{issues:?}: {text}"));
        let id = resource.get("id").and_then(Json::as_str).expect("an id");
        let id = ResourceId::new(id).expect("an id");
        let action =
            Action::Put { payload: Payload::encode(text.as_bytes(), None), index: analyzed.index };
        let write = Write {
            key: Key::new(TypeNumber(analyzed.resource_type.number()), id),
            precondition: Precondition::None,
            action,
        };
        let batch = Batch { writes: vec![write], ..Batch::default() };
        now(self.store.commit(&self.scope, batch)).expect("committed");
    }

    pub(crate) fn resource_type(&self, name: &str) -> Option<ResourceType> {
        self.registry.definitions().resource_type(name)
    }

    /// Compiles `Type?name=value&…`, without percent-encoding; without a type before the `?` over all.
    pub(crate) fn request(&self, url: &str) -> Result<SearchRequest, SearchError> {
        let (resource_type, pairs) = self.split(url);
        self.registry.request(resource_type, &pairs, &self.expansions)
    }

    /// The sets of codes that a search needs.
    pub(crate) fn code_sets(&self, url: &str) -> Vec<CodeSet> {
        let (resource_type, pairs) = self.split(url);
        self.registry.code_sets(resource_type, &pairs)
    }

    fn split(&self, url: &str) -> (Option<ResourceType>, Vec<(String, String)>) {
        let (type_name, query) = url.split_once('?').expect("a query");
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').expect("name=value");
            (name.to_owned(), value.to_owned())
        });
        (self.resource_type(type_name), pairs.collect())
    }

    /// The ids that a search finds, in order, with nothing ignored.
    pub(crate) fn find(&self, url: &str) -> String {
        let request = self.request(url).unwrap_or_else(|e| panic!("{url}: {e}"));
        assert_eq!(request.ignored, [], "{url}");
        self.run(request)
    }

    /// The ids that match, with spaces between them.
    pub(crate) fn run(&self, request: SearchRequest) -> String {
        let query = Query { limit: 1_000, ..request.query };
        let matches = now(self.store.search(&self.scope, query)).expect("found");
        let ids = matches.resources.iter().map(|stored| stored.key.id.to_string());
        ids.collect::<Vec<_>>().join(" ")
    }

    /// Why a search is refused.
    pub(crate) fn refusal(&self, url: &str) -> String {
        self.request(url).expect_err(url).to_string()
    }

    /// The parameters that a search goes on without.
    pub(crate) fn ignored(&self, url: &str) -> Vec<String> {
        let request = self.request(url).unwrap_or_else(|e| panic!("{url}: {e}"));
        request.ignored.into_iter().map(|i| i.parameter).collect()
    }
}
