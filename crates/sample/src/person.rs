//! A person before any record is written: who they are, and what will befall them.

use crate::codes::Code;
use crate::codes::chronic::{CHRONIC, Chronic, Effect, Risk};
use crate::codes::measures::{CURRENT_SMOKER, FORMER_SMOKER, NEVER_SMOKER};
use crate::date::Date;
use crate::growth;
use crate::id::Id;
use crate::mortality;
use crate::names::{FAMILY, FEMALE, MALE, TOWNS, Town};
use crate::random::Random;

/// Sex at birth, which is also the administrative gender here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sex {
    Female,
    Male,
}

impl Sex {
    pub(crate) const fn gender(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// A chronic condition of one person.
pub(crate) struct Illness {
    pub(crate) of: &'static Chronic,
    pub(crate) onset: Date,
    pub(crate) condition: Id,
}

/// Everything about a person that their record follows from.
pub(crate) struct Person {
    pub(crate) id: Id,
    pub(crate) sex: Sex,
    pub(crate) given: &'static str,
    pub(crate) middle: Option<&'static str>,
    pub(crate) family: &'static str,
    pub(crate) display: String,
    pub(crate) birth: Date,
    pub(crate) died: Option<Date>,
    /// The last day of the record: of death, or today.
    pub(crate) end: Date,
    pub(crate) town: usize,
    pub(crate) stature: i32,
    build: i32,
    adult_bmi: i32,
    smoked: Option<(i32, i32)>,
    pub(crate) illnesses: Vec<Illness>,
}

impl Person {
    pub(crate) fn draw(random: &mut Random, today: Date) -> Self {
        let sex = random.pick(&[Sex::Female, Sex::Male]);
        let given_names = match sex {
            Sex::Female => &FEMALE,
            Sex::Male => &MALE,
        };
        let id = random.id();
        let given = random.pick(given_names);
        let middle = random.per_mille(620).then(|| random.pick(given_names));
        let family = random.pick(&FAMILY);
        let smoked = random.per_mille(330).then(|| (random.range(16, 24), random.range(24, 90)));
        let birth = mortality::birth(random, today);
        let died = mortality::death(random, birth, today, smoked.is_some());
        let build = 1000 + random.around(230);
        let mut person = Self {
            id,
            sex,
            given,
            middle,
            family,
            display: format!("{given} {family}"),
            birth,
            died,
            end: died.unwrap_or(today),
            town: random.below(TOWNS.len() as i32) as usize,
            stature: 1000 + random.around(75),
            build,
            adult_bmi: 2650 + (build - 1000) * 4 + random.around(600),
            smoked,
            illnesses: Vec::new(),
        };
        person.draw_illnesses(random);
        person
    }

    /// Every illness that begins within the person's life, the earliest first.
    fn draw_illnesses(&mut self, random: &mut Random) {
        for of in &CHRONIC {
            let at_risk = match of.risk {
                Risk::None => false,
                Risk::Smoking => self.smoked.is_some(),
                Risk::Weight => self.adult_bmi > 2900,
            };
            let chance = if at_risk { of.chance * 5 / 2 } else { of.chance };
            let gets_it = random.per_mille(chance) && of.sex.is_none_or(|sex| sex == self.sex);
            let months = random.range(of.onset.0 * 12, of.onset.1 * 12);
            let onset = self.birth.plus_months(months).plus_days(random.below(28));
            let onset = onset.on_weekday();
            let condition = random.id();
            if gets_it && onset < self.end {
                self.illnesses.push(Illness { of, onset, condition });
            }
        }
        self.illnesses.sort_by_key(|illness| illness.onset);
    }

    pub(crate) fn town(&self) -> &'static Town {
        &TOWNS[self.town]
    }

    pub(crate) fn months(&self, date: Date) -> i32 {
        date.months_since(self.birth)
    }

    pub(crate) fn years(&self, date: Date) -> i32 {
        self.months(date) / 12
    }

    /// Whether the person has, on a date, a condition with this effect.
    pub(crate) fn has(&self, effect: Effect, date: Date) -> bool {
        self.illnesses.iter().any(|illness| illness.of.effect == effect && illness.onset <= date)
    }

    pub(crate) fn smoking(&self, date: Date) -> &'static Code {
        match self.smoked {
            Some((_, until)) if until <= self.years(date) => &FORMER_SMOKER,
            Some((from, _)) if from <= self.years(date) => &CURRENT_SMOKER,
            _ => &NEVER_SMOKER,
        }
    }

    pub(crate) fn millimetres(&self, date: Date) -> i32 {
        growth::height(self.sex, self.months(date), self.stature)
    }

    /// Weight in grams: the growth curve, then a drift to the adult's own index at 45.
    pub(crate) fn grams(&self, date: Date) -> i32 {
        let months = self.months(date);
        let grown = growth::weight(self.sex, months, self.build);
        if months <= growth::GROWN {
            return grown;
        }
        let height = i64::from(self.millimetres(date));
        let settled = (i64::from(self.adult_bmi) * height * height / 100_000) as i32;
        let drifted = (months - growth::GROWN).min(324);
        grown + (settled - grown) / 324 * drifted
    }
}
