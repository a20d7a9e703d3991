//! [`Http`] over the runtime's `fetch`.

use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response};

use super::host::Cloudflare;
use super::js::{self, StreamError};
use crate::host::Http;
use crate::http::{self, HttpError, MAX_BODY_BYTES, MAX_STREAM_BYTES, READ_HEADERS, Request};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
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
    let init = encode(request).map_err(|_invalid| HttpError::Lost)?;
    let response = match global_fetch(&request.url, &init) {
        Ok(response) => js::settle(response).await,
        Err(error) => Err(error),
    };
    let response = response.map_err(|error| to_error(&error))?;
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

fn encode(request: &Request) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method.name());
    init.set_headers(&headers);
    // A redirect would carry a post or a token to another host.
    init.set_redirect(RequestRedirect::Manual);
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    let timeout_ms = request.timeout.as_millis().try_into().unwrap_or(u32::MAX);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout_ms)));
    Ok(init)
}

/// The signal's error is named `TimeoutError`; whatever else happens, the connection is gone.
fn to_error(error: &JsValue) -> HttpError {
    match js::text(error, "name").as_deref() {
        Some("TimeoutError" | "AbortError") => HttpError::Timeout,
        _ => HttpError::Lost,
    }
}
