//! An inbound request as the program reads it, and its reply.
//!
//! This file and [`super::executor`] are below `worker`'s types for speed, because each request of a person
//! passes them: `web_sys::Request` is read in place of `worker::Request`, which copies all headers first,
//! the body is taken as one text, and every reply has the same `Headers`. `cargo xtask bench` measures it
//! as the processor time of an accepted question. Other files of the platform are below these types only
//! where there is none, or where the one there is panics; each says so.

use std::cell::OnceCell;

use wasm_bindgen::prelude::*;
use web_sys::{Headers, ReadableStream, Request, Response, ResponseInit};

use super::env::Cloudflare;
use super::stream::{self, StreamError};
use crate::workflow::js;
use miyabi_core::event::Event;
use miyabi_core::http::{BodyError, Incoming, Reply};
use miyabi_core::ports::Log;
use miyabi_core::problem::Problem;

/// An inbound request.
#[derive(Debug)]
pub struct Inbound {
    request: Request,
    headers: Headers,
    method: String,
    url: String,
}

impl Inbound {
    /// Reads what every request is routed by.
    pub fn new(request: Request) -> Self {
        Self { headers: request.headers(), method: request.method(), url: request.url(), request }
    }

    /// Returns the path and the query of `https://host/path?query#fragment`.
    fn target(&self) -> (&str, &str) {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = rest.find('/').and_then(|begin| rest.get(begin..)).unwrap_or("/");
        (path, query)
    }
}

impl Incoming for Inbound {
    fn method(&self) -> &str {
        &self.method
    }

    fn path(&self) -> &str {
        self.target().0
    }

    fn query(&self) -> &str {
        self.target().1
    }

    fn origin(&self) -> &str {
        let begin = self.url.find("://").map_or(0, |scheme| scheme + 3);
        let end = self.url.get(begin..).and_then(|rest| rest.find(['/', '?', '#']));
        end.and_then(|end| self.url.get(..begin + end)).unwrap_or(&self.url)
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok()?.filter(|value| !value.is_empty())
    }

    async fn body(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        // The runtime holds a sender to the declared length, so such a body can come at once, which costs
        // less than a stream. Bytes that are no UTF-8, or begin with its mark, come changed as a
        // text: then the signature does not fit.
        if self.declared_bytes().is_some_and(|declared| declared <= limit_bytes) {
            let text = self.request.text().map_err(|_used| BodyError::Broken)?;
            let text = js::settle(text.into()).await.map_err(|_broken| BodyError::Broken)?;
            return Ok(text.as_string().unwrap_or_default().into_bytes());
        }
        let body = self.request.body();
        whole(body, limit_bytes).await
    }

    async fn bytes(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        whole(self.request.body(), limit_bytes).await
    }
}

async fn whole(body: Option<ReadableStream>, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
    stream::read_stream(body, limit_bytes, &|_piece| {}).await.map_err(|error| match error {
        StreamError::TooLarge => BodyError::TooLarge,
        StreamError::Broken(_) => BodyError::Broken,
    })
}

thread_local! {
    /// What every reply without headers of its own has.
    static JSON: OnceCell<Headers> = const { OnceCell::new() };
}

/// Returns a reply as the runtime takes it.
///
/// # Errors
/// The runtime's, if it refuses the status.
pub async fn respond(host: &Cloudflare, reply: &Reply) -> Result<Response, JsValue> {
    if let Some(socket) = &reply.socket {
        let unavailable = || Reply::error(503, "the conversation does not answer; come back");
        return match host.socket(socket).await {
            Some(response) => Ok(response),
            None => respond_at_once(&unavailable()),
        };
    }
    let body = match (&reply.stream, &reply.stored) {
        (Some(stream), _) => host.stream(stream).await.ok_or_else(|| {
            Reply::error(503, "the conversation does not answer; try again in a moment")
        }),
        (None, Some(key)) => file(host, reply, key).await,
        (None, None) => return respond_at_once(reply),
    };
    let body = match body {
        Ok(body) => body,
        Err(otherwise) => return respond_at_once(&otherwise),
    };
    let init = ResponseInit::new();
    init.set_status(reply.status);
    let headers = headers(reply)?;
    init.set_headers(&headers);
    // The body goes on to the sender as it comes, without passing wasm.
    Response::new_with_opt_readable_stream_and_init(Some(&body), &init)
}

/// Returns a kept file, or the reply without it.
async fn file(host: &Cloudflare, reply: &Reply, key: &str) -> Result<ReadableStream, Reply> {
    let problem = match host.file_stream(key).await {
        Ok(Some(body)) => return Ok(body),
        Ok(None) => Problem::new(404, "not_found", "the file is not there any more"),
        Err(fault) => {
            host.log(&Event::RequestFailed { request: None, fault: fault.clone() });
            Problem::from(fault)
        }
    };
    Err(reply.refused(&problem))
}

fn respond_at_once(reply: &Reply) -> Result<Response, JsValue> {
    let init = ResponseInit::new();
    init.set_status(reply.status);
    if reply.headers.is_empty() {
        JSON.with(|known| {
            if known.get().is_none() {
                // It was empty a moment ago.
                drop(known.set(json_headers()?));
            }
            known.get().into_iter().for_each(|headers| init.set_headers(headers));
            Ok::<_, JsValue>(())
        })?;
    } else {
        let headers = headers(reply)?;
        init.set_headers(&headers);
    }
    // The runtime refuses a body, even an empty one, with a status that has none, such as 204.
    let body = Some(reply.body.as_ref()).filter(|body| !body.is_empty());
    Response::new_with_opt_str_and_init(body, &init)
}

/// Nothing that is not there has a type.
fn headers(reply: &Reply) -> Result<Headers, JsValue> {
    let headers = if reply.body.is_empty() { Headers::new() } else { json_headers() }?;
    for (name, value) in &reply.headers {
        // Each cookie has a header of its own.
        if *name == "set-cookie" { headers.append(name, value) } else { headers.set(name, value) }?;
    }
    Ok(headers)
}

fn json_headers() -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    Ok(headers)
}

#[cfg(test)]
mod tests;
