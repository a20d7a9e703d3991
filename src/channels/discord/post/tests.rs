//! What exactly is sent to Discord, and how are its limits and refusals taken?

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes a hash always")]

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::fake::{Fake, response, run, settings};
use crate::http::HttpError;

fn asker() -> Asker {
    Asker {
        name: "みお".to_owned(),
        avatar_url: "https://cdn.discordapp.com/embed/avatars/0.png".to_owned(),
    }
}

fn html(status: u16) -> Response {
    let body = "<html>error code: 1015</html>".to_owned();
    Response { status, headers: vec![("content-type", "text/html".to_owned())], body }
}

/// A 429 as Discord writes it.
fn limit(retry_after: f64) -> Response {
    response(429, &json!({ "message": "limited", "retry_after": retry_after, "global": false }))
}

fn refusal(status: u16, code: u32) -> Response {
    response(status, &json!({ "message": "no", "code": code }))
}

/// A 50035 about one field, as Discord writes it.
fn invalid(field: &str, code: &str) -> Response {
    let errors = json!({ field: { "_errors": [{ "code": code, "message": "no" }] } });
    response(400, &json!({ "message": "Invalid Form Body", "code": 50035, "errors": errors }))
}

/// The six calls, each with its name and its usual argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Execute,
    ExecuteInThread,
    WebhookChannel,
    ChannelMessages,
    EditReply,
    DeleteReply,
    FollowUp,
}

impl Call {
    const ALL: [Self; 7] = [
        Self::Execute,
        Self::ExecuteInThread,
        Self::WebhookChannel,
        Self::ChannelMessages,
        Self::EditReply,
        Self::DeleteReply,
        Self::FollowUp,
    ];

    const fn operation(self) -> &'static str {
        match self {
            Self::Execute | Self::ExecuteInThread => "execute_webhook",
            Self::WebhookChannel => "get_webhook",
            Self::ChannelMessages => "channel_messages",
            Self::EditReply => "edit_original",
            Self::DeleteReply => "delete_original",
            Self::FollowUp => "follow_up",
        }
    }

    /// Makes the call and returns its value as text.
    fn make(self, world: &Fake) -> Result<String, DiscordError> {
        let discord = &settings().discord;
        let token = &Secret::new("interaction-token".to_owned());
        let interaction = Interaction { discord, token };
        let in_channel = Webhook { discord, thread: None };
        let in_thread = Webhook { discord, thread: Some("7") };
        let content = "@everyone \"雅\"\n<@1>";
        match self {
            Self::Execute => run(execute_webhook(world, in_channel, &asker(), content)).unwrap(),
            Self::ExecuteInThread => {
                let miyabi = Asker { name: "Miyabi".to_owned(), avatar_url: String::new() };
                run(execute_webhook(world, in_thread, &miyabi, content)).unwrap()
            }
            Self::WebhookChannel => {
                run(webhook_channel(world, discord)).unwrap().map(|channel| format!("{channel:?}"))
            }
            Self::ChannelMessages => {
                run(channel_messages(world, discord, "5", "1300000000000000000"))
                    .unwrap()
                    .map(|messages| format!("{messages:?}"))
            }
            Self::EditReply => run(edit_reply(world, interaction, content))
                .unwrap()
                .map(|outcome| format!("{outcome:?}")),
            Self::DeleteReply => {
                run(delete_reply(world, interaction)).unwrap().map(|outcome| format!("{outcome:?}"))
            }
            Self::FollowUp => run(follow_up(world, interaction, content)).unwrap(),
        }
    }
}

/// Makes a call with these responses of Discord; returns its outcome, and the world after it.
fn make(
    call: Call,
    responses: impl IntoIterator<Item = Response>,
) -> (Result<String, DiscordError>, Fake) {
    let world = Fake::new();
    for response in responses {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let mut discord = world.discord.borrow_mut();
            discord.refuse(method, "", response.clone());
        }
    }
    (call.make(&world), world)
}

fn requests(world: &Fake) -> String {
    let rendered: Vec<_> = world.discord.borrow().requests.iter().map(render).collect();
    rendered.join("\n\n").replace(env!("CARGO_PKG_VERSION"), "{version}")
}

fn render(request: &Request) -> String {
    let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let first = format!("{} {}", request.method.name(), request.url);
    let timeout = format!("(within {:?})", request.timeout);
    let body = request.body.clone().unwrap_or_default();
    [first].into_iter().chain(headers).chain([timeout, body]).collect::<Vec<_>>().join("\n")
}

/// Compares the exact requests of a call that Discord takes.
fn check(call: Call, expected: &Expect) {
    let world = Fake::new();
    call.make(&world).unwrap();
    expected.assert_eq(&requests(&world));
}

/// Compares a call's outcome and its waits with these responses of Discord.
fn check_waits(
    responses: impl IntoIterator<Item = Response>,
    is_accepted: bool,
    waits_ms: &[u128],
) {
    let (outcome, world) = make(Call::Execute, responses);
    if is_accepted {
        assert!(outcome.is_ok(), "{outcome:?}");
    } else {
        assert_eq!(outcome, Err(DiscordError::Limited { operation: "execute_webhook" }));
    }
    let slept: Vec<_> = world.slept.borrow().iter().map(Duration::as_millis).collect();
    assert_eq!(slept, waits_ms);
}

#[test]
fn posts_by_the_webhook_under_the_askers_name() {
    check(
        Call::Execute,
        &expect![[r#"
        POST https://discord.test/api/v10/webhooks/1200000000000000001/hook-token?wait=true
        user-agent: DiscordBot (https://miyabi.example, {version})
        content-type: application/json
        (within 15s)
        {"allowed_mentions":{"parse":[]},"avatar_url":"https://cdn.discordapp.com/embed/avatars/0.png","content":"@everyone \"雅\"\n<@1>","username":"みお"}"#]],
    );
}

#[test]
fn posts_in_a_thread_and_without_a_picture() {
    check(
        Call::ExecuteInThread,
        &expect![[r#"
        POST https://discord.test/api/v10/webhooks/1200000000000000001/hook-token?wait=true&thread_id=7
        user-agent: DiscordBot (https://miyabi.example, {version})
        content-type: application/json
        (within 15s)
        {"allowed_mentions":{"parse":[]},"content":"@everyone \"雅\"\n<@1>","username":"Miyabi"}"#]],
    );
}

#[test]
fn asks_for_the_webhook_by_its_own_url() {
    check(
        Call::WebhookChannel,
        &expect![[r#"
        GET https://discord.test/api/v10/webhooks/1200000000000000001/hook-token
        user-agent: DiscordBot (https://miyabi.example, {version})
        (within 15s)
    "#]],
    );
}

#[test]
fn reads_the_channel_as_the_bot() {
    check(
        Call::ChannelMessages,
        &expect![[r#"
        GET https://discord.test/api/v10/channels/5/messages?after=1300000000000000000&limit=100
        user-agent: DiscordBot (https://miyabi.example, {version})
        authorization: Bot bot-token
        (within 15s)
    "#]],
    );
}

#[test]
fn edits_the_reply() {
    check(
        Call::EditReply,
        &expect![[r#"
        PATCH https://discord.test/api/v10/webhooks/775799577604522054/interaction-token/messages/@original
        user-agent: DiscordBot (https://miyabi.example, {version})
        content-type: application/json
        (within 15s)
        {"allowed_mentions":{"parse":[]},"content":"@everyone \"雅\"\n<@1>"}"#]],
    );
}

#[test]
fn removes_the_reply() {
    check(
        Call::DeleteReply,
        &expect![[r#"
        DELETE https://discord.test/api/v10/webhooks/775799577604522054/interaction-token/messages/@original
        user-agent: DiscordBot (https://miyabi.example, {version})
        (within 15s)
    "#]],
    );
}

#[test]
fn follows_up_in_private() {
    check(
        Call::FollowUp,
        &expect![[r#"
        POST https://discord.test/api/v10/webhooks/775799577604522054/interaction-token
        user-agent: DiscordBot (https://miyabi.example, {version})
        content-type: application/json
        (within 15s)
        {"allowed_mentions":{"parse":[]},"content":"@everyone \"雅\"\n<@1>","flags":64}"#]],
    );
}

#[test]
fn every_body_pings_nobody() {
    for call in Call::ALL {
        let world = Fake::new();
        call.make(&world).unwrap();
        for request in &world.discord.borrow().requests {
            let Some(body) = &request.body else { continue };
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["allowed_mentions"], json!({ "parse": [] }), "{call:?}");
        }
    }
}

#[test]
fn a_limit_is_waited_for_as_long_as_its_body_says() {
    check_waits([limit(0.3)], true, &[320]);
    check_waits([limit(2.0), limit(65.25)], true, &[2020, 65290]);
}

#[test]
fn a_limit_without_a_body_is_waited_for_as_long_as_its_header_says() {
    let mut limited = html(429);
    limited.headers.push(("retry-after", "7".to_owned()));
    check_waits([limited], true, &[7020]);
}

#[test]
fn the_body_is_more_exact_than_the_header() {
    let mut limited = limit(0.5);
    limited.headers.push(("retry-after", "1".to_owned()));
    check_waits([limited], true, &[520]);
}

#[test]
fn a_limit_that_names_no_wait_is_waited_for_longer_each_time() {
    check_waits([html(429), html(429), html(429)], true, &[1000, 2000, 4000]);
    let blocked = response(429, &json!({ "code": 0, "message": "You are being blocked" }));
    check_waits([blocked.clone(), blocked], true, &[1000, 2000]);
    let mut unreadable = html(429);
    unreadable.headers.push(("retry-after", "Fri, 20 Nov 2026 00:00:00 GMT".to_owned()));
    check_waits([unreadable, limit(-1.0)], true, &[1000, 2000]);
}

#[test]
fn a_block_in_front_of_discord_is_a_limit() {
    check_waits([html(403)], true, &[1000]);
}

#[test]
fn a_wait_beyond_our_patience_is_not_waited_for() {
    check_waits([limit(240.0)], false, &[]);
    check_waits([limit(200.0), limit(41.0)], false, &[200_020]);
    check_waits([limit(1e30)], false, &[]);
    check_waits([limit(1.8e19)], false, &[]);
}

#[test]
fn limits_without_end_end_in_a_few_requests() {
    check_waits(
        (0..99).map(|_| html(429)),
        false,
        &[1000, 2000, 4000, 8000, 16_000, 32_000, 64_000],
    );
    let (outcome, world) = make(Call::Execute, (0..9999).map(|_| limit(0.0)));
    assert_eq!(outcome, Err(DiscordError::Limited { operation: "execute_webhook" }));
    assert!(world.discord.borrow().requests.len() < 20);
}

#[test]
fn every_call_waits_for_limits() {
    for call in Call::ALL {
        let (outcome, world) = make(call, [limit(1.0)]);
        assert!(outcome.is_ok(), "{call:?} {outcome:?}");
        let requests = &world.discord.borrow().requests;
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
            assert_eq!(outcome, Err(DiscordError::Refused { operation, status, code }), "{call:?}");
            assert_eq!(world.discord.borrow().requests.len(), 1, "{call:?}");
        }
    }
}

#[test]
fn no_response_is_told_as_such_and_never_repeated_here() {
    for call in Call::ALL {
        for source in [HttpError::Timeout, HttpError::Lost, HttpError::TooLarge] {
            let world = Fake::new();
            for method in ["GET", "POST", "PATCH", "DELETE"] {
                let answer = crate::fake::Answer {
                    to: (method, ""),
                    takes_effect: true,
                    response: Err(source),
                };
                world.discord.borrow_mut().answers.push(answer);
            }
            let operation = call.operation();
            assert_eq!(call.make(&world), Err(DiscordError::NoResponse { operation, source }));
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
            serde_json::from_str(discord.requests[index].body.as_ref().unwrap()).unwrap()
        };
        let mut plain = body(0);
        if field == "username" {
            set(&mut plain, "username", json!(FALLBACK_NAME));
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
    assert_eq!(outcome, Err(DiscordError::Refused { operation, status: 400, code: 50035 }));
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
        html(200),
        response(200, &json!({ "id": 5 })),
    ] {
        for call in [Call::Execute, Call::FollowUp] {
            assert_eq!(make(call, [answer.clone()]).0, Ok(String::new()));
        }
    }
}

#[test]
fn a_reply_that_is_gone_is_no_error() {
    for (gone, outcome) in [
        (refusal(404, 10008), "Missing"),
        (html(404), "Missing"),
        (refusal(404, 10015), "Expired"),
        (refusal(401, 50027), "Expired"),
    ] {
        for call in [Call::EditReply, Call::DeleteReply] {
            assert_eq!(make(call, [gone.clone()]).0, Ok(outcome.to_owned()));
        }
    }
}

#[test]
fn a_channel_that_cannot_be_read_is_not_an_empty_one() {
    for unreadable in [html(200), response(200, &json!({ "messages": [] }))] {
        let (outcome, _) = make(Call::ChannelMessages, [unreadable]);
        let operation = "channel_messages";
        assert_eq!(outcome, Err(DiscordError::Refused { operation, status: 200, code: 0 }));
    }
    let (outcome, _) = make(Call::ChannelMessages, [response(200, &json!([]))]);
    assert_eq!(outcome, Ok("[]".to_owned()));
}
