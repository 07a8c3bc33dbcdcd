//! Search parameters of the user's own: what may be defined, and what it then finds.

mod server;

use cresset_fhir::json::{self, Json};
use cresset_search::{CustomParameter, Expansions, Problem, Registry};
use server::Server;

fn parsed(text: &str) -> Json {
    json::parse(text.as_bytes(), &json::Limits::default()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// A SearchParameter; `more` are further elements, each with a comma in front.
fn parameter(id: &str, base: &str, kind: &str, expression: &str, more: &str) -> Json {
    let expression = expression.replace('\\', "\\\\");
    parsed(&format!(
        r#"{{"resourceType": "SearchParameter", "id": "{id}", "url": "http://example.org/{id}",
            "name": "{id}", "status": "active", "description": "d", "code": "{id}",
            "base": ["{base}"], "type": "{kind}", "expression": "{expression}"{more}}}"#
    ))
}

fn with(base: &Registry, resources: &[Json]) -> Registry {
    let read = |json: &Json| {
        assert_eq!(base.check(json), [], "{json:?}");
        let read = CustomParameter::read(base.definitions(), json).expect("no problems");
        read.expect("it is in force")
    };
    let custom: Vec<_> = resources.iter().map(read).collect();
    let (registry, left_out) = base.with_custom(&custom, &|_| true);
    assert!(left_out.is_empty(), "{left_out:?}");
    registry
}

/// A server with these parameters and resources.
fn server(parameters: &[Json], resources: &[&str]) -> Server {
    let mut server = Server::new();
    server.registry = with(&server.registry, parameters);
    resources.iter().for_each(|text| server.put(text));
    server
}

fn r4() -> Registry {
    Registry::r4(Vec::new())
}

fn problem(json: &Json) -> Problem {
    let mut problems = r4().check(json);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

const ADA: &str = r##"{"resourceType": "Patient", "id": "ada", "birthDate": "1815-12-10",
    "name": [{"family": "King", "given": ["Ada", "Augusta"]}, {"family": "Byron", "given": ["Ada"]}],
    "extension": [
        {"url": "http://example.org/colour", "valueCodeableConcept":
            {"coding": [{"system": "http://example.org/colours", "code": "green"}]}},
        {"url": "http://example.org/visits", "valueInteger": 7},
        {"url": "http://example.org/nest", "extension": [{"url": "in", "valueDate": "2020-02"}]}],
    "_birthDate": {"extension": [{"url": "http://example.org/time", "valueString": "dawn"}]},
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Inner"}],
    "generalPractitioner": [{"reference": "#o"}, {"reference": "Practitioner/p"}]}"##;
const BOB: &str = r#"{"resourceType": "Patient", "id": "bob", "name": [{"family": "Hale"}],
    "extension": [
        {"url": "http://example.org/other", "valueCodeableConcept":
            {"coding": [{"system": "http://example.org/colours", "code": "green"}]}},
        {"url": "http://example.org/visits", "valueInteger": 70},
        {"url": "http://example.org/other", "extension": [{"url": "in", "valueDate": "2020-02"}]}]}"#;

#[test]
fn an_extension_is_found_by_path_and_by_function() {
    let own = "where(url = 'http://example.org/colour').value.ofType(CodeableConcept)";
    let parameters = [
        parameter("colour", "Patient", "token", &format!("Patient.extension.{own}"), ""),
        parameter(
            "hue",
            "Patient",
            "token",
            "Patient.extension('http://example.org/colour').value as CodeableConcept",
            "",
        ),
        parameter(
            "visits",
            "Patient",
            "number",
            "Patient.extension.where(url = 'http://example.org/visits').value.ofType(integer)",
            "",
        ),
    ];
    // Integers count as numbers only where the type says so; a token reads any.
    let mut parameters = parameters.to_vec();
    if r4().check(&parameters[2]).is_empty() {
        let server = server(&parameters, &[ADA, BOB]);
        assert_eq!(server.find("Patient?visits=gt10"), "bob");
    }
    parameters.truncate(2);
    let server = server(&parameters, &[ADA, BOB]);
    for code in ["colour", "hue"] {
        assert_eq!(server.find(&format!("Patient?{code}=green")), "ada", "{code}");
        let system = "http://example.org/colours";
        assert_eq!(server.find(&format!("Patient?{code}={system}|green")), "ada", "{code}");
        assert_eq!(server.find(&format!("Patient?{code}=red")), "", "{code}");
        assert_eq!(server.find(&format!("Patient?{code}:missing=true")), "bob", "{code}");
    }
    let names: Vec<_> = server.registry.custom_indexes().iter().map(|i| i.name.as_str()).collect();
    assert!(
        names[0].starts_with("Patient.extension.where("),
        "a path is part of the plan: {names:?}"
    );
    assert!(names[1].starts_with("Patient(Patient.extension('"), "others are evaluated: {names:?}");
}

#[test]
fn paths_that_the_walk_cannot_take_are_evaluated() {
    let parameters = [
        parameter(
            "nested",
            "Patient",
            "date",
            "Patient.extension.where(url='http://example.org/nest').extension.where(url='in').value.ofType(date)",
            "",
        ),
        parameter(
            "birth-time",
            "Patient",
            "string",
            "Patient.birthDate.extension.where(url='http://example.org/time').value.ofType(string)",
            "",
        ),
        parameter("called", "Patient", "string", "Patient.name.where(given='Ada').family", ""),
        parameter("within", "Patient", "string", "Patient.contained.ofType(Organization).name", ""),
        parameter(
            "doctor",
            "Patient",
            "reference",
            "Patient.generalPractitioner.where($index = 1)",
            "",
        ),
    ];
    // Found by path, limited to a type as HL7's `patient` is.
    let by_type = "Patient.generalPractitioner.where(resolve() is Practitioner)";
    let limited = parameter("by-practitioner", "Patient", "reference", by_type, "");
    let parameters = [&parameters[..], &[limited]].concat();
    let server = server(&parameters, &[ADA, BOB]);
    assert_eq!(server.find("Patient?by-practitioner=p"), "ada");
    assert_eq!(server.find("Patient?by-practitioner=Organization/p"), "");
    for search in [
        "nested=2020-02",
        "nested=ge2020",
        "birth-time=dawn",
        "called=Byron",
        "within=inner",
        "doctor=Practitioner/p",
        "doctor:Practitioner=p",
    ] {
        assert_eq!(server.find(&format!("Patient?{search}")), "ada", "{search}");
    }
    assert_eq!(server.find("Patient?nested=2021"), "");
}

#[test]
fn what_an_expression_computes_is_found() {
    let parameters = [
        parameter(
            "initials",
            "Patient",
            "string",
            "name.given.first().substring(0, 1) & name.family.first().substring(0, 1)",
            "",
        ),
        parameter("given-count", "Patient", "number", "name.given.count()", ""),
        parameter("is-augusta", "Patient", "token", "name.given.exists($this = 'Augusta')", ""),
        parameter("born", "Patient", "date", "iif(birthDate.exists(), birthDate, {})", ""),
    ];
    let server = server(&parameters, &[ADA, BOB]);
    assert_eq!(server.find("Patient?initials=AK"), "ada");
    assert_eq!(server.find("Patient?given-count=3"), "ada");
    assert_eq!(server.find("Patient?given-count=0"), "bob");
    assert_eq!(server.find("Patient?is-augusta=true"), "ada");
    assert_eq!(server.find("Patient?is-augusta=false"), "bob");
    assert_eq!(server.find("Patient?born=1815-12-10"), "ada");
}

#[test]
fn an_expression_is_evaluated_on_each_of_its_types() {
    let text = "Patient.name.given.first() | Practitioner.name.given.first()";
    let mut both = parameter("first-given", "Patient", "string", text, "");
    let bases = vec![Json::from("Patient"), Json::from("Practitioner")];
    both.as_object_mut().expect("an object").insert("base", bases);
    let doctor =
        r#"{"resourceType": "Practitioner", "id": "p", "name": [{"given": ["Ada", "Bo"]}]}"#;
    let server = server(&[both], &[ADA, doctor]);
    assert_eq!(server.find("Patient?first-given=Ada"), "ada");
    assert_eq!(server.find("Practitioner?first-given=Ada"), "p");
    assert_eq!(server.find("Practitioner?first-given=Bo"), "");
    assert_eq!(server.find("Patient?general-practitioner:Practitioner.first-given=ada"), "ada");
}

#[test]
fn a_composite_takes_values_of_one_element() {
    let parts = r#", "component": [
        {"definition": "http://example.org/used", "expression": "use"},
        {"definition": "http://hl7.org/fhir/SearchParameter/individual-family", "expression": "family"}]"#;
    let parameters = [
        parameter("used", "Patient", "token", "Patient.name.use", ""),
        parameter("use-family", "Patient", "composite", "Patient.name", parts),
    ];
    let resource = r#"{"resourceType": "Patient", "id": "a", "name": [
        {"use": "old", "family": "Hale"}, {"use": "usual", "family": "King"}]}"#;
    let base = r4();
    let (first, left) = base.with_custom(
        &[CustomParameter::read(base.definitions(), &parameters[0])
            .expect("valid")
            .expect("active")],
        &|_| true,
    );
    assert!(left.is_empty());
    assert_eq!(first.check(&parameters[1]), []);
    let mut server = Server::new();
    let read =
        |j: &Json| CustomParameter::read(base.definitions(), j).expect("valid").expect("active");
    let custom: Vec<_> = parameters.iter().map(read).collect();
    let (registry, left) = server.registry.with_custom(&custom, &|_| true);
    assert!(left.is_empty(), "{left:?}");
    server.registry = registry;
    server.put(resource);
    assert_eq!(server.find("Patient?use-family=usual$King"), "a");
    assert_eq!(server.find("Patient?use-family=old$King"), "");
    let alone = problem(&parameters[1]);
    assert_eq!(
        (alone.code, &*alone.expression),
        ("not-found", "SearchParameter.component[0].definition")
    );
}

#[test]
fn until_its_index_is_complete_a_search_says_so() {
    let base = r4();
    let json = parameter("first-given", "Patient", "string", "Patient.name.given.first()", "");
    let read = CustomParameter::read(base.definitions(), &json).expect("valid").expect("active");
    let (registry, _) = base.with_custom(std::slice::from_ref(&read), &|_| false);
    let patient = base.definitions().resource_type("Patient").expect("a type");
    let search = |name: &str, value: &str| {
        let pairs = [(name.to_owned(), value.to_owned())];
        registry.request(Some(patient), &pairs, &Expansions::default()).expect("compiles")
    };
    for (name, value) in
        [("first-given", "a"), ("first-given:missing", "true"), ("_sort", "first-given")]
    {
        let ignored = search(name, value).ignored;
        assert_eq!(ignored.len(), 1, "{name}");
        assert!(ignored[0].reason.contains("not searchable yet"), "{}", ignored[0].reason);
    }
    let has =
        |registry: &Registry| registry.parameters(patient).iter().any(|p| p.code == "first-given");
    assert!(!has(&registry));
    // Resources are indexed by it all the same.
    let keys = registry.analyze(&parsed(ADA)).expect("valid").index;
    assert!(keys.iter().any(|key| key.parameter.name() == registry.custom_indexes()[0].name));
    let (registry, _) = base.with_custom(&[read], &|_| true);
    assert!(has(&registry));
}

#[test]
fn a_path_that_hl7_has_needs_no_index_of_its_own() {
    let json = parameter("born-on", "Patient", "date", "Patient.birthDate", "");
    let base = r4();
    let read = CustomParameter::read(base.definitions(), &json).expect("valid").expect("active");
    let (registry, _) = base.with_custom(&[read], &|_| false);
    assert!(registry.custom_indexes().is_empty());
    let patient = base.definitions().resource_type("Patient").expect("a type");
    assert!(registry.parameters(patient).iter().any(|p| p.code == "born-on"));
}

#[test]
fn what_is_not_active_or_a_copy_of_hl7s_has_no_effect() {
    let base = r4();
    let mut draft = parameter("x", "Nothing", "string", "((", "");
    draft.as_object_mut().expect("an object").insert("status", "draft");
    assert_eq!(base.check(&draft), []);
    assert!(CustomParameter::read(base.definitions(), &draft).expect("not looked at").is_none());
    let copy = parsed(
        r#"{"resourceType": "SearchParameter", "id": "c", "status": "active", "code": "birthdate",
            "url": "http://hl7.org/fhir/SearchParameter/individual-birthdate", "type": "date",
            "base": ["Patient", "Person", "RelatedPerson"],
            "expression": "Patient.birthDate | Person.birthDate | RelatedPerson.birthDate"}"#,
    );
    assert_eq!(base.check(&copy), []);
}

#[test]
fn each_problem_has_its_place() {
    let cases = [
        (parameter("x", "Nothing", "string", "name", ""), "value", "base[0]"),
        (parameter("_x", "Patient", "string", "Patient.name.given.first()", ""), "value", "code"),
        (parameter("a.b", "Patient", "string", "Patient.name.given.first()", ""), "value", "code"),
        (parameter("birthdate", "Patient", "date", "Patient.birthDate", ""), "duplicate", "code"),
        (parameter("x", "Patient", "special", "Patient.name", ""), "not-supported", "type"),
        (parameter("x", "Patient", "string", "Patient.name.where(", ""), "value", "expression"),
        (parameter("x", "Patient", "string", "Patient.nmae", ""), "value", "expression"),
        (parameter("x", "Patient", "date", "Patient.name", ""), "value", "expression"),
        (
            parameter("x", "Patient", "quantity", "Patient.name.given.first()", ""),
            "value",
            "expression",
        ),
        (parameter("x", "Patient", "string", "Practitioner.name", ""), "value", "expression"),
        (parameter("x", "Patient", "date", "now()", ""), "not-supported", "expression"),
        (
            parameter("x", "Patient", "string", "managingOrganization.resolve().name", ""),
            "not-supported",
            "expression",
        ),
        (parameter("x", "Patient", "string", "%secret", ""), "not-supported", "expression"),
        (parameter("x", "Patient", "composite", "Patient.name", ""), "required", "component"),
        (
            parameter(
                "x",
                "Patient",
                "reference",
                "Patient.link.other",
                r#", "target": ["Nobody"]"#,
            ),
            "value",
            "target[0]",
        ),
        (
            parameter(
                "x",
                "Patient",
                "reference",
                "Patient.link.other",
                r#", "target": ["Group"]"#,
            ),
            "value",
            "target",
        ),
        (parameter("x", "Patient", "string", &"a".repeat(5_000), ""), "too-long", "expression"),
        (
            parameter("x", "Patient", "string", &["name"; 65].join("|"), ""),
            "too-costly",
            "expression",
        ),
    ];
    for (json, code, place) in cases {
        let found = problem(&json);
        let wanted = (code, format!("SearchParameter.{place}"));
        assert_eq!((found.code, found.expression.clone()), wanted, "{found:?}");
    }
    let mut nothing = parameter("x", "Patient", "string", "x", "");
    nothing.as_object_mut().expect("an object").remove("expression");
    assert_eq!(problem(&nothing).code, "required");
}

#[test]
fn a_name_is_taken_on_a_type_once() {
    let first = parameter("first-given", "Patient", "string", "Patient.name.given.first()", "");
    let registry = with(&r4(), std::slice::from_ref(&first));
    assert_eq!(registry.check(&first), [], "an update of itself");
    let mut second = first.clone();
    second.as_object_mut().expect("an object").insert("id", "second");
    let problems = registry.check(&second);
    assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), ["duplicate"]);
    assert!(problems[0].diagnostics.contains("SearchParameter/first-given"));
    // Of two that came to be together, one is in force.
    let read = |j: &Json| {
        CustomParameter::read(registry.definitions(), j).expect("valid").expect("active")
    };
    let (registry, left_out) = registry.with_custom(&[read(&second), read(&first)], &|_| true);
    assert_eq!(left_out.iter().map(|l| &*l.id).collect::<Vec<_>>(), ["second"]);
    assert_eq!(registry.custom_indexes().len(), 1);
}

/// An element of any type repeated: the ways through it would multiply by fifty with each step.
#[test]
fn a_hostile_path_is_compiled_in_a_bounded_time() {
    let started = std::time::Instant::now();
    let path = format!("Patient{}", ".extension.value".repeat(60));
    let json = parameter("x", "Patient", "string", &path, "");
    let registry = with(&r4(), &[json]);
    assert!(registry.custom_indexes()[0].name.starts_with("Patient("), "evaluated");
    let parts = format!(
        r#", "component": [{{"definition": "http://hl7.org/fhir/SearchParameter/individual-family",
            "expression": "{}"}}, {{"definition": "http://hl7.org/fhir/SearchParameter/individual-family",
            "expression": "value"}}]"#,
        ["extension.value"; 20].join(".")
    );
    let json = parameter("x", "Patient", "composite", "Patient.extension", &parts);
    assert_eq!(problem(&json).expression, "SearchParameter.expression");
    assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn two_hundred_are_compiled_and_no_more() {
    let base = r4();
    let read = |n: usize, base_type: &str| {
        let path = format!("extension.where(url='http://example.org/{n}').value");
        let json = parameter(&format!("p{n}"), base_type, "token", &path, "");
        CustomParameter::read(base.definitions(), &json).expect("valid").expect("active")
    };
    let on_all = |n| read(n, "DomainResource");
    let all: Vec<_> = (0..20).map(on_all).chain((20..200).map(|n| read(n, "Patient"))).collect();
    let started = std::time::Instant::now();
    let (registry, left_out) = base.with_custom(&all, &|_| true);
    eprintln!("200 custom parameters are compiled in {:?}", started.elapsed());
    assert!(left_out.is_empty());
    assert!(registry.custom_indexes().len() > 3_000);
    let beyond = parameter("beyond", "Patient", "string", "Patient.name.given.first()", "");
    assert_eq!(registry.check(&beyond)[0].code, "too-costly");
    let (registry, left_out) =
        base.with_custom(&(0..40).map(on_all).collect::<Vec<_>>(), &|_| true);
    assert!(!left_out.is_empty() && registry.custom_indexes().len() <= 5_000);
    assert!(left_out.iter().all(|l| l.problems[0].code == "too-costly"), "{left_out:?}");
}
