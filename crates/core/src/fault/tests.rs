//! Retry and notice of every error, and records that are read back.

use super::*;
use crate::http::HttpError;
use crate::transport::SendError;

fn check(fault: impl Into<Fault>, retry: Retry, notice: Notice) {
    let fault = fault.into();
    assert_eq!((fault.retry, fault.notice), (retry, notice), "{fault}");
}

const OPERATION: &str = "execute_webhook";

fn refused(status: u16) -> SendError {
    if status >= 500 {
        return SendError::ServerError { operation: OPERATION, status, code: 0 };
    }
    SendError::Refused { operation: OPERATION, status, code: 0 }
}

/// One fault of every kind.
fn every_kind() -> Vec<Fault> {
    let step = || "think:1".to_owned();
    vec![
        refused(403).into(),
        SendError::RateLimited { operation: OPERATION }.into(),
        SendError::Expired.into(),
        SendError::NoResponse { operation: OPERATION, source: HttpError::Timeout }.into(),
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
        EngineError::Timeout { step: step() }.into(),
        EngineError::Value { step: step() }.into(),
    ]
}

#[test]
fn discords_refusals_are_final_and_its_failures_are_not() {
    for status in [400, 401, 403, 404, 405, 413] {
        check(refused(status), Retry::Never, Notice::Blocked);
    }
    for status in [500, 502, 503, 504, 599] {
        check(refused(status), Retry::Backoff, Notice::TryAgain);
    }
    check(SendError::RateLimited { operation: OPERATION }, Retry::Never, Notice::Busy);
    check(SendError::Expired, Retry::Never, Notice::Blocked);
    for source in [HttpError::Timeout, HttpError::Lost, HttpError::TooLarge] {
        let error = SendError::NoResponse { operation: OPERATION, source };
        check(error, Retry::Backoff, Notice::TryAgain);
    }
}

#[test]
fn a_models_failure_is_told_by_its_class_and_never_repeated_by_the_engine() {
    for (class, notice) in [
        (Class::BadRequest, Notice::TryAgain),
        (Class::Config, Notice::Misconfigured),
        (Class::Quota, Notice::Quota),
        (Class::RateLimit, Notice::Busy),
        (Class::Busy, Notice::Busy),
        (Class::Transient, Notice::TryAgain),
        (Class::TooLong, Notice::TooLong),
        (Class::Policy, Notice::Refused),
        (Class::Truncated, Notice::TryAgain),
    ] {
        check(ModelError::Refused { vendor: "groq", class, code: 1 }, Retry::Never, notice);
        assert_eq!(Class::parse(class.name()), Some(class));
    }
    check(ModelError::Late, Retry::Never, Notice::Late);
    assert_eq!(Class::parse("Busy"), None);
    let error = ModelError::Refused { vendor: "openai", class: Class::RateLimit, code: 429 };
    assert_eq!(error.to_string(), "openai answered: rate-limit (code 429)");
}

#[test]
fn a_database_may_come_back_and_an_engine_does_not() {
    check(StoreError::Failed { statement: "jobs::claim" }, Retry::Backoff, Notice::TryAgain);
    check(StoreError::Row { statement: "jobs::overdue" }, Retry::Never, Notice::TryAgain);
    for error in [
        EngineError::Start,
        EngineError::State,
        EngineError::Queue,
        EngineError::Dead,
        EngineError::Random,
    ] {
        check(error, Retry::Never, Notice::TryAgain);
    }
}

#[test]
fn an_asker_reads_that_it_was_too_late_or_too_much() {
    check(EngineError::Late { generation: 3 }, Retry::Never, Notice::Late);
    check(EngineError::Crowded { running: 3 }, Retry::Never, Notice::Crowded);
    check(EngineError::Cancelled, Retry::Never, Notice::Cancelled);
    for (scope, spent) in [
        (Scope::Asker, Notice::AskerBudget),
        (Scope::Server, Notice::ServerBudget),
        (Scope::Day, Notice::DayBudget),
    ] {
        check(EngineError::OverBudget { scope, until_s: Some(7) }, Retry::Never, spent);
        let held = EngineError::OverBudget { scope, until_s: None };
        check(held, Retry::Never, Notice::BudgetHeld);
    }
}

#[test]
fn every_fault_survives_its_record_wherever_the_engine_puts_it() {
    for fault in every_kind() {
        let record = fault.to_record();
        for text in [record.clone(), format!("NonRetryableError: {record}")] {
            let read = Fault::from_record(&text).unwrap();
            assert_eq!(read.cause.to_string(), fault.cause.to_string());
            assert_eq!((read.notice, read.retry), (fault.notice, Retry::Never));
            assert_eq!(read.to_record(), record, "a record of a record is the same");
        }
    }
}

#[test]
fn a_foreign_error_is_no_recorded_fault() {
    for text in [
        "",
        "Aborting engine: Grace period complete",
        r#"{"cause":"x"}"#,
        r#"{"miyabi_fault":"unheard-of","cause":"x"}"#,
        r#"{"miyabi_fault":"Busy","cause":"x"}"#,
        r#"{"miyabi_fault":"","cause":"x"}"#,
        r#"{"miyabi_fault":"busy"}"#,
        r#"{"miyabi_fault":"busy","cause":"x""#,
        r#"{"miyabi_fault":"busy","cause":7}"#,
        r#""miyabi_fault":"busy","cause":"x"}"#,
    ] {
        assert_eq!(Fault::from_record(text), None, "{text}");
    }
}

#[test]
fn a_record_is_found_between_other_words_whatever_its_cause_is() {
    for cause in ["", "a \"quoted\" `cause`\n", r"\", r#"{"miyabi_fault":"late","cause":"x"}"#] {
        let fault = Fault {
            cause: Cause::Recorded(cause.to_owned()),
            retry: Retry::Never,
            notice: Notice::Busy,
        };
        let text = format!("Error: {{}} {} (attempt 3)", fault.to_record());
        assert_eq!(Fault::from_record(&text), Some(fault));
    }
}

#[test]
fn a_notice_is_stored_by_its_name() {
    let stored = serde_json::to_string(&Notice::ALL).unwrap();
    assert_eq!(
        stored,
        "[\"try-again\",\"busy\",\"quota\",\"too-long\",\"misconfigured\",\"blocked\",\"not-here\",\"crowded\",\
         \"server-crowded\",\"late\",\"refused\",\"asker-budget\",\"server-budget\",\
         \"day-budget\",\"budget-held\",\"cancelled\",\"not-in-channel\",\"not-this-model\",\"day-limit\",\"no-drawing\"]"
    );
    let read: Vec<Notice> = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, Notice::ALL);
}

#[test]
fn a_class_and_a_scope_are_stored_by_the_names_that_their_errors_show() {
    for class in Class::ALL {
        assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        assert_eq!(Class::parse(class.name()), Some(class));
    }
    for scope in [Scope::Asker, Scope::Server, Scope::Day] {
        assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        assert_eq!(Scope::parse(scope.name()), Some(scope));
    }
    assert_eq!(Scope::parse("everyone"), None);
}
