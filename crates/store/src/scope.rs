//! Who may see what: no query exists without a [`Scope`], and only a [`Catalogue`] gives one.

use crate::{StoreError, TypeNumber};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, RwLock};

/// The name of a collection: tenant, datasource, and its own name inside the datasource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionName {
    /// The tenant.
    pub tenant: Arc<str>,
    /// The tenant's datasource.
    pub datasource: Arc<str>,
    /// The collection in it.
    pub collection: Arc<str>,
}

impl CollectionName {
    /// Takes three names, each 1 to 64 of `A–Z a–z 0–9 _ -`: they become file and schema names.
    ///
    /// # Errors
    /// [`StoreError::Name`] with the name that isn't one.
    pub fn new(tenant: &str, datasource: &str, collection: &str) -> Result<Self, StoreError> {
        for name in [tenant, datasource, collection] {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) {
                return Err(StoreError::Name(name.chars().take(64).collect()));
            }
        }
        Ok(Self {
            tenant: tenant.into(),
            datasource: datasource.into(),
            collection: collection.into(),
        })
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.datasource, self.collection)
    }
}

/// What a collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// FHIR resources as clients wrote them.
    Fhir,
    /// A de-identified copy of another collection.
    View,
    /// DICOM metadata.
    Dicom,
    /// The server's own records: jobs, audit.
    System,
}

/// A collection as the catalogue knows it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Collection {
    /// Its name.
    pub name: CollectionName,
    /// Rises when a rebuilt collection is swapped in under the same name.
    pub generation: u32,
    /// What it holds.
    pub kind: CollectionKind,
    /// The FHIR version of its resources, such as `4.0.1`.
    pub fhir_version: Arc<str>,
}

/// The types that somebody may touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Every type.
    #[default]
    Everything,
    /// These and no others.
    Types(BTreeSet<TypeNumber>),
}

impl Access {
    /// Whether the type is among them.
    pub fn allows(&self, resource_type: TypeNumber) -> bool {
        match self {
            Self::Everything => true,
            Self::Types(types) => types.contains(&resource_type),
        }
    }
}

/// On whose behalf a call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// A name for provenance; not a secret.
    pub name: Arc<str>,
    /// Types that it may read, through `_include`, chains and `_has` too.
    pub read: Access,
    /// Types that it may write.
    pub write: Access,
}

impl Principal {
    /// One that may do everything, under this name.
    pub fn unrestricted(name: &str) -> Self {
        Self { name: name.into(), read: Access::Everything, write: Access::Everything }
    }
}

/// The right to call a store: a collection and a principal. Made by [`Catalogue::scope`] only.
#[derive(Clone, Debug)]
pub struct Scope {
    collection: Arc<Collection>,
    principal: Arc<Principal>,
}

impl Scope {
    /// The collection.
    pub fn collection(&self) -> &Arc<Collection> {
        &self.collection
    }

    /// The principal.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// # Errors
    /// [`StoreError::Forbidden`] when the principal may not read the type.
    pub fn may_read(&self, resource_type: TypeNumber) -> Result<(), StoreError> {
        let allowed = self.principal.read.allows(resource_type);
        if allowed { Ok(()) } else { Err(StoreError::Forbidden(resource_type)) }
    }

    /// # Errors
    /// [`StoreError::Forbidden`] when the principal may not write the type.
    pub fn may_write(&self, resource_type: TypeNumber) -> Result<(), StoreError> {
        let allowed = self.principal.write.allows(resource_type);
        if allowed { Ok(()) } else { Err(StoreError::Forbidden(resource_type)) }
    }
}

/// The collections that exist; the only source of a [`Scope`].
#[derive(Debug, Default)]
pub struct Catalogue {
    collections: RwLock<BTreeMap<CollectionName, Arc<Collection>>>,
}

impl Catalogue {
    /// An empty catalogue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a collection, or replaces an older generation of it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when this or a later generation is there.
    pub fn enter(&self, collection: Collection) -> Result<(), StoreError> {
        let mut collections = self.collections.write().unwrap_or_else(|e| e.into_inner());
        if collections.get(&collection.name).is_some_and(|c| c.generation >= collection.generation)
        {
            return Err(StoreError::Exists(collection.name.to_string()));
        }
        collections.insert(collection.name.clone(), Arc::new(collection));
        Ok(())
    }

    /// Takes a collection out; scopes that were handed out stay usable until they are dropped.
    pub fn leave(&self, name: &CollectionName) {
        self.collections.write().unwrap_or_else(|e| e.into_inner()).remove(name);
    }

    /// The right to use a collection.
    ///
    /// # Errors
    /// [`StoreError::UnknownCollection`] when it isn't in the catalogue.
    pub fn scope(
        &self,
        name: &CollectionName,
        principal: &Arc<Principal>,
    ) -> Result<Scope, StoreError> {
        let collections = self.collections.read().unwrap_or_else(|e| e.into_inner());
        let collection =
            collections.get(name).ok_or_else(|| StoreError::UnknownCollection(name.to_string()))?;
        Ok(Scope { collection: Arc::clone(collection), principal: Arc::clone(principal) })
    }

    /// The names of all collections, in order.
    pub fn names(&self) -> Vec<CollectionName> {
        let collections = self.collections.read().unwrap_or_else(|e| e.into_inner());
        collections.keys().cloned().collect()
    }
}
