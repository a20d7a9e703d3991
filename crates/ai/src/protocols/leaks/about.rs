//! Whether a mark is meant, or talked about: what stands around it says so.

/// English verbs whose subject is a mark.
const VERBS: [&str; 22] = [
    "is", "are", "was", "opens", "open", "closes", "close", "begins", "begin", "starts", "start",
    "ends", "end", "marks", "mark", "means", "wraps", "comes", "stands", "shows", "tells", "has",
];

/// English words by which a sentence goes on behind a mark that is a part of it.
const WORDS: [&str; 20] = [
    "tag", "tags", "token", "tokens", "block", "blocks", "and", "or", "in", "for", "to", "with",
    "before", "after", "then", "here", "would", "should", "must", "as",
];

/// Japanese particles behind a noun.
const PARTICLES: [char; 11] = ['は', 'が', 'を', 'の', 'と', 'や', 'も', 'で', 'に', 'へ', 'か'];

/// Japanese words behind a mark that is talked about.
const NOUNS: [&str; 12] = [
    "タグ",
    "トークン",
    "記号",
    "マーク",
    "ブロック",
    "という",
    "とは",
    "など",
    "です",
    "である",
    "から",
    "または",
];

/// Characters behind a mark that is a word of a sentence or of a list.
const PUNCTUATION: &str = ",;:、，；：。)]）」』\"'”’…";

/// Returns whether what stands behind a mark goes on as a sentence about it does: `<think> opens it`,
/// `<think>は印です`.
pub(super) fn reads_on(after: &str) -> bool {
    match after.strip_prefix(' ') {
        Some(next) => {
            has_mark_as_subject(after)
                || WORDS.contains(&first_word(next))
                || next.starts_with('|')
                || reads_on_in_japanese(next)
        }
        None => {
            after.starts_with(|c| PUNCTUATION.contains(c))
                || after.starts_with("~~")
                || reads_on_in_japanese(after)
        }
    }
}

/// Returns whether a verb stands behind a mark, whose subject it is.
pub(super) fn has_mark_as_subject(after: &str) -> bool {
    after.strip_prefix(' ').is_some_and(|next| VERBS.contains(&first_word(next)))
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn reads_on_in_japanese(after: &str) -> bool {
    let mut characters = after.chars();
    let is_particle = characters.next().is_some_and(|c| PARTICLES.contains(&c));
    // はい and もう begin a thought, は推論 does not.
    let is_hiragana = |c: char| matches!(c, 'ぁ'..='ゟ');
    let has_noun = characters.next().is_none_or(|c| !is_hiragana(c) && c != '\n');
    is_particle && has_noun
        || NOUNS.iter().any(|noun| after.starts_with(noun))
        || [" と", " 」"].iter().any(|it| after.starts_with(it))
}

/// Returns whether the text inside of a pair of marks stands for any text: `...`.
pub(super) fn is_example(body: &str) -> bool {
    let body = body.trim();
    !body.is_empty() && body.chars().all(|c| c == '.' || c == '…' || c == '⋯')
}

/// Words in a line that leads over to an example, in lower case.
const LEADS: [&str; 30] = [
    "example",
    "format",
    "syntax",
    "form ",
    "form:",
    "looks like",
    "look like",
    "written",
    "writes",
    "write:",
    "as follows",
    "like this",
    "like so",
    "json",
    "schema",
    "template",
    "例",
    "書式",
    "形式",
    "構文",
    "書き方",
    "次のよう",
    "以下のよう",
    "次のとおり",
    "次の通り",
    "以下のとおり",
    "以下の通り",
    "こう書",
    "記述",
    "テンプレート",
];

/// Returns whether a line announces an example of what models write.
pub(super) fn announces_example(line: &str) -> bool {
    let line = line.to_lowercase();
    LEADS.iter().any(|lead| line.contains(lead))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_is_talked_about_is_known_by_what_follows() {
        for after in [
            " opens the thought",
            " and </think>",
            ", which",
            "は推論の始まりです。",
            "タグは",
            "と</think>",
            "という形です",
            " という形です",
            "」は",
            ": the beginning",
            "の間に",
            "を書きます",
        ] {
            assert!(reads_on(after), "{after}");
        }
        for after in [
            "Kyoto is",
            " Kyoto is",
            "\nKyoto",
            "はい、京都です。",
            "もう一度",
            "京都です。",
            "",
            " okay, they ask",
            "まず",
            "とりあえず",
            "そうです",
            " はい",
        ] {
            assert!(!reads_on(after), "{after}");
        }
    }

    #[test]
    fn a_line_that_announces_an_example_is_known() {
        for line in
            ["The format is:", "呼び出しの書式は次のとおりです：", "Here is the JSON:", "例："]
        {
            assert!(announces_example(line), "{line}");
        }
        for line in ["I'll check the weather:", "確認します：", ""] {
            assert!(!announces_example(line), "{line}");
        }
    }
}
