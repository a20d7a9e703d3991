//! Costs of questions are booked and shown, and a budget that is used up refuses the next question.

use serde_json::{Value, json};
use xtask::stack::{Options, Question, Stack};

use crate::world::{self, text, told_alone};

/// More than a plain question costs, and less than what one may cost.
const BUDGET: &str = "0.01";

fn ask(stack: &Stack, who: &str) -> (Value, String) {
    let question = Question::new("what does it cost?").by(who);
    let receipt = stack.ask(&question).unwrap();
    assert_eq!(receipt.violations, [""; 0]);
    assert_eq!(receipt.ack["type"], 5);
    (stack.wait_for_job(&receipt.id).unwrap(), receipt.id)
}

/// Sends `/usage` and returns what is told to whoever sent it, and to nobody else.
fn usage(stack: &Stack, who: &str, channel: &str, changed: &Value) -> String {
    let mut interaction = json!({ "data": { "name": "usage" } });
    if let Some(permissions) = changed.as_str() {
        interaction["member"] = json!({ "permissions": permissions });
    }
    let order = json!({ "as": who, "in": channel, "interaction": interaction });
    told_alone(&stack.deliver(&order).unwrap())
}

#[test]
fn usage_is_told_and_a_budget_refuses_when_it_is_used_up() {
    let _world = world::shared();
    let stack = Stack::start(Options::with_vars(&[("MIYABI_BUDGET_ASKER", BUDGET)])).unwrap();
    let nothing = usage(&stack, "alex", "general", &Value::Null);
    assert!(
        nothing.contains("Today: 0 questions") && nothing.contains("$0.01 of $0.01"),
        "{nothing}"
    );

    let (row, _) = ask(&stack, "alex");
    assert_eq!((&row["status"], &row["reserved_nano"]), (&json!("COMPLETED"), &json!(0)), "{row}");
    let admins = usage(&stack, "alex", "general", &Value::Null);
    assert!(admins.starts_with("**You**\nToday: 1 question, "), "{admins}");
    assert!(admins.contains("**This server**\nToday: 1 question, "), "{admins}");
    assert!(admins.contains(" of $0.01, new <t:"), "{admins}");
    let members = usage(&stack, "mio", "general", &json!("2048"));
    assert!(members.starts_with("**あなた**\n今日: 0件の質問"), "{members}");
    assert!(!members.contains("サーバー"), "{members}");
    let own = usage(&stack, "alex", "dm", &Value::Null);
    assert!(own.starts_with("**You**\nToday: 1 question, ") && !own.contains("server"), "{own}");

    stack
        .query("UPDATE spending SET cost_nano = 9999000 WHERE kind = 'asker' AND model = ''", &[])
        .unwrap();
    let (row, id) = ask(&stack, "alex");
    assert_eq!(row["status"], "ERROR", "{row}");
    assert_eq!(row["result"], "the budget of the asker has too little left");
    let shown = stack.reply(&id).unwrap().unwrap();
    let shown = text(&shown, "content");
    assert!(shown.starts_with("Sorry, your budget for today is used up."), "{shown}");
    assert!(shown.contains("(<t:") && shown.ends_with(":R>)"), "{shown}");
    let (row, _) = ask(&stack, "mio");
    assert_eq!(row["status"], "COMPLETED", "another's budget is another's: {row}");
}
