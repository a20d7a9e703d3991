//! A store that does not answer says nothing about what is there: its sockets are closed, and come back.

use super::*;

/// Tells everybody of a turn while the store does not answer.
fn tell_in_vain(world: &World, change: &Change) {
    world.is_failing.set(true);
    assert!(tell(world, change, None, world.now()).is_empty());
    world.is_failing.set(false);
}

#[test]
fn a_turn_that_cannot_be_read_is_not_told_to_be_gone() {
    for (wire, change) in [
        (Wire::Own, Change::Said("t1".to_owned())),
        (Wire::Agents, Change::Said("t1".to_owned())),
        (Wire::Own, Change::Begun("t1".to_owned())),
        (Wire::Agents, Change::Begun("t1".to_owned())),
    ] {
        let world = World::new();
        let ear = world.open(wire);
        world.begin("t1", "hi");
        ear.heard();
        tell_in_vain(&world, &change);
        let told = ear.heard();
        assert!(told.iter().all(|told| told["code"] == "unavailable"), "{told:?}");
        assert_eq!(ear.closed(), Some(Close::Failed), "{change:?}");
        let back = world.open(wire);
        assert_eq!(back.closed(), None);
    }
    let failed = seen(Err(StoreError::Failed { statement: "test" }.into()));
    assert!(matches!(failed, Err(NotSeen::Failed)));
    let refused = seen(Ok(Reply::Refused(Refusal::Unknown)));
    assert!(matches!(refused, Err(NotSeen::Refused(Refusal::Unknown))));
}

#[test]
fn a_history_that_cannot_be_read_is_not_shown_as_an_empty_one() {
    let probe = json!({ "type": "cf_agent_stream_resume_request" });
    for frame in [json!({ "type": "cf_agent_chat_messages", "messages": [] }), probe] {
        let world = World::new();
        world.begin("t1", "hi");
        let ear = world.open(Wire::Agents);
        ear.heard();
        world.is_failing.set(true);
        world.say(&ear, &frame);
        assert_eq!((ear.heard(), ear.closed()), (vec![], Some(Close::Failed)), "{frame}");
    }
}
