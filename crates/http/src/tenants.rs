use cresset_interaction::{Failure, Service};
use cresset_store::Scope;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

/// Which of the collections that are served a request means.
pub trait Tenants: Debug + Send + Sync + 'static {
    /// A tenant's datasource; `None` for the default of each.
    ///
    /// # Errors
    /// A bad request when there is no such tenant or datasource.
    fn served(
        &self,
        tenant: Option<&str>,
        datasource: Option<&str>,
    ) -> Result<Arc<Served>, Failure>;

    /// All of them: what the server must be ready for.
    fn all(&self) -> Vec<Arc<Served>>;
}

/// A collection that is served, by interactions of its own: with its own search parameters, base URLs,
/// terminology and page keys.
#[derive(Clone, Debug)]
pub struct Served {
    /// Its interactions.
    pub service: Arc<Service>,
    /// The right to use it.
    pub scope: Scope,
}

impl Served {
    /// Its tenant and datasource, as operators know it.
    pub(crate) fn name(&self) -> (&str, &str) {
        let name = &self.scope.collection().name;
        (&name.tenant, &name.datasource)
    }
}

/// Tenants that are known from the start; everybody may do everything.
#[derive(Debug, Default)]
pub struct KnownTenants {
    served: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<Served>>>,
}

impl KnownTenants {
    /// The name of a tenant or datasource that isn't named.
    pub const DEFAULT: &'static str = "default";

    /// These, under the names of their collections' tenants and datasources.
    pub fn new(all: impl IntoIterator<Item = Served>) -> Self {
        let mut known = Self::default();
        for served in all {
            let name = served.scope.collection().name.clone();
            known.served.entry(name.tenant).or_default().insert(name.datasource, Arc::new(served));
        }
        known
    }
}

impl Tenants for KnownTenants {
    fn served(
        &self,
        tenant: Option<&str>,
        datasource: Option<&str>,
    ) -> Result<Arc<Served>, Failure> {
        let datasources = self.served.get(tenant.unwrap_or(Self::DEFAULT));
        let found = datasources.and_then(|all| all.get(datasource.unwrap_or(Self::DEFAULT)));
        // Which of the two is unknown isn't told: an error shouldn't help to guess.
        found.cloned().ok_or_else(|| {
            let problem = "there is no such tenant or datasource";
            Failure::bad_request("not-found", problem).at("http.X-FHIR-TENANT-ID")
        })
    }

    fn all(&self) -> Vec<Arc<Served>> {
        self.served.values().flat_map(BTreeMap::values).cloned().collect()
    }
}
