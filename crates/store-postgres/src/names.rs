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

    /// A statement in which `@` stands before each name that is the collection's own.
    pub(crate) fn sql(&self, template: &str) -> String {
        let mut sql = String::with_capacity(template.len() + 64);
        for (at, part) in template.split('@').enumerate() {
            if at > 0 {
                sql.push_str(&self.schema);
                sql.push('.');
            }
            sql.push_str(part);
        }
        sql
    }
}
