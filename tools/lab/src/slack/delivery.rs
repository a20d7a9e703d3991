//! Sends requests to the Worker as Slack does: signed, events again until they are taken, each for itself.
//!
//! Events that are not taken within three seconds are sent again at once, after a minute and after five, unless the
//! answer has `X-Slack-No-Retry: 1`; commands and interactions never. Source: docs.slack.dev/apis/events-api.

use std::time::Duration;

use serde_json::{Value, json};

use super::answers;
use super::deeds::{self, Built};
use super::deliveries::{Delivery, Kind, Target};
use super::events::Event;
use super::order::Order;
use super::service::Slack;
use super::signature::sign;
use super::state::State;
use super::windows;
use super::world::{self, APP_ID, BOT_USER_ID, SIGNING_SECRET, TEAM_ID};
use crate::attempt::{Attempt, Fate, Outgoing};
use crate::clock;
use crate::merge::merge;

/// Name of a delivery in the record.
pub(crate) const OPERATION: &str = "slack_event";
/// Longest wait for the first answers.
const PATIENCE: Duration = Duration::from_secs(90);

/// Carries out an order; `worker` is the Worker's URL if the order does not say it.
///
/// # Errors
/// A sentence about the order, which was not carried out.
pub(super) async fn deliver(
    slack: &Slack,
    order: Order,
    worker: Option<String>,
) -> Result<Value, String> {
    let (ids, messages) = {
        let state = &mut *slack.state();
        let worker = order.worker.clone().or(worker).or_else(|| state.worker.clone());
        let worker = worker.ok_or("`worker` is missing: the Worker's URL")?;
        let worker = worker.trim_end_matches('/').to_owned();
        state.worker = Some(worker.clone());
        let target = Target { worker, signature: order.signature.clone(), age_s: order.age_s };
        match &order.again {
            Some(id) => {
                let known = state.deliveries.get(id).cloned();
                let known = known.ok_or_else(|| format!("no request {id}"))?;
                send(slack, state, Delivery { target, copies: order.copies, ..known });
                (vec![id.clone()], Vec::new())
            }
            None => prepare(slack, state, &order, &target)?,
        }
    };
    if order.wait {
        drop(tokio::time::timeout(PATIENCE, tried(slack, &ids, order.again.is_some())).await);
    }
    let state = slack.state();
    let deliveries = ids.iter().filter_map(|id| state.deliveries.get(id)).map(Delivery::to_json);
    Ok(json!({ "messages": messages, "deliveries": deliveries.collect::<Vec<_>>() }))
}

/// Waits until each request was sent once; one that is sent again, until it does not wait any more.
async fn tried(slack: &Slack, ids: &[String], is_again: bool) {
    loop {
        // Made before the state is read, so that an attempt in between is not missed.
        let next = slack.tried.notified();
        let is_over = {
            let state = slack.state();
            let is_tried = |it: &Delivery| {
                if is_again { it.fate != Fate::Waiting } else { !it.attempts.is_empty() }
            };
            ids.iter().all(|id| state.deliveries.get(id).is_none_or(is_tried))
        };
        if is_over {
            return;
        }
        next.await;
    }
}

/// Builds the requests of an order and begins to send them.
fn prepare(
    slack: &Slack,
    state: &mut State,
    order: &Order,
    target: &Target,
) -> Result<(Vec<String>, Vec<String>), String> {
    let Built { messages, form } = deeds::build(state, &slack.base, order)?;
    let mut bodies: Vec<(Kind, String, String)> = Vec::new();
    if let Some((kind, fields)) = form {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        bodies.push((kind, format!("form-{}", state.next_number()), body.finish()));
    }
    let mut inner = take(state);
    let is_bare = inner.is_empty() && bodies.is_empty();
    if is_bare && order.event.is_object() {
        inner.push(json!({}));
    }
    for mut event in inner {
        merge(&mut event, &order.event);
        let mut envelope = envelope(state, &event);
        merge(&mut envelope, &order.envelope);
        let id = envelope["event_id"].as_str().unwrap_or_default().to_owned();
        bodies.push((Kind::Event, id, envelope.to_string()));
    }
    if order.verify {
        let body = json!({
            "type": "url_verification", "token": world::VERIFICATION_TOKEN,
            "challenge": format!("lab-challenge-{}", state.next_number()),
        });
        bodies.push((Kind::Event, format!("verify-{}", state.next_number()), body.to_string()));
    } else if bodies.is_empty() && order.raw_body.is_some() {
        bodies.push((Kind::Event, format!("raw-{}", state.next_number()), String::new()));
    }
    let mut ids = Vec::new();
    for (kind, id, body) in bodies {
        let body = order.raw_body.clone().unwrap_or(body);
        ids.push(id.clone());
        let (target, copies) = (target.clone(), order.copies);
        let (attempts, fate) = (Vec::new(), Fate::Waiting);
        send(slack, state, Delivery { id, kind, body, target, copies, attempts, fate });
    }
    Ok((ids, messages))
}

/// Takes the events out of the outbox that the bot gets to know of.
fn take(state: &mut State) -> Vec<Value> {
    let all = std::mem::take(&mut state.outbox);
    let is_seen = |event: &Event| state.is_member(event.channel);
    all.into_iter().filter(is_seen).map(|event| event.body).collect()
}

/// Has the Worker get to know of what the bot itself has done.
pub(super) fn echo(slack: &Slack, state: &mut State) {
    let events = take(state);
    let Some(worker) = state.worker.clone().filter(|_| state.config.echo) else { return };
    for event in events {
        let envelope = envelope(state, &event);
        let id = envelope["event_id"].as_str().unwrap_or_default().to_owned();
        let target = Target { worker: worker.clone(), signature: None, age_s: 0 };
        let (body, attempts, fate) = (envelope.to_string(), Vec::new(), Fate::Waiting);
        send(
            slack,
            state,
            Delivery { id, kind: Kind::Event, body, target, copies: 1, attempts, fate },
        );
    }
}

/// What is around an event.
fn envelope(state: &mut State, event: &Value) -> Value {
    let number = state.next_number();
    json!({
        "token": world::VERIFICATION_TOKEN, "team_id": TEAM_ID, "context_team_id": TEAM_ID,
        "context_enterprise_id": null, "api_app_id": APP_ID, "event": event, "type": "event_callback",
        "event_id": format!("Ev07180{number:06}"), "event_time": clock::now_ms() / 1000,
        "authorizations": [{
            "enterprise_id": null, "team_id": TEAM_ID, "user_id": BOT_USER_ID, "is_bot": true,
            "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": false, "event_context": format!("4-lab{number}"),
    })
}

fn send(slack: &Slack, state: &mut State, delivery: Delivery) {
    let id = delivery.id.clone();
    state.deliveries.add(delivery);
    tokio::spawn(run(slack.clone(), id, state.deliveries.epoch()));
}

/// Sends a request until it is taken or given up.
async fn run(slack: Slack, id: String, epoch: u64) {
    let mut reason: Option<&'static str> = None;
    for number in 0_usize.. {
        let Some(delivery) = slack.state().deliveries.get_mut(&id, epoch).cloned() else { return };
        let copies = if number == 0 { delivery.copies } else { 1 };
        let retry = reason.map(|reason| (number, reason));
        let others = (1..copies).map(|_| {
            let (slack, delivery) = (slack.clone(), delivery.clone());
            tokio::spawn(async move { attempt(&slack, &delivery, retry).await })
        });
        let others: Vec<_> = others.collect();
        let mut attempts = vec![attempt(&slack, &delivery, retry).await];
        for other in others {
            attempts.extend(other.await);
        }
        let wait_ms = keep(&mut slack.state(), (&id, epoch), number, attempts);
        slack.tried.notify_waiters();
        let Some((wait_ms, why)) = wait_ms else { return };
        reason = Some(why);
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
}

/// Keeps what came of sending a request; returns when and why it is to be sent again.
fn keep(
    state: &mut State,
    (id, epoch): (&str, u64),
    number: usize,
    attempts: Vec<Attempt>,
) -> Option<(u64, &'static str)> {
    let retry_ms = state.config.retry_ms.get(number).copied();
    let delivery = state.deliveries.get_mut(id, epoch)?;
    let is_taken = attempts.iter().any(Attempt::is_success);
    let is_refused = attempts.iter().any(|it| {
        it.headers.iter().any(|(name, value)| name == "x-slack-no-retry" && value == "1")
    });
    let reason =
        attempts.iter().find(|it| !it.is_success()).map_or("unknown_error", |failed| match failed
            .status
        {
            Some(_) => "http_error",
            None if failed.is_timeout() => "http_timeout",
            None => "connection_failed",
        });
    let kind = delivery.kind.clone();
    let last = attempts.last().cloned();
    delivery.attempts.extend(attempts);
    let can_wait = delivery.kind == Kind::Event && delivery.target.is_genuine() && !is_refused;
    let next = retry_ms.filter(|_| can_wait && !is_taken);
    delivery.fate = match (is_taken, next) {
        (true, _) => Fate::Taken,
        (false, None) => Fate::GivenUp,
        (false, Some(_)) => Fate::Waiting,
    };
    let is_genuine = delivery.target.is_genuine();
    match (kind, last) {
        (Kind::Command(typed), Some(last)) if is_genuine => answers::show(state, &typed, &last),
        (Kind::Submission(person), Some(last)) if is_genuine => {
            windows::settle(state, person, &last);
        }
        _ => {}
    }
    next.map(|ms| (ms, reason))
}

/// Sends a request once.
async fn attempt(
    slack: &Slack,
    delivery: &Delivery,
    retry: Option<(usize, &'static str)>,
) -> Attempt {
    let Delivery { kind, body, target, .. } = delivery;
    let timestamp = (clock::now_ms() / 1000).saturating_sub(target.age_s).to_string();
    let right = sign(SIGNING_SECRET, &timestamp, body);
    let signature = target.signature.clone().unwrap_or(right);
    let content = match kind {
        Kind::Event => "application/json",
        Kind::Command(_) | Kind::Interaction | Kind::Submission(_) => {
            "application/x-www-form-urlencoded"
        }
    };
    let mut headers = vec![
        ("content-type".to_owned(), content.to_owned()),
        ("user-agent".to_owned(), "Slackbot 1.0 (+https://api.slack.com/robots)".to_owned()),
        ("x-slack-request-timestamp".to_owned(), timestamp),
    ];
    if !signature.is_empty() {
        headers.push(("x-slack-signature".to_owned(), signature));
    }
    if let Some((number, reason)) = retry {
        headers.push(("x-slack-retry-num".to_owned(), number.to_string()));
        headers.push(("x-slack-retry-reason".to_owned(), reason.to_owned()));
    }
    let timeout_ms = slack.state().config.timeout_ms;
    let url = format!("{}{}", target.worker, kind.path());
    let outgoing =
        Outgoing { operation: OPERATION, url: &url, path: kind.path(), headers, body, timeout_ms };
    outgoing.send(&slack.client, &slack.record, |answer| judge(delivery, answer)).await
}

/// What a correct Worker would not have answered.
fn judge(delivery: &Delivery, answer: &Attempt) -> Vec<String> {
    if !delivery.target.is_genuine() {
        let what = "slack: a request that was not Slack's was not answered with 401";
        let is_wrong = answer.status != Some(401);
        return is_wrong.then(|| what.to_owned()).into_iter().collect();
    }
    let sent: Value = serde_json::from_str(&delivery.body).unwrap_or_default();
    if sent["type"] == "url_verification" {
        let is_right =
            answer.body["challenge"] == sent["challenge"] || answer.body == sent["challenge"];
        let what = "slack: the challenge was not answered";
        return (!is_right).then(|| what.to_owned()).into_iter().collect();
    }
    match delivery.kind {
        Kind::Command(_) if answer.is_success() => answers::check(&answer.body),
        Kind::Submission(_) if answer.is_success() => windows::check(&answer.body),
        Kind::Event | Kind::Command(_) | Kind::Interaction | Kind::Submission(_) => Vec::new(),
    }
}
