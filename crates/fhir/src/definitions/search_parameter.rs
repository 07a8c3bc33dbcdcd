use super::ResourceType;

/// The type of a search parameter (R4 search, section 3.1.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterType {
    /// A number.
    Number,
    /// A date, a time, a period.
    Date,
    /// Words.
    String,
    /// A code, an identifier, a boolean.
    Token,
    /// A link to a resource.
    Reference,
    /// Several values that belong together.
    Composite,
    /// A number with a unit.
    Quantity,
    /// A URI.
    Uri,
    /// A parameter with rules of its own.
    Special,
}

impl ParameterType {
    /// The type's code in HL7's definitions.
    pub fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::String => "string",
            Self::Token => "token",
            Self::Reference => "reference",
            Self::Composite => "composite",
            Self::Quantity => "quantity",
            Self::Uri => "uri",
            Self::Special => "special",
        }
    }

    /// The type with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [
            Self::Number,
            Self::Date,
            Self::String,
            Self::Token,
            Self::Reference,
            Self::Composite,
            Self::Quantity,
            Self::Uri,
            Self::Special,
        ];
        all.into_iter().find(|t| t.code() == code)
    }
}

/// A search parameter as HL7 defines it.
#[derive(Clone, Debug)]
pub struct SearchParameter {
    /// The name in a URL.
    pub code: String,
    /// Its canonical URL.
    pub url: String,
    /// Names of the types that it applies to: `Observation`, `Resource`, `DomainResource`.
    pub base: Vec<String>,
    /// Its type.
    pub parameter_type: ParameterType,
    /// The FHIRPath expression, when it has one.
    pub expression: Option<String>,
    /// Types that a reference may point at; empty for any.
    pub target: Vec<ResourceType>,
    /// The parts of a composite.
    pub components: Vec<Component>,
}

/// A part of a composite parameter.
#[derive(Clone, Debug)]
pub struct Component {
    /// The canonical URL of the parameter whose type it has.
    pub definition: String,
    /// The FHIRPath expression, from the composite's focus.
    pub expression: String,
}

/// A compartment (R4 compartmentdefinition).
#[derive(Clone, Debug)]
pub struct Compartment {
    /// The type at its centre.
    pub resource_type: ResourceType,
    /// Member types, each with the search parameters that link it; `{def}` is the centre itself.
    pub members: Vec<(ResourceType, Vec<String>)>,
}
