//! The units themselves, each defined by another unit, and the metric prefixes.

/// A unit: its code, whether it takes metric prefixes, and `numerator / denominator` times the
/// unit that defines it. An empty definition is a base unit.
pub(super) struct Atom {
    pub(super) code: &'static str,
    pub(super) is_metric: bool,
    pub(super) numerator: i128,
    pub(super) denominator: i128,
    pub(super) of: &'static str,
}

const fn metric(code: &'static str, numerator: i128, of: &'static str) -> Atom {
    Atom { code, is_metric: true, numerator, denominator: 1, of }
}

const fn plain(code: &'static str, numerator: i128, of: &'static str) -> Atom {
    Atom { code, is_metric: false, numerator, denominator: 1, of }
}

const fn fraction(
    code: &'static str,
    numerator: i128,
    denominator: i128,
    of: &'static str,
) -> Atom {
    Atom { code, is_metric: false, numerator, denominator, of }
}

const fn metric_fraction(
    code: &'static str,
    numerator: i128,
    denominator: i128,
    of: &'static str,
) -> Atom {
    Atom { code, is_metric: true, numerator, denominator, of }
}

/// Prefixes with their powers of ten; the two-letter one first, as it would otherwise be read as
/// `d`.
pub(super) const PREFIXES: [(&str, i32); 20] = [
    ("da", 1),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
];

pub(super) fn find(code: &str) -> Option<&'static Atom> {
    ATOMS.iter().find(|atom| atom.code == code)
}

static ATOMS: [Atom; 103] = [
    metric("m", 1, ""),
    metric("s", 1, ""),
    metric("g", 1, ""),
    metric("rad", 1, ""),
    metric("K", 1, ""),
    metric("C", 1, ""),
    metric("cd", 1, ""),
    metric("mol", 1, ""),
    metric("[iU]", 1, ""),
    metric("[IU]", 1, "[iU]"),
    plain("10*", 10, "1"),
    plain("10^", 10, "1"),
    fraction("%", 1, 100, "1"),
    fraction("[ppth]", 1, 1000, "1"),
    fraction("[ppm]", 1, 1_000_000, "1"),
    fraction("[ppb]", 1, 1_000_000_000, "1"),
    fraction("[pptr]", 1, 1_000_000_000_000, "1"),
    // Time
    plain("min", 60, "s"),
    plain("h", 3600, "s"),
    plain("d", 86_400, "s"),
    plain("wk", 604_800, "s"),
    plain("mo", 2_629_800, "s"),
    plain("mo_j", 2_629_800, "s"),
    plain("a", 31_557_600, "s"),
    plain("a_j", 31_557_600, "s"),
    metric("Hz", 1, "s-1"),
    // Volume, length and area
    metric_fraction("L", 1, 1000, "m3"),
    metric_fraction("l", 1, 1000, "m3"),
    plain("ar", 100, "m2"),
    fraction("Ao", 1, 10_000_000_000, "m"),
    fraction("[in_i]", 254, 10_000, "m"),
    fraction("[ft_i]", 3048, 10_000, "m"),
    fraction("[yd_i]", 9144, 10_000, "m"),
    fraction("[mi_i]", 1_609_344, 1000, "m"),
    fraction("[in_us]", 100, 3937, "m"),
    fraction("[ft_us]", 1200, 3937, "m"),
    fraction("[sin_i]", 64_516, 100_000_000, "m2"),
    fraction("[sft_i]", 9_290_304, 100_000_000, "m2"),
    fraction("[cin_i]", 16_387_064, 1_000_000_000_000, "m3"),
    fraction("[gal_us]", 3_785_411_784, 1_000_000_000_000, "m3"),
    fraction("[qt_us]", 946_352_946, 1_000_000_000_000, "m3"),
    fraction("[pt_us]", 473_176_473, 1_000_000_000_000, "m3"),
    fraction("[foz_us]", 295_735_295_625, 10_000_000_000_000_000, "m3"),
    fraction("[cup_us]", 2_365_882_365, 10_000_000_000_000, "m3"),
    fraction("[tbs_us]", 1_478_676_478_125, 100_000_000_000_000_000, "m3"),
    fraction("[tsp_us]", 492_892_159_375, 100_000_000_000_000_000, "m3"),
    fraction("[cup_m]", 240, 1_000_000, "m3"),
    fraction("[tbs_m]", 15, 1_000_000, "m3"),
    fraction("[tsp_m]", 5, 1_000_000, "m3"),
    fraction("[drp]", 1, 20_000_000, "m3"),
    // Mass
    metric("t", 1_000_000, "g"),
    metric_fraction("u", 16_605_402, 10_000_000_000_000_000_000_000_000_000_000, "g"),
    fraction("[gr]", 6_479_891, 100_000_000, "g"),
    fraction("[lb_av]", 45_359_237, 100_000, "g"),
    fraction("[oz_av]", 28_349_523_125, 1_000_000_000, "g"),
    fraction("[dr_av]", 17_718_451_953_125, 10_000_000_000_000, "g"),
    fraction("[stone_av]", 635_029_318, 100_000, "g"),
    fraction("[car_m]", 1, 5, "g"),
    // Force, pressure, energy, power
    metric("N", 1000, "g.m/s2"),
    metric("Pa", 1000, "g.m-1.s-2"),
    metric("bar", 100_000_000, "g.m-1.s-2"),
    plain("atm", 101_325_000, "g.m-1.s-2"),
    metric("m[Hg]", 133_322_000, "g.m-1.s-2"),
    metric("m[H2O]", 9_806_650, "g.m-1.s-2"),
    fraction("[in_i'Hg]", 33_863_788, 10, "g.m-1.s-2"),
    fraction("[in_i'H2O]", 249_088_910, 1000, "g.m-1.s-2"),
    fraction("[psi]", 6_894_757_293_168, 1_000_000, "g.m-1.s-2"),
    metric("J", 1000, "g.m2.s-2"),
    metric("W", 1000, "g.m2.s-3"),
    metric("cal", 4184, "g.m2.s-2"),
    metric("cal_th", 4184, "g.m2.s-2"),
    plain("[Cal]", 4_184_000, "g.m2.s-2"),
    metric_fraction("eV", 160_217_733, 1_000_000_000_000_000_000_000_000, "g.m2.s-2"),
    metric("dyn", 1, "g.cm/s2"),
    metric_fraction("P", 100, 1, "g.m-1.s-1"),
    // Electricity and light
    metric("A", 1, "C/s"),
    metric("V", 1, "J/C"),
    metric("F", 1, "C/V"),
    metric("Ohm", 1, "V/A"),
    metric("S", 1, "A/V"),
    metric("Wb", 1, "V.s"),
    metric("T", 1, "Wb/m2"),
    metric("H", 1, "Wb/A"),
    metric("sr", 1, "rad2"),
    metric("lm", 1, "cd.sr"),
    metric("lx", 1, "lm/m2"),
    // Radiation
    metric("Bq", 1, "s-1"),
    metric("Ci", 37_000_000_000, "s-1"),
    metric("Gy", 1, "J/kg"),
    metric("Sv", 1, "J/kg"),
    metric_fraction("RAD", 1, 100, "J/kg"),
    metric_fraction("REM", 1, 100, "J/kg"),
    metric_fraction("R", 258, 1_000_000, "C/kg"),
    // Amounts of substance and activity
    metric("eq", 1, "mol"),
    metric("osm", 1, "mol"),
    metric("kat", 1, "mol/s"),
    metric("U", 1, "umol/min"),
    metric("Eq", 1, "mol"),
    // Angles and others
    fraction("deg", 17_453_292_519_943_295_769, 1_000_000_000_000_000_000_000, "rad"),
    plain("[diop]", 1, "m-1"),
    plain("[HPF]", 1, "1"),
    plain("[LPF]", 100, "1"),
    metric_fraction("St", 1, 10_000, "m2/s"),
];
