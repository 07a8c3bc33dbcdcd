//! Which vaccine is given at which visit.

use crate::chart::{Chart, Visit};
use crate::codes::Code;
use crate::codes::vaccines::{COVID_19, INFLUENZA, SCHEDULE};
use crate::date::Date;
use crate::person::Person;
use crate::random::Random;

/// A dose that is late by more than this is never given.
const TOO_LATE: i32 = 4 * 365;
/// Days between two doses of one vaccine, at least.
const APART: i32 = 26;

/// The doses that a person has not had yet.
pub(crate) struct Vaccinations {
    due: Vec<(Date, &'static Code)>,
    influenza: Date,
}

impl Vaccinations {
    pub(crate) fn draw(person: &Person, random: &mut Random) -> Self {
        let mut due = Vec::with_capacity(48);
        for vaccine in &SCHEDULE {
            if !random.per_mille(vaccine.uptake) {
                continue;
            }
            for months in vaccine.doses {
                let date = person.birth.plus_months(*months);
                if (vaccine.since..=vaccine.until).contains(&date.year()) {
                    due.push((date, &vaccine.code));
                }
            }
        }
        let first = Date::new(2021, 3, 20).plus_days(random.below(150));
        if random.per_mille(740) && person.years(first) >= 12 {
            due.push((first, &COVID_19));
            due.push((first.plus_days(APART), &COVID_19));
        }
        due.sort_by_key(|(date, _)| *date);
        Self { due, influenza: person.birth.plus_days(-400) }
    }

    /// Takes the doses that are due on a day out of the list.
    fn take(&mut self, today: Date) -> Vec<&'static Code> {
        let mut given: Vec<&'static Code> = Vec::new();
        self.due.retain_mut(|(due, code)| {
            if *due > today {
                return true;
            }
            if given.contains(code) {
                *due = today.plus_days(APART);
                return true;
            }
            if today.days_since(*due) <= TOO_LATE {
                given.push(code);
            }
            false
        });
        given
    }
}

impl Chart<'_> {
    /// Gives what is due, and the season's influenza vaccine in autumn and winter.
    pub(crate) fn immunizations(&mut self, visit: &mut Visit) {
        let today = visit.date();
        for code in self.vaccinations.take(today) {
            self.immunization(visit, code);
        }
        let (year, month, _) = today.civil();
        let season = matches!(month, 1 | 2 | 9..=12);
        let since_last = today.days_since(self.vaccinations.influenza);
        let old_enough = self.person.months(today) >= 6 && since_last > 210;
        if season && old_enough && self.random.per_mille(380) {
            let vaccine = INFLUENZA.iter().rfind(|(since, _)| *since <= year);
            if let Some((_, code)) = vaccine {
                self.vaccinations.influenza = today;
                self.immunization(visit, code);
            }
        }
    }
}
