//! [`Conversations`] over a namespace of Durable Objects: a command is the body of a request to one.

use web_sys::ReadableStream;
use worker::{Method, ObjectNamespace, Request, RequestInit, Response};

use super::env::Cloudflare;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::http::ConversationStream;
use miyabi_core::ports::Conversations;

/// Name of the namespace's binding.
const BINDING: &str = "miyabi_conversation";

/// Objects are asked by nobody but this Worker, so the address says nothing.
const ADDRESS: &str = "https://conversation/";

/// Where a stream is asked for.
const STREAM_ADDRESS: &str = "https://conversation/stream";

impl Conversations for Cloudflare {
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault> {
        let reply = async {
            let mut response = self.send_to(conversation, ADDRESS, command).await?;
            let text = response.text().await.ok()?;
            (response.status_code() == 200).then_some(text)
        };
        let fault = StoreError::Failed { statement: "conversation::converse" };
        reply.await.ok_or_else(|| fault.into())
    }
}

impl Cloudflare {
    /// Returns what a conversation writes, as it writes it; `None` if it cannot be reached.
    pub(super) async fn stream(&self, stream: &ConversationStream) -> Option<ReadableStream> {
        let ConversationStream { conversation, request } = stream;
        let response = self.send_to(conversation, STREAM_ADDRESS, request).await?;
        let response: web_sys::Response = response.into();
        response.body().filter(|_| response.ok())
    }

    async fn send_to(&self, conversation: &str, address: &str, body: &str) -> Option<Response> {
        let namespace: ObjectNamespace = self.binding(BINDING)?;
        // A new stub each time: one that has failed stays broken.
        let object = namespace.get_by_name(conversation).ok()?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(body.into()));
        let request = Request::new_with_init(address, &init).ok()?;
        object.fetch_with_request(request).await.ok()
    }
}
