//! One search, asked of the server and of the oracle.

use crate::client::{Client, ClientError, Page};
use crate::oracle::{Names, Oracle, Unanswerable};
use crate::query::Query;
use crate::sort;
use std::collections::HashSet;

/// How the server's answer compares.
#[derive(Debug)]
pub enum Outcome {
    /// It is right. `hits` were expected; `whole` when all pages were read.
    Agrees {
        /// How many resources match.
        hits: usize,
        /// Whether all pages were read.
        whole: bool,
    },
    /// The server says that it doesn't support this.
    Unsupported(String),
    /// It is wrong.
    Disagrees(Disagreement),
    /// The oracle can't tell.
    Unanswerable(Unanswerable),
    /// The server doesn't answer.
    Gone(ClientError),
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// The server refused what makes sense.
    Refused(String),
    /// What was found isn't what matches.
    Found {
        /// Resources that match and weren't found.
        missing: Vec<String>,
        /// Resources that were found and don't match.
        extra: Vec<String>,
    },
    /// A resource came twice.
    Duplicate(String),
    /// `Bundle.total` is wrong.
    Total {
        /// What the Bundle says.
        said: Option<u64>,
        /// How many match.
        is: usize,
    },
    /// The first stands before the second, against `_sort`.
    Order(String, String),
    /// What `_include` and `_revinclude` brought on one page.
    Included {
        /// Resources that should have come.
        missing: Vec<String>,
        /// Resources that shouldn't.
        extra: Vec<String>,
    },
    /// A page was longer than `_count`.
    Long(usize),
}

/// How many pages are read of a search with more hits than `read_whole`.
const FIRST_PAGES: usize = 3;

/// Asks both. Of a search with more hits than `read_whole` the first pages are read, and the total.
pub fn compare(client: &mut Client, oracle: &Oracle, query: &Query, read_whole: usize) -> Outcome {
    match oracle.answer(query) {
        Err(reason) => Outcome::Unanswerable(reason),
        Ok(expected) => match Asked::ask(client, oracle, query, &expected, read_whole) {
            Ok(whole) => Outcome::Agrees { hits: expected.len(), whole },
            Err(outcome) => outcome,
        },
    }
}

/// A search whose pages are read.
struct Asked<'a> {
    oracle: &'a Oracle,
    query: &'a Query,
    names: Vec<String>,
}

impl Asked<'_> {
    /// Whether all pages were read, or what else came of it.
    fn ask(
        client: &mut Client,
        oracle: &Oracle,
        query: &Query,
        expected: &Names,
        read_whole: usize,
    ) -> Result<bool, Outcome> {
        let mut asked = Asked { oracle, query, names: Vec::new() };
        let mut next = Some(format!("{}{}&_total=accurate", client.base_path(), query.url()));
        let mut pages = 0;
        while let Some(path) = next.take() {
            let page = client.page(&path).map_err(refused)?;
            if pages == 0 && page.total != Some(expected.len() as u64) {
                // The names say more than the number does.
                asked.look_for_names(client, &page, expected, read_whole)?;
                let total = Disagreement::Total { said: page.total, is: expected.len() };
                return Err(Outcome::Disagrees(total));
            }
            asked.add(&page).map_err(Outcome::Disagrees)?;
            next = page.next();
            pages += 1;
            if pages == FIRST_PAGES && expected.len() > read_whole {
                break;
            }
        }
        asked.check_names(expected, next.is_none()).map_err(Outcome::Disagrees)?;
        match sort::misplaced(oracle, &query.sort, &asked.names) {
            Err(reason) => Err(Outcome::Unanswerable(reason)),
            Ok(Some((a, b))) => Err(Outcome::Disagrees(Disagreement::Order(a, b))),
            Ok(None) => Ok(next.is_none()),
        }
    }

    /// After a wrong total: which names are wrong.
    fn look_for_names(
        &mut self,
        client: &mut Client,
        first: &Page,
        expected: &Names,
        read_whole: usize,
    ) -> Result<(), Outcome> {
        self.add(first).map_err(Outcome::Disagrees)?;
        let mut next = first.next();
        while let Some(path) = next.take().filter(|_| self.names.len() < 4 * read_whole) {
            let page = client.page(&path).map_err(refused)?;
            self.add(&page).map_err(Outcome::Disagrees)?;
            next = page.next();
        }
        self.check_names(expected, next.is_none()).map_err(Outcome::Disagrees)
    }

    fn add(&mut self, page: &Page) -> Result<(), Disagreement> {
        let (mut matches, mut included) = (Names::new(), Names::new());
        for entry in &page.entry {
            let name = format!("{}/{}", entry.resource.resource_type, entry.resource.id);
            match entry.search.mode.as_str() {
                "include" => drop(included.insert(name)),
                "outcome" => {}
                _ => {
                    if !matches.insert(name.clone()) {
                        return Err(Disagreement::Duplicate(name));
                    }
                    self.names.push(name);
                }
            }
        }
        if self.query.count.is_some_and(|count| matches.len() > count) {
            return Err(Disagreement::Long(matches.len()));
        }
        let expected = self.oracle.included(&self.query.includes, &matches).unwrap_or_default();
        let missing: Vec<_> = expected.difference(&included).cloned().collect();
        let missing: Vec<_> = missing.into_iter().filter(|n| !matches.contains(n)).collect();
        let extra: Vec<_> = included.difference(&expected).cloned().collect();
        match missing.is_empty() && extra.is_empty() {
            true => Ok(()),
            false => Err(Disagreement::Included { missing, extra }),
        }
    }

    fn check_names(&self, expected: &Names, is_whole: bool) -> Result<(), Disagreement> {
        let mut seen = HashSet::new();
        if let Some(twice) = self.names.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(Disagreement::Duplicate(twice.clone()));
        }
        let extra = self.names.iter().filter(|name| !expected.contains(*name)).cloned();
        let extra: Vec<String> = extra.collect();
        let missing = expected.iter().filter(|name| is_whole && !seen.contains(name.as_str()));
        let missing: Vec<String> = missing.cloned().collect();
        match missing.is_empty() && extra.is_empty() {
            true => Ok(()),
            false => Err(Disagreement::Found { missing, extra }),
        }
    }
}

/// An error of the server: what it doesn't support yet, or more than it should.
fn refused(error: ClientError) -> Outcome {
    match error {
        ClientError::Refused { status, diagnostics } => {
            match status == 400 && diagnostics.contains("not supported") {
                true => Outcome::Unsupported(diagnostics),
                false => {
                    Outcome::Disagrees(Disagreement::Refused(format!("{status} {diagnostics}")))
                }
            }
        }
        other => Outcome::Gone(other),
    }
}

impl Disagreement {
    /// One word for it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Found { extra, .. } if extra.is_empty() => "missing",
            Self::Found { missing, .. } if missing.is_empty() => "extra",
            Self::Found { .. } => "missing and extra",
            Self::Duplicate(_) => "duplicate",
            Self::Total { .. } => "total",
            Self::Order(..) => "order",
            Self::Included { .. } => "included",
            Self::Long(_) => "page too long",
        }
    }

    /// The resources that it is about.
    pub fn names(&self) -> Vec<&String> {
        match self {
            Self::Found { missing, extra } | Self::Included { missing, extra } => {
                missing.iter().take(2).chain(extra.iter().take(2)).collect()
            }
            Self::Duplicate(name) => vec![name],
            Self::Order(first, second) => vec![first, second],
            Self::Refused(_) | Self::Total { .. } | Self::Long(_) => Vec::new(),
        }
    }
}
