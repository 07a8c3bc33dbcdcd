//! Prefixes of numbers, quantities and dates (R4 search, section 3.1.1.4.1).

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// `eq`, or none.
    Eq,
    /// `ne`.
    Ne,
    /// `gt`.
    Gt,
    /// `lt`.
    Lt,
    /// `ge`.
    Ge,
    /// `le`.
    Le,
    /// `sa`.
    Sa,
    /// `eb`.
    Eb,
    /// `ap`.
    Ap,
}

impl Prefix {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("gt", Self::Gt),
        ("lt", Self::Lt),
        ("ge", Self::Ge),
        ("le", Self::Le),
        ("sa", Self::Sa),
        ("eb", Self::Eb),
        ("ap", Self::Ap),
    ];

    /// The prefix of a value, and the rest.
    pub fn split(value: &str) -> (Self, &str) {
        let found = Self::ALL.iter().find_map(|(text, p)| Some((*p, value.strip_prefix(text)?)));
        found.unwrap_or((Self::Eq, value))
    }
}
