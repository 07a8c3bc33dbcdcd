use std::fmt;

/// A moment in milliseconds since 1970 UTC: `meta.lastUpdated`, given by the store in the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that is `milliseconds` after 1970 UTC. Years outside 1–9999 are taken to the
    /// nearest one inside, since FHIR's instants have four digits for the year.
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        // Only whole seconds are as late as the last moment that can be shown.
        Self(milliseconds.clamp(-62_135_596_800_000, jiff::Timestamp::MAX.as_second() * 1000))
    }

    /// Milliseconds since 1970 UTC.
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// This machine's clock.
    pub fn now() -> Self {
        Self::from_milliseconds(jiff::Timestamp::now().as_millisecond())
    }

    /// Reads a FHIR `instant`, or a `dateTime` with a time zone.
    pub fn parse(text: &str) -> Option<Self> {
        let moment: jiff::Timestamp = text.parse().ok()?;
        Some(Self::from_milliseconds(moment.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    /// A FHIR `instant` in UTC with milliseconds: `2026-01-31T10:20:30.123Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{moment:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_milliseconds_and_read_back() {
        let moment = Timestamp::from_milliseconds(1_700_000_000_120);
        assert_eq!(moment.to_string(), "2023-11-14T22:13:20.120Z");
        assert_eq!(Timestamp::parse("2023-11-14T23:13:20.120+01:00"), Some(moment));
        assert_eq!(Timestamp::parse("2023-11-14"), None);
    }

    #[test]
    fn the_first_and_the_last_moment_can_be_shown() {
        for moment in [i64::MIN, i64::MAX].map(Timestamp::from_milliseconds) {
            assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        }
    }
}
