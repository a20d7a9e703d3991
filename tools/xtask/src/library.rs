//! A server of the Model Context Protocol to test with: `tests/mcp/server.py`, by the reference SDK for Python.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::process::{self, Child};
use crate::project;
use crate::setup::python;

/// Its tool that acts, with the fingerprint of what it says of it.
pub const LEND: &str = "lend@f114045f31ad328a9989bc05d9747d908e4a5c8f";

/// Longest time until it listens.
const START: Duration = Duration::from_mins(1);

/// Starts the server with these variables, and returns its address; it ends with its input.
///
/// # Errors
/// When there is no Python, or it does not start.
pub fn start(variables: &[(&str, &str)]) -> Result<(Child, String)> {
    let programs = python::packages("tests/mcp")?;
    let mut command = Command::new(programs.join("python"));
    command.arg(project::root()?.join("tests/mcp/server.py")).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = process::spawn(&mut command)?;
    let mut port = String::new();
    BufReader::new(child.stdout().context("it says no port")?).read_line(&mut port)?;
    let port: u16 = port.trim().parse().context("it says no port")?;
    let deadline = Instant::now() + START;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(Instant::now() < deadline, "the MCP server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((child, format!("http://127.0.0.1:{port}/mcp")))
}
