//! What is measured at a visit, and what the person's state makes of it.

use crate::chart::{Chart, Visit};
use crate::codes::chronic::Effect;
use crate::codes::measures::{self as measures, Category, Measure};
use crate::codes::panels::{Analyte, Mover};
use crate::date::Date;
use crate::growth;
use crate::resources::Outcome;

const VITAL: Category = Category::VitalSigns;

impl Chart<'_> {
    fn vital(&mut self, visit: &Visit, measure: &Measure, units: i32) {
        self.measured(visit, VITAL, measure, i64::from(units));
    }

    /// Everything that is measured at a check-up of this age.
    pub(crate) fn check_up_vitals(&mut self, visit: &Visit) {
        let person = self.person;
        let months = person.months(visit.date());
        self.size(visit);
        if months <= 36 {
            let head = growth::head(person.sex, months, person.stature);
            let head = head + self.random.around(60);
            self.vital(visit, &measures::HEAD, head);
        }
        if months >= 36 {
            self.pressure(visit);
        }
        self.pulse(visit);
        if months >= 12 * 12 {
            let pain = self.pain(visit.date());
            self.measured(visit, Category::Survey, &measures::PAIN, pain);
            let smoking = Outcome::Coded(person.smoking(visit.date()));
            self.found(visit, Category::SocialHistory, &measures::SMOKING, smoking);
        }
    }

    /// Height, weight and what follows from them.
    fn size(&mut self, visit: &Visit) {
        let date = visit.date();
        let months = self.person.months(date);
        let millimetres = self.person.millimetres(date) + self.random.range(-3, 3);
        let grams = self.person.grams(date);
        let grams = grams + self.random.around(grams / 50);
        self.vital(visit, &measures::HEIGHT, millimetres);
        self.vital(visit, &measures::WEIGHT, (grams + 50) / 100);
        if months >= 24 {
            self.measured(visit, VITAL, &measures::BMI, growth::bmi(grams, millimetres));
        }
        if (24..240).contains(&months) {
            let median = growth::weight(self.person.sex, months, 1000);
            let percentile = 500 + (grams - median).clamp(-median / 3, median / 3) * 1400 / median;
            self.vital(visit, &measures::BMI_PERCENTILE, percentile.clamp(12, 988));
        }
    }

    /// Weight and blood pressure, which are followed in between.
    pub(crate) fn follow_up_vitals(&mut self, visit: &Visit) {
        let grams = self.person.grams(visit.date());
        let grams = grams + self.random.around(grams / 50);
        self.vital(visit, &measures::WEIGHT, (grams + 50) / 100);
        if self.person.months(visit.date()) >= 36 {
            self.pressure(visit);
        }
    }

    /// Blood pressure alone.
    pub(crate) fn pressure(&mut self, visit: &Visit) {
        let date = visit.date();
        let years = self.person.years(date);
        let mut systolic = if years < 20 { 88 + years * 3 / 2 } else { 110 + years / 5 };
        if self.person.has(Effect::Pressure, date) {
            systolic += 14;
        }
        let systolic = systolic + self.random.around(14);
        let diastolic = systolic * 63 / 100 + self.random.around(7);
        self.blood_pressure(visit, systolic, diastolic);
    }

    /// Heart and respiratory rate.
    fn pulse(&mut self, visit: &Visit) {
        let years = self.person.years(visit.date());
        let (heart, breath) = match years {
            0 => (128, 36),
            1..5 => (104, 27),
            5..12 => (90, 20),
            _ => (76, 14),
        };
        let heart = heart + self.random.around(15);
        self.vital(visit, &measures::HEART_RATE, heart);
        let breath = breath + self.random.around(3);
        self.vital(visit, &measures::RESPIRATION, breath);
    }

    /// What is measured when somebody is ill: temperature, and more when they are very.
    pub(crate) fn acute_vitals(&mut self, visit: &Visit, fever: bool, severe: bool) {
        let base = if fever { 384 } else { 369 };
        let tenths = base + self.random.around(7);
        self.vital(visit, &measures::TEMPERATURE, tenths);
        if severe {
            if self.person.months(visit.date()) >= 36 {
                self.pressure(visit);
            }
            self.pulse(visit);
            let saturation = 965 + self.random.around(22);
            self.vital(visit, &measures::SATURATION, saturation);
        }
    }

    /// Pain from 0 to 10.
    pub(crate) fn pain(&mut self, date: Date) -> i64 {
        let base = if self.person.has(Effect::Joints, date) { 3 } else { 0 };
        i64::from(base + self.random.below(4))
    }

    /// A result, in units of its last digit: healthy people's, moved by the person's state.
    pub(crate) fn level(&mut self, analyte: &Analyte, date: Date) -> i32 {
        let has = |effect| self.person.has(effect, date);
        let (sugar, half) = (has(Effect::Sugar), has(Effect::HalfSugar));
        let bounds = match analyte.moved_by {
            Mover::Glucose if sugar => (1150, 2050),
            Mover::Glucose if half => (1000, 1240),
            Mover::A1c if sugar => (62, 88),
            Mover::A1c if half => (57, 64),
            Mover::Albuminuria if sugar => (60, 900),
            Mover::Cholesterol if has(Effect::Lipids) => (190, 262),
            Mover::Ldl if has(Effect::Lipids) => (105, 178),
            Mover::Triglyceride if has(Effect::Lipids) || sugar => (130, 240),
            Mover::Creatinine if has(Effect::Kidneys) => (135, 240),
            Mover::Filtration if has(Effect::Kidneys) => (310, 590),
            Mover::Thyrotropin if has(Effect::Thyroid) => (2500, 7900),
            Mover::Hemoglobin if has(Effect::Blood) => (98, 124),
            // One result in twenty of a healthy person lies outside of the range.
            _ => {
                let margin = (analyte.high - analyte.low) / 40;
                (analyte.low - margin, analyte.high + margin)
            }
        };
        self.random.range(bounds.0, bounds.1)
    }
}
