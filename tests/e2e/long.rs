//! Questions and answers that do not fit into one message are split, or end in a file.

use crate::world::{self, text};

/// Discord's limit, in code points.
const MAX_CHARS: usize = 2000;

fn without_space(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

/// Checks that the parts hold the whole text, in order, and that none is too long.
pub(crate) fn assert_whole(parts: &[&str], whole: &str) {
    let lengths: Vec<_> = parts.iter().map(|part| part.chars().count()).collect();
    assert!(lengths.iter().all(|length| *length <= MAX_CHARS), "{lengths:?}");
    let (shown, meant) = (without_space(&parts.concat()), without_space(whole));
    let same = shown.chars().zip(meant.chars()).take_while(|(a, b)| a == b).count();
    let counts = (shown.chars().count(), meant.chars().count());
    assert!(shown == meant, "{lengths:?}: differs at {same} of {counts:?}");
}

#[test]
fn a_question_of_6000_characters_is_shown_whole_and_answered() {
    let world = world::shared();
    let sentence = "春はあけぼの。やうやう白くなりゆく山ぎは、少し明かりて。";
    let question: String = sentence.chars().cycle().take(5993).collect();
    let asked = world.ask(&question).answered("Read.").send();
    assert_eq!(asked.answer(), asked.said("Read."));
    let calls = asked.calls_of("interaction");
    let typed = text(&calls[0]["body"]["data"]["options"][0], "value").to_owned();
    assert_eq!(typed.chars().count(), 6000);
    let posts = world.channel("general");
    let end =
        posts.iter().position(|post| text(post, "content").contains(&asked.said(""))).unwrap();
    let is_part = |post: &&serde_json::Value| {
        let content = text(post, "content");
        content.contains("あけぼの") || content.contains(asked.question("").trim())
    };
    let shown: Vec<_> = posts[..end].iter().filter(is_part).collect();
    assert!(shown.iter().all(|post| post["author"] == "みお (@mio)"), "{shown:?}");
    let parts: Vec<_> = shown.iter().map(|post| text(post, "content")).collect();
    assert!(parts.len() >= 3);
    assert_whole(&parts, &typed);
}

#[test]
fn an_answer_of_9000_characters_is_posted_whole_and_in_order() {
    let world = world::shared();
    let asked = world.ask("[long 9000] in English").by("alex").send();
    let answer = asked.answer();
    // The lab counts more tokens than were allowed, so a note that the answer is cut may follow.
    assert!(answer.chars().count() >= 9000);
    let posts = world.channel("general");
    let start =
        posts.iter().position(|post| text(post, "content").contains("[long 9000] in English"));
    let is_part = |post: &&serde_json::Value| {
        post["author"] == "Miyabi" && text(post, "content").contains("quick brown fox")
    };
    let parts: Vec<_> = posts[start.unwrap()..].iter().filter(is_part).collect();
    let parts: Vec<_> = parts.iter().map(|post| text(post, "content")).collect();
    assert!(parts.len() >= 5, "{}", parts.len());
    assert_whole(&parts, &answer);
}

#[test]
fn long_code_is_a_file_below_its_first_lines() {
    let world = world::shared();
    let asked = world.ask("[fence]").by("alex").send();
    let answer = asked.answer();
    let is_code = |line: &&str| line.contains("let line_");
    let code: Vec<_> = answer.lines().filter(is_code).collect();
    assert_eq!(code.len(), 150);
    let posts = world.channel("general");
    let is_part = |post: &&serde_json::Value| {
        post["author"] == "Miyabi" && text(post, "content").contains("let line_")
    };
    let parts: Vec<_> = posts.iter().filter(is_part).collect();
    assert_eq!(parts.len(), 1, "{parts:?}");
    let shown = text(parts[0], "content");
    // The first of the ten lines that are shown opens the function.
    assert_eq!(shown.lines().filter(is_code).collect::<Vec<_>>(), code[..9]);
    assert_eq!(shown.matches("```").count(), 2, "{shown}");
    let file = &parts[0]["attachments"][0];
    assert!(shown.contains(&format!("`{}`", text(file, "filename"))), "{shown}");
    assert_eq!(text(file, "text").lines().filter(is_code).collect::<Vec<_>>(), code);
}

#[test]
fn a_table_is_posted_as_aligned_columns_or_row_by_row() {
    let world = world::shared();
    let tables = "Here:\n\n| Item | Price |\n|:--|--:|\n| Tea | 5 |\n\n| 駅 | 発車 |\n|---|---|\n| 東京 | 8:15 |\n\nDone.";
    let asked = world.ask("Two tables").by("alex").answered(tables).send();
    let shown = "Here:\n\n```\nItem | Price\n-----+------\nTea  |     5\n```\n\n**駅: 東京**\n- 発車: 8:15\n\nDone.";
    assert_eq!(asked.answer(), asked.said(tables));
    let posts = world.channel("general");
    let is_shown = |post: &serde_json::Value| text(post, "content") == asked.said(shown);
    assert!(posts.iter().any(is_shown), "{posts:?}");
}
