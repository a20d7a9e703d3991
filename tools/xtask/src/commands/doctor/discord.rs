//! What Discord says, asked with the secrets that are known here. Only reads.

use anyhow::Result;
use miyabi_channels::discord::installs::mismatches;
use miyabi_core::config::{Access, UserInstall};
use serde_json::Value;

use super::permissions::{self, Facts, READ_MESSAGE_HISTORY};
use super::report::Line;
use super::{Subject, commands};
use crate::commands::register;
use crate::http::{self, Reply};

const BASE: &str = "https://discord.com/api/v10";
const VIEW: &str = "View Channel";
const HISTORY: &str = "Read Message History";
const MANAGE: &str = "Manage Webhooks";
const GRANT: &str = "give it to the bot: its role, or the channel's permissions";

/// What Discord answered, or why it did not.
type Answer = Result<Reply>;

/// Returns the base URL of Discord's API.
pub fn base(subject: &Subject) -> &str {
    subject.value("DISCORD_API_BASE").unwrap_or(BASE).trim_end_matches('/')
}

/// Looks at the webhook, and with the bot's token at everything else.
pub fn check(subject: &Subject) -> Vec<Line> {
    let get = |url: &str, token: Option<&str>| {
        let authorization = token.map(|token| format!("Bot {token}"));
        let headers = authorization.as_deref().map(|value| ("authorization", value));
        let headers: Vec<(&str, &str)> = headers.into_iter().collect();
        http::send("GET", url, &headers, None)
    };
    if subject.is_without_discord() {
        return vec![Line::ok(
            "channel",
            "off: none of its secrets is set here, and another channel's are",
        )];
    }
    let (mut lines, mut channel) = (Vec::new(), None);
    match subject.value("DISCORD_WEBHOOK_URL") {
        Some(url) => {
            let answer = get(url.split('?').next().unwrap_or(url), None);
            channel = field(answer.as_ref(), "channel_id");
            lines.push(webhook(&answer));
        }
        None => lines.push(unknown("webhook", "DISCORD_WEBHOOK_URL")),
    }
    let Some(token) = subject.value("DISCORD_TOKEN") else {
        lines.push(unknown("application", "DISCORD_TOKEN"));
        return lines;
    };
    let api = |path: &str| get(&format!("{}{path}", base(subject)), Some(token));
    let answer = api("/applications/@me");
    lines.push(application(&answer, subject));
    lines.extend(installs(&answer, subject));
    if subject.value("DISCORD_APPLICATION_ID").is_some() {
        let url = format!("{}?with_localizations=true", commands(subject));
        lines.push(registered("commands", &get(&url, Some(token)), subject.user_install()));
    } else {
        lines.push(unknown("commands", "DISCORD_APPLICATION_ID"));
    }
    let Some(channel) = channel else {
        let hint = "the webhook tells in which channel to look";
        lines.push(Line::warn("permissions", "are not looked at", hint));
        return lines;
    };
    let messages = api(&format!("/channels/{channel}/messages?limit=1"));
    lines.push(view(&messages));
    let is_empty = messages.as_ref().is_ok_and(|reply| reply.body.trim() == "[]");
    let bits = if is_empty { bits(&api, &channel) } else { None };
    lines.extend(history(&messages, bits));
    lines.push(manage(&api(&format!("/channels/{channel}/webhooks"))));
    lines
}

/// Works out the bot's permissions, if it can read what they come from.
fn bits(api: &impl Fn(&str) -> Answer, channel: &str) -> Option<u64> {
    let read = |path: &str| api(path).ok()?.json().ok();
    let channel = read(&format!("/channels/{channel}"))?;
    let guild = channel.get("guild_id")?.as_str()?;
    let user = read("/users/@me")?;
    let bot = user.get("id")?.as_str()?;
    let member = read(&format!("/guilds/{guild}/members/{bot}"))?;
    let roles = read(&format!("/guilds/{guild}/roles"))?;
    Some(permissions::bits(Facts { bot, channel: &channel, member: &member, roles: &roles }))
}

fn unknown(what: &str, setting: &str) -> Line {
    Line::warn(
        what,
        format!("not asked: {setting} is not known here"),
        format!("export {setting}=…"),
    )
}

fn field(answer: Result<&Reply, &anyhow::Error>, name: &str) -> Option<String> {
    Some(answer.ok()?.json().ok()?.get(name)?.as_str()?.to_owned())
}

/// What Discord does not answer well: a refusal stays, anything else may pass.
fn bad(what: &str, answer: &Answer, hint: &str) -> Line {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Line::warn(what, format!("{error:#}"), "try again"),
    };
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    let message = body.get("message").and_then(Value::as_str).unwrap_or("no reason");
    let detail = format!("Discord answered {}: {message}", reply.status);
    match reply.status {
        401 => Line::fail(what, detail, "is DISCORD_TOKEN this bot's token?"),
        400..=428 => Line::fail(what, detail, hint),
        _ => Line::warn(what, detail, "try again in some minutes"),
    }
}

fn webhook(answer: &Answer) -> Line {
    match field(answer.as_ref(), "channel_id") {
        Some(channel) => Line::ok("webhook", format!("posts in channel {channel}")),
        None => bad("webhook", answer, "make one, and set DISCORD_WEBHOOK_URL to its URL"),
    }
}

fn application(answer: &Answer, subject: &Subject) -> Line {
    let what = "application";
    let Some(id) = field(answer.as_ref(), "id") else {
        return bad(what, answer, "is DISCORD_TOKEN this bot's token?");
    };
    let differs = |name: &str, found: &str| subject.value(name).is_some_and(|own| own != found);
    if differs("DISCORD_APPLICATION_ID", &id) {
        let hint = "take id and token from the same application's pages in the portal";
        return Line::fail(what, format!("the token is application {id}'s"), hint);
    }
    let key = field(answer.as_ref(), "verify_key").unwrap_or_default();
    if differs("DISCORD_PUBLIC_KEY", &key) {
        let hint = format!("DISCORD_PUBLIC_KEY is {key}");
        return Line::fail(what, "the public key is another application's", hint);
    }
    Line::ok(what, format!("{id}, by its token"))
}

/// Compares where the application may be installed with who may ask; one line for each difference.
fn installs(answer: &Answer, subject: &Subject) -> Vec<Line> {
    let what = "installs";
    let Some(application) = answer.as_ref().ok().and_then(|reply| reply.json().ok()) else {
        return Vec::new();
    };
    let servers = subject.value("MIYABI_SERVERS").into_iter().map(ToOwned::to_owned).collect();
    let access = Access { servers, user_install: subject.user_install() };
    let mismatches = mismatches(&application, &access);
    if mismatches.is_empty() {
        return vec![Line::ok(what, "the application may be installed where people may ask")];
    }
    mismatches.iter().map(|it| Line::warn(what, it.detail, it.hint)).collect()
}

/// Compares what is registered with the code's commands.
pub(super) fn registered(what: &str, answer: &Answer, user_install: UserInstall) -> Line {
    let list = answer.as_ref().ok().and_then(|reply| reply.json().ok());
    match list {
        Some(list) => judge_commands(what, &list, user_install),
        None => {
            bad(what, answer, "are DISCORD_TOKEN and DISCORD_APPLICATION_ID one application's?")
        }
    }
}

/// Judges a list of registered commands.
pub(super) fn judge_commands(what: &str, registered: &Value, user_install: UserInstall) -> Line {
    let changes = register::changes(registered, &register::definitions(user_install));
    if changes.is_empty() {
        return Line::ok(what, "registered as the code has them");
    }
    let hint = "cargo xtask register; commands of one server (--guild) do not count here";
    Line::fail(what, changes.join("; "), hint)
}

fn view(messages: &Answer) -> Line {
    match messages {
        Ok(reply) if reply.status == 200 => Line::ok(VIEW, "in the webhook's channel"),
        _ => bad(VIEW, messages, GRANT),
    }
}

/// Without it the list of messages is empty, as it is in a channel where nobody has posted yet.
fn history(messages: &Answer, bits: Option<u64>) -> Option<Line> {
    let reply = messages.as_ref().ok().filter(|reply| reply.status == 200)?;
    let may = bits.map(|bits| bits & READ_MESSAGE_HISTORY != 0);
    Some(match (reply.body.trim() == "[]", may) {
        (false, _) | (true, Some(true)) => Line::ok(HISTORY, "in the webhook's channel"),
        (true, Some(false)) => Line::fail(HISTORY, "the bot may not", GRANT),
        (true, None) => {
            let hint = "ask something there and run this again; or give it to the bot";
            Line::warn(HISTORY, "the channel is empty, or the bot may not read it", hint)
        }
    })
}

fn manage(webhooks: &Answer) -> Line {
    match webhooks {
        Ok(reply) if reply.status == 200 => Line::ok(MANAGE, "in the webhook's channel"),
        _ => bad(MANAGE, webhooks, GRANT),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::State;
    use super::super::{SLACK, TELEGRAM};
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the other answers are errors")]
    fn answer(status: u16, body: &Value) -> Answer {
        Ok(Reply { status, body: body.to_string(), ..Reply::default() })
    }

    fn silence() -> Answer {
        Err(anyhow::anyhow!("no answer"))
    }

    fn refusal(status: u16, message: &str) -> Answer {
        answer(status, &json!({ "message": message, "code": 0 }))
    }

    fn subject(values: &[(&str, &str)]) -> Subject {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Subject { values: values.collect(), ..Subject::default() }
    }

    #[test]
    fn without_secrets_it_is_off_where_another_channel_s_are_set() {
        for channel in [SLACK, TELEGRAM] {
            let lines = check(&subject(&channel.map(|name| (name, "x"))));
            assert_eq!(lines.len(), 1);
            assert!(lines[0].detail.starts_with("off: "), "{}", lines[0]);
        }
        assert!(check(&subject(&[])).iter().all(|line| line.state == State::Warn));
    }

    #[test]
    fn a_webhook_says_where_it_posts_or_is_gone() {
        let line = webhook(&answer(200, &json!({ "id": "1", "channel_id": "2" })));
        assert_eq!(line, Line::ok("webhook", "posts in channel 2"));
        let line = webhook(&refusal(404, "Unknown Webhook"));
        assert_eq!(line.state, State::Fail);
        assert_eq!(line.detail, "Discord answered 404: Unknown Webhook");
        assert!(line.hint.contains("DISCORD_WEBHOOK_URL"), "{line}");
        assert_eq!(webhook(&refusal(429, "slow")).state, State::Warn);
        assert_eq!(webhook(&silence()).state, State::Warn);
    }

    #[test]
    fn id_and_key_have_to_be_the_token_s_application_s() {
        let answer = answer(200, &json!({ "id": "1", "verify_key": "ab" }));
        for (values, state) in [
            (&[][..], State::Ok),
            (&[("DISCORD_APPLICATION_ID", "1"), ("DISCORD_PUBLIC_KEY", "ab")], State::Ok),
            (&[("DISCORD_APPLICATION_ID", "2")], State::Fail),
            (&[("DISCORD_APPLICATION_ID", "1"), ("DISCORD_PUBLIC_KEY", "cd")], State::Fail),
        ] {
            assert_eq!(application(&answer, &subject(values)).state, state, "{values:?}");
        }
        let line = application(&refusal(401, "401: Unauthorized"), &subject(&[]));
        assert_eq!(line.state, State::Fail);
        assert!(line.hint.contains("DISCORD_TOKEN"), "{line}");
    }

    #[test]
    fn commands_are_compared_with_the_code_s() {
        let off = UserInstall::Off;
        let line = registered("commands", &answer(200, &register::definitions(off)), off);
        assert_eq!(line.state, State::Ok, "{line}");
        let line = registered("commands", &answer(200, &json!([])), off);
        let missing = "+ \"Ask Miyabi\"; + \"Summarize\"; + \"Translate\"; + \"Who asked this\"; + /ask; + /cancel; + /help; + /imagine; + /key; + /link; + /memory; + /privacy; + /settings; + /status; + /usage";
        assert_eq!((line.state, line.detail.as_str()), (State::Fail, missing));
        let mut old = register::definitions(off);
        old[0]["description"] = json!("Old");
        let line = registered("commands", &answer(200, &old), off);
        assert!(line.detail.starts_with("~ /ask.description: \"Old\""), "{line}");
        assert_eq!(registered("commands", &refusal(403, "no"), off).state, State::Fail);
        let everywhere = answer(200, &register::definitions(UserInstall::On));
        let line = registered("commands", &everywhere, off);
        assert!(line.detail.contains("~ /ask.integration_types: [0,1] → [0]"), "{line}");
    }

    #[test]
    fn an_application_that_others_may_install_is_a_warning() {
        let open = answer(
            200,
            &json!({
                "bot_public": true, "integration_types_config": { "0": {}, "1": {} },
            }),
        );
        let states = |values: &[(&str, &str)]| {
            installs(&open, &subject(values)).iter().map(|line| line.state).collect::<Vec<_>>()
        };
        assert_eq!(states(&[]), [State::Warn, State::Warn]);
        assert_eq!(states(&[("MIYABI_SERVERS", "1")]), [State::Warn]);
        let allowed = [("MIYABI_SERVERS", "1"), ("MIYABI_USER_INSTALL", "on")];
        assert_eq!(states(&allowed), [State::Ok]);
        assert!(installs(&refusal(401, "no"), &subject(&[])).is_empty(), "it is said before");
    }

    #[test]
    fn permissions_are_what_discord_lets_the_bot_do() {
        let (full, empty) = (answer(200, &json!([{ "id": "1" }])), answer(200, &json!([])));
        let blind = refusal(403, "Missing Access");
        assert_eq!((view(&full).state, view(&blind).state), (State::Ok, State::Fail));
        assert_eq!(manage(&empty).state, State::Ok);
        assert_eq!(manage(&refusal(403, "Missing Permissions")).state, State::Fail);
        let state = |messages, bits| history(messages, bits).map(|line| line.state);
        assert_eq!(state(&full, None), Some(State::Ok));
        assert_eq!(state(&empty, Some(READ_MESSAGE_HISTORY)), Some(State::Ok));
        assert_eq!(state(&empty, Some(0)), Some(State::Fail));
        assert_eq!(state(&empty, None), Some(State::Warn));
        // Said already.
        assert_eq!(state(&blind, None), None);
    }

    #[test]
    fn what_the_permissions_come_from_is_read_step_by_step() {
        let api = |path: &str| match path {
            "/channels/9" => answer(200, &json!({ "guild_id": "1" })),
            "/users/@me" => answer(200, &json!({ "id": "7" })),
            "/guilds/1/members/7" => answer(200, &json!({ "roles": ["2"] })),
            "/guilds/1/roles" => answer(200, &json!([{ "id": "2", "permissions": "65536" }])),
            _ => refusal(404, path),
        };
        assert_eq!(bits(&api, "9"), Some(READ_MESSAGE_HISTORY));
        assert_eq!(bits(&api, "8"), None);
    }
}
