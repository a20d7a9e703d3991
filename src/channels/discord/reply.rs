//! What do we reply to the interaction itself?
//!
//! # Source
//! Discord Docs/Receiving and Responding to Interactions, Interaction Response, read 2026-11-20.

use crate::channels::Language;
use crate::http::Reply;

/// Reply to PING.
pub fn pong() -> Reply {
    fixed(r#"{"type":1}"#)
}

/// "Miyabi is thinking…", seen by the asker only; whether it is private is fixed here.
pub fn deferred() -> Reply {
    fixed(r#"{"type":5,"data":{"flags":64}}"#)
}

/// No completions.
pub fn no_choices() -> Reply {
    fixed(r#"{"type":8,"data":{"choices":[]}}"#)
}

/// A sentence that only the asker reads.
pub fn private(sentence: &str) -> Reply {
    Reply::json(
        200,
        &serde_json::json!({
            "type": 4,
            "data": {
                "content": sentence,
                "flags": super::EPHEMERAL,
                "allowed_mentions": { "parse": [] },
            },
        }),
    )
}

/// Reply to `/ask` without a question.
pub fn ask_something(language: Language) -> Reply {
    private(match language {
        Language::English => "Ask me something: `/ask question: …`",
        Language::Japanese => "質問を書いてください: `/ask question: …`",
    })
}

/// Reply to a command, component or modal that we do not know.
pub fn unknown(language: Language) -> Reply {
    private(match language {
        Language::English => {
            "I do not know this command or button (any more). You can ask me with `/ask`."
        }
        Language::Japanese => {
            "このコマンドやボタンには対応していません。質問は `/ask` でどうぞ。"
        }
    })
}

fn fixed(body: &str) -> Reply {
    Reply { status: 200, body: body.to_owned(), allow: None }
}
