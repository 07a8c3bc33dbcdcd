/// The operators, by the specification's own names (R4 search_filter, section "Operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Lt,
    Ge,
    Le,
    Ap,
    Sa,
    Eb,
    Pr,
    Po,
    Ss,
    Sb,
    In,
    Ni,
    Re,
}

const OPERATORS: [(&str, Operator); 19] = [
    ("eq", Operator::Eq),
    ("ne", Operator::Ne),
    ("co", Operator::Co),
    ("sw", Operator::Sw),
    ("ew", Operator::Ew),
    ("gt", Operator::Gt),
    ("lt", Operator::Lt),
    ("ge", Operator::Ge),
    ("le", Operator::Le),
    ("ap", Operator::Ap),
    ("sa", Operator::Sa),
    ("eb", Operator::Eb),
    ("pr", Operator::Pr),
    ("po", Operator::Po),
    ("ss", Operator::Ss),
    ("sb", Operator::Sb),
    ("in", Operator::In),
    ("ni", Operator::Ni),
    ("re", Operator::Re),
];

impl Operator {
    /// The operator with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        OPERATORS.iter().find(|(n, _)| *n == name).map(|(_, operator)| *operator)
    }

    /// Its name in an expression.
    pub(super) fn name(self) -> &'static str {
        OPERATORS.iter().find(|(_, o)| *o == self).map_or("", |(name, _)| name)
    }
}
