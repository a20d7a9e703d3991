//! The same interaction more than once.

use serde_json::{Value, json};

use crate::asking::{Asked, Call};
use crate::world::{self, text};

fn assert_acknowledged(receipt: &Value) {
    assert_eq!(receipt["status"], 200, "{receipt}");
    assert_eq!(receipt["ack"], json!({ "type": 5, "data": { "flags": 64 } }), "{receipt}");
}

fn assert_once(asked: &Asked<'_>, answer: &str) {
    assert_eq!(asked.contents("general").len(), 2, "{:?}", asked.contents("general"));
    assert_eq!(asked.calls_of("ai_run").len(), 1);
    assert_eq!(asked.answer(), asked.said(answer));
}

#[test]
fn an_interaction_that_is_delivered_again_and_again_is_answered_once() {
    let world = world::shared();
    // Slow enough that the job runs while the others arrive.
    let ask = world.ask("once").answered("Once.");
    let asked = ask.breaking(Call::PostOfQuestion, 1, json!({ "delay_ms": 300 })).send();
    std::thread::scope(|scope| {
        let deliveries: Vec<_> = (0..3).map(|_| scope.spawn(|| asked.again())).collect();
        for delivery in deliveries {
            assert_acknowledged(&delivery.join().unwrap());
        }
    });
    asked.answer();
    assert_once(&asked, "Once.");
    // Long after it has ended.
    assert_acknowledged(&asked.again());
    let log = world.stack().logs();
    let accepted = format!(r#""event":"job_accepted","job":"{}""#, asked.id);
    assert_eq!(log.matches(&accepted).count(), 1);
    assert_once(&asked, "Once.");
    assert_eq!(world.row(&asked.id).unwrap()["status"], "COMPLETED");
}

#[test]
fn an_interaction_that_failed_is_not_tried_again_by_a_second_delivery() {
    let world = world::shared();
    let asked = world.ask("[error 3036]").by("alex").send();
    asked.error();
    assert_acknowledged(&asked.again());
    assert_eq!(asked.calls_of("ai_run").len(), 1);
    assert_eq!(text(&world.row(&asked.id).unwrap(), "status"), "ERROR");
}
