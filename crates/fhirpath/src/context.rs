//! What an evaluation takes from outside: the resource, variables, the host.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::Json;

use crate::collection::{Collection, Item};
use crate::node::Node;
use crate::value::DateTime;

/// Answers what only the program around the engine can know.
pub trait Host {
    /// The resource that a reference (its text as it stands) points to.
    fn resolve(&self, reference: &str) -> Option<&Json> {
        let _ = reference;
        None
    }

    /// Whether a code, Coding or CodeableConcept is in a value set; none when that isn't known.
    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        let _ = (item, value_set);
        None
    }

    /// Whether a resource conforms to a profile; none when that isn't known.
    fn conforms_to(&self, item: &Item<'_>, profile: &str) -> Option<bool> {
        let _ = (item, profile);
        None
    }

    /// What `trace()` was called with.
    fn trace(&self, name: &str, items: &Collection<'_>) {
        let _ = (name, items);
    }
}

/// A host that knows nothing: references don't resolve, value sets aren't known.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHost;

impl Host for NoHost {}

/// How much an evaluation may do, so that a hostile expression ends with an error.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Steps of work: about one for each item that is visited, compared or made.
    pub steps: u64,
    /// Bytes of the longest text that may be made.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { steps: 1_000_000, text: 1024 * 1024 }
    }
}

/// The surroundings of an evaluation.
#[derive(Clone)]
pub struct Context<'a> {
    pub(crate) resource: &'a Json,
    pub(crate) root: &'a Json,
    pub(crate) definitions: &'static Definitions,
    pub(crate) host: &'a dyn Host,
    pub(crate) variables: Vec<(String, Collection<'a>)>,
    pub(crate) now: Option<DateTime>,
    pub(crate) limits: Limits,
}

impl<'a> Context<'a> {
    /// The surroundings of an evaluation on this resource, with R4's definitions, no host and no
    /// variables. Costs no allocation.
    pub fn new(resource: &'a Json) -> Context<'a> {
        Context {
            resource,
            root: resource,
            definitions: Definitions::r4(),
            host: &NoHost,
            variables: Vec::new(),
            now: None,
            limits: Limits::default(),
        }
    }

    /// With other definitions.
    #[must_use]
    pub fn with_definitions(self, definitions: &'static Definitions) -> Context<'a> {
        Context { definitions, ..self }
    }

    /// With a host.
    #[must_use]
    pub fn with_host(self, host: &'a dyn Host) -> Context<'a> {
        Context { host, ..self }
    }

    /// With another `%rootResource`: the one that contains this one.
    #[must_use]
    pub fn with_root(self, root: &'a Json) -> Context<'a> {
        Context { root, ..self }
    }

    /// With a variable, to be written `%name`.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: Collection<'a>) -> Context<'a> {
        self.variables.push((name.to_owned(), value));
        self
    }

    /// With a present moment, instead of the clock's.
    #[must_use]
    pub fn with_now(self, now: DateTime) -> Context<'a> {
        Context { now: Some(now), ..self }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Context<'a> {
        Context { limits, ..self }
    }

    /// The resource as a node: the usual input of an evaluation.
    pub fn input(&self) -> Node<'a> {
        Node::resource(self.resource, self.definitions)
    }
}
