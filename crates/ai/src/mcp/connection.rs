//! One exchange with an MCP server, from its beginning to its end.
//!
//! A session lasts for one list or one call: nothing of one person's question is at the server when the next
//! one comes, and none is lost on the way.

use core::time::Duration;

use serde_json::{Map, Value, json};

use super::McpTool;
use super::catalog::Listed;
use super::protocol::{self, Called, McpError, STATELESS, WITH_SESSIONS};
use crate::tools::Requests;
use miyabi_core::config::mcp::McpServer;
use miyabi_core::http::{HttpError, Method, Request, Response};
use miyabi_core::ports::{Clock, Http};

/// Most requests for the pages of a list.
const MAX_PAGES: usize = 5;

/// Longest wait for the end of a session.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest id of a session, in bytes.
const MAX_SESSION_BYTES: usize = 512;

/// What the reply to a message may be.
const ACCEPT: &str = "application/json, text/event-stream";

/// A server that wants a revision which is newer than ours.
const UNSUPPORTED_VERSION: i64 = -32_022;

/// What is known of a server so far.
pub(super) struct Connection<'a, H> {
    host: &'a H,
    server: &'a McpServer,
    requests: &'a Requests,
    end_ms: u64,
    version: String,
    session: Option<String>,
    ids: u32,
}

/// Returns whether a server that answers so may speak an older revision.
fn is_of_older(error: &McpError) -> bool {
    match error {
        McpError::Rpc(code) => *code != UNSUPPORTED_VERSION,
        McpError::Refused(status) => matches!(status, 400 | 404 | 405 | 406 | 415 | 422),
        McpError::NoResponse(_)
        | McpError::Unauthorized
        | McpError::Shape
        | McpError::Gone
        | McpError::AsksBack
        | McpError::NoRequestsLeft
        | McpError::Unclear
        | McpError::Told(_) => false,
    }
}

impl<'a, H: Http + Clock> Connection<'a, H> {
    pub(super) fn new(
        host: &'a H,
        server: &'a McpServer,
        requests: &'a Requests,
        timeout: Duration,
    ) -> Self {
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let end_ms = host.now().0.saturating_add(timeout_ms);
        let version = STATELESS.to_owned();
        Self { host, server, requests, end_ms, version, session: None, ids: 0 }
    }

    /// Returns all tools, by whichever revision the server speaks.
    pub(super) async fn list(&mut self) -> Result<Vec<Listed>, McpError> {
        let mut tools = Vec::new();
        let mut params = Map::new();
        for _ in 0..MAX_PAGES {
            let page = self.ask("tools/list", params.clone()).await;
            let page = match page {
                Err(error) if self.version == STATELESS && is_of_older(&error) => {
                    self.begin_session().await?;
                    continue;
                }
                page => page?,
            };
            let is_stateless = self.version == STATELESS;
            let listed = page.get("tools").and_then(Value::as_array).ok_or(McpError::Shape)?;
            tools.extend(listed.iter().filter_map(|tool| Listed::read(tool, is_stateless)));
            let Some(cursor) = page.get("nextCursor").filter(|it| it.is_string()) else { break };
            params.insert("cursor".to_owned(), cursor.clone());
        }
        Ok(tools)
    }

    pub(super) async fn call(
        &mut self,
        tool: &McpTool,
        arguments: &Map<String, Value>,
    ) -> Result<Called, McpError> {
        if !tool.is_stateless {
            self.begin_session().await?;
        }
        let mut params = Map::new();
        params.insert("name".to_owned(), tool.tool.as_str().into());
        params.insert("arguments".to_owned(), Value::Object(arguments.clone()));
        let called = self.ask("tools/call", params).await;
        if matches!(called, Err(McpError::NoResponse(_))) {
            self.cancel().await;
        }
        called.and_then(|result| protocol::read_called(&result)).map_err(|error| {
            let is_unclear = matches!(
                error,
                McpError::NoResponse(_) | McpError::Shape | McpError::Refused(500..)
            );
            if tool.asks && is_unclear { McpError::Unclear } else { error }
        })
    }

    /// Says that nobody waits for the last request any more. Where there are no sessions, the request that is cut
    /// off says so itself. Nothing depends on it.
    async fn cancel(&self) {
        if self.version == STATELESS || !self.requests.take() {
            return;
        }
        let params = json!({ "requestId": self.ids, "reason": "it took too long" });
        let message = protocol::message(None, "notifications/cancelled", &params);
        let request = self.request(Method::Post, CLOSE_TIMEOUT).header("accept", ACCEPT.to_owned());
        drop(self.host.send(&request.json(&message)).await);
    }

    /// Says that the session is over, if there is one. Nothing depends on it.
    pub(super) async fn close(self) {
        if self.session.is_some() && self.requests.take() {
            let request = self.request(Method::Delete, CLOSE_TIMEOUT);
            drop(self.host.send(&request).await);
        }
    }

    async fn begin_session(&mut self) -> Result<(), McpError> {
        // Nothing is agreed on yet, and some servers refuse a revision that they do not know.
        self.version.clear();
        let params = json!({
            "protocolVersion": WITH_SESSIONS,
            "capabilities": {},
            "clientInfo": protocol::client(),
        });
        let id = self.next_id();
        let response = self.post(&protocol::message(Some(id), "initialize", &params), None).await?;
        let result = protocol::read(&response, id)?;
        let version = result.get("protocolVersion").and_then(Value::as_str);
        let is_date = |it: &&str| {
            it.len() == WITH_SESSIONS.len()
                && it.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        };
        version.filter(is_date).ok_or(McpError::Shape)?.clone_into(&mut self.version);
        let is_session = |it: &&str| {
            it.len() <= MAX_SESSION_BYTES && it.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let session = response.header("mcp-session-id").filter(is_session);
        self.session = session.map(ToOwned::to_owned);
        let ready = protocol::message(None, "notifications/initialized", &json!({}));
        let response = self.post(&ready, None).await?;
        if response.is_success() { Ok(()) } else { Err(McpError::Refused(response.status)) }
    }

    /// Sends a request, and returns its result.
    async fn ask(
        &mut self,
        method: &'static str,
        mut params: Map<String, Value>,
    ) -> Result<Value, McpError> {
        if self.version == STATELESS {
            params.insert("_meta".to_owned(), protocol::envelope());
        }
        let id = self.next_id();
        let message = protocol::message(Some(id), method, &params.into());
        let response = self.post(&message, Some(method)).await?;
        protocol::read(&response, id)
    }

    const fn next_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    async fn post(&self, message: &Value, method: Option<&str>) -> Result<Response, McpError> {
        let left_ms = self.end_ms.saturating_sub(self.host.now().0);
        if left_ms == 0 {
            return Err(HttpError::Timeout.into());
        }
        if !self.requests.take() {
            return Err(McpError::NoRequestsLeft);
        }
        let mut request = self
            .request(Method::Post, Duration::from_millis(left_ms))
            .header("accept", ACCEPT.to_owned());
        if let (Some(method), true) = (method, self.version == STATELESS) {
            request = request.header("mcp-method", method.to_owned());
            if let Some(name) = message.pointer("/params/name").and_then(Value::as_str) {
                request = request.header("mcp-name", name.to_owned());
            }
        }
        Ok(self.host.send(&request.json(message)).await?)
    }

    fn request(&self, method: Method, timeout: Duration) -> Request {
        let mut request = Request::new(method, self.server.url.clone(), timeout)
            .header("user-agent", "Miyabi (an MCP client)".to_owned());
        if !self.version.is_empty() {
            request = request.header("mcp-protocol-version", self.version.clone());
        }
        if let Some(token) = &self.server.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session.clone());
        }
        request
    }
}
