//! `wrangler dev` as a child process: the Worker in real workerd, with no account and no network.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::problem::problem;
use crate::process::{self, Child};
use crate::setup::Npm;
use crate::{http, project};

/// Longest start on a slow machine.
const START: Duration = Duration::from_secs(90);
/// Longest round of the watchdog: it may have many askers to tell, and Discord be slow.
const TICK: Duration = Duration::from_mins(3);
const LOG: &str = "wrangler.log";
/// Lines of wrangler's output worth showing when it fails.
const TAIL: usize = 25;

/// Applies the migrations to the local database.
///
/// # Errors
/// When one fails.
pub fn migrate(npm: &Npm, folder: &Path, database: &str) -> Result<()> {
    let mut command = npm.node();
    command.arg(npm.wrangler_path());
    environment(&mut command, folder);
    command.args(["d1", "migrations", "apply", database, "--local", "-c", "miyabi.json"]);
    let (status, stdout, stderr) = process::output(command.args(["--persist-to", "state"]))?;
    if !status.success() {
        bail!("wrangler could not apply the migrations\n{}", tail(&format!("{stdout}\n{stderr}")));
    }
    Ok(())
}

/// What wrangler may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// This machine only.
    Nothing,
    /// The account that it is logged in to, for bindings that have no local form.
    Account,
}

/// Starts the Worker on a port and waits until it answers.
///
/// # Errors
/// When it does not answer; the error carries the end of wrangler's output.
pub fn start(npm: &Npm, folder: &Path, port: u16, access: Access) -> Result<Child> {
    let mut command = process::guarded(&npm.node_path());
    command.arg(npm.wrangler_path());
    npm.environment(&mut command);
    environment(&mut command, folder);
    if access == Access::Account {
        use_account(&mut command);
    }
    command.args(["dev", "-c", "miyabi.json", "-c", "ai.json", "--persist-to", "state"]);
    command.args(["--ip", "127.0.0.1", "--port", &port.to_string(), "--inspector-port", "0"]);
    command.arg("--show-interactive-dev-session=false");
    command.arg("--env-file").arg(folder.join("secrets.env"));
    let output = OpenOptions::new().create(true).append(true).open(folder.join(LOG))?;
    command.stdout(output.try_clone()?).stderr(output);
    let mut child = process::spawn(&mut command)?;
    let url = format!("http://127.0.0.1:{port}/health");
    let deadline = Instant::now() + START;
    while Instant::now() < deadline && child.is_running() {
        if http::get(&url).is_ok_and(|reply| reply.status == 200) {
            return Ok(child);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the Worker did not start; wrangler said:\n{}", tail(&log(folder)))
}

/// Runs the watchdog of the Worker at `url` once.
///
/// # Errors
/// When it fails, does not end within minutes, or nothing answers.
pub fn tick(url: &str) -> Result<()> {
    let reply = http::get_within(&format!("{url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*"), TICK)?;
    if reply.status != 200 {
        bail!("the watchdog ended with {}: {}", reply.status, reply.body.trim());
    }
    Ok(())
}

/// Returns all that wrangler has printed: its own lines and the Worker's.
pub fn log(folder: &Path) -> String {
    let bytes = std::fs::read(folder.join(LOG)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the whole lines that were printed after so many bytes, and moves `from` to their end.
pub fn log_from(folder: &Path, from: &mut u64) -> String {
    let read = || {
        let mut file = File::open(folder.join(LOG))?;
        file.seek(SeekFrom::Start(*from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    let mut bytes = read().unwrap_or_default();
    bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
    *from += u64::try_from(bytes.len()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the port to listen on: the one asked for, or a free one for 0.
///
/// # Errors
/// When the port asked for is taken.
pub fn choose_port(asked: u16) -> Result<u16> {
    let taken = || {
        problem(
            format!("port {asked} is taken"),
            "choose another with --port, or leave it out for any free one",
        )
    };
    let listener = TcpListener::bind(("127.0.0.1", asked)).map_err(|_in_use| taken())?;
    Ok(listener.local_addr().context("a listener without an address")?.port())
}

/// Keeps wrangler to itself: no account, no network, no prompts, no files in the home folder. What Node has compiled
/// of it is kept for the next start.
pub fn environment(command: &mut Command, folder: &Path) {
    command.current_dir(folder).env("XDG_CONFIG_HOME", folder.join("config"));
    command.env("WRANGLER_REGISTRY_PATH", folder.join("registry"));
    command.env("TMPDIR", folder);
    if let Ok(target) = project::target() {
        // Wrangler is one script of megabytes: a third of its start is compiling that.
        command.env("NODE_COMPILE_CACHE", target.join("xtask/node"));
    }
    for (name, value) in [
        ("CI", "1"),
        ("NO_COLOR", "1"),
        ("FORCE_COLOR", "0"),
        ("WRANGLER_SEND_METRICS", "false"),
        ("WRANGLER_SEND_ERROR_REPORTS", "false"),
        ("WRANGLER_HIDE_BANNER", "true"),
        ("WRANGLER_WRITE_LOGS", "false"),
        ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
        ("CLOUDFLARE_INCLUDE_PROCESS_ENV", "false"),
    ] {
        command.env(name, value);
    }
    for name in ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_ENV"] {
        command.env_remove(name);
    }
}

/// Gives back what [`environment`] has taken away: the login.
fn use_account(command: &mut Command) {
    command.env_remove("CI");
    for name in ["XDG_CONFIG_HOME", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"] {
        match std::env::var_os(name) {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}

/// Returns the end of an output.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(TAIL)).copied().collect::<Vec<_>>().join("\n")
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file: File =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_taken_port_is_named_with_a_hint() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = super::choose_port(port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {port} is taken\nhint: ")), "{error}");
        assert_ne!(super::choose_port(0).unwrap(), 0);
    }

    #[test]
    fn a_log_is_read_on_from_where_it_was_by_whole_lines() {
        let folder = std::env::temp_dir().join(format!("miyabi-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut from = 0;
        assert_eq!(super::log_from(&folder, &mut from), "");
        let mut said = String::new();
        for (more, lines) in [("一\n二", "一\n"), ("", ""), ("\n3\n", "二\n3\n")] {
            said.push_str(more);
            std::fs::write(folder.join(super::LOG), &said).unwrap();
            assert_eq!(super::log_from(&folder, &mut from), lines);
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_tail_is_the_end_without_blank_lines() {
        let lines: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let text = lines.join("\n\n");
        let tail = super::tail(&text);
        assert!(tail.starts_with("15\n") && tail.ends_with("39"), "{tail}");
    }
}
