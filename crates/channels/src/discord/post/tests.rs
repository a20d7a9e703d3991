//! How Discord's answers to our calls are taken.

mod requests;

use core::time::Duration;

use serde_json::json;

use super::*;
use crate::discord::deferred::{Interaction, delete_reply, edit_reply, follow_up};
use miyabi_core::http::HttpError;
use miyabi_testing::{Fake, response, run, settings};

/// The name and picture of a person.
const MIO: Sender<'_> = Sender {
    name: "みお (@mio_art)",
    plain_name: "Someone (80351110224678912)",
    picture: "https://cdn.discordapp.com/embed/avatars/0.png",
};

const MIYABI: Sender<'_> = Sender { name: "Miyabi", plain_name: FALLBACK_NAME, picture: "" };

fn html(status: u16) -> Response {
    let body = "<html>error code: 1015</html>".to_owned();
    Response { status, headers: vec![("content-type", "text/html".to_owned())], body }
}

fn refusal(status: u16, code: u32) -> Response {
    response(status, &json!({ "message": "no", "code": code }))
}

/// A 50035 about one field, as Discord writes it.
fn invalid(field: &str, code: &str) -> Response {
    let errors = json!({ field: { "_errors": [{ "code": code, "message": "no" }] } });
    response(400, &json!({ "message": "Invalid Form Body", "code": 50035, "errors": errors }))
}

/// Every call, with its usual argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Execute,
    ExecuteInThread,
    ExecuteWithFile,
    ExecuteReminder,
    WebhookChannel,
    ChannelMessages,
    WebhookMessage,
    WebhookMessageInThread,
    ChannelWebhooks,
    CreateWebhook,
    EditReply,
    EditReplyWithFile,
    DeleteReply,
    FollowUp,
    FollowUpWithFile,
}

impl Call {
    const ALL: [Self; 15] = [
        Self::Execute,
        Self::ExecuteInThread,
        Self::ExecuteWithFile,
        Self::ExecuteReminder,
        Self::WebhookChannel,
        Self::ChannelMessages,
        Self::WebhookMessage,
        Self::WebhookMessageInThread,
        Self::ChannelWebhooks,
        Self::CreateWebhook,
        Self::EditReply,
        Self::EditReplyWithFile,
        Self::DeleteReply,
        Self::FollowUp,
        Self::FollowUpWithFile,
    ];

    const fn operation(self) -> &'static str {
        match self {
            Self::Execute
            | Self::ExecuteInThread
            | Self::ExecuteWithFile
            | Self::ExecuteReminder => "execute_webhook",
            Self::WebhookChannel => "get_webhook",
            Self::ChannelMessages => "channel_messages",
            Self::WebhookMessage | Self::WebhookMessageInThread => "get_message",
            Self::ChannelWebhooks => "channel_webhooks",
            Self::CreateWebhook => "create_webhook",
            Self::EditReply | Self::EditReplyWithFile => "edit_original",
            Self::DeleteReply => "delete_original",
            Self::FollowUp | Self::FollowUpWithFile => "follow_up",
        }
    }

    /// Makes the call and returns its value as text.
    fn make(self, world: &Fake) -> Result<String, SendError> {
        let discord = &settings().discord;
        let token = &Secret::new("interaction-token".to_owned());
        let interaction = Interaction { discord, token };
        let url = &discord.webhook_url;
        let in_channel = Webhook { id: &discord.webhook_id, url, thread: None };
        let in_thread = Webhook { thread: Some("7"), ..in_channel };
        let patience = &mut RateLimitBudget::new(Duration::from_mins(4));
        let plain = Content { content: "@everyone \"雅\"\n<@1>", ..Content::default() };
        let with_file = Content {
            content: "Read:",
            file: Some("# 雅\r\n\n\"miyabi\" --miyabi--\n"),
            ..Content::default()
        };
        let reminder = Content { content: "<@7> ⏰ @everyone <@1>", pings: Some("7"), ..plain };
        match self {
            Self::Execute => run(execute_webhook(world, patience, in_channel, MIO, plain)).unwrap(),
            Self::ExecuteInThread => {
                run(execute_webhook(world, patience, in_thread, MIYABI, plain)).unwrap()
            }
            Self::ExecuteWithFile => {
                run(execute_webhook(world, patience, in_thread, MIYABI, with_file)).unwrap()
            }
            Self::ExecuteReminder => {
                run(execute_webhook(world, patience, in_channel, MIYABI, reminder)).unwrap()
            }
            Self::WebhookChannel => shown(run(webhook_channel(world, in_channel))),
            Self::ChannelMessages => {
                shown(run(channel_messages(world, discord, "5", "1300000000000000000")))
            }
            Self::WebhookMessage => shown(run(webhook_message(world, in_channel, "9"))),
            Self::WebhookMessageInThread => shown(run(webhook_message(world, in_thread, "9"))),
            Self::ChannelWebhooks => shown(run(channel_webhooks(world, discord, "5"))),
            Self::CreateWebhook => shown(run(create_webhook(world, discord, "5"))),
            Self::EditReply => shown(run(edit_reply(world, interaction, plain))),
            Self::EditReplyWithFile => shown(run(edit_reply(world, interaction, with_file))),
            Self::DeleteReply => shown(run(delete_reply(world, interaction))),
            Self::FollowUp => run(follow_up(world, patience, interaction, plain)).unwrap(),
            Self::FollowUpWithFile => {
                run(follow_up(world, patience, interaction, with_file)).unwrap()
            }
        }
    }
}

fn shown<T: core::fmt::Debug>(outcome: Option<Result<T, SendError>>) -> Result<String, SendError> {
    outcome.unwrap().map(|value| format!("{value:?}"))
}

/// A world with one message of the webhook, of id 9.
fn world() -> Fake {
    let world = Fake::new();
    let (author, content) = ("Miyabi".to_owned(), "hi".to_owned());
    let message = miyabi_testing::Message { id: "9".to_owned(), author, content };
    world.discord.borrow_mut().channel.push(message);
    world
}

/// Makes a call with these responses of Discord; returns its outcome, and the world after it.
fn make(
    call: Call,
    responses: impl IntoIterator<Item = Response>,
) -> (Result<String, SendError>, Fake) {
    let world = world();
    for response in responses {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let mut discord = world.discord.borrow_mut();
            discord.refuse(method, "", response.clone());
        }
    }
    (call.make(&world), world)
}

#[test]
fn a_file_arrives_letter_by_letter() {
    let world = world();
    let id = Call::ExecuteWithFile.make(&world).unwrap();
    Call::EditReplyWithFile.make(&world).unwrap();
    let follow_up = Call::FollowUpWithFile.make(&world).unwrap();
    let discord = world.discord.borrow();
    for message in [id.as_str(), "@original", follow_up.as_str()] {
        assert_eq!(discord.file(message), Some("# 雅\r\n\n\"miyabi\" --miyabi--\n"), "{message}");
    }
}

#[test]
fn every_call_waits_for_limits_but_those_that_would_post_again() {
    for call in Call::ALL {
        let limited = response(429, &json!({ "retry_after": 1.0, "global": false }));
        let (outcome, world) = make(call, [limited]);
        let requests = &world.discord.borrow().requests;
        let operation = call.operation();
        if matches!(operation, "execute_webhook" | "follow_up") {
            assert_eq!(outcome, Err(SendError::RateLimited { operation }), "{call:?}");
            assert_eq!(requests.len(), 1, "{call:?}");
            continue;
        }
        assert!(outcome.is_ok(), "{call:?} {outcome:?}");
        assert!(requests.len() == 2 && requests[0] == requests[1], "{call:?}");
    }
}

#[test]
fn a_refusal_is_told_with_discords_code() {
    for call in Call::ALL {
        for (answer, status, code) in [
            (refusal(403, 50013), 403, 50013),
            (refusal(403, 0), 403, 0),
            (refusal(400, 50006), 400, 50006),
            (refusal(401, 0), 401, 0),
            (refusal(500, 0), 500, 0),
            (html(502), 502, 0),
            (html(301), 301, 0),
            (response(400, &json!({ "code": "50006" })), 400, 0),
            (response(400, &json!([])), 400, 0),
        ] {
            let (outcome, world) = make(call, [answer]);
            let operation = call.operation();
            assert_eq!(
                outcome,
                Err(crate::discord::call::refusal(operation, status, code)),
                "{call:?}"
            );
            assert_eq!(world.discord.borrow().requests.len(), 1, "{call:?}");
        }
    }
}

#[test]
fn no_response_is_told_as_such_and_never_repeated_here() {
    for call in Call::ALL {
        for source in [HttpError::Timeout, HttpError::Lost, HttpError::TooLarge] {
            let world = world();
            for method in ["GET", "POST", "PATCH", "DELETE"] {
                let answer = miyabi_testing::Answer {
                    to: (method, ""),
                    takes_effect: true,
                    response: Err(source),
                };
                world.discord.borrow_mut().answers.push(answer);
            }
            let operation = call.operation();
            assert_eq!(call.make(&world), Err(SendError::NoResponse { operation, source }));
            assert_eq!(world.discord.borrow().requests.len(), 1, "{call:?}");
        }
    }
}

#[test]
fn a_refused_name_or_picture_costs_one_more_post_without_it() {
    for (field, code) in [
        ("username", "USERNAME_INVALID_CONTAINS"),
        ("username", "BASE_TYPE_BAD_LENGTH"),
        ("avatar_url", "URL_TYPE_INVALID_URL"),
    ] {
        let (outcome, world) = make(Call::Execute, [invalid(field, code)]);
        assert!(outcome.is_ok(), "{outcome:?}");
        let discord = world.discord.borrow();
        let body = |index: usize| -> Value {
            serde_json::from_str(discord.requests[index].text().unwrap()).unwrap()
        };
        let mut plain = body(0);
        if field == "username" {
            plain["username"] = json!(MIO.plain_name);
        } else {
            plain.as_object_mut().unwrap().remove("avatar_url");
        }
        assert_eq!((discord.requests.len(), body(1)), (2, plain));
    }
}

#[test]
fn a_plain_name_that_is_refused_too_is_the_end() {
    let again = || invalid("username", "USERNAME_INVALID");
    let (outcome, world) = make(Call::Execute, [again(), again(), again()]);
    let operation = "execute_webhook";
    assert_eq!(outcome, Err(SendError::Refused { operation, status: 400, code: 50035 }));
    assert_eq!(world.discord.borrow().requests.len(), 2);
}

#[test]
fn another_refused_field_is_no_reason_for_another_name() {
    let (outcome, world) = make(Call::Execute, [invalid("content", "BASE_TYPE_MAX_LENGTH")]);
    assert!(outcome.is_err());
    assert_eq!(world.discord.borrow().requests.len(), 1);
}

#[test]
fn a_post_that_discord_does_not_name_is_there_all_the_same() {
    for answer in [
        Response { status: 204, headers: Vec::new(), body: String::new() },
        response(200, &json!({ "id": 5 })),
        response(200, &json!([])),
    ] {
        for call in [Call::Execute, Call::FollowUp] {
            assert_eq!(make(call, [answer.clone()]).0, Ok(String::new()));
        }
    }
}

#[test]
fn a_success_that_is_not_discords_is_unclear_at_every_call() {
    for call in Call::ALL {
        let operation = call.operation();
        for answer in [html(200), response(200, &json!("ok")), response(200, &json!(null))] {
            let unclear = SendError::ServerError { operation, status: 200, code: 0 };
            assert_eq!(make(call, [answer]).0, Err(unclear), "{call:?}");
        }
    }
}

#[test]
fn a_reply_that_is_gone_is_no_error() {
    for (gone, outcome) in [
        (refusal(404, 10008), "Missing"),
        (refusal(404, 10015), "Expired"),
        (refusal(401, 50027), "Expired"),
    ] {
        for call in [Call::EditReply, Call::DeleteReply] {
            assert_eq!(make(call, [gone.clone()]).0, Ok(outcome.to_owned()));
        }
    }
}

#[test]
fn a_404_that_is_not_discords_says_nothing_of_the_reply() {
    for answer in [html(404), refusal(404, 0), response(404, &json!({ "error": "not found" }))] {
        for call in [Call::EditReply, Call::DeleteReply] {
            let operation = call.operation();
            let deferred = SendError::Deferred { operation, status: 404, code: 0 };
            assert_eq!(make(call, [answer.clone()]).0, Err(deferred));
        }
    }
}

#[test]
fn a_channel_that_cannot_be_read_is_not_an_empty_one() {
    for unreadable in [json!({ "messages": [] }), json!({})].map(|body| response(200, &body)) {
        let (outcome, _) = make(Call::ChannelMessages, [unreadable]);
        let operation = "channel_messages";
        assert_eq!(outcome, Err(SendError::Refused { operation, status: 200, code: 0 }));
    }
    let (outcome, _) = make(Call::ChannelMessages, [response(200, &json!([]))]);
    assert_eq!(outcome, Ok("[]".to_owned()));
}

#[test]
fn only_the_applications_own_webhooks_are_ones_to_use() {
    let own = "775799577604522054";
    let list = json!([
        { "id": "1", "token": "a", "application_id": own },
        { "id": "2", "token": "b", "application_id": "5" },
        { "id": "3", "token": "c", "application_id": null },
        { "id": "4", "token": "d" },
        { "id": "5", "application_id": own },
        { "id": "", "token": "f", "application_id": own },
        { "id": 7, "token": "g", "application_id": own },
        { "id": "8", "token": "h", "application_id": own },
        null,
    ]);
    let (outcome, _) = make(Call::ChannelWebhooks, [response(200, &list)]);
    assert_eq!(outcome, Ok(r#"[("1", "a"), ("8", "h")]"#.to_owned()));
}

#[test]
fn a_new_webhook_without_id_or_token_is_none() {
    for useless in [json!({}), json!({ "id": "1" }), json!({ "token": "a" }), json!([])] {
        let (outcome, _) = make(Call::CreateWebhook, [response(200, &useless)]);
        let operation = "create_webhook";
        assert_eq!(outcome, Err(SendError::Refused { operation, status: 200, code: 0 }));
    }
}
