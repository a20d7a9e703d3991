//! What may go out, in texts that try to widen it.

use serde_json::json;

use super::*;

fn told(name: &str, content: &str) -> Message {
    let (call_id, name) = (String::new(), name.to_owned());
    Message::Tool { call_id, name, content: content.to_owned() }
}

fn address(url: &str) -> Address {
    Address::read(url, &[]).unwrap()
}

/// Whether an address may be read that the asker's question is said to have.
fn allows(question: &str, url: &str) -> bool {
    Seen::asked(question, &[]).allows(&address(url)).is_ok()
}

#[test]
fn an_address_that_somebody_wrote_is_read_however_it_stands_there() {
    for question in [
        "read https://a.com/b?c=d",
        "https://a.com/b?c=d.",
        "(see https://A.com:443/b?c=d)",
        "[it](https://a.com/b?c=d#top), please",
        "「https://a.com/b?c=d」を読んで",
        "https://a.com/b?c=dを読んで",
        "a.com/b?c=d?",
        "http://a.com./b?c=d https://a.com/b?c=d",
        "{\"url\":\"https://a.com/b?c=d\\nnext\"}",
        "<https://a.com/b?c=d>",
    ] {
        assert!(allows(question, "https://a.com/b?c=d"), "{question}");
    }
    for (question, url) in [
        ("What does rust-lang.org say?", "https://rust-lang.org"),
        ("rust-lang.orgは？", "http://rust-lang.org/"),
        ("https://a.com/b", "https://a.com/b/"),
        ("https://ja.wikipedia.org/wiki/京都", "https://ja.wikipedia.org/wiki/京都"),
        (
            "https://ja.wikipedia.org/wiki/京都 ?",
            "https://ja.wikipedia.org/wiki/%E4%BA%AC%E9%83%BD",
        ),
        ("https://a.com/Rust_(game)", "https://a.com/Rust_(game)"),
    ] {
        assert!(allows(question, url), "{question}");
    }
}

#[test]
fn an_address_that_a_model_has_made_is_not_read() {
    for (question, url) in [
        ("What is new?", "https://a.com/"),
        ("https://a.com/b", "https://a.com/b?d=Mochi"),
        ("https://a.com/b?d=", "https://a.com/b?d=Mochi"),
        ("https://a.com/b", "https://a.com/bMochi"),
        ("https://a.com/b", "https://a.com/"),
        ("https://a.com/secret", "https://a.com/sec"),
        ("https://a.com/b", "https://a.com/B"),
        ("https://a.com/b", "https://a.com/%62"),
        ("https://a.com", "https://mochi.a.com/"),
        ("https://a.com.evil.org/x", "https://a.com/x"),
        ("https://a.community/", "https://a.com/"),
        ("https://evil.org@a.com/", "https://a.com/"),
        ("https://a.com:8080/x", "https://a.com/x"),
        ("https://x-a.com/", "https://a.com/"),
        ("https://a.com/京都", "https://a.com/%E4%BA%AC都"),
        ("https://a.com/b", "https://a.com/b//"),
        ("https://a.com/b/", "https://a.com/b///////"),
    ] {
        assert!(!allows(question, url), "{question} {url}");
    }
}

#[test]
fn only_results_and_pages_are_seen_besides_what_the_asker_wrote() {
    let history = [Exchange {
        question: "read https://asked.com".to_owned(),
        answer: "See https://answered.com/?d=Mochi".to_owned(),
    }];
    let messages = [
        Message::System("https://system.com".to_owned()),
        Message::Assistant { text: "https://said.com".to_owned(), calls: Vec::new() },
        told(
            "web_search",
            r#"{"results":[{"url":"https://found.com/x","snippet":"\"url\":\"https://linked.com/y\""}]}"#,
        ),
        told("fetch_page", r#"{"text":"more at https://linked.com/x"}"#),
        told("https://named.com", "error: there is no tool `https://named.com`"),
        told("web_search", "error: wrong: https://wrong.com"),
        told("calculate", r#"{"expression":"https://calculated.com"}"#),
    ];
    let seen = |knows| Seen::asked("?", &history).told(&messages).with_facts(knows);
    let may = |knows, url: &str| seen(knows).allows(&address(url));
    for knows in [false, true] {
        assert_eq!(may(knows, "https://asked.com"), Ok(()));
        assert_eq!(may(knows, "https://found.com/x"), Ok(()));
        for host in ["answered", "system", "said", "named", "wrong", "calculated"] {
            let path = if host == "answered" { "?d=Mochi" } else { "" };
            let url = format!("https://{host}.com/{path}");
            assert_eq!(may(knows, &url), Err(false), "{url}");
        }
    }
    for linked in ["https://linked.com/x", "https://linked.com/y"] {
        assert_eq!(may(false, linked), Ok(()));
        assert_eq!(may(true, linked), Err(true), "which link is read tells something");
    }
}

#[test]
fn words_are_those_that_were_read_once_a_page_could_have_asked_for_them() {
    let messages = [told("fetch_page", "{\"text\":\"紅葉の見頃。Maple leaves, 25 November.\"}")];
    let seen =
        |knows| Seen::asked("京都のラーメン in Kyoto", &[]).told(&messages).with_facts(knows);
    for query in ["Kyoto maple", "kyoto MAPLE 25", "京都の紅葉", "京都 ラーメン 見頃", ""]
    {
        assert!(seen(true).allows_words(query), "{query}");
    }
    for query in
        ["Kyoto Mochi", "map", "2", "k y o t o", "モチ 京都", "も ち", "ラ メ", "京", "S3lvZXQ="]
    {
        assert!(!seen(true).allows_words(query), "{query}");
        assert!(seen(false).allows_words(query), "nothing is known that it could tell");
    }
    let before = Seen::asked("京都", &[]).with_facts(true);
    assert!(before.allows_words("Mochi"), "nobody else has said anything yet");
    let failed = [told("fetch_page", "error: the page is no text that can be read, but `obey`")];
    assert!(!Seen::asked("京都", &[]).told(&failed).with_facts(true).allows_words("Mochi"));
}

#[test]
fn what_recall_finds_is_known_of_the_asker_and_seen_by_nobody() {
    let messages = [
        told("recall", r#"{"facts":["Mochi"],"earlier":["https://evil.com/?d=Mochi"]}"#),
        told("fetch_page", r#"{"text":"more at https://linked.com/x"}"#),
    ];
    let seen = Seen::asked("?", &[]).told(&messages).with_facts(false);
    assert_eq!(seen.allows(&address("https://evil.com/?d=Mochi")), Err(false));
    assert_eq!(seen.allows(&address("https://linked.com/x")), Err(true));
    assert!(!seen.allows_words("Mochi"));
}

#[test]
fn arguments_of_other_tools_are_words_that_were_read_or_that_the_operator_approved() {
    let arguments = |arguments: Value| arguments.as_object().unwrap().clone();
    let schema = json!({ "properties": {
        "q": { "type": "string" },
        "sort": { "enum": ["newest", "best"] },
        "limit": { "type": "integer", "maximum": 20 },
    } });
    let messages = [told("mcp_docs_search", r#"{"text":"See page doc-17, of 京都."}"#)];
    let may = |messages: &[Message], sent: Value| {
        let seen = Seen::asked("Where is it?", &[]).told(messages).with_facts(true);
        seen.allows_arguments(&arguments(sent), &schema)
    };
    for sent in [
        json!({}),
        json!({ "q": "where doc-17", "sort": "newest", "limit": 20 }),
        json!({ "q": ["京都", null, true, { "type": 17 }] }),
    ] {
        assert!(may(&messages, sent.clone()), "{sent}");
    }
    for sent in [
        json!({ "q": "Mochi" }),
        json!({ "Mochi": true }),
        json!({ "q": [{ "q": "Mochi" }] }),
        json!({ "limit": 19 }),
        json!({ "limit": -2.5 }),
        json!({ "q": "モチ" }),
    ] {
        assert!(!may(&messages, sent.clone()), "{sent}");
        assert!(may(&[], sent), "nobody else has said anything yet");
    }
}

#[test]
fn what_a_server_repeats_of_a_model_is_not_seen_by_that() {
    let call = |arguments: &str| {
        let calls = vec![crate::script::call("1", "mcp_docs_search", arguments)];
        Message::Assistant { text: String::new(), calls }
    };
    let nothing = || told("mcp_docs_search", r#"{"text":"Nothing about Mochi: see doc-17."}"#);
    let may = |messages: &[Message], words: &str| {
        Seen::asked("?", &[]).told(messages).with_facts(true).allows_words(words)
    };
    let messages = [call(r#"{"q":"\u004dochi"}"#), nothing()];
    assert!(!may(&messages, "Mochi") && may(&messages, "doc-17"));
    let messages = [told("weather", "{}"), call(r#"{"q":"doc-17"}"#), nothing()];
    assert!(may(&messages, "doc-17"), "what is sent later was seen before");
}

#[test]
fn what_is_stored_of_the_asker_is_what_must_not_go_out() {
    let page = told("fetch_page", r#"{"text":"maple"}"#);
    for name in ["recall", "remember", "remind_me"] {
        let messages = [told(name, "Mochi https://a.com/"), page.clone()];
        let seen = Seen::asked("?", &[]).told(&messages).with_facts(false);
        assert!(!seen.allows_words("Mochi") && seen.allows_words("maple"), "{name}");
        assert_eq!(seen.allows(&address("https://a.com/")), Err(false));
    }
}
