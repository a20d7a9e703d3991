//! Are retry and notice decided as documented, and do failures survive their record?

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
        StoreError::Column { column: "status" }.into(),
        EngineError::Start.into(),
        EngineError::State.into(),
        EngineError::Queue.into(),
        EngineError::Dead.into(),
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
    check(StoreError::Column { column: "status" }, Retry::Never, Notice::TryAgain);
    for error in [EngineError::Start, EngineError::State, EngineError::Queue, EngineError::Dead] {
        check(error, Retry::Never, Notice::TryAgain);
    }
}

#[test]
fn an_asker_reads_that_it_was_too_late_or_too_much() {
    check(EngineError::Late { generation: 3 }, Retry::Never, Notice::Late);
    check(EngineError::Crowded { running: 3 }, Retry::Never, Notice::Crowded);
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
        "[miyabi:unheard-of] x",
        "[miyabi:busy]",
        "[miyabi:busy]x",
        "[miyabi:] x",
        "[miyabi: busy] x",
        "miyabi:busy] x",
    ] {
        assert_eq!(Fault::from_record(text), None, "{text}");
    }
}

#[test]
fn notice_names_are_distinct() {
    for notice in Notice::ALL {
        assert_eq!(Notice::parse(notice.name()), Some(notice));
    }
    assert_eq!(Notice::parse("Busy"), None);
}
