//! R4's own code systems and value sets.

use cresset_fhir::definitions::Definitions;
use cresset_terminology::{Canonical, Library, Lookup, Problem, above, below, expand, r4};

fn codes(url: &str) -> Result<Vec<String>, Problem> {
    let library = Library::r4();
    let value_set = library.value_set(&Canonical::parse(url)).expect("a value set of R4");
    let entries = expand(&value_set, &library)?.entries;
    Ok(entries.iter().map(|e| e.code.to_string()).collect())
}

#[test]
fn the_pack_is_the_golden_one() {
    let (code_systems, concepts, value_sets) = r4().counts();
    let all: Vec<_> = r4().value_sets().map(|v| expand(v, r4())).collect();
    let expanded = all.iter().filter(|e| e.is_ok()).count();
    let entries: usize = all.iter().flatten().map(|e| e.entries.len()).sum();
    let actual = format!(
        "code systems {code_systems}\nconcepts {concepts}\nvalue sets {value_sets}\n\
         value sets that can be expanded {expanded}\ntheir codes {entries}\n"
    );
    assert_eq!(actual, include_str!("golden/pack.txt"));
}

#[test]
fn value_sets_of_the_specification_can_be_expanded() {
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    assert_eq!(codes(gender).unwrap(), ["male", "female", "other", "unknown"]);
    let status = codes("http://hl7.org/fhir/ValueSet/observation-status|4.0.1").unwrap();
    let wanted = [
        "registered",
        "preliminary",
        "final",
        "amended",
        "corrected",
        "cancelled",
        "entered-in-error",
        "unknown",
    ];
    assert_eq!(status, wanted);
}

#[test]
fn whatever_cannot_be_expanded_is_defined_elsewhere() {
    let snomed = codes("http://hl7.org/fhir/ValueSet/clinical-findings").unwrap_err();
    assert!(snomed.is_unknown() && snomed.to_string().contains("http://snomed.info/sct"));
    for value_set in r4().value_sets() {
        if let Err(problem) = expand(value_set, r4()) {
            let elsewhere = problem.is_unknown() || matches!(problem, Problem::Unusable { .. });
            assert!(elsewhere, "{}: {problem}", value_set.url);
        }
    }
}

#[test]
fn hierarchies_of_the_specification_are_known() {
    let of = |url: &str| r4().code_system(&Canonical::parse(url)).expect("a code system of R4");
    // v3-ActCode: an ambulatory encounter is a kind of encounter.
    let act_code = of("http://terminology.hl7.org/CodeSystem/v3-ActCode");
    let encounters = below(&act_code, "_ActEncounterCode").unwrap();
    assert!(encounters.contains(&"AMB") && encounters.contains(&"IMP"));
    assert!(above(&act_code, "AMB").unwrap().contains(&"_ActEncounterCode"));
    let clinical = of("http://terminology.hl7.org/CodeSystem/condition-clinical");
    assert_eq!(below(&clinical, "active").unwrap(), ["active", "recurrence", "relapse"]);
}

/// The definitions pack has the value sets of required bindings, expanded by other code.
#[test]
fn expansions_agree_with_those_of_required_bindings() {
    let definitions = Definitions::r4();
    let mut compared = 0;
    let elements = definitions.types().flat_map(|(_, t)| &t.elements);
    for required in elements.filter_map(|e| e.required) {
        let known = definitions.value_set(required);
        let value_set = r4().value_set(&Canonical::parse(&known.url));
        let Some(Ok(expansion)) = value_set.map(|v| expand(&v, r4())) else {
            continue;
        };
        for entry in &expansion.entries {
            assert!(known.has_coding(Some(&entry.system), &entry.code), "{}", known.url);
        }
        compared += usize::from(known.is_enumerated());
    }
    assert!(compared > 300, "{compared}");
}

/// HL7's files have expansions of their own for these; that of `inactive` is older than its code
/// system, which has got more codes since.
#[test]
fn expansions_have_what_hl7_expanded() {
    let sorted = |name: &str| {
        let mut codes = codes(&format!("http://hl7.org/fhir/ValueSet/{name}")).unwrap();
        codes.sort_unstable();
        codes
    };
    assert_eq!(sorted("yesnodontknow"), ["N", "Y", "asked-unknown"]);
    let retired = sorted("inactive");
    for code in ["CRT", "EXPEC", "GOL", "OPT", "RSK"] {
        assert!(retired.contains(&code.to_owned()), "{code} of {retired:?}");
    }
}
