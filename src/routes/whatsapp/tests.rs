//! A message becomes one job and one answer in its chat, wherever the program dies; and what else is written is replied
//! to at once, once.

use serde_json::{Value, json};

mod accounts;

use super::*;
use crate::routes::api::tests::{key, with};
use crate::routes::serve;
use crate::testing::{configured, remembering as world, run_latest, run_on};
use miyabi_channels::whatsapp::verify::SIGNATURE;
use miyabi_core::mac::mac;
use miyabi_core::ports::Limit;
use miyabi_testing::whatsapp::{APP_SECRET, Fate, NUMBER, whatsapp};
use miyabi_testing::{Arrival, Fake, Journal, run, settings, wherever_it_dies};

const PATH: &str = "/whatsapp/webhook";

fn on() -> Settings {
    Settings { whatsapp: Some(Rc::new(whatsapp())), ..settings() }
}

fn config(settings: Settings) -> Config {
    Config { settings: Ok(settings), ..configured() }
}

fn now_s(world: &Fake) -> String {
    let now: i64 = world.db.query_row("SELECT unixepoch()", [], |row| row.get(0)).unwrap();
    now.to_string()
}

fn delivery(value: &Value) -> Value {
    let changes = json!([{ "field": "messages", "value": value }]);
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] })
}

fn messages(world: &Fake, messages: &[Value]) -> Value {
    let messages: Vec<_> = messages
        .iter()
        .map(|fields| {
            let mut message =
                json!({ "from": "16505551234", "from_user_id": "US.1", "timestamp": now_s(world) });
            message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            message
        })
        .collect();
    delivery(&json!({
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": NUMBER },
        "contacts": [{ "profile": { "name": "Sheena" }, "wa_id": "16505551234" }],
        "messages": messages,
    }))
}

fn text(id: &str, words: &str) -> Value {
    json!({ "id": id, "type": "text", "text": { "body": words } })
}

fn chosen(id: &str, kind: &str, choice: &str) -> Value {
    json!({ "id": id, "type": "interactive", "interactive": { "type": kind, kind: { "id": choice, "title": choice } } })
}

fn arrival(body: &Value) -> Arrival {
    let body = body.to_string();
    let code = hex::encode(mac(APP_SECRET.as_bytes(), &[body.as_bytes()]));
    Arrival::new("POST", PATH).header(SIGNATURE, &format!("sha256={code}")).body(body)
}

fn status(world: &Fake, settings: Settings, body: &Value) -> u16 {
    let reply = run(serve(world, &config(settings), &arrival(body))).unwrap();
    world.run_waiting();
    reply.status
}

fn deliver(world: &Fake, said: &[Value]) {
    assert_eq!(status(world, on(), &messages(world, said)), 200);
}

fn live(world: &Fake, journal: &Journal) -> Option<()> {
    run_latest(world, journal, &on())
}

fn told(world: &Fake) -> Vec<String> {
    world.whatsapp.borrow().texts().into_iter().map(ToOwned::to_owned).collect()
}

fn jobs(world: &Fake) -> i64 {
    world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap()
}

/// Where the person of these messages has written one.
fn place(message: &str) -> Place {
    Place {
        number: NUMBER.to_owned(),
        phone: Some("16505551234".to_owned()),
        user: Some("US.1".to_owned()),
        group: None,
        message: message.to_owned(),
        wrote_s: 0,
    }
}

fn job(message: &str) -> String {
    miyabi_channels::whatsapp::job_id(NUMBER, message).unwrap().to_string()
}

#[test]
fn a_message_becomes_an_answer_in_its_chat() {
    let world = world();
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    assert_eq!(world.whatsapp.borrow().typed(), 1);
    world.model.borrow_mut().push_back(Ok(json!({ "response": "**Tea** is a drink." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(told(&world), ["*Tea* is a drink."]);
    assert_eq!(world.job(&job("wamid.a")).unwrap().0, "COMPLETED");
}

#[test]
fn the_same_message_again_is_one_job_and_is_told_nothing_twice() {
    let world = world();
    for _ in 0..3 {
        deliver(&world, &[text("wamid.a", "What is tea?"), text("wamid.b", "/status")]);
    }
    assert_eq!((jobs(&world), told(&world).len()), (1, 1));
    // Also when its job is gone by now.
    world.db.execute("DELETE FROM jobs", []).unwrap();
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    assert_eq!(jobs(&world), 0);
}

#[test]
fn what_could_not_be_noted_comes_again() {
    let world = world();
    world.store_faults.borrow_mut().push("whatsapp::note");
    let body = messages(&world, &[text("wamid.a", "What is tea?")]);
    assert_eq!(status(&world, on(), &body), 503);
    assert_eq!(jobs(&world), 0);
    world.store_faults.borrow_mut().clear();
    assert_eq!(status(&world, on(), &body), 200);
    assert_eq!(jobs(&world), 1);
}

#[test]
fn it_is_answered_once_wherever_the_program_dies() {
    wherever_it_dies(6, |death| {
        let world = world();
        deliver(&world, &[text("wamid.a", "What is tea?")]);
        // Meanwhile Meta tells what became of what it has.
        let died = run_on(&world, death, &on(), || {
            let statuses: Vec<_> = world
                .whatsapp
                .borrow()
                .messages()
                .iter()
                .enumerate()
                .map(|(nth, sent)| {
                    let tag = sent["biz_opaque_callback_data"].clone();
                    json!({ "id": format!("wamid.{nth}"), "status": "sent", "timestamp": "1", "biz_opaque_callback_data": tag })
                })
                .collect();
            let value = json!({ "metadata": { "phone_number_id": NUMBER }, "statuses": statuses });
            assert_eq!(status(&world, on(), &delivery(&value)), 200);
        });
        assert_eq!(told(&world).len(), 1, "{death:?}");
        assert_eq!(world.job(&job("wamid.a")).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn a_delivery_that_ends_midway_is_finished_when_it_comes_again() {
    let world = world();
    let said =
        [text("wamid.a", "What is tea?"), text("wamid.b", "/help"), text("wamid.c", "And coffee?")];
    let body = messages(&world, &said);
    wherever_it_dies(4, |death| {
        let world = self::world();
        world.crash_at(death.effect, death.side);
        let died = run(serve(&world, &config(on()), &arrival(&body))).is_none();
        world.restart();
        if died {
            // Somebody may still be at what is no question.
            assert!([200, 503].contains(&status(&world, on(), &body)), "{death:?}");
            world
                .db
                .execute("UPDATE whatsapp_messages SET received_at = received_at - 61", [])
                .unwrap();
            assert_eq!(status(&world, on(), &body), 200, "{death:?}");
        }
        world.run_waiting();
        assert_eq!(jobs(&world), 2, "{death:?}");
        let is_done = "SELECT count(*) FROM whatsapp_messages WHERE is_done = 1";
        let done: i64 = world.db.query_row(is_done, [], |row| row.get(0)).unwrap();
        assert_eq!(done, 3, "{death:?}");
        assert!(told(&world).len() <= 1, "{death:?}");
        died
    });
}

#[test]
fn a_command_whose_run_died_is_done_when_it_comes_a_minute_later() {
    let world = world();
    let body = messages(&world, &[text("wamid.a", "/status")]);
    let place = place("wamid.a");
    assert_eq!(run(kept::note(&world, &whatsapp(), &place)).unwrap().unwrap(), Known::New);
    assert_eq!((status(&world, on(), &body), told(&world).len()), (503, 0));
    world.db.execute("UPDATE whatsapp_messages SET received_at = received_at - 61", []).unwrap();
    for _ in 0..2 {
        assert_eq!((status(&world, on(), &body), told(&world).len()), (200, 1));
    }
}

#[test]
fn a_long_delivery_that_comes_again_costs_a_call_for_all_that_is_done() {
    let world = world();
    let said: Vec<Value> = (0..40).map(|nth| text(&format!("wamid.{nth}"), "hi")).collect();
    let body = messages(&world, &said);
    assert_eq!(status(&world, on(), &body), 200);
    assert_eq!(jobs(&world), 40);
    world.round_trips.borrow_mut().clear();
    assert_eq!(status(&world, on(), &body), 200);
    let trips = world.round_trips.borrow();
    assert_eq!(trips.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["whatsapp::not_done"]);
}

#[test]
fn who_can_no_longer_be_answered_costs_no_model_and_is_kept_for_the_operator() {
    let world = world();
    let mut late = text("wamid.a", "What is tea?");
    let now: u64 = now_s(&world).parse().unwrap();
    world.now.set(now * 1000);
    let a_day_ago = now - 86_400;
    late["timestamp"] = json!(a_day_ago.to_string());
    let kinds = || -> Option<String> {
        let sql = "SELECT group_concat(kind) FROM unserved_updates";
        world.db.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let body = messages(&world, &[late.clone()]);
    for _ in 0..2 {
        assert_eq!(status(&world, on(), &body), 200);
    }
    assert_eq!((jobs(&world), kinds().as_deref()), (0, Some("late_messages")));
    // Whoever writes again meanwhile is answered, and by a template everybody is.
    late["id"] = json!("wamid.b");
    deliver(&world, &[late.clone(), text("wamid.c", "Hello?")]);
    assert_eq!(jobs(&world), 1, "the late one came first");
    late["id"] = json!("wamid.d");
    deliver(&world, &[late.clone()]);
    assert_eq!(jobs(&world), 2);
    late["id"] = json!("wamid.e");
    late["from_user_id"] = json!("US.2");
    let mut with_template = whatsapp();
    with_template.template =
        Some(config::Template { name: "reminder".to_owned(), language: "en_US".to_owned() });
    let settings = Settings { whatsapp: Some(Rc::new(with_template)), ..settings() };
    assert_eq!(status(&world, settings, &messages(&world, &[late])), 200);
    assert_eq!(jobs(&world), 3);
}

#[test]
fn commands_are_replied_to_once() {
    let world = world();
    for (nth, (words, part)) in [
        ("/help", "What I can do"),
        ("/status", "You have asked nothing lately"),
        ("/cancel", "nothing to stop"),
        ("/usage", "0"),
        ("/memory", "remember"),
        ("/ask", "Write your question"),
        ("/nothing", "/help"),
        ("/link", "https://miyabi.example"),
        ("/privacy", "What I keep of you"),
        ("/privacy delete everything", "being deleted"),
    ]
    .into_iter()
    .enumerate()
    {
        deliver(&world, &[text(&format!("wamid.{nth}"), words)]);
        let told = told(&world);
        assert!(told.len() == nth + 1 && told[nth].contains(part), "{words}: {told:?}");
    }
    assert!(world.started.borrow().is_empty());
    let help = world.whatsapp.borrow().messages()[0].clone();
    let rows = help["interactive"]["action"]["sections"][0]["rows"].as_array().unwrap().clone();
    assert_eq!((rows.len(), &rows[0]["id"]), (6, &json!("/status")));
    deliver(&world, &[chosen("wamid.row", "list_reply", "/usage")]);
    assert!(told(&world).last().unwrap().contains('0'));
}

#[test]
fn nobody_is_told_the_same_again_and_again_since_each_message_costs_money() {
    let world = world();
    let sticker = |id: &str| json!({ "id": id, "type": "sticker", "sticker": { "id": "7" } });
    let place = place("");
    let words = Content::words(messages::NOTHING_TO_READ.in_language(Language::English));
    world.exhausted.borrow_mut().push((Limit::Asker, telling(&place, &words)));
    deliver(&world, &[sticker("wamid.a")]);
    assert!(told(&world).is_empty());
    deliver(&world, &[text("wamid.b", "/help")]);
    assert_eq!(told(&world).len(), 1, "what else there is");
    world.exhausted.borrow_mut().clear();
    deliver(&world, &[sticker("wamid.c")]);
    assert_eq!(told(&world).len(), 2);
}

#[test]
fn a_group_is_told_the_help_in_words_alone() {
    let world = world();
    let mut help = text("wamid.a", "/help");
    help["group_id"] = json!("Y2Fw");
    deliver(&world, &[help]);
    assert_eq!(world.whatsapp.borrow().messages()[0]["type"], "text");
}

#[test]
fn the_buttons_below_an_answer_do_what_they_say_for_who_asked() {
    let world = world();
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    live(&world, &Journal::new(&world)).unwrap();
    let job = job("wamid.a");
    let pressed = |id: &str, button: &str| chosen(id, "button_reply", &format!("{button}:{job}"));
    deliver(&world, &[pressed("wamid.b", "why")]);
    assert!(told(&world).last().unwrap().contains("llama-3.3-70b"), "{:?}", told(&world));
    let mut others = pressed("wamid.c", "why");
    others["from_user_id"] = json!("US.2");
    deliver(&world, &[others]);
    assert!(told(&world).last().unwrap().contains("Only who asked"), "{:?}", told(&world));
    let again = pressed("wamid.d", "again");
    deliver(&world, core::slice::from_ref(&again));
    world.model.borrow_mut().push_back(Ok(json!({ "response": "Another answer." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert!(told(&world).last().unwrap().starts_with("Another answer."));
    deliver(&world, &[again]);
    assert_eq!(jobs(&world), 2);
}

#[test]
fn nobody_is_answered_where_that_is_off_and_nothing_is_lost() {
    let world = world();
    let mut silent = whatsapp();
    silent.asks = false;
    let off = Settings { whatsapp: Some(Rc::new(silent)), ..settings() };
    let body = messages(&world, &[text("wamid.a", "What is tea?")]);
    assert_eq!(status(&world, off.clone(), &body), 200);
    assert_eq!((jobs(&world), told(&world).len(), world.whatsapp.borrow().typed()), (0, 0, 0));
    let sql = "SELECT platform || ' ' || kind || ' ' || body FROM unserved_updates";
    let kept: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, format!("whatsapp messages {body}"));
    let health = run(serve(&world, &config(off), &Arrival::new("GET", "/health"))).unwrap().body;
    assert!(health.contains(r#""off":["slack","telegram","whatsapp"]"#), "{health}");
}

#[test]
fn nobody_else_delivers_anything() {
    let world = world();
    let body = messages(&world, &[text("wamid.a", "hi")]);
    let right = arrival(&body);
    for (arrival, status) in [
        (arrival(&body).without(SIGNATURE), 401),
        (arrival(&body).header(SIGNATURE, &format!("sha256={}", "0".repeat(64))), 401),
        (arrival(&body).body("{}"), 401),
        (arrival(&json!({})), 400),
        (arrival(&body).body("x".repeat(4_000_000)), 413),
        (Arrival::new("PUT", PATH), 405),
    ] {
        assert_eq!(run(serve(&world, &config(on()), &arrival)).unwrap().status, status);
    }
    let off = run(serve(&world, &config(settings()), &right)).unwrap();
    assert_eq!((off.status, jobs(&world)), (503, 0));
}

#[test]
fn meta_tries_the_address() {
    let world = world();
    let tried = |settings: Settings, query: &str| {
        run(serve(&world, &config(settings), &Arrival::new("GET", &format!("{PATH}?{query}"))))
            .unwrap()
    };
    let right =
        "hub.mode=subscribe&hub.verify_token=a-verify_token-of-ours&hub.challenge=1158201444";
    let reply = tried(on(), right);
    assert_eq!((reply.status, reply.body.as_ref()), (200, "1158201444"));
    assert!(reply.headers.iter().any(|(_, value)| value.starts_with("text/plain")));
    assert_eq!(tried(on(), &right.replace("ours", "theirs")).status, 403);
    assert_eq!(tried(on(), "").status, 403);
    assert_eq!(tried(settings(), right).status, 503);
}

#[test]
fn a_message_that_does_not_arrive_is_in_the_log() {
    let world = world();
    let failed = json!({
        "id": "wamid.x", "status": "failed", "timestamp": "1", "errors": [{ "code": 131_026 }],
        "biz_opaque_callback_data": "whatsapp_1_2.3",
    });
    let value = json!({ "metadata": { "phone_number_id": NUMBER }, "statuses": [failed] });
    assert_eq!(status(&world, on(), &delivery(&value)), 200);
    let job = JobId::parse("whatsapp_1_2").unwrap();
    assert_eq!(world.events.borrow().as_slice(), [Event::NotDelivered { job, code: 131_026 }]);
}

#[test]
fn a_limit_is_waited_for() {
    let world = world();
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    let body = json!({ "error": { "message": "words", "code": 130_429 } });
    let response = Ok(miyabi_testing::response(400, &body));
    world.whatsapp.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(told(&world).len(), 1);
    assert!(world.slept.borrow().iter().any(|wait| wait.as_secs() == 1));
}

#[test]
fn a_document_is_read_and_stays_with_its_conversation() {
    let world = world();
    world.whatsapp.borrow_mut().files.insert("7".to_owned(), b"The bus leaves at nine.".to_vec());
    let document =
        json!({ "id": "7", "filename": "bus.txt", "mime_type": "text/plain", "caption": "When?" });
    deliver(&world, &[json!({ "id": "wamid.a", "type": "document", "document": document })]);
    world.model.borrow_mut().push_back(Ok(json!({ "response": "At nine." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(told(&world), ["At nine."]);
    let prompts = world.prompts.borrow().iter().map(ToString::to_string).collect::<String>();
    assert!(prompts.contains("The bus leaves at nine."), "{prompts}");
    let sql = "SELECT owner || ' ' || conversation FROM files";
    let kept: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, format!("whatsapp:US.1 whatsapp.{NUMBER}"));
}

#[test]
fn what_was_asked_there_is_read_on_the_page_and_goes_on_there() {
    let world = world();
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    live(&world, &Journal::new(&world)).unwrap();
    let id = format!("whatsapp.{NUMBER}");
    let get = |owner: &str| {
        let own = key(&world, owner, "chat");
        let path = format!("/api/conversations/{id}");
        run(serve(&world, &config(on()), &with(&own, "GET", &path))).unwrap()
    };
    let read = get("whatsapp:US.1");
    assert!(read.status == 200 && read.body.contains("What is tea?"), "{read:?}");
    assert_eq!(get("whatsapp:US.2").status, 404);
}

#[test]
fn who_is_called_something_else_is_who_they_were() {
    let world = world();
    let value = json!({
        "metadata": { "phone_number_id": NUMBER },
        "user_id_update": [{ "user_id": { "previous": "US.0", "current": "US.1" } }],
    });
    let changes = json!([{ "field": "user_id_update", "value": value }]);
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "changes": changes }] });
    assert_eq!(status(&world, on(), &body), 200);
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    let asker: String = world.db.query_row("SELECT asker FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(asker, "whatsapp:US.0");
    world.store_faults.borrow_mut().push("accounts::rename");
    assert_eq!(status(&world, on(), &body), 503);
}
