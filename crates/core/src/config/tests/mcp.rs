//! MCP servers are read whole or not at all.

use super::*;

const FINGERPRINT: &str = "0123456789abcdef0123456789abcdef01234567";

fn with(servers: &str, more: &[(&'static str, &'static str)]) -> Result<Settings, ConfigError> {
    let mut map = complete();
    let servers: &'static str = Box::leak(servers.to_owned().into_boxed_str());
    map.0.insert("MIYABI_MCP_SERVERS", servers);
    map.0.extend(more.iter().copied());
    read(&map).settings
}

#[test]
fn servers_have_a_name_an_address_a_token_and_tools_that_are_approved_or_not() {
    assert!(with("", &[]).unwrap().mcp_servers.is_empty());
    let servers = format!(
        r#"[{{"name":"docs_2","url":"https://docs.example/mcp","allow":["a/b.c-d","x@{FINGERPRINT}"]}},
            {{"name":"own","url":"http://127.0.0.1:3001/mcp","allow":[]}}]"#
    );
    let tokens = [("MIYABI_MCP_TOKEN_DOCS_2", "t0ken"), ("MIYABI_MCP_TOKEN_OWN", "off")];
    let servers = with(&servers, &tokens).unwrap().mcp_servers;
    let [docs, own] = servers.as_slice() else { panic!("{servers:?}") };
    assert_eq!((docs.name.as_str(), docs.url.as_str()), ("docs_2", "https://docs.example/mcp"));
    assert_eq!(docs.token.as_ref().map(Secret::reveal), Some("t0ken"));
    let allowed: Vec<_> =
        docs.allowed.iter().map(|it| (it.tool.as_str(), it.fingerprint.as_deref())).collect();
    assert_eq!(allowed, [("a/b.c-d", None), ("x", Some(FINGERPRINT))]);
    assert!(own.token.is_none() && own.allowed.is_empty());

    let asking = r#"[{"name":"a","url":"https://a.example/mcp","allow":["x"],"ask":["y"]},
        {"name":"b","url":"https://b.example/mcp","ask":["z"]}]"#;
    let servers = with(asking, &[]).unwrap().mcp_servers;
    let asks = servers.iter().flat_map(|it| &it.allowed).map(|it| (it.tool.as_str(), it.asks));
    assert_eq!(asks.collect::<Vec<_>>(), [("x", false), ("y", true), ("z", true)]);
}

#[test]
fn what_is_wrong_with_servers_is_said_and_nothing_of_them_is_repeated() {
    let server = |name: &str, url: &str, allow: &str| {
        format!(r#"{{"name":"{name}","url":"{url}","allow":{allow}}}"#)
    };
    let (url, none) = ("https://a.example/mcp", "[]");
    let many: Vec<String> = (0..17).map(|number| format!("\"t{number}\"")).collect();
    let five: Vec<String> = (0..5).map(|number| server(&format!("s{number}"), url, none)).collect();
    for (servers, wrong) in [
        ("docs".to_owned(), "is not a JSON list"),
        ("{}".to_owned(), "is not a JSON list"),
        (r#"[{"name":"a","url":"https://a.example"}]"#.to_owned(), "without a name"),
        (format!("[{}]", server("a", url, "[1]")), "neither TOOL nor TOOL@FINGERPRINT"),
        (format!("[{}]", server("Docs", url, none)), "whose name is not"),
        (format!("[{}]", server("", url, none)), "whose name is not"),
        (format!("[{}]", server("seventeen_letters", url, none)), "whose name is not"),
        (format!("[{}]", server("a", "http://a.example/mcp", none)), "whose url is not"),
        (format!("[{}]", server("a", "https://u:p@a.example", none)), "whose url is not"),
        (format!("[{}]", server("a", url, r#"["a b"]"#)), "neither TOOL nor TOOL@FINGERPRINT"),
        (format!("[{}]", server("a", url, r#"["a@123"]"#)), "neither TOOL nor TOOL@FINGERPRINT"),
        (format!("[{}]", server("a", url, r#"["a","a"]"#)), "allows a tool twice"),
        (format!("[{0},{0}]", server("a", url, none)), "names a server twice"),
        (
            r#"[{"name":"a","url":"https://a.example","allow":["x"],"ask":["x"]}]"#.to_owned(),
            "twice",
        ),
        (
            r#"[{"name":"a","url":"https://a.example","allow":["x"],"ask":1}]"#.to_owned(),
            "a list of",
        ),
        (format!("[{}]", five.join(",")), "more than 4 servers"),
        (format!("[{}]", server("a", url, &format!("[{}]", many.join(",")))), "more than 16 tools"),
    ] {
        let said = with(&servers, &[]).unwrap_err().to_string();
        assert!(said.contains(wrong) && !said.contains("a.example"), "{servers}: {said}");
    }
    let servers = format!("[{}]", server("a", url, none));
    let said = with(&servers, &[("MIYABI_MCP_TOKEN_A", "two words")]).unwrap_err().to_string();
    assert!(said.contains("is no token") && !said.contains("two words"), "{said}");
}
