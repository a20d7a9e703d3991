//! What happens in Slack becomes one job and one answer, wherever the program dies; and what is typed is replied to at
//! once.

use serde_json::json;

mod accounts;
mod context;

use super::*;
use crate::routes::api::tests::{key, with};
use crate::routes::serve;
use crate::testing::{configured, remembering as world, run_latest, run_to_its_end};
use miyabi_channels::slack::verify::{SIGNATURE, TIMESTAMP};
use miyabi_core::i18n::{memory, reminders};
use miyabi_core::key::ApiKey;
use miyabi_core::mac::mac;
use miyabi_core::ports::Limit;
use miyabi_testing::slack::{Fate, SIGNING_SECRET, slack};
use miyabi_testing::{Arrival, Fake, Journal, run, settings, wherever_it_dies};

const JOB: &str = "slack_T1_C1_1700000000123456";
const TS: &str = "1700000000.123456";

fn on() -> Settings {
    Settings { slack: Some(Rc::new(slack())), ..settings() }
}

fn signed(world: &Fake, path: &'static str, body: &str) -> Arrival {
    let time = (world.now.get() / 1000).to_string();
    let code = mac(SIGNING_SECRET.as_bytes(), &[b"v0:", time.as_bytes(), b":", body.as_bytes()]);
    let arrival = Arrival::new("POST", path).header(TIMESTAMP, &time).body(body);
    arrival.header(SIGNATURE, &format!("v0={}", hex::encode(code)))
}

fn served(world: &Fake, settings: Settings, arrival: &Arrival) -> Reply {
    let config = Config { settings: Ok(settings), ..configured() };
    let reply = run(serve(world, &config, arrival)).unwrap();
    world.run_waiting();
    reply
}

fn message(fields: &Value) -> String {
    let mut event = json!({
        "type": "app_mention", "channel": "C1", "user": "U5", "ts": TS,
        "text": "<@U0BOT> What is tea?",
    });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({
        "type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event,
        "authorizations": [{ "user_id": "U0BOT", "is_bot": true }],
    })
    .to_string()
}

fn mention(world: &Fake) -> Reply {
    served(world, on(), &signed(world, "/slack/events", &message(&json!({}))))
}

fn typed(world: &Fake, command: &str, text: &str) -> Value {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("team_id", "T1"),
        ("channel_id", "C1"),
        ("user_id", "U5"),
        ("command", command),
        ("text", text),
        ("trigger_id", "1.2.abc"),
    ] {
        form.append_pair(name, value);
    }
    let reply = served(world, on(), &signed(world, "/slack/commands", &form.finish()));
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

fn press(world: &Fake, action: &str, (user, trigger): (&str, &str)) -> Reply {
    let payload = json!({
        "type": "block_actions", "team": { "id": "T1" }, "channel": { "id": "C1" },
        "user": { "id": user }, "message": { "ts": "1700000009.000001", "thread_ts": TS },
        "trigger_id": trigger, "actions": [{ "action_id": action, "value": JOB }],
    });
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    served(world, on(), &signed(world, "/slack/interactivity", &form.finish()))
}

fn live(world: &Fake, journal: &Journal) -> Option<()> {
    run_latest(world, journal, &on())
}

fn texts(world: &Fake) -> Vec<String> {
    world.slack.borrow().texts().into_iter().map(ToOwned::to_owned).collect()
}

/// Returns what somebody was told alone, last.
fn whispered(world: &Fake) -> String {
    let slack = world.slack.borrow();
    let body = slack.called("chat.postEphemeral").pop().cloned().unwrap_or_default();
    body["blocks"][0]["text"].as_str().unwrap_or_default().to_owned()
}

fn jobs(world: &Fake) -> i64 {
    world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_mention_becomes_an_answer_in_its_thread() {
    let world = world();
    let profile = json!({ "locale": "ja-JP", "profile": { "display_name": "Mio" } });
    world.slack.borrow_mut().profiles.insert("U5".to_owned(), profile);
    let reply = mention(&world);
    assert_eq!((reply.status, reply.body.as_ref()), (200, ""));
    let status = world.slack.borrow().called("assistant.threads.setStatus")[0].clone();
    assert_eq!((&status["thread_ts"], &status["status"]), (&json!(TS), &json!("が考えています…")));
    world.model.borrow_mut().push_back(Ok(json!({ "response": "**Tea** is a drink." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(texts(&world), ["**Tea** is a drink."]);
    let posted = world.slack.borrow().called("chat.postMessage")[0].clone();
    assert_eq!(posted["thread_ts"], TS);
    assert_eq!(world.job(JOB).unwrap().0, "COMPLETED");
    // What a person is called is asked for once a day.
    served(
        &world,
        on(),
        &signed(&world, "/slack/events", &message(&json!({ "ts": "1700000001.000001" }))),
    );
    assert_eq!(world.slack.borrow().called("users.info").len(), 1);
}

#[test]
fn one_mention_that_comes_as_two_events_is_one_job() {
    let world = world();
    mention(&world);
    let twin = message(&json!({ "type": "message", "channel_type": "channel" }));
    served(&world, on(), &signed(&world, "/slack/events", &twin));
    let again = signed(&world, "/slack/events", &message(&json!({})));
    served(&world, on(), &again.header("x-slack-retry-num", "1"));
    assert_eq!(jobs(&world), 1);
    // What is shown until the answer comes is not shown after it.
    assert_eq!(world.slack.borrow().called("assistant.threads.setStatus").len(), 1);
    assert!(world.started.borrow().iter().all(|(instance, _)| instance == JOB));
}

#[test]
fn it_is_answered_once_wherever_the_program_dies() {
    wherever_it_dies(6, |death| {
        let world = world();
        mention(&world);
        let died = run_to_its_end(&world, death, &on());
        assert_eq!(texts(&world).len(), 1, "{death:?}: a message that is there is found");
        assert_eq!(world.job(JOB).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn what_was_asked_there_is_read_on_the_page() {
    let world = world();
    mention(&world);
    live(&world, &Journal::new(&world)).unwrap();
    let get = |key: &ApiKey, path: &str| {
        let config = Config { settings: Ok(on()), ..configured() };
        run(serve(&world, &config, &with(key, "GET", path))).unwrap()
    };
    let id = "slack.T1.C1.1700000000123456";
    let own = key(&world, "slack:T1.U5", "chat");
    assert!(get(&own, "/api/conversations").body.contains(&format!(r#""id":"{id}""#)));
    let path = format!("/api/conversations/{id}");
    assert!(get(&own, &path).body.contains("What is tea?"));
    let other = key(&world, "slack:T1.U6", "chat");
    assert_eq!(get(&other, &path).status, 404);
}

#[test]
fn who_asks_is_told_once_that_there_is_no_answer() {
    let world = world();
    mention(&world);
    world.model.borrow_mut().push_back(Err(3036));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(texts(&world).len(), 1);
    assert_eq!(world.job(JOB).unwrap().0, "ERROR");
}

#[test]
fn a_short_limit_is_waited_for() {
    let world = world();
    mention(&world);
    let mut limited =
        miyabi_testing::response(429, &json!({ "ok": false, "error": "ratelimited" }));
    limited.headers.push(("retry-after", "1".to_owned()));
    world.slack.borrow_mut().fates.push_back(Fate { takes_effect: false, response: Ok(limited) });
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(texts(&world).len(), 1);
    assert!(world.slept.borrow().iter().any(|wait| wait.as_secs() == 1));
}

#[test]
fn nobody_else_sends_events() {
    let world = world();
    let body = message(&json!({}));
    for path in ["/slack/events", "/slack/commands", "/slack/interactivity"] {
        let arrival = signed(&world, path, &body);
        for (arrival, status) in [
            (signed(&world, path, &body).header(SIGNATURE, "v0=00"), 401),
            (signed(&world, path, &body).without(TIMESTAMP), 401),
            (Arrival::new("GET", path), 405),
        ] {
            assert_eq!(served(&world, on(), &arrival).status, status, "{path}");
        }
        assert_eq!(served(&world, settings(), &arrival).status, 503, "Slack is off");
    }
    assert!(world.started.borrow().is_empty());
}

#[test]
fn a_command_is_answered_where_miyabi_may_write() {
    let asked = world();
    assert_eq!(typed(&asked, "/ask", "What is tea?"), json!({ "response_type": "in_channel" }));
    live(&asked, &Journal::new(&asked)).unwrap();
    assert_eq!(texts(&asked).len(), 1);
    for error in ["channel_not_found", "missing_scope"] {
        let world = world();
        world.slack.borrow_mut().errors.insert("conversations.info", error);
        let told = typed(&world, "/ask", "What is tea?");
        assert_eq!(told["response_type"], "ephemeral");
        assert!(told["text"].as_str().unwrap().contains("/invite"), "{told}");
        assert!(world.started.borrow().is_empty());
    }
}

#[test]
fn commands_are_replied_to_at_once_and_alone() {
    let world = world();
    mention(&world);
    for (text, expected) in [
        ("", "`/miyabi status`"),
        ("help", "`/miyabi memory`"),
        ("status", "What is tea?"),
        ("usage", "token"),
        ("memory", "remember"),
        ("memory what", "`/miyabi memory forget 3`"),
        ("link", "code"),
        ("privacy", "`/miyabi privacy delete`"),
        ("privacy delete", "`/miyabi privacy delete everything`"),
        ("new", "question"),
        ("cancel", "answer"),
    ] {
        let told = typed(&world, "/miyabi", text);
        assert_eq!(told["response_type"], "ephemeral", "{text}");
        let words = told["blocks"][0]["text"].as_str().unwrap();
        assert!(words.contains(expected), "{text}: {words}");
        assert!(!words.contains("`/status`"), "{words}");
    }
}

#[test]
fn the_buttons_below_an_answer_do_what_they_say_for_who_asked() {
    let world = world();
    mention(&world);
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(press(&world, "delete", ("U6", "1.1.a")).status, 200);
    assert!(!whispered(&world).is_empty() && texts(&world).len() == 1, "not theirs");
    press(&world, "why", ("U5", "1.2.a"));
    assert!(whispered(&world).contains("llama-3.3-70b"), "{}", whispered(&world));

    press(&world, "again", ("U5", "1.3.a"));
    world.model.borrow_mut().push_back(Ok(json!({ "response": "Another answer." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert!(texts(&world).last().unwrap().starts_with("Another answer."));
    press(&world, "again", ("U5", "1.3.a"));
    assert_eq!(jobs(&world), 2, "the same press again is the same job");

    press(&world, "delete", ("U5", "1.4.a"));
    assert_eq!(texts(&world).len(), 1, "{:?}", texts(&world));
}

#[test]
fn sentences_name_commands_as_they_are_typed_here_wherever_they_stand() {
    let world = world();
    press(&world, "why", ("U5", "1.2.a"));
    assert!(whispered(&world).contains("`/miyabi ask`"), "{}", whispered(&world));
    let slack = Slack::new(world, Rc::new(slack()));
    for language in Language::ALL {
        let set = reminders::set(language, "tea", 7, &slack);
        assert!(set.contains("`/miyabi status`") && set.contains("`/miyabi cancel`"), "{set}");
        assert!(memory::forgotten(language, 0, &slack).contains("`/miyabi memory`"));
        let off = memory::switched(language, false, &slack);
        assert!(off.contains("`/miyabi memory forget all`"), "{off}");
    }
}

#[test]
fn a_message_is_explained_from_its_menu() {
    let world = world();
    let payload = json!({
        "type": "message_action", "callback_id": "ask_about", "team": { "id": "T1" },
        "channel": { "id": "C1" }, "user": { "id": "U5" }, "trigger_id": "1.2.abc",
        "action_ts": TS, "message": { "ts": "1699999999.000001", "text": "It rains cats and dogs." },
    });
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    served(&world, on(), &signed(&world, "/slack/interactivity", &form.finish()));
    live(&world, &Journal::new(&world)).unwrap();
    let posted = world.slack.borrow().called("chat.postMessage")[0].clone();
    assert_eq!(posted["thread_ts"], "1699999999.000001");
    let prompts = world.prompts.borrow().iter().map(ToString::to_string).collect::<String>();
    assert!(prompts.contains("It rains cats and dogs."), "{prompts}");
}

#[test]
fn the_home_says_what_miyabi_can_do() {
    let world = world();
    let opened = json!({ "type": "app_home_opened", "user": "U5", "channel": "D1", "tab": "home" });
    let body = json!({ "type": "event_callback", "team_id": "T1", "event": opened }).to_string();
    assert_eq!(served(&world, on(), &signed(&world, "/slack/events", &body)).status, 200);
    let home = world.slack.borrow().called("views.publish")[0].clone();
    assert_eq!(home["user_id"], "U5");
    let said = home["view"]["blocks"].to_string();
    assert!(said.contains("*What I can do*") && said.contains("`/miyabi status`"), "{said}");
}

#[test]
fn a_menu_where_miyabi_is_not_is_replied_to_by_the_address_for_that() {
    let world = world();
    world.slack.borrow_mut().errors.insert("conversations.info", "channel_not_found");
    let payload = json!({
        "type": "message_action", "callback_id": "ask_about", "team": { "id": "T1" },
        "channel": { "id": "D1" }, "user": { "id": "U5" }, "trigger_id": "1.2.abc",
        "action_ts": TS, "message": { "ts": "1699999999.000001", "text": "It rains." },
        "response_url": "https://slack.test/respond/1",
    });
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    served(&world, on(), &signed(&world, "/slack/interactivity", &form.finish()));
    assert!(world.started.borrow().is_empty());
    let told = world.slack.borrow().called("respond")[0].clone();
    assert!(told["text"].as_str().unwrap().contains("/invite"), "{told}");
}

#[test]
fn what_one_person_reads_stands_in_a_thread_only_if_there_is_one() {
    for (thread, expected) in [(None, None), (Some("1699999999.000001"), Some("1699999999.000001"))]
    {
        let world = world();
        let body = message(&json!({ "text": "<@U0BOT>", "thread_ts": thread }));
        served(&world, on(), &signed(&world, "/slack/events", &body));
        let told = world.slack.borrow().called("chat.postEphemeral")[0].clone();
        assert_eq!(told.get("thread_ts").and_then(Value::as_str), expected);
    }
}

#[test]
fn too_many_questions_are_refused_in_words_for_who_asks_alone() {
    let world = world();
    world.exhausted.borrow_mut().push((Limit::Asker, "slack:T1.U5".to_owned()));
    mention(&world);
    assert!(!whispered(&world).is_empty() && texts(&world).is_empty());
    let told = typed(&world, "/ask", "What is tea?");
    assert_eq!(told["response_type"], "ephemeral");
}

#[test]
fn a_profile_that_slack_does_not_tell_costs_no_answer() {
    let world = world();
    world.slack.borrow_mut().errors.insert("users.info", "missing_scope");
    mention(&world);
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(texts(&world).len(), 1);
}

#[test]
fn what_is_not_served_is_kept_for_the_operator() {
    let world = world();
    let body =
        json!({ "type": "event_callback", "team_id": "T1", "event": { "type": "reaction_added" } });
    let reply = served(&world, on(), &signed(&world, "/slack/events", &body.to_string()));
    assert_eq!(reply.status, 200);
    let sql = "SELECT platform || ' ' || kind FROM unserved_updates";
    let kept: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "slack reaction_added");
}

#[test]
fn an_address_is_verified_by_its_challenge() {
    let world = world();
    let body = r#"{"type":"url_verification","challenge":"abc"}"#;
    let reply = served(&world, on(), &signed(&world, "/slack/events", body));
    assert_eq!(reply.body, r#"{"challenge":"abc"}"#);
}
