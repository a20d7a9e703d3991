//! Who may ask is read from two settings, and nobody else is admitted.

use super::*;

fn access(servers: &'static str, user_install: &'static str) -> Access {
    let vars = [("MIYABI_SERVERS", servers), ("MIYABI_USER_INSTALL", user_install)];
    with(&vars).unwrap().access
}

/// A server that is listed where there is a list, another one, and neither.
const PLACES: [Option<&str>; 3] = [Some("11"), Some("22"), None];

/// Returns who is admitted: in each place, where the server has installed the application and where only
/// the person has.
fn admitted(access: &Access) -> [[bool; 2]; 3] {
    PLACES.map(|server| {
        [Installation::Server, Installation::Person]
            .map(|installation| access.admits(server, installation))
    })
}

#[test]
fn by_default_every_server_that_has_installed_the_application_may_ask_and_nobody_else() {
    let expected = [[true, false], [true, false], [false, false]];
    assert_eq!(admitted(&with(&[]).unwrap().access), expected);
    assert_eq!(admitted(&access("", "")), expected);
    assert_eq!(admitted(&access("", "off")), expected);
}

#[test]
fn a_list_admits_its_servers_only() {
    for list in ["11", " 11 ", "11,33", "33 11", "33,\n11,", "0033 11"] {
        assert_eq!(
            admitted(&access(list, "off")),
            [[true, false], [false; 2], [false; 2]],
            "{list}"
        );
    }
    assert_eq!(admitted(&access("1", "off")), [[false; 2]; 3], "an id is compared as a whole");
}

#[test]
fn user_installs_admit_people_wherever_no_server_has_a_say() {
    assert_eq!(admitted(&access("", "on")), [[true; 2]; 3]);
    let listed = [[true, true], [false, true], [true, true]];
    assert_eq!(admitted(&access("11", "on")), listed);
}

#[test]
fn a_list_that_cannot_be_read_admits_nobody_by_mistake() {
    for list in [",", ", ,", "my server", "11;22", "-11", "123456789012345678901", "11,x"] {
        let error = with(&[("MIYABI_SERVERS", list)]).unwrap_err().to_string();
        assert!(error.contains("`MIYABI_SERVERS` is not a list of server ids"), "{list}: {error}");
    }
    let error = with(&[("MIYABI_USER_INSTALL", "yes")]).unwrap_err().to_string();
    assert!(error.contains("`MIYABI_USER_INSTALL` is not `on` or `off`"), "{error}");
}
