//! Goes through a life, visit by visit; here are the check-ups and the last one.

use crate::chart::{Chart, Class, Visit};
use crate::codes::allergies::ALLERGENS;
use crate::codes::chronic::Effect;
use crate::codes::measures::{self, Category};
use crate::codes::procedures::{self as procedures, Service, visits as kinds};
use crate::codes::{icd, loinc, panels};
use crate::date::Date;
use crate::life::{self, Event};
use crate::person::Sex;
use crate::resources::{Occasion, Outcome, Section};

impl<'a> Chart<'a> {
    /// Everything from birth to the end of the record.
    pub(crate) fn live(&mut self) {
        let person = self.person;
        for (date, event) in life::events(person, &mut self.random) {
            match event {
                Event::Newborn => self.newborn(date),
                Event::WellChild => self.well_child(date),
                Event::Wellness => self.wellness(date),
                Event::Onset(illness) => self.diagnose(date, &person.illnesses[illness]),
                Event::FollowUp => self.follow_up(date),
                Event::Acute(of) => self.episode(date, of),
                Event::Prenatal { visit, due } => self.prenatal(date, visit, due),
                Event::Delivery { due } => self.delivery(date, due),
                Event::Death => self.death(date),
            }
        }
    }

    /// A visit for no particular complaint.
    pub(crate) fn check_up(&mut self, date: Date, kind: &'static Service) -> Visit<'a> {
        let minutes = self.random.pick(&[30, 45, 60, 60, 90]);
        self.open(Occasion { kind, class: Class::Ambulatory, date, minutes, about: None })
    }

    fn newborn(&mut self, date: Date) {
        let mut visit = self.check_up(date, &kinds::NEWBORN);
        self.check_up_vitals(&visit);
        for (measure, low) in [(&measures::APGAR_1, 7), (&measures::APGAR_5, 8)] {
            let score = i64::from(self.random.range(low, 10));
            self.measured(&visit, Category::Exam, measure, score);
        }
        self.immunizations(&mut visit);
        self.bill(visit);
    }

    fn well_child(&mut self, date: Date) {
        let mut visit = self.check_up(date, &kinds::WELL_CHILD);
        let months = self.person.months(date);
        self.check_up_vitals(&visit);
        match months {
            9 | 18 | 24 => self.procedure(&mut visit, &procedures::DEVELOPMENT),
            48.. => self.procedure(&mut visit, &procedures::HEARING_VISION),
            _ => {}
        }
        if (6..72).contains(&months) && self.random.per_mille(500) {
            self.procedure(&mut visit, &procedures::FLUORIDE);
        }
        if matches!(months, 12..15) {
            self.panel(&mut visit, &panels::BLOOD_COUNT);
        }
        if months >= 12 {
            self.discover_allergies(&visit);
        }
        if months >= 144 {
            self.depression_screening(&mut visit);
        }
        self.immunizations(&mut visit);
        self.bill(visit);
    }

    /// Asked once, at the first check-up from the first birthday on.
    fn discover_allergies(&mut self, visit: &Visit) {
        if self.asked_about_allergies {
            return;
        }
        self.asked_about_allergies = true;
        if !self.random.per_mille(330) {
            return;
        }
        let first = self.random.below(ALLERGENS.len() as i32) as usize;
        for step in 0..self.random.range(1, 4) as usize {
            self.allergy_intolerance(visit, &ALLERGENS[(first + step * 3) % ALLERGENS.len()]);
        }
    }

    fn wellness(&mut self, date: Date) {
        let mut visit = self.check_up(date, &kinds::WELLNESS);
        self.check_up_vitals(&visit);
        self.discover_allergies(&visit);
        if !self.person.illnesses.is_empty() {
            self.procedure(&mut visit, &procedures::MEDICATION_REVIEW);
        }
        if self.random.per_mille(550) {
            self.procedure(&mut visit, &procedures::SOCIAL_NEEDS);
        }
        self.depression_screening(&mut visit);
        self.screenings(&mut visit);
        if self.random.per_mille(220) {
            self.panel(&mut visit, &panels::BASIC);
        }
        if self.person.years(date) >= 35 && self.random.per_mille(400) {
            self.panel(&mut visit, &panels::LIPID);
        }
        if self.random.per_mille(150) {
            self.panel(&mut visit, &panels::BLOOD_COUNT);
        }
        self.immunizations(&mut visit);
        self.bill(visit);
    }

    fn depression_screening(&mut self, visit: &mut Visit) {
        self.procedure(visit, &procedures::DEPRESSION_SCREEN);
        let depressed = self.person.has(Effect::Mood, visit.date());
        let score = i64::from(self.random.below(if depressed { 7 } else { 3 }));
        self.measured(visit, Category::Survey, &measures::PHQ2, score);
        if score >= 3 {
            let score = score * 3 + i64::from(self.random.below(6));
            self.measured(visit, Category::Survey, &measures::PHQ9, score);
        }
    }

    /// Screening for cancer, by age and sex.
    fn screenings(&mut self, visit: &mut Visit) {
        let years = self.person.years(visit.date());
        let female = self.person.sex == Sex::Female;
        let due = [
            ((50..76).contains(&years), 190, &procedures::COLONOSCOPY),
            (female && (50..75).contains(&years), 620, &procedures::MAMMOGRAPHY),
            (female && (21..66).contains(&years), 520, &procedures::CERVICAL_SCREEN),
        ];
        for (due, chance, service) in due {
            if due && self.random.per_mille(chance) {
                self.procedure(visit, service);
            }
        }
    }

    /// What is certified on the last day.
    fn death(&mut self, date: Date) {
        static UNKNOWN: crate::codes::Code =
            icd("R99", "Ill-defined and unknown cause of mortality");
        static CERTIFICATE: crate::codes::Code =
            loinc("69409-1", "US standard certificate of death - 2003 revision");
        let visit = self.check_up(date, &kinds::DEATH);
        // The latest serious illness is taken for the cause, as nothing says more.
        let mut illnesses = self.person.illnesses.iter();
        let illness = illnesses.rfind(|illness| illness.of.care.follow_up);
        let cause = illness.map_or(&UNKNOWN, |illness| &illness.of.code);
        let code = &measures::CAUSE_OF_DEATH;
        let id = self.found(&visit, Category::Exam, code, Outcome::Coded(cause));
        self.report(&visit, Section::Other, &CERTIFICATE, &[(id, code)], None);
        self.bill(visit);
    }
}
