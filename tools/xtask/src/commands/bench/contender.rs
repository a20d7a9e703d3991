//! Who runs: this Worker, the peer in TypeScript and the floor, each in a workerd of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::client;
use super::interaction::{self, Kind, Request};
use crate::commands::build;
use crate::process::{self, Child};
use crate::setup::{Npm, say, step};
use crate::stack::{config, worker};
use crate::{problem::problem, project};

/// Longest start of a workerd.
const START: Duration = Duration::from_secs(20);
const PEER: &str = "tools/bench/peer";

/// A Worker, ready to be run.
#[derive(Debug, Clone)]
pub struct Contender {
    /// Name in the tables.
    pub name: &'static str,
    /// Folder with its modules.
    pub folder: PathBuf,
    /// Modules, the main one first.
    pub modules: Vec<String>,
}

/// Where a Worker's bindings are.
#[derive(Debug, Clone, Copy)]
pub struct Bindings {
    /// Distance of the database, the Workflow and the queue, in milliseconds.
    pub delay_ms: u32,
    /// Whether rate limits are bound.
    pub has_limits: bool,
}

/// A workerd that answers; it ends when dropped.
#[derive(Debug)]
pub struct Running {
    /// Its process.
    pub child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Time from the start of the process to the first answer.
    pub started_in: Duration,
}

/// Returns this Worker, the peer and the floor, building what has to be built.
///
/// # Errors
/// When a tool is missing or a build fails.
pub fn all(npm: &Npm) -> Result<[Contender; 3]> {
    Ok([ours()?, peer(npm)?, floor()?])
}

/// Returns this Worker, as it is deployed.
///
/// # Errors
/// When the build fails.
pub fn ours() -> Result<Contender> {
    build::run(build::Profile::Release)?;
    built("Miyabi", &project::root()?.join("build"))
}

/// Returns a Worker of ours from the folder that it was built into.
///
/// # Errors
/// When a file cannot be copied.
pub fn built(name: &'static str, from: &Path) -> Result<Contender> {
    let folder = folder(name)?;
    // The names that `job.mjs` and `real.mjs` import.
    let files = build::files(from);
    for file in &files {
        let file = *file;
        let to = if file == "shim.mjs" { "worker.mjs" } else { file };
        std::fs::copy(from.join(file), folder.join(to)).with_context(|| file.to_owned())?;
    }
    let modules = files.iter().map(|file| if *file == "shim.mjs" { "worker.mjs" } else { *file });
    let modules = modules.map(ToOwned::to_owned).collect();
    Ok(Contender { name, folder, modules })
}

/// Bundles the peer as wrangler would. Its packages are installed for the bench alone.
fn peer(npm: &Npm) -> Result<Contender> {
    let root = project::root()?;
    let source = root.join(PEER);
    let lock = std::fs::read(source.join("package-lock.json")).context("the peer's lock")?;
    let stamp = source.join("node_modules/.made-from-lock.json");
    if std::fs::read(&stamp).ok().as_ref() != Some(&lock) {
        say("installing the peer's npm packages (once)");
        let mut command = Command::new("npm");
        command.current_dir(&source).args(["ci", "--no-progress", "--loglevel=error"]);
        process::capture(&mut command).map_err(|error| {
            problem(
                format!("npm could not install the peer\n{error:#}"),
                "is npm's registry there?",
            )
        })?;
        std::fs::write(stamp, lock)?;
    }
    let folder = folder("peer")?;
    let mut command = npm.node();
    command.current_dir(&source).arg(root.join("node_modules/esbuild/bin/esbuild"));
    command.args([
        "src/index.ts",
        "--bundle",
        "--format=esm",
        "--target=es2024",
        "--log-level=error",
    ]);
    command.args(["--external:cloudflare:workers", "--conditions=workerd,worker,browser"]);
    command.arg(format!("--outfile={}", folder.join("worker.mjs").display()));
    step("the peer's bundle", || process::run(&mut command))?;
    Ok(Contender { name: "peer", folder, modules: vec!["worker.mjs".to_owned()] })
}

fn floor() -> Result<Contender> {
    let folder = folder("floor")?;
    let from = project::root()?.join("tools/bench/floor/floor.mjs");
    std::fs::copy(from, folder.join("worker.mjs")).context("tools/bench/floor")?;
    Ok(Contender { name: "floor", folder, modules: vec!["worker.mjs".to_owned()] })
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = project::target()?.join("bench").join(name);
    std::fs::create_dir_all(&folder)?;
    for file in ["job.mjs", "count.mjs", "real.mjs", "stubs.mjs"] {
        let from = project::root()?.join("tools/bench").join(file);
        std::fs::copy(from, folder.join(file)).with_context(|| file.to_owned())?;
    }
    Ok(folder)
}

/// Returns the variables and secrets that all of them are given.
pub fn variables() -> Vec<(&'static str, String)> {
    let variables = [
        ("DISCORD_APPLICATION_ID", "1100000000000000001"),
        ("DISCORD_TOKEN", "token"),
        ("DISCORD_API_BASE", "https://discord.com/api/v10"),
        ("DISCORD_WEBHOOK_URL", "https://discord.com/api/webhooks/1100000000000000007/token"),
        ("MIYABI_MODEL", "@cf/model"),
        // The bench is one person who asks for all.
        ("MIYABI_JOBS_PER_ASKER", "100"),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name, value.to_owned()));
    variables.chain([("DISCORD_PUBLIC_KEY", interaction::public_key())]).collect()
}

/// Returns the compatibility date of the deployed Worker.
///
/// # Errors
/// When `wrangler.toml` has none.
pub fn compatibility_date() -> Result<String> {
    let config = config::parse(&project::read("wrangler.toml")?)?;
    let date = config.get("compatibility_date").and_then(Value::as_str);
    date.map(ToOwned::to_owned).context("wrangler.toml has no compatibility_date")
}

impl Contender {
    /// Runs it in workerd, and waits until it answers a PING.
    ///
    /// # Errors
    /// When it does not.
    pub fn start(&self, npm: &Npm, bindings: Bindings) -> Result<Running> {
        let port = worker::choose_port(0)?;
        let file = self.folder.join(format!("{port}.capnp"));
        std::fs::write(&file, self.config(port, bindings, &compatibility_date()?))?;
        let [ping] = <[Request; 1]>::try_from(interaction::requests(Kind::Ping, 1, "")?)
            .map_err(|_other| anyhow::anyhow!("one request was asked for"))?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut command = process::guarded(&npm.workerd_path()?);
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut child = process::spawn(&mut command)?;
        while begun.elapsed() < START && child.is_running() {
            if client::is_answered(address, Kind::Ping, &ping) {
                drop(std::fs::remove_file(file));
                return Ok(Running { child, address, started_in: begun.elapsed() });
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        bail!("workerd did not start with {}", file.display())
    }

    fn config(&self, port: u16, bindings: Bindings, date: &str) -> String {
        let mut modules = String::new();
        for module in &self.modules {
            let kind = if is_wasm(module) { "wasm" } else { "esModule" };
            write_line(
                &mut modules,
                &format!("(name = \"{module}\", {kind} = embed \"{module}\"),"),
            );
        }
        let mut bound = String::new();
        for (name, value) in variables() {
            write_line(&mut bound, &format!("(name = \"{name}\", text = \"{value}\"),"));
        }
        let limits = [("miyabi_asker_limit", "limit"), ("miyabi_server_limit", "limit")];
        let limits = limits.into_iter().filter(|_limit| bindings.has_limits);
        let others = [
            ("miyabi_db", "database"),
            ("miyabi_workflow", "workflow"),
            ("miyabi_queue", "queue"),
            ("AI", "model"),
        ];
        for (name, entrypoint) in others.into_iter().chain(limits) {
            let delay = bindings.delay_ms;
            write_line(
                &mut bound,
                &format!(
                    "(name = \"{name}\", wrapped = (moduleName = \"bench:stubs\", entrypoint = \
                     \"{entrypoint}\", innerBindings = [(name = \"delay\", json = \"{delay}\")])),"
                ),
            );
        }
        format!(
            r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
  extensions = [(modules = [
    (name = "bench:stubs", esModule = embed "stubs.mjs", internal = true),
  ])],
);
const worker :Workerd.Worker = (
  modules = [
{modules}  ],
  bindings = [
{bound}  ],
  compatibilityDate = "{date}",
);
"#
        )
    }
}

fn is_wasm(module: &str) -> bool {
    Path::new(module).extension().is_some_and(|extension| extension == "wasm")
}

fn write_line(text: &mut String, line: &str) {
    text.push_str("    ");
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_names_modules_bindings_and_their_distance() {
        let modules = ["worker.mjs", "a.wasm"].map(ToOwned::to_owned).to_vec();
        let contender = Contender { name: "x", folder: PathBuf::new(), modules };
        let near = contender.config(9, Bindings { delay_ms: 0, has_limits: false }, "2026-11-01");
        assert!(near.contains("(name = \"worker.mjs\", esModule = embed \"worker.mjs\")"));
        assert!(near.contains("(name = \"a.wasm\", wasm = embed \"a.wasm\")"));
        assert!(near.contains("127.0.0.1:9") && near.contains("\"2026-11-01\""));
        assert!(!near.contains("miyabi_asker_limit"));
        let far = contender.config(9, Bindings { delay_ms: 20, has_limits: true }, "2026-11-01");
        assert!(far.contains("miyabi_asker_limit") && far.contains("json = \"20\""));
    }
}
