//! Calls of Meta's Graph API, by which WhatsApp is set up, and signatures as Meta makes them.

use std::fmt;

use anyhow::Result;
use miyabi_core::mac::mac;
use serde_json::Value;

use crate::http::{self, Reply};
use crate::problem::problem;
use crate::value::text;

/// Where the Graph API is, unless a setting says otherwise.
pub const BASE: &str = "https://graph.facebook.com/v23.0";
/// Path of the Worker to which Meta sends messages.
pub const WEBHOOK: &str = "/whatsapp/webhook";
/// Header of a request with its signature.
pub const SIGNATURE: &str = "x-hub-signature-256";
/// Id of the app, of which the Worker need not know: it is set here only, in the environment.
pub const APP_ID: &str = "WHATSAPP_APP_ID";
/// Id of the business account (WABA), which is set here only as well.
pub const ACCOUNT_ID: &str = "WHATSAPP_BUSINESS_ACCOUNT_ID";

/// Codes of failures that pass by themselves.
///
/// # Source
/// Graph API, Handle Errors, and WhatsApp Cloud API, Error codes, read 2026-11-30.
const PASSING: [u64; 5] = [1, 2, 4, 17, 80007];

/// The Graph API, by the secrets that are known.
#[derive(Clone, Copy)]
pub struct Graph<'a> {
    /// Base URL with its version, without a final slash.
    pub base: &'a str,
    /// Access token of the system user.
    pub token: &'a str,
    /// Secret of the app.
    pub app_secret: &'a str,
    /// What Meta shows when it is told the webhook's address.
    pub verify_token: &'a str,
}

impl fmt::Debug for Graph<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Graph").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// The system user, by the access token.
    User,
    /// The app of this id, by its secret.
    App(&'a str),
}

/// What the Graph API says of a call that it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Meta's code; 0 where the answer is not Meta's.
    pub code: u64,
    /// Meta's words, without any secret.
    pub message: String,
}

impl Graph<'_> {
    /// Calls, and returns what was answered, whatever its status.
    ///
    /// # Errors
    /// When nothing answers, or the token would be readable on its way.
    pub fn ask(
        &self,
        caller: Caller<'_>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply> {
        let authorization = match caller {
            Caller::User => format!("Bearer {}", self.token),
            Caller::App(id) => format!("Bearer {id}|{}", self.app_secret),
        };
        let url = format!("{}/{path}", self.base);
        http::send(method, &url, &[("authorization", &authorization)], body)
    }

    /// Calls, and returns the answer of a call that succeeds.
    ///
    /// # Errors
    /// When nothing answers, or Meta refuses.
    pub fn call(
        &self,
        caller: Caller<'_>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value> {
        let reply = self.ask(caller, method, path, body)?;
        match self.refusal(&reply) {
            None => reply.json(),
            Some(refusal) => Err(problem(format!("Meta refused: {refusal}"), refusal.hint(caller))),
        }
    }

    /// Asks what the access token is, and what it may do. It has to be part of the address, so one that would change the
    /// address is not asked about.
    ///
    /// # Errors
    /// When nothing answers, or it is no access token.
    pub fn inspect(&self, app: &str) -> Result<Reply> {
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-');
        if !self.token.bytes().all(is_plain) {
            return Err(problem(
                "WHATSAPP_ACCESS_TOKEN is no access token",
                "it has letters and digits alone",
            ));
        }
        let path = format!("debug_token?input_token={}", self.token);
        self.ask(Caller::App(app), "GET", &path, None)
    }

    /// Returns why a call was refused; `None` if it was not.
    pub fn refusal(&self, reply: &Reply) -> Option<Refusal> {
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let error = body.get("error");
        if (200..300).contains(&reply.status) && error.is_none() && body.is_object() {
            return None;
        }
        let error = error.unwrap_or(&Value::Null);
        let details = error.get("error_data").map(|data| text(data, "details")).unwrap_or_default();
        let said = [text(error, "message"), details, text(error, "error_user_msg")];
        let said: Vec<&str> = said.into_iter().filter(|it| !it.is_empty()).collect();
        let said = if said.is_empty() {
            "an answer that is not Meta's".to_owned()
        } else {
            said.join(": ")
        };
        let code = error.get("code").and_then(Value::as_u64).unwrap_or_default();
        Some(Refusal { status: reply.status, code, message: self.without_secrets(said) })
    }

    /// Meta repeats a token that it does not understand.
    pub fn without_secrets(&self, text: String) -> String {
        let secrets = [self.token, self.app_secret, self.verify_token];
        let secrets = secrets.iter().filter(|secret| !secret.is_empty());
        secrets.fold(text, |text, secret| text.replace(secret, "…"))
    }
}

impl Refusal {
    /// Returns whether it may pass by itself.
    pub fn passes(&self) -> bool {
        PASSING.contains(&self.code) || matches!(self.status, 429 | 500..=599)
    }

    /// Returns what to do about it.
    pub fn hint(&self, caller: Caller<'_>) -> String {
        let hint = match (self.code, caller) {
            _ if self.passes() => "try again in some minutes",
            (101 | 190, Caller::App(_)) => {
                return format!("do {APP_ID} and WHATSAPP_APP_SECRET belong to the same app?");
            }
            (190, Caller::User) => {
                "is WHATSAPP_ACCESS_TOKEN the system user's token, and not over or taken back?"
            }
            (3 | 10 | 200..=299, _) => {
                "the system user needs the app and the account as assets with full control, and the token both scopes"
            }
            (2200, _) => {
                "Meta asks the Worker before it takes the address: is it deployed, with this WHATSAPP_VERIFY_TOKEN and the other settings?"
            }
            (100 | 803, _) => {
                return format!(
                    "are {APP_ID}, {ACCOUNT_ID} and WHATSAPP_PHONE_NUMBER_ID right, and assigned to the system user?"
                );
            }
            (0, _) => "is WHATSAPP_API_BASE Meta's Graph API, with nothing in between?",
            _ => "docs/guide/whatsapp.md, and Meta's page on error codes",
        };
        hint.to_owned()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, code, message } = self;
        match code {
            0 => write!(formatter, "status {status}: {message}"),
            code => write!(formatter, "{message} (code {code})"),
        }
    }
}

/// Returns the signature of a request.
///
/// # Source
/// WhatsApp Cloud API, Create a webhook endpoint, Validating payloads, read 2026-11-30.
pub fn sign(secret: &str, body: &str) -> String {
    format!("sha256={}", hex::encode(mac(secret.as_bytes(), &[body.as_bytes()])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GRAPH: Graph<'static> = Graph {
        base: "http://127.0.0.1:9",
        token: "EAAhunter2",
        app_secret: "hunter3",
        verify_token: "hunter4",
    };

    fn refused(status: u16, error: &Value) -> Refusal {
        let body = json!({ "error": error }).to_string();
        GRAPH.refusal(&Reply { status, body, ..Reply::default() }).unwrap()
    }

    /// RFC 4231, test case 2.
    #[test]
    fn a_signature_is_the_mac_of_the_body() {
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("Jefe", "what do ya want for nothing?"), expected);
    }

    #[test]
    fn a_refusal_has_meta_s_words_and_its_code_and_no_secret() {
        let refusal = refused(
            400,
            &json!({ "message": "Malformed access token EAAhunter2", "code": 190, "error_data": { "details": "hunter3" }, "error_user_msg": "hunter4" }),
        );
        assert_eq!(refusal.to_string(), "Malformed access token …: …: … (code 190)");
        assert!(refusal.hint(Caller::User).contains("WHATSAPP_ACCESS_TOKEN"), "{refusal}");
        assert!(refusal.hint(Caller::App("1")).contains(APP_ID), "{refusal}");
        let of = |status, body: &str| {
            GRAPH.refusal(&Reply { status, body: body.to_owned(), ..Reply::default() })
        };
        assert_eq!(of(200, r#"{"success":true}"#), None);
        for (status, body) in [(200, "<html>"), (302, "{}"), (200, "[]")] {
            let refusal = of(status, body).unwrap();
            assert_eq!((refusal.status, refusal.code), (status, 0));
            assert_eq!(refusal.message, "an answer that is not Meta's");
        }
        assert!(!format!("{GRAPH:?}").contains("hunter"));
    }

    #[test]
    fn a_refusal_says_what_to_do_or_that_it_passes() {
        for (status, code, words) in [
            (400, 4, "try again"),
            (500, 0, "try again"),
            (403, 200, "full control"),
            (403, 10, "full control"),
            (400, 2200, "deployed"),
            (400, 100, ACCOUNT_ID),
            (404, 0, "WHATSAPP_API_BASE"),
            (400, 132_000, "docs/guide/whatsapp.md"),
        ] {
            let refusal = refused(status, &json!({ "message": "No", "code": code }));
            let hint = refusal.hint(Caller::User);
            assert!(hint.contains(words), "{code}: {hint}");
            assert_eq!(refusal.passes(), words == "try again");
        }
    }

    #[test]
    fn a_token_is_not_sent_where_others_read_it_on_its_way() {
        for base in ["http://graph.example/v23.0", "http://127.0.0.1.evil.example", "x"] {
            let graph = Graph { base, ..GRAPH };
            for error in [
                graph.ask(Caller::User, "GET", "1", None).unwrap_err(),
                graph.ask(Caller::App("1"), "GET", "1", None).unwrap_err(),
                graph.inspect("1").unwrap_err(),
            ] {
                let error = format!("{error:#}");
                assert!(error.starts_with("not sent: ") && !error.contains("hunter"), "{error}");
            }
        }
        let error = format!("{:#}", GRAPH.inspect("1").unwrap_err());
        assert!(!error.contains("hunter"), "{error}");
        let error = Graph { token: "EAA&fields=x", ..GRAPH }.inspect("1").unwrap_err();
        assert!(error.to_string().starts_with("WHATSAPP_ACCESS_TOKEN is no access token"));
    }
}
