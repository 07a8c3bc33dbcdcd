use serde_json::Value;

/// The values at a JSON pointer (RFC 6901) in which the part `*` stands for every item of a list.
pub(crate) fn at<'a>(root: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let mut found = vec![root];
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        found = found.into_iter().flat_map(|value| children(value, &part)).collect();
    }
    found
}

/// Whether a pointer may stand for several values.
pub(crate) fn is_many(pointer: &str) -> bool {
    pointer.split('/').any(|part| part == "*")
}

fn children<'a>(value: &'a Value, part: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(items) if part == "*" => items.iter().collect(),
        Value::Array(items) => {
            part.parse::<usize>().ok().and_then(|i| items.get(i)).into_iter().collect()
        }
        Value::Object(members) => members.get(part).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::at;
    use serde_json::json;

    #[test]
    fn a_star_is_every_item() {
        let value = json!({"a": [{"b": 1}, {"c": 2}, {"b": 3}], "x/y": 4});
        assert_eq!(at(&value, "/a/*/b"), [&json!(1), &json!(3)]);
        assert_eq!(at(&value, "/a/1/c"), [&json!(2)]);
        assert_eq!(at(&value, "/x~1y"), [&json!(4)]);
        assert!(at(&value, "/a/7").is_empty());
        assert_eq!(at(&value, ""), [&value]);
    }
}
