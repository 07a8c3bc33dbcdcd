//! Height, weight and head circumference by age: rounded medians, scaled per person.

use crate::person::Sex;

/// A point of a curve: age in months, girls' and boys' value.
type Point = (i32, i32, i32);

/// Median height in millimetres.
#[rustfmt::skip]
static HEIGHT: [Point; 17] = [
    (0, 492, 500), (2, 572, 585), (4, 622, 638), (6, 658, 675), (9, 701, 720), (12, 740, 758), (18, 806, 823),
    (24, 860, 875), (36, 950, 960), (48, 1025, 1030), (60, 1090, 1100), (72, 1150, 1160), (96, 1275, 1280),
    (120, 1385, 1388), (144, 1515, 1490), (168, 1600, 1640), (216, 1630, 1762),
];

/// Median weight in grams.
#[rustfmt::skip]
static WEIGHT: [Point; 17] = [
    (0, 3250, 3400), (2, 5100, 5600), (4, 6400, 7000), (6, 7300, 7900), (9, 8200, 8900), (12, 8950, 9650), (18, 10200, 10950),
    (24, 11500, 12200), (36, 13900, 14400), (48, 16100, 16400), (60, 18200, 18400), (72, 20300, 20800), (96, 25800, 25800),
    (120, 33000, 32200), (144, 42000, 41000), (168, 49500, 51500), (216, 56500, 68000),
];

/// Median head circumference in tenths of a millimetre.
static HEAD: [Point; 7] = [
    (0, 3390, 3450),
    (3, 3950, 4050),
    (6, 4220, 4330),
    (12, 4490, 4610),
    (18, 4620, 4740),
    (24, 4720, 4830),
    (36, 4850, 4950),
];

/// Age in months from which nobody grows any more.
pub(crate) const GROWN: i32 = 216;

fn at(curve: &[Point], sex: Sex, months: i32) -> i32 {
    let value = |point: &Point| match sex {
        Sex::Female => point.1,
        Sex::Male => point.2,
    };
    let next = curve.partition_point(|point| point.0 <= months);
    let (Some(after), Some(before)) = (curve.get(next), curve.get(next.wrapping_sub(1))) else {
        return value(&curve[curve.len() - 1]);
    };
    let [low, high] = [value(before), value(after)];
    low + (high - low) * (months - before.0) / (after.0 - before.0)
}

/// Millimetres at an age, for a person of `stature` thousandths of the median.
pub(crate) fn height(sex: Sex, months: i32, stature: i32) -> i32 {
    at(&HEIGHT, sex, months) * stature / 1000
}

/// Grams of a child at an age, for a person of `build` thousandths of the median.
pub(crate) fn weight(sex: Sex, months: i32, build: i32) -> i32 {
    at(&WEIGHT, sex, months) * build / 1000
}

/// Head circumference in tenths of a millimetre.
pub(crate) fn head(sex: Sex, months: i32, stature: i32) -> i32 {
    // Heads vary half as much as heights do.
    at(&HEAD, sex, months) * (1000 + stature) / 2000
}

/// Body mass index in hundredths, of grams and millimetres.
pub(crate) fn bmi(grams: i32, millimetres: i32) -> i64 {
    let square = i64::from(millimetres) * i64::from(millimetres);
    (i64::from(grams) * 100_000 + square / 2) / square
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_never_shrink() {
        for sex in [Sex::Female, Sex::Male] {
            for months in 0..GROWN + 12 {
                assert!(height(sex, months + 1, 1000) >= height(sex, months, 1000));
                assert!(weight(sex, months + 1, 1000) >= weight(sex, months, 1000));
            }
        }
    }

    #[test]
    fn curves_hit_their_points_and_stay_after_the_last() {
        assert_eq!(height(Sex::Female, 12, 1000), 740);
        assert_eq!(height(Sex::Male, 900, 1000), 1762);
        assert_eq!(bmi(70_000, 1750), 2286);
    }
}
