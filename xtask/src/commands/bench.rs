//! `cargo xtask bench`: forged requests refused per second, with Ed25519 by the runtime and in wasm.
//!
//! Both Workers run at once, each in a workerd of its own without wrangler's proxy in front, and the
//! rounds alternate between them, so that whatever else the machine does falls on both. A forged
//! request costs the whole check and nothing after it: its signature is a real one, over another
//! message.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use super::build;
use crate::process::{self, Child};
use crate::setup::Npm;
use crate::stack::{self, worker};
use crate::{http, project};

/// Rounds of each Worker; the median counts.
const ROUNDS: usize = 7;
/// Length of one round.
const ROUND: Duration = Duration::from_secs(3);
/// Connections at once, in the measurements for throughput and for latency.
const CONNECTIONS: [usize; 2] = [8, 1];
const FEATURE: &str = "ed25519-in-wasm";
/// RFC 8032, TEST 2: a signature over one byte, so it never fits a request.
const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

/// The public key of RFC 8032, TEST 1.
const PUBLIC_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
/// Longest start of a workerd.
const START: Duration = Duration::from_secs(20);

/// One Worker and what was measured of it, per number of connections.
struct Contender {
    name: &'static str,
    url: String,
    /// Ends when dropped.
    _workerd: Child,
    per_second: [Vec<f64>; CONNECTIONS.len()],
}

/// Measures and prints a table.
///
/// # Errors
/// When a build fails, or a Worker answers a forged request with anything but 401.
pub fn run() -> Result<()> {
    let npm = stack::prepare()?;
    let variant = build::variant(FEATURE)?;
    let deployed = project::root()?.join("build");
    let mut contenders = [("the runtime", deployed), ("ed25519-dalek in wasm", variant)]
        .into_iter()
        .map(|(name, folder)| {
            let (workerd, url) = serve(&npm, &folder)?;
            Ok(Contender { name, url, _workerd: workerd, per_second: Default::default() })
        })
        .collect::<Result<Vec<_>>>()?;
    for round in 0..=ROUNDS {
        for contender in &mut contenders {
            for (slot, connections) in contender.per_second.iter_mut().zip(CONNECTIONS) {
                let rate = refused_per_second(&contender.url, connections)?;
                // The first round warms up.
                if round > 0 {
                    slot.push(rate);
                }
            }
        }
    }
    print(&contenders);
    Ok(())
}

fn print(contenders: &[Contender]) {
    println!("| Ed25519 by | refused per second, 8 connections | latency, 1 connection |");
    println!("| --- | --- | --- |");
    for contender in contenders {
        let [many, one] = &contender.per_second;
        let (low, median, high) = spread(many);
        let (slow, middle, fast) = spread(one);
        println!(
            "| {} | {median:.0} ({low:.0} to {high:.0}) | {:.2} ms ({:.2} to {:.2}) |",
            contender.name,
            1000.0 / middle,
            1000.0 / fast,
            1000.0 / slow,
        );
    }
}

/// Starts a workerd with the Worker of a folder, and nothing but its public key.
fn serve(npm: &Npm, folder: &Path) -> Result<(Child, String)> {
    let port = worker::choose_port(0)?;
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "miyabi", worker = .miyabi)],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "miyabi")],
);
const miyabi :Workerd.Worker = (
  modules = [
    (name = "shim.mjs", esModule = embed "shim.mjs"),
    (name = "miyabi.js", esModule = embed "miyabi.js"),
    (name = "miyabi_bg.wasm", wasm = embed "miyabi_bg.wasm"),
  ],
  bindings = [(name = "DISCORD_PUBLIC_KEY", text = "{PUBLIC_KEY}")],
  compatibilityDate = "2026-11-01",
);
"#
    );
    std::fs::write(folder.join("bench.capnp"), config)?;
    let mut command = process::guarded(&npm.node_path());
    command.arg(npm.workerd_path()).args(["serve", "bench.capnp"]).current_dir(folder);
    let mut workerd = process::spawn(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    let url = format!("http://127.0.0.1:{port}");
    let deadline = Instant::now() + START;
    while Instant::now() < deadline && workerd.is_running() {
        if http::get(&format!("{url}/health")).is_ok_and(|reply| reply.status == 200) {
            return Ok((workerd, url));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("workerd did not start with {}", folder.display())
}

/// Returns minimum, median and maximum.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(sorted.len() / 2), at(sorted.len().saturating_sub(1)))
}

fn refused_per_second(url: &str, connections: usize) -> Result<f64> {
    let begun = Instant::now();
    let counts: Result<Vec<u32>> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..connections).map(|_| scope.spawn(|| refused_by_one(url, begun + ROUND))).collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap_or_else(|_panic| bail!("a client panicked")))
            .collect()
    });
    Ok(f64::from(counts?.into_iter().sum::<u32>()) / begun.elapsed().as_secs_f64())
}

/// Sends forged requests over one connection until `end`, and returns how many were refused.
fn refused_by_one(url: &str, end: Instant) -> Result<u32> {
    let address = url.strip_prefix("http://").context("a local Worker speaks http")?;
    let mut connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let body = r#"{"id":"1","token":"t","type":1}"#;
    let request = format!(
        "POST /discord/interactions HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
         x-signature-ed25519: {SIGNATURE}\r\nx-signature-timestamp: {timestamp}\r\n\r\n{body}",
        body.len(),
    );
    let mut refused = 0;
    while Instant::now() < end {
        connection.write_all(request.as_bytes())?;
        let response = read_response(&mut connection)?;
        if !response.starts_with("HTTP/1.1 401 ") {
            bail!("a forged request was not refused: {response}");
        }
        refused += 1;
    }
    Ok(refused)
}

/// Reads one response: its head, and as much body as that declares.
fn read_response(connection: &mut TcpStream) -> Result<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let read = connection.read(&mut chunk)?;
        if read == 0 {
            bail!("the Worker closed the connection");
        }
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let declared = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if body.len() >= declared.unwrap_or(0) {
            return Ok(text);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_median_is_the_middle_of_an_odd_number_of_rounds() {
        assert_eq!(super::spread(&[3.0, 1.0, 2.0]), (1.0, 2.0, 3.0));
    }
}
