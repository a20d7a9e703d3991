//! A question on Slack, from the event to the message that answers it.

use core::time::Duration;

use serde_json::{Value, json};

use crate::world::{self, World, list, text};

/// What a person has done, and what became of what Slack told the Worker about it.
struct Done<'a> {
    world: &'a World,
    channel: String,
    sent: Value,
}

impl World {
    /// Has a person do something on Slack.
    fn slack(&self, order: &Value) -> Done<'_> {
        let sent = self.stack().write_on_slack(order).unwrap();
        let person = order["as"].as_str().unwrap_or("mio");
        let direct = format!("dm:{person}");
        let channel = order["in"].as_str().unwrap_or(&direct).to_owned();
        Done { world: self, channel, sent }
    }

    fn slack_channel(&self, name: &str) -> Value {
        self.stack().slack_channel(name).unwrap()
    }

    /// Returns the messages of a channel that are the bot's.
    fn slack_said(&self, channel: &str) -> Vec<Value> {
        let messages = list(self.slack_channel(channel)["messages"].clone());
        messages.into_iter().filter(|message| message["is_bot"] == true).collect()
    }

    fn slack_calls(&self, operation: &str) -> Vec<Value> {
        let calls = self.calls();
        calls.into_iter().filter(|call| call["operation"] == operation).collect()
    }

    fn slack_is_kept_to(&self) {
        assert_eq!(self.violations(), Vec::<Value>::new());
    }
}

impl Done<'_> {
    /// Time of the message.
    fn ts(&self) -> &str {
        self.sent["messages"][0].as_str().unwrap()
    }

    /// Returns the status with which the Worker took the first delivery.
    fn status(&self) -> &Value {
        &self.sent["deliveries"][0]["attempts"][0]["status"]
    }

    /// Returns the state of its job.
    fn job(&self) -> Option<String> {
        let like = format!("%\\_{}", self.ts().replace('.', ""));
        let query = "SELECT status FROM jobs WHERE platform = 'slack' AND id LIKE ? ESCAPE '\\'";
        let rows = self.world.stack().query(query, &[&like]).unwrap();
        assert!(rows.len() <= 1, "{rows:?}");
        rows.first().map(|row| text(row, "status").to_owned())
    }

    /// Waits until the job has ended in a state, and returns what the bot has said.
    fn ended(&self, state: &str) -> Vec<Value> {
        world::until(state, || (self.job().as_deref() == Some(state)).then_some(()));
        self.world.slack_said(&self.channel)
    }

    /// Waits for the only message that answers.
    fn answer(&self) -> Value {
        let mut said = self.ended("COMPLETED");
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    }
}

/// Returns what a message says, in Markdown.
fn markdown(message: &Value) -> &str {
    text(&message["blocks"][0], "text")
}

/// Has the model say something.
fn script(world: &World, words: &str) {
    let reply = json!({ "response": words, "tool_calls": [], "usage": {
        "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
    world.tell_lab("/lab/ai/script", &json!({ "replies": [reply] }));
}

fn fault(world: &World, operation: &str, then: &Value) {
    world.tell_lab("/lab/faults", &json!({ "match": { "operation": operation }, "then": then }));
}

#[test]
fn a_direct_message_is_answered_in_its_thread() {
    let world = world::alone();
    script(&world, "**Yes**, see `code`.");
    let asked = world.slack(&json!({ "text": "Is it so?" }));
    assert_eq!(asked.status(), 200, "{}", asked.sent);
    let answer = asked.answer();
    assert_eq!(markdown(&answer), "**Yes**, see `code`.");
    assert_eq!(text(&answer, "thread_ts"), asked.ts());
    assert!(!world.slack_calls("slack_set_status").is_empty(), "it says that it thinks");
    world.slack_is_kept_to();
}

#[test]
fn a_mention_in_a_channel_is_answered_once_in_its_thread() {
    let world = world::own(&[("MIYABI_MEMORY", "on")]);
    script(&world, "Here.");
    let order = json!({ "text": "where?", "mention": true, "in": "general", "as": "alex" });
    let asked = world.slack(&order);
    assert_eq!(list(asked.sent["deliveries"].clone()).len(), 2, "it comes twice");
    let answer = asked.answer();
    assert_eq!((markdown(&answer), text(&answer, "thread_ts")), ("Here.", asked.ts()));
    assert_eq!(world.slack_calls("ai_run").len(), 1);
    assert!(!world.slack_calls("slack_set_status").is_empty(), "it says that it thinks");
    assert_eq!(world.slack_channel("general")["statuses"], json!([]));
    // Its own message, which Slack tells it of, is nobody's question; what follows in the thread goes on there.
    script(&world, "Still here.");
    let order = json!({ "text": "and now?", "mention": true, "in": "general", "as": "alex", "thread": asked.ts() });
    let said = world.slack(&order).ended("COMPLETED");
    assert_eq!(said.len(), 2, "{said:?}");
    let prompt = world.slack_calls("ai_run").pop().unwrap()["body"].to_string();
    assert!(prompt.contains("where?") && prompt.contains("Here."), "{prompt}");
    world.slack_is_kept_to();
}

#[test]
fn what_is_said_in_a_channel_and_not_to_the_bot_is_not_answered() {
    let world = world::alone();
    for order in [
        json!({ "text": "Good morning", "in": "general" }),
        json!({ "text": "@mio why?", "in": "general", "as": "alex" }),
    ] {
        let said = world.slack(&order);
        assert_eq!(said.status(), 200, "{}", said.sent);
        assert_eq!(said.job(), None, "{order}");
    }
    world.slack_is_kept_to();
}

#[test]
fn the_same_event_again_and_again_is_answered_once() {
    let world = world::alone();
    script(&world, "Once.");
    let asked = world.slack(&json!({ "text": "How often?", "copies": 3 }));
    assert_eq!(markdown(&asked.answer()), "Once.");
    let again = json!({ "again": asked.sent["deliveries"][0]["id"] });
    assert_eq!(world.slack(&again).status(), 200);
    // An edit of it asks nothing.
    let edited = world.slack(&json!({ "text": "How often then?", "edit": asked.ts() }));
    assert_eq!(edited.status(), 200, "{}", edited.sent);
    assert_eq!(markdown(&asked.answer()), "Once.");
    assert_eq!(world.slack_calls("ai_run").len(), 1);
    world.slack_is_kept_to();
}

#[test]
fn forged_and_stale_requests_are_refused() {
    let world = world::alone();
    let forged = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    for wrong in
        [json!({ "signature": forged }), json!({ "signature": "" }), json!({ "age_s": 400 })]
    {
        let mut order = json!({ "text": "Let me in" });
        order.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let asked = world.slack(&order);
        assert_eq!(asked.status(), 401, "{wrong} {}", asked.sent);
        assert_eq!(asked.job(), None);
    }
    assert_eq!(world.slack(&json!({ "raw_body": "{" })).status(), 400);
    for kind in ["reaction_added", "a_kind_of_tomorrow"] {
        assert_eq!(world.slack(&json!({ "event": { "type": kind } })).status(), 200, "{kind}");
    }
    assert_eq!(world.slack(&json!({ "verify": true })).status(), 200);
    world.slack_is_kept_to();
}

#[test]
fn a_limit_is_waited_out() {
    let world = world::alone();
    fault(&world, "slack_post_message", &json!({ "status": 429 }));
    script(&world, "After a while.");
    let asked = world.slack(&json!({ "text": "Now?" }));
    assert_eq!(markdown(&asked.answer()), "After a while.");
    assert_eq!(world.slack_calls("slack_post_message").len(), 2);
    world.slack_is_kept_to();
}

#[test]
fn an_answer_whose_reply_was_lost_is_found_and_not_sent_again() {
    let world = world::alone();
    fault(&world, "slack_post_message", &json!({ "drop": "after" }));
    script(&world, "It did.");
    let asked = world.slack(&json!({ "text": "Did it arrive?", "mention": true, "in": "general" }));
    // A message that was just posted may be another run's.
    world::within(Duration::from_mins(1), "the answer", || {
        (asked.job().as_deref() == Some("COMPLETED")).then_some(())
    });
    assert_eq!(markdown(&asked.answer()), "It did.");
    assert_eq!(world.slack_calls("slack_post_message").len(), 1);
    assert!(!world.slack_calls("slack_replies").is_empty(), "it was looked for");
    world.slack_is_kept_to();
}

#[test]
fn a_long_answer_grows_in_its_thread_and_stays_one_message() {
    let world = world::own(&[("MIYABI_MODEL", "openai/gpt-5-mini")]);
    let order =
        json!({ "text": "[long 1200] [slow 60] in English", "mention": true, "in": "general" });
    let asked = world.slack(&order);
    world::until("it grows", || {
        let said = world.slack_said("general");
        said.iter().any(|it| it["streaming"] == "in_progress").then_some(())
    });
    let answer = asked.answer();
    assert!(markdown(&answer).chars().count() > 1_000, "{answer}");
    assert_ne!(answer["streaming"], "in_progress");
    assert!(world.slack_calls("slack_append_stream").len() > 1);
    assert!(world.slack_calls("slack_post_message").is_empty(), "the message that grew is it");

    // Tools that take a while are shown in it.
    fault(&world, "weather", &json!({ "delay_ms": 2_000 }));
    let asked = world.slack(&json!({ "text": "the weather in Kyoto", "thread": asked.ts(), "in": "general", "mention": true }));
    let title = world::until("the tool", || {
        let said = world.slack_said("general");
        said.iter().find_map(|it| it["blocks"][0]["title"].as_str().map(ToOwned::to_owned))
    });
    assert!(title.contains("weather"), "{title}");
    let said = asked.ended("COMPLETED");
    assert!(said.len() == 2 && !said[1]["blocks"].to_string().contains("task_card"), "{said:?}");
    world.slack_is_kept_to();
}

#[test]
fn commands_are_replied_to_whoever_typed_them_alone() {
    let world = world::alone();
    script(&world, "An answer.");
    world.slack(&json!({ "text": "something" })).ended("COMPLETED");
    for words in
        ["", "help", "status", "cancel", "usage", "memory", "link", "privacy", "privacy delete"]
    {
        let typed = world.slack(&json!({ "command": "/miyabi", "text": words, "in": "general" }));
        assert_eq!(typed.status(), 200, "{words}: {}", typed.sent);
        let alone = list(world.slack_channel("general")["ephemerals"].clone());
        let newest = alone.last().unwrap_or_else(|| panic!("{words}: nothing was told"));
        assert_eq!(newest["to"], "mio", "{words}");
        assert!(!markdown(newest).is_empty());
    }
    assert_eq!(world.slack_said("general"), Vec::<Value>::new());
    world.slack_is_kept_to();
}

#[test]
fn a_command_asks_in_front_of_all_where_the_bot_may_write() {
    let world = world::alone();
    script(&world, "In front of all.");
    world.slack(&json!({ "command": "/ask", "text": "what is tea?", "in": "general" }));
    let said = world::until("the answer", || {
        let said = world.slack_said("general");
        said.iter().any(|it| it["text"] != "").then_some(said)
    });
    assert_eq!(markdown(said.last().unwrap()), "In front of all.");
    let typed = world.slack(&json!({ "command": "/ask", "text": "what is tea?", "in": "secret" }));
    assert_eq!(typed.status(), 200);
    let alone = list(world.slack_channel("secret")["ephemerals"].clone());
    assert!(text(alone.last().unwrap(), "text").contains("/invite"), "{alone:?}");
    world.slack_is_kept_to();
}

#[test]
fn the_buttons_below_an_answer_are_its_asker_s() {
    let world = world::alone();
    script(&world, "First.");
    let order = json!({ "text": "why?", "mention": true, "in": "general" });
    let answer = world.slack(&order).answer();
    let press = |person: &str, message: &Value, action: &str| {
        let press = json!({ "message": message["ts"], "action_id": action });
        let pressed = world.slack(&json!({ "press": press, "in": "general", "as": person }));
        assert_eq!(pressed.status(), 200, "{}", pressed.sent);
    };
    let alone = |person: &str| {
        world::until("what is told alone", || {
            let told = list(world.slack_channel("general")["ephemerals"].clone());
            told.into_iter().rfind(|it| it["to"] == person)
        })
    };
    press("alex", &answer, "delete");
    alone("alex");
    assert_eq!(world.slack_said("general").len(), 1, "it is not Alex's");
    press("mio", &answer, "why");
    assert!(markdown(&alone("mio")).contains("llama"), "{}", alone("mio"));
    script(&world, "Second.");
    press("mio", &answer, "again");
    let second = world::until("another answer", || {
        let said = world.slack_said("general");
        said.into_iter().find(|it| it["blocks"].to_string().contains("Second."))
    });
    let with_buttons = second["blocks"].to_string().contains("\"delete\"");
    assert!(with_buttons, "{second}");
    press("mio", &answer, "delete");
    world::until("it to go", || {
        let said = world.slack_said("general");
        (!said.iter().any(|it| it["ts"] == answer["ts"])).then_some(())
    });
    world.slack_is_kept_to();
}

#[test]
fn a_file_is_read_and_a_message_is_explained_from_its_menu() {
    let world = world::alone();
    script(&world, "Green.");
    let file = json!({ "name": "plan.txt", "text": "The sky is green.", "kind": "text/plain" });
    let order = json!({ "text": "What colour is it?", "files": [file] });
    assert_eq!(markdown(&world.slack(&order).answer()), "Green.");
    let read = |words: &str| {
        let calls = world.slack_calls("ai_run");
        assert!(calls.last().unwrap()["body"].to_string().contains(words), "{words}");
    };
    read("The sky is green.");
    let theirs =
        world.slack(&json!({ "text": "It rains cats and dogs.", "in": "general", "as": "alex" }));
    script(&world, "It rains much.");
    let shortcut = json!({ "callback_id": "ask_about", "message": theirs.ts() });
    world.slack(&json!({ "shortcut": shortcut, "in": "general" }));
    let said = world::until("the explanation", || {
        let said = world.slack_said("general");
        (!said.is_empty()).then_some(said)
    });
    assert_eq!(text(&said[0], "thread_ts"), theirs.ts());
    read("It rains cats and dogs.");
    world.slack_is_kept_to();
}

#[test]
fn the_home_says_what_miyabi_can_do() {
    let world = world::alone();
    assert_eq!(world.slack(&json!({ "open": "home" })).status(), 200);
    assert!(!world.slack_calls("slack_publish_view").is_empty());
    world.slack_is_kept_to();
}

#[test]
fn whatever_a_model_writes_is_something_that_slack_takes() {
    let world = world::alone();
    let table: Vec<String> = (0..99).map(|n| format!("| {n} | **b** `c` |")).collect();
    for words in [
        "<!channel> <!here|here> <@U07180MIO01> @everyone <#C123>",
        "[**bold** `code`](https://a.example/?a=1&b=2) [bad](javascript:alert(1)) <b>html</b> &lt;",
        "```\nunclosed **b**",
        &format!("| a | b |\n|---|---|\n{}", table.join("\n")),
        &"🎋".repeat(13_000),
        &format!("```\n{}\n```", "雅".repeat(13_000)),
        &"<!here> ".repeat(2_500),
    ] {
        script(&world, words);
        let begin: String = words.chars().take(60).collect();
        let before = world.slack_said("dm:mio").len();
        let asked = world.slack(&json!({ "text": "Go on." }));
        let said = asked.ended("COMPLETED");
        assert!(said.len() > before, "{begin}");
        assert_eq!(world.violations(), Vec::<Value>::new(), "{begin}");
    }
}
