//! Values to search for, taken from what the server holds.
//!
//! Two servers give their resources in different orders and under different ids, and are
//! to be asked for the same things. So what was gathered is put into an order that its
//! content alone determines before the seed picks from it.

mod observations;
mod patients;

pub(crate) use observations::{Coded, Measured};
pub(crate) use patients::{BENCH_SYSTEM, Patient};

use crate::BenchError;
use crate::gather::Gatherer;
use crate::query::Query;
use crate::random::Random;
use observations::Tally;
use serde_json::Value;

/// More patients are not looked at; of a larger store, these are the first by name.
const MOST_PATIENTS: usize = 1_000;
/// Patients whose Observations are looked at.
const PICKED: usize = 16;
/// Observations looked at for each of them.
const MOST_OBSERVATIONS: usize = 3_000;
/// Other ids to read, for each type.
const MOST_IDS: usize = 3_000;
/// Types whose resources are counted and read by id.
const TYPES: [&str; 9] = [
    "Patient",
    "Observation",
    "Encounter",
    "Condition",
    "Procedure",
    "MedicationRequest",
    "Claim",
    "ExplanationOfBenefit",
    "DiagnosticReport",
];

/// What the searches and reads ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Patients in an order that the seed determines.
    pub(crate) patients: Vec<Patient>,
    /// The first few of them, each with the code of most of its Observations.
    pub(crate) picked: Vec<(Patient, Option<Coded>)>,
    /// Codes of Observations, the most frequent first.
    pub(crate) codes: Vec<Coded>,
    /// A usual value for codes that have quantities.
    pub(crate) measured: Vec<Measured>,
    /// Years of Observations, the most frequent first.
    pub(crate) years: Vec<String>,
    /// `Type/id` of resources to read.
    pub(crate) ids: Vec<String>,
    /// Numbers of resources by type.
    pub(crate) content: Vec<(String, u64)>,
}

impl Facts {
    pub(crate) async fn gather(from: &mut Gatherer<'_>, seed: u64) -> Result<Self, BenchError> {
        let mut facts = Self { patients: patients(from).await?, ..Self::default() };
        Random::seeded(seed).shuffle(&mut facts.patients);
        let mut all = Tally::default();
        for patient in facts.patients.iter().take(PICKED) {
            let own = observations_of(from, patient).await?;
            facts.picked.push((patient.clone(), own.codes().into_iter().next()));
            all.merge(own);
        }
        facts.codes = all.codes();
        facts.measured = all.measured();
        facts.years = all.years();
        for resource_type in TYPES {
            facts.look_at(from, resource_type).await;
        }
        facts.ids.sort_unstable();
        facts.ids.dedup();
        Ok(facts)
    }

    /// Counts a type and takes ids of it. A server need not have every type.
    async fn look_at(&mut self, from: &mut Gatherer<'_>, resource_type: &str) {
        if let Some(count) = from.count(resource_type).await {
            self.content.push((resource_type.into(), count));
        }
        let search = Query::of(resource_type).with("_count", "200").finish();
        let found = from.walk(&search, MOST_IDS).await.unwrap_or_default();
        let ids = found.iter().filter_map(|resource| id(resource));
        self.ids.extend(ids.map(|id| format!("{resource_type}/{id}")));
    }
}

async fn patients(from: &mut Gatherer<'_>) -> Result<Vec<Patient>, BenchError> {
    // Sorting gives the same first thousand of a larger store on every server. One that
    // cannot sort is still measured.
    let every = Query::of("Patient").with("_count", "100");
    let sorted = every.clone().with("_sort", "family").finish();
    let found = match from.walk(&sorted, MOST_PATIENTS).await {
        Ok(found) => found,
        Err(_) => from.walk(&every.finish(), MOST_PATIENTS).await?,
    };
    let mut patients: Vec<_> = found.iter().filter_map(Patient::read).collect();
    patients.sort_unstable();
    Ok(patients)
}

async fn observations_of(from: &mut Gatherer<'_>, patient: &Patient) -> Result<Tally, BenchError> {
    let search = Query::of("Observation")
        .with("subject", patient.reference())
        .with("_count", "200")
        .finish();
    let mut tally = Tally::default();
    for observation in from.walk(&search, MOST_OBSERVATIONS).await? {
        tally.add(&observation);
    }
    Ok(tally)
}

fn id(resource: &Value) -> Option<&str> {
    resource.get("id")?.as_str()
}
