//! [`Conversations`] over a namespace of Durable Objects: a command is the body of a request to one.

use core::fmt::Debug;

use web_sys::ReadableStream;
use worker::{Headers, Method, ObjectNamespace, Request, RequestInit, Response, WebSocketPair};

use super::env::Cloudflare;
use miyabi_channels::web::socket::PROTOCOL;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::http::{ConversationStream, SocketReply};
use miyabi_core::ports::Conversations;

/// Name of the namespace's binding.
const BINDING: &str = "miyabi_conversation";

/// Objects are asked by nobody but this Worker, so the address says nothing.
const ADDRESS: &str = "https://conversation/";

/// Where a socket is asked for.
const SOCKET_ADDRESS: &str = "https://conversation/socket?";

/// A conversation, in its own object.
pub trait Here: Debug {
    /// Returns its name.
    fn name(&self) -> &str;
    /// Carries out a command, as [`Conversations::converse`].
    ///
    /// # Errors
    /// As there.
    fn converse(&self, command: &str) -> Result<String, Fault>;
}

/// Where a stream is asked for.
const STREAM_ADDRESS: &str = "https://conversation/stream";

impl Conversations for Cloudflare {
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault> {
        if let Some(here) = self.here(conversation) {
            return here.converse(command);
        }
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

    /// Returns the reply to a request for a socket; `None` if there can be none.
    pub(super) async fn socket(&self, socket: &SocketReply) -> Option<web_sys::Response> {
        let response = match socket {
            SocketReply::Conversation(ConversationStream { conversation, request }) => {
                let namespace: ObjectNamespace = self.binding(BINDING)?;
                let object = namespace.get_by_name(conversation).ok()?;
                let headers = Headers::new();
                headers.set("upgrade", "websocket").ok()?;
                let mut init = RequestInit::new();
                init.with_headers(headers);
                // A request for a socket has no body.
                let address = [SOCKET_ADDRESS, &hex::encode(request)].concat();
                let request = Request::new_with_init(&address, &init).ok()?;
                object.fetch_with_request(request).await.ok()?
            }
            SocketReply::Refused { frame, code, reason, protocol } => {
                let pair = WebSocketPair::new().ok()?;
                pair.server.accept().ok()?;
                // Whoever has gone away needs no word.
                if let Some(frame) = frame {
                    drop(pair.server.send_with_str(frame));
                }
                drop(pair.server.close(Some(*code), Some(reason)));
                upgrade(pair, protocol.is_some())?
            }
        };
        Some(response.into()).filter(|response: &web_sys::Response| response.status() == 101)
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

/// Returns the reply that opens a socket, with the subprotocol that was offered.
pub fn upgrade(pair: WebSocketPair, has_protocol: bool) -> Option<Response> {
    let response = Response::from_websocket(pair.client).ok()?;
    if has_protocol {
        response.headers().set("sec-websocket-protocol", PROTOCOL).ok()?;
    }
    Some(response)
}
