//! Every message is posted once when Discord limits, fails or does not answer.

use serde_json::{Value, json};

use crate::asking::{Asked, Call};
use crate::world::{self, text};

/// Question and answer are in the channel, once each, in order.
fn assert_both_once(asked: &Asked<'_>, question: &str, answer: &str) {
    assert_eq!(asked.answer(), asked.said(answer));
    assert_eq!(asked.contents("general"), [asked.question(question), asked.said(answer)]);
    assert_eq!(asked.reply(), None);
}

/// Time between the first two posts of the question, in milliseconds.
fn gap_ms(asked: &Asked<'_>) -> u64 {
    let posts = asked.calls_of("execute_webhook");
    posts[1]["at_ms"].as_u64().unwrap() - posts[0]["at_ms"].as_u64().unwrap()
}

fn limit(headers: &Value, body: &Value) -> Value {
    json!({ "status": 429, "headers": headers, "body": body })
}

#[test]
fn a_limit_with_a_time_in_its_body_is_waited_out() {
    let world = world::shared();
    let body =
        json!({ "message": "You are being rate limited.", "retry_after": 0.7, "global": false });
    let ask = world.ask("limited").answered("Patience.");
    let asked = ask.breaking(Call::PostOfQuestion, 1, limit(&json!({}), &body)).send();
    assert_both_once(&asked, "limited", "Patience.");
    assert!(gap_ms(&asked) >= 700, "{}", gap_ms(&asked));
}

#[test]
fn a_limit_with_a_time_in_its_header_is_waited_out() {
    let world = world::shared();
    let ask = world.ask("limited").answered("Patience.");
    let then = limit(&json!({ "retry-after": "1" }), &json!("slow down"));
    let asked = ask.breaking(Call::PostOfQuestion, 1, then).send();
    assert_both_once(&asked, "limited", "Patience.");
    assert!(gap_ms(&asked) >= 1000, "{}", gap_ms(&asked));
}

#[test]
fn a_limit_without_any_time_and_without_json_is_waited_out() {
    let world = world::shared();
    let page = json!("<html><title>Access denied | discord.com</title>error code: 1015</html>");
    for status in [429, 403] {
        let then =
            json!({ "status": status, "headers": { "content-type": "text/html" }, "body": page });
        let ask = world.ask("blocked").answered("Patience.");
        let asked = ask.breaking(Call::PostOfQuestion, 1, then).send();
        assert_both_once(&asked, "blocked", "Patience.");
        assert!(gap_ms(&asked) >= 1000, "{}", gap_ms(&asked));
    }
}

#[test]
fn limits_on_the_deferred_reply_are_waited_out() {
    let world = world::shared();
    let body = json!({ "message": "limited", "retry_after": 0.3, "global": false });
    let ask = world.ask("limited").answered("Gone.");
    let asked = ask.breaking(Call::Removal, 2, limit(&json!({}), &body)).send();
    assert_both_once(&asked, "limited", "Gone.");
}

#[test]
fn two_server_errors_on_the_answer_s_post_leave_one_answer() {
    let world = world::shared();
    let ask = world.ask("shaky").answered("Steady.");
    let asked = ask.breaking(Call::PostOfAnswer, 2, json!({ "status": 500 })).send();
    assert_both_once(&asked, "shaky", "Steady.");
    assert_eq!(asked.calls_of("execute_webhook").len(), 4);
}

#[test]
fn a_server_error_after_the_effect_leaves_one_answer() {
    let world = world::shared();
    let ask = world.ask("shaky").answered("Steady.");
    let asked =
        ask.breaking(Call::PostOfAnswer, 1, json!({ "status": 502, "effect": true })).send();
    assert_both_once(&asked, "shaky", "Steady.");
}

#[test]
fn a_connection_that_drops_before_the_post_leaves_one_answer() {
    let world = world::shared();
    let ask = world.ask("cut").answered("Whole.");
    let asked = ask.breaking(Call::PostOfAnswer, 1, json!({ "drop": "before" })).send();
    assert_both_once(&asked, "cut", "Whole.");
    // It was looked for in the channel, and sent again.
    assert_eq!(asked.calls_of("execute_webhook").len(), 3);
}

#[test]
fn a_connection_that_drops_after_the_post_leaves_one_answer() {
    let world = world::shared();
    let ask = world.ask("cut").answered("Whole.");
    let asked = ask.breaking(Call::PostOfAnswer, 1, json!({ "drop": "after" })).send();
    assert_both_once(&asked, "cut", "Whole.");
    // It was found in the channel, and not sent again.
    assert_eq!(asked.calls_of("execute_webhook").len(), 2);
}

#[test]
fn a_connection_that_drops_around_the_question_s_post_leaves_one_question() {
    let world = world::shared();
    for when in ["before", "after"] {
        let ask = world.ask("cut").answered("Whole.");
        let asked = ask.breaking(Call::PostOfQuestion, 1, json!({ "drop": when })).send();
        assert_both_once(&asked, "cut", "Whole.");
    }
}

#[test]
fn a_connection_that_drops_around_the_reply_s_removal_changes_nothing() {
    let world = world::shared();
    for when in ["before", "after"] {
        let ask = world.ask("cut").answered("Whole.");
        let asked = ask.breaking(Call::Removal, 1, json!({ "drop": when })).send();
        assert_both_once(&asked, "cut", "Whole.");
    }
}

/// A webhook that Discord does not know any more is called once, and the question goes on by another
/// one where the bot may make it, else in private.
fn assert_gone_webhook_is_left_alone(refused: Call, calls: usize) {
    let gone = json!({ "status": 404, "body": { "message": "Unknown Webhook", "code": 10_015 } });
    let world = world::alone();
    for may_replace in [true, false] {
        world.freshen();
        let permissions = json!({ "general": { "manage_webhooks": may_replace } });
        world.tell_lab("/lab/config", &json!({ "permissions": permissions }));
        let ask = world.ask("anybody there?").answered("In here.");
        let asked = ask.breaking(refused, 1, gone.clone()).send();
        assert_eq!(asked.answer(), asked.said("In here."));
        let posts = asked.calls_of("execute_webhook").len();
        if may_replace {
            assert_eq!((posts, asked.contents("general").len()), (calls + 2, 2));
            assert_eq!(asked.reply(), None);
        } else {
            assert_eq!(posts, calls);
            assert_eq!(text(&asked.reply().unwrap(), "content"), asked.said("In here."));
        }
        let again = world.ask("and now?").answered("Still here.").send();
        assert_eq!(again.answer(), again.said("Still here."));
        assert_eq!(world.violations(), Vec::<Value>::new());
    }
}

#[test]
fn a_webhook_that_is_gone_is_called_once_and_replaced() {
    assert_gone_webhook_is_left_alone(Call::PostOfQuestion, 1);
}

#[test]
fn a_webhook_that_was_deleted_before_the_question_is_not_posted_to() {
    assert_gone_webhook_is_left_alone(Call::LookAtWebhook, 0);
}

#[test]
fn an_answer_that_automod_refuses_comes_in_private() {
    let world = world::shared();
    let refusal = json!({ "status": 400, "body": { "message": "blocked", "code": 200_000 } });
    let ask = world.ask("say it").answered("The word.");
    let asked = ask.breaking(Call::PostOfAnswer, 5, refusal).send();
    assert_eq!(asked.answer(), asked.said("The word."));
    assert_eq!(text(&asked.reply().unwrap(), "content"), asked.said("The word."));
    assert_eq!(asked.calls_of("execute_webhook").len(), 2);
}

#[test]
fn a_reply_that_the_asker_has_dismissed_does_not_stop_the_job() {
    let world = world::shared();
    let slow = json!({ "delay_ms": 400 });
    let ask = world.ask("never mind").answered("Too late.");
    let asked = ask.breaking(Call::Removal, 1, slow).send();
    asked.dismiss();
    assert_both_once(&asked, "never mind", "Too late.");
}

#[test]
fn an_interaction_whose_token_has_expired_is_still_answered_in_the_channel() {
    let world = world::shared();
    let slow = json!({ "delay_ms": 400 });
    let ask = world.ask("slow").answered("At last.");
    let asked = ask.breaking(Call::PostOfAnswer, 1, slow).send();
    asked.expire();
    assert_eq!(asked.answer(), asked.said("At last."));
    assert_eq!(asked.contents("general").len(), 2);
}

#[test]
fn a_private_question_whose_token_has_expired_ends_as_an_error_with_its_cause() {
    let world = world::shared();
    let slow = json!({ "delay_ms": 400 });
    let ask = world.ask("slow").at("dm").answered("At last.");
    let asked = ask.breaking(Call::Edit, 1, slow).send();
    asked.expire();
    let cause = asked.error();
    assert!(cause.contains("401") && cause.contains("50027"), "{cause}");
}

#[test]
fn a_thread_that_was_locked_does_not_leave_the_asker_waiting() {
    let world = world::alone();
    world.tell_lab("/lab/config", &json!({ "thread_locked": true }));
    let asked = world.ask("locked").at("thread").answered("Out.").send();
    let row = asked.row();
    assert!(row["result"].is_string(), "{row}");
}
