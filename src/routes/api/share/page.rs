//! What is shared, as a page: without scripts, without anything from elsewhere, in the reader's language and
//! colors.
//!
//! What people and models wrote is text here and never markup.

use miyabi_core::http::Reply;
use miyabi_core::i18n::{Language, share as words};
use miyabi_core::time::to_iso;

use super::{Snapshot, text_of};

/// Style of the page.
const STYLE: &str = include_str!("page.css");

/// Nothing is loaded, run, sent or framed; the style is known by its hash, which a test computes.
const POLICY: &str = "default-src 'none'; style-src 'sha256-p3d214mt0ZpYd8/Q1+8UCaC1ea73V0qxxWcOk5hmmVw='; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Returns the page of what is shared.
pub(super) fn shown(snapshot: &Snapshot<'_>, language: Language) -> Reply {
    let share = snapshot.share;
    let shared = date(share.shared_ms.0 / 1000);
    let dates = words::dates(language, &shared, &date(share.expires_at));
    let mut main = String::new();
    if !snapshot.is_whole {
        main.extend(["<p class=\"dim\">", words::CUT.in_language(language), "</p>"]);
    }
    for turn in snapshot.turns {
        let heading = words::QUESTION.in_language(language);
        article(&mut main, "ask", heading, turn.asked_ms.0, &turn.question);
        let Some(answer) = text_of(turn) else { continue };
        let ended = turn.ended_ms.unwrap_or(turn.asked_ms);
        article(&mut main, "say", words::ANSWER.in_language(language), ended.0, answer);
        if turn.state == "stopped" {
            let mark = words::STOPPED.in_language(language);
            main.truncate(main.len() - END.len());
            main.extend(["<p class=\"end\">— ", mark, "</p>", END]);
        }
    }
    let title = Some(share.title.as_str()).filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| words::UNTITLED.in_language(language));
    page(200, language, title, &dates, &main)
}

/// Returns the page of a link that shows nothing.
pub(super) fn nothing(language: Language) -> Reply {
    let why = format!("<p>{}</p>", words::WHY_NOTHING.in_language(language));
    page(404, language, words::NOTHING.in_language(language), "", &why)
}

/// End of what [`article`] writes.
const END: &str = "</article>";

fn article(page: &mut String, class: &str, heading: &str, at_ms: u64, text: &str) {
    let (date, text) = (date(at_ms / 1000), escaped(text.trim()));
    page.extend([
        "<article class=\"",
        class,
        "\"><div class=\"top\"><h2>",
        heading,
        "</h2>",
        &date,
    ]);
    page.extend(["</div><div class=\"said\" dir=\"auto\">", &text, "</div>", END]);
}

fn page(status: u16, language: Language, title: &str, dates: &str, main: &str) -> Reply {
    let (title, about) = (escaped(title), words::ABOUT.in_language(language));
    let (dates, about) = if status == 200 {
        (format!("<p class=\"dim\">{dates}</p>"), format!("<footer><p>{about}</p></footer>"))
    } else {
        Default::default()
    };
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex,nofollow\"><title>{title} · Miyabi</title>\
         <style>{STYLE}</style></head><body><header><p class=\"brand\">雅 Miyabi</p>\
         <h1 dir=\"auto\">{title}</h1>{dates}</header><main>{main}</main>{about}</body></html>",
        language = language.name(),
    );
    Reply::text(status, page.into())
        .header("content-type", "text/html; charset=utf-8".to_owned())
        .header("content-security-policy", POLICY.to_owned())
        .header("content-language", language.name().to_owned())
}

/// Returns a time as people read it, and programs too.
fn date(unix_s: u64) -> String {
    let iso = to_iso(unix_s);
    let minute: String = iso.chars().take(16).collect();
    format!("<time datetime=\"{iso}\">{} UTC</time>", minute.replace('T', " "))
}

/// Returns a text that means itself between tags and in attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_style_and_nothing_else() {
        assert_eq!(BASE64_STANDARD.encode(b"light w"), "bGlnaHQgdw==");
        let hash = format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(STYLE)));
        assert!(POLICY.contains(&format!("style-src {hash};")), "it is {hash}");
        for source in ["unsafe", "http", "*", "self"] {
            assert!(!POLICY.contains(source), "{source}");
        }
    }

    #[test]
    fn no_text_is_markup() {
        let text = "<script>\"a\" & 'b'</script>";
        assert_eq!(escaped(text), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
    }
}
