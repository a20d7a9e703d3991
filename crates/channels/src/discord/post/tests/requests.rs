//! What exactly is sent to Discord.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes a hash always")]

use expect_test::{Expect, expect};

use super::*;

fn requests(world: &Fake) -> String {
    let rendered: Vec<_> = world.discord.borrow().requests.iter().map(render).collect();
    rendered.join("\n\n").replace(env!("CARGO_PKG_VERSION"), "{version}")
}

fn render(request: &Request) -> String {
    let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let first = format!("{} {}", request.method.name(), request.url);
    let timeout = format!("(within {:?})", request.timeout);
    let body = request.text().unwrap_or_default().replace('\r', "␍");
    [first].into_iter().chain(headers).chain([timeout, body]).collect::<Vec<_>>().join("\n")
}

/// Compares the exact requests of a call that Discord takes.
fn check(call: Call, expected: &Expect) {
    let world = world();
    call.make(&world).unwrap();
    expected.assert_eq(&requests(&world));
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
        {"allowed_mentions":{"parse":[]},"avatar_url":"https://cdn.discordapp.com/embed/avatars/0.png","content":"@everyone \"雅\"\n<@1>","flags":4,"username":"みお (@mio_art)"}"#]],
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
            {"allowed_mentions":{"parse":[]},"content":"@everyone \"雅\"\n<@1>","flags":4,"username":"Miyabi"}"#]],
    );
}

#[test]
fn a_reminder_pings_its_asker_and_nobody_else() {
    check(
        Call::ExecuteReminder,
        &expect![[r#"
            POST https://discord.test/api/v10/webhooks/1200000000000000001/hook-token?wait=true
            user-agent: DiscordBot (https://miyabi.example, {version})
            content-type: application/json
            (within 15s)
            {"allowed_mentions":{"parse":[],"users":["7"]},"content":"<@7> ⏰ @everyone <@1>","flags":4,"username":"Miyabi"}"#]],
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
            {"allowed_mentions":{"parse":[]},"content":"@everyone \"雅\"\n<@1>","flags":4}"#]],
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
            {"allowed_mentions":{"parse":[]},"content":"@everyone \"雅\"\n<@1>","flags":68}"#]],
    );
}

#[test]
fn reads_its_own_post_by_the_webhook() {
    check(
        Call::WebhookMessage,
        &expect![[r#"
        GET https://discord.test/api/v10/webhooks/1200000000000000001/hook-token/messages/9
        user-agent: DiscordBot (https://miyabi.example, {version})
        (within 15s)
    "#]],
    );
    check(
        Call::WebhookMessageInThread,
        &expect![[r#"
        GET https://discord.test/api/v10/webhooks/1200000000000000001/hook-token/messages/9?thread_id=7
        user-agent: DiscordBot (https://miyabi.example, {version})
        (within 15s)
    "#]],
    );
}

#[test]
fn lists_a_channels_webhooks_as_the_bot() {
    check(
        Call::ChannelWebhooks,
        &expect![[r#"
        GET https://discord.test/api/v10/channels/5/webhooks
        user-agent: DiscordBot (https://miyabi.example, {version})
        authorization: Bot bot-token
        (within 15s)
    "#]],
    );
}

#[test]
fn makes_a_webhook_as_the_bot() {
    check(
        Call::CreateWebhook,
        &expect![[r#"
        POST https://discord.test/api/v10/channels/5/webhooks
        user-agent: DiscordBot (https://miyabi.example, {version})
        authorization: Bot bot-token
        content-type: application/json
        (within 15s)
        {"name":"Someone"}"#]],
    );
}

#[test]
fn posts_a_file_in_a_form() {
    check(
        Call::ExecuteWithFile,
        &expect![[r#"
            POST https://discord.test/api/v10/webhooks/1200000000000000001/hook-token?wait=true&thread_id=7
            user-agent: DiscordBot (https://miyabi.example, {version})
            content-type: multipart/form-data; boundary=miyabi0
            (within 15s)
            --miyabi0␍
            Content-Disposition: form-data; name="payload_json"␍
            Content-Type: application/json␍
            ␍
            {"allowed_mentions":{"parse":[]},"attachments":[{"filename":"answer.md","id":0}],"content":"Read:","flags":4,"username":"Miyabi"}␍
            --miyabi0␍
            Content-Disposition: form-data; name="files[0]"; filename="answer.md"␍
            Content-Type: text/markdown; charset=utf-8␍
            ␍
            # 雅␍

            "miyabi" --miyabi--
            ␍
            --miyabi0--␍
        "#]],
    );
}

#[test]
fn edits_the_reply_to_have_a_file() {
    check(
        Call::EditReplyWithFile,
        &expect![[r#"
            PATCH https://discord.test/api/v10/webhooks/775799577604522054/interaction-token/messages/@original
            user-agent: DiscordBot (https://miyabi.example, {version})
            content-type: multipart/form-data; boundary=miyabi0
            (within 15s)
            --miyabi0␍
            Content-Disposition: form-data; name="payload_json"␍
            Content-Type: application/json␍
            ␍
            {"allowed_mentions":{"parse":[]},"attachments":[{"filename":"answer.md","id":0}],"content":"Read:","flags":4}␍
            --miyabi0␍
            Content-Disposition: form-data; name="files[0]"; filename="answer.md"␍
            Content-Type: text/markdown; charset=utf-8␍
            ␍
            # 雅␍

            "miyabi" --miyabi--
            ␍
            --miyabi0--␍
        "#]],
    );
}

#[test]
fn follows_up_with_a_file_in_private() {
    check(
        Call::FollowUpWithFile,
        &expect![[r#"
            POST https://discord.test/api/v10/webhooks/775799577604522054/interaction-token
            user-agent: DiscordBot (https://miyabi.example, {version})
            content-type: multipart/form-data; boundary=miyabi0
            (within 15s)
            --miyabi0␍
            Content-Disposition: form-data; name="payload_json"␍
            Content-Type: application/json␍
            ␍
            {"allowed_mentions":{"parse":[]},"attachments":[{"filename":"answer.md","id":0}],"content":"Read:","flags":68}␍
            --miyabi0␍
            Content-Disposition: form-data; name="files[0]"; filename="answer.md"␍
            Content-Type: text/markdown; charset=utf-8␍
            ␍
            # 雅␍

            "miyabi" --miyabi--
            ␍
            --miyabi0--␍
        "#]],
    );
}
