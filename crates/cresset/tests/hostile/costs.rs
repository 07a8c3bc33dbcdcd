//! What a search costs, and whether its answer is clear.

use crate::support::http::Response;
use crate::target::{SECRET, Target};
use std::time::{Duration, Instant};

/// No search may take longer: the server's own time-out of 20 s, and what is left to do after it.
const LONGEST: Duration = Duration::from_secs(25);

/// What one search may add to the memory that the server holds, in MiB.
const MOST_MIB: u64 = 300;

/// How an answer must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// 200, with nothing left out.
    Full,
    /// 200, with an outcome that says what was left out.
    Warned,
    /// This status, with an error.
    Refused(u16),
    /// Full, or 503 when the machine is too slow for it.
    FullOrLate,
}

/// Searches of one server, each of them measured.
pub(crate) struct Costs<'t> {
    target: &'t Target,
}

impl<'t> Costs<'t> {
    pub(crate) fn of(target: &'t Target) -> Self {
        Self { target }
    }

    /// Searches by URL.
    #[track_caller]
    pub(crate) fn get(&self, told: &str, path: &str, end: End) -> Response {
        let mut client = self.target.client();
        self.measured(told, end, || client.get(path).expect("an answer"))
    }

    /// Searches by form, which may be longer than a URL. `of` is a type.
    #[track_caller]
    pub(crate) fn form(&self, told: &str, of: &str, body: &str, end: End) -> Response {
        let mut client = self.target.client();
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let path = format!("/fhir/{of}/_search");
        self.measured(told, end, || {
            client.request("POST", &path, &headers, body.as_bytes()).expect("an answer")
        })
    }

    #[track_caller]
    fn measured(&self, told: &str, end: End, ask: impl FnOnce() -> Response) -> Response {
        let (held, before) = (self.target.held_mib(), self.target.peak_mib());
        let since = Instant::now();
        let answer = ask();
        let took = since.elapsed();
        let (after, peak) = (self.target.held_mib(), self.target.peak_mib());
        eprintln!(
            "{told}: {} after {} ms, {} KiB; {held} -> {after} MiB held, {before} -> {peak} MiB at most",
            answer.status,
            took.as_millis(),
            answer.body.len() >> 10
        );
        assert!(took < LONGEST, "{told} took {took:?}");
        assert!(peak <= before.max(held + MOST_MIB), "{told}: from {held} to {peak} MiB");
        is_clear(&answer, told, end);
        answer
    }
}

/// Fails unless the answer ends as it should, and says what to do.
#[track_caller]
fn is_clear(answer: &Response, told: &str, end: End) {
    let json = answer.json();
    let text = answer.text();
    let start = text.get(..400.min(text.len())).unwrap_or_default();
    let refused = match end {
        End::Refused(status) => Some(status),
        End::FullOrLate if answer.status == 503 => Some(503),
        _ => None,
    };
    if let Some(status) = refused {
        assert_eq!(answer.status, status, "{told}: {start}");
        assert_eq!(json["resourceType"], "OperationOutcome", "{told}: {start}");
        let issues = json["issue"].as_array().expect("issues");
        let is_useful = |issue: &serde_json::Value| {
            issue["severity"] == "error"
                && issue["diagnostics"].as_str().is_some_and(|d| (15..1_000).contains(&d.len()))
        };
        assert!(!issues.is_empty() && issues.iter().all(is_useful), "{told}: {start}");
        assert!(!text.contains(SECRET), "{told}: values in an error: {start}");
        assert!(text.len() < 64 << 10, "{told}: an error of {} bytes", text.len());
        eprintln!("    {}", issues[0]["diagnostics"].as_str().unwrap_or_default());
        return;
    }
    assert_eq!(answer.status, 200, "{told}: {start}");
    assert_eq!(json["type"], "searchset", "{told}: {start}");
    let entries = json["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    let outcome = entries.iter().find(|entry| entry["search"]["mode"] == "outcome");
    assert_eq!(outcome.is_some(), end == End::Warned, "{told}: {outcome:?}");
    if let Some(outcome) = outcome {
        let issue = &outcome["resource"]["issue"][0];
        assert!(issue["diagnostics"].as_str().is_some_and(|d| d.len() > 10), "{told}: {outcome}");
        eprintln!("    {}", issue["diagnostics"].as_str().unwrap_or_default());
    }
}

/// How many entries of a Bundle are there for this reason: `match`, `include`.
pub(crate) fn entries(answer: &Response, mode: &str) -> usize {
    let json = answer.json();
    let entries = json["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter(|entry| entry["search"]["mode"] == mode).count()
}
