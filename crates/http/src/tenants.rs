use cresset_interaction::Failure;
use cresset_store::{Catalogue, CollectionName, Principal, Scope};
use std::fmt::Debug;
use std::sync::Arc;

/// Which collection a request means.
pub trait Tenants: Debug + Send + Sync + 'static {
    /// The scope of a tenant's datasource; `None` for the default of each.
    ///
    /// # Errors
    /// A bad request when there is no such tenant or datasource.
    fn scope(&self, tenant: Option<&str>, datasource: Option<&str>) -> Result<Scope, Failure>;
}

/// Tenants as the store's catalogue has them; everybody may do everything.
#[derive(Debug)]
pub struct CatalogueTenants {
    catalogue: Arc<Catalogue>,
    principal: Arc<Principal>,
    collection: Arc<str>,
}

impl CatalogueTenants {
    /// The name of a tenant or datasource that isn't named.
    pub const DEFAULT: &'static str = "default";

    /// Collections named `collection` in each tenant's datasources.
    pub fn new(catalogue: Arc<Catalogue>, principal: Principal, collection: &str) -> Self {
        Self { catalogue, principal: Arc::new(principal), collection: collection.into() }
    }
}

impl Tenants for CatalogueTenants {
    fn scope(&self, tenant: Option<&str>, datasource: Option<&str>) -> Result<Scope, Failure> {
        let tenant = tenant.unwrap_or(Self::DEFAULT);
        let datasource = datasource.unwrap_or(Self::DEFAULT);
        // Names that can't be any are unknown like others: an error shouldn't help to guess.
        let unknown = |_| {
            let problem = "there is no such tenant or datasource";
            Failure::bad_request("not-found", problem).at("http.X-FHIR-TENANT-ID")
        };
        let name = CollectionName::new(tenant, datasource, &self.collection).map_err(unknown)?;
        self.catalogue.scope(&name, &self.principal).map_err(unknown)
    }
}
