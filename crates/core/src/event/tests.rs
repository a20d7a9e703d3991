//! Every line is JSON of known fields, without what people wrote and without secrets.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes a hash always")]

use expect_test::expect;

use super::*;
use crate::config::{Config, Environment};
use crate::fault::{Cause, Class, EngineError, ModelError, Notice, Retry, Scope, StoreError};
use crate::http::HttpError;
use crate::ids::Secret;
use crate::transport::SendError;

/// What no line may show.
const MARKER: &str = "hunter2";

/// Every setting has a value, and every value is the marker.
struct Marked;

impl Environment for Marked {
    fn text(&self, _: &str) -> Option<String> {
        Some(MARKER.to_owned())
    }

    fn has_binding(&self, _: &str) -> bool {
        false
    }
}

fn job() -> JobId {
    JobId::parse("1300000000000000000").unwrap()
}

/// A fault of every kind.
fn faults() -> Vec<Fault> {
    let operation = "follow_up";
    let step = || "think:1".to_owned();
    let mut faults: Vec<Fault> = vec![
        SendError::Refused { operation, status: 400, code: 50035 }.into(),
        SendError::RateLimited { operation }.into(),
        SendError::Expired.into(),
        SendError::NoResponse { operation, source: HttpError::Timeout }.into(),
        SendError::NoResponse { operation, source: HttpError::Lost }.into(),
        SendError::NoResponse { operation, source: HttpError::TooLarge }.into(),
        ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 }.into(),
        ModelError::Late.into(),
        StoreError::Failed { statement: "jobs::claim" }.into(),
        StoreError::Row { statement: "jobs::overdue" }.into(),
        EngineError::Start.into(),
        EngineError::State.into(),
        EngineError::Queue.into(),
        EngineError::Dead.into(),
        EngineError::Random.into(),
        EngineError::Late { generation: 3 }.into(),
        EngineError::Crowded { running: 3 }.into(),
        EngineError::OverBudget { scope: Scope::Asker, until_s: Some(1_730_073_600) }.into(),
        EngineError::Timeout { step: step() }.into(),
        EngineError::Value { step: step() }.into(),
    ];
    let recorded: Vec<_> =
        faults.iter().map(|fault| Fault::from_record(&fault.to_record()).unwrap()).collect();
    faults.extend(recorded);
    faults
}

/// What is asked of people, and what they decide.
fn decisions() -> Vec<Event> {
    vec![
        Event::ConsentAsked { job: job(), calls: 2 },
        Event::ConsentDecided { job: job(), is_approved: true },
    ]
}

/// The events about what becomes no job.
fn refusals() -> Vec<Event> {
    vec![
        Event::Limited { job: job(), limit: "asker" },
        Event::NotAdmitted { job: job() },
        Event::UpdateUnserved { platform: "telegram", kind: "poll", is_kept: true },
        Event::NotDelivered { job: job(), code: 131_047 },
    ]
}

/// Every event, with each fault where there is one.
fn events() -> Vec<Event> {
    let message = Config::read(&Marked, |_, _| None).settings.unwrap_err().to_string();
    let cause = "the MCP server answered with status 500".to_owned();
    let mut events = vec![
        Event::RequestRejected { status: 401, reason: "invalid request signature" },
        Event::RequestsRejected { reason: "not found", requests: 12 },
        Event::Misconfigured { message },
        Event::Panicked { location: "src/lib.rs:1:1".to_owned() },
        Event::JobStarted { job: job() },
        Event::RoundEnded {
            job: job(),
            round: 1,
            calls: 2,
            prompt_tokens: 300,
            completion_tokens: 40,
        },
        Event::McpFailed { job: job(), server: "docs".to_owned(), cause },
        Event::JobCompleted { job: job(), chunks: 1 },
        Event::JobRevived { job: job(), generation: 2 },
        Event::JobSuperseded { job: job(), generation: 1 },
        Event::JobPutAside { job: job(), wait_s: 18_053 },
        Event::JobDeadLettered { job: job() },
        Event::MessageUnreadable,
        Event::SenderGone { sender: "1200000000000000001".to_owned() },
        Event::BreakerOpened { scope: "discord".to_owned(), wait_s: 60 },
        Event::Forgotten { jobs: 7 },
    ];
    for fault in faults() {
        let step = "think:1".to_owned();
        events.extend([
            Event::JobRecordDelayed { job: job(), fault: fault.clone() },
            Event::StepFailed { job: job(), step, attempt: 1, fault: fault.clone() },
            Event::ModelFailed {
                job: job(),
                round: 2,
                model: "openai/gpt-5-mini".to_owned(),
                fault: fault.clone(),
            },
            Event::JobFailed { job: job(), fault: fault.clone() },
            Event::JobQueued { job: job(), fault: fault.clone() },
            Event::RequestFailed { request: Some("00ff".to_owned()), fault: fault.clone() },
            Event::RequestFailed { request: None, fault: fault.clone() },
            Event::UsageFailed { fault: fault.clone() },
            Event::QuoteFailed { fault: fault.clone() },
            Event::StatusFailed { fault: fault.clone() },
            Event::ButtonFailed { fault: fault.clone() },
            Event::SettingsFailed { fault: fault.clone() },
            Event::CancelAsked { job: job() },
            Event::KeysFailed { fault: fault.clone() },
            Event::MemoryFailed { fault: fault.clone() },
            Event::AttributionFailed { fault: fault.clone() },
            Event::SweepFailed { job: None, fault: fault.clone() },
            Event::SweepFailed { job: Some(job()), fault: fault.clone() },
            Event::ConversationUnavailable { job: job(), fault: fault.clone() },
            Event::CommandFailed { fault: fault.clone() },
            Event::SummaryEnded { job: job(), turns: 9, outcome: "kept" },
            Event::AskerNotNotified { job: job(), fault },
        ]);
    }
    [events, refusals(), decisions()].concat()
}

/// The event's name; a new variant has to be added to [`events`] too.
const fn name(event: &Event) -> &'static str {
    match event {
        Event::RequestRejected { .. } => "request_rejected",
        Event::RequestsRejected { .. } => "requests_rejected",
        Event::RequestFailed { .. } => "request_failed",
        Event::Misconfigured { .. } => "misconfigured",
        Event::Panicked { .. } => "panicked",
        Event::JobRecordDelayed { .. } => "job_record_delayed",
        Event::JobStarted { .. } => "job_started",
        Event::StepFailed { .. } => "step_failed",
        Event::RoundEnded { .. } => "round_ended",
        Event::ModelFailed { .. } => "model_failed",
        Event::McpFailed { .. } => "mcp_failed",
        Event::JobCompleted { .. } => "job_completed",
        Event::JobFailed { .. } => "job_failed",
        Event::Limited { .. } => "limited",
        Event::NotAdmitted { .. } => "not_admitted",
        Event::UpdateUnserved { .. } => "update_unserved",
        Event::NotDelivered { .. } => "not_delivered",
        Event::UsageFailed { .. } => "usage_failed",
        Event::QuoteFailed { .. } => "quote_failed",
        Event::StatusFailed { .. } => "status_failed",
        Event::ButtonFailed { .. } => "button_failed",
        Event::ConsentAsked { .. } => "consent_asked",
        Event::ConsentDecided { .. } => "consent_decided",
        Event::SettingsFailed { .. } => "settings_failed",
        Event::CancelAsked { .. } => "cancel_asked",
        Event::KeysFailed { .. } => "keys_failed",
        Event::MemoryFailed { .. } => "memory_failed",
        Event::AttributionFailed { .. } => "attribution_failed",
        Event::JobQueued { .. } => "job_queued",
        Event::JobRevived { .. } => "job_revived",
        Event::JobSuperseded { .. } => "job_superseded",
        Event::JobDeadLettered { .. } => "job_dead_lettered",
        Event::MessageUnreadable => "message_unreadable",
        Event::SenderGone { .. } => "sender_gone",
        Event::BreakerOpened { .. } => "breaker_opened",
        Event::JobPutAside { .. } => "job_put_aside",
        Event::SweepFailed { .. } => "sweep_failed",
        Event::Forgotten { .. } => "forgotten",
        Event::ConversationUnavailable { .. } => "conversation_unavailable",
        Event::CommandFailed { .. } => "command_failed",
        Event::SummaryEnded { .. } => "summary_ended",
        Event::AskerNotNotified { .. } => "asker_not_notified",
    }
}

#[test]
fn every_event_is_one_line_of_its_name() {
    for event in events() {
        let line = event.to_json();
        assert_eq!(line["event"], name(&event));
        assert!(["error", "warn", "info"].contains(&line["level"].as_str().unwrap()));
        assert!(!event.to_line().contains('\n'), "{line}");
        let read: Value = serde_json::from_str(&event.to_line()).unwrap();
        assert_eq!(read, line);
    }
}

#[test]
fn no_line_holds_what_people_wrote_or_a_secret() {
    for event in events() {
        let line = event.to_json().to_string();
        assert!(!line.contains(MARKER), "{line}");
        assert!(!format!("{event:?}").contains(MARKER), "{event:?}");
    }
    assert!(!format!("{:?}", Secret::new(MARKER.to_owned())).contains(MARKER));
}

#[test]
fn a_job_has_the_same_field_everywhere_and_its_status_where_it_moves() {
    for event in events() {
        let line = event.to_json();
        let is_about_a_job = match name(&event) {
            "request_rejected" | "requests_rejected" | "request_failed" | "misconfigured"
            | "panicked" | "message_unreadable" | "sender_gone" | "breaker_opened"
            | "forgotten" | "usage_failed" | "keys_failed" | "attribution_failed"
            | "memory_failed" | "command_failed" | "quote_failed" | "status_failed"
            | "button_failed" | "settings_failed" | "update_unserved" => false,
            "sweep_failed" => matches!(event, Event::SweepFailed { job: Some(_), .. }),
            _ => true,
        };
        let shown = is_about_a_job.then(|| Value::from(job().as_str()));
        assert_eq!(line.get("job"), shown.as_ref(), "{line}");
        let moved = match name(&event) {
            "job_started" => Some("PROCESSING"),
            "job_completed" => Some("COMPLETED"),
            "job_failed" => Some("ERROR"),
            _ => None,
        };
        if name(&event) != "request_rejected" {
            assert_eq!(line.get("status").and_then(Value::as_str), moved, "{line}");
        }
    }
}

#[test]
fn lines_read_like_this() {
    let mut seen = Vec::new();
    let mut lines = Vec::new();
    for event in events() {
        if !seen.contains(&name(&event)) && name(&event) != "misconfigured" {
            seen.push(name(&event));
            lines.push(event.to_json().to_string());
        }
    }
    expect![[r#"
        {"event":"request_rejected","level":"warn","reason":"invalid request signature","status":401}
        {"event":"requests_rejected","level":"warn","reason":"not found","requests":12}
        {"event":"panicked","level":"error","location":"src/lib.rs:1:1"}
        {"event":"job_started","job":"1300000000000000000","level":"info","status":"PROCESSING"}
        {"calls":2,"completion_tokens":40,"event":"round_ended","job":"1300000000000000000","level":"info","prompt_tokens":300,"round":1}
        {"cause":"the MCP server answered with status 500","event":"mcp_failed","job":"1300000000000000000","level":"warn","server":"docs"}
        {"chunks":1,"event":"job_completed","job":"1300000000000000000","level":"info","status":"COMPLETED"}
        {"event":"job_revived","generation":2,"job":"1300000000000000000","level":"warn"}
        {"event":"job_superseded","generation":1,"job":"1300000000000000000","level":"warn"}
        {"event":"job_put_aside","job":"1300000000000000000","level":"warn","wait_s":18053}
        {"event":"job_dead_lettered","job":"1300000000000000000","level":"error"}
        {"event":"message_unreadable","level":"error"}
        {"event":"sender_gone","level":"error","sender":"1200000000000000001"}
        {"event":"breaker_opened","level":"warn","scope":"discord","wait_s":60}
        {"event":"forgotten","jobs":7,"level":"info"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"job_record_delayed","job":"1300000000000000000","level":"warn"}
        {"attempt":1,"cause":"follow_up was refused with status `400` (code 50035)","event":"step_failed","job":"1300000000000000000","level":"warn","step":"think:1"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"model_failed","job":"1300000000000000000","level":"warn","model":"openai/gpt-5-mini","round":2}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"job_failed","job":"1300000000000000000","level":"error","notice":"blocked","status":"ERROR"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"job_queued","job":"1300000000000000000","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"request_failed","level":"warn","request":"00ff"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"usage_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"quote_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"status_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"button_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"settings_failed","level":"warn"}
        {"event":"cancel_asked","job":"1300000000000000000","level":"info"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"keys_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"memory_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"attribution_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"sweep_failed","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"conversation_unavailable","job":"1300000000000000000","level":"warn"}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"command_failed","level":"warn"}
        {"event":"summary_ended","job":"1300000000000000000","level":"info","outcome":"kept","turns":9}
        {"cause":"follow_up was refused with status `400` (code 50035)","event":"asker_not_notified","job":"1300000000000000000","level":"error"}
        {"event":"limited","job":"1300000000000000000","level":"warn","limit":"asker"}
        {"event":"not_admitted","job":"1300000000000000000","level":"warn"}
        {"event":"update_unserved","is_kept":true,"kind":"poll","level":"warn","platform":"telegram"}
        {"code":131047,"event":"not_delivered","job":"1300000000000000000","level":"warn"}
        {"calls":2,"event":"consent_asked","job":"1300000000000000000","level":"info"}
        {"event":"consent_decided","is_approved":true,"job":"1300000000000000000","level":"info"}"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn every_fault_names_its_cause_in_one_sentence() {
    let mut causes: Vec<_> = faults().iter().map(|fault| fault.cause.to_string()).collect();
    causes.dedup();
    causes.truncate(19);
    expect![[r#"
        follow_up was refused with status `400` (code 50035)
        follow_up was rate limited for too long
        the time for a reply is over
        follow_up: no response in time
        follow_up: the connection was lost
        follow_up: the response is too large
        workers-ai answered: busy (code 3040)
        there was no time left to ask the model
        the database failed in jobs::claim
        the database returned an unexpected row in jobs::overdue
        the workflow could not be started
        the workflow's state is not known
        the queue did not take the job
        the queue could not start the job
        there are no random numbers
        the job did not end in time (generation 3)
        the asker has 3 other jobs at a time
        the budget of the asker has too little left
        step `think:1` ran out of time"#]]
    .assert_eq(&causes.join("\n"));
    let recorded =
        Fault { cause: Cause::Recorded("x".to_owned()), retry: Retry::Never, notice: Notice::Busy };
    assert_eq!(recorded.to_string(), "x");
}

#[test]
fn a_person_looks_at_what_nobody_else_repairs() {
    let mut loud: Vec<_> = events()
        .iter()
        .filter(|event| event.level() == Level::Error)
        .map(|event| name(event).to_owned())
        .collect();
    loud.sort_unstable();
    loud.dedup();
    let expected = [
        "asker_not_notified",
        "job_dead_lettered",
        "job_failed",
        "message_unreadable",
        "misconfigured",
        "panicked",
        "sender_gone",
    ];
    assert_eq!(loud, expected);
}
