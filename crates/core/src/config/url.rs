//! Checks base URLs, to which keys and questions are sent.

/// Returns whether a text is a base URL that keys and questions may be sent to.
///
/// It is `https`, or `http` to this machine: a local model or the lab. Plain `http` to any other host
/// shows keys and questions to everybody on the way.
///
/// # Shape
/// `scheme://host[:port][/path]`, without user, query and fragment.
pub fn is_base_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let (authority, _path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte);
    let Some((host, port)) = split_port(authority) else {
        return false;
    };
    let has_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let may_be_sent_to = match scheme {
        "https" => true,
        "http" => is_loopback(host),
        _ => false,
    };
    may_be_sent_to && has_port && !host.is_empty() && rest.bytes().all(is_plain)
}

/// Splits `host:port`; the colons of an IPv6 address are in brackets.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if !authority.starts_with('[') {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        return Some((host, port));
    }
    let (host, rest) = authority.split_at_checked(authority.find(']')? + 1)?;
    match rest.strip_prefix(':') {
        Some(port) => Some((host, Some(port))),
        None => rest.is_empty().then_some((host, None)),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "127.0.0.1" || host == "[::1]" || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_taken_from_any_host_and_http_from_this_machine() {
        for url in [
            "https://api.openai.com/v1",
            "https://example.com:8443",
            "https://[2001:db8::1]:443/v1",
            "http://127.0.0.1:9/api/v10",
            "http://127.0.0.1",
            "http://localhost:11434/v1",
            "http://LOCALHOST:8000",
            "http://[::1]:8000/v1",
        ] {
            assert!(is_base_url(url), "{url}");
        }
    }

    #[test]
    fn a_host_that_only_looks_like_this_machine_is_refused() {
        for url in [
            "http://api.openai.com/v1",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com/v1",
            "http://127.0.0.1@example.com/v1",
            "http://localhost:80@example.com",
            "http://127.0.0.1\\@example.com",
            "http://example.com/127.0.0.1",
            "http://example.com#@localhost",
            "http://[::1].example.com",
            "http://[::2]/v1",
            "http://0.0.0.0:8000",
            "http://192.168.0.7:11434/v1",
            "http:///v1",
        ] {
            assert!(!is_base_url(url), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_to_append_a_path_to_is_refused() {
        for url in [
            "",
            "https",
            "https://",
            "https:///v1",
            "https://:443",
            "ftp://example.com",
            "file:///etc/passwd",
            "//example.com",
            "https://example.com/v1?key=1",
            "https://example.com/v1#top",
            "https://user:word@example.com",
            "https://example.com:port",
            "https://example.com:0",
            "https://exa mple.com",
            "https://example.com/\n",
        ] {
            assert!(!is_base_url(url), "{url}");
        }
    }
}
