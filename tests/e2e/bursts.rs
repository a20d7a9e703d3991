//! Many questions at once are each answered once.

use serde_json::{Value, json};

use crate::asking::Asked;
use crate::world::{self, World};

/// Asks so many questions at the same time and returns them when all have ended well.
fn ask_at_once(world: &World, count: usize) -> Vec<Asked<'_>> {
    let asks: Vec<_> = (0..count)
        .map(|index| world.ask("all at once").answered(&format!("Number {index}.")))
        .collect();
    let asked: Vec<_> = std::thread::scope(|scope| {
        let sent: Vec<_> = asks.into_iter().map(|ask| scope.spawn(|| ask.send())).collect();
        sent.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (index, asked) in asked.iter().enumerate() {
        let row = asked.row();
        assert_eq!(row["status"], "COMPLETED", "{row}");
        assert_eq!(row["result"], asked.said(&format!("Number {index}.")));
        let expected = [asked.question("all at once"), asked.said(&format!("Number {index}."))];
        assert_eq!(asked.contents("general"), expected);
        assert_eq!(asked.reply(), None);
    }
    asked
}

#[test]
fn twenty_questions_at_once_are_all_answered_once() {
    let world = world::alone();
    ask_at_once(&world, 20);
    assert_eq!(world.channel("general").len(), 40);
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn questions_above_discord_s_limit_wait_their_turn_and_lose_nothing() {
    let world = world::alone();
    world.tell_lab("/lab/config", &json!({ "rate_limits": true }));
    ask_at_once(&world, 6);
    assert_eq!(world.channel("general").len(), 12);
    // Each job learns of the limit by itself, so one may call while another waits; no more than that.
    for violation in world.violations() {
        assert_eq!(violation["violation"], "called again before `retry_after` had passed");
    }
    let calls = world.calls();
    let limited = calls.iter().filter(|call| call["status"] == 429).count();
    assert!((1..=36).contains(&limited), "limited {limited} times for 12 messages");
}
