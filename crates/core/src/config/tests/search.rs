//! The web is searched by one service, which has what it needs.

use super::*;

fn with(values: &[(&'static str, &'static str)]) -> Map {
    let mut map = complete();
    map.0.extend(values.iter().copied());
    map
}

#[test]
fn the_web_is_searched_by_the_service_that_is_named_and_by_none_without_a_name() {
    for values in [&[][..], &[("MIYABI_WEB_SEARCH", "off")], &[("BRAVE_API_KEY", "b")]] {
        assert!(read(&with(values)).settings.unwrap().web_search.is_none(), "{values:?}");
    }
    for (values, service, api_base, key) in [
        (
            &[("MIYABI_WEB_SEARCH", "brave"), ("BRAVE_API_KEY", "b")][..],
            SearchService::Brave,
            "https://api.search.brave.com/res/v1",
            "b",
        ),
        (
            &[
                ("MIYABI_WEB_SEARCH", "tavily"),
                ("TAVILY_API_KEY", "t"),
                ("TAVILY_API_BASE", "https://proxy.example/tavily/"),
            ],
            SearchService::Tavily,
            "https://proxy.example/tavily",
            "t",
        ),
        (
            &[("MIYABI_WEB_SEARCH", "searxng"), ("SEARXNG_API_BASE", "http://localhost:8080/")],
            SearchService::Searxng,
            "http://localhost:8080",
            "",
        ),
    ] {
        let settings = read(&with(values)).settings.unwrap();
        let found = settings.web_search.unwrap();
        assert_eq!((found.service, found.api_base.as_str()), (service, api_base));
        assert_eq!(found.key.reveal(), key);
    }
}

#[test]
fn a_service_without_what_it_needs_is_a_problem() {
    for (values, problem) in [
        (
            &[("MIYABI_WEB_SEARCH", "google")][..],
            "`MIYABI_WEB_SEARCH` is not `brave`, `tavily`, `searxng` or `off`",
        ),
        (&[("MIYABI_WEB_SEARCH", "brave")], "missing secret `BRAVE_API_KEY`"),
        (
            &[("MIYABI_WEB_SEARCH", "tavily"), ("TAVILY_API_KEY", "off")],
            "missing secret `TAVILY_API_KEY`",
        ),
        (&[("MIYABI_WEB_SEARCH", "searxng")], "missing variable `SEARXNG_API_BASE`"),
        (
            &[("MIYABI_WEB_SEARCH", "searxng"), ("SEARXNG_API_BASE", "http://searx.example")],
            "`SEARXNG_API_BASE` is not an https URL",
        ),
    ] {
        let said = problems(&with(values));
        assert!(said.contains(problem), "{said}");
        assert_eq!(said.matches("hint: ").count(), 1, "{said}");
    }
}
