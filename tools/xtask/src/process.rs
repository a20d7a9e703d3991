//! Child processes that never outlive this one.
//!
//! Each child leads a process group of its own, so Ctrl-C in the terminal reaches only xtask, which
//! then ends the whole group: the child, and whatever the child has started. Three ways lead there:
//! dropping the [`Child`], [`end_on_signal`], and, if xtask itself is killed, the guard of
//! [`guarded`]. The first two return when the whole group is gone, not just its leader.
//!
//! Crates such as `process-wrap` and `command-group` make and end a group, which is a few lines of
//! this file; the list of groups for signals, the guard and the wait for orphans would stay.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, wait, waitpgid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Waits for its standard input to close, which happens when xtask is gone however it went, and
/// ends its process group; the shell itself becomes the program. The waiting part holds no output,
/// so that whoever reads the program's sees its end.
const GUARD: &str =
    "exec 3<&0; (cat <&3; kill -9 0) >/dev/null 2>&1 & exec 3<&-; exec \"$@\" </dev/null";

/// Longest wait for orphans to end.
const SETTLE: Duration = Duration::from_secs(2);

static LIVE: Mutex<Live> = Mutex::new(Live { groups: BTreeSet::new(), folders: Vec::new() });

struct Live {
    groups: BTreeSet<i32>,
    folders: Vec<PathBuf>,
}

/// A running child; dropping it ends its whole process group.
#[derive(Debug)]
pub struct Child {
    inner: std::process::Child,
    group: i32,
}

impl Child {
    /// Returns the id of its process.
    pub fn id(&self) -> u32 {
        self.inner.id()
    }

    /// Returns whether it still runs, without waiting.
    pub fn is_running(&mut self) -> bool {
        matches!(self.inner.try_wait(), Ok(None))
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When the operating system cannot wait for it.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        self.inner.wait().context("cannot wait for a child process")
    }

    /// Returns its standard input, once, if it is piped.
    pub fn stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.inner.stdin.take()
    }

    /// Returns its standard output, once, if it is piped.
    pub fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.inner.stdout.take()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        kill_group(self.group);
        drop(self.inner.wait());
        reap_group(self.group);
        live().groups.remove(&self.group);
    }
}

/// Starts a child in a process group of its own.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn(command: &mut Command) -> Result<Child> {
    // The lock is held so that a signal cannot come between the start and the registration.
    let mut live = live();
    adopt_orphans();
    let inner = command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", name(command.get_program())))?;
    let group = i32::try_from(inner.id()).context("process id out of range")?;
    live.groups.insert(group);
    Ok(Child { inner, group })
}

/// Returns a command that runs the program under a guard: it ends when xtask ends, even if xtask is
/// killed. The caller must not set standard input.
pub fn guarded(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "sh"]).arg(program).stdin(Stdio::piped());
    command
}

/// Runs a command to its end; its output goes where xtask's goes.
///
/// # Errors
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = spawn(command.stdin(Stdio::null()))?.wait()?;
    check(command, status)
}

/// Runs a command to its end and returns what it printed on standard output.
///
/// # Errors
/// When it cannot be started or fails; the error carries what it printed on standard error.
pub fn capture(command: &mut Command) -> Result<String> {
    let (status, stdout, stderr) = output(command)?;
    if status.success() {
        return Ok(stdout);
    }
    check(command, status).context(stderr.trim().to_owned())?;
    Ok(stdout)
}

/// Runs a command to its end and returns its status and everything it printed.
///
/// # Errors
/// When it cannot be started.
pub fn output(command: &mut Command) -> Result<(ExitStatus, String, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let stderr = child.inner.stderr.take();
    let reader = std::thread::spawn(move || stderr.map(read_all).unwrap_or_default());
    let stdout = child.stdout().map(read_all).unwrap_or_default();
    let stderr = reader.join().unwrap_or_default();
    Ok((child.wait()?, stdout, stderr))
}

/// Runs a command to its end, hands each line of its standard output to `each`, and returns whether
/// it succeeded.
///
/// # Errors
/// When it cannot be started.
pub fn follow(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    if let Some(stdout) = child.stdout() {
        for line in BufReader::new(stdout).split(b'\n') {
            each(String::from_utf8_lossy(&line?).trim_end_matches('\r'));
        }
    }
    Ok(child.wait()?.success())
}

/// Makes a folder that disappears with xtask, also after a signal. Drop it with [`forget_folder`].
///
/// # Errors
/// When it cannot be made.
pub fn temporary_folder(path: &Path) -> Result<()> {
    live().folders.push(path.to_owned());
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// Removes a folder made by [`temporary_folder`].
pub fn forget_folder(path: &Path) {
    drop(std::fs::remove_dir_all(path));
    live().folders.retain(|folder| folder != path);
}

/// Ends every child, then this process, on Ctrl-C, on a request to terminate and on a hang-up.
///
/// # Errors
/// When the handler cannot be installed.
pub fn end_on_signal() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch signals")?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held to the end: nothing new can start any more.
            let live = live();
            live.groups.iter().copied().for_each(kill_group);
            live.groups.iter().copied().for_each(reap_group);
            reap_orphans();
            for folder in &live.folders {
                drop(std::fs::remove_dir_all(folder));
            }
            eprintln!("\nstopped; nothing is left running");
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Waits for what ended children have left behind, such as the stack of a test that crashed. It never
/// returns if a signal is ending this process: a child's sudden end must not decide the exit code.
pub fn settle() {
    drop(live());
    reap_orphans();
}

/// Returns whether a process with this id exists.
pub fn exists(id: i32) -> bool {
    Pid::from_raw(id).is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// Returns whether a program is on `PATH`.
pub fn is_installed(program: &str) -> bool {
    on_path(program).is_some()
}

/// Returns where a program on `PATH` is.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kill_group(group: i32) {
    if let Some(pid) = Pid::from_raw(group) {
        // An error means that the group is gone already.
        kill_process_group(pid, Signal::KILL).ok();
    }
}

/// Makes children of ended children ours, so that their end can be awaited. Elsewhere than on Linux
/// the system's first process does it.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).ok();
}

/// Waits until no process of a killed group is left.
fn reap_group(group: i32) {
    if let Some(pid) = Pid::from_raw(group) {
        // An error means that there are no more.
        while let Ok(Some(_)) = waitpgid(pid, WaitOptions::empty()) {}
    }
}

/// Waits a moment until no child is left; their guards are ending them.
fn reap_orphans() {
    let deadline = Instant::now() + SETTLE;
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            Ok(None) | Err(_) => return,
        }
    }
}

fn read_all(mut from: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    // What was read before an error is still worth showing.
    drop(from.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

fn line(command: &Command) -> String {
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    [name(command.get_program())].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

fn name(program: &OsStr) -> String {
    let path = Path::new(program);
    path.file_name().unwrap_or(program).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_a_guarded_program_ends_with_it() {
        let mut command = guarded(Path::new("echo"));
        let mut child = spawn(command.arg("done").stdout(Stdio::piped())).unwrap();
        assert_eq!(read_all(child.stdout().unwrap()), "done\n");
    }
}
