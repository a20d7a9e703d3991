//! [`Http`] over the runtime's `fetch`.

use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::host::Cloudflare;
use super::js::{self, StreamError};
use miyabi_core::http;
use miyabi_core::http::{HttpError, MAX_BODY_BYTES, MAX_STREAM_BYTES, READ_HEADERS, Request};
use miyabi_core::json;
use miyabi_core::ports::Http;

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    #[wasm_bindgen(js_name = sendRequest)]
    fn send_request(
        url: &str,
        method: &str,
        headers: &str,
        body: Option<&str>,
        timeout_ms: u32,
    ) -> JsValue;
}

impl Http for Cloudflare {
    async fn send(&self, request: &Request) -> Result<http::Response, HttpError> {
        fetch(request, MAX_BODY_BYTES, &|_piece| {}).await
    }

    async fn stream(
        &self,
        request: &Request,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<http::Response, HttpError> {
        fetch(request, MAX_STREAM_BYTES, pieces).await
    }
}

async fn fetch(
    request: &Request,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
) -> Result<http::Response, HttpError> {
    let response = js::settle(send(request)).await.map_err(|error| to_error(&error))?;
    let response: Response = response.unchecked_into();
    let headers = READ_HEADERS
        .into_iter()
        .filter_map(|name| Some((name, response.headers().get(name).ok()??)))
        .collect();
    let pieces = if response.ok() { pieces } else { &|_piece: &[u8]| {} };
    let body = js::read_stream(response.body(), limit_bytes, pieces).await;
    let body = body.map_err(|error| match error {
        StreamError::TooLarge => HttpError::TooLarge,
        StreamError::Broken(error) => to_error(&error),
    })?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(http::Response { status: response.status(), headers, body })
}

fn send(Request { method, url, headers, body, timeout }: &Request) -> JsValue {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    let timeout_ms = timeout.as_millis().try_into().unwrap_or(u32::MAX);
    send_request(url, method.name(), &json::record(&headers), body.as_deref(), timeout_ms)
}

/// The signal's error is named `TimeoutError`; whatever else happens, the connection is gone.
fn to_error(error: &JsValue) -> HttpError {
    match js::text(error, "name").as_deref() {
        Some("TimeoutError" | "AbortError") => HttpError::Timeout,
        _ => HttpError::Lost,
    }
}
