//! The reply to a command about keys: one that is made, those that there are, and one that is taken back.

use super::{Language, Markup, Sentence};
use crate::key::{MAX_KEYS, Scopes};

/// Who wants what of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Person's id; empty if the platform did not tell it.
    pub owner: String,
    /// Server where they are.
    pub server: Option<String>,
    /// Whether they manage that server, and so what it knows.
    pub is_manager: bool,
    /// What they want.
    pub wish: Wish,
    /// Language of the reply.
    pub language: Language,
}

/// What somebody wants of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Another one.
    Create {
        /// Its name; blank for any.
        name: String,
        /// List of its scopes; blank for the usual ones.
        scopes: String,
    },
    /// To see which there are.
    List,
    /// A code by which to sign in to the page, or to be the same person elsewhere.
    Link,
    /// No account to be the same person any more.
    Unlink,
    /// To take one back.
    Revoke {
        /// Its id.
        id: String,
    },
}

/// A key, as a list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Id, by which it is taken back.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
    /// Its last characters.
    pub tail: &'a str,
    /// List of scopes.
    pub scopes: &'a str,
    /// When it was last used, in Unix seconds.
    pub last_used_at: Option<u64>,
}

/// Most keys whose scopes are listed too; more would not fit into a message.
const MAX_WITH_SCOPES: usize = 10;
/// Longest name that is shown, in characters.
const SHOWN_CHARS: usize = 24;

const ONCE: Sentence = Sentence {
    english: "Here is your key. It is shown this once, so keep it now; whoever has it asks in your name and at your budget.",
    japanese: "新しいキーです。表示は今回だけなので、いま保存してください。これを持つ人は、あなたの名前と予算で質問できます。",
};
const OWN: Sentence = Sentence { english: "Your keys", japanese: "あなたのキー" };
const NONE: Sentence =
    Sentence { english: "You have no keys.", japanese: "キーはまだありません。" };
const USED: Sentence = Sentence { english: ", used ", japanese: "、最終使用 " };
const GONE: Sentence = Sentence {
    english: "It is taken back: nobody gets in with it any more.",
    japanese: "キーを無効にしました。もう誰もこのキーを使えません。",
};

/// Returns the reply with a new key.
pub fn created(secret: &str, scopes: &Scopes, language: Language, markup: &impl Markup) -> String {
    let (once, secret) = (ONCE.in_language(language), markup.code(secret));
    let (scopes, header) = (markup.code(&scopes.list()), markup.code("Authorization: Bearer …"));
    match language {
        Language::English => format!("{once}\n{secret}\nIt may {scopes}. Send it as {header}."),
        Language::Japanese => {
            format!("{once}\n{secret}\nできること: {scopes}。{header} として送ります。")
        }
    }
}

/// Returns the reply with a code for the page at this address.
pub fn code(code: &str, page: &str, language: Language, markup: &impl Markup) -> String {
    let [link, in_slack] =
        ["/link ", "/miyabi link "].map(|link| markup.code(&[link, code].concat()));
    let code = markup.code(code);
    match language {
        Language::English => format!(
            "Your code: {code}\nType it on {page} to sign in there, or write {link} to me in another messenger ({in_slack} in Slack), where you are the same person then. It works once, for ten minutes. Give it to nobody: whoever has it asks in your name and at your budget."
        ),
        Language::Japanese => format!(
            "コード: {code}\n{page} で入力するとサインインできます。別のメッセンジャーで私に {link} (Slack では {in_slack}) と送ると、そこでも同じ人として扱います。使えるのは一度だけ、10分間です。これを使う人はあなたの名前と予算で質問できるので、誰にも教えないでください。"
        ),
    }
}

/// Returns the list of somebody's keys.
pub fn list(keys: &[Entry<'_>], language: Language, markup: &impl Markup) -> String {
    if keys.is_empty() {
        return NONE.in_language(language).to_owned();
    }
    let mut text = markup.strong(OWN.in_language(language));
    for Entry { id, name, tail, scopes, last_used_at } in keys {
        let name: String = name.chars().take(SHOWN_CHARS).collect();
        text.extend(["\n- ", &markup.code(id), " ", &name, " (…", tail, ")"]);
        if keys.len() <= MAX_WITH_SCOPES {
            text.extend([", ", &markup.code(scopes)]);
        }
        if let Some(at) = last_used_at.map(|at| markup.time(at, language)) {
            text.extend([USED.in_language(language), &at]);
        }
    }
    text
}

/// Returns the reply to who has taken a key back.
pub const fn revoked(language: Language) -> &'static str {
    GONE.in_language(language)
}

/// Returns the reply to who has no key of that id.
pub fn unknown(language: Language, markup: &impl Markup) -> String {
    let list = markup.code("/key list");
    match language {
        Language::English => format!("You have no such key. {list} shows which you have."),
        Language::Japanese => format!("そのキーはありません。{list} で一覧を見られます。"),
    }
}

/// Returns the reply to who has as many keys as there may be.
pub fn too_many(language: Language, markup: &impl Markup) -> String {
    let revoke = markup.code("/key revoke");
    match language {
        Language::English => {
            format!("You have {MAX_KEYS} keys, which is the most. Take one back with {revoke}.")
        }
        Language::Japanese => {
            format!("キーは{MAX_KEYS}個までです。{revoke} でどれかを無効にしてください。")
        }
    }
}

/// Returns the reply to who names a scope that there is not.
pub fn no_scope(language: Language, markup: &impl Markup) -> String {
    let all = markup.code("chat,memory,knowledge,files,usage,keys");
    let read = markup.code("chat:read");
    match language {
        Language::English => {
            format!("I do not know one of these scopes. There are {all}, and {read} only reads.")
        }
        Language::Japanese => {
            format!("知らないスコープがあります。使えるのは {all} で、{read} は読むだけです。")
        }
    }
}

/// Returns the reply to who asks for a scope that is not theirs to have.
pub fn not_yours(language: Language, markup: &impl Markup) -> String {
    let (knowledge, admin) = (markup.code("knowledge"), markup.code("admin"));
    match language {
        Language::English => format!(
            "{knowledge} is for who manages this server, and {admin} is given by whoever runs me."
        ),
        Language::Japanese => {
            format!("{knowledge} はこのサーバーを管理する人だけ、{admin} は運営者だけが渡せます。")
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    /// Marks what it is given, as no platform does.
    struct Marks;

    impl Markup for Marks {
        fn code(&self, word: &str) -> String {
            format!("[{word}]")
        }

        fn date(&self, unix_s: u64, _language: Language) -> String {
            format!("on {unix_s}")
        }

        fn time(&self, unix_s: u64, _language: Language) -> String {
            format!("at {unix_s}")
        }
    }

    fn entry(scopes: &str) -> Entry<'_> {
        Entry { id: "00ff", name: "laptop", tail: "a1B2", scopes, last_used_at: None }
    }

    #[test]
    fn a_key_is_shown_with_what_it_may_do() {
        let scopes = Scopes::parse("chat,usage:read").unwrap();
        let shown = created("miyabi_x", &scopes, Language::English, &Marks);
        assert!(shown.contains("\n[miyabi_x]\nIt may [chat,usage:read]. "), "{shown}");
        let shown = created("miyabi_x", &scopes, Language::Japanese, &Marks);
        assert!(shown.contains("\n[miyabi_x]\nできること: [chat,usage:read]"), "{shown}");
    }

    #[test]
    fn a_code_is_shown_with_where_it_is_typed() {
        for language in Language::ALL {
            let shown = code("ABCD-EFGH", "https://miyabi.example/", language, &Marks);
            assert!(shown.contains("[ABCD-EFGH]\n"), "{shown}");
            assert!(shown.contains("https://miyabi.example/ "), "{shown}");
            assert_eq!(Language::of_text(&shown), language);
        }
    }

    #[test]
    fn keys_are_listed_one_on_a_line() {
        let used = Entry { last_used_at: Some(7), ..entry("keys") };
        assert_eq!(
            list(&[entry("chat"), used], Language::English, &Marks),
            "Your keys\n- [00ff] laptop (…a1B2), [chat]\n- [00ff] laptop (…a1B2), [keys], used at 7"
        );
        assert_eq!(
            list(&[used], Language::Japanese, &Marks),
            "あなたのキー\n- [00ff] laptop (…a1B2), [keys]、最終使用 at 7"
        );
        assert_eq!(list(&[], Language::English, &Marks), "You have no keys.");
    }

    #[test]
    fn all_keys_that_there_may_be_fit_into_a_message() {
        let (id, name) = ("0".repeat(16), "雅".repeat(64));
        let used = Some(1_700_000_000);
        let scopes = "chat,memory,knowledge,files,usage,keys";
        let entry = Entry { id: &id, name: &name, tail: "a1B2", scopes, last_used_at: used };
        let most = usize::try_from(MAX_KEYS).unwrap();
        for number in 0..=most {
            let text = list(&vec![entry; number], Language::English, &Marks);
            // A platform's mark of a time is up to six characters longer than here.
            assert!(text.chars().count() + number * 6 < 2000, "{number}");
            assert_eq!(text.contains("chat"), (1..=MAX_WITH_SCOPES).contains(&number));
        }
    }

    #[test]
    fn each_language_has_its_own_words() {
        let all = |language| {
            [
                revoked(language).to_owned(),
                unknown(language, &Marks),
                too_many(language, &Marks),
                no_scope(language, &Marks),
                not_yours(language, &Marks),
            ]
        };
        for (english, japanese) in all(Language::English).iter().zip(all(Language::Japanese)) {
            assert_ne!(*english, japanese);
        }
    }
}
