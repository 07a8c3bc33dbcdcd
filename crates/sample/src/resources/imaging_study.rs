//! ImagingStudy, with the report of it.

use super::PATIENT;
use super::diagnostic_report::Section;
use crate::chart::{Chart, Visit};
use crate::codes::acute::Image;
use crate::json::JsonWriter;

impl Chart<'_> {
    /// A study of one series with one or two instances.
    pub(crate) fn imaging_study(&mut self, visit: &mut Visit, image: &'static Image) {
        let id = self.random.id();
        let patient = self.person.id;
        let start = visit.now();
        // An OID under 2.25 is the decimal of a UUID; half a UUID is one too.
        let uid = format!("2.25.{}", self.random.next());
        let images = self.random.range(1, 2);
        let practitioner = visit.practitioner;
        self.resource(|json| {
            json.head("ImagingStudy", &id);
            json.one("identifier", |json| {
                json.string("use", "official");
                json.string("system", "urn:dicom:uid");
                json.strings("value", &["urn:oid:", &uid]);
            });
            json.string("status", "available");
            json.one("modality", |json| modality(json, image));
            json.reference("subject", PATIENT, &patient);
            visit.reference(json);
            json.moment("started", start);
            json.number("numberOfSeries", 1.into());
            json.number("numberOfInstances", images.into());
            json.one("procedureCode", |json| json.string("text", image.title));
            let location = &visit.organization.location;
            json.named_reference("location", "Location/", location, &visit.organization.name);
            json.one("series", |json| {
                json.strings("uid", &[&uid, ".1"]);
                json.number("number", 1.into());
                json.object("modality", |json| modality(json, image));
                json.number("numberOfInstances", images.into());
                json.object("bodySite", |json| json.string("display", image.body_site));
                json.moment("started", start);
                json.one("performer", |json| {
                    json.reference("actor", super::PRACTITIONER, &practitioner.id);
                });
                json.array("instance", |json| {
                    for number in 1..=images {
                        json.item(|json| instance(json, image, &uid, number));
                    }
                });
            });
        });
        visit.pass(15);
        let conclusion = Some((id, "No further finding."));
        self.report(visit, Section::Radiology, &image.report, &[], conclusion);
    }
}

fn modality(json: &mut JsonWriter, image: &Image) {
    json.string("system", "http://dicom.nema.org/resources/ontology/DCM");
    json.string("code", image.modality.0);
    json.string("display", image.modality.1);
}

fn instance(json: &mut JsonWriter, image: &Image, uid: &str, number: i32) {
    json.strings("uid", &[uid, ".1.", if number == 1 { "1" } else { "2" }]);
    json.object("sopClass", |json| {
        json.string("system", "urn:ietf:rfc:3986");
        json.string("code", image.sop_class);
    });
    json.number("number", number.into());
    json.string("title", image.title);
}
