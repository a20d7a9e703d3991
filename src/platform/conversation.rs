//! [`Conversations`] over a namespace of Durable Objects: a command is the body of a request to one.

use worker::{Method, ObjectNamespace, Request, RequestInit};

use super::env::Cloudflare;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::Conversations;

/// Name of the namespace's binding.
const BINDING: &str = "miyabi_conversation";

/// Objects are asked by nobody but this Worker, so the address says nothing.
const ADDRESS: &str = "https://conversation/";

impl Conversations for Cloudflare {
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault> {
        let reply = async {
            let namespace: ObjectNamespace = self.binding(BINDING)?;
            // A new stub each time: one that has failed stays broken.
            let object = namespace.get_by_name(conversation).ok()?;
            let mut init = RequestInit::new();
            init.with_method(Method::Post).with_body(Some(command.into()));
            let request = Request::new_with_init(ADDRESS, &init).ok()?;
            let mut response = object.fetch_with_request(request).await.ok()?;
            let text = response.text().await.ok()?;
            (response.status_code() == 200).then_some(text)
        };
        let fault = StoreError::Failed { statement: "conversation::converse" };
        reply.await.ok_or_else(|| fault.into())
    }
}
