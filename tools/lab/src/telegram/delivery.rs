//! Sends updates to the Worker's webhook, as Telegram does: those of a chat one after the other, each again until
//! it is taken.
//!
//! An answer may hold one call of the Bot API, which is carried out; the Worker does not get to know with what result.
//!
//! Sources: core.telegram.org/bots/api#setwebhook; tdlib/telegram-bot-api#211 (an answer is awaited for 60 s);
//! grammyjs/website#95 (updates of a chat wait for the answer to the one before).

use std::time::Duration;

use serde_json::{Value, json};

use super::order::Order;
use super::queue::{Target, Update};
use super::service::Telegram;
use super::state::State;
use super::updates::{self, Built};
use super::world::SECRET_TOKEN;
use crate::attempt::{Attempt, Fate, Outgoing};
use crate::clock;
use crate::merge::merge;

/// Path of the Worker's endpoint.
const ENDPOINT: &str = "/telegram/webhook";
/// Name of a delivery in the record.
pub(crate) const OPERATION: &str = "telegram_update";
/// Longest wait for the first answers.
const PATIENCE: Duration = Duration::from_secs(90);

/// Carries out an order; `worker` is the Worker's URL if nothing else says it.
///
/// # Errors
/// A sentence about the order, which was not carried out.
pub(super) async fn deliver(
    telegram: &Telegram,
    order: Order,
    worker: Option<String>,
) -> Result<Value, String> {
    let (ids, shown) = {
        let state = &mut *telegram.state();
        let target = target(state, &order, worker)?;
        match order.again {
            Some(id) => {
                let known = state.queues.get(id).cloned();
                let known = known.ok_or_else(|| format!("no update {id}"))?;
                let chat = chat_of(&known);
                let update = Update { target, copies: order.copies, ..known };
                send(telegram, state, chat, update);
                (vec![id], json!({}))
            }
            None => prepare(telegram, state, &order, &target)?,
        }
    };
    if order.wait {
        drop(tokio::time::timeout(PATIENCE, tried(telegram, &ids, order.again.is_some())).await);
    }
    let mut shown = shown;
    let state = telegram.state();
    let updates = ids.iter().filter_map(|id| state.queues.get(*id)).map(Update::to_json);
    shown["updates"] = updates.collect();
    Ok(shown)
}

/// Waits until each update was sent once; one that is sent again, until it does not wait any more.
async fn tried(telegram: &Telegram, ids: &[u64], is_again: bool) {
    loop {
        // Made before the state is read, so that an attempt in between is not missed.
        let next = telegram.tried.notified();
        let is_over = {
            let state = telegram.state();
            let is_tried = |update: &Update| {
                if is_again { update.state != Fate::Waiting } else { !update.attempts.is_empty() }
            };
            ids.iter().all(|id| state.queues.get(*id).is_none_or(is_tried))
        };
        if is_over {
            return;
        }
        next.await;
    }
}

/// The chat whose updates wait for each other; updates of none wait for one another.
fn chat_of(update: &Update) -> i64 {
    let body: Value = serde_json::from_str(&update.body).unwrap_or_default();
    let parts = ["/message/chat/id", "/edited_message/chat/id", "/callback_query/message/chat/id"];
    parts.into_iter().find_map(|path| body.pointer(path)?.as_i64()).unwrap_or_default()
}

/// Where updates go: the order's Worker, the webhook that was set, or the Worker that the lab was told of.
fn target(state: &State, order: &Order, worker: Option<String>) -> Result<Target, String> {
    let of = |worker: String| format!("{}{ENDPOINT}", worker.trim_end_matches('/'));
    let set = Some(&state.webhook.url).filter(|url| !url.is_empty());
    let url = order.worker.clone().map(of).or_else(|| set.cloned()).or_else(|| worker.map(of));
    let url = url.ok_or("`worker` is missing: the Worker's URL")?;
    let right = if set.is_some() { state.webhook.secret.as_str() } else { SECRET_TOKEN };
    let secret = order.secret.as_deref().unwrap_or(right);
    let secret = Some(secret.to_owned()).filter(|secret| !secret.is_empty());
    Ok(Target { url, is_genuine: secret.as_deref() == Some(right), secret })
}

/// Builds the updates of an order and begins to send them.
fn prepare(
    telegram: &Telegram,
    state: &mut State,
    order: &Order,
    target: &Target,
) -> Result<(Vec<u64>, Value), String> {
    let Built { chat, updates, messages, query } = updates::build(state, order)?;
    let mut ids = Vec::new();
    for mut update in updates {
        let id = state.queues.next_id();
        update["update_id"] = json!(id);
        merge(&mut update, &order.update);
        let body = order.raw_body.clone().unwrap_or_else(|| update.to_string());
        let id = update["update_id"].as_u64().unwrap_or(id);
        let (target, copies) = (target.clone(), order.copies);
        let update =
            Update { id, body, target, copies, attempts: Vec::new(), state: Fate::Waiting };
        send(telegram, state, chat.id, update);
        ids.push(id);
    }
    Ok((ids, json!({ "messages": messages, "query": query })))
}

/// Puts an update behind those of its chat, and has somebody send them.
fn send(telegram: &Telegram, state: &mut State, chat: i64, update: Update) {
    if state.queues.add(chat, update) {
        let epoch = state.queues.epoch();
        tokio::spawn(run(telegram.clone(), chat, epoch));
    }
}

/// Sends the updates of a chat until none waits.
async fn run(telegram: Telegram, chat: i64, epoch: u64) {
    loop {
        let next = telegram.state().queues.next(chat, epoch);
        let Some(update) = next else { return };
        let copies = (1..update.copies).map(|_| {
            let (telegram, update) = (telegram.clone(), update.clone());
            tokio::spawn(async move { attempt(&telegram, &update).await })
        });
        let copies: Vec<_> = copies.collect();
        let mut tried = vec![attempt(&telegram, &update).await];
        for copy in copies {
            tried.extend(copy.await);
        }
        let (is_over, retry_ms) = {
            let mut state = telegram.state();
            remember_error(&mut state, &tried);
            let (most, retry_ms) = (state.config.attempts, state.config.retry_ms);
            (state.queues.tried(chat, (epoch, update.id), tried, most), retry_ms)
        };
        telegram.tried.notify_waiters();
        if !is_over {
            tokio::time::sleep(Duration::from_millis(retry_ms)).await;
        }
    }
}

/// What `getWebhookInfo` says of an update that was not taken.
fn remember_error(state: &mut State, tried: &[Attempt]) {
    if let Some(failed) = tried.iter().find(|attempt| !attempt.is_success()) {
        let what = match failed.status {
            Some(status) => format!("Wrong response from the webhook: {status}"),
            None if failed.is_timeout() => "Read timeout expired".to_owned(),
            None => "Connection failed".to_owned(),
        };
        state.webhook.last_error = Some((clock::now_ms() / 1000, what));
    }
}

/// Sends an update once.
async fn attempt(telegram: &Telegram, update: &Update) -> Attempt {
    let Target { url, secret, is_genuine } = &update.target;
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(
        secret.iter().map(|secret| ("x-telegram-bot-api-secret-token".to_owned(), secret.clone())),
    );
    let timeout_ms = telegram.state().config.webhook_timeout_ms;
    let outgoing = Outgoing {
        operation: OPERATION,
        url,
        path: ENDPOINT,
        headers,
        body: &update.body,
        timeout_ms,
    };
    let judge = |attempt: &Attempt| {
        let what = "telegram: an update with a wrong secret was not answered with 401";
        let is_wrong = !is_genuine && attempt.status != Some(401);
        is_wrong.then(|| what.to_owned()).into_iter().collect()
    };
    let attempt = outgoing.send(&telegram.client, &telegram.record, judge).await;
    if let (true, Some(name)) = (attempt.is_success(), attempt.body["method"].as_str()) {
        telegram.carry_out(name, &attempt.body);
    }
    attempt
}
