//! What a unit measures, as powers of base units.

use std::fmt;

/// The base units, in the order in which a canonical unit names them; the mole and the arbitrary
/// units are departures from UCUM's own (see [`super`]). Stored canonical units depend on the order.
pub(super) const BASES: [&str; 32] = [
    "C",
    "K",
    "cd",
    "g",
    "mol",
    "[iU]",
    "[arb'U]",
    "[USP'U]",
    "[GPL'U]",
    "[MPL'U]",
    "[APL'U]",
    "[beth'U]",
    "[anti'Xa'U]",
    "[todd'U]",
    "[dye'U]",
    "[smgy'U]",
    "[bdsk'U]",
    "[ka'U]",
    "[knk'U]",
    "[mclg'U]",
    "[tb'U]",
    "[CCID_50]",
    "[TCID_50]",
    "[EID_50]",
    "[PFU]",
    "[FFU]",
    "[CFU]",
    "[BAU]",
    "[AU]",
    "m",
    "rad",
    "s",
];

/// A power for each base unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dimension([i8; BASES.len()]);

impl Dimension {
    pub(super) const NONE: Dimension = Dimension([0; BASES.len()]);

    pub(super) fn base(name: &str) -> Option<Dimension> {
        let index = BASES.iter().position(|base| *base == name)?;
        let mut powers = [0; BASES.len()];
        powers[index] = 1;
        Some(Dimension(powers))
    }

    pub(super) fn multiply(self, other: Dimension) -> Option<Dimension> {
        let mut product = self;
        for (power, more) in product.0.iter_mut().zip(other.0) {
            *power = power.checked_add(more)?;
        }
        Some(product)
    }

    pub(super) fn power(self, exponent: i8) -> Option<Dimension> {
        let mut product = self;
        for power in &mut product.0 {
            *power = power.checked_mul(exponent)?;
        }
        Some(product)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (base, power) in BASES.iter().zip(self.0).filter(|(_, power)| *power != 0) {
            write!(f, "{separator}{base}")?;
            if power != 1 {
                write!(f, "{power}")?;
            }
            separator = ".";
        }
        if separator.is_empty() { f.write_str("1") } else { Ok(()) }
    }
}
