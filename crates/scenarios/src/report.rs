use crate::answer::{Answer, Request};
use std::fmt;

/// How much of a body a failure shows, in characters.
const SHOWN: usize = 700;
/// Headers that say something about a failure.
const TELLING: &[&str] = &["content-type", "etag", "last-modified", "location", "allow", "vary"];

/// How a file's cases went.
#[derive(Debug, Default)]
pub struct Report {
    /// How many cases there are.
    pub cases: usize,
    /// Those that went wrong, and resources of the setup that were refused.
    pub failures: Vec<Failure>,
}

/// A case whose answer is not what the specification says.
#[derive(Debug)]
pub struct Failure {
    /// The case's title.
    pub case: String,
    /// The specification's section.
    pub section: String,
    /// What was asked.
    pub request: Option<Request>,
    /// What was expected and didn't come.
    pub problems: Vec<String>,
    /// What came.
    pub answer: Option<Answer>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "✗ {} [{}]", self.case, self.section)?;
        if let Some(request) = &self.request {
            writeln!(f, "    {} {}", request.method, request.url)?;
            for (name, value) in &request.headers {
                writeln!(f, "    {name}: {value}")?;
            }
            if !request.body.is_empty() {
                writeln!(f, "    {}", short(&request.body))?;
            }
        }
        for problem in &self.problems {
            writeln!(f, "  → {problem}")?;
        }
        if let Some(answer) = &self.answer {
            writeln!(f, "    {}", answer.status)?;
            for (name, value) in answer.headers.iter().filter(|(n, _)| TELLING.contains(&&**n)) {
                writeln!(f, "    {name}: {value}")?;
            }
            writeln!(f, "    {}", short(&answer.body))?;
        }
        Ok(())
    }
}

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
