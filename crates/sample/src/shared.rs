//! The resources that all patients share: how many there are does not depend on the
//! size of the population, so no patient does either.

use crate::codes::medications::STOCK;
use crate::id::Id;
use crate::names::{FAMILY, FEMALE, MALE, PAYERS, TOWNS, Town};
use crate::random::{Random, Stream};

/// Two clinics in each town.
const CLINICS: usize = 2 * TOWNS.len();
const HOSPITALS: usize = 8;
/// Clinics and hospitals, each with one location.
pub(crate) const PROVIDERS: usize = CLINICS + HOSPITALS;
const CLINICIANS_OF_A_CLINIC: usize = 3;
const CLINICIANS_OF_A_HOSPITAL: usize = 6;
const CLINICIANS: usize = CLINICS * CLINICIANS_OF_A_CLINIC + HOSPITALS * CLINICIANS_OF_A_HOSPITAL;

/// A clinic, hospital or payer.
pub(crate) struct Organization {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) town: &'static Town,
    pub(crate) is_payer: bool,
    pub(crate) location: Id,
}

/// A clinician.
pub(crate) struct Practitioner {
    pub(crate) id: Id,
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) gender: &'static str,
    pub(crate) display: String,
    pub(crate) npi: String,
    pub(crate) organization: usize,
}

/// All of them; the organizations are clinics, then hospitals, then payers.
pub(crate) struct Shared {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) practitioners: Vec<Practitioner>,
    /// The Medication resources, in the order of [`STOCK`].
    pub(crate) stock: Vec<Id>,
}

impl Shared {
    pub(crate) fn new(seed: u64) -> Self {
        let all = PROVIDERS + PAYERS.len();
        Self {
            organizations: (0..all).map(|n| Organization::new(seed, n)).collect(),
            practitioners: (0..CLINICIANS).map(|n| Practitioner::new(seed, n)).collect(),
            stock: (0..STOCK.len())
                .map(|n| Random::stream(seed, Stream::Medication, n as u64).id())
                .collect(),
        }
    }

    /// A clinic of a town; `which` is 0 or 1.
    pub(crate) const fn clinic(town: usize, which: usize) -> usize {
        town * 2 + which
    }

    /// The hospital nearest to a town.
    pub(crate) const fn hospital(town: usize) -> usize {
        CLINICS + town * HOSPITALS / TOWNS.len()
    }

    /// The payer number `which` among all organizations.
    pub(crate) const fn payer(which: usize) -> usize {
        PROVIDERS + which
    }

    /// Someone who works at a provider.
    pub(crate) fn clinician(organization: usize, random: &mut Random) -> usize {
        let (first, many) = match organization.checked_sub(CLINICS) {
            None => (organization * CLINICIANS_OF_A_CLINIC, CLINICIANS_OF_A_CLINIC),
            Some(hospital) => (
                CLINICS * CLINICIANS_OF_A_CLINIC + hospital * CLINICIANS_OF_A_HOSPITAL,
                CLINICIANS_OF_A_HOSPITAL,
            ),
        };
        first + random.below(many as i32) as usize
    }
}

impl Organization {
    fn new(seed: u64, index: usize) -> Self {
        let mut random = Random::stream(seed, Stream::Organization, index as u64);
        let is_payer = index >= PROVIDERS;
        let town = match index {
            clinic if clinic < CLINICS => clinic / 2,
            hospital if hospital < PROVIDERS => {
                ((hospital - CLINICS) * TOWNS.len()).div_ceil(HOSPITALS)
            }
            _ => random.below(TOWNS.len() as i32) as usize,
        };
        let town = &TOWNS[town];
        let name = match index {
            clinic if clinic < CLINICS && clinic % 2 == 0 => {
                format!("{} Family Practice", town.name)
            }
            clinic if clinic < CLINICS => format!("{} Health Center", town.name),
            hospital if hospital < PROVIDERS => format!("{} Regional Hospital", town.name),
            payer => PAYERS[payer - PROVIDERS].to_owned(),
        };
        Self {
            id: random.id(),
            name,
            town,
            is_payer,
            location: Random::stream(seed, Stream::Location, index as u64).id(),
        }
    }
}

impl Practitioner {
    fn new(seed: u64, index: usize) -> Self {
        let mut random = Random::stream(seed, Stream::Practitioner, index as u64);
        let clinics = CLINICS * CLINICIANS_OF_A_CLINIC;
        let organization = match index.checked_sub(clinics) {
            None => index / CLINICIANS_OF_A_CLINIC,
            Some(rest) => CLINICS + rest / CLINICIANS_OF_A_HOSPITAL,
        };
        let (names, gender) = random.pick(&[(&FEMALE, "female"), (&MALE, "male")]);
        let (given, family) = (random.pick(names), random.pick(&FAMILY));
        Self {
            id: random.id(),
            given,
            family,
            gender,
            display: format!("Dr. {given} {family}"),
            // Real National Provider Identifiers begin with 1 or 2.
            npi: format!("99{:08}", index + 1),
            organization,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clinicians_work_where_patients_meet_them() {
        let shared = Shared::new(1);
        let mut random = Random::stream(1, Stream::Patient, 0);
        assert_eq!(shared.organizations.len(), 40);
        assert_eq!(shared.practitioners.len(), 120);
        for organization in 0..PROVIDERS {
            let clinician = Shared::clinician(organization, &mut random);
            assert_eq!(shared.practitioners[clinician].organization, organization);
        }
    }

    #[test]
    fn the_nearest_hospital_is_in_the_town_or_in_the_one_before() {
        let shared = Shared::new(1);
        for town in 0..TOWNS.len() {
            let hospital = &shared.organizations[Shared::hospital(town)];
            assert!(hospital.name.ends_with("Hospital"), "{}", hospital.name);
            let nearby = [town, town.saturating_sub(1)].map(|near| TOWNS[near].name);
            assert!(nearby.contains(&hospital.town.name), "{town}");
        }
    }
}
