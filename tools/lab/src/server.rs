//! The HTTP server: reads a request, records it, applies a fault, lets a service answer, and replies.
//!
//! It uses hyper directly, because a fault must be able to cut a connection without a response.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::ai::{self, Cue};
use crate::discord;
use crate::faults::Fault;
use crate::http::{self, Content, Inbound, Payload, Reply};
use crate::lab::Lab;
use crate::record::Exchange;
use crate::route::{self, Route};
use crate::stream::{self, Broken, Stream};
use crate::{inspect, live, page, pages, search, slack, telegram, vendors, weather, whatsapp};

/// Serves connections until `stop` is ready.
pub(crate) async fn accept(listener: TcpListener, lab: Arc<Lab>, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(serve(stream, Arc::clone(&lab)));
                }
            }
        }
    }
}

async fn serve(stream: TcpStream, lab: Arc<Lab>) {
    let service = service_fn(move |request| exchange(Arc::clone(&lab), request));
    // Without this, small replies wait for the peer's delayed acknowledgement.
    drop(stream.set_nodelay(true));
    let connection = hyper::server::conn::http1::Builder::new();
    // A connection fails because of the client, or of a fault that was asked for.
    drop(connection.serve_connection(TokioIo::new(stream), service).await);
}

async fn exchange(
    lab: Arc<Lab>,
    request: Request<Incoming>,
) -> Result<Response<Either<Full<Bytes>, Stream>>, Broken> {
    let inbound = read(request).await?;
    if inbound.path == "/lab/events" && page::is_trusted(&inbound) {
        let mut response = Response::new(Either::Right(live::follow(&lab)));
        let kind = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        return Ok(response);
    }
    // A task of its own, so that the call takes effect even if the client hangs up.
    let shared = Arc::clone(&lab);
    let task = tokio::spawn(async move { respond(&shared, &inbound).await });
    let Ok(Some((reply, seq))) = task.await else { return Err(Broken) };
    let Content::Pieces(pieces) = reply.body.clone() else {
        return Ok(write(reply).map(Either::Left));
    };
    let mut recorded = reply.clone();
    let body = stream::send(*pieces, move |received| {
        if received.hung_up {
            recorded.notes.push("the client hung up before the end".to_owned());
        }
        recorded.body = Content::Text(received.text);
        lab.record.close(seq, &recorded, true);
    });
    Ok(write(reply).map(|_| Either::Right(body)))
}

async fn read(request: Request<Incoming>) -> Result<Inbound, Broken> {
    let (head, body) = request.into_parts();
    let bytes = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Err(Broken),
    };
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let mut inbound = Inbound {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        bytes,
        body: Payload::Empty,
    };
    inbound.body = http::body::read(&inbound).await;
    Ok(inbound)
}

/// Answers a call, with its number in the record; `None` cuts the connection.
async fn respond(lab: &Lab, inbound: &Inbound) -> Option<(Reply, u64)> {
    let path = inbound.path.as_str();
    if path == "/" || path.starts_with("/lab/") || path.starts_with("/page/") {
        return Some((answer_itself(lab, inbound).await, 0));
    }
    let route = route::find(&inbound.method, &inbound.path);
    let (seq, fault) = lab.open(&route, inbound);
    let fault = fault.unwrap_or_default();
    if let Some(delay_ms) = fault.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    let mut reply = carry_out(lab, &route, inbound, &fault).await;
    let was_sent = fault.cut.is_none();
    let call = Exchange { seq, last_seq: lab.record.last_seq(), was_sent };
    match &route {
        Route::Discord(route) => lab.discord.remember(route, &mut reply, call),
        Route::Telegram(route) => lab.telegram.remember(route, inbound, &mut reply, call),
        Route::Slack(route) => lab.slack.remember(route, inbound, &mut reply, call),
        Route::Ai
        | Route::WhatsApp(_)
        | Route::Markdown
        | Route::File(_)
        | Route::Vendor(_)
        | Route::Page(_)
        | Route::Search(_)
        | Route::Weather(_)
        | Route::Unknown => {}
    }
    // A streamed reply is closed when its last piece is sent.
    if !(was_sent && matches!(reply.body, Content::Pieces(_))) {
        lab.record.close(seq, &reply, was_sent);
    }
    was_sent.then_some((reply, seq))
}

/// Answers a call to the lab's own endpoints and files.
async fn answer_itself(lab: &Lab, inbound: &Inbound) -> Reply {
    if !page::is_trusted(inbound) {
        let why = "only this machine, and of all pages only the lab's own, may ask this";
        return Reply::json(403, serde_json::json!({ "error": why }));
    }
    match page::file(&inbound.path) {
        Some(file) => file,
        None => inspect::answer(lab, inbound).await,
    }
}

/// Does what the call asks for, unless its fault prevents it.
async fn carry_out(lab: &Lab, route: &Route, inbound: &Inbound, fault: &Fault<Cue>) -> Reply {
    let reply = if fault.takes_effect() {
        fault.apply(perform(lab, route, inbound, fault.model.as_ref()).await)
    } else {
        fault.refuse()
    };
    match route {
        Route::Ai => ai::shape_failure(reply),
        Route::Vendor(call) => vendors::shape_failure(call, reply),
        Route::Telegram(_) => telegram::chaos::shape_failure(reply),
        Route::Slack(_) => slack::chaos::shape_failure(reply),
        Route::WhatsApp(_) => whatsapp::chaos::shape_failure(reply),
        Route::Discord(_)
        | Route::Markdown
        | Route::File(_)
        | Route::Page(_)
        | Route::Search(_)
        | Route::Weather(_)
        | Route::Unknown => reply,
    }
}

async fn perform(lab: &Lab, route: &Route, inbound: &Inbound, cue: Option<&Cue>) -> Reply {
    match route {
        Route::Discord(route) => lab.discord.answer(route, inbound),
        Route::Telegram(route) => lab.telegram.answer(route, inbound),
        Route::Slack(route) => lab.slack.answer(route, inbound),
        Route::WhatsApp(route) => lab.whatsapp.answer(route, inbound).await,
        Route::Ai => ai::run(&lab.ai, inbound, cue).await,
        Route::Vendor(call) => vendors::answer(&lab.vendors, &lab.ai, call, inbound, cue).await,
        Route::Markdown => ai::markdown::answer(inbound),
        Route::File(path) => discord::cdn::answer(&lab.discord.state(), path, inbound),
        Route::Page(path) => pages::answer(path, inbound),
        Route::Search(route) => search::answer(*route, inbound),
        Route::Weather(route) => weather::answer(*route, inbound),
        Route::Unknown => discord::refuse_unknown(inbound),
    }
}

fn write(reply: Reply) -> Response<Full<Bytes>> {
    let (kind, body) = match reply.body {
        Content::Empty | Content::Pieces(_) => (None, Bytes::new()),
        Content::Json(value) => (Some("application/json"), Bytes::from(value.to_string())),
        Content::Text(text) => (Some("text/plain; charset=utf-8"), Bytes::from(text)),
        Content::Bytes(bytes) => (None, bytes),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
