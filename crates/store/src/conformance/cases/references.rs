//! References and chains over them.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;

fn link(key: &Key) -> IndexKey {
    entry("link", vec![Segment::Resource(key.clone())])
}

fn links() -> Vec<Parameter> {
    vec![Parameter::new("link")]
}

fn refers_to(types: &[TypeNumber], inner: Filter) -> Filter {
    Filter::RefersTo(links(), types.to_vec(), Box::new(inner))
}

fn referred_from(types: &[TypeNumber], inner: Filter) -> Filter {
    Filter::ReferredFrom(links(), types.to_vec(), Box::new(inner))
}

/// A reference is found before, while and after its target exists; chains only while it does.
pub async fn targets_may_come_and_go(fixture: Fixture) {
    let (client, target, source) = (fixture.client(), person("late"), note("early"));
    client.write(put_linked(&source, "source", &target)).await;
    let direct = || holding("link", vec![Segment::Resource(target.clone())]);
    let chain = || refers_to(&[PERSON], named("late"));
    let back = || referred_from(&[NOTE], Filter::All);
    assert_eq!(client.read(&target).await, None, "a reference makes no resource");
    assert_eq!(client.find(Filter::All).await, std::slice::from_ref(&source), "nor a match");
    assert_eq!(client.list(PERSON, 10).await, [], "nor an entry in a list");
    for round in 0..2 {
        assert_eq!(client.find(direct()).await, std::slice::from_ref(&source), "without a target");
        assert_eq!(client.find(chain()).await, [], "no chain leads to what isn't there");
        assert_eq!(client.find(back()).await, [], "what isn't there is not found");
        let written = client.put(&target, "late").await;
        assert_eq!(written.version, Version::new(round * 2 + 1), "a reference counts no version");
        assert_eq!(written.kind, Some(ChangeKind::Create), "the target is created then");
        assert_eq!(client.find(direct()).await, std::slice::from_ref(&source), "with a target");
        assert_eq!(
            client.find(chain()).await,
            std::slice::from_ref(&source),
            "a chain leads there"
        );
        assert_eq!(client.find(back()).await, std::slice::from_ref(&target), "and back");
        client.write(delete(&target)).await;
    }
    client.write(put_with(&source, "source", Vec::new())).await;
    assert_eq!(client.find(direct()).await, [], "a reference that was taken out is not found");
    client.is_sound().await;
}

/// Chains lead over parameters and types asked for, and nest.
pub async fn chains_keep_to_parameters_and_types(fixture: Fixture) {
    let client = fixture.client();
    let place = key(PLACE, "p");
    let other = entry("other", vec![Segment::Resource(person("b"))]);
    let name = entry("name", vec![text("a")]);
    let writes = vec![
        put(&place, "town"),
        put_linked(&person("a"), "a", &place),
        put_with(&note("a"), "a", vec![name, link(&person("a")), other]),
        put_linked(&note("b"), "b", &note("a")),
        put(&person("b"), "b"),
    ];
    client.commit(writes).await;
    let town = || refers_to(&[PLACE], named("town"));
    let cases = [
        (town(), vec![person("a")]),
        (refers_to(&[PERSON], town()), vec![note("a")]),
        (refers_to(&[NOTE], refers_to(&[PERSON], town())), vec![note("b")]),
        (refers_to(&[NOTE], town()), vec![]),
        (refers_to(&[PERSON, NOTE], named("a")), vec![note("a"), note("b")]),
        (refers_to(&[PERSON], named("b")), vec![]),
        (
            Filter::RefersTo(vec![Parameter::new("other")], vec![PERSON], Box::new(Filter::All)),
            vec![note("a")],
        ),
        (referred_from(&[NOTE], named("a")), vec![person("a")]),
        (referred_from(&[NOTE], referred_from(&[NOTE], named("b"))), vec![person("a")]),
        (referred_from(&[PERSON], refers_to(&[PLACE], Filter::All)), vec![place.clone()]),
        (referred_from(&[PLACE], Filter::All), vec![]),
    ];
    for (filter, expected) in cases {
        let told = format!("{filter:?}");
        assert_eq!(client.find(filter).await, expected, "{told}");
    }
    let without = Filter::Not(Box::new(refers_to(&[PERSON, NOTE, PLACE], Filter::All)));
    assert_eq!(client.find(without).await, [place, person("b")], "those that refer to nothing");
}

/// A resource may refer to itself and to the other form of its id.
pub async fn a_resource_may_refer_to_itself(fixture: Fixture) {
    let client = fixture.client();
    let (lower, upper) = (person("abc"), person("ABC"));
    client.write(put_with(&lower, "x", vec![link(&lower), link(&upper)])).await;
    assert_eq!(
        client.find(referred_from(&[PERSON], Filter::All)).await,
        std::slice::from_ref(&lower),
        "to itself"
    );
    client.put(&upper, "y").await;
    assert_eq!(client.find(refers_to(&[PERSON], named("y"))).await, [lower], "to the other form");
    client.is_sound().await;
}

/// What resources refer to is told from the keys of their current versions.
pub async fn references_are_those_of_current_versions(fixture: Fixture) {
    let client = fixture.client();
    let (source, other, gone) = (note("source"), note("other"), note("gone"));
    let versioned = |to: &Key| {
        let value = vec![Segment::Resource(to.clone()), ordered(7)];
        entry("versioned", value)
    };
    let (a, b) = (person("a"), person("b"));
    let texts = entry("name", vec![text("a")]);
    client.write(put_with(&source, "1", vec![link(&b), link(&a), texts])).await;
    client.write(put_with(&source, "2", vec![link(&a), versioned(&b)])).await;
    client.write(put_with(&other, "1", vec![link(&source)])).await;
    client.write(put_with(&gone, "1", vec![link(&a)])).await;
    client.write(delete(&gone)).await;
    let named = |names: &[&str]| names.iter().map(|n| Parameter::new(n)).collect::<Vec<_>>();
    let keys = [gone.clone(), source.clone(), note("never"), other.clone()];
    let found = client.references(&keys, &named(&["link", "versioned", "name", "none"])).await;
    let reference = |name: &str, target: &Key, rest: Vec<u8>| Reference {
        parameter: Parameter::new(name),
        target: target.clone(),
        rest,
    };
    let seven = 7_u64.to_be_bytes().to_vec();
    let of_source = vec![reference("link", &a, Vec::new()), reference("versioned", &b, seven)];
    let of_other = vec![reference("link", &source, Vec::new())];
    assert_eq!(found, [Vec::new(), of_source, Vec::new(), of_other]);
    assert_eq!(client.references(&keys[1..2], &named(&["name"])).await, [Vec::new()]);
}
