//! Immunization schedules: CVX codes, the age of each dose and since when it is given.

use super::{Code, System};

/// A vaccine with its schedule.
pub(crate) struct Vaccine {
    pub(crate) code: Code,
    /// Age of each dose in months.
    pub(crate) doses: &'static [i32],
    /// The year it came into use.
    pub(crate) since: i32,
    /// The year it went out of use.
    pub(crate) until: i32,
    /// Of a thousand people, how many get it.
    pub(crate) uptake: i32,
}

const fn vaccine(
    number: &'static str,
    display: &'static str,
    doses: &'static [i32],
    years: (i32, i32),
    uptake: i32,
) -> Vaccine {
    Vaccine { code: cvx(number, display), doses, since: years.0, until: years.1, uptake }
}

const fn cvx(code: &'static str, display: &'static str) -> Code {
    Code { system: System::Cvx, code, display }
}

/// No year of withdrawal yet.
const NOW: i32 = 9999;

#[rustfmt::skip]
pub(crate) static SCHEDULE: [Vaccine; 21] = [
    vaccine("08", "Hep B, adolescent or pediatric", &[0, 2, 6], (1991, NOW), 940),
    vaccine("119", "rotavirus, monovalent", &[2, 4], (2008, NOW), 860),
    vaccine("01", "DTP", &[2, 4, 6, 18, 60], (1949, 1996), 930),
    vaccine("20", "DTaP", &[2, 4, 6, 15, 60], (1997, NOW), 950),
    vaccine("49", "Hib (PRP-OMP)", &[2, 4, 12], (1990, NOW), 930),
    vaccine("133", "Pneumococcal conjugate PCV 13", &[2, 4, 6, 12], (2010, NOW), 930),
    vaccine("02", "OPV, trivalent", &[2, 4, 18, 60], (1963, 1999), 930),
    vaccine("10", "IPV", &[2, 4, 6, 60], (2000, NOW), 950),
    vaccine("03", "MMR", &[12, 60], (1971, NOW), 940),
    vaccine("21", "varicella", &[12, 60], (1995, NOW), 910),
    vaccine("83", "Hep A, ped/adol, 2 dose", &[12, 18], (2006, NOW), 850),
    vaccine("115", "Tdap", &[132, 252, 372, 492, 612, 732], (2005, NOW), 800),
    vaccine("113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed", &[312, 432, 552, 672, 792], (1970, 2004), 550),
    vaccine("114", "meningococcal MCV4P", &[132, 192], (2005, NOW), 830),
    vaccine("165", "HPV9", &[132, 138], (2015, NOW), 700),
    vaccine("62", "HPV, quadrivalent", &[132, 134, 138], (2007, 2014), 550),
    vaccine("33", "pneumococcal polysaccharide PPV23", &[780], (1984, NOW), 690),
    vaccine("121", "zoster vaccine, live", &[720], (2006, 2017), 380),
    vaccine("187", "zoster vaccine recombinant", &[600, 603], (2018, NOW), 560),
    vaccine("43", "Hep B, adult", &[300, 301, 306], (1991, NOW), 160),
    vaccine("52", "Hep A, adult", &[420, 426], (1996, NOW), 120),
];

/// Given in autumn and winter, every year.
pub(crate) static INFLUENZA: [(i32, Code); 3] = [
    (1978, cvx("15", "influenza, split (incl. purified surface antigen)")),
    (2010, cvx("140", "Influenza, seasonal, injectable, preservative free")),
    (2013, cvx("150", "influenza, injectable, quadrivalent, preservative free")),
];

/// Given from spring 2021 on, two doses.
pub(crate) static COVID_19: Code = cvx("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose");
