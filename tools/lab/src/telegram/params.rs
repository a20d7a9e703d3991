//! The parameters of a call: JSON, or the parts of a multipart body.

use serde_json::{Map, Value, json};

use super::errors;
use super::route::Method;
use super::schema::Schemas;
use crate::http::{File, Inbound, Payload, Reply};

/// What a call says.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    /// Uploaded files; a parameter names its own, or `attach://` another.
    files: Vec<File>,
}

impl Params {
    /// Reads and checks the parameters of a call.
    ///
    /// # Errors
    /// The refusal, if something is missing, of another type, unknown, or not read at all.
    pub(super) fn read(
        schemas: &Schemas,
        method: Method,
        inbound: &Inbound,
    ) -> Result<Self, Reply> {
        if !inbound.query.is_empty() {
            return Err(errors::stricter("parameters belong into the body"));
        }
        let params = match &inbound.body {
            Payload::Empty => Self::default(),
            Payload::Json(Value::Object(values)) => {
                Self { values: values.clone(), files: Vec::new() }
            }
            Payload::Multipart { files, .. } => Self::of_parts(schemas, method, files)?,
            Payload::Json(_) | Payload::Broken(_) => {
                return Err(errors::mistake("can't parse the request body"));
            }
            Payload::Other(text) if is_form(inbound) => {
                let mut params = Self::default();
                for (name, text) in form_urlencoded::parse(text.as_bytes()) {
                    params.insert(schemas, method, &name, text.into_owned());
                }
                params
            }
            Payload::Other(_) => {
                return Err(errors::stricter("the body is neither JSON nor a form"));
            }
        };
        let found = schemas.check_call(method.name(), &params.values);
        match found.first() {
            None => Ok(params),
            Some(first) if first == "`chat_id` is missing" => {
                Err(errors::mistake("chat_id is empty"))
            }
            Some(first) if first == "`text` is missing" => {
                Err(errors::mistake("message text is empty"))
            }
            Some(_) => Err(errors::stricter(&format!("{}: {}", method.name(), found.join("; ")))),
        }
    }

    /// The text of a message within another object, as the parameters of a message.
    pub(super) fn of_content(content: &Value, markup: &Value) -> Self {
        let values = [
            ("text", &content["message_text"]),
            ("entities", &content["entities"]),
            ("parse_mode", &content["parse_mode"]),
            ("reply_markup", markup),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
        Self { values: values.collect(), files: Vec::new() }
    }

    /// A part with a file name is a file, and any other one a value.
    fn of_parts(schemas: &Schemas, method: Method, parts: &[File]) -> Result<Self, Reply> {
        let mut params = Self::default();
        for part in parts {
            let field = schemas.parameter(method.name(), &part.field);
            if !part.filename.is_empty() {
                if field.is_some_and(|field| !field.takes_file()) {
                    return Err(errors::stricter(&format!("`{}` takes no file", part.field)));
                }
                if field.is_some() {
                    let own = json!(format!("attach://{}", part.field));
                    params.values.insert(part.field.clone(), own);
                }
                params.files.push(part.clone());
                continue;
            }
            let text = String::from_utf8_lossy(&part.bytes).into_owned();
            params.insert(schemas, method, &part.field, text);
        }
        Ok(params)
    }

    /// Takes a parameter of a form, where what is no text is JSON.
    fn insert(&mut self, schemas: &Schemas, method: Method, name: &str, text: String) {
        let field = schemas.parameter(method.name(), name);
        let is_text = field.is_none_or(super::schema::Field::takes_text);
        let value = if is_text { None } else { serde_json::from_str(&text).ok() };
        self.values.insert(name.to_owned(), value.unwrap_or(Value::String(text)));
    }

    /// A parameter; null if it is not given.
    pub(super) fn value(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_str()
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.value(name).as_i64()
    }

    /// A list.
    pub(super) fn list(&self, name: &str) -> &[Value] {
        self.value(name).as_array().map_or(&[], Vec::as_slice)
    }

    /// The upload that a value `attach://NAME` means.
    pub(super) fn upload(&self, value: &str) -> Option<&File> {
        let name = value.strip_prefix("attach://")?;
        self.files.iter().find(|file| file.field == name)
    }
}

fn is_form(inbound: &Inbound) -> bool {
    let kind = inbound.header("content-type").unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
}
