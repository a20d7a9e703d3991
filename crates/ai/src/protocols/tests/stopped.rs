//! A call that nobody wants any more is let go of, and what it brought and took until then is kept.

use core::cell::Cell;
use core::future::{pending, poll_fn};
use core::task::{Context, Poll, Waker};

use serde_json::Value;

use super::wire::{chat, model, request};
use super::*;
use crate::Usage;
use crate::script::settings;
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_core::ids::Millis;

/// A service that sends the beginning of a stream, and then nothing for ever.
#[derive(Default)]
struct Endless {
    begin: &'static str,
    /// Whether the exchange was let go of.
    is_closed: Cell<bool>,
    is_open: Cell<bool>,
}

struct Exchange<'a>(&'a Endless);

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        self.0.is_closed.set(true);
    }
}

impl Endless {
    async fn send(&self, pieces: &dyn Fn(&[u8])) {
        self.is_open.set(true);
        let _exchange = Exchange(self);
        pieces(self.begin.as_bytes());
        pending::<()>().await;
    }
}

impl Http for Endless {
    async fn send(&self, _: &Request) -> Result<Response, HttpError> {
        panic!("models are streamed")
    }

    async fn stream(&self, _: &Request, pieces: &dyn Fn(&[u8])) -> Result<Response, HttpError> {
        self.send(pieces).await;
        Err(HttpError::Lost)
    }
}

impl Ai for Endless {
    async fn run(
        &self,
        _: &str,
        _: &Value,
        _: &Value,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        self.send(pieces).await;
        Err(0)
    }
}

impl Clock for Endless {
    fn now(&self) -> Millis {
        Millis(0)
    }

    async fn sleep(&self, _: Duration) {
        pending::<()>().await;
    }

    fn local_time(&self, _: &str) -> Option<String> {
        None
    }
}

/// Asks a model, and wants no more of it when this many polls have passed.
fn stopped(
    vendor: &str,
    streams: bool,
    begin: &'static str,
    polls: u32,
) -> (Result<Completion, Failure>, Endless) {
    let host = Endless { begin, ..Endless::default() };
    let chat = chat();
    let model = match vendor {
        "workers-ai" => settings().models.swap_remove(0),
        vendor => model(vendor, "m", "https://vendor.test"),
    };
    let request = request(&chat, Offer::Nothing, streams);
    let left = Cell::new(polls);
    let ended = poll_fn(|_| {
        let now = left.get();
        left.set(now.saturating_sub(1));
        if now == 0 { Poll::Ready(()) } else { Poll::Pending }
    });
    let result = {
        let mut call = pin!(complete_until(&host, &model, &request, &|_text| {}, ended));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready((result, is_stopped)) = call.as_mut().poll(&mut context) {
                assert!(is_stopped);
                break result;
            }
        }
    };
    (result, host)
}

#[test]
fn what_has_arrived_is_kept_and_the_exchange_is_closed() {
    let chat = "data: {\"choices\":[{\"delta\":{\"content\":\"It is noon\"}}]}\n\n";
    let anthropic = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":\
        {\"usage\":{\"input_tokens\":40,\"output_tokens\":1}}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":\
        {\"type\":\"text_delta\",\"text\":\"It is noon\"}}\n\n";
    let workers_ai = "data: {\"response\":\"It is noon\"}\n\n";
    for (vendor, begin, prompt) in
        [("openai", chat, 0), ("anthropic", anthropic, 40), ("workers-ai", workers_ai, 0)]
    {
        let (result, host) = stopped(vendor, true, begin, 1);
        let completion = result.unwrap();
        assert_eq!((completion.text.as_str(), completion.is_cut), ("It is noon", true));
        let Usage { prompt_tokens, completion_tokens, .. } = completion.usage;
        assert_eq!(prompt_tokens, prompt, "{vendor}");
        assert!((2..=6).contains(&completion_tokens), "{vendor}: {completion_tokens}");
        assert!(host.is_open.get() && host.is_closed.get(), "{vendor}");
    }
}

#[test]
fn of_a_call_without_a_stream_nothing_is_known() {
    let (result, host) = stopped("workers-ai", false, "", 1);
    assert_eq!(result, Err(Failure::new(Class::Truncated, 0)));
    assert!(host.is_closed.get());
}

#[test]
fn a_call_that_nobody_wants_from_the_beginning_is_not_made() {
    let (result, host) = stopped("openai", true, "", 0);
    assert_eq!(result.unwrap().usage, Usage::default());
    assert!(!host.is_open.get());
}
