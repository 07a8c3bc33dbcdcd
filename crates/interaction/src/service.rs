use crate::context::{Context, Handling, PreferReturn};
use crate::failure::{ErrorKind, Failure};
use crate::in_force::InForce;
use crate::operation_outcome::all_ok;
use crate::outcome::{Contents, Outcome, Success};
use crate::page_key::PageKeys;
use crate::request::Request;
use crate::route::Interaction;
use crate::search_parameters::SearchParameters;
use crate::terminology::TerminologyCache;
use crate::transaction::references::Roles;
use cresset_fhir::definitions::{Definitions, ResourceType};
use cresset_fhir::json::Limits;
use cresset_search::Registry;
use cresset_store::{Action, ChangeKind, Key, Scope, Store, StoreError, Write, Written};
use std::sync::{Arc, OnceLock};

/// The interactions over a store.
pub struct Service {
    pub(crate) store: Arc<dyn Store>,
    definitions: &'static Definitions,
    pub(crate) in_force: Arc<InForce>,
    parameters: OnceLock<Arc<SearchParameters>>,
    pub(crate) limits: Limits,
    pub(crate) roles: Roles,
    pub(crate) terminology: TerminologyCache,
    pub(crate) page_keys: PageKeys,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Service {
    /// The interactions over this store, with what the registry knows. `limits` bound each body.
    pub fn new(store: Arc<dyn Store>, registry: Arc<Registry>, limits: Limits) -> Self {
        let roles = Roles::new(registry.definitions());
        let definitions = registry.definitions();
        Self {
            store,
            definitions,
            in_force: Arc::new(InForce::new(registry)),
            parameters: OnceLock::new(),
            limits,
            roles,
            terminology: TerminologyCache::default(),
            page_keys: PageKeys::default(),
        }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The definitions of the FHIR version that is served.
    pub fn definitions(&self) -> &'static Definitions {
        self.definitions
    }

    /// The search parameters in force.
    pub fn registry(&self) -> Arc<Registry> {
        self.in_force.registry()
    }

    /// Puts the SearchParameter resources of a collection in force, from now on with each write to
    /// them; [`SearchParameters::run`] must run for searches to be able to use them. Other
    /// collections that this service serves are indexed by the same parameters.
    ///
    /// # Errors
    /// When the store fails, or what it has kept can't be read.
    pub async fn adopt_search_parameters(
        &self,
        scope: Scope,
    ) -> Result<Arc<SearchParameters>, StoreError> {
        if let Some(known) = self.parameters.get() {
            return Ok(Arc::clone(known));
        }
        let (store, in_force) = (Arc::clone(&self.store), Arc::clone(&self.in_force));
        let adopted = Arc::new(SearchParameters::adopt(store, scope, in_force).await?);
        Ok(Arc::clone(self.parameters.get_or_init(|| adopted)))
    }

    pub(crate) fn search_parameters(&self) -> Option<&Arc<SearchParameters>> {
        self.parameters.get()
    }

    /// Does what the request asks for.
    ///
    /// # Errors
    /// [`Failure`], whose issues go to the client.
    pub async fn handle(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        // Held to the end: see `in_force`.
        let _in_use = self.in_force.enter();
        self.refuse_unknown_parameters(context, &request)?;
        if request.interaction.asks_the_index() {
            self.store.await_index(&context.scope, context.consistency).await?;
        }
        match request.interaction {
            Interaction::Read => self.read(context, &request).await,
            Interaction::Vread => self.vread(context, &request).await,
            Interaction::Create => self.create(context, request).await,
            Interaction::Update => self.update(context, request).await,
            Interaction::ConditionalUpdate => self.conditional_update(context, request).await,
            Interaction::Patch => self.patch(context, request).await,
            Interaction::ConditionalPatch => self.conditional_patch(context, request).await,
            Interaction::Delete => self.delete(context, &request).await,
            Interaction::ConditionalDelete => self.conditional_delete(context, &request).await,
            Interaction::HistoryInstance
            | Interaction::HistoryType
            | Interaction::HistorySystem => self.history(context, &request).await,
            Interaction::SearchType
            | Interaction::SearchSystem
            | Interaction::SearchCompartment => self.search(context, request).await,
            Interaction::Capabilities => Ok(self.capabilities(context)),
            Interaction::BatchTransaction => self.batch_or_transaction(context, request).await,
            Interaction::Validate => self.validate(context, request).await,
            Interaction::Expand => self.expand(context, request).await,
            Interaction::ValidateCode => self.validate_code(context, request).await,
            Interaction::Subsumes => self.subsumes(context, request).await,
            Interaction::Everything => self.everything(context, request).await,
        }
    }

    /// Under strict handling, parameters that an interaction has no use for are an error; searches,
    /// histories and conditional interactions see to theirs themselves.
    fn refuse_unknown_parameters(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<(), Failure> {
        use Interaction as I;
        let plain = matches!(
            request.interaction,
            I::Read
                | I::Vread
                | I::Create
                | I::Update
                | I::Patch
                | I::Delete
                | I::Capabilities
                | I::BatchTransaction
        );
        if !plain || context.handling == Handling::Lenient {
            return Ok(());
        }
        let known = ["_format", "_pretty", "_summary", "_elements"];
        match request.parameters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(unknown_parameter(name)),
        }
    }

    pub(crate) fn type_name(&self, key: &Key) -> &'static str {
        let definitions = self.definitions;
        let resource_type = definitions.resource_type_numbered(key.resource_type.0);
        resource_type.map_or("Resource", |t| definitions.resource_type_name(t))
    }

    pub(crate) fn name_of(&self, resource_type: ResourceType) -> &'static str {
        self.definitions.resource_type_name(resource_type)
    }

    /// What a client is told of a write: status, version, location, and what it prefers as body.
    pub(crate) fn written(
        &self,
        context: &Context,
        write: &Write,
        written: &Written,
    ) -> Result<Outcome, Failure> {
        let success = match written.kind {
            Some(ChangeKind::Create) => Success::Created,
            _ => Success::Ok,
        };
        let mut outcome = Outcome::new(success, Contents::Empty);
        let Some(version) = written.version else {
            return Ok(outcome);
        };
        let reference = format!("{}/{}", self.type_name(&write.key), write.key.id);
        outcome.location = Some(format!("{reference}/_history/{version}"));
        outcome.version = Some((version, written.updated));
        outcome.contents = match (context.prefer_return, &write.action) {
            (Some(PreferReturn::Minimal), _) | (_, Action::Delete) => Contents::Empty,
            (Some(PreferReturn::OperationOutcome), _) => Contents::Bytes(
                all_ok(&format!("{reference} is stored in version {version}")).to_bytes(),
            ),
            (None | Some(PreferReturn::Representation), Action::Put { payload, .. }) => {
                Contents::Bytes(payload.body(version, written.updated)?)
            }
        };
        Ok(outcome)
    }
}

pub(crate) fn unknown_parameter(name: &str) -> Failure {
    let name: String = name.chars().take(64).collect();
    let problem = format!("parameter '{name}' is not known here");
    Failure::new(ErrorKind::BadRequest, "not-supported", problem).at(&format!("http.{name}"))
}
