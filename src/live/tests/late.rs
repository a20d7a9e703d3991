//! An answer that comes after its turn has failed is told from the beginning of the turn.

use super::*;
use miyabi_core::fault::Notice;

#[test]
fn an_answer_over_a_failure_is_told_to_everybody_from_its_beginning() {
    for texts in [&[][..], &["It is"]] {
        let world = World::new();
        let (own, agents) = (world.open(Wire::Own), world.open(Wire::Agents));
        world.begin("t1", "hi");
        for text in texts {
            world.append("t1", text);
        }
        world.settle("t1", Outcome::Failed(Notice::Late));
        let failed = own.heard();
        assert_eq!(failed.last().unwrap()["chunk"]["type"], "error");
        agents.heard();
        let late = world.open(Wire::Own);
        late.heard();
        world.settle("t1", done("It is noon."));
        let told = own.heard();
        assert_eq!((&told[0]["type"], &told[1]["index"]), (&json!("question"), &json!(1)));
        assert_eq!(told[1]["chunk"]["type"], "start");
        assert_eq!(said(&told), [texts.concat().as_str(), "It is noon."].concat());
        assert_eq!(told.last().unwrap()["chunk"]["type"], "finish");
        assert_eq!(late.heard(), told);
        let shown = agents.heard();
        assert_eq!(shown[0]["messages"][1]["parts"][0]["text"], "It is noon.");
        assert_eq!(
            (&shown.last().unwrap()["id"], &shown.last().unwrap()["done"]),
            (&json!("t1"), &json!(true))
        );
        // Who was away meanwhile has the failure.
        let index = &failed.last().unwrap()["index"];
        world.say(&late, &json!({ "type": "resume", "turn": "t1", "index": index }));
        let resumed = late.heard();
        assert_eq!(resumed[..resumed.len() - 1], told[1..]);
        // Nothing of it comes twice.
        world.settle("t1", done("It is noon."));
        assert_eq!((own.heard(), agents.heard()), (vec![], vec![]));
    }
}

#[test]
fn a_failure_that_stands_is_not_told_again() {
    let world = World::new();
    let ear = world.open(Wire::Own);
    world.begin("t1", "hi");
    world.settle("t1", Outcome::Failed(Notice::Late));
    let index = ear.heard().last().unwrap()["index"].clone();
    world.settle("t1", Outcome::Failed(Notice::Busy));
    world.say(&ear, &json!({ "type": "resume", "turn": "t1", "index": index }));
    assert_eq!(ear.types(), ["resumed"]);
}

#[test]
fn who_asks_is_shown_its_question_also_when_another_was_asked_meanwhile() {
    let world = World::new();
    let ear = world.open(Wire::Own);
    let send = json!({ "type": "send", "id": "m1", "text": "hi" });
    world.say(&ear, &send);
    world.begin("t2", "and?");
    let again = world.open(Wire::Own);
    again.heard();
    world.say(&again, &send);
    let heard = again.heard();
    assert_eq!(
        (&heard[0]["type"], &heard[1]["message"]["parts"][0]["text"]),
        (&json!("ack"), &json!("hi"))
    );
}
