//! Qualified names: a session is anybody's, so no search path can be relied on.

/// The names of one collection's tables.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    schema: String,
}

impl Names {
    pub(crate) fn new(schema: String) -> Self {
        Self { schema }
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// A statement in which `@` stands before each name that is the collection's own; `@@` is the operator.
    pub(crate) fn sql(&self, template: &str) -> String {
        let own = |part: &str| part.replace('@', &format!("{}.", self.schema));
        template.split("@@").map(own).collect::<Vec<_>>().join("@@")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_qualified_and_operators_stay() {
        let names = Names::new("ward".to_owned());
        let sql = names.sql("SELECT w.r FROM @words w, @term t WHERE w.words @@ $1::tsquery");
        assert_eq!(sql, "SELECT w.r FROM ward.words w, ward.term t WHERE w.words @@ $1::tsquery");
    }
}
