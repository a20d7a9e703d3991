//! A key is looked up before anything is told to who has it.

use super::*;

fn revoke(world: &World) {
    world.host.db.execute("UPDATE api_keys SET revoked_at = unixepoch()", []).unwrap();
}

/// Lets the last look-up of a socket's key be long ago.
fn age(ear: &Rc<Ear>) {
    ear.listener.borrow_mut().checked_ms = 0;
}

fn look_up(world: &World) {
    run(recheck(world, &world.host, vec![world.key.clone()])).unwrap();
}

#[test]
fn a_key_that_is_taken_back_ends_its_sockets_when_it_is_looked_up_again() {
    let world = World::new();
    let ear = world.open(Wire::Own);
    world.begin("t1", "hi");
    let stale = |later: u64| {
        let now = Millis(world.now().0 + later);
        tell(&world, &Change::Said("t1".to_owned()), None, now)
    };
    assert_eq!((stale(0), stale(600_001)), (vec![], vec![world.key.clone()]));
    run(recheck(&world, &world.host, vec![world.key.clone()])).unwrap();
    assert_eq!(ear.closed(), None);
    let sql = "UPDATE api_keys SET revoked_at = unixepoch()";
    world.host.db.execute(sql, []).unwrap();
    run(recheck(&world, &world.host, vec![world.key.clone()])).unwrap();
    assert_eq!(ear.closed(), Some(Close::NoKey));
}

#[test]
fn who_has_no_key_any_more_reads_nothing_by_asking_for_it() {
    let resume = json!({ "type": "resume", "turn": "t1", "index": 0 });
    let probe = json!({ "type": "cf_agent_stream_resume_request" });
    let history = json!({ "type": "cf_agent_chat_clear" });
    let ack = json!({ "type": "cf_agent_stream_resume_ack", "id": "t1" });
    for (wire, frame) in
        [(Wire::Own, resume), (Wire::Agents, probe), (Wire::Agents, history), (Wire::Agents, ack)]
    {
        let world = World::new();
        world.begin("t1", "hi");
        world.append("t1", "secret");
        let ear = world.open(wire);
        ear.heard();
        // What cannot be looked up now may be asked for later.
        world.host.store_faults.borrow_mut().push("api_keys::principal");
        world.say(&ear, &frame);
        assert_eq!(ear.closed(), Some(Close::TryLater), "{frame}");
        let ear = world.open(wire);
        ear.heard();
        world.say(&ear, &frame);
        assert!(!ear.heard().is_empty(), "{frame}");
        revoke(&world);
        world.say(&ear, &frame);
        assert_eq!(ear.closed(), Some(Close::NoKey), "{frame}");
        assert!(ear.heard().iter().all(|told| told["code"] == "invalid_token"), "{frame}");
    }
}

#[test]
fn nothing_is_told_before_an_old_key_is_looked_up_and_nothing_is_lost() {
    for wire in [Wire::Own, Wire::Agents] {
        let world = World::new();
        let (ear, fresh) = (world.open(wire), world.open(wire));
        world.begin("t1", "hi");
        world.append("t1", "one ");
        let mut heard = ear.heard();
        age(&ear);
        world.append("t1", "one two ");
        world.settle("t1", done("one two three"));
        world.begin("t2", "and?");
        assert_eq!(ear.heard(), [Value::Null; 0]);
        look_up(&world);
        heard.extend(ear.heard());
        let mut expected = fresh.heard();
        if wire == Wire::Own {
            // However it was cut.
            assert_eq!(said(&heard[..heard.len() - 3]), "one two three");
            assert_eq!(heard[heard.len() - 3]["message"]["parts"][0]["text"], "and?");
            let delta = |frame: &Value| frame["chunk"]["type"] == "text-delta";
            heard.retain(|frame| !delta(frame));
            expected.retain(|frame| !delta(frame));
            assert_eq!(heard, expected);
        }
        assert_eq!((heard.last(), ear.closed()), (expected.last(), None));
        look_up(&world);
        assert_eq!(ear.heard(), [Value::Null; 0]);
    }
}

#[test]
fn an_old_key_that_is_taken_back_or_cannot_be_looked_up_is_told_nothing() {
    for is_revoked in [true, false] {
        let world = World::new();
        let (ear, fresh) = (world.open(Wire::Own), world.open(Wire::Own));
        ear.heard();
        age(&ear);
        world.begin("t1", "hi");
        if is_revoked {
            revoke(&world);
        } else {
            world.host.store_faults.borrow_mut().push("api_keys::principal");
        }
        look_up(&world);
        let (code, close) = if is_revoked {
            ("invalid_token", Close::NoKey)
        } else {
            ("unavailable", Close::TryLater)
        };
        let codes: Vec<_> = ear.heard().iter().map(|told| told["code"].clone()).collect();
        assert_eq!((codes, ear.closed()), (vec![json!(code)], Some(close)));
        // One whose key was just looked up can wait.
        assert_eq!(fresh.closed(), is_revoked.then_some(Close::NoKey));
    }
}
