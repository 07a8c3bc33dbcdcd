use crate::step::Step;
use crate::yaml;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;

/// Cases that share a server and what it holds at the start.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    /// What it is about.
    pub title: String,
    /// Resources that are there before the first case, as JSON text.
    pub(crate) setup: Vec<String>,
    /// In the order in which they run.
    pub cases: Vec<Case>,
}

/// Requests, one after the other, and what must come back.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the specification says, in a few words.
    pub title: String,
    /// Where it says so: `search 3.1.1.4.10`.
    pub section: String,
    /// JSON text of each step: its variables are filled in when its turn comes.
    pub(crate) steps: Vec<String>,
}

/// Why a scenario file can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct FileError {
    problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    title: String,
    section: String,
    #[serde(default)]
    setup: Vec<Box<RawValue>>,
    cases: Vec<BTreeMap<String, Box<RawValue>>>,
}

impl ScenarioFile {
    /// Reads a file.
    ///
    /// # Errors
    /// A [`FileError`] that names the file and, where there is one, the case.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(path).map_err(|e| e.to_string());
        let file = text.and_then(|text| Self::parse(&text));
        file.map_err(|e| FileError { problem: format!("{}: {e}", path.display()) })
    }

    /// Understands a file's text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let json = yaml::to_json(text).map_err(|e| e.to_string())?;
        let raw: RawFile = serde_json::from_str(&json).map_err(|e| e.to_string())?;
        if raw.cases.is_empty() {
            return Err("has no cases".to_owned());
        }
        let cases = raw.cases.into_iter().enumerate().map(|(i, members)| {
            let name = members.get("title").map_or("without title", |t| t.get()).to_owned();
            case(members, &raw.section).map_err(|e| format!("case {} ({name}): {e}", i + 1))
        });
        let cases = cases.collect::<Result<_, _>>()?;
        let setup = raw.setup.iter().map(|r| r.get().to_owned()).collect();
        Ok(Self { title: raw.title, setup, cases })
    }
}

/// A case of several steps, or one that is its only step.
fn case(mut members: BTreeMap<String, Box<RawValue>>, section: &str) -> Result<Case, String> {
    let title = text(members.remove("title"))?.ok_or("has no title")?;
    let section = text(members.remove("section"))?.unwrap_or_else(|| section.to_owned());
    let steps: Vec<String> = match members.remove("steps") {
        Some(_) if !members.is_empty() => {
            return Err("a case with steps has nothing else but title and section".to_owned());
        }
        Some(steps) => {
            let steps: Vec<Box<RawValue>> =
                serde_json::from_str(steps.get()).map_err(|e| e.to_string())?;
            steps.iter().map(|step| step.get().to_owned()).collect()
        }
        None => vec![serde_json::to_string(&members).map_err(|e| e.to_string())?],
    };
    if steps.is_empty() {
        return Err("has no steps".to_owned());
    }
    for step in &steps {
        // Also those with variables are well formed: these stand inside texts.
        Step::parse(step)?;
    }
    Ok(Case { title, section, steps })
}

fn text(value: Option<Box<RawValue>>) -> Result<Option<String>, String> {
    let parse = |v: Box<RawValue>| serde_json::from_str(v.get()).map_err(|e| e.to_string());
    value.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::ScenarioFile;

    #[test]
    fn a_body_keeps_its_digits() {
        let yaml = "title: t\nsection: s\ncases:\n- {title: c, put: /a, body: {v: 1.50}}";
        let file = ScenarioFile::parse(yaml).unwrap();
        assert!(file.cases[0].steps[0].contains("1.50"));
        assert_eq!(file.cases[0].section, "s");
    }

    #[test]
    fn mistakes_are_named_with_their_case() {
        let wrong = |case: &str| {
            let yaml = format!("title: t\nsection: s\ncases:\n- {{title: c, {case}}}");
            ScenarioFile::parse(&yaml).unwrap_err()
        };
        assert!(wrong("get: /a, totals: 1").contains("case 1 (\"c\"): unknown field `totals`"));
        assert!(wrong("status: 200").contains("one request"));
        assert!(wrong("get: /a, put: /b").contains("one request"));
        assert!(wrong("get: /a, steps: []").contains("nothing else"));
        assert!(wrong("steps: []").contains("no steps"));
        assert!(ScenarioFile::parse("title: t\nsection: s\ncases: []").is_err());
    }
}
