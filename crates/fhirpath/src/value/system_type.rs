//! The names of the `System` types.

/// A type of the `System` namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the specification's own name")]
pub enum SystemType {
    Boolean,
    Integer,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
}

impl SystemType {
    const ALL: [SystemType; 8] = [
        SystemType::Boolean,
        SystemType::Integer,
        SystemType::Decimal,
        SystemType::String,
        SystemType::Date,
        SystemType::DateTime,
        SystemType::Time,
        SystemType::Quantity,
    ];

    /// The type with this name, which is case-sensitive.
    pub fn named(name: &str) -> Option<SystemType> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The name within the namespace.
    pub fn name(self) -> &'static str {
        match self {
            SystemType::Boolean => "Boolean",
            SystemType::Integer => "Integer",
            SystemType::Decimal => "Decimal",
            SystemType::String => "String",
            SystemType::Date => "Date",
            SystemType::DateTime => "DateTime",
            SystemType::Time => "Time",
            SystemType::Quantity => "Quantity",
        }
    }
}
