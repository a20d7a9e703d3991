//! Finds the mentions that ping somebody.
//!
//! Mentions inside code count too, so that a test for "nobody" cannot pass by accident.

use serde_json::Value;

/// Mentions in a content that its `allowed_mentions` lets through, in order, each once.
///
/// Without `allowed_mentions`, the default of webhooks and interactions applies: users only.
pub(crate) fn find(content: &str, allowed: Option<&Value>) -> Vec<String> {
    let mut found = Vec::new();
    for word in ["@everyone", "@here"] {
        if content.contains(word) && parses(allowed, "everyone") {
            found.push(word.to_owned());
        }
    }
    for piece in content.split('<').skip(1) {
        let Some((inside, _)) = piece.split_once('>') else { continue };
        let (kind, id) = if let Some(id) = inside.strip_prefix("@&") {
            ("roles", id)
        } else if let Some(id) = inside.strip_prefix('@') {
            ("users", id.trim_start_matches('!'))
        } else {
            continue;
        };
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let mention = if kind == "roles" { format!("<@&{id}>") } else { format!("<@{id}>") };
        if is_id && is_allowed(allowed, kind, id) && !found.contains(&mention) {
            found.push(mention);
        }
    }
    found
}

fn is_allowed(allowed: Option<&Value>, kind: &str, id: &str) -> bool {
    let listed = |value: &Value| {
        let ids = value.get(kind).and_then(Value::as_array);
        ids.is_some_and(|ids| ids.iter().any(|entry| entry == id))
    };
    parses(allowed, kind) || allowed.is_some_and(listed)
}

fn parses(allowed: Option<&Value>, kind: &str) -> bool {
    match allowed {
        None | Some(Value::Null) => kind == "users",
        Some(value) => {
            let kinds = value.get("parse").and_then(Value::as_array);
            kinds.is_some_and(|kinds| kinds.iter().any(|entry| entry == kind))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::find;

    #[test]
    fn follows_allowed_mentions() {
        let content = "@everyone hi <@12> <@!12> \\<@34> <@&56> <#78> <@x>";
        let cases: [(Option<Value>, &[&str]); 6] = [
            (None, &["<@12>", "<@34>"]),
            (Some(json!({ "parse": [] })), &[]),
            (Some(json!({})), &[]),
            (Some(json!({ "parse": ["everyone", "roles"] })), &["@everyone", "<@&56>"]),
            (Some(json!({ "users": ["34"] })), &["<@34>"]),
            (Some(Value::Null), &["<@12>", "<@34>"]),
        ];
        for (allowed, expected) in cases {
            assert_eq!(find(content, allowed.as_ref()), expected, "{allowed:?}");
        }
    }
}
