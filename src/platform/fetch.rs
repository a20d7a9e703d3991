//! [`Http`] over the runtime's `fetch`, with a timeout for the whole exchange and a limit on the body.

use futures::TryStreamExt as _;
use js_sys::{Array, Uint8Array};
use web_sys::AbortController;
use worker::{AbortSignal, Fetch, Headers, RequestInit, RequestRedirect, ResponseBody};

use super::env::Cloudflare;
use super::page::{decode_bytes, page};
use crate::workflow::js;
use miyabi_core::http;
use miyabi_core::http::{Body, HttpError, MAX_BODY_BYTES, MAX_STREAM_BYTES, READ_HEADERS, Request};
use miyabi_core::ports::Http;

impl Http for Cloudflare {
    async fn send(&self, request: &Request) -> Result<http::Response, HttpError> {
        fetch(request, MAX_BODY_BYTES, &|_piece| {}, None).await
    }

    async fn stream(
        &self,
        request: &Request,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<http::Response, HttpError> {
        let abort = Abort::new()?;
        fetch(request, MAX_STREAM_BYTES, pieces, Some(&abort)).await
    }

    async fn download(
        &self,
        request: &Request,
        limit_bytes: usize,
    ) -> Result<(u16, Vec<u8>), HttpError> {
        let abort = Abort::new()?;
        let (response, bytes) = exchange(request, limit_bytes, &|_piece| {}, Some(&abort)).await?;
        Ok((response.status, bytes))
    }

    fn decode(&self, bytes: &[u8], charset: &str) -> String {
        decode_bytes(bytes, charset)
    }

    async fn page(&self, request: &Request) -> Result<http::Page, HttpError> {
        page(request).await
    }
}

/// Ends an exchange that nobody waits for any more. One that is over takes no notice.
pub(super) struct Abort(AbortController);

impl Abort {
    pub(super) fn new() -> Result<Self, HttpError> {
        AbortController::new().map(Self).map_err(|_none| HttpError::Lost)
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn fetch(
    request: &Request,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
    abort: Option<&Abort>,
) -> Result<http::Response, HttpError> {
    let (response, body) = exchange(request, limit_bytes, pieces, abort).await?;
    Ok(http::Response { body: String::from_utf8_lossy(&body).into_owned(), ..response })
}

/// Returns a response without its body, and the bytes of that.
async fn exchange(
    request: &Request,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
    abort: Option<&Abort>,
) -> Result<(http::Response, Vec<u8>), HttpError> {
    let signal = AbortSignal::from(timeout_signal(request, abort));
    let mut response = to_fetch(request)?.send_with_signal(&signal).await.map_err(to_error)?;
    let headers = response.headers();
    let headers = READ_HEADERS
        .into_iter()
        .filter_map(|name| Some((name, headers.get(name).ok()??)))
        .collect();
    let status = response.status_code();
    let pieces = if (200..300).contains(&status) { pieces } else { &|_piece: &[u8]| {} };
    let body = read(&mut response, limit_bytes, pieces).await?;
    Ok((http::Response { status, headers, body: String::new() }, body))
}

/// Returns what ends the exchange: its time, or that nobody waits for it any more.
pub(super) fn timeout_signal(request: &Request, abort: Option<&Abort>) -> web_sys::AbortSignal {
    let timeout_ms = request.timeout.as_millis().try_into().unwrap_or(u32::MAX);
    let timeout = web_sys::AbortSignal::timeout_with_u32(timeout_ms);
    match abort {
        Some(Abort(abort)) => {
            web_sys::AbortSignal::any(&Array::of2(&timeout, &abort.signal()).into())
        }
        None => timeout,
    }
}

/// A redirect is not followed: it would carry a post or a token to another host.
pub(super) fn to_fetch(request: &Request) -> Result<Fetch, HttpError> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value).map_err(to_error)?;
    }
    let mut init = RequestInit::new();
    init.with_method(request.method.name().to_owned().into())
        .with_headers(headers)
        .with_body(request.body.as_ref().map(|body| match body {
            Body::Text(text) => text.as_str().into(),
            Body::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        }))
        .with_redirect(RequestRedirect::Manual);
    worker::Request::new_with_init(&request.url, &init).map(Fetch::Request).map_err(to_error)
}

async fn read(
    response: &mut worker::Response,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    if matches!(response.body(), ResponseBody::Empty) {
        return Ok(bytes);
    }
    let mut stream = response.stream().map_err(to_error)?;
    while let Some(chunk) = stream.try_next().await.map_err(to_error)? {
        pieces(&chunk);
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limit_bytes {
            return Err(HttpError::TooLarge);
        }
    }
    Ok(bytes)
}

/// The signal's error is named `TimeoutError`; after any other the connection is gone.
pub(super) fn to_error(error: worker::Error) -> HttpError {
    let name = js::text(&error.into(), "name");
    match name.as_deref() {
        Some("TimeoutError" | "AbortError") => HttpError::Timeout,
        _ => HttpError::Lost,
    }
}

#[cfg(test)]
mod tests;
