//! Where a patient comes from and lives: narrative, US Core's race, ethnicity and birth
//! sex, and an address with its place on the map.

use super::us_core;
use crate::decimal::Decimal;
use crate::json::JsonWriter;
use crate::names::{FAMILY, STREETS, TOWNS, Town};
use crate::person::{Person, Sex};
use crate::random::Random;

/// Race, as the CDC codes it.
static RACES: [(i32, (&str, &str)); 5] = [
    (690, ("2106-3", "White")),
    (150, ("2054-5", "Black or African American")),
    (90, ("2028-9", "Asian")),
    (40, ("1002-5", "American Indian or Alaska Native")),
    (30, ("2076-8", "Native Hawaiian or Other Pacific Islander")),
];

pub(super) fn narrative(json: &mut JsonWriter, person: &Person) {
    let (gender, town) = (person.sex.gender(), person.town());
    let year = person.birth.year().to_string();
    json.object("text", |json| {
        json.string("status", "generated");
        json.strings(
            "div",
            &[
                r#"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>"#,
                &person.display,
                "</b>, ",
                gender,
                ", born ",
                &year,
                ", of ",
                town.name,
                ", ",
                town.state,
                ". A synthetic person of Cresset's sample population.</p></div>",
            ],
        );
    });
}

pub(super) fn extensions(json: &mut JsonWriter, person: &Person, random: &mut Random) {
    let race = random.weighted(&RACES);
    let ethnicity = match random.per_mille(180) {
        true => ("2135-2", "Hispanic or Latino"),
        false => ("2186-5", "Not Hispanic or Latino"),
    };
    let mother = random.pick(&FAMILY);
    let birth_place = match random.per_mille(640) {
        true => person.town(),
        false => &TOWNS[random.below(TOWNS.len() as i32) as usize],
    };
    json.array("extension", |json| {
        category(json, us_core!("race"), race);
        category(json, us_core!("ethnicity"), ethnicity);
        json.item(|json| {
            json.string("url", us_core!("birthsex"));
            let code = if person.sex == Sex::Female { "F" } else { "M" };
            json.string("valueCode", code);
        });
        json.item(|json| {
            json.string("url", "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName");
            json.string("valueString", mother);
        });
        json.item(|json| {
            json.string("url", "http://hl7.org/fhir/StructureDefinition/patient-birthPlace");
            json.object("valueAddress", |json| {
                json.string("city", birth_place.name);
                json.string("state", birth_place.state);
                json.string("country", "US");
            });
        });
    });
}

/// The shape that US Core's race and ethnicity extensions share.
fn category(json: &mut JsonWriter, url: &str, (code, display): (&str, &str)) {
    json.item(|json| {
        json.array("extension", |json| {
            json.item(|json| {
                json.string("url", "ombCategory");
                json.object("valueCoding", |json| {
                    json.string("system", "urn:oid:2.16.840.1.113883.6.238");
                    json.string("code", code);
                    json.string("display", display);
                });
            });
            json.item(|json| {
                json.string("url", "text");
                json.string("valueString", display);
            });
        });
        json.string("url", url);
    });
}

pub(super) fn address(json: &mut JsonWriter, town: &Town, random: &mut Random) {
    let house = random.range(1, 999).to_string();
    let street = random.pick(&STREETS);
    let postal = random.range(10, 99).to_string();
    let unit = random.per_mille(220).then(|| random.range(1, 40).to_string());
    let north = town.north + i64::from(random.around(4_000));
    let west = town.longitude_west + i64::from(random.around(4_000));
    json.one("address", |json| {
        json.one("extension", |json| {
            json.array("extension", |json| {
                for (url, units) in [("latitude", north), ("longitude", -west)] {
                    json.item(|json| {
                        json.string("url", url);
                        json.number("valueDecimal", Decimal::new(units, 5));
                    });
                }
            });
            json.string("url", "http://hl7.org/fhir/StructureDefinition/geolocation");
        });
        json.string("use", "home");
        json.array("line", |json| {
            json.text_item(&[&house, " ", street]);
            if let Some(unit) = &unit {
                json.text_item(&["Apt ", unit]);
            }
        });
        json.string("city", town.name);
        json.string("state", town.state);
        json.strings("postalCode", &[town.postal, &postal]);
        json.string("country", "US");
    });
}
