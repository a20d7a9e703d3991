//! How texts are written: Slack reads Markdown in blocks of their own, and marks of its own everywhere else.

use miyabi_core::text::first_chars;

/// What notifies people, or shows them anything that nobody wrote, if Slack reads it.
///
/// # Source
/// docs.slack.dev/messaging/formatting-message-text, May 2026.
const MARKS: [&str; 10] = [
    "<!channel",
    "<!here",
    "<!everyone",
    "<!group",
    "<!subteam",
    "<!date",
    "<@U",
    "<@W",
    "<#C",
    "<@B",
];

/// What some clients read as such a mark.
const NAMES: [&str; 4] = ["@channel", "@here", "@everyone", "@group"];

/// Longest Markdown of a block, in code points.
///
/// # Source
/// docs.slack.dev/reference/block-kit/blocks/markdown-block, May 2026.
const MAX_BLOCK: usize = 12_000;

/// Keeps two characters apart, and shows nothing.
const JOINER: &str = "\u{2060}";

/// Most code points of the text that a notification shows of a message, and that whoever explains it reads.
const MAX_PREVIEW: usize = 3_000;

/// Returns Markdown in which nothing notifies anybody.
pub fn quiet(markdown: &str) -> String {
    let mut text = markdown.to_owned();
    for mark in MARKS.iter().chain(&NAMES) {
        if text.contains(mark) {
            let (first, rest) = mark.split_at_checked(1).unwrap_or((mark, ""));
            text = text.replace(mark, &[first, JOINER, rest].concat());
        }
    }
    text
}

/// Returns Markdown for a block, short enough for it.
pub fn block(markdown: &str) -> String {
    first_chars(&quiet(markdown), MAX_BLOCK).to_owned()
}

/// Returns the beginning of a text for notifications, which read Slack's own marks: none is one.
pub fn preview(markdown: &str) -> String {
    let (mut words, mut left) = (String::new(), MAX_PREVIEW);
    for c in quiet(first_chars(markdown, MAX_PREVIEW)).chars() {
        let written = escape(c.encode_utf8(&mut [0; 4]));
        let Some(rest) = left.checked_sub(written.chars().count()) else { break };
        left = rest;
        words.push_str(&written);
    }
    words
}

/// Returns a line of the program's own Markdown in Slack's marks: what is strong or emphasized there is so here.
pub fn mrkdwn(line: &str) -> String {
    // A mark that no text has stands for strong words while emphasized ones are written anew.
    const STRONG: &str = "\u{0}";
    escape(line).replace("**", STRONG).replace('*', "_").replace(STRONG, "*")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns what somebody wrote as Markdown, without what is left out: of Slack's marks, links become links, and names
/// of channels and groups words.
///
/// `left_out` is the id of a person whose mention says nothing, or blank.
///
/// # Source
/// docs.slack.dev/messaging/formatting-message-text, May 2026.
pub fn read(text: &str, left_out: &str) -> String {
    let mut markdown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        markdown.push_str(before);
        rest = after;
        if let Some((mark, behind)) = after.split_once('>').filter(|(mark, _)| is_mark(mark)) {
            markdown.push_str(&of_mark(mark, left_out));
            rest = behind;
        } else {
            markdown.push('<');
        }
    }
    markdown.push_str(rest);
    let markdown = unescape(&markdown);
    markdown.trim().to_owned()
}

/// Returns what is written with the three characters that Slack escapes.
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Says whether a text mentions a person.
pub fn mentions(text: &str, user: &str) -> bool {
    let mut marks = text.split("<@").skip(1);
    !user.is_empty() && marks.any(|mark| id_of(mark.split('>').next().unwrap_or_default()) == user)
}

fn id_of(mark: &str) -> &str {
    mark.split('|').next().unwrap_or_default()
}

/// Says whether what stands between angle brackets is a mark.
fn is_mark(mark: &str) -> bool {
    let is_address =
        ["http://", "https://", "mailto:", "tel:"].iter().any(|it| mark.starts_with(it));
    !mark.contains(['<', '\n']) && (is_address || mark.starts_with(['@', '#', '!']))
}

fn of_mark(mark: &str, left_out: &str) -> String {
    let (name, label) = mark.split_once('|').map_or((mark, None), |(name, it)| (name, Some(it)));
    match name.split_at_checked(1) {
        Some(("@", user)) if user == left_out => String::new(),
        Some(("@" | "#", id)) => {
            let sign = name.get(..1).unwrap_or_default();
            [sign, label.filter(|it| !it.is_empty()).unwrap_or(id)].concat()
        }
        Some(("!", word)) => {
            let word = word.split('^').next().unwrap_or_default();
            label.map_or_else(|| ["@", word].concat(), ToOwned::to_owned)
        }
        Some(_) | None => match label {
            Some(label) if label != name => format!("[{label}]({name})"),
            Some(_) | None => name.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_sent_notifies_anybody() {
        for text in ["<!channel> hi", "<!here|here>", "<@U123>", "@everyone look", "`<!channel>`"] {
            let quiet = quiet(text);
            assert!(MARKS.iter().chain(&NAMES).all(|mark| !quiet.contains(mark)), "{quiet}");
            assert_eq!(quiet.replace(JOINER, ""), text, "nothing is lost");
        }
        assert_eq!(
            quiet("a < b, List<@T>, <!DOCTYPE html> me@here.example"),
            "a < b, List<@T>, <!DOCTYPE html> me@\u{2060}here.example"
        );
    }

    #[test]
    fn a_notification_has_no_marks() {
        assert_eq!(preview("a <b> & <!here>"), "a &lt;b&gt; &amp; &lt;\u{2060}!here&gt;");
        for long in ["雅", "<", "&"] {
            let shown = preview(&long.repeat(9_000));
            assert!(shown.chars().count() <= MAX_PREVIEW && !shown.ends_with('l'), "{long}");
        }
    }

    #[test]
    fn the_programs_own_words_are_written_in_slacks_marks() {
        assert_eq!(mrkdwn("**What** `a<b` & *that*"), "*What* `a&lt;b` &amp; _that_");
    }

    #[test]
    fn marks_become_markdown() {
        for (text, markdown) in [
            ("<@U0BOT> what is 雅?", "what is 雅?"),
            ("hi <@U0BOT|miyabi>!", "hi !"),
            ("ask <@U5> in <#C7|general> or <#C8|>", "ask @U5 in #general or #C8"),
            (
                "<https://a.example|see there> <https://b.example>",
                "[see there](https://a.example) https://b.example",
            ),
            ("<mailto:a@b.example|a@b.example>", "[a@b.example](mailto:a@b.example)"),
            ("<!here> <!subteam^S1|@team> <!date^1^{date}|soon>", "@here @team soon"),
            ("1 &lt; 2 &amp;&amp; 3 &gt; 2, &amp;lt;", "1 < 2 && 3 > 2, &lt;"),
            ("```if (a &lt; b) {}```", "```if (a < b) {}```"),
            ("a < b > c <", "a < b > c <"),
        ] {
            assert_eq!(read(text, "U0BOT"), markdown);
        }
    }

    #[test]
    fn a_mention_is_found() {
        assert!(mentions("hi <@U0BOT>", "U0BOT") && mentions("<@U1> <@U0BOT|m>", "U0BOT"));
        for text in ["", "U0BOT", "<@U0BOTX>", "<@U0BO", "&lt;@U0BOT&gt;"] {
            assert!(!mentions(text, "U0BOT"), "{text}");
        }
        assert!(!mentions("<@>", ""));
    }
}
