//! How much a test does, and its dice.

use std::time::{SystemTime, UNIX_EPOCH};

/// A number from the environment: a laptop's dose without it, the full one with it.
pub(crate) fn dose(variable: &str, default: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => {
            text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text}"))
        }
        Err(_) => default,
    }
}

/// Random numbers (xorshift64*), good enough to choose moments and operations.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Those of `CRESSET_CRASH_SEED`, else of the time: a failing test prints which.
    pub(crate) fn new(test: &str) -> Self {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock past 1970");
        let seed = dose("CRESSET_CRASH_SEED", time.as_nanos() as usize & 0xffff_ffff) as u64;
        eprintln!("{test}: CRESSET_CRASH_SEED={seed}");
        Self::seeded(seed)
    }

    pub(crate) fn seeded(seed: u64) -> Self {
        Self((seed ^ 0x9e37_79b9_7f4a_7c15).max(1))
    }

    /// Other dice, that fall their own way.
    pub(crate) fn split(&mut self) -> Self {
        Self::seeded(self.next())
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}
