//! Who calls, and with what: tokens, JSON, forms and queries.

use serde_json::{Map, Value, json};

use super::errors;
use super::state::State;
use super::world::{ACCESS_TOKEN, APP_ID, APP_SECRET};
use crate::clock;
use crate::http::{Inbound, Payload, Reply};

/// The token of a call, in its header.
fn token(inbound: &Inbound) -> Option<&str> {
    inbound.header("authorization")?.strip_prefix("Bearer ")
}

/// Looks at the token of a call, and at the scope that it wants.
///
/// # Errors
/// The refusal: there is none, another, an old one, or one that may not do this.
pub(super) fn authorize(state: &State, inbound: &Inbound, scope: &str) -> Result<(), Reply> {
    if inbound.parameter("access_token").is_some() {
        return Err(errors::stricter("a token in an address is logged on its way"));
    }
    let expires_at = state.config.token_expires_at;
    match token(inbound) {
        None => Err(errors::mistake(190, "An access token is required to request this resource.")),
        Some(ACCESS_TOKEN) if expires_at > 0 && expires_at <= clock::now_ms() / 1_000 => {
            Err(errors::refuse(190, "Error validating access token: Session has expired."))
        }
        Some(ACCESS_TOKEN) if state.config.scopes().any(|granted| granted == scope) => Ok(()),
        Some(ACCESS_TOKEN) => {
            Err(errors::refuse(200, &format!("the token has no permission {scope}")))
        }
        Some(_) => Err(errors::mistake(190, "Cannot parse access token")),
    }
}

/// The token of the app itself: its id and its secret.
///
/// # Errors
/// The refusal.
pub(super) fn authorize_app(inbound: &Inbound, given: &Value) -> Result<(), Reply> {
    let expected = format!("{APP_ID}|{APP_SECRET}");
    let given = given["access_token"].as_str().or_else(|| token(inbound));
    match given {
        Some(given) if given == expected => Ok(()),
        Some(_) => Err(errors::mistake(190, "Invalid OAuth access token signature.")),
        None => {
            Err(errors::mistake(190, "An app access token is required to request this resource."))
        }
    }
}

/// What a call says: JSON, a form, or its query.
///
/// # Errors
/// The refusal of what is neither.
pub(super) fn read(inbound: &Inbound) -> Result<Value, Reply> {
    let mut fields = Map::new();
    let of_pairs = |fields: &mut Map<String, Value>, text: &str| {
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            fields.insert(key.into_owned(), json!(value));
        }
    };
    of_pairs(&mut fields, &inbound.query);
    match &inbound.body {
        Payload::Empty => {}
        Payload::Json(Value::Object(given)) => fields.extend(given.clone()),
        Payload::Other(text) => of_pairs(&mut fields, text),
        Payload::Json(_) | Payload::Broken(_) | Payload::Multipart { .. } => {
            return Err(errors::mistake(100, "the body is neither an object nor a form"));
        }
    }
    Ok(Value::Object(fields))
}

/// An object with the fields that `fields` names, and always its id.
///
/// # Errors
/// The refusal of a field that it does not have.
pub(super) fn chosen(inbound: &Inbound, usual: &[&str], all: &Value) -> Result<Value, Reply> {
    let given = inbound.parameter("fields");
    let names: Vec<&str> = match &given {
        Some(text) => text.split(',').map(|name| name.split('{').next().unwrap_or(name)).collect(),
        None => usual.to_vec(),
    };
    let mut value = json!({ "id": all["id"] });
    for name in names {
        if all.get(name).is_none() {
            let what = format!("Tried accessing nonexisting field ({name})");
            return Err(errors::mistake(100, &what));
        }
        value[name] = all[name].clone();
    }
    Ok(value)
}
