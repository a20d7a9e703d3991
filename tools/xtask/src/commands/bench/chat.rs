//! The chat, beside the same chat by npm `ai` (`tools/bench/chat-ai`) and by npm `agents`
//! (`tools/bench/chat-agents`).
//!
//! All run by `wrangler dev`, each in a workerd of its own, and have the lab as their model, which streams
//! the same answer to each at the same pace. `tools/bench/chat.mjs` is the client, under the pinned Node,
//! and asks them in turn.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::{median, number, version};
use crate::commands::key;
use crate::d1::Place;
use crate::process::{self, Child};
use crate::setup::{self, Npm, say, step};
use crate::stack::worker::{self, Access};
use crate::stack::{Options, Stack, config, prepare};
use crate::{http, project};

const FOLDER: &str = "tools/bench";
/// A model that the lab streams in the form of `OpenAI`.
const MODEL: &str = "gpt-5-mini";
/// 25 events, 20 ms apart.
const QUESTION: &str = "Say something. [long 300] [slow 20]";
/// Contenders, as the client knows them, and as the table does.
const CONTENDERS: [(&str, &str); 5] = [
    ("model", "the model itself"),
    ("miyabi", "Miyabi, over HTTP"),
    ("ai", "npm `ai`, over HTTP"),
    ("miyabi_socket", "Miyabi, on a socket"),
    ("agents", "npm `agents`, on a socket"),
];
/// Wait between two questions, in milliseconds: what a turn leaves to do is over then.
const PAUSE_MS: u32 = 250;
/// The same where the work after a turn counts.
const SETTLE_MS: u32 = 3_000;
/// Turns of a short conversation and of a long one: 50 messages and 5,000, with the turn that wakes it.
const SIZES: [(&str, u32); 2] = [("short", 24), ("long", 2_499)];
/// Turns of which the rows are counted.
const COUNTED: u32 = 5;

/// How much is asked.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Conversations of each kind.
    conversations: u32,
    /// Turns of each in which the first character counts; the first of them does not.
    first: u32,
    /// Turns of each that is filled.
    filled: u32,
}

const WHOLE: Effort = Effort { conversations: 8, first: 6, filled: 5 };
const QUICK: Effort = Effort { conversations: 2, first: 3, filled: 2 };

/// Everything that runs.
struct Chat {
    npm: Npm,
    key: String,
    /// `npm agents`, and then `npm ai`.
    peers: [Peer; 2],
    stack: Stack,
}

/// A peer that answers; its processes end when this is dropped.
struct Peer {
    url: String,
    _child: Child,
}

/// Measures, and returns the table.
///
/// # Errors
/// When a build fails, a Worker does not start, or one answers otherwise than the others.
pub fn run(is_quick: bool) -> Result<String> {
    let effort = if is_quick { QUICK } else { WHOLE };
    let npm = prepare()?;
    for name in ["chat-ai", "chat-agents"] {
        setup::packages(&format!("{FOLDER}/{name}"))?;
    }
    let rows = rows(&npm)?;
    let mut chat = Chat::start(&npm, false)?;
    say("first characters …");
    let who: Vec<&str> = CONTENDERS.iter().map(|(name, _)| *name).skip(1).collect();
    let first = chat.drive(&json!({
        "what": "first", "who": who, "conversations": effort.conversations, "turns": effort.first,
    }))?;
    say("long conversations …");
    let conversations = chat.fill(effort.conversations)?;
    let long = chat.drive(&json!({
        "what": "long", "conversations": conversations, "turns": effort.filled,
    }))?;
    let tables = [first_table(&first)?, long_table(&long)?, rows];
    Ok(format!("{}\n{}", circumstances()?, tables.join("\n")))
}

impl Chat {
    /// Starts the lab, the Worker and its peers; with `counts` rows are counted.
    fn start(npm: &Npm, counts: bool) -> Result<Self> {
        let mut options =
            Options::with_vars(&[("MIYABI_MODEL", "openai/gpt-5-mini"), ("MIYABI_MEMORY", "on")]);
        if counts {
            let rows = json!(project::root()?.join(FOLDER).join("rows.mjs")).to_string();
            let main = project::read(&format!("{FOLDER}/chat-rows.mjs"))?;
            options.main = Some(main.replace("\"./rows.mjs\"", &rows));
        }
        let stack = step("the Worker's start", || Stack::launch(npm.clone(), options))?;
        let peer = |name| step("a peer's start", || Peer::start(npm, &stack, name, counts));
        let peers = [peer("chat-agents")?, peer("chat-ai")?];
        let place = Place::Local(Some(stack.folder().join("state")));
        let key = key::make(&place, "bench", "chat", "")?.reveal().to_owned();
        Ok(Self { npm: npm.clone(), key, peers, stack })
    }

    /// Has the client carry out an order, and returns what it saw.
    fn drive(&self, order: &Value) -> Result<Value> {
        let [agents, ai] = &self.peers;
        let (base, secret) = model(&self.stack)?;
        let mut all = json!({
            "urls": { "miyabi": self.stack.url(), "agents": agents.url, "ai": ai.url },
            "key": self.key, "question": QUESTION, "pause_ms": PAUSE_MS, "settle_ms": SETTLE_MS,
            "model": { "base": base, "key": secret, "name": MODEL },
        });
        if let (Some(all), Some(order)) = (all.as_object_mut(), order.as_object()) {
            all.extend(order.clone());
        }
        let file = self.stack.folder().join("order.json");
        worker::write_private(&file, &all.to_string())?;
        let mut command = self.npm.node();
        command.arg(project::root()?.join(FOLDER).join("chat.mjs")).arg(file);
        serde_json::from_str(&process::capture(&mut command)?).context("the client printed no JSON")
    }

    /// Makes conversations of each size, and returns their ids by size.
    ///
    /// Each begins with a question over HTTP. The others are written into its database while nothing runs.
    fn fill(&mut self, count: u32) -> Result<Value> {
        let (mut ids, mut sizes) = (Map::new(), Map::new());
        for (size, turns) in SIZES {
            let names: Vec<String> = (0..count).map(|number| format!("{size}-{number}")).collect();
            for name in &names {
                let url = format!("{}/api/chat", self.stack.url());
                let bearer = format!("Bearer {}", self.key);
                let body = json!({ "message": name, "conversation": name });
                http::send("POST", &url, &[("authorization", &bearer)], Some(&body))?.json()?;
                sizes.insert(name.clone(), turns.into());
            }
            ids.insert(size.to_owned(), names.into());
        }
        // What follows an answer has to be stored.
        std::thread::sleep(std::time::Duration::from_millis(SETTLE_MS.into()));
        self.stack.stop();
        let state = self.stack.folder().join("state/v3/do/miyabi-MiyabiConversation");
        let mut command = self.npm.node();
        command.arg("--no-warnings").arg(project::root()?.join(FOLDER).join("chat-fill.mjs"));
        command.arg(state).arg(Value::Object(sizes.clone()).to_string());
        let filled: Vec<String> = serde_json::from_str(&process::capture(&mut command)?)?;
        if filled.len() != sizes.len() {
            bail!("{} of {} conversations were filled", filled.len(), sizes.len());
        }
        self.stack.restart()?;
        Ok(Value::Object(ids))
    }
}

impl Peer {
    /// Runs a peer as the Worker is run.
    fn start(npm: &Npm, stack: &Stack, name: &str, counts: bool) -> Result<Self> {
        let root = project::root()?;
        let deployed = config::parse(&project::read("wrangler.toml")?)?;
        let (base, key) = model(stack)?;
        let mut config = json!({
            "name": name,
            "main": root.join(FOLDER).join(name).join("src/index.ts"),
            "compatibility_date": deployed.get("compatibility_date"),
            "compatibility_flags": ["nodejs_compat"],
            "vars": { "MODEL": MODEL, "MODEL_BASE": base, "MODEL_KEY": key, "COUNTS": counts },
        });
        if let (Some(config), "chat-agents") = (config.as_object_mut(), name) {
            let binding = json!({ "bindings": [{ "name": "Chat", "class_name": "Chat" }] });
            config.insert("durable_objects".to_owned(), binding);
            let tag = json!([{ "tag": "v1", "new_sqlite_classes": ["Chat"] }]);
            config.insert("migrations".to_owned(), tag);
        }
        let folder = folder(name)?;
        for (file, text) in [
            ("miyabi.json", config.to_string()),
            // As beside the Worker, so that each has as many processes.
            ("ai.json", config::ai(&deployed, root, stack.lab_url()).to_string()),
            ("secrets.env", String::new()),
        ] {
            worker::write_private(&folder.join(file), &text)?;
        }
        let port = worker::choose_port(0)?;
        let child = worker::start(npm, &folder, port, Access::Nothing)?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child })
    }
}

/// Returns an empty folder.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = project::target()?.join("bench").join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Returns base URL and key of the lab's `OpenAI`.
fn model(stack: &Stack) -> Result<(String, String)> {
    let world = stack.lab().get("/lab/world")?;
    let of = |place: &str| -> Result<String> {
        let value = world.pointer(place).and_then(Value::as_str);
        value.map(ToOwned::to_owned).with_context(|| format!("the lab's world has no {place}"))
    };
    Ok((of("/vendors/openai/base")?, of("/vendors/openai/key")?))
}

/// Counts the rows that a turn writes, in a run of its own.
fn rows(npm: &Npm) -> Result<String> {
    say("rows …");
    let chat = Chat::start(npm, true)?;
    let [agents, _] = &chat.peers;
    let mut lines = String::from(
        "| rows written in a turn | by the conversation's object | by its alarms | in D1 | all |\n\
         | --- | ---: | ---: | ---: | ---: |\n",
    );
    for (who, name) in CONTENDERS.iter().filter(|(who, _)| !matches!(*who, "model" | "ai")) {
        let url = if *who == "agents" { &agents.url } else { &chat.stack.url() };
        let ask = |turns: u32| {
            let order = json!({ "what": "turns", "who": who, "conversation": who, "turns": turns });
            chat.drive(&order)?;
            http::get(&format!("{url}/bench/rows"))?.json()
        };
        // The first turns make the conversation.
        let (before, after) = (ask(2)?, ask(COUNTED)?);
        let of = |kind: &str| {
            let count = |rows: &Value| rows.get(kind).and_then(Value::as_f64).unwrap_or(f64::NAN);
            (count(&after) - count(&before)) / f64::from(COUNTED)
        };
        let [object, alarms, database] = ["object", "alarms", "database"].map(of);
        let all = object + alarms + database;
        let cells = [object, alarms, database, all].map(number).join(" | ");
        lines.extend(["| ", name, " | ", &cells, " |\n"]);
    }
    Ok(lines)
}

/// Returns what the client measured of one contender.
fn taken(seen: &Value, who: &str, what: &str) -> Result<Vec<f64>> {
    let values = seen.get(who).and_then(|seen| seen.get(what)).and_then(Value::as_array);
    let values = values.with_context(|| format!("the client saw no {what} of {who}"))?;
    Ok(values.iter().filter_map(Value::as_f64).collect())
}

/// Returns the median of what rounds that ran one after the other make of two lists.
fn paired(ones: &[f64], others: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    let made: Vec<f64> = ones.iter().zip(others).map(|(one, other)| of(*one, *other)).collect();
    median(&made)
}

fn first_table(seen: &Value) -> Result<String> {
    let model = taken(seen, "model", "first")?;
    let rival = |who: &str| taken(seen, who, "first");
    let (ai, agents) = (rival("ai")?, rival("agents")?);
    let faster = if median(&ai) <= median(&agents) { &ai } else { &agents };
    let mut lines = format!(
        "| {} turns each | first character, ms | p95 | after the model's own | of the faster peer's | whole \
         turn, ms |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
        model.len()
    );
    for (who, name) in CONTENDERS {
        let (first, whole) = (taken(seen, who, "first")?, taken(seen, who, "whole")?);
        let after = paired(&first, &model, |one, model| one - model);
        let ratio = paired(&first, faster, |one, other| one / other);
        let (after, ratio) = if who == "model" { (f64::NAN, f64::NAN) } else { (after, ratio) };
        let numbers = [median(&first), percentile(&first, 95), after, ratio, median(&whole)];
        let cells = numbers.map(number).join(" | ");
        lines.extend(["| ", name, " | ", &cells, " |\n"]);
    }
    Ok(lines)
}

fn long_table(seen: &Value) -> Result<String> {
    let mut lines = format!(
        "| {} turns each, over HTTP | 50 messages | p95 | 5,000 messages | p95 | ratio |\n| --- | ---: | \
         ---: | ---: | ---: | ---: |\n",
        taken(seen, "long", "whole")?.len()
    );
    for (what, name) in [("first", "first character, ms"), ("whole", "whole turn, ms")] {
        let (short, long) = (taken(seen, "short", what)?, taken(seen, "long", what)?);
        let ratio = paired(&long, &short, |long, short| long / short);
        let [low, high] = [&short, &long].map(|taken| [median(taken), percentile(taken, 95)]);
        let cells = [low, high].concat().into_iter().chain([ratio]).map(number);
        lines.extend(["| ", name, " | ", &cells.collect::<Vec<_>>().join(" | "), " |\n"]);
    }
    Ok(lines)
}

/// Returns the value that so many in a hundred do not pass.
fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or(f64::NAN)
}

/// Returns machine, day and versions.
fn circumstances() -> Result<String> {
    let mut versions = vec![version("package-lock.json", "workerd")?];
    for (peer, name) in [
        ("chat-ai", "ai"),
        ("chat-ai", "@ai-sdk/openai-compatible"),
        ("chat-agents", "agents"),
        ("chat-agents", "@cloudflare/ai-chat"),
    ] {
        versions.push(version(&format!("{FOLDER}/{peer}/package-lock.json"), name)?);
    }
    Ok(format!(
        "{}.\n{}.\nMedians.\n",
        super::machine("all Workers, the lab and the client"),
        versions.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=40).map(f64::from).collect();
        assert_eq!(
            (number(percentile(&values, 95)), number(percentile(&[], 95))),
            ("38".to_owned(), "–".to_owned())
        );
    }

    #[test]
    fn a_contender_is_compared_with_the_faster_peer_round_by_round() {
        let of = |first: [u32; 2]| json!({ "first": first, "whole": [100, 100] });
        let seen = json!({
            "model": of([2, 4]), "miyabi": of([12, 24]), "miyabi_socket": of([6, 12]),
            "ai": of([10, 20]), "agents": of([30, 60]),
        });
        let table = first_table(&seen).unwrap();
        let line = "| Miyabi, over HTTP | 18 | 24 | 15 | 1.20 | 100 |\n";
        assert!(
            table.contains(line) && table.contains("| the model itself | 3 | 4 | – | – | 100 |"),
            "{table}"
        );
    }
}
