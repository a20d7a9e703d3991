//! The description says what the table has: no more, no less.

use std::collections::BTreeSet;

use super::super::table::{ROUTES, Takes};
use super::*;
use miyabi_core::key::{Access, Scope};

/// Methods that a path of the description may have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn described() -> Value {
    serde_json::from_str(include_str!("../openapi.json")).unwrap()
}

#[test]
fn the_description_has_the_routes_of_the_table_with_their_scopes() {
    let document = described();
    let mut found = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            let scope = operation["security"].pointer("/0/key/0").and_then(Value::as_str);
            let has = |way: &str| {
                operation["security"].as_array().unwrap().iter().any(|it| it.get(way).is_some())
            };
            // Programs have no cookies, and a visitor no socket.
            let is_socket = operation["responses"].get("101").is_some();
            let takes_cookies = path.starts_with("/api/") && scope.is_some();
            let is_visitors = takes_cookies
                && scope
                    .is_some_and(|it| !is_socket && (it.starts_with("chat") || it == "usage:read"));
            assert_eq!(has("person"), takes_cookies, "{method} {path}");
            assert_eq!(has("session"), is_visitors, "{method} {path}");
            let scope = scope.unwrap_or_default().to_owned();
            found.insert((method.to_uppercase(), path.clone(), scope));
        }
    }
    let known = ROUTES.iter().map(|route| {
        let scope = match route.handler {
            Handler::Public(_) => "",
            Handler::Keyed(_, scope, access) => scope.named(access),
        };
        (route.method.to_owned(), route.path.to_owned(), scope.to_owned())
    });
    assert_eq!(found, known.collect());
}

#[test]
fn each_operation_has_a_name_and_every_status_that_the_way_to_it_has() {
    let document = described();
    let mut names = BTreeSet::new();
    for route in &ROUTES {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
        let mut expected = vec!["400", "405"];
        if matches!(route.handler, Handler::Keyed(..)) {
            expected.extend(["401", "403", "500", "503"]);
        }
        if matches!(route.handler, Handler::Keyed(Keyed::Socket(_), ..)) {
            expected.push("101");
        } else if route.path == "/mcp" {
            expected.extend(["200", "202"]);
        } else if matches!(route.handler, Handler::Keyed(_, Scope::Chat, _))
            && route.path.starts_with("/api/")
        {
            expected.push("429");
        }
        let takes = route.takes != Takes::Nothing;
        if takes {
            expected.extend(["413", "415"]);
            let kinds: &[&str] = match route.takes {
                Takes::File => &["application~1octet-stream", "multipart~1form-data"],
                Takes::Nothing | Takes::Json | Takes::MaybeJson => &["application~1json"],
            };
            for kind in kinds {
                let schema = format!("/requestBody/content/{kind}/schema");
                assert!(operation.pointer(&schema).is_some(), "{operation}");
            }
            let required = operation.pointer("/requestBody/required");
            assert_eq!(required, Some(&(route.takes != Takes::MaybeJson).into()), "{}", route.path);
        }
        assert_eq!(operation.get("requestBody").is_some(), takes, "{}", route.path);
        for status in expected {
            assert!(operation["responses"].get(status).is_some(), "{} {status}", route.path);
        }
        let parameters = route.path.split('/').filter_map(|part| part.strip_prefix('{'));
        for name in parameters.map(|name| name.trim_end_matches('}')) {
            let is_it = |it: &Value| it["name"] == name && it["in"] == "path";
            assert!(operation["parameters"].as_array().unwrap().iter().any(is_it), "{name}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(document: &Value, value: &Value) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let items = value.as_array().into_iter().flatten();
        let fields = value.as_object().into_iter().flat_map(|object| object.values());
        items.chain(fields).for_each(|inner| check(document, inner));
    }
    let document = described();
    check(&document, &document);
}

#[test]
fn the_description_names_every_scope() {
    let named = described();
    let named = named.pointer("/components/schemas/Scope/enum").and_then(Value::as_array);
    let named: BTreeSet<_> = named.unwrap().iter().filter_map(Value::as_str).collect();
    let known = Scope::ALL
        .into_iter()
        .flat_map(|scope| [Access::Read, Access::Write].map(|access| scope.named(access)));
    assert_eq!(named, known.collect());
}
