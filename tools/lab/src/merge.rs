//! Merges JSON patches into JSON values, and leaves out what is null.

use serde_json::Value;

/// Merges a patch as RFC 7396 says: objects deeply, `null` removes, anything else replaces.
///
/// Unlike in the RFC, a `null` inside a new object is kept, because Discord's payloads contain many.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let (Some(target), Some(patch)) = (target.as_object_mut(), patch.as_object()) else { return };
    for (key, value) in patch {
        match (target.get_mut(key), value) {
            (Some(_), Value::Null) => {
                target.remove(key);
            }
            (Some(existing @ Value::Object(_)), Value::Object(_)) => merge(existing, value),
            _ => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
}

/// An object without those of its fields that are null.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn a_patch_replaces_and_removes() {
        let mut value = json!({ "a": { "b": 1, "c": 2 }, "d": 3 });
        merge(&mut value, &json!({ "a": { "b": null, "e": 4 }, "d": [5], "f": null }));
        assert_eq!(value, json!({ "a": { "c": 2, "e": 4 }, "d": [5], "f": null }));
    }
}
