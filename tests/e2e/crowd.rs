//! A thousand sockets on one conversation cost nothing while nothing is said, and all of them hear what is.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use xtask::commands::bench::client::processor_s;
use xtask::{project, setup};

use crate::api::{bearer_for, json_of, send};
use crate::world::{self, World};

const SOCKETS: u32 = 1_000;

/// After how long without a word the object sleeps, and more.
///
/// # Source
/// Cloudflare Docs/Durable Objects, WebSocket hibernation: 10 seconds.
const ASLEEP: Duration = Duration::from_secs(13);

/// How long nothing is said.
const IDLE: Duration = Duration::from_secs(15);

/// Most of the processor that a second of that may take more than without a socket.
const MOST: f64 = 0.02;

/// What the processes of workerd of a stack have used.
#[derive(Debug, Clone, Default)]
struct Used {
    processor_s: f64,
    /// Memory of each process, the largest first.
    resident_mib: Vec<u64>,
}

fn field(stat: &str, index: usize) -> Option<&str> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(index)
}

/// Returns the group of the processes of a stack, each of which names its folder or is started by one that does.
fn used(world: &World) -> Used {
    let folder = world.stack().folder().to_string_lossy().into_owned();
    let read = |id: &str, what: &str| {
        let bytes = std::fs::read(format!("/proc/{id}/{what}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let ids = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        name.parse::<u32>().is_ok().then_some(name)
    });
    let all: Vec<_> = ids.map(|id| (read(&id, "stat"), read(&id, "cmdline"), id)).collect();
    let groups: Vec<_> = all
        .iter()
        .filter(|(_, line, _)| line.contains(&folder) && line.contains("wrangler"))
        .filter_map(|(stat, ..)| field(stat, 2))
        .collect();
    let mut sum = Used::default();
    for (stat, line, id) in &all {
        let is_ours = field(stat, 2).is_some_and(|group| groups.contains(&group));
        let program = line.split('\0').next().unwrap_or_default();
        if is_ours && program.ends_with("workerd") {
            sum.processor_s += processor_s(id.parse().unwrap()).unwrap();
            let pages: u64 = field(stat, 21).unwrap().parse().unwrap();
            sum.resident_mib.push(pages * 4096 / 1024 / 1024);
        }
    }
    assert!(!sum.resident_mib.is_empty(), "no workerd of {folder}");
    sum.resident_mib.sort_unstable_by(|a, b| b.cmp(a));
    sum
}

/// Returns what a second takes in which nothing is said.
fn idle(world: &World) -> (f64, Used) {
    let begin = used(world);
    std::thread::sleep(IDLE);
    let end = used(world);
    ((end.processor_s - begin.processor_s) / IDLE.as_secs_f64(), end)
}

#[test]
fn a_thousand_sockets_cost_nothing_while_nothing_is_said() {
    let world = world::own(&[]);
    let key = bearer_for(&world, "crowd", "chat");
    let ask = |text: &str| {
        let body = json!({ "message": text, "conversation": "crowd-1" }).to_string();
        let asked = send(&world, "POST", "/api/chat", &json_of(&key), body.as_bytes());
        assert_eq!(asked.status, 200, "{}", asked.text);
    };
    ask("Say hi");
    std::thread::sleep(ASLEEP);
    let (alone_s, alone) = idle(&world);

    let mut command = world.stack().npm().node();
    command.arg(project::root().unwrap().join("tests/clients/crowd.mjs"));
    command.arg(format!("{}/api/conversations/crowd-1/socket", world.stack().url()));
    command.arg(SOCKETS.to_string());
    command.env("MIYABI_KEY", key.trim_start_matches("Bearer "));
    let begin = Instant::now();
    let mut crowd = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(crowd.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "open");
    let opened = begin.elapsed();
    std::thread::sleep(ASLEEP);
    let (crowded_s, crowded) = idle(&world);

    let begin = Instant::now();
    ask("Say hi again");
    assert_eq!(lines.next().unwrap().unwrap(), "told");
    let told = begin.elapsed();
    assert!(crowd.wait().unwrap().success());
    setup::say(&format!(
        "{SOCKETS} sockets: open in {opened:.1?}, a turn told to all in {told:.1?}; idle, of a \
         processor {:.2} % instead of {:.2} %, {:?} MiB instead of {:?} MiB",
        crowded_s * 100.0,
        alone_s * 100.0,
        crowded.resident_mib,
        alone.resident_mib,
    ));
    assert!(crowded_s - alone_s < MOST, "{crowded_s} s of a second instead of {alone_s} s");
}
