//! How values of one datatype become index values under one parameter type. Decided when the plan
//! is compiled, so that extraction asks no names.

use crate::Expansions;
use crate::composite::Composite;
use crate::index::{Match, Slot, Values};
use crate::{composite, date, near, number, quantity, reference, string, token, uri};
use cresset_fhir::definitions::{
    Definitions, ElementDefinition, ParameterType, ResourceType, TypeId,
};
use cresset_fhir::json::Json;

/// What extraction needs besides the value.
pub(crate) struct Extraction<'a> {
    pub(crate) definitions: &'static Definitions,
    /// The server's own, without a slash at the end.
    pub(crate) base_urls: &'a [String],
    /// The resource, for composites that look at it.
    pub(crate) root: &'a Json,
    /// It is for a part of a composite, which no modifier is asked of.
    pub(crate) is_part: bool,
}

/// What the meaning of a search value depends on.
pub(crate) struct Asked<'a> {
    pub(crate) definitions: &'static Definitions,
    pub(crate) base_urls: &'a [String],
    pub(crate) modifier: Option<&'a Modifier>,
    /// Types that a reference can point at.
    pub(crate) targets: &'a [ResourceType],
    /// The codes of the sets that it names.
    pub(crate) expansions: &'a Expansions,
}

/// What follows a parameter's name (R4 search, section 3.1.1.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Modifier {
    Missing,
    Exact,
    Contains,
    Text,
    Not,
    In,
    NotIn,
    Above,
    Below,
    OfType,
    Identifier,
    Type(ResourceType),
}

impl Modifier {
    /// The modifier with this name.
    pub(crate) fn named(name: &str, definitions: &Definitions) -> Option<Self> {
        Some(match name {
            "missing" => Self::Missing,
            "exact" => Self::Exact,
            "contains" => Self::Contains,
            "text" => Self::Text,
            "not" => Self::Not,
            "in" => Self::In,
            "not-in" => Self::NotIn,
            "of-type" => Self::OfType,
            "above" => Self::Above,
            "below" => Self::Below,
            "identifier" => Self::Identifier,
            _ => Self::Type(definitions.resource_type(name)?),
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Missing => ":missing",
            Self::Exact => ":exact",
            Self::Contains => ":contains",
            Self::Text => ":text",
            Self::Not => ":not",
            Self::In => ":in",
            Self::NotIn => ":not-in",
            Self::OfType => ":of-type",
            Self::Above => ":above",
            Self::Below => ":below",
            Self::Identifier => ":identifier",
            Self::Type(_) => "a resource type as modifier",
        }
    }

    /// Whether it turns what the values find into its opposite.
    pub(crate) fn is_negative(&self) -> bool {
        matches!(self, Self::Not | Self::NotIn)
    }

    /// A server must refuse modifiers that it doesn't know for a type (section 3.1.1.4.2).
    pub(crate) fn unsupported(&self, kind: &str) -> String {
        format!("{} is no modifier of a {kind} parameter", self.name())
    }
}

/// The extraction of one branch.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    Token(token::Form),
    String(string::Form),
    Date(date::Form),
    Number,
    Quantity(quantity::Form),
    Reference(reference::Form),
    Uri(uri::Form),
    Composite(Composite),
    /// `Location.position` for `near`.
    Near,
}

impl Form {
    /// What parameters of this type see in values of `type_id`; `None` for nothing.
    pub(crate) fn of(
        kind: ParameterType,
        definitions: &Definitions,
        type_id: TypeId,
        element: Option<&ElementDefinition>,
    ) -> Option<Self> {
        let definition = &definitions[type_id];
        let name = definition.name.as_str();
        match kind {
            ParameterType::Token => token::Form::of(name, element).map(Self::Token),
            ParameterType::String => string::Form::of(name).map(Self::String),
            ParameterType::Date => date::Form::of(name).map(Self::Date),
            ParameterType::Number => number::applies_to(name).then_some(Self::Number),
            ParameterType::Quantity => quantity::Form::of(name).map(Self::Quantity),
            ParameterType::Reference => reference::Form::of(definition).map(Self::Reference),
            ParameterType::Uri => uri::Form::of(name).map(Self::Uri),
            ParameterType::Special => near::applies_to(name).then_some(Self::Near),
            ParameterType::Composite => None,
        }
    }

    /// The parts of the index that values can go to.
    pub(crate) fn slots(&self) -> &[Slot] {
        match self {
            Self::Token(form) => form.slots(),
            Self::Quantity(_) => &[Slot::Main, Slot::Canonical],
            Self::Date(form) => form.slots(),
            Self::Reference(form) => form.slots(),
            Self::Composite(composite) => composite.slots(),
            _ => &[Slot::Main],
        }
    }

    pub(crate) fn extract(&self, from: &Extraction<'_>, value: &Json, into: &mut Values) {
        match self {
            Self::Token(form) => form.extract(from, value, into),
            Self::String(form) => form.extract(value, into),
            Self::Date(form) => form.extract(value, into),
            Self::Number => number::extract(value, into),
            Self::Quantity(form) => form.extract(value, into),
            Self::Reference(form) => form.extract(from, value, into),
            Self::Uri(form) => form.extract(value, into),
            Self::Composite(composite) => composite.extract(from, value, into),
            Self::Near => near::extract(value, into),
        }
    }
}

/// What `value`, still escaped, asks of an index of this type.
pub(crate) fn matches(
    kind: ParameterType,
    components: &[ParameterType],
    value: &str,
    asked: &Asked<'_>,
) -> Result<Match, String> {
    match kind {
        ParameterType::Token => token::matches(value, asked),
        ParameterType::String => string::matches(value, asked),
        ParameterType::Date => date::matches(value, asked),
        ParameterType::Number => number::matches(value, asked),
        ParameterType::Quantity => quantity::matches(value, asked),
        ParameterType::Reference => reference::matches(value, asked),
        ParameterType::Uri => uri::matches(value, asked),
        ParameterType::Composite => composite::matches(components, value, asked),
        ParameterType::Special => near::matches(value, asked),
    }
}
