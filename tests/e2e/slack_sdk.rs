//! Slack's own SDK for Python as a judge: of what counts as Slack's, and of what is sent to it.
//!
//! `tests/slack/judge.py` signs with it, `payloads.py` beside it compares calls with its methods and blocks, and
//! `client.py` has its client call the lab, which it has to take for Slack.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};
use xtask::setup::python;
use xtask::{process, project};

use crate::world::{self, World, list, text};

/// Python, with the SDK.
static PYTHON: LazyLock<PathBuf> =
    LazyLock::new(|| python::packages("tests/slack").unwrap().join("python"));

/// What Python takes for a time, and Slack never writes: the Worker refuses it.
const STRICTER: [&str; 2] = ["a time with a sign", "a time with a zero in front"];

#[test]
fn the_worker_takes_what_the_sdk_takes_and_nothing_else() {
    let world = world::shared();
    let secret = text(&world.lab("/lab/world")["slack"], "signing_secret").to_owned();
    let mut judge = Command::new(&*PYTHON);
    judge.arg(project::root().unwrap().join("tests/slack/judge.py")).arg(world.stack().url());
    let (status, stdout, stderr) = process::output(judge.env("MIYABI_SECRET", secret)).unwrap();
    assert!(status.success(), "{stderr}");

    let judged = list(serde_json::from_str(&stdout).unwrap());
    let (taken, refused): (Vec<_>, Vec<_>) = judged.iter().partition(|it| it["sdk"] == true);
    assert!(taken.len() >= 10 && refused.len() >= 20, "{stdout}");
    for it in &judged {
        let is_refused = it["status"] == 401;
        let is_stricter = STRICTER.contains(&text(it, "what"));
        assert_eq!(is_refused, it["sdk"] == false || is_stricter, "{it}");
        assert_ne!(it["status"], 500, "{it}");
    }
    let challenges =
        |what: &str| judged.iter().find(|it| it["what"] == what).unwrap()["challenge"].clone();
    assert_eq!(challenges("plain"), json!("kumquat"));
    assert_eq!(challenges("bytes above 127"), json!("日本語 🍊"));
    assert_eq!(challenges("of another app"), Value::Null);
}

/// Has a person do something on Slack.
fn write(world: &World, order: &Value) -> Value {
    world.stack().write_on_slack(order).unwrap()
}

/// Waits until so many questions were answered.
fn answered(world: &World, count: u64) {
    let query = "SELECT count(*) AS n FROM jobs WHERE platform = 'slack' AND status = 'COMPLETED'";
    let done = || world.stack().query(query, &[]).unwrap()[0]["n"].as_u64() == Some(count);
    world::until("answers", || done().then_some(()));
}

/// Returns the calls of Slack's methods, each with its arguments.
fn calls(world: &World) -> Vec<Value> {
    let calls = world.calls().into_iter().filter_map(|call| {
        let method = text(&call, "path").strip_prefix("/slack/api/")?;
        let query = text(&call, "query");
        let arguments = if query.is_empty() { call["body"].clone() } else { of_query(query) };
        Some(json!({ "method": method, "arguments": arguments }))
    });
    calls.collect()
}

fn of_query(query: &str) -> Value {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

#[test]
fn the_sdk_knows_every_argument_and_block_that_is_sent() {
    // One that streams.
    let world = world::own(&[("MIYABI_MODEL", "openai/gpt-5-mini")]);
    let channel = || list(world.stack().slack_channel("general").unwrap()["messages"].clone());
    write(
        &world,
        &json!({ "as": "mio", "in": "general", "mention": true, "text": "[long 1200] [slow 60] in English" }),
    );
    answered(&world, 1);
    let answer = channel().into_iter().find(|it| it["is_bot"] == true).unwrap();
    for action in ["why", "again"] {
        let press = json!({ "message": answer["ts"], "action_id": action });
        write(&world, &json!({ "as": "mio", "in": "general", "press": press }));
    }
    write(&world, &json!({ "as": "alex", "text": "hi" }));
    write(&world, &json!({ "as": "alex", "in": "general", "command": "/ask", "text": "hello?" }));
    let shortcut = json!({ "callback_id": "ask_about", "message": channel()[0]["ts"] });
    write(&world, &json!({ "as": "alex", "in": "general", "shortcut": shortcut }));
    answered(&world, 5);
    let press = json!({ "message": answer["ts"], "action_id": "delete" });
    write(&world, &json!({ "as": "mio", "in": "general", "press": press }));
    world::until("the answer goes", || {
        let is_there =
            channel().iter().any(|it| it["ts"] == answer["ts"] && it["kind"] == "message");
        (!is_there).then_some(())
    });

    let calls = calls(&world);
    for method in [
        "assistant.threads.setStatus",
        "chat.appendStream",
        "chat.delete",
        "chat.postEphemeral",
        "chat.postMessage",
        "chat.startStream",
        "chat.stopStream",
        "chat.update",
        "conversations.info",
        "users.info",
    ] {
        assert!(calls.iter().any(|call| call["method"] == method), "{method}: {calls:?}");
    }
    let mut judge = Command::new(&*PYTHON);
    judge.arg(project::root().unwrap().join("tests/slack/payloads.py"));
    let mut judge = judge.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    judge.stdin.take().unwrap().write_all(json!(calls).to_string().as_bytes()).unwrap();
    let said = judge.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said, json!({ "looked_at": calls.len(), "found": [] }));
    assert_eq!(world.violations(), Vec::<Value>::new());
    the_client_takes_the_lab_for_slack(&world);
}

fn the_client_takes_the_lab_for_slack(world: &World) {
    // The client sends a file, which the Worker does not: its app has no scope for that.
    world.tell_lab("/lab/config", &json!({ "slack": { "missing_scopes": [] } }));
    let slack = world.lab("/lab/world")["slack"].clone();
    let at = |place: &str| slack.pointer(place).and_then(Value::as_str).unwrap().to_owned();
    let mut client = Command::new(&*PYTHON);
    client.arg(project::root().unwrap().join("tests/slack/client.py"));
    client.args(["/base", "/channels/general/id", "/users/mio/id", "/team/id"].map(at));
    let (status, stdout, stderr) =
        process::output(client.env("MIYABI_TOKEN", at("/bot_token"))).unwrap();
    assert!(status.success(), "{stderr}");
    let said: Value = serde_json::from_str(&stdout).unwrap();
    // The root, and below it words, what has grown, and the message of a file.
    assert_eq!(said, json!({ "refused": [], "replies": 4, "metadata": [{ "job": "1" }] }));
    assert_eq!(world.violations(), Vec::<Value>::new());
}
