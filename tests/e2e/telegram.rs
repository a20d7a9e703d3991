//! A question on Telegram, from the update to the message that answers it.

use serde_json::{Value, json};

use crate::world::{self, World, list, text};

/// What a person has asked, and what became of the updates about it.
struct Asked<'a> {
    world: &'a World,
    chat: String,
    sent: Value,
}

impl World {
    /// Has a person do something on Telegram.
    fn write(&self, order: &Value) -> Asked<'_> {
        let sent = self.stack().write_on_telegram(order).unwrap();
        let person = order["as"].as_str().unwrap_or("mio");
        Asked { world: self, chat: order["in"].as_str().unwrap_or(person).to_owned(), sent }
    }

    /// Returns the messages of a chat that are the bot's.
    fn said(&self, chat: &str) -> Vec<Value> {
        let messages = list(self.stack().telegram_chat(chat).unwrap()["messages"].clone());
        messages.into_iter().filter(|message| message["is_bot"] == true).collect()
    }

    /// Returns the state of the job that a message of a chat has begun, if it has begun one.
    fn job_of(&self, chat: &str, message: i64) -> Option<String> {
        let world = self.lab("/lab/world");
        let chat = world["telegram"]["chats"][chat]["id"].as_i64().unwrap();
        let like = format!("%{}\\_{message}", chat.unsigned_abs());
        let query = "SELECT status FROM jobs WHERE platform = 'telegram' AND id LIKE ? ESCAPE '\\'";
        let rows = self.stack().query(query, &[&like]).unwrap();
        assert!(rows.len() <= 1, "{rows:?}");
        rows.first().map(|row| text(row, "status").to_owned())
    }

    /// Returns the calls of an operation.
    fn calls_of(&self, operation: &str) -> Vec<Value> {
        let calls = self.calls();
        calls.into_iter().filter(|call| call["operation"] == operation).collect()
    }

    fn assert_no_violations(&self) {
        assert_eq!(self.violations(), Vec::<Value>::new());
    }
}

impl Asked<'_> {
    /// Id of the message.
    fn id(&self) -> i64 {
        self.sent["messages"][0].as_i64().unwrap()
    }

    /// Returns the state of its job.
    fn job(&self) -> Option<String> {
        self.world.job_of(&self.chat, self.id())
    }

    /// Waits until the job has ended in a state, and returns what the bot has said.
    fn ended(&self, state: &str) -> Vec<Value> {
        world::until(state, || (self.job().as_deref() == Some(state)).then_some(()));
        self.world.said(&self.chat)
    }

    /// Waits for the only message that answers.
    fn answer(&self) -> Value {
        let mut said = self.ended("COMPLETED");
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    }
}

/// Has the model say something.
fn script(world: &World, words: &str) {
    let reply = json!({ "response": words, "tool_calls": [], "usage": {
        "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
    world.tell_lab("/lab/ai/script", &json!({ "replies": [reply] }));
}

fn fault(world: &World, then: &Value) {
    let rule = json!({ "match": { "operation": "telegram_send_message" }, "then": then });
    world.tell_lab("/lab/faults", &rule);
}

#[test]
fn a_question_in_private_is_answered_after_a_preview() {
    let world = world::alone();
    script(&world, "**Yes**, see `code` and https://a.example.");
    // So that the reply to the update, which says that Miyabi thinks, is there before the answer.
    let later = json!({ "match": { "operation": "ai_run" }, "then": { "delay_ms": 1_000 } });
    world.tell_lab("/lab/faults", &later);
    let asked = world.write(&json!({ "text": "Is it so?" }));
    assert_eq!(asked.sent["updates"][0]["state"], "taken", "{}", asked.sent);
    let answer = asked.answer();
    assert_eq!(answer["text"], "Yes, see code and https://a.example.");
    let kinds = list(answer["entities"].clone());
    let kinds: Vec<_> = kinds.iter().map(|entity| text(entity, "type")).collect();
    assert_eq!(kinds, ["bold", "code", "url"]);
    let drafts = world.calls_of("telegram_send_message_draft");
    assert_eq!(drafts[0]["body"].get("text"), None, "the first says that it thinks");
    assert_eq!(asked.world.stack().telegram_chat("mio").unwrap()["drafts"], json!([]));
    let sent = &world.calls_of("telegram_send_message")[0]["body"];
    assert_eq!(sent["link_preview_options"], json!({ "is_disabled": true }));
    world.assert_no_violations();
}

#[test]
fn what_is_spoken_in_private_is_the_question() {
    let world = world::alone();
    script(&world, "At nine.");
    let voice =
        json!({ "text": "OggS\0 Opus [say When does the bus leave?]", "kind": "audio/ogg" });
    let asked = world.write(&json!({ "voice": voice }));
    assert_eq!(asked.answer()["text"], "At nine.");
    let calls = world.calls_of("ai_run");
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(text(&calls[0]["body"], "model"), "@cf/openai/whisper-large-v3-turbo");
    let messages = list(calls[1]["body"]["inputs"]["messages"].clone());
    assert_eq!(text(messages.last().unwrap(), "content"), "When does the bus leave?");
    world.assert_no_violations();
}

#[test]
fn a_mention_in_a_topic_is_answered_there_as_a_reply() {
    let world = world::alone();
    script(&world, "Here.");
    let order = json!({ "text": "@miyabi_lab_bot where?", "in": "forum", "topic": "questions", "as": "alex" });
    let asked = world.write(&order);
    let answer = asked.answer();
    assert_eq!((&answer["text"], &answer["topic"]), (&json!("Here."), &json!("questions")));
    assert_eq!(answer["reply_to"], asked.id());
    assert!(!world.calls_of("telegram_send_chat_action").is_empty());
    assert!(world.calls_of("telegram_send_message_draft").is_empty(), "there are none in groups");
    world.assert_no_violations();
}

#[test]
fn what_is_said_in_a_group_and_not_to_the_bot_is_not_answered() {
    let world = world::alone();
    world.tell_lab("/lab/config", &json!({ "telegram": { "privacy": false } }));
    for words in ["Good morning", "/ask@another_bot why?", "@mio_lab why?"] {
        let asked = world.write(&json!({ "text": words, "in": "supergroup" }));
        assert_eq!(asked.sent["updates"][0]["state"], "taken", "{words}");
        assert_eq!(asked.job(), None, "{words}");
    }
    script(&world, "To you.");
    let asked = world.write(&json!({ "text": "/ask who?", "in": "supergroup" }));
    assert_eq!(asked.answer()["reply_to"], asked.id());
    // A reply to what it said is for it.
    script(&world, "Still to you.");
    let answer = &world.said("supergroup")[0]["id"];
    let asked = world.write(&json!({ "text": "who?", "in": "supergroup", "reply_to": answer }));
    let said = asked.ended("COMPLETED");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(text(&said[1], "text").starts_with("Still to you."), "{said:?}");
    world.assert_no_violations();
}

#[test]
fn the_same_update_again_and_again_is_answered_once() {
    let world = world::alone();
    script(&world, "Once.");
    let asked = world.write(&json!({ "text": "How often?", "copies": 3 }));
    let update = &asked.sent["updates"][0];
    assert_eq!(update["state"], "taken", "{update}");
    assert_eq!(asked.answer()["text"], "Once.");
    let again = world.write(&json!({ "again": update["update_id"] }));
    assert_eq!(again.sent["updates"][0]["state"], "taken", "{}", again.sent);
    assert_eq!(asked.answer()["text"], "Once.");
    assert_eq!(world.calls_of("ai_run").len(), 1);
    world.assert_no_violations();
}

#[test]
fn an_edit_of_a_question_asks_nothing() {
    let world = world::alone();
    script(&world, "Once.");
    let asked = world.write(&json!({ "text": "How often" }));
    assert_eq!(asked.answer()["text"], "Once.");
    let edited = world.write(&json!({ "text": "How often?", "edit": asked.id() }));
    assert_eq!(edited.sent["updates"][0]["state"], "taken", "{}", edited.sent);
    assert_eq!(world.calls_of("ai_run").len(), 1);
    world.assert_no_violations();
}

#[test]
fn a_forged_update_is_refused() {
    let world = world::alone();
    for secret in ["forged", ""] {
        let asked = world.write(&json!({ "text": "Let me in", "secret": secret }));
        assert_eq!(asked.sent["updates"][0]["attempts"][0]["status"], 401, "{}", asked.sent);
        assert_eq!(asked.job(), None);
    }
    world.assert_no_violations();
}

#[test]
fn what_is_no_update_is_refused_and_other_kinds_are_taken() {
    let world = world::alone();
    let broken = world.write(&json!({ "raw_body": "{", "update": {} }));
    assert_eq!(broken.sent["updates"][0]["attempts"][0]["status"], 400, "{}", broken.sent);
    for kind in ["poll_answer", "a_kind_of_tomorrow"] {
        let other = world.write(&json!({ "update": { kind: { "poll_id": "1" } } }));
        assert_eq!(other.sent["updates"][0]["state"], "taken", "{}", other.sent);
    }
    world.assert_no_violations();
}

#[test]
fn a_limit_is_waited_out() {
    let world = world::alone();
    fault(&world, &json!({ "status": 429 }));
    script(&world, "After a while.");
    let asked = world.write(&json!({ "text": "Now?" }));
    assert_eq!(asked.answer()["text"], "After a while.");
    let calls = world.calls_of("telegram_send_message");
    let at = |call: &Value| call["at_ms"].as_u64().unwrap();
    assert_eq!(calls.len(), 2);
    assert!(at(&calls[1]) >= at(&calls[0]) + 1000, "{calls:?}");
}

#[test]
fn a_limit_of_hours_is_waited_out_by_nobody_and_the_answer_comes_once_when_it_ends() {
    let world = world::alone();
    let body = json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 18_053 },
        "description": "Too Many Requests: retry after 18053" });
    fault(&world, &json!({ "status": 429, "body": body }));
    script(&world, "At last.");
    let asked = world.write(&json!({ "text": "When?" }));
    let sql = "SELECT resumes_at - unixepoch() AS wait_s FROM jobs WHERE status = 'PROCESSING'";
    let wait_s = world::until("the job to be put aside", || {
        world.stack().query(sql, &[]).unwrap().first()?["wait_s"].as_i64()
    });
    assert!((18_000..=18_056).contains(&wait_s), "{wait_s}");
    world.stack().tick().unwrap();
    assert_eq!(world.calls_of("telegram_send_message").len(), 1, "nobody calls meanwhile");
    for sql in [
        "UPDATE jobs SET created_at = created_at - 18053, updated_at = updated_at - 18053,
           resumes_at = unixepoch() WHERE resumes_at IS NOT NULL",
        "UPDATE posts SET updated_at = updated_at - 18053",
        "UPDATE breakers SET closes_at = unixepoch()",
    ] {
        world.stack().query(sql, &[]).unwrap();
    }
    for _ in 0..2 {
        world.stack().tick().unwrap();
    }
    assert_eq!(asked.answer()["text"], "At last.");
    assert_eq!(world.calls_of("telegram_send_message").len(), 2);
    assert_eq!(world.calls_of("ai_run").len(), 1, "no model was asked again");
}

/// Nobody can look whether it is there: see docs/design/delivery.md.
#[test]
fn an_answer_whose_reply_was_lost_is_sent_once_more_and_no_oftener() {
    let world = world::alone();
    fault(&world, &json!({ "drop": "after" }));
    script(&world, "It did.");
    let asked = world.write(&json!({ "text": "Did it arrive?" }));
    let said = asked.ended("COMPLETED");
    let said: Vec<_> = said.iter().map(|message| text(message, "text")).collect();
    assert_eq!(said, ["It did."; 2]);
    assert_eq!(world.calls_of("telegram_send_message").len(), 2);
}

#[test]
fn who_has_blocked_the_bot_is_not_written_to_again_and_again() {
    let world = world::alone();
    world.tell_lab("/lab/config", &json!({ "telegram": { "blocked": ["alex"] } }));
    script(&world, "Hello?");
    let asked = world.write(&json!({ "text": "Hello!", "as": "alex" }));
    assert_eq!(asked.ended("ERROR"), Vec::<Value>::new());
    assert!(world.calls_of("telegram_send_message").len() <= 2);
}

#[test]
fn a_long_answer_arrives_whole_and_in_order() {
    let world = world::alone();
    let words: Vec<String> = (1..900).map(|number| format!("word{number}")).collect();
    script(&world, &words.join(" "));
    let asked = world.write(&json!({ "text": "Tell me more." }));
    let said = asked.ended("COMPLETED");
    assert!(said.len() >= 2, "{said:?}");
    let whole: Vec<&str> = said.iter().flat_map(|it| text(it, "text").split_whitespace()).collect();
    assert_eq!(whole, words);
    world.assert_no_violations();
}

#[test]
fn a_long_answer_ends_in_a_file_and_waits_for_the_pace_of_its_chat() {
    let world = world::alone();
    world.tell_lab("/lab/config", &json!({ "telegram": { "rate_limits": true } }));
    let words: Vec<String> = (0..2600).map(|number| format!("word{number}")).collect();
    script(&world, &words.join(" "));
    let asked = world.write(&json!({ "text": "/ask tell me much more.", "in": "group" }));
    let said = asked.ended("COMPLETED");
    let file = said.last().unwrap()["medium"].clone();
    assert_eq!((said.len(), &file["name"]), (5, &json!("answer.md")));
    let whole: Vec<&str> = text(&file, "text").split_whitespace().collect();
    assert!(whole == words, "{} words of {}", whole.len(), words.len());
    let sends = ["telegram_send_message", "telegram_send_document"];
    let calls = sends.into_iter().flat_map(|operation| world.calls_of(operation));
    assert!(calls.into_iter().any(|call| call["status"] == 429), "the pace was met");
    world.assert_no_violations();
}

#[test]
fn every_command_is_answered_with_what_telegram_takes() {
    let world = world::alone();
    script(&world, "An answer.");
    world.write(&json!({ "text": "/ask something" })).ended("COMPLETED");
    for command in
        ["start", "help", "status", "cancel", "usage", "memory", "link", "ask", "nothing"]
    {
        for place in ["mio", "group"] {
            let before = world.said(place).len();
            let text = format!("/{command}");
            let asked = world.write(&json!({ "text": text, "in": place }));
            assert_eq!(asked.sent["updates"][0]["state"], "taken", "{text} in {place}");
            // In a group an unknown command is another bot's.
            let is_answered = (command, place) != ("nothing", "group");
            let said = before + usize::from(is_answered);
            assert_eq!(world.said(place).len(), said, "{text} in {place}");
            assert_eq!(world.violations(), Vec::<Value>::new(), "{text} in {place}");
        }
    }
}

#[test]
fn whatever_a_model_writes_is_something_that_telegram_takes() {
    let world = world::alone();
    let many: Vec<String> =
        (0..150).map(|n| format!("- **b{n}** `c{n}` [l](https://a.example/{n})")).collect();
    let table: Vec<String> = (0..99).map(|n| format!("| {n} | **b** `c` |")).collect();
    for words in [
        "**a `b` c** ***d*** *e **f** g*",
        "# Head `code` **bold**\n\n## *Next*",
        "> quote **b** `c` https://a.example\n> > nested\n> ```rust\n> x\n> ```",
        "> # head `c`\n\n> another",
        "[**bold** `code`](https://a.example/?a=1&b=2) [bad](javascript:alert(1)) [rel](/x)",
        "[x](tg://user?id=1) @mio_lab /ask #tag <b>html</b> &lt;",
        "👨‍👩‍👧‍👦 **👉🎋** `🎋` _🎋_ 𠮷",
        "  \n\n**  spaced  ** a  \nb",
        "```\nunclosed **b**",
        "**bold > quote**\n> *it **bo** it*\n\n- one\n  - two `x`\n    > three",
        &many.join("\n"),
        &format!("| a | b |\n|---|---|\n{}", table.join("\n")),
        &"🎋".repeat(5000),
        &format!("```\n{}\n```", "雅".repeat(9000)),
        &format!("> **{}**", "word ".repeat(2000)),
    ] {
        script(&world, words);
        let begin: String = words.chars().take(60).collect();
        let said = world.said("mio").len();
        let asked = world.write(&json!({ "text": "Go on." }));
        assert!(asked.ended("COMPLETED").len() > said, "{begin}");
        assert_eq!(world.violations(), Vec::<Value>::new(), "{begin}");
    }
}

/// Returns what the button carries whose data begins so, below a message.
fn button(message: &Value, begins: &str) -> Option<String> {
    let rows = list(message["keyboard"].clone());
    let mut buttons = rows.into_iter().flat_map(list);
    let found = buttons.find(|button| text(button, "callback_data").starts_with(begins));
    found.map(|button| text(&button, "callback_data").to_owned())
}

#[test]
fn the_buttons_below_an_answer_are_its_asker_s() {
    let world = world::alone();
    script(&world, "First.");
    let asked = world.write(&json!({ "text": "/ask why?", "in": "supergroup" }));
    let answer = asked.answer();
    let press = |person: &str, message: &Value, data: &str| {
        let press = json!({ "message": message["id"], "data": data });
        world.write(&json!({ "press": press, "in": "supergroup", "as": person }));
        let queries = list(world.lab("/lab/telegram/queries"));
        queries.last().unwrap()["answer"].clone()
    };
    assert_eq!(button(&answer, "why:"), None, "others read along");
    let (again, delete) = (button(&answer, "again:").unwrap(), button(&answer, "delete:").unwrap());
    let told = press("alex", &answer, &delete);
    assert_eq!(told["is_alert"], true, "{told}");
    assert_eq!(world.said("supergroup").len(), 1, "it is not Alex's");
    script(&world, "Second.");
    press("mio", &answer, &again);
    let said = world::until("another answer", || {
        let said = world.said("supergroup");
        said.iter().any(|it| text(it, "text").starts_with("Second.")).then_some(said)
    });
    let newest = said.last().unwrap();
    let delete = button(newest, "delete:").unwrap();
    press("mio", newest, &delete);
    world::until("it to go", || {
        let said = world.said("supergroup");
        (!said.iter().any(|it| it["id"] == newest["id"])).then_some(())
    });
    world.assert_no_violations();
}

#[test]
fn a_document_is_read_also_one_that_is_replied_to() {
    let world = world::alone();
    let file = |text: &str| json!({ "name": "plan.txt", "text": text, "kind": "text/plain" });
    script(&world, "Green.");
    let order = json!({ "document": file("The sky is green."), "text": "What colour is it?" });
    assert_eq!(world.write(&order).answer()["text"], "Green.");
    let read = |words: &str| {
        let calls = world.calls_of("ai_run");
        assert!(calls.last().unwrap()["body"].to_string().contains(words), "{words}");
    };
    read("The sky is green.");
    // Somebody else's, which the bot has not seen itself.
    let order = json!({ "document": file("To the moon."), "in": "supergroup", "as": "alex" });
    let theirs = world.write(&order);
    assert_eq!(theirs.sent["updates"], json!([]));
    script(&world, "There.");
    let order = json!({ "text": "/ask where to?", "in": "supergroup", "reply_to": theirs.id() });
    assert!(text(&world.write(&order).answer(), "text").starts_with("There."));
    read("To the moon.");
    world.assert_no_violations();
}

#[test]
fn an_album_is_one_question() {
    let world = world::alone();
    let photo = json!({ "photo": { "hex": "ffd8ffe000104a46494600010100000100010000ffd9" } });
    let order = json!({ "album": [photo, photo, photo], "text": "What are these?" });
    let asked = world.write(&order);
    let updates = list(asked.sent["updates"].clone());
    assert!(updates.iter().all(|update| update["state"] == "taken"), "{updates:?}");
    assert!(text(&asked.answer(), "text").contains("scripted model"));
    world.assert_no_violations();
}

#[test]
fn help_is_told_in_the_answer_to_the_update() {
    let world = world::alone();
    let asked = world.write(&json!({ "text": "/help" }));
    assert_eq!(asked.sent["updates"][0]["attempts"][0]["body"]["method"], "sendMessage");
    assert_eq!(world.said("mio").len(), 1);
    assert_eq!(asked.job(), None);
    world.assert_no_violations();
}
