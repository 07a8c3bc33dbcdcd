//! Organization and Location.

use super::{ORGANIZATION, us_core};
use crate::decimal::Decimal;
use crate::json::JsonWriter;
use crate::names::STREETS;
use crate::random::Random;
use crate::shared::Organization;

/// One Organization; `random` fills in the address.
pub(crate) fn write_organization(
    json: &mut JsonWriter,
    organization: &Organization,
    index: usize,
    random: &mut Random,
) {
    let number = (index + 1).to_string();
    json.line(|json| {
        json.head("Organization", &organization.id);
        json.profile(us_core!("organization"));
        json.one("identifier", |json| {
            json.string("system", "https://cresset.dev/fhir/sample/organization");
            json.strings("value", &["ORG-", &number]);
        });
        json.boolean("active", true);
        let (code, display) = match organization.is_payer {
            true => ("pay", "Payer"),
            false => ("prov", "Healthcare Provider"),
        };
        json.one("type", |json| {
            json.one("coding", |json| {
                json.string("system", "http://terminology.hl7.org/CodeSystem/organization-type");
                json.string("code", code);
                json.string("display", display);
            });
            json.string("text", display);
        });
        json.string("name", &organization.name);
        phone(json, organization, random);
        json.one("address", |json| address(json, organization, random));
    });
}

/// The one Location of a provider.
pub(crate) fn write_location(
    json: &mut JsonWriter,
    organization: &Organization,
    random: &mut Random,
) {
    let town = organization.town;
    let north = town.north + i64::from(random.around(2_000));
    let west = town.longitude_west + i64::from(random.around(2_000));
    json.line(|json| {
        json.head("Location", &organization.location);
        json.profile(us_core!("location"));
        json.string("status", "active");
        json.string("name", &organization.name);
        json.string("mode", "instance");
        phone(json, organization, random);
        json.object("address", |json| address(json, organization, random));
        json.hl7("physicalType", "location-physical-type", "bu");
        json.object("position", |json| {
            json.number("longitude", Decimal::new(-west, 5));
            json.number("latitude", Decimal::new(north, 5));
        });
        let name = &organization.name;
        json.named_reference("managingOrganization", ORGANIZATION, &organization.id, name);
    });
}

fn phone(json: &mut JsonWriter, organization: &Organization, random: &mut Random) {
    let line = random.range(100, 199).to_string();
    json.one("telecom", |json| {
        json.string("system", "phone");
        json.strings("value", &[organization.town.area_code, "-555-0", &line]);
    });
}

fn address(json: &mut JsonWriter, organization: &Organization, random: &mut Random) {
    let town = organization.town;
    let house = random.range(1, 400).to_string();
    let street = random.pick(&STREETS);
    let postal = random.range(10, 99).to_string();
    json.array("line", |json| json.text_item(&[&house, " ", street]));
    json.string("city", town.name);
    json.string("state", town.state);
    json.strings("postalCode", &[town.postal, &postal]);
    json.string("country", "US");
}
