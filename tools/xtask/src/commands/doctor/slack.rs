//! What Slack says, asked with the token that is known here, and whether the Worker knows Slack's requests from
//! others'. Nothing is changed, and no event asks anything.

use anyhow::Result;
use serde_json::{Value, json};

use super::Subject;
use super::report::Line;
use crate::commands::register::slack::{manifest, who};
use crate::http::{self, Reply};
use crate::slack::{Api, BASE, EVENTS, SCOPES, is_about_token, refusal, sign};
use crate::value::text;

const TOKEN: &str = "SLACK_BOT_TOKEN";
const SECRET: &str = "SLACK_SIGNING_SECRET";
const REGISTER: &str = "cargo xtask register --channel slack --url … has what is needed; put it, and reinstall the app";
/// Age of a request that nobody may take, in seconds: five minutes are the limit, and clocks differ.
const OLD_S: u64 = 6 * 60;
/// What the Worker has to say back.
const CHALLENGE: &str = "the doctor is in";

/// What Slack or the Worker answered, or why it did not.
type Answer = Result<Reply>;

/// Looks at the installed app, and from the other end at the Worker's address for events.
pub fn check(subject: &Subject) -> Vec<Line> {
    let [token, secret] = match subject.messenger([TOKEN, SECRET]) {
        Ok(secrets) => secrets,
        Err(line) => return vec![line],
    };
    let base = subject.value("SLACK_API_BASE").unwrap_or(BASE).trim_end_matches('/');
    let api = Api { base, token, setting: TOKEN };
    let mut lines = app(&api.ask("auth.test", &json!({})));
    lines.extend(subject.url.as_deref().map(|url| worker(url, secret)).unwrap_or_default());
    lines
}

/// Says whose token it is, and what it may do.
fn app(answer: &Answer) -> Vec<Line> {
    let what = "app";
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return vec![Line::warn(what, format!("{error:#}"), "try again")],
    };
    if let Some(code) = refusal(reply) {
        let detail = format!("Slack answered: {code}");
        let hint = "is it the one under OAuth & Permissions, Bot User OAuth Token?";
        return vec![if is_about_token(&code) {
            Line::fail(what, detail, format!("{TOKEN}: {hint}"))
        } else {
            Line::warn(what, detail, "try again in some minutes")
        }];
    }
    let body = reply.json().unwrap_or_default();
    if text(&body, "bot_id").is_empty() {
        let detail = "the token is a person's, not a bot's";
        return vec![Line::fail(what, detail, format!("{TOKEN} begins with xoxb-"))];
    }
    vec![Line::ok(what, format!("{}, by its token", who(&body))), scopes(reply)]
}

fn scopes(reply: &Reply) -> Line {
    let what = "scopes";
    let Some(granted) = reply.headers.get(SCOPES) else {
        let hint = "is SLACK_API_BASE Slack, with nothing in between?";
        return Line::warn(what, "Slack did not say what the app may do", hint);
    };
    let missing = manifest::missing(granted);
    if missing.is_empty() {
        return Line::ok(what, format!("all {} that are needed", manifest::SCOPES.len()));
    }
    Line::fail(what, format!("missing: {}", missing.join("; ")), REGISTER)
}

/// Looks whether the Worker refuses what Slack has not signed or has signed long ago, and knows what it has.
fn worker(url: &str, secret: &str) -> Vec<Line> {
    let body = json!({ "type": "url_verification", "challenge": CHALLENGE });
    let send = |timestamp: u64, secret: Option<&str>| {
        let timestamp = timestamp.to_string();
        let signature = secret.map(|secret| sign(secret, &timestamp, &body.to_string()));
        let mut headers = vec![("x-slack-request-timestamp", timestamp.as_str())];
        headers.extend(signature.as_deref().map(|value| ("x-slack-signature", value)));
        http::send("POST", &format!("{url}{EVENTS}"), &headers, Some(&body))
    };
    let now = now();
    vec![
        refused("an unsigned event", &send(now, None)),
        refused("a forged event", &send(now, Some("forged"))),
        refused("an old event", &send(now.saturating_sub(OLD_S), Some(secret))),
        genuine(&send(now, Some(secret))),
    ]
}

fn now() -> u64 {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    time.unwrap_or_default().as_secs()
}

fn refused(what: &str, answer: &Answer) -> Line {
    match answer {
        Ok(reply) if reply.status == 401 => Line::ok(what, "is refused with 401"),
        Ok(reply) if reply.status == 503 => {
            let hint = format!("npx wrangler secret put {SECRET}, and {TOKEN}");
            Line::fail(what, "cannot be checked: Slack is off there", hint)
        }
        Ok(reply) => {
            let detail = format!("is answered with {}, not 401", reply.status);
            Line::fail(what, detail, "does this address belong to Miyabi, with nothing in front?")
        }
        Err(error) => Line::error(what, error),
    }
}

fn genuine(answer: &Answer) -> Line {
    let what = "a genuine event";
    match answer {
        Ok(reply) if is_challenge(reply) => Line::ok(what, "is answered with its challenge"),
        Ok(reply) if (200..300).contains(&reply.status) => {
            let detail = format!("is answered with {}, without its challenge", reply.status);
            Line::fail(what, detail, "does this address belong to Miyabi, with nothing in front?")
        }
        Ok(reply) => {
            let detail = format!("is answered with {}", reply.status);
            let hint = format!(
                "is {SECRET} here the one that is set there, and the clock of this machine right?"
            );
            Line::fail(what, detail, hint)
        }
        Err(error) => Line::error(what, error),
    }
}

/// Slack takes the challenge as JSON, and as text alone.
fn is_challenge(reply: &Reply) -> bool {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    reply.status == 200 && (text(&body, "challenge") == CHALLENGE || reply.body == CHALLENGE)
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::super::testing::{answer, is_off_without_all, states};
    use super::*;

    fn granting(scopes: &str) -> Answer {
        let body = json!({
            "ok": true, "user": "miyabi", "user_id": "U1", "team": "Acme", "team_id": "T1",
            "bot_id": "B1",
        });
        let mut reply = answer(200, &body)?;
        reply.headers.insert(SCOPES.to_owned(), scopes.to_owned());
        Ok(reply)
    }

    #[test]
    fn without_secrets_it_is_off_in_one_line_and_with_one_of_them_broken() {
        is_off_without_all(check, [TOKEN, SECRET]);
    }

    #[test]
    fn an_app_is_one_that_slack_knows_and_that_may_do_what_is_needed() {
        let all = manifest::SCOPES.map(|(scope, _)| scope).join(",");
        let lines = app(&granting(&all));
        assert_eq!(lines[0], Line::ok("app", "@miyabi (U1) in Acme (T1), by its token"));
        assert_eq!(states(&lines), [State::Ok, State::Ok]);
        let lines = app(&granting(&all.replace(",files:read", "")));
        assert_eq!(states(&lines), [State::Ok, State::Fail]);
        assert_eq!(lines[1].detail, "missing: files:read (it cannot read files)");
        let mut silent = granting("").unwrap();
        silent.headers.clear();
        assert_eq!(states(&app(&Ok(silent))), [State::Ok, State::Warn]);
    }

    #[test]
    fn a_token_that_is_none_fails_and_what_may_pass_is_a_warning() {
        let refused = |code: &str| app(&answer(200, &json!({ "ok": false, "error": code })));
        let lines = refused("invalid_auth");
        assert_eq!((lines[0].state, lines.len()), (State::Fail, 1));
        assert!(lines[0].hint.contains("Bot User OAuth Token"), "{}", lines[0]);
        assert_eq!(states(&refused("ratelimited")), [State::Warn]);
        assert_eq!(states(&app(&answer(503, &json!({})))), [State::Warn]);
        assert_eq!(states(&app(&Err(anyhow::anyhow!("no answer")))), [State::Warn]);
        let person = answer(200, &json!({ "ok": true, "user": "mio", "user_id": "U2" }));
        assert_eq!(states(&app(&person)), [State::Fail]);
    }

    #[test]
    fn the_worker_knows_a_forged_event_from_a_genuine_one() {
        let of = |status| refused("it", &answer(status, &json!({}))).state;
        assert_eq!(
            [of(401), of(200), of(503), of(404)],
            [State::Ok, State::Fail, State::Fail, State::Fail]
        );
        let echo = json!({ "challenge": CHALLENGE });
        assert_eq!(genuine(&answer(200, &echo)).state, State::Ok);
        let plain = Reply { status: 200, body: CHALLENGE.to_owned(), ..Reply::default() };
        assert_eq!(genuine(&Ok(plain)).state, State::Ok);
        for (status, body) in [(200, json!({})), (401, echo.clone()), (503, echo)] {
            assert_eq!(genuine(&answer(status, &body)).state, State::Fail, "{status}");
        }
    }
}
