//! What Telegram says, asked with the secrets that are known here, and whether the Worker and Telegram know each
//! other. Nothing is changed, and no update asks anything.

use anyhow::Result;
use miyabi_core::config::is_base_url;
use miyabi_core::i18n::Language;
use serde_json::{Value, json};

use super::Subject;
use super::report::Line;
use crate::commands::register::telegram::{menu_changes, webhook_changes};
use crate::http::{self, Reply};
use crate::telegram::{BASE, Bot, WEBHOOK, description};
use crate::value::text;

const TOKEN: &str = "TELEGRAM_BOT_TOKEN";
const SECRET: &str = "TELEGRAM_SECRET_TOKEN";
const HEADER: &str = "x-telegram-bot-api-secret-token";
const REGISTER: &str = "cargo xtask register --channel telegram --url …";
/// What no method of the Bot API tells, and without which what is asked inline gets no answer.
const FEEDBACK: &str =
    "nobody can look: BotFather, /setinlinefeedback, Enabled (100%), else answers do not come";
/// Age from which an error of a delivery is an old story, in seconds.
const OLD_S: u64 = 3_600;

/// What Telegram or the Worker answered, or why it did not.
type Answer = Result<Reply>;

/// Looks at the bot and its webhook, and from the other end at the Worker's address for updates.
pub fn check(subject: &Subject) -> Vec<Line> {
    let [token, secret] = match subject.messenger([TOKEN, SECRET]) {
        Ok(secrets) => secrets,
        Err(line) => return vec![line],
    };
    let base = subject.value("TELEGRAM_API_BASE").unwrap_or(BASE).trim_end_matches('/');
    let bot = Bot { base, token };
    let mut lines = bot_lines(&bot.ask("getMe", &json!({})));
    lines.extend(webhook(&bot.ask("getWebhookInfo", &json!({})), subject.url.as_deref()));
    lines.push(commands(|language| {
        let code = if language == Language::Japanese { "ja" } else { "" };
        bot.ask("getMyCommands", &json!({ "language_code": code }))
    }));
    lines.extend(subject.url.as_deref().map(|url| worker(url, secret)).unwrap_or_default());
    lines
}

/// Returns the result of a call, or the line that says why there is none.
fn result(what: &str, answer: &Answer) -> Result<Value, Line> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Err(Line::warn(what, format!("{error:#}"), "try again")),
    };
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    if let (200, Some(result)) = (reply.status, body.get("result")) {
        return Ok(result.clone());
    }
    let detail = format!("Telegram answered {}: {}", reply.status, description(&body));
    Err(match reply.status {
        401 | 404 => Line::fail(what, detail, format!("is {TOKEN} the one of BotFather?")),
        400..=428 => Line::fail(what, detail, REGISTER),
        _ => Line::warn(what, detail, "try again in some minutes"),
    })
}

fn bot_lines(answer: &Answer) -> Vec<Line> {
    let what = "bot";
    let bot = match result(what, answer) {
        Ok(bot) => bot,
        Err(line) => return vec![line],
    };
    let mut lines = vec![Line::ok(what, format!("@{}, by its token", text(&bot, "username")))];
    if bot.get("can_read_all_group_messages") == Some(&json!(true)) {
        let detail = "is off: Telegram sends every message of the bot's groups";
        let hint = "BotFather, /setprivacy, Enable; it needs no more than what is meant for it";
        lines.push(Line::warn("privacy mode", detail, hint));
    }
    if bot.get("supports_inline_queries") == Some(&json!(true)) {
        // No finding: it would never go, since no method tells whether that is set.
        let detail = format!("@{} may be named in any chat; {FEEDBACK}", text(&bot, "username"));
        lines.push(Line::ok("inline mode", detail));
    }
    lines
}

/// Compares the webhook with what it should be, and tells of updates that did not arrive.
fn webhook(answer: &Answer, url: Option<&str>) -> Vec<Line> {
    let what = "address for updates";
    let info = match result(what, answer) {
        Ok(info) => info,
        Err(line) => return vec![line],
    };
    let mut lines = vec![match (text(&info, "url"), url) {
        ("", _) => Line::fail(what, "Telegram does not know where to send updates", REGISTER),
        (set, None) => {
            let hint = "--url https://… compares it";
            Line::warn(what, format!("updates go to {set}; not compared"), hint)
        }
        (set, Some(url)) => {
            let changes = webhook_changes(&info, url);
            if changes.is_empty() {
                Line::ok(what, format!("updates go to {set}"))
            } else {
                Line::fail(what, changes.join("; "), REGISTER)
            }
        }
    }];
    let number = |name: &str| info.get(name).and_then(Value::as_u64).unwrap_or_default();
    let age = now().saturating_sub(number("last_error_date"));
    let waiting = number("pending_update_count");
    let error = Some(text(&info, "last_error_message")).filter(|it| !it.is_empty() && age < OLD_S);
    lines.push(match (waiting, error) {
        (_, Some(error)) => {
            let detail = format!("{waiting} wait; {} min ago: {error}", age / 60);
            Line::warn("updates", detail, "docs/guide/troubleshoot.md has what Telegram says")
        }
        (0, None) => Line::ok("updates", "none waits"),
        (_, None) => Line::ok("updates", format!("{waiting} wait")),
    });
    lines
}

fn now() -> u64 {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    time.unwrap_or_default().as_secs()
}

/// Compares the menus with the code's commands.
fn commands(ask: impl Fn(Language) -> Answer) -> Line {
    let what = "menus";
    let mut changes = Vec::new();
    for language in Language::ALL {
        match result(what, &ask(language)) {
            Ok(list) => changes.extend(menu_changes(&list, language)),
            Err(line) => return line,
        }
    }
    if changes.is_empty() {
        return Line::ok(what, "as the code has them");
    }
    Line::fail(what, changes.join("; "), REGISTER)
}

/// Looks whether the Worker refuses a forged update, and takes one that is genuine and asks nothing.
fn worker(url: &str, secret: &str) -> Vec<Line> {
    let send = |secret: &str| {
        let url = format!("{url}{WEBHOOK}");
        http::send("POST", &url, &[(HEADER, secret)], Some(&json!({ "update_id": 0 })))
    };
    let mut lines = vec![forged(&send("forged"))];
    if is_base_url(url) {
        lines.push(genuine(&send(secret)));
    } else {
        let detail = "not sent: the secret would be readable on its way";
        lines.push(Line::warn("a genuine update", detail, "use https"));
    }
    lines
}

fn forged(answer: &Answer) -> Line {
    let what = "a forged update";
    match answer {
        Ok(reply) if reply.status == 401 => Line::ok(what, "is refused with 401"),
        Ok(reply) if reply.status == 503 => {
            let hint = format!("npx wrangler secret put {TOKEN}, and {SECRET}");
            Line::fail(what, "cannot be checked: Telegram is off there", hint)
        }
        Ok(reply) => {
            let detail = format!("is answered with {}, not 401", reply.status);
            Line::fail(what, detail, "does this address belong to Miyabi, with nothing in front?")
        }
        Err(error) => Line::error(what, error),
    }
}

fn genuine(answer: &Answer) -> Line {
    let what = "a genuine update";
    match answer {
        Ok(reply) if (200..300).contains(&reply.status) => Line::ok(what, "is taken"),
        Ok(reply) => {
            let detail = format!("is answered with {}", reply.status);
            Line::fail(what, detail, format!("is {SECRET} here the one that is set there?"))
        }
        Err(error) => Line::error(what, error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::super::testing::{answer, is_off_without_all, states};
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests write it in place")]
    fn good(result: Value) -> Answer {
        answer(200, &json!({ "ok": true, "result": result }))
    }

    #[test]
    fn without_secrets_it_is_off_in_one_line_and_with_one_of_them_broken() {
        is_off_without_all(check, [TOKEN, SECRET]);
    }

    #[test]
    fn a_bot_is_one_that_telegram_knows_and_sees_only_what_is_meant_for_it() {
        let bot = |sees: bool| json!({ "username": "m_bot", "can_read_all_group_messages": sees });
        assert_eq!(bot_lines(&good(bot(false))), [Line::ok("bot", "@m_bot, by its token")]);
        assert_eq!(states(&bot_lines(&good(bot(true)))), [State::Ok, State::Warn]);
        let inline = json!({ "username": "m_bot", "supports_inline_queries": true });
        let lines = bot_lines(&good(inline));
        assert_eq!(states(&lines), [State::Ok, State::Ok]);
        assert!(lines[1].to_string().contains("/setinlinefeedback"), "{}", lines[1]);
        let refusal = json!({ "ok": false, "error_code": 401, "description": "Unauthorized" });
        let lines = bot_lines(&answer(401, &refusal));
        assert_eq!(lines[0].detail, "Telegram answered 401: Unauthorized");
        assert_eq!(states(&lines), [State::Fail]);
        assert_eq!(states(&bot_lines(&answer(502, &json!({})))), [State::Warn]);
        assert_eq!(states(&bot_lines(&Err(anyhow::anyhow!("no answer")))), [State::Warn]);
    }

    #[test]
    fn a_webhook_goes_to_the_worker_and_its_updates_arrive() {
        let url = Some("https://m.example");
        let mut info = json!({
            "url": "https://m.example/telegram/webhook", "pending_update_count": 0,
            "max_connections": 40, "allowed_updates": miyabi_channels::telegram::parse::SERVED,
        });
        assert_eq!(states(&webhook(&good(info.clone()), url)), [State::Ok, State::Ok]);
        assert_eq!(states(&webhook(&good(info.clone()), None)), [State::Warn, State::Ok]);
        let other = Some("https://other.example");
        assert_eq!(states(&webhook(&good(info.clone()), other)), [State::Fail, State::Ok]);
        info["pending_update_count"] = json!(3);
        info["last_error_message"] = json!("Wrong response from the webhook: 503");
        info["last_error_date"] = json!(now() - 120);
        let lines = webhook(&good(info.clone()), url);
        assert_eq!(lines[1].detail, "3 wait; 2 min ago: Wrong response from the webhook: 503");
        assert_eq!(lines[1].state, State::Warn);
        info["last_error_date"] = json!(now() - OLD_S - 1);
        assert_eq!(states(&webhook(&good(info), url)), [State::Ok, State::Ok]);
        let none = json!({ "url": "", "pending_update_count": 0 });
        assert_eq!(states(&webhook(&good(none), url)), [State::Fail, State::Ok]);
    }

    #[test]
    fn menus_are_compared_with_the_code_s() {
        let line = commands(|_| good(json!([])));
        assert_eq!(line.state, State::Fail);
        assert!(line.detail.contains("+ /ask; "), "{line}");
        assert!(line.detail.contains("+ /ask (ja)"), "{line}");
    }

    #[test]
    fn the_worker_knows_a_forged_update_from_a_genuine_one() {
        let of = |judge: fn(&Answer) -> Line, status| judge(&answer(status, &json!({}))).state;
        for (status, is_forged, is_genuine) in [
            (401, State::Ok, State::Fail),
            (200, State::Fail, State::Ok),
            (503, State::Fail, State::Fail),
        ] {
            assert_eq!((of(forged, status), of(genuine, status)), (is_forged, is_genuine));
        }
    }
}
