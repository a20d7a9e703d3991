//! A masked link says where it leads, and nothing else is touched.

use super::*;

/// Compares what becomes of a text, and checks that a second call changes nothing.
fn check(text: &str, expected: &str) {
    let shown = show_hosts(text);
    assert_eq!(shown, expected);
    assert_eq!(show_hosts(&shown), shown, "twice: {text}");
}

#[test]
fn a_masked_link_is_followed_by_its_host() {
    for (link, host) in [
        ("[docs](https://evil.example/x)", "evil.example"),
        ("[docs](http://evil.example)", "evil.example"),
        ("[docs](HTTPS://EVIL.example/x)", "evil.example"),
        ("[docs](<https://evil.example/x>)", "evil.example"),
        ("[docs](https://evil.example/x \"docs.example\")", "evil.example"),
        ("[docs]( https://evil.example/x )", "evil.example"),
        ("[docs](https://evil.example/a_(b)_c)", "evil.example"),
        ("[docs](https://evil.example/(a)(b))", "evil.example"),
        ("[docs](https://evil.example:8443/x)", "evil.example"),
        ("[docs](https://docs.example@evil.example/x)", "evil.example"),
        ("[docs](https://docs.example:pass@evil.example:1/x)", "evil.example"),
        ("[docs](https://evil.example?docs.example/)", "evil.example"),
        ("[docs](https://evil.example#@docs.example/)", "evil.example"),
        ("[docs](https:///evil.example/x)", "evil.example"),
        ("[docs.example](https://evil.example/x)", "evil.example"),
        ("[https://docs.example](https://evil.example/x)", "evil.example"),
        ("[**docs**](https://evil.example/x)", "evil.example"),
        ("[a [b] c](https://evil.example/x)", "evil.example"),
        ("[`docs`](https://evil.example/x)", "evil.example"),
        ("[](https://evil.example/x)", "evil.example"),
        ("[evil.exam\u{200b}ple](https://evil.example/x)", "evil.example"),
        ("[docs](https://a_b.example)", r"a\_b.example"),
        ("[docs](https://[::1]:80/x)", r"\[::1\]"),
        ("[docs](https:/evil.example)", "evil.example"),
        ("[docs](https:evil.example)", "evil.example"),
        (r"[docs](https:\\evil.example)", "evil.example"),
        ("[docs](https://evil.example (docs.example))", "evil.example"),
        ("[docs](<https://evil.example/a b>)", "evil.example"),
        ("[docs](https://%65vil.example)", "evil.example"),
        ("[docs](https://ev\u{ad}il.example)", "evil.example"),
        ("[docs](https://ｅｖｉｌ。example)", "evil.example"),
        ("[docs](https://аррӏе.com)", "xn--80ak6aa92e.com"),
        ("[apple.com](https://аррӏе.com/)", "xn--80ak6aa92e.com"),
        ("[аррӏе.com](https://аррӏе.com/)", "xn--80ak6aa92e.com"),
        ("[https://аррӏе.com](https://аррӏе.com)", "xn--80ak6aa92e.com"),
        ("[docs.example@evil.example](https://docs.example@evil.example)", "evil.example"),
        ("[例え.jp](https://例え.jp/)", "xn--r8jz45g.jp"),
        ("[do] cs](https://evil.example/x)", "evil.example"),
        (r"[docs\](https://evil.example/x)", "evil.example"),
        (r"[docs](https://docs.example\@evil.example)", "docs.example, evil.example"),
    ] {
        check(link, &format!("{link} ({host})"));
        check(&format!("- **{link}**, and"), &format!("- **{link} ({host})**, and"));
        check(&format!("{link}{link}"), &format!("{link} ({host}){link} ({host})"));
    }
}

#[test]
fn a_link_whose_text_says_where_it_leads_stays_as_it_is() {
    for text in [
        "[https://example.com/x](https://example.com/x)",
        "[example.com/x](https://example.com/x)",
        "[example.com](https://example.com/x)",
        "[Example.com](https://example.com/x)",
        "[**example.com**](https://example.com/x)",
        "[https://example.com](https://example.com/)",
        "[example.com](https://www.example.com/x)",
        "[docs](https://example.com/x) (example.com)",
        "https://example.com/x",
        "<https://example.com/x>",
    ] {
        check(text, text);
    }
}

#[test]
fn nothing_in_code_is_touched_and_nothing_that_is_no_link() {
    for text in [
        "`[docs](https://evil.example/x)`",
        "``[docs](https://evil.example/x) ` ``",
        "```md\n[docs](https://evil.example/x)\n```",
        "```\n[docs](https://evil.example/x)",
        r"\[docs](https://evil.example/x)",
        "[docs] (https://evil.example/x)",
        "[docs](page.md)",
        "[docs](https://evil.example/x y)",
        "docs](https://evil.example/x)",
        "[docs](https://evil.example/x",
        "[1](2) f[0](x) a](b)",
        "(https://evil.example/x)",
        "</ask:1> <t:1:R> <:a_b:1>",
        "",
    ] {
        check(text, text);
    }
}

#[test]
fn a_link_that_holds_another_one_has_its_own_host_too() {
    check(
        "[a [b](https://docs.example) c](https://evil.example)",
        "[a [b](https://docs.example) (docs.example) c](https://evil.example) (evil.example)",
    );
    check(
        "[![a](https://docs.example/i.png)](https://evil.example)",
        "[![a](https://docs.example/i.png) (docs.example)](https://evil.example) (evil.example)",
    );
}

#[test]
fn a_link_goes_before_code_that_begins_in_its_text() {
    check(
        "[a ` b](https://evil.example/x) ` c",
        "[a ` b](https://evil.example/x) (evil.example) ` c",
    );
    check(
        "[a `x]` b](https://evil.example/x)",
        "[a `x]` b](https://evil.example/x) (evil.example)",
    );
    for code in [
        "range [0, 1) and `f[x](https://evil.example)`",
        "range [0, 1)\n```js\nf[x](https://evil.example)\n```",
        "- [ ] `[x](https://evil.example)`",
    ] {
        check(code, code);
    }
}

#[test]
fn an_address_that_can_be_mistaken_is_followed_by_its_host() {
    for (address, host) in [
        ("https://аррӏе.com/x", "xn--80ak6aa92e.com"),
        ("https://docs.example@evil.example/x", "evil.example"),
        (r"https://docs.example\@evil.example/x", "docs.example, evil.example"),
        ("https://docs.example%2f@evil.example", "evil.example"),
        ("https://例え.jp/", "xn--r8jz45g.jp"),
        ("https://例え.みんな/", "xn--r8jz45g.xn--q9jyb4c"),
    ] {
        check(address, &format!("{address} ({host})"));
        check(&format!("<{address}> and"), &format!("<{address}> ({host}) and"));
        check(&format!("（{address}）"), &format!("（{address} ({host})）"));
        check(&format!("`{address}`"), &format!("`{address}`"));
    }
    for address in [
        "https://ja.wikipedia.org/wiki/雅",
        "https://example.comをご覧ください。",
        "https://example.com/a@b",
        r"https://example.com/a\_b",
        "https://example.com?q=例え@x",
    ] {
        check(address, address);
    }
}

#[test]
fn a_backtick_that_opens_no_code_hides_no_link() {
    check(
        "one ` tick [docs](https://evil.example/x)",
        "one ` tick [docs](https://evil.example/x) (evil.example)",
    );
    check(
        r"\`[docs](https://evil.example/x)`",
        r"\`[docs](https://evil.example/x) (evil.example)`",
    );
}

#[test]
fn hostile_text_is_read_in_linear_time() {
    for pattern in [
        "[",
        "]",
        "[](",
        "[](https://",
        "[](https://(",
        "`[",
        "[]( ",
        "[](https://a \"",
        "((((",
        "](https://a(b)",
        "[`](https://a",
        "[a](<https://a ",
        "[`[",
        "https://é",
        "[]`](https://a)",
    ] {
        let text = pattern.repeat(40_000 / pattern.len());
        assert!(show_hosts(&text).len() >= text.len());
    }
}
