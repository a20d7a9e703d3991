//! HTTP to the lab and the Worker on this machine, and HTTPS to Discord and to a deployed Worker.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use miyabi_core::config::is_base_url;
use serde_json::Value;

/// Longest time that a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Names the program, in the form that Discord asks for.
const USER_AGENT: &str =
    concat!("DiscordBot (https://miyabi.example, ", env!("CARGO_PKG_VERSION"), ")");

/// An answer, whatever its status.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub body: String,
    /// Headers whose values are text, by names in small letters.
    pub headers: BTreeMap<String, String>,
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
    send("GET", url, &[], None)
}

/// Sends GET and waits so long at most.
///
/// # Errors
/// When nothing answers in time.
pub fn get_within(url: &str, timeout: Duration) -> Result<Reply> {
    send_within(timeout, "GET", url, &[], None)
}

/// Sends POST with a JSON body.
///
/// # Errors
/// When nothing answers in time.
pub fn post(url: &str, body: &Value) -> Result<Reply> {
    send("POST", url, &[], Some(body))
}

/// Sends DELETE.
///
/// # Errors
/// When nothing answers in time.
pub fn delete(url: &str) -> Result<Reply> {
    send("DELETE", url, &[], None)
}

/// Sends a request with these headers and, if there is one, a JSON body.
///
/// # Errors
/// When nothing answers in time, a name or value cannot be in a request, or a secret would be readable on
/// its way. An error never holds the URL, which may be a secret.
pub fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Reply> {
    send_within(TIMEOUT, method, url, headers, body)
}

/// Sends POST with a JSON body, and hands each line of the answer to `each` as it comes, if the status is a
/// success.
///
/// # Errors
/// As for [`send`]; when the status is not a success, with the answer; and when it is not over in time.
pub fn follow(
    timeout: Duration,
    url: &str,
    headers: &[(&str, &str)],
    body: &Value,
    mut each: impl FnMut(&str),
) -> Result<()> {
    let mut response = open(timeout, "POST", url, headers, Some(body))?;
    let status = response.status();
    if !status.is_success() {
        let body = response.body_mut().read_to_string().context("the answer broke off")?;
        bail!("status {}: {}", status.as_u16(), body.trim());
    }
    for line in BufReader::new(response.into_body().into_reader()).lines() {
        each(&line.context("the answer broke off")?);
    }
    Ok(())
}

fn send_within(
    timeout: Duration,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Reply> {
    let mut response = open(timeout, method, url, headers, body)?;
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let headers = headers.collect();
    let body = response.body_mut().read_to_string().context("the answer broke off")?;
    Ok(Reply { status, body, headers })
}

fn open(
    timeout: Duration,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<ureq::http::Response<ureq::Body>> {
    let is_authorized = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if (is_authorized || url.contains("/webhooks/")) && !keeps_secrets(url) {
        bail!("not sent: a token would be readable on its way, use https");
    }
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        // A redirect is an answer: a token must not be led elsewhere.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(USER_AGENT)
        .timeout_global(Some(timeout));
    if url.starts_with("http://") {
        // A proxy of the environment could not reach this machine's loopback.
        config = config.proxy(None);
    }
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let agent: ureq::Agent = config.build().into();
    let answer = match body {
        None => agent.run(request.body(())?),
        Some(body) => {
            let is_told = headers.iter().any(|(name, _)| *name == "content-type");
            if !is_told {
                request = request.header("content-type", "application/json");
            }
            agent.run(request.body(body.to_string())?)
        }
    };
    if let Err(ureq::Error::BadUri(_)) = answer {
        bail!("this is no URL");
    }
    answer.context("no answer")
}

/// Returns whether a token may be sent with this URL: by https, or to this machine.
fn keeps_secrets(url: &str) -> bool {
    let host = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let rest = url.get(host..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    url.get(..end).is_some_and(is_base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_sent_where_others_read_it_on_its_way() {
        for url in [
            "http://discord.example/api/v10/applications/1/commands",
            "http://127.0.0.1:80@evil.example/health",
            "http://127.0.0.1.evil.example/health?deep=1",
            "http://192.168.0.7:8787/health",
            "http://evil.example?://127.0.0.1",
            "ftp://127.0.0.1/",
            "127.0.0.1/health",
        ] {
            let headers = [("Authorization", "Bot hunter2")];
            let error = send("GET", url, &headers, None).unwrap_err().to_string();
            assert!(error.contains("readable on its way") && !error.contains("hunter2"), "{error}");
        }
        let webhook = "http://discord.example/api/webhooks/1/hunter2";
        let error = get(webhook).unwrap_err().to_string();
        assert!(error.contains("readable on its way") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_token_is_sent_by_https_and_to_this_machine() {
        for url in [
            "https://discord.com/api/v10/applications/1/commands?with_localizations=true",
            "https://miyabi.example",
            "http://127.0.0.1:8787/health?deep=1",
            "http://localhost:8787/api/v10/webhooks/1/t/messages/@original",
            "http://[::1]:8787/",
        ] {
            assert!(keeps_secrets(url), "{url}");
        }
    }
}
