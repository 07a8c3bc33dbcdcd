//! A small deterministic generator: xoshiro256++, seeded by splitmix64.
//!
//! Every patient has a stream of its own, so that any patient can be generated alone.

use crate::id::Id;

/// A stream of pseudo-random numbers.
pub(crate) struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream number `index` of a `kind` under a seed.
    pub(crate) fn stream(seed: u64, kind: Stream, index: u64) -> Self {
        let mut state = mix(seed ^ (kind as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
        state ^= mix(index.wrapping_add(0x9E37_79B9_7F4A_7C15));
        Self::from_words(state, state.rotate_left(32))
    }

    /// A stream of its own from two words of another one.
    pub(crate) fn from_words(mut first: u64, second: u64) -> Self {
        let mut word = || {
            first = first.wrapping_add(0x9E37_79B9_7F4A_7C15);
            mix(first ^ second)
        };
        Self { state: [word(), word(), word(), word()] }
    }

    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let [c, d] = [c ^ a, d ^ b];
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// A number from 0 to `bound` - 1.
    pub(crate) fn below(&mut self, bound: i32) -> i32 {
        // The high half of a 32 × 32 bit product: no division, and the bias is far
        // below anything visible at these bounds.
        (((self.next() >> 32) * bound as u64) >> 32) as i32
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn range(&mut self, low: i32, high: i32) -> i32 {
        low + self.below(high - low + 1)
    }

    /// True `chance` times in a thousand.
    pub(crate) fn per_mille(&mut self, chance: i32) -> bool {
        self.below(1000) < chance
    }

    /// A number around 0, between -`spread` and `spread`, the middle most likely.
    pub(crate) fn around(&mut self, spread: i32) -> i32 {
        let third = spread / 3;
        let rest = spread - 2 * third;
        self.range(-third, third) + self.range(-third, third) + self.range(-rest, rest)
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as i32) as usize]
    }

    /// An element of a list of (weight, element).
    pub(crate) fn weighted<T: Copy>(&mut self, of: &[(i32, T)]) -> T {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, element) in of {
            left -= weight;
            if left < 0 {
                return *element;
            }
        }
        of[0].1
    }

    pub(crate) fn id(&mut self) -> Id {
        Id::new(self.next(), self.next())
    }
}

/// What a stream of numbers is for; streams of two kinds never meet.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Patient = 1,
    Organization = 2,
    Practitioner = 3,
    Location = 4,
    Medication = 5,
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_kind_and_index() {
        let first = |seed, kind, index| Random::stream(seed, kind, index).next();
        let here = first(1, Stream::Patient, 0);
        assert_eq!(here, first(1, Stream::Patient, 0));
        assert_ne!(here, first(2, Stream::Patient, 0));
        assert_ne!(here, first(1, Stream::Organization, 0));
        assert_ne!(here, first(1, Stream::Patient, 1));
    }

    #[test]
    fn numbers_stay_inside_their_bounds() {
        let mut random = Random::stream(7, Stream::Patient, 7);
        let mut seen = [false; 7];
        for _ in 0..1000 {
            seen[(random.range(-3, 3) + 3) as usize] = true;
            assert!(random.around(20).abs() <= 20);
            assert_ne!(random.weighted(&[(1, 1), (0, 2), (9, 3)]), 2);
        }
        assert_eq!(seen, [true; 7]);
    }
}
