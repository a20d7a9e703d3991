//! Calls of Slack's Web API, and signatures as Slack makes them.

use anyhow::{Result, bail};
use miyabi_core::mac::mac;
use serde_json::Value;

use crate::http::{self, Reply};
use crate::problem::problem;
use crate::value::text;

/// Where the Web API is, unless a setting says otherwise.
pub const BASE: &str = "https://slack.com/api";
/// Path of the Worker to which events go.
pub const EVENTS: &str = "/slack/events";
/// Path of the Worker to which slash commands go.
pub const COMMANDS: &str = "/slack/commands";
/// Path of the Worker to which buttons and shortcuts go.
pub const INTERACTIVITY: &str = "/slack/interactivity";
/// Header of every answer that says what the token may do.
pub const SCOPES: &str = "x-oauth-scopes";

/// What Slack says of a token that is none, or none any more.
const NO_TOKEN: [&str; 6] = [
    "account_inactive",
    "invalid_auth",
    "no_permission",
    "not_authed",
    "token_expired",
    "token_revoked",
];

/// The Web API, by a token.
#[derive(Debug, Clone, Copy)]
pub struct Api<'a> {
    /// Base URL of the API, without a final slash.
    pub base: &'a str,
    /// Token of a bot, or of an app's configuration.
    pub token: &'a str,
    /// The setting that has the token.
    pub setting: &'static str,
}

impl Api<'_> {
    /// Calls a method, and returns what was answered, whatever its status.
    ///
    /// # Errors
    /// When nothing answers, or the token would be readable on its way.
    pub fn ask(&self, method: &str, arguments: &Value) -> Result<Reply> {
        let authorization = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json; charset=utf-8"),
        ];
        http::send("POST", &format!("{}/{method}", self.base), &headers, Some(arguments))
    }

    /// Calls a method, and returns what it answers, also where that is a refusal with its reasons.
    ///
    /// # Errors
    /// When nothing answers, or Slack does not take the token.
    pub fn call(&self, method: &str, arguments: &Value) -> Result<(Reply, Value)> {
        let reply = self.ask(method, arguments)?;
        match refusal(&reply) {
            Some(code) if is_about_token(&code) => Err(problem(
                format!("Slack refused the token: {code}"),
                format!("is {} the token that Slack shows now?", self.setting),
            )),
            Some(code) if reply.status != 200 => bail!("{method}: {code}"),
            _ => {
                let body = reply.json()?;
                Ok((reply, body))
            }
        }
    }
}

/// Returns why a call was refused, in Slack's word for it; `None` if it was not.
pub fn refusal(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    match (reply.status, body.get("ok"), text(&body, "error")) {
        (200, Some(Value::Bool(true)), _) => None,
        (200, _, "") => Some("an answer that is not Slack's".to_owned()),
        (200, _, code) => Some(code.to_owned()),
        (status, ..) => Some(format!("status {status}")),
    }
}

/// Returns whether a refusal is about the token.
pub fn is_about_token(code: &str) -> bool {
    NO_TOKEN.contains(&code)
}

/// Returns the signature of a request that is sent at this time, in seconds.
///
/// # Source
/// Slack docs/Verifying requests from Slack, read 2026-11-30.
pub fn sign(secret: &str, timestamp: &str, body: &str) -> String {
    let signed = format!("v0:{timestamp}:{body}");
    format!("v0={}", hex::encode(mac(secret.as_bytes(), &[signed.as_bytes()])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of Slack's own document.
    #[test]
    fn a_signature_is_as_slack_makes_it() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
                    &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
                    &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
                    %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
                    &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signature = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body);
        let expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        assert_eq!(signature, expected);
    }

    #[test]
    fn a_refusal_is_read_from_the_body_since_its_status_is_200() {
        let of = |status, body: &str| {
            refusal(&Reply { status, body: body.to_owned(), ..Reply::default() })
        };
        assert_eq!(of(200, r#"{"ok":true}"#), None);
        let code = of(200, r#"{"ok":false,"error":"invalid_auth"}"#).unwrap();
        assert!(is_about_token(&code));
        assert_eq!(of(200, "<html>").unwrap(), "an answer that is not Slack's");
        assert_eq!(of(503, r#"{"ok":true}"#).unwrap(), "status 503");
        assert!(!is_about_token("ratelimited"));
    }

    #[test]
    fn a_token_is_not_sent_where_others_read_it_on_its_way() {
        for base in ["http://slack.example/api", "http://127.0.0.1.evil.example", "x"] {
            let api = Api { base, token: "xoxb-secret", setting: "SLACK_BOT_TOKEN" };
            let error = api.ask("auth.test", &json!({})).unwrap_err().to_string();
            assert!(error.starts_with("not sent: ") && !error.contains("secret"), "{error}");
        }
    }
}
