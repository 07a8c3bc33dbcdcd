use std::time::Duration;

/// How a search is answered, and what that took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is done, the last step first.
    pub steps: Vec<PlanStep>,
    /// Rows of the index and of resources that were looked at for the page.
    pub rows: u64,
    /// How many resources the page has.
    pub found: usize,
    /// How many match in all, when the search asks for that.
    pub total: Option<u64>,
    /// How long the page took.
    pub time: Duration,
}

/// A step of the plan of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    /// How deep it is nested: the steps that feed a step follow it, one deeper.
    pub depth: usize,
    /// What is done, with names of indexes and bounds but no values.
    pub what: String,
    /// How many resources it is thought to give, at most.
    pub estimate: Option<u64>,
}
