//! Search parameters and compartments.

use crate::source::Source;
use cresset_fhir::definitions::pack::{
    PackCompartment, PackComponent, PackMember, PackSearchParameter,
};
use serde_json::Value;

/// Every search parameter, by URL.
pub(crate) fn search_parameters(source: &Source) -> Vec<PackSearchParameter> {
    let mut all: Vec<_> = source.search_parameters.iter().map(search_parameter).collect();
    all.sort_by(|a, b| a.url.cmp(&b.url));
    all
}

fn search_parameter(resource: &Value) -> PackSearchParameter {
    let components = resource["component"].as_array().map(Vec::as_slice).unwrap_or_default();
    PackSearchParameter {
        code: string(&resource["code"]),
        url: string(&resource["url"]),
        base: strings(&resource["base"]),
        kind: string(&resource["type"]),
        expression: resource["expression"].as_str().map(ToOwned::to_owned),
        target: strings(&resource["target"])
            .into_iter()
            .filter(|t| t != "MetadataResource")
            .collect(),
        component: components
            .iter()
            .map(|c| PackComponent {
                definition: string(&c["definition"]),
                expression: string(&c["expression"]),
            })
            .collect(),
    }
}

/// The compartments, each with the types that have a parameter in it.
pub(crate) fn compartments(source: &Source) -> Vec<PackCompartment> {
    let mut all: Vec<_> = source.compartments.iter().map(compartment).collect();
    all.sort_by(|a, b| a.code.cmp(&b.code));
    all
}

fn compartment(resource: &Value) -> PackCompartment {
    let members = resource["resource"].as_array().map(Vec::as_slice).unwrap_or_default();
    let members = members
        .iter()
        .map(|m| PackMember { code: string(&m["code"]), param: strings(&m["param"]) });
    PackCompartment {
        code: string(&resource["code"]),
        resource: members.filter(|m| !m.param.is_empty()).collect(),
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().map(|items| items.iter().map(string).collect()).unwrap_or_default()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
