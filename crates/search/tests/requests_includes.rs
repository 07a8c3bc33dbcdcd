//! `_include` and `_revinclude` (R4 search, section 3.1.1.5.4): what URLs are read as.

mod server;

use cresset_search::Include;
use server::Server;

/// An include in short: `-` reverse, `~` iterating, then source, parameter and target.
fn told(server: &Server, include: &Include) -> String {
    let definitions = server.registry.definitions();
    let name = |t| definitions.resource_type_name(t).to_owned();
    let mut text = String::new();
    text.push_str(if include.reverse { "-" } else { "" });
    text.push_str(if include.iterate { "~" } else { "" });
    text.push_str(&include.source.map_or_else(|| "*".to_owned(), name));
    text.push_str(&format!(":{}", include.parameter.as_deref().unwrap_or("*")));
    text.push_str(&include.target.map_or_else(String::new, |t| format!(":{}", name(t))));
    text
}

fn includes(server: &Server, url: &str) -> String {
    let request = server.request(url).unwrap_or_else(|e| panic!("{url}: {e}"));
    assert_eq!(request.ignored, [], "{url}");
    let told = request.includes.iter().map(|include| told(server, include));
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn includes_are_read() {
    let server = Server::new();
    for (url, expected) in [
        ("Observation?_include=Observation:subject", "Observation:subject"),
        ("Observation?_include=Observation:subject:Patient", "Observation:subject:Patient"),
        ("Observation?_include=Observation:*", "Observation:*"),
        ("Observation?_include=Observation:*:Patient", "Observation:*:Patient"),
        ("Observation?_include=*", "*:*"),
        ("Patient?_revinclude=*", "-*:*"),
        ("Patient?_revinclude=Observation:subject", "-Observation:subject"),
        ("Patient?_revinclude=Provenance:target:Patient", "-Provenance:target:Patient"),
        ("Observation?_include:iterate=Patient:organization", "~Patient:organization"),
        ("Observation?_include:recurse=Patient:*", "~Patient:*"),
        ("Organization?_revinclude:iterate=Observation:patient", "-~Observation:patient"),
        ("?_type=Patient,Observation&_include=Patient:link", "Patient:link"),
        ("?_include=Patient:link", "Patient:link"),
        (
            "Observation?_include=Observation:subject&_include=Observation:encounter&_include=Observation:subject",
            "Observation:subject Observation:encounter",
        ),
    ] {
        assert_eq!(includes(&server, url), expected, "{url}");
    }
}

#[test]
fn includes_that_can_add_nothing_are_ignored_by_name() {
    let server = Server::new();
    for url in [
        "Observation?_include=",
        "Observation?_include=Nonsense:subject",
        "Observation?_include=Observation:nonsense",
        "Observation?_include=Observation:code",
        "Observation?_include=Observation:subject:Nonsense",
        "Observation?_include=Observation:patient:Group",
        "Observation?_include=Patient:organization",
        "Observation?_include=Patient:*",
        "Patient?_include=Patient:*:Account",
        "Patient?_revinclude=Observation:encounter",
        "Patient?_revinclude=Observation:subject:Group",
        "Patient?_revinclude:iterate=Observation:patient:Group",
    ] {
        assert_eq!(server.ignored(url).len(), 1, "{url}");
        let request = server.request(url).expect("understood");
        assert!(request.includes.is_empty() && request.used.is_empty(), "{url}");
    }
}

#[test]
fn the_number_of_includes_is_bounded() {
    let server = Server::new();
    let types = server.registry.definitions().concrete_resource_types();
    let names = types.map(|t| server.registry.definitions().resource_type_name(t).to_owned());
    let each = names.map(|name| format!("_include:iterate={name}:*"));
    // Not all types have references.
    let has_references =
        |include: &String| server.ignored(&format!("Patient?{include}")).is_empty();
    let each: Vec<String> = each.filter(has_references).take(51).collect();
    assert!(server.refusal(&format!("Patient?{}", each.join("&"))).contains("50 times"));
    assert_eq!(
        includes(&server, &format!("Patient?{}", each[..50].join("&"))).matches(' ').count(),
        49
    );
}
