//! HTTP to the lab and the Worker, both on this machine.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Longest a local request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub body: String,
}

impl Reply {
    /// Returns the body as JSON, if the status is a success.
    ///
    /// # Errors
    /// When the status is not a success or the body is not JSON.
    pub fn json(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("status {}: {}", self.status, self.body.trim());
        }
        serde_json::from_str(&self.body).context("the answer is not JSON")
    }
}

/// Sends GET.
///
/// # Errors
/// When nothing answers in time.
pub fn get(url: &str) -> Result<Reply> {
    get_within(url, TIMEOUT)
}

/// Sends GET and waits so long at most.
///
/// # Errors
/// When nothing answers in time.
pub fn get_within(url: &str, timeout: Duration) -> Result<Reply> {
    read(agent(timeout).get(url).call(), url)
}

/// Sends POST with a JSON body.
///
/// # Errors
/// When nothing answers in time.
pub fn post(url: &str, body: &Value) -> Result<Reply> {
    let request = agent(TIMEOUT).post(url).header("content-type", "application/json");
    read(request.send(body.to_string()), url)
}

/// Sends a JSON body with headers.
///
/// # Errors
/// When nothing answers in time, or a name or value cannot be in a request.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &Value) -> Result<Reply> {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in [("content-type", "application/json")].iter().chain(headers) {
        request = request.header(*name, *value);
    }
    read(agent(TIMEOUT).run(request.body(body.to_string())?), url)
}

/// Sends DELETE.
///
/// # Errors
/// When nothing answers in time.
pub fn delete(url: &str) -> Result<Reply> {
    read(agent(TIMEOUT).delete(url).call(), url)
}

fn agent(timeout: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .proxy(None) // a proxy of the environment could not reach this machine's loopback
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .build();
    config.into()
}

fn read(
    answer: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    url: &str,
) -> Result<Reply> {
    let mut response = answer.with_context(|| format!("no answer from {url}"))?;
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string().context("the answer broke off")?;
    Ok(Reply { status, body })
}
