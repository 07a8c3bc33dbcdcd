//! The population: shared resources, then patient after patient.

use std::io::{Result, Write};

use crate::chart::Chart;
use crate::codes::medications::STOCK;
use crate::date::Date;
use crate::json::JsonWriter;
use crate::person::Person;
use crate::random::{Random, Stream};
use crate::resources::{write_location, write_medication, write_organization, write_practitioner};
use crate::shared::Shared;

/// A synthetic population.
///
/// The same values give the same bytes on every machine, and more patients extend a
/// smaller population of the same seed and day.
///
/// ```
/// use cresset_sample::Population;
///
/// let population = Population { patients: 2, ..Population::default() };
/// let mut ndjson = Vec::new();
/// let resources = population.write_ndjson(&mut ndjson)?;
/// assert_eq!(resources as usize, ndjson.split(|byte| *byte == b'\n').count() - 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// How many patients there are.
    pub patients: u64,
    /// What everything is derived from.
    pub seed: u64,
    /// The day on which all lives are looked at; nothing is dated later.
    pub today: Date,
}

impl Default for Population {
    fn default() -> Self {
        Self { patients: 200, seed: 1, today: Date::new(2026, 1, 1) }
    }
}

/// Output is handed on in pieces of about this many bytes.
const PIECE: usize = 256 * 1024;

impl Population {
    /// Writes the shared resources, then patient after patient, one resource a line;
    /// returns the number of resources. Memory is bounded by the largest patient.
    pub fn write_ndjson(&self, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Vec::with_capacity(2 * PIECE);
        let mut resources = self.shared(&mut buffer) as u64;
        let shared = Shared::new(self.seed);
        for index in 0..self.patients {
            resources += self.patient_of(&shared, index, &mut buffer) as u64;
            if buffer.len() >= PIECE {
                out.write_all(&buffer)?;
                buffer.clear();
            }
        }
        out.write_all(&buffer)?;
        Ok(resources)
    }

    /// Appends the shared resources, one a line: organizations, locations, practitioners
    /// and medications; returns how many.
    pub fn shared(&self, out: &mut Vec<u8>) -> usize {
        let shared = Shared::new(self.seed);
        let json = &mut JsonWriter::new(out);
        let mut resources = 0;
        for (index, organization) in shared.organizations.iter().enumerate() {
            // The first two numbers of the stream have become the id.
            let mut random = Random::stream(self.seed, Stream::Organization, index as u64 + 1000);
            write_organization(json, organization, index, &mut random);
            resources += 1;
            if !organization.is_payer {
                write_location(json, organization, &mut random);
                resources += 1;
            }
        }
        for practitioner in &shared.practitioners {
            let organization = &shared.organizations[practitioner.organization];
            write_practitioner(json, practitioner, organization);
        }
        for (id, drug) in shared.stock.iter().zip(STOCK) {
            write_medication(json, id, drug);
        }
        resources + shared.practitioners.len() + shared.stock.len()
    }

    /// Appends everything about the patient `index`, one resource a line, the Patient
    /// first; returns how many. References lead to shared resources or to this patient's.
    pub fn patient(&self, index: u64, out: &mut Vec<u8>) -> usize {
        self.patient_of(&Shared::new(self.seed), index, out)
    }

    fn patient_of(&self, shared: &Shared, index: u64, out: &mut Vec<u8>) -> usize {
        let mut random = Random::stream(self.seed, Stream::Patient, index);
        let person = Person::draw(&mut random, self.today);
        let mut chart = Chart::new(out, random, &person, shared);
        chart.patient();
        chart.live();
        chart.resources
    }
}
