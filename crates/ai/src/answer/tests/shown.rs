//! Which tools run is shown while they run, and how they went before the model says more.

use core::cell::RefCell;
use core::future::pending;

use super::*;

/// Remembers what it is told, and may never be done with it.
struct Screen {
    seen: RefCell<Vec<String>>,
    hangs: bool,
}

impl Preview for Screen {
    fn pace(&self) -> Pace {
        Nowhere.pace()
    }

    async fn show(&self, _: &str) -> PreviewOutcome {
        panic!("nothing here streams")
    }

    async fn work(&self, ordinal: u32, tools: &[String], state: StepState) {
        self.seen.borrow_mut().push(format!("{ordinal} {tools:?} {state:?}"));
        if self.hangs {
            pending::<()>().await;
        }
    }
}

fn shown(hangs: bool) -> Vec<String> {
    let script = Script::default()
        .zone("Asia/Tokyo")
        .model(calls("current_time", &json!({ "time_zone": "asia/tokyo" })))
        .model(calls("sing", &json!({})))
        .model(says("It is noon."));
    let job = JobId::parse("1302817461728870430").unwrap();
    let run = plain(&job, "When?");
    let screen = Screen { seen: RefCell::default(), hangs };
    let steps = Direct::default();
    let (answer, _) = block_on(answer(&script, &steps, &settings(), run, (&screen, &())));
    assert_eq!(answer.unwrap().text, "It is noon.");
    screen.seen.into_inner()
}

#[test]
fn each_round_of_tools_is_shown_twice_and_holds_nothing_up() {
    let expected = [
        "2 [\"current_time\"] Running",
        "2 [\"current_time\"] Done",
        "3 [\"sing\"] Running",
        "3 [\"sing\"] Failed",
    ];
    for hangs in [false, true] {
        assert_eq!(shown(hangs), expected, "{hangs}");
    }
}
