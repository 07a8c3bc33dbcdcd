//! The record of one person while it is being written.

use crate::codes::Code;
use crate::codes::procedures::Service;
use crate::date::{Date, Moment};
use crate::id::Id;
use crate::json::JsonWriter;
use crate::person::Person;
use crate::random::Random;
use crate::shared::{Organization, Practitioner, Shared};
use crate::vaccination::Vaccinations;

/// Writes one person's resources.
pub(crate) struct Chart<'a> {
    json: JsonWriter<'a>,
    pub(crate) random: Random,
    pub(crate) person: &'a Person,
    pub(crate) shared: &'a Shared,
    /// The clinic that the person goes to, and who sees them there.
    pub(crate) home: usize,
    pub(crate) doctor: usize,
    payer: usize,
    pub(crate) vaccinations: Vaccinations,
    pub(crate) pregnancy: Option<Diagnosis>,
    /// Whether anybody has asked about allergies yet.
    pub(crate) asked_about_allergies: bool,
    pub(crate) resources: usize,
}

impl<'a> Chart<'a> {
    pub(crate) fn new(
        out: &'a mut Vec<u8>,
        mut random: Random,
        person: &'a Person,
        shared: &'a Shared,
    ) -> Self {
        let home = Shared::clinic(person.town, random.below(2) as usize);
        Self {
            json: JsonWriter::new(out),
            person,
            shared,
            home,
            doctor: Shared::clinician(home, &mut random),
            payer: random.below(7) as usize,
            vaccinations: Vaccinations::draw(person, &mut random),
            pregnancy: None,
            asked_about_allergies: false,
            random,
            resources: 0,
        }
    }

    /// One resource, on a line of its own.
    pub(crate) fn resource(&mut self, write: impl FnOnce(&mut JsonWriter)) {
        self.json.line(write);
        self.resources += 1;
    }

    pub(crate) fn payer(&self, date: Date) -> &'a Organization {
        // From 65 on, everybody is with «Federal Senior Care», and nobody before.
        let senior = self.person.years(date) >= 65;
        let which = if senior { 0 } else { 1 + self.payer };
        &self.shared.organizations[Shared::payer(which)]
    }

    /// A moment in the person's own time zone.
    pub(crate) fn moment(&mut self, date: Date, hours: (i32, i32)) -> Moment {
        let second = self.random.range(hours.0 * 3600, hours.1 * 3600);
        Moment::new(date, second, self.person.town().west)
    }
}

/// An encounter while it lasts, and what will be billed for it.
pub(crate) struct Visit<'a> {
    pub(crate) id: Id,
    pub(crate) kind: &'static Service,
    pub(crate) class: Class,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
    pub(crate) organization: &'a Organization,
    pub(crate) practitioner: &'a Practitioner,
    pub(crate) diagnoses: Vec<Diagnosis>,
    pub(crate) procedures: Vec<(Id, Moment)>,
    pub(crate) items: Vec<Item>,
    /// How many minutes it takes.
    pub(crate) minutes: i32,
    /// Minutes into the visit at which the next thing happens.
    pub(crate) minute: i32,
}

impl Visit<'_> {
    pub(crate) fn date(&self) -> Date {
        self.start.date
    }

    /// When the thing that is being recorded happens.
    pub(crate) fn now(&self) -> Moment {
        self.start.plus_minutes(self.minute)
    }

    /// Lets time pass, but never past the end of the visit.
    pub(crate) fn pass(&mut self, minutes: i32) {
        self.minute = (self.minute + minutes).min(self.minutes);
    }
}

/// A condition that a visit is about.
#[derive(Clone, Copy)]
pub(crate) struct Diagnosis {
    pub(crate) condition: Id,
    pub(crate) code: Code,
}

/// A line of a claim.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) code: Code,
    pub(crate) cents: i64,
    /// The position of the procedure it pays for, from 1.
    pub(crate) procedure: Option<i32>,
}

/// `Encounter.class`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Class {
    Ambulatory,
    Emergency,
    Inpatient,
    Virtual,
}

impl Class {
    pub(crate) const fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::Ambulatory => ("AMB", "ambulatory"),
            Self::Emergency => ("EMER", "emergency"),
            Self::Inpatient => ("IMP", "inpatient encounter"),
            Self::Virtual => ("VR", "virtual"),
        }
    }
}
