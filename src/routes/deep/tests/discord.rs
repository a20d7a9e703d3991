//! The checks of what Discord says: application, installs, webhook and commands.

use super::*;

#[test]
fn what_discord_refuses_is_told_and_a_limit_is_not_waited_for() {
    let world = world();
    {
        let mut discord = world.discord.borrow_mut();
        let limited = json!({ "message": "You are being rate limited.", "retry_after": 9.0 });
        discord.refuse("GET", "/webhooks/", response(429, &limited));
        let refused = json!({ "message": "401: Unauthorized", "code": 0 });
        discord.refuse("GET", "/applications/@me", response(401, &refused));
        discord.fall_silent("GET", "/commands");
    }
    let expected = expect![[r"
        warn webhook: get_webhook was refused for now with status `429` (code 0) | make one, and set DISCORD_WEBHOOK_URL to its URL
        fail application: get_application was refused for now with status `401` (code 0) | are DISCORD_TOKEN, _APPLICATION_ID and _PUBLIC_KEY of one application?
        warn commands: get_commands: no response in time | cargo xtask register
    "]];
    check(&world, &configured(), &expected);
    assert_eq!(world.slept.borrow().as_slice(), []);
}

#[test]
fn what_does_not_belong_together_is_told() {
    for (field, value, expected) in [
        (
            "id",
            "1",
            expect![[r"
                fail application: the token is another application's | are DISCORD_TOKEN, _APPLICATION_ID and _PUBLIC_KEY of one application?
            "]],
        ),
        (
            "verify_key",
            "00",
            expect![[r"
                fail application: the public key is another application's | are DISCORD_TOKEN, _APPLICATION_ID and _PUBLIC_KEY of one application?
            "]],
        ),
    ] {
        let world = world();
        let mut application = application();
        application[field] = json!(value);
        order(&world, &application, &json!([{ "name": "ask" }]));
        check(&world, &configured(), &expected);
    }
}

#[test]
fn commands_without_ask_are_told() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "draw" }, { "name": "ask-me" }]));
    let expected = expect![[r"
        fail commands: no /ask is registered | cargo xtask register
    "]];
    check(&world, &configured(), &expected);
}

#[test]
fn an_application_that_others_may_install_is_a_warning() {
    let world = world();
    let mut application = application();
    application["bot_public"] = json!(true);
    application["integration_types_config"] = json!({ "0": {}, "1": {} });
    order(&world, &application, &json!([{ "name": "ask" }]));
    let lines = lines(&world, &configured(), false);
    assert!(lines.starts_with("warn installs: anybody may install the application"), "{lines}");
    assert!(lines.contains("; people may install the application for themselves"), "{lines}");
    assert_eq!(lines.lines().count(), 1, "{lines}");
}
