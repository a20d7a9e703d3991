//! The lab as a child process: Discord, Workers AI and Open-Meteo on one port of this machine.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Model;
use crate::process::{self, Child};
use crate::value::list;
use crate::{http, project};

/// A running lab.
#[derive(Debug)]
pub struct Lab {
    _child: Child,
    url: String,
}

impl Lab {
    /// Starts the lab, built already, and waits until it listens.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(port: u16, model: Option<&Model>, log: &Path) -> Result<Self> {
        let mut command = Command::new(project::target()?.join("debug/lab"));
        // It ends with its standard input, so also when xtask is killed.
        command.args(["--port", &port.to_string(), "--exit-with-stdin"]).stdin(Stdio::piped());
        if let Some(model) = model {
            command.args(["--model-url", &model.url, "--model", &model.name]);
        }
        command.stdout(Stdio::piped()).stderr(File::create(log)?);
        let mut child = process::spawn(&mut command)?;
        let mut line = String::new();
        let stdout = child.stdout().context("the lab has no standard output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let ready: Option<Value> = serde_json::from_str(&line).ok();
        let url = ready.as_ref().and_then(|ready| ready.get("url")).and_then(Value::as_str);
        let Some(url) = url else {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            anyhow::bail!("the lab did not start: {}", said.trim());
        };
        Ok(Self { url: url.to_owned(), _child: child })
    }

    /// Returns its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Reads JSON from it, such as `/lab/world`.
    ///
    /// # Errors
    /// When it does not answer, or with an error.
    pub fn get(&self, path: &str) -> Result<Value> {
        http::get(&format!("{}{path}", self.url))?.json().with_context(|| format!("GET {path}"))
    }

    /// Reads a list from it, such as `/lab/calls`.
    ///
    /// # Errors
    /// When it does not answer, or with an error.
    pub fn list(&self, path: &str) -> Result<Vec<Value>> {
        self.get(path).map(list)
    }

    /// Sends JSON to it, such as `/lab/faults`; an empty answer is `null`.
    ///
    /// # Errors
    /// When it does not answer, or with an error.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let reply = http::post(&format!("{}{path}", self.url), body)?;
        if reply.status < 300 && reply.body.trim().is_empty() {
            return Ok(Value::Null);
        }
        reply.json().with_context(|| format!("POST {path}"))
    }
}

/// Has the lab at this URL sign an interaction and send it to the Worker at another, and returns its
/// receipt. `order` says which interaction.
///
/// # Errors
/// When one of them does not answer.
pub fn deliver(lab_url: &str, worker_url: &str, order: &Value) -> Result<Value> {
    let mut order = order.clone();
    if let Some(order) = order.as_object_mut() {
        order.insert("worker".to_owned(), worker_url.into());
    }
    http::post(&format!("{lab_url}/lab/interactions"), &order)?.json().context("the interaction")
}
