//! The HTTP client for calls to the Worker and to a model server.

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// An HTTP client; `https` is not supported.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    inner: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
}

/// A complete response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Default for Client {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        // Without idle connections, a Worker that was restarted on the same port can be reached at once.
        let inner = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector);
        Self { inner }
    }
}

impl Client {
    /// Posts a JSON body.
    ///
    /// # Errors
    /// A sentence about an invalid URL or a failed exchange.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Result<Answer, String> {
        self.post_and_watch(url, headers, body, |_piece| {}).await
    }

    /// Posts a JSON body, and hands on each piece of the answer as it arrives.
    ///
    /// # Errors
    /// A sentence about an invalid URL or a failed exchange.
    pub(crate) async fn post_and_watch(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: String,
        mut piece: impl FnMut(&[u8]),
    ) -> Result<Answer, String> {
        let mut request = Request::post(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)));
        self.exchange(url, request, &mut piece).await
    }

    /// Gets what is at a URL.
    ///
    /// # Errors
    /// A sentence about an invalid URL or a failed exchange.
    pub(crate) async fn get(&self, url: &str) -> Result<Answer, String> {
        self.exchange(url, Request::get(url).body(Full::default()), &mut |_piece| {}).await
    }

    async fn exchange(
        &self,
        url: &str,
        request: Result<Request<Full<Bytes>>, hyper::http::Error>,
        piece: &mut impl FnMut(&[u8]),
    ) -> Result<Answer, String> {
        let request =
            request.map_err(|error| format!("cannot build a request to `{url}`: {error}"))?;
        let method = request.method().clone();
        let failed = |error: &dyn std::error::Error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{method} `{url}` failed: {error}{cause}")
        };
        let response = self.inner.request(request).await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut incoming = response.into_body();
        let mut body = Vec::new();
        while let Some(frame) = incoming.frame().await {
            if let Ok(data) = frame.map_err(|error| failed(&error))?.into_data() {
                piece(&data);
                body.extend_from_slice(&data);
            }
        }
        Ok(Answer { status, headers, body: body.into() })
    }
}

impl Answer {
    /// Header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
