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
