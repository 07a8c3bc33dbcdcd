//! What a visitor is shown while a resource is validated.

use cresset_fhir::definitions::{Definitions, ResourceType, TypeId};
use cresset_fhir::json::{Json, Limits, parse};
use cresset_fhir::validation::{Options, Validator, Visitor};

/// Writes down what it is shown.
struct Record(Vec<String>);

impl<'a> Visitor<'a> for Record {
    type Position = usize;

    fn root(&mut self, resource_type: ResourceType, _: &'a Json) -> usize {
        let name = Definitions::r4().resource_type_name(resource_type);
        self.0.push(name.to_owned());
        0
    }

    fn element(
        &mut self,
        at: usize,
        parent_type: TypeId,
        property_index: usize,
        type_id: TypeId,
        value: &'a Json,
        sibling: Option<&'a Json>,
    ) -> usize {
        let definitions = Definitions::r4();
        let property = &definitions[parent_type].properties()[property_index].name;
        let mark = if sibling.is_some() { "+" } else { "" };
        self.0.push(format!(
            "{}/{property}:{}={}{mark}",
            self.0[at].split(['=', ':']).next().unwrap(),
            definitions[type_id].name,
            value.kind()
        ));
        self.0.len() - 1
    }
}

#[test]
fn a_visitor_sees_each_element_under_its_parent() {
    let resource = parse(
        br#"{"resourceType":"Patient","contained":[{"resourceType":"Device","id":"d"}],"_birthDate":{"extension":[{"url":"u","valueCode":"c"}]},"name":[{"given":["a",null],"_given":[null,{"id":"i","extension":[{"url":"u","valueCode":"c"}]}]}]}"#,
        &Limits::default(),
    )
    .unwrap();
    let mut record = Record(Vec::new());
    let result = Validator::r4().validate(&resource, &Options::default(), &mut record);
    assert!(result.is_ok(), "{result:?}");
    let expected = [
        "Patient",
        "Patient/contained:Device=object",
        "Patient/contained/id:string=string",
        "Patient/birthDate:date=null+",
        "Patient/birthDate/extension:Extension=object",
        "Patient/birthDate/extension/url:uri=string",
        "Patient/birthDate/extension/valueCode:code=string",
        "Patient/name:HumanName=object",
        "Patient/name/given:string=string",
        "Patient/name/given:string=null+",
        "Patient/name/given/id:string=string",
        "Patient/name/given/extension:Extension=object",
        "Patient/name/given/extension/url:uri=string",
        "Patient/name/given/extension/valueCode:code=string",
    ];
    assert_eq!(record.0, expected);
}
