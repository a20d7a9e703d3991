//! The asker reads a sentence when Workers AI fails.

use serde_json::json;

use crate::asking::{Asked, Call};
use crate::world::{self, text};

/// The asker reads a sentence in place of "thinking…", and nobody else reads anything.
fn assert_told(asked: &Asked<'_>, words: &str) {
    let reply = asked.reply().unwrap();
    assert_eq!(reply["is_thinking"], false, "{reply}");
    assert!(text(&reply, "content").contains(words), "{reply}");
    assert!(reply["only_for"].is_string(), "{reply}");
    asked.is_taken_back("general");
}

#[test]
fn a_model_without_capacity_is_asked_again_and_then_the_asker_is_told_in_their_language() {
    let world = world::shared();
    let mio = world.ask("[error 3040]").send();
    let alex = world.ask("[error 3040]").by("alex").send();
    for (asked, words) in [(&mio, "いま混み合っていて"), (&alex, "there is a crowd right now")]
    {
        assert_eq!(asked.error(), "workers-ai answered: busy (code 3040)");
        assert_told(asked, words);
        assert_eq!(asked.calls_of("ai_run").len(), 4);
    }
}

#[test]
fn a_used_up_allowance_is_told_at_once_and_the_next_asker_without_asking_again() {
    // Alone, for the vendor is closed to everybody until midnight.
    let world = world::alone();
    let mio = world.ask("[error 3036]").send();
    assert_eq!(mio.error(), "workers-ai answered: quota (code 3036)");
    assert_told(&mio, "午前9時");
    assert_eq!(mio.calls_of("ai_run").len(), 1);
    let alex = world.ask("and now?").by("alex").at("dm").send();
    assert_eq!(alex.error(), "no model can be asked: the allowance of each is used up");
    assert_told(&alex, "00:00 UTC");
    assert_eq!(alex.calls_of("ai_run").len(), 0);
}

#[test]
fn a_model_that_does_not_exist_is_told_as_a_matter_of_configuration() {
    let world = world::shared();
    let asked = world.ask("[error 5007]").by("alex").send();
    assert_eq!(asked.error(), "workers-ai answered: config (code 5007)");
    assert_told(&asked, "not set up correctly");
}

#[test]
fn a_prompt_that_does_not_fit_is_asked_once_more_and_then_the_asker_is_told() {
    let world = world::shared();
    let asked = world.ask("[error 5021]").by("alex").send();
    assert_eq!(asked.error(), "workers-ai answered: too-long (code 5021)");
    assert_told(&asked, "too long for me to read at once");
    assert_eq!(asked.calls_of("ai_run").len(), 2);
}

#[test]
fn a_model_that_recovers_answers() {
    let world = world::shared();
    let ask = world.ask("again?").answered("Recovered.");
    let asked = ask.breaking(Call::Model, 1, json!({ "status": 429 })).send();
    assert_eq!(asked.answer(), asked.said("Recovered."));
    assert_eq!(asked.contents("general").len(), 2);
    assert_eq!(asked.calls_of("ai_run").len(), 2);
}

#[test]
fn a_reply_of_no_known_shape_is_asked_for_again() {
    let world = world::shared();
    let ask = world.ask("odd").answered("Even.");
    let asked = ask.breaking(Call::Model, 1, json!({ "body": { "surprise": true } })).send();
    assert_eq!(asked.answer(), asked.said("Even."));
}

#[test]
fn a_sentence_that_could_not_be_told_at_first_is_told_later() {
    let world = world::shared();
    let ask = world.ask("[error 5007]").by("alex");
    let asked = ask.breaking(Call::Edit, 2, json!({ "status": 503 })).send();
    asked.error();
    assert_told(&asked, "not set up correctly");
}

#[test]
fn an_asker_who_has_dismissed_the_reply_is_no_reason_to_try_for_ever() {
    let world = world::shared();
    let ask = world.ask("[error 5007]").by("alex");
    let asked = ask.breaking(Call::Edit, 1, json!({ "delay_ms": 400 })).send();
    asked.dismiss();
    assert_eq!(asked.error(), "workers-ai answered: config (code 5007)");
    assert_eq!(asked.reply(), None);
}
