//! Patient: names, identifiers, contacts and what else says who somebody is.

use super::patient_origin::{address, extensions, narrative};
use super::{ORGANIZATION, PRACTITIONER, us_core};
use crate::chart::Chart;
use crate::json::JsonWriter;
use crate::names::FAMILY;
use crate::person::{Person, Sex};
use crate::random::Random;

static LANGUAGES: [(i32, (&str, &str)); 5] = [
    (790, ("en-US", "English (United States)")),
    (140, ("es", "Spanish")),
    (30, ("zh", "Chinese")),
    (20, ("fr", "French")),
    (20, ("de", "German")),
];

const V2_0203: &str = "v2-0203";

impl Chart<'_> {
    pub(crate) fn patient(&mut self) {
        let person = self.person;
        let organization = &self.shared.organizations[self.home];
        let doctor = &self.shared.practitioners[self.doctor];
        let mut random = Random::from_words(self.random.next(), self.random.next());
        let death = person.died.map(|day| self.moment(day, (0, 7)));
        self.resource(|json| {
            json.head("Patient", &person.id);
            json.profile(us_core!("patient"));
            narrative(json, person);
            extensions(json, person, &mut random);
            identifiers(json, person, &mut random);
            json.boolean("active", person.died.is_none());
            names(json, person, &mut random);
            telecom(json, person, &mut random);
            json.string("gender", person.sex.gender());
            json.date("birthDate", person.birth);
            if let Some(death) = death {
                json.moment("deceasedDateTime", death);
            }
            address(json, person.town(), &mut random);
            marital_status(json, person, &mut random);
            match random.per_mille(980) {
                true => json.boolean("multipleBirthBoolean", false),
                false => json.number("multipleBirthInteger", random.range(1, 2).into()),
            }
            let (code, display) = random.weighted(&LANGUAGES);
            json.one("communication", |json| {
                json.object("language", |json| {
                    json.one("coding", |json| {
                        json.string("system", "urn:ietf:bcp:47");
                        json.string("code", code);
                        json.string("display", display);
                    });
                    json.string("text", display);
                });
                json.boolean("preferred", true);
            });
            json.one("generalPractitioner", |json| {
                json.id("reference", PRACTITIONER, &doctor.id);
                json.string("display", &doctor.display);
            });
            let name = &organization.name;
            json.named_reference("managingOrganization", ORGANIZATION, &organization.id, name);
        });
    }
}

fn identifiers(json: &mut JsonWriter, person: &Person, random: &mut Random) {
    let number = random.range(1_000_000, 9_999_999).to_string();
    let social = random.range(100_000, 999_999).to_string();
    let licence = random.range(10_000_000, 99_999_999).to_string();
    json.array("identifier", |json| {
        let mut identifier = |code, system: &str, parts: &[&str]| {
            json.item(|json| {
                json.string("use", if code == "MR" { "usual" } else { "official" });
                json.hl7("type", V2_0203, code);
                json.string("system", system);
                json.strings("value", parts);
            });
        };
        identifier("MR", "https://cresset.dev/fhir/sample/mrn", &["MRN", &number]);
        // Numbers from 900 on are never given to anybody.
        identifier(
            "SS",
            "http://hl7.org/fhir/sid/us-ssn",
            &["999-", &social[..2], "-", &social[2..]],
        );
        if person.years(person.end) >= 16 {
            identifier("DL", "https://cresset.dev/fhir/sample/drivers-licence", &["S", &licence]);
        }
    });
}

fn names(json: &mut JsonWriter, person: &Person, random: &mut Random) {
    let adult = person.years(person.end) >= 20;
    let prefix = match (adult, person.sex) {
        (false, _) => None,
        (_, Sex::Male) => Some("Mr."),
        (_, Sex::Female) => Some("Ms."),
    };
    let maiden =
        (adult && person.sex == Sex::Female && random.per_mille(380)).then(|| random.pick(&FAMILY));
    json.array("name", |json| {
        let mut name = |usage: &str, family: &str| {
            json.item(|json| {
                json.string("use", usage);
                json.string("family", family);
                match person.middle {
                    Some(middle) => json.string_items("given", &[person.given, middle]),
                    None => json.string_items("given", &[person.given]),
                }
                if let Some(prefix) = prefix {
                    json.string_items("prefix", &[prefix]);
                }
            });
        };
        name("official", person.family);
        if let Some(maiden) = maiden {
            name("maiden", maiden);
        }
    });
}

fn telecom(json: &mut JsonWriter, person: &Person, random: &mut Random) {
    let line = random.range(100, 199).to_string();
    let adult = person.years(person.end) >= 18;
    json.array("telecom", |json| {
        json.item(|json| {
            json.string("system", "phone");
            // 555-01xx is kept free for fiction.
            json.strings("value", &[person.town().area_code, "-555-0", &line]);
            json.string("use", random.pick(&["home", "mobile"]));
        });
        if adult && random.per_mille(700) {
            let number = random.below(1000).to_string();
            let given = person.given.to_ascii_lowercase();
            let family = person.family.to_ascii_lowercase();
            json.item(|json| {
                json.string("system", "email");
                json.strings("value", &[&given, ".", &family, &number, "@example.com"]);
                json.string("use", "home");
            });
        }
    });
}

fn marital_status(json: &mut JsonWriter, person: &Person, random: &mut Random) {
    let (code, display) = match person.years(person.end) {
        ..20 => ("S", "Never Married"),
        20..60 => random.pick(&[
            ("M", "Married"),
            ("M", "Married"),
            ("S", "Never Married"),
            ("D", "Divorced"),
        ]),
        _ => {
            random.pick(&[("M", "Married"), ("M", "Married"), ("W", "Widowed"), ("D", "Divorced")])
        }
    };
    json.object("maritalStatus", |json| {
        json.one("coding", |json| {
            json.string("system", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus");
            json.string("code", code);
            json.string("display", display);
        });
        json.string("text", display);
    });
}
