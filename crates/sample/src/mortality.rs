//! When people are born and die.

use crate::date::Date;
use crate::random::Random;

/// Of a hundred thousand people of an age, how many die within a year: (from age, deaths).
static DEATHS: [(i32, i32); 12] = [
    (0, 520),
    (1, 18),
    (15, 70),
    (25, 130),
    (35, 200),
    (45, 400),
    (55, 900),
    (65, 1_900),
    (75, 4_600),
    (85, 12_500),
    (95, 27_000),
    (105, 60_000),
];

/// A birthday that gives the ages of a population: flat to 64, fewer above.
pub(crate) fn birth(random: &mut Random, today: Date) -> Date {
    let years = random.weighted(&[(780, (0, 64)), (170, (65, 84)), (50, (85, 102))]);
    let months = random.range(years.0 * 12, years.1 * 12 + 11);
    today.plus_months(-months).plus_days(-random.range(10, 38))
}

/// The day of death, when it comes before today.
pub(crate) fn death(random: &mut Random, birth: Date, today: Date, smokes: bool) -> Option<Date> {
    for age in 0..120 {
        let birthday = birth.plus_months(age * 12);
        if birthday >= today {
            return None;
        }
        let row = DEATHS.partition_point(|(from, _)| *from <= age) - 1;
        let mut deaths = DEATHS[row].1;
        if smokes && age >= 40 {
            deaths = deaths * 8 / 5;
        }
        if random.below(100_000) < deaths {
            let day = birthday.plus_days(random.range(6, 364));
            return (day < today).then_some(day);
        }
    }
    None
}
