//! Sends requests to the Worker as WhatsApp does: signed, again until they are taken, each for itself.
//!
//! Meta sends again for up to seven days what was not answered with 200; what is sent again has no mark of it.
//! Source: developers.facebook.com/docs/graph-api/webhooks/getting-started.

use std::time::Duration;

use serde_json::{Value, json};

use super::deeds;
use super::deliveries::Delivery;
use super::order::Order;
use super::service::WhatsApp;
use super::setup::Webhook;
use super::state::State;
use super::statuses;
use super::world::{APP_SECRET, BUSINESS_ID, NUMBER, PHONE_NUMBER_ID};
use crate::attempt::{Attempt, Fate, Outgoing};
use crate::mac::hmac;
use crate::merge::{merge, without_nulls};

/// Name of a delivery in the record.
pub(crate) const OPERATION: &str = "whatsapp_webhook";
/// Path of the Worker's endpoint.
const PATH: &str = "/whatsapp/webhook";
/// Longest wait for the first answers.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longest wait for the answer of an address that is verified.
const VERIFYING: Duration = Duration::from_secs(10);

/// Carries out an order; `worker` is the Worker's URL if the order does not say it.
///
/// # Errors
/// A sentence about the order, which was not carried out.
pub(super) async fn deliver(
    whatsapp: &WhatsApp,
    order: Order,
    worker: Option<String>,
) -> Result<Value, String> {
    let (id, messages, is_again) = {
        let state = &mut *whatsapp.state();
        let request = &order.request;
        let worker = request.worker.clone().or(worker).or_else(|| state.worker.clone());
        let worker = worker.ok_or("`worker` is missing: the Worker's URL")?;
        let worker = worker.trim_end_matches('/').to_owned();
        state.worker = Some(worker.clone());
        let (mut delivery, messages) = if let Some(id) = &request.again {
            let known = state.deliveries.get(id).cloned();
            let known = known.ok_or_else(|| format!("no request {id}"))?;
            (Delivery { worker, ..known }, Vec::new())
        } else {
            let (body, messages) = prepare(state, &order)?;
            let id = format!("whatsapp-{}", state.next_number());
            (Delivery::new(id, request.raw_body.clone().unwrap_or(body), worker), messages)
        };
        delivery.signature.clone_from(&request.signature);
        delivery.copies = request.copies;
        let id = delivery.id.clone();
        send(whatsapp, state, delivery, Duration::ZERO);
        (id, messages, request.again.is_some())
    };
    if order.request.wait {
        drop(tokio::time::timeout(PATIENCE, tried(whatsapp, &id, is_again)).await);
    }
    let state = whatsapp.state();
    let deliveries: Vec<Value> =
        state.deliveries.get(&id).map(Delivery::to_json).into_iter().collect();
    Ok(json!({ "messages": messages, "deliveries": deliveries }))
}

/// Waits until a request was sent once; one that is sent again, until it does not wait any more.
async fn tried(whatsapp: &WhatsApp, id: &str, is_again: bool) {
    loop {
        // Made before the state is read, so that an attempt in between is not missed.
        let next = whatsapp.tried.notified();
        let is_tried = |it: &Delivery| {
            if is_again { it.fate != Fate::Waiting } else { !it.attempts.is_empty() }
        };
        if whatsapp.state().deliveries.get(id).is_none_or(is_tried) {
            return;
        }
        next.await;
    }
}

/// What every value has.
fn value() -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": NUMBER, "phone_number_id": PHONE_NUMBER_ID },
    })
}

fn change(field: &str, value: &Value) -> Value {
    json!({ "field": field, "value": value })
}

fn payload(entries: &[Vec<Value>]) -> Value {
    let entry = |changes: &Vec<Value>| json!({ "id": BUSINESS_ID, "changes": changes });
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    json!({ "object": "whatsapp_business_account", "entry": entries })
}

/// Carries out the deeds of an order; returns the body, and the ids of the messages.
fn prepare(state: &mut State, order: &Order) -> Result<(String, Vec<String>), String> {
    let request = &order.request;
    let (mut entries, mut ids) = (Vec::new(), Vec::new());
    for deeds in &order.entries {
        let (mut messages, mut contacts, mut updates) = (Vec::new(), Vec::new(), Vec::new());
        for deed in deeds {
            let built = deeds::build(state, deed)?;
            ids.extend(built.ids);
            messages.extend(built.messages);
            updates.extend(built.update);
            for contact in built.contacts {
                if !contacts.contains(&contact) {
                    contacts.push(contact);
                }
            }
        }
        let mut whole = value();
        if !contacts.is_empty() {
            whole["contacts"] = json!(contacts);
        }
        whole["messages"] = json!(messages);
        merge(&mut whole, &request.value);
        let mut changes = vec![change(&request.field, &whole)];
        if !updates.is_empty() {
            let mut update = value();
            update["user_id_update"] = json!(updates);
            changes.push(change("user_id_update", &update));
        }
        entries.push(changes);
    }
    if !request.statuses.is_empty() {
        let mut whole = value();
        whole["statuses"] = json!(request.statuses);
        merge(&mut whole, &request.value);
        match entries.last_mut() {
            Some(changes) => changes.push(change("messages", &whole)),
            None => entries.push(vec![change("messages", &whole)]),
        }
    }
    if entries.is_empty() && request.value.is_object() {
        entries.push(vec![change(&request.field, &without_nulls(request.value.clone()))]);
    }
    if entries.is_empty() && request.raw_body.is_none() {
        return Err("nothing is done".to_owned());
    }
    Ok((payload(&entries).to_string(), ids))
}

/// Has the Worker get to know what becomes of a message; waits for the first of it if that is to come early.
pub(super) async fn tell(whatsapp: &WhatsApp, id: &str) {
    let first = {
        let state = &mut *whatsapp.state();
        let Some(worker) = state.worker.clone() else { return };
        let Some(message) = state.message(id) else { return };
        let (delay_ms, are_early) = {
            let switches = &state.config.statuses;
            (switches.delay_ms, switches.are_early)
        };
        let mut first = None;
        for (at, status) in (1_u64..).zip(statuses::of(state, message)) {
            let mut whole = value();
            whole["statuses"] = json!([status]);
            let body = payload(&[vec![change("messages", &whole)]]).to_string();
            let delivery =
                Delivery::new(format!("whatsapp-{}", state.next_number()), body, worker.clone());
            let is_now = are_early && first.is_none();
            first = first.or_else(|| Some(delivery.id.clone()));
            let wait_ms = if is_now { 0 } else { at.saturating_mul(delay_ms) };
            send(whatsapp, state, delivery, Duration::from_millis(wait_ms));
        }
        first.filter(|_| are_early)
    };
    if let Some(first) = first {
        drop(tokio::time::timeout(PATIENCE, tried(whatsapp, &first, false)).await);
    }
}

fn send(whatsapp: &WhatsApp, state: &mut State, delivery: Delivery, wait: Duration) {
    let id = delivery.id.clone();
    state.deliveries.add(delivery);
    tokio::spawn(run(whatsapp.clone(), id, state.deliveries.epoch(), wait));
}

/// Sends a request until it is taken or given up.
async fn run(whatsapp: WhatsApp, id: String, epoch: u64, wait: Duration) {
    tokio::time::sleep(wait).await;
    for number in 0_usize.. {
        let Some(delivery) = whatsapp.state().deliveries.get_mut(&id, epoch).cloned() else {
            return;
        };
        let copies = if number == 0 { delivery.copies } else { 1 };
        let others = (1..copies).map(|_| {
            let (whatsapp, delivery) = (whatsapp.clone(), delivery.clone());
            tokio::spawn(async move { attempt(&whatsapp, &delivery).await })
        });
        let others: Vec<_> = others.collect();
        let mut attempts = vec![attempt(&whatsapp, &delivery).await];
        for other in others {
            attempts.extend(other.await);
        }
        let wait_ms = keep(&mut whatsapp.state(), (&id, epoch), number, attempts);
        whatsapp.tried.notify_waiters();
        let Some(wait_ms) = wait_ms else { return };
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
}

/// Keeps what came of sending a request; returns when it is to be sent again.
fn keep(
    state: &mut State,
    (id, epoch): (&str, u64),
    number: usize,
    attempts: Vec<Attempt>,
) -> Option<u64> {
    let retry_ms = &state.config.retry_ms;
    let retry_ms = retry_ms.get(number).or_else(|| retry_ms.last()).copied();
    let most = state.config.attempts;
    let delivery = state.deliveries.get_mut(id, epoch)?;
    let is_taken = attempts.iter().any(Attempt::is_success);
    delivery.attempts.extend(attempts);
    // Only what is genuine is worth another attempt.
    let can_wait = delivery.is_genuine() && number + 1 < most;
    let next = retry_ms.filter(|_| can_wait && !is_taken);
    delivery.fate = match (is_taken, next) {
        (true, _) => Fate::Taken,
        (false, None) => Fate::GivenUp,
        (false, Some(_)) => Fate::Waiting,
    };
    next
}

/// The signature of a body.
fn sign(body: &str) -> String {
    format!("sha256={}", hex::encode(hmac(APP_SECRET.as_bytes(), body.as_bytes())))
}

/// Sends a request once.
async fn attempt(whatsapp: &WhatsApp, delivery: &Delivery) -> Attempt {
    let Delivery { body, worker, signature, .. } = delivery;
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("user-agent".to_owned(), "facebookexternalua".to_owned()),
    ];
    let signature = signature.clone().unwrap_or_else(|| sign(body));
    if !signature.is_empty() {
        headers.push(("x-hub-signature-256".to_owned(), signature));
    }
    let timeout_ms = whatsapp.state().config.timeout_ms;
    let url = format!("{worker}{PATH}");
    let outgoing =
        Outgoing { operation: OPERATION, url: &url, path: PATH, headers, body, timeout_ms };
    outgoing.send(&whatsapp.client, &whatsapp.record, |answer| judge(delivery, answer)).await
}

/// What a correct Worker would not have answered.
fn judge(delivery: &Delivery, answer: &Attempt) -> Vec<String> {
    let what = "whatsapp: a request that was not WhatsApp's was not answered with 401";
    let is_wrong = !delivery.is_genuine() && answer.status != Some(401);
    is_wrong.then(|| what.to_owned()).into_iter().collect()
}

/// Has an address prove that it knows the token that the operator has chosen.
///
/// # Errors
/// What it answered in place of the challenge.
pub(super) async fn verify(whatsapp: &WhatsApp, webhook: &Webhook) -> Result<(), String> {
    let challenge = format!("{}", 1_158_201_444_u64 + whatsapp.state().next_number());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", &webhook.verify_token)
        .finish();
    let url = format!("{}?{query}", webhook.url);
    let asked = tokio::time::timeout(VERIFYING, whatsapp.client.get(&url)).await;
    match asked {
        Err(_) => Err("no answer in time".to_owned()),
        Ok(Err(_)) => Err("no answer".to_owned()),
        Ok(Ok(answer)) if answer.status != 200 => {
            Err(format!("HTTP Status Code = {}", answer.status))
        }
        Ok(Ok(answer)) if answer.body != challenge.as_bytes() => {
            Err("the challenge was not returned".to_owned())
        }
        Ok(Ok(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn a_body_is_signed_with_the_secret_of_the_app() {
        // Computed with `openssl dgst -sha256 -hmac`.
        let expected = "sha256=6be72b19341d746b41af3ea41594d047434fa72b7b710f28415fbd398a66ea0c";
        assert_eq!(sign("{\"object\":\"whatsapp_business_account\"}"), expected);
    }
}
