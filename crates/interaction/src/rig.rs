//! A service over the memory store, for the tests of what is not reached from outside.

use crate::context::{Context, Handling};
use crate::prepare::prepare;
use crate::request::{Body, Request};
use crate::route::{Method, target};
use crate::service::Service;
use cresset_fhir::json::{Limits, parse};
use cresset_search::{Include, Registry};
use cresset_store::memory::MemoryStore;
use cresset_store::{
    Batch, Catalogue, Collection, CollectionKind, CollectionName, Key, Precondition, Principal,
    ResourceId, Store,
};
use std::sync::Arc;

pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) context: Context,
    catalogue: Arc<Catalogue>,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let catalogue = Arc::new(Catalogue::new());
        let name = CollectionName::new("default", "default", "fhir").unwrap();
        let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
        let collection = Collection { name: name.clone(), generation: 1, kind, fhir_version };
        catalogue.enter(collection).unwrap();
        let principal = Arc::new(Principal::unrestricted("test"));
        let scope = catalogue.scope(&name, &principal).unwrap();
        let store = MemoryStore::new();
        store.create(&scope).await.unwrap();
        let context = Context {
            scope,
            base_url: "http://localhost/fhir".into(),
            request_id: "1".into(),
            handling: Handling::Lenient,
            prefer_return: None,
            consistency: Default::default(),
            reached: Default::default(),
        };
        let registry = Arc::new(Registry::r4(vec!["http://localhost/fhir".to_owned()]));
        let service = Service::new(Arc::new(store), registry, Limits::default());
        Self { service, context, catalogue }
    }

    /// The same store under another service, as after a restart.
    pub(crate) fn restarted(&self) -> Self {
        let store = Arc::clone(self.service.store());
        let service = Service::new(store, self.service.registry(), Limits::default());
        Self { service, context: self.context.clone(), catalogue: Arc::clone(&self.catalogue) }
    }

    pub(crate) fn on_behalf_of(mut self, principal: Principal) -> Self {
        let name = self.context.scope.collection().name.clone();
        self.context.scope = self.catalogue.scope(&name, &Arc::new(principal)).unwrap();
        self
    }

    /// Writes a resource under its own id.
    pub(crate) async fn put(&self, text: &str) {
        let resource = parse(text.as_bytes(), &Limits::default()).unwrap();
        let text_of = |name| resource.get(name).unwrap().as_str().unwrap().to_owned();
        let path = format!("{}/{}", text_of("resourceType"), text_of("id"));
        let definitions = self.service.definitions();
        let mut request = Request::new(definitions, Method::Put, &path).unwrap();
        request.body = Body::Text(text.as_bytes());
        self.service.handle(&self.context, request).await.unwrap();
    }

    /// Writes many resources in one commit.
    pub(crate) async fn put_all(&self, texts: impl Iterator<Item = String>) {
        let registry = self.service.registry();
        let write = |text: String| {
            let resource = parse(text.as_bytes(), &Limits::default()).unwrap();
            let id = ResourceId::new(resource.get("id").unwrap().as_str().unwrap()).unwrap();
            prepare(&registry, resource, id).unwrap().write(Precondition::None)
        };
        let batch = Batch { writes: texts.map(write).collect(), ..Batch::default() };
        self.service.store.commit(&self.context.scope, batch).await.unwrap();
    }

    pub(crate) async fn delete(&self, path: &str) {
        let request = Request::new(self.service.definitions(), Method::Delete, path).unwrap();
        self.service.handle(&self.context, request).await.unwrap();
    }

    /// What these matches include, as `Type/id/version`, and what is said about it.
    pub(crate) async fn included(
        &self,
        of: &[&str],
        includes: &[Include],
    ) -> (Vec<String>, Vec<String>) {
        let service = &self.service;
        let key = |path: &&str| target(service.definitions(), path).unwrap().key().unwrap();
        let keys: Vec<Key> = of.iter().map(key).collect();
        let found = service.store.read(&self.context.scope, &keys).await.unwrap();
        let matches: Vec<_> = found.into_iter().map(Option::unwrap).collect();
        let registry = service.registry();
        let included = service.included(&self.context, &registry, includes, &matches);
        let included = included.await.unwrap();
        let shown = included.resources.iter().map(|stored| {
            format!("{}/{}/{}", service.type_name(&stored.key), stored.key.id, stored.version)
        });
        (shown.collect(), included.issues().into_iter().map(|i| i.diagnostics).collect())
    }
}
