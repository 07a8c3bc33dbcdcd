/// A prefix of a number, date or quantity (R4 search, section 3.1.1.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    StartsAfter,
    EndsBefore,
    Approximately,
}

impl Prefix {
    /// The prefix of `value` and what follows it.
    pub(crate) fn split(value: &str) -> (Self, &str) {
        let Some((head, rest)) = value.split_at_checked(2) else {
            return (Self::Equal, value);
        };
        let prefix = match head {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::Greater,
            "lt" => Self::Less,
            "ge" => Self::GreaterOrEqual,
            "le" => Self::LessOrEqual,
            "sa" => Self::StartsAfter,
            "eb" => Self::EndsBefore,
            "ap" => Self::Approximately,
            _ => return (Self::Equal, value),
        };
        (prefix, rest)
    }
}
