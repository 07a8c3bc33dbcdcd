use crate::context::Context;
use crate::service::Service;
use cresset_search::{CodeSet, Expansions};

impl Service {
    /// Expands the value sets and code systems that a search names. None is known here yet, which is
    /// what the search answers with.
    pub(crate) async fn expansions(&self, context: &Context, sets: Vec<CodeSet>) -> Expansions {
        let _ = context;
        let mut expansions = Expansions::default();
        for set in sets {
            let reason = "needs value sets, which this server doesn't expand yet".to_owned();
            expansions.insert(set, Err(reason));
        }
        expansions
    }
}
