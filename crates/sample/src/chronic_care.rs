//! Chronic conditions: the visit that finds one, and those that follow.

use crate::chart::{Chart, Class, Diagnosis, Visit};
use crate::codes::chronic::{Chronic, Effect};
use crate::codes::measures::{self, Category};
use crate::codes::panels::Panel;
use crate::codes::procedures::{self as procedures, visits as kinds};
use crate::codes::sample;
use crate::date::Date;
use crate::person::Illness;
use crate::resources::{Course, Occasion};

/// Days that a prescription for a chronic condition lasts, renewals included.
const YEAR: i32 = 365;

impl<'a> Chart<'a> {
    /// The visit at which a chronic condition is found.
    pub(crate) fn diagnose(&mut self, date: Date, illness: &Illness) {
        let Chronic { code, care, .. } = illness.of;
        let mut visit = self.open(Occasion {
            kind: &kinds::PROBLEM,
            class: Class::Ambulatory,
            date,
            minutes: 45,
            about: Some(Diagnosis { condition: illness.condition, code: *code }),
        });
        self.condition(&visit, illness.condition, code, Course::Lasting);
        if self.person.months(date) >= 36 {
            self.pressure(&visit);
        }
        for panel in care.panels {
            self.panel(&mut visit, panel);
        }
        self.examine(&mut visit, illness.of);
        if let Some(drug) = care.drugs.first() {
            let reason = (illness.condition, code);
            self.medication_request(&visit, drug, YEAR, Some(reason));
        }
        if let Some(plan) = &care.plan {
            self.care_plan(&visit, plan, (illness.condition, code), None);
        }
        if illness.of.effect == Effect::Sugar {
            self.device(&visit, &sample("glucose-meter", "Home blood glucose meter"));
        }
        self.bill(visit);
    }

    /// What is measured and done for one condition, beside the laboratory.
    fn examine(&mut self, visit: &mut Visit, of: &'static Chronic) {
        if let Some(service) = of.care.service {
            self.procedure(visit, service);
        }
        match of.effect {
            Effect::Lungs => {
                let percent = i64::from(self.random.range(540, 790));
                self.measured(visit, Category::Exam, &measures::FEV1_FVC, percent);
            }
            Effect::Mood => {
                let score = i64::from(self.random.range(3, 17));
                self.measured(visit, Category::Survey, &measures::PHQ9, score);
            }
            Effect::Bones => {
                let tenths = i64::from(self.random.range(-38, -25));
                self.measured(visit, Category::Exam, &measures::BONE_DENSITY, tenths);
            }
            Effect::Joints => {
                let pain = self.pain(visit.date());
                self.measured(visit, Category::Survey, &measures::PAIN, pain);
            }
            Effect::Sugar if self.random.per_mille(450) => {
                self.procedure(visit, &procedures::EYE_EXAM);
            }
            _ => {}
        }
    }

    /// One visit for all conditions that need one.
    pub(crate) fn follow_up(&mut self, date: Date) {
        let person = self.person;
        let mut visit = self.open_follow_up(date);
        self.follow_up_vitals(&visit);
        let mut done: Vec<&Panel> = Vec::new();
        for illness in person.illnesses.iter().filter(|illness| illness.onset < date) {
            let care = &illness.of.care;
            for panel in care.panels {
                let again = done.iter().any(|of| std::ptr::eq(*of, *panel));
                if care.follow_up && !again && self.random.per_mille(700) {
                    self.panel(&mut visit, panel);
                    done.push(panel);
                }
            }
            if care.follow_up && self.random.per_mille(400) {
                self.examine(&mut visit, illness.of);
            }
            self.renew(&visit, illness);
        }
        self.procedure(&mut visit, &procedures::MEDICATION_REVIEW);
        self.immunizations(&mut visit);
        self.bill(visit);
    }

    fn open_follow_up(&mut self, date: Date) -> Visit<'a> {
        let illnesses = self.person.illnesses.iter();
        let present = illnesses.filter(|illness| illness.onset < date && illness.of.care.follow_up);
        let diagnoses: Vec<Diagnosis> = present
            .map(|illness| Diagnosis { condition: illness.condition, code: illness.of.code })
            .collect();
        let mut visit = self.open(Occasion {
            kind: &kinds::FOLLOW_UP,
            class: Class::Ambulatory,
            date,
            minutes: 40,
            about: diagnoses.first().copied(),
        });
        visit.diagnoses = diagnoses;
        visit
    }

    /// Prescribes again; after some years the next drug of the list comes in addition.
    fn renew(&mut self, visit: &Visit, illness: &Illness) {
        let drugs = illness.of.care.drugs;
        let years = visit.date().days_since(illness.onset) / YEAR;
        let many = drugs.len().min(1 + years as usize / 6);
        for drug in &drugs[..many] {
            if self.random.per_mille(290) {
                let reason = (illness.condition, &illness.of.code);
                self.medication_request(visit, drug, YEAR, Some(reason));
            }
        }
    }
}
