//! The text that the store keeps: with id and `meta`, without version and time, which the store
//! gives at commit. Everything else stays as it was sent.

use cresset_fhir::json::{Json, Object};
use cresset_store::ResourceId;

/// Sets the id, after `resourceType` when there was none.
pub(crate) fn set_id(resource: &mut Object, id: &ResourceId) {
    let at = resource.position("resourceType").map_or(0, |at| at + 1);
    resource.insert_at(at, "id", id.as_str());
    resource.remove("_id");
}

/// Takes out what only the server sets, and sees to it that there is a `meta`.
fn settle_meta(resource: &mut Object) {
    match resource.get_mut("meta").and_then(Json::as_object_mut) {
        Some(meta) => meta.retain(|name, _| {
            !matches!(name, "versionId" | "_versionId" | "lastUpdated" | "_lastUpdated")
        }),
        None => {
            let at = resource.position("id").map_or(0, |at| at + 1);
            resource.remove("meta");
            resource.insert_at(at, "meta", Object::new());
        }
    }
}

/// The resource as compact JSON, and the place just after `"meta":{`.
pub(crate) fn stored_text(resource: &mut Object) -> (Vec<u8>, usize) {
    settle_meta(resource);
    let mut text = Vec::with_capacity(2048);
    let mut place = 0;
    text.push(b'{');
    for (index, (name, value)) in resource.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        Json::from(name).write(&mut text);
        text.push(b':');
        if name == "meta" {
            place = text.len() + 1;
        }
        value.write(&mut text);
    }
    text.push(b'}');
    (text, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_fhir::json::{Limits, parse};
    use cresset_store::{Payload, Timestamp, Version};

    fn sent_back(sent: &str) -> String {
        let mut json = parse(sent.as_bytes(), &Limits::default()).unwrap();
        let resource = json.as_object_mut().unwrap();
        set_id(resource, &ResourceId::new("7").unwrap());
        let (text, place) = stored_text(resource);
        let payload = Payload::encode(&text, Some(place));
        let body = payload.body(Version::FIRST, Timestamp::from_milliseconds(0)).unwrap();
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn order_and_digits_stay() {
        assert_eq!(
            sent_back(r#"{"resourceType":"X","b":1.50,"a":"meta\":{"}"#),
            r#"{"resourceType":"X","id":"7","meta":{"versionId":"1","lastUpdated":"1970-01-01T00:00:00.000Z"},"b":1.50,"a":"meta\":{"}"#
        );
    }

    #[test]
    fn version_and_time_of_the_client_go() {
        assert_eq!(
            sent_back(
                r#"{"id":"no","meta":{"lastUpdated":"x","tag":[],"versionId":"9"},"resourceType":"X"}"#
            ),
            r#"{"id":"7","meta":{"versionId":"1","lastUpdated":"1970-01-01T00:00:00.000Z","tag":[]},"resourceType":"X"}"#
        );
    }
}
