//! One resource that twenty thousand others refer to, asked for back and forth.

use crate::costs::{Costs, End, entries};
use crate::target::Target;

/// How many Observations are about the hub.
pub(crate) const SPOKES: usize = 20_000;

/// What a server may hold that has included ten thousand resources, several times.
const HUB_MIB: u64 = 700;

/// Patient `hub` and another, Practitioner `doc`, Encounter `visit`, and Observations that refer to
/// all of them, and each to the one before.
fn resources() -> String {
    let mut lines = String::from(
        "{\"resourceType\":\"Patient\",\"id\":\"hub\",\"generalPractitioner\":[{\"reference\":\"Practitioner/doc\"}],\"link\":[{\"other\":{\"reference\":\"Patient/hub\"},\"type\":\"seealso\"}]}\n\
         {\"resourceType\":\"Patient\",\"id\":\"other\",\"name\":[{\"family\":\"Alone\"}]}\n\
         {\"resourceType\":\"Practitioner\",\"id\":\"doc\"}\n\
         {\"resourceType\":\"Encounter\",\"id\":\"visit\",\"status\":\"finished\",\"class\":{\"code\":\"AMB\"},\"subject\":{\"reference\":\"Patient/hub\"}}\n",
    );
    for n in 0..SPOKES {
        let before = n.saturating_sub(1);
        lines.push_str(&format!(
            "{{\"resourceType\":\"Observation\",\"id\":\"o{n}\",\"status\":\"final\",\"code\":{{\"coding\":[{{\"code\":\"c{}\"}}]}},\
             \"subject\":{{\"reference\":\"Patient/hub\"}},\"encounter\":{{\"reference\":\"Encounter/visit\"}},\
             \"performer\":[{{\"reference\":\"Practitioner/doc\"}}],\"hasMember\":[{{\"reference\":\"Observation/o{before}\"}}],\
             \"derivedFrom\":[{{\"reference\":\"Observation/o0\"}}]}}\n",
            n % 10
        ));
    }
    lines
}

#[test]
fn chains_back_and_forth_over_a_hub_end() {
    let target = Target::filled(&resources());
    let costs = Costs::of(&target);
    let full = |told: &str, search: &str| costs.get(told, &format!("/fhir/{search}"), End::Full);
    let total = |told: &str, search: &str| full(told, search).json()["total"].as_u64();
    let spokes = Some(SPOKES as u64);

    let all = "Observation?_summary=count";
    assert_eq!(total("chain to the hub", &format!("{all}&subject:Patient._id=hub")), spokes);
    let back = "subject:Patient._has:Observation:subject:".repeat(4);
    assert_eq!(total("chain and _has, 8 deep", &format!("{all}&{back}code=c3")), spokes);
    assert_eq!(total("the same, nothing", &format!("{all}&{back}code=none")), Some(0));
    let around = "_has:Observation:subject:subject:Patient.".repeat(4);
    let hub = format!("Patient?{around}_id=hub&_summary=count");
    assert_eq!(total("_has and chain, 8 deep", &hub), Some(1));
    let members = "has-member:Observation.".repeat(8);
    assert_eq!(
        total("8 members on", &format!("{all}&{members}code=c0")),
        spokes.map(|s| s / 10 + 8)
    );
    let fans = "derived-from:Observation._has:Observation:derived-from:".repeat(4);
    assert_eq!(total("fan in, fan out", &format!("{all}&{fans}status=final")), spokes);
    let page = full(
        "a sorted page of it",
        &format!("Observation?{fans}status=final&_sort=-code&_count=1000"),
    );
    assert_eq!(entries(&page, "match"), 1_000);
    let twice = vec![format!("{fans}status=final"); 50].join("&");
    costs.get("fifty of them", &format!("/fhir/{all}&{twice}"), End::FullOrLate);
    // Every reference that leads anywhere, and each of those.
    for (untyped, end) in [
        ("Observation?subject.link.link.link.general-practitioner.name=x", End::Full),
        ("Observation?has-member.has-member.has-member.has-member.status=final", End::Full),
        ("Observation?focus.focus.focus.focus.focus._id=x", End::Refused(400)),
    ] {
        costs.get(untyped, &format!("/fhir/{untyped}"), end);
    }
    let deep = "subject:Patient._has:Observation:subject:".repeat(25);
    costs.get("50 deep", &format!("/fhir/Observation?{deep}code=c3"), End::Refused(400));
    let deep = "_has:Observation:has-member:".repeat(50);
    costs.get("50 _has", &format!("/fhir/Observation?{deep}code=c3"), End::Refused(400));
    let deep = "has-member:Observation.".repeat(50);
    costs.get("50 links", &format!("/fhir/Observation?{deep}code=c3"), End::Refused(400));
    let without =
        format!("{all}&_has:Observation:derived-from:code:not=c1&code:not=c2,c3&_id:not=o7");
    costs.get("without", &format!("/fhir/{without}"), End::Full);
    target.goes_on(HUB_MIB);
}

#[test]
fn what_a_hub_includes_is_bounded() {
    let target = Target::filled(&resources());
    let costs = Costs::of(&target);
    let wild = "_include=*&_include:iterate=*&_revinclude=*&_revinclude:iterate=*";
    for (told, search, most_matches) in [
        ("all around the hub", format!("Patient?_id=hub&{wild}"), 1),
        ("all around an Observation", format!("Observation?_id=o7&{wild}"), 1),
        ("all around a thousand", format!("Observation?_count=1000&{wild}"), 1_000),
        ("who refers to the hub", "Patient?_id=hub&_revinclude=*".to_owned(), 1),
        (
            "one way, on and on",
            "Patient?_id=hub&_revinclude:iterate=Observation:subject".to_owned(),
            1,
        ),
        (
            "a long way back",
            "Observation?_id=o19999&_include:iterate=Observation:has-member".to_owned(),
            1,
        ),
        ("by all types", format!("?_type=Patient,Practitioner&{wild}"), 3),
    ] {
        let path = format!("/fhir/{search}").replace("/?", "?");
        let answer = costs.get(told, &path, End::Warned);
        let (matches, included) = (entries(&answer, "match"), entries(&answer, "include"));
        assert_eq!(matches, most_matches, "{told}");
        assert!((1..=10_000).contains(&included), "{told}: {included} are included");
    }
    let types = "Account,Appointment,Binary,Bundle,CarePlan,Claim,Condition,Coverage,Device,Encounter,\
                 Endpoint,Flag,Goal,Group,Invoice,List,Location,Media,Medication,Observation,\
                 Organization,Patient,Person,Practitioner,Procedure,Provenance,Schedule,Slot,Specimen,Task";
    let includes = |direct: &str| {
        let each = types.split(',').map(|of| format!("{direct}=Observation:focus:{}", of.trim()));
        each.collect::<Vec<_>>().join("&")
    };
    let many = format!("{}&{}", includes("_include"), includes("_include:iterate"));
    costs.get("60 includes", &format!("/fhir/Observation?_id=o1&{many}"), End::Refused(400));
    let same = ["_include=Observation:subject"; 90].join("&");
    costs.get("90 times the same", &format!("/fhir/Observation?_id=o1&{same}"), End::Full);
    let counted = costs.get("counted only", &format!("/fhir/Patient?_count=0&{wild}"), End::Full);
    assert_eq!(entries(&counted, "include"), 0);
    // Everything about the hub comes in pages.
    let mut path = Some("/fhir/Patient/hub/$everything?_count=1000".to_owned());
    let (mut pages, mut found) = (0, 0);
    while let Some(next) = path.take() {
        let answer = costs.get("$everything, a page", &next, End::Full);
        found += answer.json()["entry"].as_array().map_or(0, Vec::len);
        let links = answer.json()["link"].clone();
        let links = links.as_array().expect("links");
        let next = links.iter().find(|link| link["relation"] == "next").cloned();
        path = next.map(|link| {
            let url = link["url"].as_str().expect("a URL");
            url[url.find("/fhir").expect("ours")..].to_owned()
        });
        pages += 1;
        assert!(pages < 60, "$everything doesn't end");
    }
    assert!(found >= SPOKES, "{found} in {pages} pages");
    target.goes_on(HUB_MIB);
}
