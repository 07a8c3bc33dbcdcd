//! Acute episodes: a visit, what is found and done, and the condition that passes.

use crate::chart::{Chart, Class, Diagnosis, Visit};
use crate::codes::Code;
use crate::codes::acute::{Acute, Finding, Setting};
use crate::codes::measures::{self, Category};
use crate::codes::procedures::visits as kinds;
use crate::date::Date;
use crate::id::Id;
use crate::resources::{Course, Occasion, Outcome};

impl Chart<'_> {
    pub(crate) fn episode(&mut self, date: Date, of: &'static Acute) {
        let condition = self.random.id();
        let occasion = self.occasion(date, of, condition);
        let mut visit = self.open(occasion);
        let over = date.plus_days(of.days + self.random.below(of.days));
        self.condition(&visit, condition, &of.code, Course::Until(over));
        let severe = matches!(of.setting, Setting::Emergency | Setting::Hospital(_));
        self.acute_vitals(&visit, of.fever, severe);
        self.confirm(&mut visit, of.finding);
        if let Some(service) = of.service {
            self.procedure(&mut visit, service);
        }
        if let Some(drug) = of.drug {
            let days = of.days.min(30);
            self.medication_request(&visit, drug, days, Some((condition, &of.code)));
        }
        self.bill(visit);
    }

    fn occasion(&mut self, date: Date, of: &'static Acute, condition: Id) -> Occasion {
        let remote = self.random.per_mille(180) && date.year() >= 2020;
        let (kind, class, date, minutes) = match of.setting {
            // Offices are closed on weekends, and a virtual visit takes less time.
            Setting::Office if remote => (&kinds::PROBLEM, Class::Virtual, date.on_weekday(), 15),
            Setting::Office => (&kinds::PROBLEM, Class::Ambulatory, date.on_weekday(), 20),
            Setting::UrgentCare => (&kinds::URGENT, Class::Ambulatory, date, 45),
            Setting::Emergency => (&kinds::EMERGENCY, Class::Emergency, date, 150),
            Setting::Hospital(days) => {
                let left = self.person.end.days_since(date) - 1;
                let minutes = days.min(left) * 1440;
                (&kinds::ADMISSION, Class::Inpatient, date, minutes.max(180))
            }
        };
        Occasion {
            kind,
            class,
            date: if date < self.person.end { date } else { self.person.end.plus_days(-1) },
            minutes,
            about: Some(Diagnosis { condition, code: of.code }),
        }
    }

    fn confirm(&mut self, visit: &mut Visit, finding: Finding) {
        match finding {
            Finding::Strep => self.positive(visit, &measures::STREP_A),
            Finding::Covid => self.positive(visit, &measures::SARS_COV_2),
            Finding::Image(image) => self.imaging_study(visit, image),
            Finding::BloodCount => {
                if let Some(panel) = finding.panel() {
                    self.panel(visit, panel);
                }
            }
            Finding::None => {}
        }
    }

    /// A test for a germ, which sees it nine times in ten.
    fn positive(&mut self, visit: &Visit, test: &Code) {
        let seen = self.random.per_mille(900);
        let outcome = if seen { &measures::POSITIVE } else { &measures::NEGATIVE };
        self.found(visit, Category::Laboratory, test, Outcome::Coded(outcome));
    }
}
