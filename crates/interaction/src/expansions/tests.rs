use super::*;
use crate::request::Request;
use crate::rig::Rig;
use crate::route::Method;

const COLOURS: &str = r#"{"resourceType":"CodeSystem","id":"colours","url":"http://test/colours","status":"active","content":"complete",
    "concept":[{"code":"warm","concept":[{"code":"red"},{"code":"orange"}]},{"code":"blue"}]}"#;
const WARM: &str = r#"{"resourceType":"ValueSet","id":"warm","url":"http://test/warm","version":"1","status":"active",
    "compose":{"include":[{"system":"http://test/colours","filter":[{"property":"concept","op":"is-a","value":"warm"}]}]}}"#;
const BOTH: &str = r#"{"resourceType":"ValueSet","id":"both","url":"http://test/both","status":"active",
    "compose":{"include":[{"valueSet":["http://test/warm"]},{"valueSet":["http://hl7.org/fhir/ValueSet/administrative-gender"]}]}}"#;

async fn filled() -> Rig {
    let rig = Rig::new().await;
    for resource in [COLOURS, WARM, BOTH] {
        rig.put(resource).await;
    }
    rig
}

impl Rig {
    async fn codes(&self, set: CodeSet) -> Result<Vec<String>, String> {
        let expansions = self.service.expansions(&self.context, vec![set.clone()]).await;
        let codes = expansions.codes(&set)?;
        Ok(codes.iter().map(|c| format!("{}|{}", c.system, c.code)).collect())
    }

    async fn value_set(&self, name: &str) -> Result<Vec<String>, String> {
        self.codes(CodeSet::ValueSet(name.to_owned())).await
    }
}

fn coding(system: &str, code: &str) -> Coding {
    Coding { system: system.to_owned(), code: code.to_owned() }
}

const OF_WARM: [&str; 3] =
    ["http://test/colours|warm", "http://test/colours|red", "http://test/colours|orange"];

#[tokio::test]
async fn value_sets_are_found_by_url_by_id_and_by_address() {
    let rig = filled().await;
    for name in [
        "http://test/warm",
        "http://test/warm|1",
        "ValueSet/warm",
        "http://localhost/fhir/ValueSet/warm",
    ] {
        assert_eq!(rig.value_set(name).await.unwrap(), OF_WARM, "{name}");
    }
}

#[tokio::test]
async fn stored_value_sets_and_those_of_the_specification_refer_to_each_other() {
    let rig = filled().await;
    let codes = rig.value_set("http://test/both").await.unwrap();
    assert_eq!(codes[..3], OF_WARM);
    assert_eq!(codes[3], "http://hl7.org/fhir/administrative-gender|male");
    assert_eq!(codes.len(), 7);
}

#[tokio::test]
async fn an_expansion_is_that_of_the_current_versions() {
    let rig = filled().await;
    assert_eq!(rig.value_set("http://test/both").await.unwrap().len(), 7);
    rig.put(&COLOURS.replace("orange", "amber")).await;
    let codes = rig.value_set("http://test/both").await.unwrap();
    assert!(codes.contains(&"http://test/colours|amber".to_owned()), "{codes:?}");
    let path = "ValueSet/warm";
    let delete = Request::new(rig.service.definitions(), Method::Delete, path).unwrap();
    rig.service.handle(&rig.context, delete).await.unwrap();
    let gone = rig.value_set("http://test/both").await.unwrap_err();
    assert!(gone.contains("ValueSet http://test/warm is not known here"), "{gone}");
}

#[tokio::test]
async fn what_is_stored_comes_before_the_specification() {
    let rig = filled().await;
    let url = "http://hl7.org/fhir/ValueSet/administrative-gender";
    rig.put(&WARM.replace("http://test/warm", url)).await;
    assert_eq!(rig.value_set(url).await.unwrap(), OF_WARM);
    assert_eq!(rig.value_set(&format!("{url}|4.0.1")).await.unwrap().len(), 4);
}

#[tokio::test]
async fn codes_above_and_below_are_found() {
    let rig = filled().await;
    let below = CodeSet::Below(coding("http://test/colours", "warm"));
    assert_eq!(rig.codes(below).await.unwrap(), OF_WARM);
    let above = CodeSet::Above(coding("http://test/colours", "red"));
    assert_eq!(
        rig.codes(above).await.unwrap(),
        ["http://test/colours|red", "http://test/colours|warm"]
    );
    let act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    let encounters = CodeSet::Below(coding(act_code, "_ActEncounterCode"));
    assert!(rig.codes(encounters).await.unwrap().contains(&format!("{act_code}|AMB")));
}

#[tokio::test]
async fn a_set_that_cannot_be_expanded_has_its_reason() {
    let rig = filled().await;
    let reason = rig.codes(CodeSet::Below(coding("", "red"))).await.unwrap_err();
    assert!(reason.contains("system|code"), "{reason}");
    let reason = rig.codes(CodeSet::Below(coding("http://none", "red"))).await.unwrap_err();
    assert!(reason.contains("CodeSystem http://none is not known"), "{reason}");
    let reason = rig.value_set("http://none,|$\\").await.unwrap_err();
    assert!(reason.contains("is not known here"), "{reason}");
    let reason = rig.value_set("ValueSet/none").await.unwrap_err();
    assert!(reason.contains("ValueSet/none is not known here"), "{reason}");
    assert!(rig.value_set("ValueSet/no id").await.is_err());
}

#[tokio::test]
async fn a_search_may_ask_for_so_many_sets() {
    let rig = filled().await;
    let sets: Vec<_> = (0..21).map(|n| CodeSet::ValueSet(format!("http://test/{n}"))).collect();
    let expansions = rig.service.expansions(&rig.context, sets.clone()).await;
    assert!(expansions.codes(&sets[0]).unwrap_err().contains("20"));
}
