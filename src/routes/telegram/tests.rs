//! A message becomes one job and one answer in its chat, wherever the program dies; and what else is written is replied
//! to at once.

use serde_json::json;

mod accounts;
mod albums;
mod files;
mod follow_up;
mod growing;
mod inline;

use super::*;
use crate::channels::Channels;
use crate::routes::api::tests::{key, with};
use crate::routes::serve;
use crate::testing::{configured, remembering as world, run_latest, run_to_its_end};
use miyabi_channels::telegram::verify::HEADER;
use miyabi_core::config::Settings;
use miyabi_core::ports::Limit;
use miyabi_core::transport::Transports as _;
use miyabi_testing::telegram::{Call, Fate, SECRET, telegram};
use miyabi_testing::{Arrival, Fake, Journal, run, settings, wherever_it_dies};

const PATH: &str = "/telegram/webhook";
const GROUP: i64 = -1_001_234_567_890;

fn on() -> Settings {
    Settings { telegram: Some(Rc::new(telegram())), ..settings() }
}

fn config(settings: Settings) -> Config {
    Config { settings: Ok(settings), ..configured() }
}

fn update(chat: i64, fields: &Value) -> Value {
    let kind = if chat < 0 { "supergroup" } else { "private" };
    let mut message = json!({
        "message_id": 5,
        "from": { "id": 52, "is_bot": false, "first_name": "Mio", "language_code": "en" },
        "chat": { "id": chat, "type": kind },
        "date": 1_700_000_000,
    });
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ "update_id": 9, "message": message })
}

fn text(words: &str) -> Value {
    let entities: Vec<_> = words
        .starts_with('/')
        .then(|| json!({ "type": "bot_command", "offset": 0, "length": words.split(' ').next().unwrap().len() }))
        .into_iter()
        .collect();
    json!({ "text": words, "entities": entities })
}

fn arrival(update: &Value) -> Arrival {
    Arrival::new("POST", PATH).header(HEADER, SECRET).body(update.to_string())
}

fn replied(world: &Fake, settings: Settings, update: &Value) -> Reply {
    let reply = run(serve(world, &config(settings), &arrival(update))).unwrap();
    world.run_waiting();
    reply
}

/// Returns the reply as the call that it is; null for none.
fn call(world: &Fake, update: &Value) -> Value {
    let reply = replied(world, on(), update);
    assert_eq!(reply.status, 200);
    serde_json::from_str(&reply.body).unwrap_or_default()
}

fn live(world: &Fake, journal: &Journal) -> Option<()> {
    run_latest(world, journal, &on())
}

#[test]
fn a_message_becomes_an_answer_in_its_chat() {
    for (chat, words) in [(52, "What is tea?"), (GROUP, "/ask What is tea?")] {
        let world = world();
        let shown = call(&world, &update(chat, &text(words)));
        let method = if chat > 0 { "sendMessageDraft" } else { "sendChatAction" };
        assert_eq!((&shown["method"], &shown["chat_id"]), (&json!(method), &json!(chat)));
        world.model.borrow_mut().push_back(Ok(json!({ "response": "**Tea** is a drink." })));
        live(&world, &Journal::new(&world)).unwrap();
        assert_eq!(world.telegram.borrow().texts(chat), ["Tea is a drink."]);
        let (instance, _) = world.started.borrow()[0].clone();
        assert_eq!(world.job(&instance).unwrap().0, "COMPLETED");
    }
}

#[test]
fn the_same_message_twice_is_one_job_whatever_its_update_is() {
    let world = world();
    let mut update = update(52, &text("What is tea?"));
    call(&world, &update);
    update["update_id"] = json!(10);
    call(&world, &update);
    let rows: i64 = world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    let started = world.started.borrow();
    assert!(
        started.iter().all(|(instance, _)| instance == "telegram_110201543_52_5"),
        "{started:?}"
    );
}

#[test]
fn it_is_answered_once_wherever_the_program_dies() {
    wherever_it_dies(6, |death| {
        let world = world();
        call(&world, &update(52, &text("What is tea?")));
        let died = run_to_its_end(&world, death, &on());
        let sent = world.telegram.borrow().texts(52).len();
        // A message whose outcome nobody wrote down cannot be looked for: its answer is sent again.
        assert!(sent == 1 || (died && sent == 2), "{death:?}: {sent}");
        assert_eq!(world.job("telegram_110201543_52_5").unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn what_was_asked_there_is_read_on_the_page_and_goes_on_there() {
    let world = world();
    call(&world, &update(52, &text("What is tea?")));
    live(&world, &Journal::new(&world)).unwrap();
    let own = key(&world, "telegram:52", "chat");
    let get = |path: &str| {
        let reply = run(serve(&world, &config(on()), &with(&own, "GET", path))).unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body.into_owned()
    };
    assert!(get("/api/conversations").contains(r#""id":"telegram.52""#));
    let read = get("/api/conversations/telegram.52");
    assert!(read.contains("What is tea?"), "{read}");
    let body = json!({ "message": "And coffee?", "conversation": "telegram.52" }).to_string();
    let post =
        with(&own, "POST", "/api/chat").header("content-type", "application/json").body(body);
    let refused = run(serve(&world, &config(on()), &post)).unwrap();
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("conversation_elsewhere"), "{}", refused.body);
    // Nobody else reads it.
    let other = key(&world, "telegram:53", "chat");
    let arrival = with(&other, "GET", "/api/conversations/telegram.52");
    assert_eq!(run(serve(&world, &config(on()), &arrival)).unwrap().status, 404);
}

#[test]
fn who_asks_is_told_once_that_there_is_no_answer() {
    let world = world();
    call(&world, &update(52, &text("What is tea?")));
    world.model.borrow_mut().push_back(Err(3036));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(world.telegram.borrow().texts(52).len(), 1);
    assert_eq!(world.job("telegram_110201543_52_5").unwrap().0, "ERROR");
}

#[test]
fn a_short_limit_is_waited_for() {
    let world = world();
    call(&world, &update(52, &text("What is tea?")));
    let body = json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 1 } });
    let response = Ok(miyabi_testing::response(429, &body));
    world.telegram.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(world.telegram.borrow().texts(52).len(), 1);
    assert!(
        world.slept.borrow().iter().any(|wait| wait.as_secs() == 1),
        "{:?}",
        world.slept.borrow()
    );
}

#[test]
fn nobody_else_sends_updates() {
    let world = world();
    let body = update(52, &text("hi"));
    for (arrival, status) in [
        (arrival(&body).without(HEADER), 401),
        (arrival(&body).header(HEADER, "another"), 401),
        (Arrival::new("GET", PATH), 405),
        (arrival(&body).body("{"), 400),
        (arrival(&body).body("x".repeat(4_000_000)), 413),
    ] {
        assert_eq!(run(serve(&world, &config(on()), &arrival)).unwrap().status, status);
    }
    assert_eq!(replied(&world, settings(), &body).status, 503, "Telegram is off");
    assert!(world.started.borrow().is_empty());
}

fn pressed(data: &str, user: i64) -> Value {
    json!({ "update_id": 11, "callback_query": {
        "id": format!("43826323{user}"),
        "from": { "id": user, "is_bot": false, "first_name": "Mio", "language_code": "en" },
        "message": { "message_id": 1, "chat": { "id": 52, "type": "private" }, "date": 1_700_000_000 },
        "data": data,
    }})
}

#[test]
fn the_buttons_below_an_answer_do_what_they_say_for_who_asked() {
    let world = world();
    call(&world, &update(52, &text("What is tea?")));
    live(&world, &Journal::new(&world)).unwrap();
    let keys = world.telegram.borrow().calls.last().unwrap().body["reply_markup"].clone();
    let data =
        |nth: usize| keys["inline_keyboard"][0][nth]["callback_data"].as_str().unwrap().to_owned();

    let other = call(&world, &pressed(&data(3), 53));
    assert_eq!(
        (&other["method"], &other["show_alert"]),
        (&json!("answerCallbackQuery"), &json!(true))
    );
    let why = call(&world, &pressed(&data(2), 52));
    assert!(why["text"].as_str().unwrap().contains("llama-3.3-70b"), "{why}");

    assert_eq!(call(&world, &pressed(&data(0), 52))["method"], "sendMessageDraft");
    world.model.borrow_mut().push_back(Ok(json!({ "response": "Another answer." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert!(world.telegram.borrow().texts(52).last().unwrap().starts_with("Another answer."));
    // The same press again is the same job.
    let jobs = || {
        let sql = "SELECT count(*) FROM jobs";
        world.db.query_row::<i64, _, _>(sql, [], |row| row.get(0)).unwrap()
    };
    call(&world, &pressed(&data(0), 52));
    assert_eq!(jobs(), 2);

    let deleted = call(&world, &pressed(&data(3), 52));
    assert!(deleted["text"].as_str().unwrap().contains("deleted"), "{deleted}");
    let removed = |call: &&Call| call.method == "deleteMessage";
    assert_eq!(world.telegram.borrow().calls.iter().filter(removed).count(), 1);
}

#[test]
fn without_discord_it_answers_all_the_same() {
    let world = world();
    let alone = || Settings { discord: Rc::new(config::Discord::off()), ..on() };
    let reply = replied(&world, alone(), &update(52, &text("hi")));
    assert!(reply.body.contains("sendMessageDraft"), "{}", reply.body);
    let config = Config { public_key: None, ..config(alone()) };
    let interaction = Arrival::signed(&world, r#"{"type":1}"#);
    assert_eq!(run(serve(&world, &config, &interaction)).unwrap().status, 503);
    let health = run(serve(&world, &config, &Arrival::new("GET", "/health"))).unwrap().body;
    assert!(
        health.contains(r#""off":["discord","slack","whatsapp"]"#)
            && health.contains(r#""configured":true"#),
        "{health}"
    );
    let settings = alone();
    let channels = Channels { host: &world, settings: &settings };
    assert!(channels.of(&miyabi_testing::question("hi")).is_none());
}

#[test]
fn commands_are_replied_to_at_once() {
    let world = world();
    for (words, part) in [
        ("/start", "What I can do"),
        ("/help", "What I can do"),
        ("/status", "You have asked nothing lately"),
        ("/cancel", "nothing to stop"),
        ("/usage", "0"),
        ("/memory", "remember"),
        ("/memory what", "/memory forget 3"),
        ("/ask", "Write your question"),
        ("/nothing", "/help"),
        ("/link", "https://miyabi.example"),
        ("/privacy", "What I keep of you"),
        ("/privacy delete", "/privacy delete everything"),
        ("/privacy delete everything", "being deleted"),
    ] {
        let reply = call(&world, &update(52, &text(words)));
        assert_eq!(
            (&reply["method"], &reply["chat_id"]),
            (&json!("sendMessage"), &json!(52)),
            "{words}"
        );
        let told = reply["text"].as_str().unwrap();
        assert!(told.contains(part), "{words}: {told}");
    }
    assert!(world.started.borrow().is_empty());
}

#[test]
fn a_reminder_is_taken_back_by_its_place_in_the_list() {
    let world = world();
    for (id, hour) in [("a", 1), ("b", 2)] {
        let sql = "INSERT INTO reminders (id, job, asker, words, params, due_at)
                   VALUES (?1, 'job', 'telegram:52', ?1, '{}', unixepoch() + 3600 * ?2)";
        world.db.execute(sql, rusqlite::params![id, hour]).unwrap();
    }
    let waiting = || {
        let sql = "SELECT group_concat(id) FROM reminders WHERE state = 'WAITING'";
        world.db.query_row::<String, _, _>(sql, [], |row| row.get(0)).unwrap()
    };
    call(&world, &update(52, &text("/cancel 2")));
    assert_eq!(waiting(), "a");
    call(&world, &update(52, &text("/cancel 7")));
    assert_eq!(waiting(), "a");
}

#[test]
fn what_is_somebody_s_own_is_told_in_front_of_nobody() {
    let world = world();
    for words in ["/link", "/memory", "/status", "/usage", "/privacy"] {
        let reply = call(&world, &update(GROUP, &text(words)));
        assert_eq!(reply["text"], chats::IN_PRIVATE.english, "{words}");
    }
}

#[test]
fn a_list_of_chats_keeps_others_out() {
    let world = world();
    let mut telegram = telegram();
    telegram.chats = vec![7];
    let closed = || Settings { telegram: Some(Rc::new(telegram.clone())), ..settings() };
    let reply = replied(&world, closed(), &update(52, &text("hi")));
    assert!(reply.body.contains("Your id is 52"), "{}", reply.body);
    assert_eq!(replied(&world, closed(), &update(GROUP, &text("/ask hi"))).body, "");
    assert!(world.started.borrow().is_empty());
    // What is kept of them is theirs all the same.
    let kept = replied(&world, closed(), &update(52, &text("/privacy")));
    assert!(kept.body.contains("What I keep of you"), "{}", kept.body);
    assert!(replied(&world, closed(), &update(52, &text("/link"))).body.contains("Your id is 52"));
}

#[test]
fn too_many_questions_are_refused_in_words() {
    let world = world();
    world.exhausted.borrow_mut().push((Limit::Asker, "telegram:52".to_owned()));
    let reply = call(&world, &update(52, &text("hi")));
    assert_eq!(
        reply["text"],
        sentence(miyabi_core::fault::Notice::Crowded, miyabi_core::i18n::Language::English)
    );
}

#[test]
fn a_mention_is_told_from_others_by_a_name_that_is_asked_for_once() {
    let world = world();
    let named = |name: &str| {
        let entity = json!({ "type": "mention", "offset": 0, "length": name.len() });
        update(GROUP, &json!({ "text": format!("{name} hi"), "entities": [entity] }))
    };
    assert_eq!(call(&world, &named("@MiyabiBot"))["method"], "sendChatAction");
    assert_eq!(call(&world, &named("@SomebodyElse")), Value::Null);
    let asked = world
        .telegram
        .borrow()
        .calls
        .iter()
        .filter(|Call { method, .. }| method == "getMe")
        .count();
    assert_eq!(asked, 1);
    assert_eq!(world.started.borrow().len(), 1);
}

#[test]
fn what_is_not_served_is_kept_for_the_operator() {
    let world = world();
    assert_eq!(call(&world, &json!({ "update_id": 9, "poll": { "id": "1" } })), Value::Null);
    let kept: String = world
        .db
        .query_row(
            "SELECT platform || ' ' || kind || ' ' || body FROM unserved_updates",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, r#"telegram poll {"poll":{"id":"1"},"update_id":9}"#);
}
