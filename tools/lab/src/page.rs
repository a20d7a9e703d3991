//! Serves the static files of the page, and decides which callers the lab trusts.

use crate::http::{Content, Inbound, Reply};

/// Lets the page load and run its own files only, and no inline code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../page/", $name)))),*]
    };
}

const FILES: [(&str, &str); 28] = files! {
    "index.html" "base.css" "channel.css" "telegram.css" "slack.css" "whatsapp.css" "menu.css" "inspector.css"
    "main.js" "store.js" "dom.js" "theme.js"
    "markdown.js" "inline.js" "rendered.js" "log.js" "formatted.js" "channel.js" "telegram.js" "slack.js"
    "slack-text.js" "whatsapp.js" "chats.js" "composer.js" "menu.js"
    "timeline.js" "calls.js" "faults.js"
};

/// Headers of every file.
const HEADERS: [(&str, &str); 4] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

/// The file at a path, if there is one.
pub(crate) fn file(path: &str) -> Option<Reply> {
    let name = if path == "/" { "index.html" } else { path.strip_prefix("/page/")? };
    let (_, text) = FILES.iter().find(|(known, _)| *known == name)?;
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    let mut reply =
        Reply { status: 200, body: Content::Text((*text).to_owned()), ..Reply::default() };
    let headers = HEADERS.into_iter().chain([("content-type", kind)]);
    reply.headers.extend(headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Some(reply)
}

/// Whether a call to the lab's own endpoints comes from its page or from a program.
///
/// Any site in the same browser can send requests to this machine. It cannot read the replies, but it
/// could deliver questions, which cost money with a real model.
pub(crate) fn is_trusted(inbound: &Inbound) -> bool {
    let host = inbound.header("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
    let origin = inbound.header("origin");
    is_here && origin.is_none_or(|origin| origin == format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{FILES, POLICY, file, is_trusted};
    use crate::http::{Inbound, Payload};

    fn call(headers: &[(&str, &str)]) -> Inbound {
        Inbound {
            method: "POST".into(),
            path: "/lab/reset".into(),
            query: String::new(),
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).into(), (*v).into()))
                .collect::<BTreeMap<_, _>>(),
            bytes: "{}".into(),
            body: Payload::Empty,
        }
    }

    #[test]
    fn only_its_own_page_and_programs_are_trusted() {
        for (headers, is_ours) in [
            (&[("host", "127.0.0.1:80")][..], true),
            (&[("host", "localhost:9")], true),
            (&[("host", "127.0.0.1:80"), ("origin", "http://127.0.0.1:80")], true),
            (&[("host", "127.0.0.1:80"), ("origin", "http://127.0.0.1:81")], false),
            (&[("host", "127.0.0.1:80"), ("origin", "https://evil.example")], false),
            (&[("host", "127.0.0.1:80"), ("origin", "null")], false),
            (&[("host", "evil.example:80"), ("origin", "http://evil.example:80")], false),
            (&[("host", "evil.example:80")], false),
            (&[], false),
        ] {
            assert_eq!(is_trusted(&call(headers)), is_ours, "{headers:?}");
        }
    }

    #[test]
    fn no_file_writes_html_or_evaluates_text() {
        for (name, text) in FILES {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!text.contains(word), "{name} has {word}");
            }
            assert!(text.lines().count() <= 400, "{name} is long: split it");
            let begins = ["// ", "/* ", "<!doctype html>\n<!-- "];
            assert!(begins.iter().any(|begin| text.starts_with(begin)), "{name} says what it is");
        }
        let index = file("/").map(|reply| reply.headers).unwrap_or_default();
        assert!(
            index.iter().any(|(name, value)| name == "content-security-policy" && value == POLICY)
        );
        assert!(!POLICY.contains("unsafe"));
        assert!(file("/page/").is_none() && file("/page/../main.rs").is_none());
    }
}
