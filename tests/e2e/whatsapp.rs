//! A question on WhatsApp, from the webhook to the message that answers it.

use core::time::Duration;

use serde_json::{Value, json};

use crate::world::{self, World, list, text};

/// What a person has done, and what became of the request about it.
struct Done<'a> {
    world: &'a World,
    chat: String,
    sent: Value,
}

impl World {
    /// Has people do something on WhatsApp.
    fn whatsapp(&self, order: &Value) -> Done<'_> {
        let sent = self.stack().write_on_whatsapp(order).unwrap();
        let person = order["as"].as_str().unwrap_or("mio");
        Done { world: self, chat: order["in"].as_str().unwrap_or(person).to_owned(), sent }
    }

    /// Returns the messages of a chat that are the number's.
    fn whatsapp_said(&self, chat: &str) -> Vec<Value> {
        let messages = list(self.stack().whatsapp_chat(chat).unwrap()["messages"].clone());
        messages.into_iter().filter(|message| message["is_bot"] == true).collect()
    }

    /// Returns the calls that have sent a message.
    fn whatsapp_sends(&self) -> Vec<Value> {
        let calls = self.calls();
        let is_send = |call: &Value| {
            call["operation"] == "whatsapp_messages" && call["body"]["status"].is_null()
        };
        calls.into_iter().filter(is_send).collect()
    }

    fn whatsapp_model_calls(&self) -> Vec<Value> {
        self.calls().into_iter().filter(|call| call["operation"] == "ai_run").collect()
    }

    /// Returns the states of all jobs.
    fn whatsapp_jobs(&self) -> Vec<String> {
        let rows = "SELECT status FROM jobs WHERE platform = 'whatsapp' ORDER BY rowid";
        let rows = self.stack().query(rows, &[]).unwrap();
        rows.iter().map(|row| text(row, "status").to_owned()).collect()
    }

    fn whatsapp_is_kept_to(&self) {
        assert_eq!(self.violations(), Vec::<Value>::new());
    }
}

impl Done<'_> {
    /// Id of the message.
    fn id(&self) -> &str {
        self.sent["messages"][0].as_str().unwrap()
    }

    /// Returns the status with which the Worker took the request.
    fn status(&self) -> &Value {
        &self.sent["deliveries"][0]["attempts"][0]["status"]
    }

    /// Returns the state of its job.
    fn job(&self) -> Option<String> {
        let number = self.world.lab("/lab/world")["whatsapp"]["phone_number_id"].clone();
        let id = miyabi_channels::whatsapp::job_id(number.as_str().unwrap(), self.id()).unwrap();
        self.world.row(id.as_str()).map(|row| text(&row, "status").to_owned())
    }

    /// Waits until the job has ended in a state, and returns what the number has said.
    fn ended(&self, state: &str) -> Vec<Value> {
        let longest = Duration::from_mins(1);
        world::within(longest, state, || (self.job().as_deref() == Some(state)).then_some(()));
        self.world.whatsapp_said(&self.chat)
    }

    /// Waits for the only message that answers.
    fn answer(&self) -> Value {
        let mut said = self.ended("COMPLETED");
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    }

    /// Waits until the number has said something more than so many messages.
    fn told(&self, before: usize) -> Value {
        world::until("words", || {
            let said = self.world.whatsapp_said(&self.chat);
            said.into_iter().nth(before)
        })
    }
}

/// Has the model say something.
fn script(world: &World, words: &str) {
    let reply = json!({ "response": words, "tool_calls": [], "usage": {
        "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
    world.tell_lab("/lab/ai/script", &json!({ "replies": [reply] }));
}

/// Breaks the next call that sends a message of a job.
fn fault(world: &World, then: &Value) {
    let of =
        json!({ "operation": "whatsapp_messages", "body_contains": "biz_opaque_callback_data" });
    world.tell_lab("/lab/faults", &json!({ "match": of, "then": then }));
}

fn configure(world: &World, config: &Value) {
    world.tell_lab("/lab/config", &json!({ "whatsapp": config }));
}

#[test]
fn a_question_is_answered_with_buttons_below() {
    let world = world::alone();
    script(&world, "**Yes**, see `code`.");
    let asked = world.whatsapp(&json!({ "text": "Is it so?" }));
    assert_eq!(asked.status(), 200, "{}", asked.sent);
    let answer = asked.answer();
    assert_eq!(answer["plain"], "Yes, see code.");
    assert_eq!(answer["lines"][0]["runs"][0], json!({ "text": "Yes", "marks": ["bold"] }));
    let ids: Vec<_> = list(answer["buttons"].clone())
        .iter()
        .map(|button| text(button, "id").split(':').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ids, ["again", "why"]);
    let messages = list(world.stack().whatsapp_chat("mio").unwrap()["messages"].clone());
    assert_eq!(messages[0]["read"], true, "it says that it was read");
    assert_eq!(world.lab("/lab/whatsapp/money")["messages"], 1);
    world.whatsapp_is_kept_to();
}

#[test]
fn the_same_request_again_and_again_is_answered_once() {
    let world = world::alone();
    script(&world, "Once.");
    let asked = world.whatsapp(&json!({ "text": "How often?", "copies": 3 }));
    assert_eq!(asked.answer()["plain"], "Once.");
    let again = world.whatsapp(&json!({ "again": asked.sent["deliveries"][0]["id"] }));
    assert_eq!(again.status(), 200, "{}", again.sent);
    assert_eq!(asked.answer()["plain"], "Once.");
    assert_eq!(world.whatsapp_model_calls().len(), 1);
    world.whatsapp_is_kept_to();
}

#[test]
fn a_request_of_many_messages_is_many_questions() {
    let world = world::own(&[]);
    let texts = |begin: &str| [1, 2, 3].map(|n| json!({ "text": format!("Question {begin}{n}?") }));
    let status = json!({
        "id": "wamid.unknown", "status": "delivered", "timestamp": "1796000000",
        "recipient_id": "819012345678",
    });
    let order = json!({ "entries": [texts("a"), texts("b")], "statuses": [status, status] });
    let asked = world.whatsapp(&order);
    assert_eq!(asked.status(), 200, "{}", asked.sent);
    world::until("six answers", || {
        let jobs = world.whatsapp_jobs();
        (jobs.len() == 6 && jobs.iter().all(|it| it == "COMPLETED")).then_some(())
    });
    assert_eq!(world.whatsapp_said("mio").len(), 6);
    world.whatsapp_is_kept_to();
}

#[test]
fn an_answer_whose_reply_was_lost_is_found_by_its_status_and_not_sent_again() {
    let world = world::alone();
    for then in
        [json!({ "drop": "after" }), json!({ "status": 502, "body": "<html>", "effect": true })]
    {
        world.freshen();
        fault(&world, &then);
        script(&world, "It did.");
        let asked = world.whatsapp(&json!({ "text": "Did it arrive?" }));
        assert_eq!(asked.answer()["plain"], "It did.", "{then}");
        assert_eq!(world.whatsapp_sends().len(), 1, "{then}");
        world.whatsapp_is_kept_to();
    }
}

#[test]
fn an_answer_that_did_not_arrive_is_sent_again() {
    let world = world::alone();
    fault(&world, &json!({ "drop": "before" }));
    script(&world, "It did.");
    let asked = world.whatsapp(&json!({ "text": "Did it arrive?" }));
    assert_eq!(asked.answer()["plain"], "It did.");
    assert_eq!(world.whatsapp_sends().len(), 2);
    world.whatsapp_is_kept_to();
}

#[test]
fn statuses_may_come_early_twice_and_in_any_order() {
    let world = world::alone();
    let statuses = json!({ "copies": 2, "are_reversed": true, "are_early": true });
    configure(&world, &json!({ "statuses": statuses }));
    script(&world, "Once.");
    let asked = world.whatsapp(&json!({ "text": "How often?" }));
    assert_eq!(asked.answer()["plain"], "Once.");
    world::until("all of them", || {
        let all = list(world.lab("/lab/whatsapp/messages"));
        (all.len() == 7 && all.iter().all(|it| it["state"] == "taken")).then_some(())
    });
    assert_eq!(world.whatsapp_sends().len(), 1);
    world.whatsapp_is_kept_to();
}

#[test]
fn a_limit_is_waited_out() {
    let world = world::alone();
    let pair = json!({ "error": { "code": 131_056, "message": "pair rate limit hit" } });
    for then in [json!({ "status": 429 }), json!({ "status": 400, "body": pair })] {
        world.freshen();
        fault(&world, &then);
        script(&world, "After a while.");
        let asked = world.whatsapp(&json!({ "text": "Now?" }));
        assert_eq!(asked.answer()["plain"], "After a while.", "{then}");
        assert_eq!(world.whatsapp_sends().len(), 2, "{then}");
        world.whatsapp_is_kept_to();
    }
}

#[test]
fn forged_requests_are_refused_and_other_kinds_are_taken() {
    let world = world::alone();
    let forged = format!("sha256={}", "0".repeat(64));
    for signature in [forged.as_str(), "", "sha1=00"] {
        let asked = world.whatsapp(&json!({ "text": "Let me in", "signature": signature }));
        assert_eq!(asked.status(), 401, "{signature} {}", asked.sent);
        assert_eq!(asked.job(), None);
    }
    // A body that cannot be read is refused, and Meta would send it again: once is enough here.
    configure(&world, &json!({ "attempts": 1 }));
    for body in ["{", "{\"object\":\"page\",\"entry\":[]}"] {
        assert_eq!(world.whatsapp(&json!({ "raw_body": body })).status(), 400, "{body}");
    }
    for order in [
        json!({ "field": "account_update", "value": { "event": "VERIFIED_ACCOUNT" } }),
        json!({ "field": "a_field_of_tomorrow", "value": { "what": [1, null] } }),
        json!({ "message": { "type": "a_kind_of_tomorrow", "a_kind_of_tomorrow": {} } }),
        json!({ "message": { "type": "unsupported", "errors": [{ "code": 131_051 }] } }),
        json!({ "new_number": "819000000000" }),
        json!({ "as": "sora", "new_user_id": "JP.1" }),
        json!({ "text": "not here", "value": { "metadata": { "phone_number_id": "1" } } }),
    ] {
        assert_eq!(world.whatsapp(&order).status(), 200, "{order}");
    }
    assert_eq!(world.whatsapp_model_calls(), Vec::<Value>::new());
    assert_eq!(world.whatsapp_sends(), Vec::<Value>::new());
    world.whatsapp_is_kept_to();
}

#[test]
fn the_address_answers_meta_s_challenge_with_the_right_token_alone() {
    let world = world::alone();
    let token = world.lab("/lab/world")["whatsapp"]["verify_token"].clone();
    let ask = |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        let reply = world.stack().get(&format!("/whatsapp/webhook?{query}")).unwrap();
        (reply.status, reply.body)
    };
    assert_eq!(ask(token.as_str().unwrap()), (200, "1158201444".to_owned()));
    assert_eq!(ask("another-token-that-is-long").0, 403);
}

#[test]
fn what_is_edited_or_taken_back_asks_nothing() {
    let world = world::alone();
    script(&world, "Once.");
    let asked = world.whatsapp(&json!({ "text": "How often" }));
    assert_eq!(asked.answer()["plain"], "Once.");
    for order in [
        json!({ "text": "How often?", "edit": asked.id() }),
        json!({ "react": { "message": asked.id(), "emoji": "👍" } }),
        json!({ "revoke": asked.id() }),
    ] {
        assert_eq!(world.whatsapp(&order).status(), 200, "{order}");
    }
    assert_eq!(world.whatsapp_model_calls().len(), 1);
    assert_eq!(world.whatsapp_said("mio").len(), 1);
    world.whatsapp_is_kept_to();
}

#[test]
fn every_command_is_answered_with_what_whatsapp_takes() {
    let world = world::alone();
    script(&world, "An answer.");
    world.whatsapp(&json!({ "text": "/ask something" })).ended("COMPLETED");
    for command in [
        "start", "help", "status", "cancel", "usage", "memory", "link", "privacy", "ask", "nothing",
    ] {
        let before = world.whatsapp_said("mio").len();
        let typed = world.whatsapp(&json!({ "text": format!("/{command}") }));
        assert_eq!(typed.status(), 200, "{command}");
        assert!(!text(&typed.told(before), "plain").is_empty(), "{command}");
        assert_eq!(world.whatsapp_said("mio").len(), before + 1, "{command}");
        assert_eq!(world.violations(), Vec::<Value>::new(), "{command}");
    }
}

#[test]
fn a_row_of_the_help_s_list_is_a_command() {
    let world = world::alone();
    let help = world.whatsapp(&json!({ "text": "/help", "as": "alex" })).told(0);
    let rows = help["list"]["sections"][0]["rows"].clone();
    assert!(list(rows.clone()).len() > 3, "{help}");
    let press = json!({ "message": help["id"], "id": "/status" });
    let pressed = world.whatsapp(&json!({ "press": press, "as": "alex" }));
    assert_eq!(pressed.status(), 200, "{}", pressed.sent);
    assert!(!text(&pressed.told(1), "plain").is_empty());
    world.whatsapp_is_kept_to();
}

#[test]
fn the_buttons_below_an_answer_work() {
    let world = world::alone();
    script(&world, "First.");
    let answer = world.whatsapp(&json!({ "text": "why?" })).answer();
    let press = |begin: &str| {
        let buttons = list(answer["buttons"].clone());
        let button = buttons.iter().find(|it| text(it, "id").starts_with(begin)).unwrap();
        let press = json!({ "message": answer["id"], "id": button["id"] });
        let pressed = world.whatsapp(&json!({ "press": press }));
        assert_eq!(pressed.status(), 200, "{}", pressed.sent);
        pressed
    };
    let why = press("why").told(1);
    assert!(text(&why, "plain").contains("llama"), "{why}");
    script(&world, "Second.");
    let second = press("again").told(2);
    assert_eq!(second["plain"], "Second.");
    world.whatsapp_is_kept_to();
}

#[test]
fn a_file_is_read_and_what_is_spoken_is_the_question() {
    let world = world::alone();
    script(&world, "Green.");
    let file = json!({ "name": "plan.txt", "text": "The sky is green.", "kind": "text/plain" });
    let order = json!({ "text": "What colour is it?", "files": [file] });
    assert_eq!(world.whatsapp(&order).answer()["plain"], "Green.");
    let last = || world.whatsapp_model_calls().pop().unwrap()["body"].to_string();
    assert!(last().contains("The sky is green."), "{}", last());
    world.freshen();
    script(&world, "At nine.");
    let voice = json!({ "text": "OggS\0 Opus [say When does the bus leave?]" });
    let asked = world.whatsapp(&json!({ "files": [voice], "voice": true }));
    assert_eq!(asked.answer()["plain"], "At nine.");
    assert!(last().contains("When does the bus leave?"), "{}", last());
    world.whatsapp_is_kept_to();
}

#[test]
fn a_long_answer_arrives_whole_and_in_order() {
    let world = world::alone();
    for count in [900, 6_000] {
        world.freshen();
        let words: Vec<String> = (0..count).map(|number| format!("word{number}")).collect();
        script(&world, &words.join(" "));
        let said = world.whatsapp(&json!({ "text": "Tell me more." })).ended("COMPLETED");
        let read = |it: &Value| {
            let file = it["medium"]["text"].as_str().map(str::to_owned);
            file.unwrap_or_else(|| text(it, "plain").to_owned())
        };
        let whole: String = said.iter().map(read).collect::<Vec<_>>().join(" ");
        let missing = words.iter().filter(|word| !whole.split_whitespace().any(|it| it == *word));
        assert_eq!(missing.count(), 0, "{count}: {} messages", said.len());
        world.whatsapp_is_kept_to();
    }
}

#[test]
fn where_asking_is_off_nobody_is_answered() {
    let world = world::own(&[("MIYABI_WHATSAPP_ASK", "off")]);
    let asked = world.whatsapp(&json!({ "text": "Is anybody there?" }));
    assert_eq!(asked.status(), 200, "{}", asked.sent);
    let kept = "SELECT kind FROM unserved_updates WHERE platform = 'whatsapp'";
    let rows = world::until("what is kept", || {
        let rows = world.stack().query(kept, &[]).unwrap();
        (!rows.is_empty()).then_some(rows)
    });
    assert_eq!(rows, [json!({ "kind": "messages" })]);
    assert_eq!(asked.job(), None);
    assert_eq!(world.whatsapp_sends(), Vec::<Value>::new());
    world.whatsapp_is_kept_to();
}

#[test]
fn a_group_is_answered_where_it_asks() {
    let world = world::alone();
    let said = world.whatsapp(&json!({ "text": "Good morning", "in": "friends" }));
    assert_eq!((said.status(), said.job()), (&json!(200), None));
    script(&world, "To you.");
    let asked = world.whatsapp(&json!({ "text": "/ask who?", "in": "friends", "as": "alex" }));
    let answer = asked.answer();
    assert_eq!(answer["plain"], "To you.");
    // A reply to what it said is for it.
    script(&world, "Still to you.");
    let reply = json!({ "text": "who?", "in": "friends", "reply_to": answer["id"] });
    let said = world.whatsapp(&reply).ended("COMPLETED");
    assert_eq!(said.len(), 2, "{said:?}");
    let help = world.whatsapp(&json!({ "text": "/help", "in": "friends" }));
    assert!(!text(&help.told(2), "plain").is_empty());
    world.whatsapp_is_kept_to();
}

#[test]
fn who_shows_no_number_is_answered() {
    let world = world::alone();
    script(&world, "Hello, Sora.");
    let asked = world.whatsapp(&json!({ "text": "Hello!", "as": "sora" }));
    assert_eq!(asked.answer()["plain"], "Hello, Sora.");
    let sent = &world.whatsapp_sends()[0]["body"];
    assert_eq!(
        (&sent["to"], &sent["recipient"]),
        (&Value::Null, &json!("JP.71800000000000000503"))
    );
    world.whatsapp_is_kept_to();
}

#[test]
fn who_cannot_be_reached_is_not_written_to_again_and_again() {
    let world = world::alone();
    let refused = json!({ "error": { "code": 131_026, "message": "undeliverable" } });
    fault(&world, &json!({ "status": 400, "body": refused }));
    script(&world, "Hello?");
    let asked = world.whatsapp(&json!({ "text": "Hello!", "as": "alex" }));
    asked.ended("ERROR");
    assert!(world.whatsapp_sends().len() <= 2);
}

#[test]
fn whatever_a_model_writes_is_something_that_whatsapp_takes() {
    let world = world::alone();
    let table: Vec<String> = (0..99).map(|n| format!("| {n} | **b** `c` |")).collect();
    for words in [
        "**a `b` c** ***d*** *e **f** g* ~~old~~",
        "# Head `code` **bold**\n\n## *Next*\n\n---\n\nend",
        "> quote **b** `c` https://a.example\n> > nested\n> ```rust\n> x\n> ```",
        "[**bold** `code`](https://a.example/?a=1&b=2) [bad](javascript:alert(1)) ![x](https://a.example/b.png)",
        "👨‍👩‍👧‍👦 **👉🎋** `🎋` _🎋_ 𠮷",
        "  \n\n**  spaced  ** a  \nb",
        "```\nunclosed **b**",
        "1. one\n   - two\n2. three\n\n* [ ] task",
        &format!("| a | b |\n|---|---|\n{}", table.join("\n")),
        &"🎋".repeat(5_000),
        &format!("```\n{}\n```", "雅".repeat(9_000)),
        &format!("> **{}**", "word ".repeat(2_000)),
    ] {
        script(&world, words);
        let begin: String = words.chars().take(60).collect();
        let said = world.whatsapp_said("mio").len();
        let asked = world.whatsapp(&json!({ "text": "Go on." }));
        assert!(asked.ended("COMPLETED").len() > said, "{begin}");
        assert_eq!(world.violations(), Vec::<Value>::new(), "{begin}");
    }
}

#[test]
fn a_reminder_reaches_who_has_not_written_for_a_day_by_a_template() {
    let world = world::own(&[]);
    let words = "Remind me in 20 minutes to turn off the oven.";
    let answer = world.whatsapp(&json!({ "text": words, "as": "alex" })).answer();
    assert!(text(&answer, "plain").contains("turn off the oven"), "{answer}");
    // A day passes, for the Worker and for Meta.
    for statement in [
        "UPDATE reminders SET due_at = unixepoch()",
        "UPDATE whatsapp_messages SET wrote_at = wrote_at - 90000",
    ] {
        world.stack().query(statement, &[]).unwrap();
    }
    configure(&world, &json!({ "window_ms": 0 }));
    for _ in 0..2 {
        world.stack().tick().unwrap();
    }
    let brought = world::until("the reminder", || {
        let said = world.whatsapp_said("alex");
        said.into_iter().find(|it| it["template"] == "miyabi_reminder/en_US")
    });
    assert!(text(&brought, "plain").contains("turn off the oven"), "{brought}");
    assert_eq!(
        list(world.stack().whatsapp_chat("alex").unwrap()["failed"].clone()),
        Vec::<Value>::new()
    );
    assert_eq!(world.lab("/lab/whatsapp/money")["categories"]["utility"], 1);
    assert!(!world.stack().logs().contains("oven"), "{}", world.stack().logs());
    world.whatsapp_is_kept_to();
}
