//! Pregnancies: prenatal visits and the delivery.

use crate::chart::{Chart, Class, Diagnosis, Visit};
use crate::codes::chronic::Plan;
use crate::codes::measures::{self, Category};
use crate::codes::medications::FOLIC_ACID;
use crate::codes::procedures::{self as procedures, visits as kinds};
use crate::codes::{Code, icd, panels, sample};
use crate::date::Date;
use crate::resources::{Course, Occasion, Outcome};

static SUPERVISION: Code = icd(
    "Z34.90",
    "Encounter for supervision of normal pregnancy, unspecified, unspecified trimester",
);
static PLAN: Plan = Plan {
    category: sample("antenatal-plan", "Routine antenatal care"),
    goal: "A healthy mother and a healthy child",
    activities: &[
        sample("healthy-diet", "Healthy diet"),
        sample("antenatal-education", "Antenatal education"),
    ],
};

impl<'a> Chart<'a> {
    pub(crate) fn prenatal(&mut self, date: Date, number: i32, due: Date) {
        if number == 0 {
            self.pregnancy = Some(Diagnosis { condition: self.random.id(), code: SUPERVISION });
        }
        let Some(pregnancy) = self.pregnancy else {
            return;
        };
        let mut visit = self.open(Occasion {
            kind: &kinds::PRENATAL,
            class: Class::Ambulatory,
            date,
            minutes: 30,
            about: Some(pregnancy),
        });
        if number == 0 {
            self.begin_pregnancy(&mut visit, pregnancy, due);
        }
        self.pressure(&visit);
        let weeks = (280 - due.days_since(date)) / 7;
        self.measured(&visit, Category::Exam, &measures::GESTATION, i64::from(weeks));
        if number == 2 {
            self.panel(&mut visit, &panels::BLOOD_COUNT);
        }
        if number == 1 || number == 3 {
            self.procedure(&mut visit, &procedures::ULTRASOUND);
        }
        self.bill(visit);
    }

    fn begin_pregnancy(&mut self, visit: &mut Visit, pregnancy: Diagnosis, due: Date) {
        let Diagnosis { condition, code } = pregnancy;
        self.condition(visit, condition, &code, Course::Until(due));
        let status = Outcome::Coded(&measures::PREGNANT);
        let social = Category::SocialHistory;
        self.found(visit, social, &measures::PREGNANCY_STATUS, status);
        self.found(visit, Category::Exam, &measures::DELIVERY_DATE, Outcome::When(due));
        self.panel(visit, &panels::BLOOD_COUNT);
        let reason = Some((condition, &code));
        self.medication_request(visit, &FOLIC_ACID, 90, reason);
        self.care_plan(visit, &PLAN, (condition, &code), Some(due));
    }

    pub(crate) fn delivery(&mut self, date: Date, due: Date) {
        let stay = self.person.end.days_since(date).clamp(1, 2);
        let about = self.pregnancy.take();
        let mut visit = self.open(Occasion {
            kind: &kinds::BIRTH,
            class: Class::Inpatient,
            date,
            minutes: stay * 1200,
            about,
        });
        self.pressure(&visit);
        let weeks = (280 - due.days_since(date)) / 7;
        self.measured(&visit, Category::Exam, &measures::GESTATION, i64::from(weeks));
        let cesarean = self.random.per_mille(300);
        let service = if cesarean { &procedures::CESAREAN } else { &procedures::DELIVERY };
        self.procedure(&mut visit, service);
        self.bill(visit);
    }
}
