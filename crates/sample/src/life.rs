//! The timeline of a life: which visits happen when.

use crate::codes::acute::{ACUTE, Acute, Setting};
use crate::date::Date;
use crate::person::{Person, Sex};
use crate::random::Random;

/// Something that leads to a visit.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    Newborn,
    WellChild,
    Wellness,
    /// The onset of the illness at this position.
    Onset(usize),
    FollowUp,
    Acute(&'static Acute),
    Prenatal {
        visit: i32,
        due: Date,
    },
    Delivery {
        due: Date,
    },
    Death,
}

/// Ages in months of well-child visits.
#[rustfmt::skip]
static WELL_CHILD: [i32; 20] = [
    1, 2, 4, 6, 9, 12, 15, 18, 24, 36, 48, 60, 72, 96, 120, 132, 138, 160, 192, 216,
];

/// Of the visits before this year, only part was ever taken over from paper.
const PAPER: i32 = 2012;

/// All events of a life, in order of time.
pub(crate) fn events(person: &Person, random: &mut Random) -> Vec<(Date, Event)> {
    let mut timeline = Timeline { person, random, events: Vec::with_capacity(64) };
    timeline.childhood();
    timeline.adulthood();
    timeline.chronic();
    timeline.acute();
    if person.sex == Sex::Female {
        timeline.pregnancies();
    }
    let mut events = timeline.events;
    events.sort_by_key(|(date, _)| *date);
    if let Some(died) = person.died {
        events.push((died, Event::Death));
    }
    events
}

struct Timeline<'a> {
    person: &'a Person,
    random: &'a mut Random,
    events: Vec<(Date, Event)>,
}

impl Timeline<'_> {
    /// Adds an event that falls into the life, and into what the record keeps.
    fn add(&mut self, date: Date, event: Event, always: bool) {
        let kept = always || date.year() >= PAPER || self.random.per_mille(270);
        // The last day is left to death.
        if kept && date < self.person.end && date >= self.person.birth {
            self.events.push((date, event));
        }
    }

    fn childhood(&mut self) {
        let newborn = self.person.birth.plus_days(self.random.range(1, 4));
        self.add(newborn, Event::Newborn, false);
        for months in WELL_CHILD {
            let date = self.person.birth.plus_months(months);
            let date = date.plus_days(self.random.range(0, 20)).on_weekday();
            if self.random.per_mille(900) {
                self.add(date, Event::WellChild, false);
            }
        }
    }

    fn adulthood(&mut self) {
        let mut months = 240 + self.random.below(24);
        loop {
            let date = self.person.birth.plus_months(months);
            if date >= self.person.end {
                return;
            }
            let date = date.plus_days(self.random.below(27)).on_weekday();
            self.add(date, Event::Wellness, false);
            let interval = match months / 12 {
                ..40 => 38,
                40..65 => 27,
                _ => 14,
            };
            months += interval + self.random.range(-2, 4);
        }
    }

    fn chronic(&mut self) {
        let person = self.person;
        let mut follow_ups_from = None;
        for (position, illness) in person.illnesses.iter().enumerate() {
            self.add(illness.onset, Event::Onset(position), true);
            if illness.of.care.follow_up && follow_ups_from.is_none() {
                follow_ups_from = Some(illness.onset);
            }
        }
        let Some(from) = follow_ups_from else { return };
        let mut date = from.plus_months(6);
        while date < person.end {
            self.add(date.on_weekday(), Event::FollowUp, false);
            date = date.plus_months(self.random.range(14, 22));
        }
    }

    fn acute(&mut self) {
        for year in 0..=self.person.years(self.person.end) {
            for of in &ACUTE {
                if year < of.ages.0 || year > of.ages.1 || self.random.below(10_000) >= of.rate {
                    continue;
                }
                let date = self.person.birth.plus_months(year * 12);
                let date = date.plus_days(self.random.range(8, 364));
                if date.year() >= of.since && !self.repeats(of) {
                    self.add(date, Event::Acute(of), false);
                }
            }
        }
    }

    /// Whether this is an operation that the person has had already.
    fn repeats(&self, of: &Acute) -> bool {
        let had = |event: &Event| matches!(event, Event::Acute(had) if std::ptr::eq(*had, of));
        matches!(of.setting, Setting::Hospital(_))
            && self.events.iter().any(|(_, event)| had(event))
    }

    fn pregnancies(&mut self) {
        let mut months = self.random.range(19 * 12, 42 * 12);
        for _ in 0..self.random.weighted(&[(34, 0), (22, 1), (28, 2), (12, 3), (4, 4)]) {
            if months > 43 * 12 {
                return;
            }
            let start = self.person.birth.plus_months(months);
            let due = start.plus_days(280);
            for visit in 0..5 {
                let date = start.plus_days(56 + visit * 49 + self.random.below(9));
                let always = visit == 0;
                let event = Event::Prenatal { visit, due };
                if due < self.person.end {
                    self.add(date.on_weekday(), event, always);
                }
            }
            let birth = due.plus_days(-self.random.below(12));
            if due < self.person.end {
                self.add(birth, Event::Delivery { due }, true);
            }
            months += self.random.range(20, 54);
        }
    }
}
