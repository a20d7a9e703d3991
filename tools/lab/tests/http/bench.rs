//! Starts a lab for each test, with a client and a fake Worker.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A valid user agent.
pub(crate) const USER_AGENT: &str = "DiscordBot (https://example.com, 1.0)";

/// The published schema of a reply.
pub(crate) fn reply_schema(name: &str) -> jsonschema::Validator {
    let document = include_str!("../../data/discord-openapi.json");
    let mut document: Value = serde_json::from_str(document).unwrap();
    document["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::draft202012::new(&document).unwrap()
}

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// A running lab.
pub(crate) struct Bench {
    pub(crate) url: String,
    pub(crate) world: Value,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(lab::Options::default()).await
    }

    pub(crate) async fn with(options: lab::Options) -> Self {
        let server = lab::serve(options).await.unwrap();
        let url = server.url().to_owned();
        tokio::spawn(server.run(std::future::pending()));
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let mut bench = Self { url, world: Value::Null, client };
        bench.world = bench.get("/lab/world").await.body;
        bench
    }

    /// One request; `Err` when the connection ends without a response.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Got, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let response = self.client.request(request).await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
        let bytes = response.into_body().collect().await.map_err(|error| error.to_string())?;
        let bytes = bytes.to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        Ok(Got { status, headers, body })
    }

    /// A request as the Worker makes it; a null body is none.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let mut headers = vec![("user-agent", USER_AGENT)];
        let mut text = String::new();
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
            text = body.to_string();
        }
        self.send(method, path, &headers, text).await.unwrap()
    }

    /// A request with the bot's token.
    pub(crate) async fn as_bot(&self, method: &str, path: &str, body: &Value) -> Got {
        let token = format!("Bot {}", self.text("bot_token"));
        let headers = [
            ("user-agent", USER_AGENT),
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
        ];
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, &headers, text).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send("GET", path, &[], "").await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        let got = self.send("POST", path, &[], body.to_string()).await.unwrap();
        assert_eq!(got.status, 200, "{path}: {}", got.body);
        got
    }

    /// Removes a webhook as a person of the server does.
    pub(crate) async fn remove_webhook(&self, id: &str) {
        let got = self.send("DELETE", &format!("/lab/webhooks/{id}"), &[], "").await.unwrap();
        assert_eq!(got.status, 200, "{}", got.body);
    }

    /// A text field of the world.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.world[key].as_str().unwrap()
    }

    /// Id of a channel.
    pub(crate) fn channel(&self, name: &str) -> &str {
        self.world["channels"][name]["id"].as_str().unwrap()
    }

    /// Path of the webhook of `general`, versioned.
    pub(crate) fn webhook(&self) -> String {
        format!("/api/v10/webhooks/{}/{}", self.text("webhook_id"), self.text("webhook_token"))
    }

    /// Executes the webhook and waits for the message.
    pub(crate) async fn execute(&self, body: &Value) -> Got {
        self.call("POST", &format!("{}?wait=true", self.webhook()), body).await
    }

    /// What a reader of a channel sees.
    pub(crate) async fn seen(&self, channel: &str) -> Vec<Value> {
        let got = self.get(&format!("/lab/channels/{channel}")).await;
        got.body.as_array().unwrap().clone()
    }

    /// Contents of a channel's messages.
    pub(crate) async fn contents(&self, channel: &str) -> Vec<String> {
        let seen = self.seen(channel).await;
        seen.iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn calls(&self, operation: &str) -> Vec<Value> {
        let got = self.get(&format!("/lab/calls?operation={operation}")).await;
        got.body.as_array().unwrap().clone()
    }

    /// All violations, as text.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let got = self.get("/lab/violations").await;
        let all = got.body.as_array().unwrap().clone();
        all.iter().map(|entry| entry["violation"].as_str().unwrap().to_owned()).collect()
    }

    /// Delivers an interaction to a Worker that answers `ack`; returns the outcome.
    pub(crate) async fn deliver(&self, worker: &Worker, order: Value) -> Value {
        let mut order = order;
        order["worker"] = json!(worker.url);
        self.post("/lab/interactions", &order).await.body
    }

    /// Path of a deferred, acknowledged interaction's messages.
    pub(crate) async fn deferred(&self, order: Value) -> (String, Value) {
        let worker = Worker::start(json!({ "type": 5, "data": { "flags": 64 } })).await;
        let done = self.deliver(&worker, order).await;
        let token = done["token"].as_str().unwrap();
        (format!("/api/v10/webhooks/{}/{token}", self.text("application_id")), done)
    }
}

/// Headers and body of a request.
pub(crate) type Received = (BTreeMap<String, String>, Bytes);

/// A fake Worker that answers every request the same way and keeps the requests.
pub(crate) struct Worker {
    pub(crate) url: String,
    pub(crate) received: Arc<Mutex<Vec<Received>>>,
}

impl Worker {
    /// Answers 200 with an acknowledgement.
    pub(crate) async fn start(ack: Value) -> Self {
        Self::answering(200, "application/json", ack, 0).await
    }

    pub(crate) async fn answering(
        status: u16,
        content_type: &'static str,
        ack: Value,
        delay_ms: u64,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (kept, ack) = (Arc::clone(&kept), ack.to_string());
            async move {
                let (head, body) = request.into_parts();
                let challenge = challenge(head.uri.query().unwrap_or_default());
                let headers = head.headers.iter();
                let headers = headers
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                    .collect();
                let bytes = body.collect().await?.to_bytes();
                kept.lock().unwrap().push((headers, bytes));
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                let response = Response::builder().status(status);
                let response = response.header("content-type", content_type);
                let body = Bytes::from(challenge.unwrap_or(ack));
                Ok::<_, hyper::Error>(response.body(Full::new(body)).unwrap())
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let builder = hyper::server::conn::http1::Builder::new();
                tokio::spawn(builder.serve_connection(TokioIo::new(stream), service.clone()));
            }
        });
        Self { url, received }
    }
}

/// The challenge of a webhook that is verified with the token `right`.
fn challenge(query: &str) -> Option<String> {
    let of = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let is_right = of("hub.mode")? == "subscribe" && of("hub.verify_token")? == "right";
    of("hub.challenge").filter(|_| is_right)
}
