//! Web pages: read with a limit, decoded and taken out of their HTML by the runtime.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker::{AbortSignal, ResponseBody};

use super::fetch::{Abort, timeout_signal, to_error, to_fetch};
use super::stream::{StreamError, read_some};
use crate::workflow::js;
use miyabi_core::http::{HttpError, MAX_PAGE_BYTES, Page, PageKind, Request, media_type};

#[wasm_bindgen(module = "/src/platform/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = readHtml)]
    fn read_html(html: &str) -> Promise;

    #[wasm_bindgen(js_name = decodeBytes)]
    pub(super) fn decode_bytes(bytes: &[u8], charset: &str) -> String;
}

/// Bytes at the beginning of HTML in which its character set may be named.
///
/// # Source
/// WHATWG HTML, "prescan a byte stream to determine its encoding".
const PRESCAN_BYTES: usize = 1024;

/// Requests a page. The connection is let go of as soon as nothing more is wanted of it.
pub(super) async fn page(request: &Request) -> Result<Page, HttpError> {
    let abort = Abort::new()?;
    let signal = AbortSignal::from(timeout_signal(request, Some(&abort)));
    let response = to_fetch(request)?.send_with_signal(&signal).await.map_err(to_error)?;
    let headers = response.headers();
    let header = |name| headers.get(name).ok().flatten();
    let (content_type, charset) = media_type(&header("content-type").unwrap_or_default());
    let status = response.status_code();
    let location = header("location");
    let mut page = Page { status, location, content_type, ..Page::default() };
    if !(200..300).contains(&status) || page.kind() == PageKind::Other {
        return Ok(page);
    }
    let stream = match response.body() {
        ResponseBody::Stream(stream) => Some(stream.clone()),
        ResponseBody::Body(_) | ResponseBody::Empty => None,
    };
    let read = read_some(stream, MAX_PAGE_BYTES, &|_piece| {}).await;
    let (bytes, is_cut) = read.map_err(|error| match error {
        StreamError::TooLarge => HttpError::TooLarge,
        StreamError::Broken(error) => to_error(error.into()),
    })?;
    page.is_cut = is_cut;
    let charset = charset.or_else(|| named_in(&bytes)).unwrap_or_else(|| "utf-8".to_owned());
    let text = decode_bytes(&bytes, &charset);
    if page.kind() == PageKind::Text {
        page.text = text;
        return Ok(page);
    }
    let read = js::settle(read_html(&text).into()).await.map_err(|_broken| HttpError::Lost)?;
    page.title = js::text(&read, "title").unwrap_or_default();
    page.text = js::text(&read, "text").unwrap_or_default();
    Ok(page)
}

/// Finds `charset=` at the beginning of HTML.
fn named_in(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..PRESCAN_BYTES.min(bytes.len()))?;
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let is_of_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    Some(rest.trim_start_matches(['"', '\'']).chars().take_while(is_of_name).collect())
}
