//! Frameworks for bots that others wrote, as judges of Telegram's and Slack's side.
//!
//! | judge | of what |
//! | --- | --- |
//! | npm `grammy`, `@slack/bolt` | which requests count as Telegram's and Slack's: `tests/bots/judge.mjs` sends them and the Worker the same |
//! | `PyPI` `python-telegram-bot` | what the Bot API is sent, and the words under each entity: `tests/telegram/payloads.py` |
//! | the same, as a client | that the lab answers as Telegram: `tests/telegram/client.py` |

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};
use xtask::setup::{self, python};
use xtask::{process, project};

use crate::world::{self, World, list, text};

/// Python, with the package.
static PYTHON: LazyLock<PathBuf> =
    LazyLock::new(|| python::packages("tests/telegram").unwrap().join("python"));

fn run(command: &mut Command) -> Value {
    let (status, stdout, stderr) = process::output(command).unwrap();
    assert!(status.success(), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn at(path: &str) -> PathBuf {
    project::root().unwrap().join(path)
}

#[test]
fn the_worker_takes_what_grammy_and_bolt_take_and_nothing_else() {
    let world = world::shared();
    setup::packages("tests/bots").unwrap();
    let known = world.lab("/lab/world");
    let mut judge = world.stack().npm().node();
    judge.arg(at("tests/bots/judge.mjs")).arg(world.stack().url());
    judge.env("MIYABI_TELEGRAM_SECRET", text(&known["telegram"], "secret_token"));
    judge.env("MIYABI_SLACK_SECRET", text(&known["slack"], "signing_secret"));
    let judged = list(run(&mut judge));

    for (judge, taken, refused) in [("grammy", 1, 9), ("bolt", 4, 15)] {
        let of_judge = || judged.iter().filter(|it| it["judge"] == judge);
        let is_taken = |it: &&Value| it["theirs"] == 200;
        assert_eq!(of_judge().filter(is_taken).count(), taken, "{judged:?}");
        assert_eq!(of_judge().count(), taken + refused, "{judged:?}");
        for it in of_judge() {
            let (theirs, ours) = (it["theirs"] == 200, it["ours"] == 200);
            assert!(theirs == ours && (ours || it["ours"] == 401), "{it}");
        }
    }
}

/// Returns the calls of the Bot API that have JSON, each with its arguments.
fn calls(world: &World) -> Vec<Value> {
    let calls = world.calls().into_iter().filter_map(|call| {
        let method =
            text(&call, "path").strip_prefix("/telegram/bot")?.split('/').nth(1)?.to_owned();
        call["body"].is_object().then(|| json!({ "method": method, "arguments": call["body"] }))
    });
    calls.collect()
}

#[test]
fn python_telegram_bot_knows_every_argument_and_reads_every_entity() {
    let world = world::alone();
    let words = "😀 **bold 雅** and `code`\n\n> *quoted*\n\n[a link](https://a.example) @bob\n\n```rust\nfn a() {}\n```";
    let reply = json!({ "response": words, "tool_calls": [], "usage": {
        "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
    world.tell_lab("/lab/ai/script", &json!({ "replies": [reply] }));
    let write = |order: &Value| world.stack().write_on_telegram(order).unwrap();
    write(&json!({ "text": "/ask show me", "in": "supergroup" }));
    let said = || {
        let messages = list(world.stack().telegram_chat("supergroup").unwrap()["messages"].clone());
        messages.into_iter().find(|message| message["is_bot"] == true)
    };
    let answer = world::until("the answer", || said().filter(|it| !it["keyboard"].is_null()));
    let data = answer.pointer("/keyboard/0/1/callback_data").unwrap();
    write(&json!({ "press": { "message": answer["id"], "data": data }, "in": "supergroup" }));
    write(&json!({ "text": "/help" }));
    world::until("help", || {
        let all = list(world.stack().telegram_chat("mio").unwrap()["messages"].clone());
        all.iter().any(|message| message["is_bot"] == true).then_some(())
    });

    let calls = calls(&world);
    for method in ["sendMessage", "sendChatAction", "answerCallbackQuery"] {
        assert!(calls.iter().any(|call| call["method"] == method), "{method}: {calls:?}");
    }
    let mut judge = Command::new(&*PYTHON);
    judge.arg(at("tests/telegram/payloads.py"));
    let mut judge = judge.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    judge.stdin.take().unwrap().write_all(json!(calls).to_string().as_bytes()).unwrap();
    let said = judge.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!((&said["looked_at"], &said["found"]), (&json!(calls.len()), &json!([])));
    let read = list(said["entities"].clone());
    for expected in [
        ["bold", "bold 雅"],
        ["code", "code"],
        ["blockquote", "quoted"],
        ["italic", "quoted"],
        ["text_link", "a link"],
        ["code", "@bob"],
        ["pre", "fn a() {}"],
    ] {
        assert!(read.contains(&json!(expected)), "{expected:?}: {read:?}");
    }
    assert_eq!(world.violations(), Vec::<Value>::new());
    the_client_takes_the_lab_for_telegram(&world);
}

fn the_client_takes_the_lab_for_telegram(world: &World) {
    let telegram = world.lab("/lab/world")["telegram"].clone();
    let mut client = Command::new(&*PYTHON);
    client.arg(at("tests/telegram/client.py")).arg(text(&telegram, "base"));
    client.arg(telegram["chats"]["mio"]["id"].to_string());
    let said = run(client.env("MIYABI_TOKEN", text(&telegram, "bot_token")));
    let seen = json!({
        "username": "miyabi_lab_bot", "bold": ["bold"], "button": "again:1", "edited": "c",
        "reply_to": true, "file": "answer.md", "commands": ["ask"], "waiting": 0, "gone": true,
    });
    assert_eq!(said, json!({ "refused": [], "seen": seen }));
    assert_eq!(world.violations(), Vec::<Value>::new());
}
