//! Many searches, and what came of them.

use crate::client::{Client, ClientError};
use crate::compare::{Disagreement, Outcome, compare};
use crate::evaluate::{Element, Found, evaluate};
use crate::generate::Generator;
use crate::oracle::Oracle;
use crate::query::Query;
use crate::shrink::shrink;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Searches that Cresset refuses for reasons that `crates/search/README.md` gives.
pub const CRESSET_LIMITS: &[&str] =
    &["only the last part may be a range", "doesn't refer to this type"];

/// Cresset's mistakes that nobody has mended yet.
pub const CRESSET_DEFECTS: &[&str] = &[];

/// How much is asked.
#[derive(Debug, Clone, Copy)]
pub struct Dose {
    /// So many searches.
    pub queries: usize,
    /// Which ones.
    pub seed: u64,
    /// Searches with more hits are read in part.
    pub read_whole: usize,
    /// Different failures after which it ends.
    pub most_failures: usize,
    /// What the server says when it refuses a search because of a limit that is known: such
    /// searches count as not compared.
    pub known_limits: &'static [&'static str],
    /// Smallest searches whose answers are known to be wrong, as `Type criterion`: they are counted
    /// and shown, and are no failures.
    pub known_defects: &'static [&'static str],
}

impl Dose {
    fn knows(&self, reason: &str) -> bool {
        self.known_limits.iter().any(|limit| reason.contains(limit))
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Searches that agree.
    pub agreed: usize,
    /// Of these, with hits.
    pub with_hits: usize,
    /// Of these, read to the last page.
    pub whole: usize,
    /// Resources expected in all.
    pub hits: usize,
    /// What the server doesn't support, and how often that was asked.
    pub unsupported: BTreeMap<String, usize>,
    /// Searches that the oracle couldn't answer.
    pub unanswerable: BTreeMap<String, usize>,
    /// Searches that fail because of a known defect.
    pub known_defects: BTreeMap<String, usize>,
    /// Failures, the smallest search of each kind.
    pub failures: Vec<Failure>,
    /// Searches that failed in a way that another one had.
    pub repeated: usize,
    /// Parameters that were asked, as `Type.name`.
    pub parameters: BTreeSet<String>,
}

/// A search that the server answers wrongly.
#[derive(Debug)]
pub struct Failure {
    /// The smallest one.
    pub query: Query,
    /// What is wrong with its answer.
    pub disagreement: Disagreement,
    /// Elements of the resources concerned that its parameters look at.
    pub evidence: Vec<String>,
    /// How often something like it was seen.
    pub seen: usize,
}

/// Asks a dose of random searches.
///
/// # Errors
/// [`ClientError`] when the server doesn't answer.
pub fn run(client: &mut Client, oracle: &Oracle, dose: Dose) -> Result<Report, ClientError> {
    let mut report = Report::default();
    let mut generator = Generator::new(oracle, dose.seed);
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for number in 1..=dose.queries {
        let query = generator.query();
        progress(number, &report);
        report.asked(&query);
        match compare(client, oracle, &query, dose.read_whole) {
            Outcome::Agrees { hits, whole } => report.agrees(hits, whole),
            Outcome::Disagrees(Disagreement::Refused(reason)) if dose.knows(&reason) => {
                *report.unsupported.entry(feature(&query, &reason)).or_default() += 1;
            }
            Outcome::Unsupported(reason) => {
                *report.unsupported.entry(feature(&query, &reason)).or_default() += 1;
            }
            Outcome::Unanswerable(reason) => {
                *report.unanswerable.entry(reason.to_string()).or_default() += 1;
            }
            Outcome::Gone(error) => return Err(error),
            Outcome::Disagrees(disagreement) => {
                let before = known.get(&signature(&query, &disagreement));
                if let Some(before) = before {
                    report.failures[*before].seen += 1;
                    report.repeated += 1;
                    continue;
                }
                let failure = smallest(client, oracle, query.clone(), disagreement.clone(), dose);
                let label = label(&failure.query);
                if dose.known_defects.contains(&label.as_str()) {
                    *report.known_defects.entry(label).or_default() += 1;
                    continue;
                }
                let own = signature(&failure.query, &failure.disagreement);
                let at = *known.entry(own).or_insert(report.failures.len());
                known.insert(signature(&query, &disagreement), at);
                match report.failures.get_mut(at) {
                    Some(before) => {
                        before.seen += 1;
                        report.repeated += 1;
                    }
                    None => {
                        eprintln!("{failure}");
                        report.failures.push(failure);
                    }
                }
                if report.failures.len() >= dose.most_failures {
                    break;
                }
            }
        }
    }
    Ok(report)
}

/// A line now and then; each failure is shown when it is found.
fn progress(number: usize, report: &Report) {
    if number.is_multiple_of(1_000) {
        let (agreed, failures) = (report.agreed, report.failures.len());
        eprintln!("{number} searches, {agreed} agree, {failures} failures");
    }
}

fn smallest(
    client: &mut Client,
    oracle: &Oracle,
    query: Query,
    disagreement: Disagreement,
    dose: Dose,
) -> Failure {
    let mut last = disagreement;
    let query = shrink(query, |smaller| match compare(client, oracle, smaller, dose.read_whole) {
        Outcome::Disagrees(disagreement) => {
            last = disagreement;
            true
        }
        _ => false,
    });
    let evidence = evidence(oracle, &query, &last);
    Failure { query, disagreement: last, evidence, seen: 1 }
}

/// Type and criterion of a smallest search; only the type when it isn't one criterion.
fn label(query: &Query) -> String {
    let types = query.types.join(",");
    match &query.criteria[..] {
        [only] => format!("{types} {only}"),
        _ => types,
    }
}

/// Failures with the same one count as the same: parameters, modifiers, and what went wrong.
fn signature(query: &Query, disagreement: &Disagreement) -> String {
    let mut names: Vec<String> = query.criteria.iter().map(|c| c.to_string()).collect();
    names.extend(query.sort.iter().map(|key| format!("_sort={key}")));
    format!("{:?} {names:?} {}", query.types, disagreement.kind())
}

/// What the server doesn't support: the end of its reason, and what the search uses.
fn feature(query: &Query, reason: &str) -> String {
    let modifiers: BTreeSet<&str> =
        query.criteria.iter().filter_map(|c| Some(c.modifier.as_ref()?.name())).collect();
    let modifiers = modifiers.into_iter().find(|m| reason.contains(&format!(":{m}")));
    match (modifiers, query.includes.is_empty()) {
        (Some(modifier), _) => format!(":{modifier}"),
        (None, false) => "_include, _revinclude".to_owned(),
        (None, true) => match reason.split_once("': ") {
            // The parameter's name would make a line for each.
            Some((_, why)) => why.chars().take(120).collect(),
            None => reason.chars().take(120).collect(),
        },
    }
}

/// What the last parameter of each criterion looks at in the resources that a failure is about.
fn evidence(oracle: &Oracle, query: &Query, disagreement: &Disagreement) -> Vec<String> {
    let mut evidence = Vec::new();
    for name in disagreement.names() {
        let Some((resource_type, id)) = name.split_once('/') else { continue };
        let Some(place) = oracle.population.place(resource_type, id) else { continue };
        let json = &oracle.population.of(resource_type)[place];
        let direct = query.criteria.iter().filter(|c| c.links.is_empty()).map(|c| &c.name);
        let sorted = query.sort.iter().map(|key| &key.name);
        for code in direct.chain(sorted) {
            let Ok(parameter) = oracle.parameter(resource_type, code) else { continue };
            let focus = Element { json, property: "", choice: None };
            let shown = |found: &Found<'_>| match found {
                Found::Element(element) => cut(element.json),
                other => format!("{other:?}"),
            };
            let found = evaluate(&parameter.expression, &focus);
            let found: Vec<String> = found.iter().take(3).map(shown).collect();
            evidence.push(format!("{name} {code}: {}", found.join("; ")));
        }
    }
    evidence
}

fn cut(json: &Json) -> String {
    json.to_string().chars().take(300).collect()
}

impl Report {
    fn asked(&mut self, query: &Query) {
        for criterion in query.criteria.iter().filter(|c| c.links.is_empty()) {
            for name in &query.types {
                self.parameters.insert(format!("{name}.{}", criterion.name));
            }
        }
    }

    fn agrees(&mut self, hits: usize, whole: bool) {
        self.agreed += 1;
        self.with_hits += usize::from(hits > 0);
        self.whole += usize::from(whole);
        self.hits += hits;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agreed, with_hits, whole, hits, .. } = self;
        writeln!(
            f,
            "{agreed} agree: {with_hits} with hits, {hits} in all; {whole} read to the end"
        )?;
        writeln!(f, "{} parameters asked", self.parameters.len())?;
        for (feature, times) in &self.unsupported {
            writeln!(f, "NOT COMPARED, the server doesn't support it: {feature} ({times} times)")?;
        }
        for (reason, times) in &self.unanswerable {
            writeln!(f, "NOT COMPARED, the oracle can't tell: {reason} ({times} times)")?;
        }
        for (label, times) in &self.known_defects {
            writeln!(f, "WRONG, and known to be: {label} ({times} times)")?;
        }
        for failure in &self.failures {
            write!(f, "{failure}")?;
        }
        let (kinds, all) = (self.failures.len(), self.failures.len() + self.repeated);
        writeln!(f, "{all} disagree, in {kinds} ways")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { query, disagreement, evidence, seen } = self;
        writeln!(f, "\nDISAGREES ({}, seen {seen} times): {}", disagreement.kind(), query.url())?;
        let listed = |names: &[String]| {
            let shown: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
            format!("{} ({})", names.len(), shown.join(", "))
        };
        match disagreement {
            Disagreement::Found { missing, extra } | Disagreement::Included { missing, extra } => {
                writeln!(f, "  missing {}, extra {}", listed(missing), listed(extra))?;
            }
            other => writeln!(f, "  {other:?}")?,
        }
        evidence.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
