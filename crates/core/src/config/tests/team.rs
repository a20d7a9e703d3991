//! Cloudflare Access says who somebody is where a team and an application of it are named, and both.

use super::*;

const TEAM: (&str, &str) = ("MIYABI_ACCESS_TEAM", "miyabi-test");
const AUDIENCE: (&str, &str) = ("MIYABI_ACCESS_AUDIENCE", "4714c1358e65fe4b408ad6d432a5f878");

fn with(values: &[(&'static str, &'static str)]) -> Config {
    let mut map = complete();
    map.0.extend(values.iter().copied());
    read(&map)
}

#[test]
fn access_is_asked_where_both_are_set_at_the_teams_own_address_or_another() {
    assert!(with(&[]).settings.unwrap().access_team.is_none());
    let team = with(&[TEAM, AUDIENCE]).settings.unwrap().access_team.unwrap();
    assert_eq!(team.issuer, "https://miyabi-test.cloudflareaccess.com");
    assert_eq!((team.api_base, team.audience.as_str()), (team.issuer, AUDIENCE.1));
    let base = ("ACCESS_API_BASE", "http://127.0.0.1:9/");
    let team = with(&[TEAM, AUDIENCE, base]).settings.unwrap().access_team.unwrap();
    assert_eq!(team.api_base, "http://127.0.0.1:9");
    assert_eq!(team.issuer, "https://miyabi-test.cloudflareaccess.com", "whoever serves the keys");
}

#[test]
fn half_of_it_or_what_is_none_is_a_problem_and_switches_nothing_off() {
    for (values, named) in [
        (&[TEAM][..], "MIYABI_ACCESS_AUDIENCE"),
        (&[AUDIENCE], "MIYABI_ACCESS_TEAM"),
        (&[("MIYABI_ACCESS_TEAM", "miyabi.example"), AUDIENCE], "MIYABI_ACCESS_TEAM"),
        (&[("MIYABI_ACCESS_TEAM", "evil.example/"), AUDIENCE], "MIYABI_ACCESS_TEAM"),
        (&[("MIYABI_ACCESS_TEAM", "Miyabi"), AUDIENCE], "MIYABI_ACCESS_TEAM"),
        (&[TEAM, ("MIYABI_ACCESS_AUDIENCE", "a, b")], "MIYABI_ACCESS_AUDIENCE"),
        (&[TEAM, AUDIENCE, ("ACCESS_API_BASE", "http://evil.example")], "ACCESS_API_BASE"),
    ] {
        let problems = with(values).settings.unwrap_err().to_string();
        assert!(problems.contains(&format!("`{named}`")), "{values:?}: {problems}");
    }
}
