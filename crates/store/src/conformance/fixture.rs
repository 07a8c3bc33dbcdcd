use super::client::Client;
use crate::*;
use std::any::Any;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Opening = Pin<Box<dyn Future<Output = Arc<dyn Store>> + Send>>;

/// A fresh store with three collections: two of one tenant, and one of another tenant whose
/// datasource and name are those of the first.
pub struct Fixture {
    store: Arc<dyn Store>,
    catalogue: Catalogue,
    open: Option<Box<dyn Fn() -> Opening + Send + Sync>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
    pub(super) tears: bool,
    pub(super) offloads: bool,
    pub(super) lags: bool,
}

impl Fixture {
    /// Around a store that can't be closed and opened again.
    pub async fn of(store: Arc<dyn Store>) -> Self {
        let catalogue = Catalogue::new();
        let fixture = Self {
            store,
            catalogue,
            open: None,
            kept: Vec::new(),
            tears: false,
            offloads: false,
            lags: false,
        };
        for name in [Self::home(), Self::neighbour(), Self::stranger()] {
            fixture.enter(name, 1);
        }
        for client in [fixture.client(), fixture.neighbour_client(), fixture.stranger_client()] {
            client.store.create(&client.scope).await.expect("a collection can be created");
        }
        fixture
    }

    /// Around a store that `open` opens, now and after it was closed: durability is tested too.
    pub async fn opening<S, F, O>(open: O) -> Self
    where
        S: Store,
        F: Future<Output = Result<S, StoreError>> + Send + 'static,
        O: Fn() -> F + Send + Sync + 'static,
    {
        let open = move || -> Opening {
            let opening = open();
            Box::pin(
                async move { Arc::new(opening.await.expect("the store opens")) as Arc<dyn Store> },
            )
        };
        let store = open().await;
        Self { open: Some(Box::new(open)), ..Self::of(store).await }
    }

    /// Says that a reader may see a part of a commit that spans nodes, for the moment that it takes
    /// them: an engine's limit, which it documents.
    #[must_use]
    pub fn tearing(self) -> Self {
        Self { tears: true, ..self }
    }

    /// Says that the store keeps contents elsewhere, and so takes none that are kept elsewhere already or
    /// that can't be read.
    #[must_use]
    pub fn offloading(self) -> Self {
        Self { offloads: true, ..self }
    }

    /// Says that another process fills the index: while resources are written, a search may find them by what
    /// they were.
    #[must_use]
    pub fn lagging(self) -> Self {
        Self { lags: true, ..self }
    }

    /// Keeps something, such as a folder for the files, until the case is over.
    #[must_use]
    pub fn keeping(mut self, thing: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(thing));
        self
    }

    /// Closes the store and opens it again, where the backend can. No client may be left.
    pub(super) async fn reopened(self) -> Option<Self> {
        let Self { store, catalogue, open, kept, tears, offloads, lags } = self;
        let open = open?;
        drop(store);
        let store = open().await;
        Some(Self { store, catalogue, open: Some(open), kept, tears, offloads, lags })
    }

    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub(super) fn enter(&self, name: CollectionName, generation: u32) {
        let kind = CollectionKind::Fhir;
        let collection = Collection { name, generation, kind, fhir_version: "4.0.1".into() };
        self.catalogue.enter(collection).expect("the collection is new to the catalogue");
    }

    pub(super) fn home() -> CollectionName {
        CollectionName::new("clinic", "main", "records").expect("a name")
    }

    fn neighbour() -> CollectionName {
        CollectionName::new("clinic", "main", "trial").expect("a name")
    }

    fn stranger() -> CollectionName {
        CollectionName::new("hospital", "main", "records").expect("a name")
    }

    /// At the first collection, with every right.
    pub(super) fn client(&self) -> Client {
        self.client_at(&Self::home(), Principal::unrestricted("anyone"))
    }

    /// At the same tenant's other collection.
    pub(super) fn neighbour_client(&self) -> Client {
        self.client_at(&Self::neighbour(), Principal::unrestricted("anyone"))
    }

    /// At the other tenant's collection.
    pub(super) fn stranger_client(&self) -> Client {
        self.client_at(&Self::stranger(), Principal::unrestricted("anyone"))
    }

    /// At the first collection, with the right to read and write these types only.
    pub(super) fn limited(&self, read: &[TypeNumber], write: &[TypeNumber]) -> Client {
        let types =
            |types: &[TypeNumber]| Access::Types(BTreeSet::from_iter(types.iter().copied()));
        let principal =
            Principal { name: "limited".into(), read: types(read), write: types(write) };
        self.client_at(&Self::home(), principal)
    }

    pub(super) fn client_at(&self, name: &CollectionName, principal: Principal) -> Client {
        let scope = self.catalogue.scope(name, &Arc::new(principal)).expect("it is catalogued");
        Client { store: Arc::clone(&self.store), scope }
    }
}
