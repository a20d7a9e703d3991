//! Whether the application may be installed where its settings let people ask, and nowhere else.

use serde_json::Value;

use miyabi_core::config::{Access, UserInstall};

/// A difference between the application at Discord and the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch {
    /// What differs.
    pub detail: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

const PUBLIC: Mismatch = Mismatch {
    detail: "anybody may install the application in a server and ask there",
    hint: "portal: Installation, Install Link: None, then Bot, Public Bot off; or set MIYABI_SERVERS",
};

const USER_INSTALL_IS_OFF: Mismatch = Mismatch {
    detail: "people may install the application for themselves, and are refused wherever they ask",
    hint: "portal: Installation, Installation Contexts, User Install off; or MIYABI_USER_INSTALL = \"on\"",
};

const NO_USER_INSTALL: Mismatch = Mismatch {
    detail: "MIYABI_USER_INSTALL is on, and people may not install the application for themselves",
    hint: "portal: Installation, Installation Contexts, User Install on",
};

const NO_SERVER_INSTALL: Mismatch = Mismatch {
    detail: "the application may not be installed in servers",
    hint: "portal: Installation, Installation Contexts, Guild Install on",
};

/// Returns how an application, as Discord shows it to its bot, differs from who may ask.
///
/// What Discord does not say counts as right.
///
/// # Source
/// Discord Docs/Application Resource, Application Object: `bot_public` and `integration_types_config`,
/// whose key `0` stands for servers and `1` for people; read 2026-11-22.
pub fn mismatches(application: &Value, access: &Access) -> Vec<Mismatch> {
    let is_public = application.get("bot_public").and_then(Value::as_bool).unwrap_or(false);
    let contexts = application.get("integration_types_config").and_then(Value::as_object);
    let contexts = contexts.filter(|contexts| !contexts.is_empty());
    let lacks = |context: &str| contexts.is_some_and(|known| !known.contains_key(context));
    let has = |context: &str| contexts.is_some_and(|known| known.contains_key(context));
    let people_may_ask = access.user_install == UserInstall::On;
    let found = [
        (is_public && access.servers.is_empty(), PUBLIC),
        (!people_may_ask && has("1"), USER_INSTALL_IS_OFF),
        (people_may_ask && lacks("1"), NO_USER_INSTALL),
        (lacks("0"), NO_SERVER_INSTALL),
    ];
    found.into_iter().filter(|(differs, _)| *differs).map(|(_, mismatch)| mismatch).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn access(servers: &[&str], user_install: UserInstall) -> Access {
        Access { servers: servers.iter().map(ToString::to_string).collect(), user_install }
    }

    #[test]
    fn a_public_application_needs_a_list_of_servers() {
        let public = json!({ "bot_public": true });
        assert_eq!(mismatches(&public, &Access::default()), [PUBLIC]);
        assert_eq!(mismatches(&public, &access(&["1"], UserInstall::Off)), []);
        assert_eq!(mismatches(&json!({ "bot_public": false }), &Access::default()), []);
    }

    #[test]
    fn installation_contexts_are_those_where_people_may_ask() {
        for (contexts, off, on) in [
            (json!({ "0": {}, "1": {} }), vec![USER_INSTALL_IS_OFF], vec![]),
            (json!({ "0": {} }), vec![], vec![NO_USER_INSTALL]),
            (
                json!({ "1": {} }),
                vec![USER_INSTALL_IS_OFF, NO_SERVER_INSTALL],
                vec![NO_SERVER_INSTALL],
            ),
            (json!({}), vec![], vec![]),
            (json!(null), vec![], vec![]),
        ] {
            let application = json!({ "bot_public": false, "integration_types_config": contexts });
            assert_eq!(mismatches(&application, &access(&[], UserInstall::Off)), off, "{contexts}");
            assert_eq!(mismatches(&application, &access(&[], UserInstall::On)), on, "{contexts}");
        }
    }

    #[test]
    fn what_discord_does_not_say_counts_as_right() {
        for application in [json!({}), json!(null), json!([]), json!({ "bot_public": "yes" })] {
            assert_eq!(mismatches(&application, &Access::default()), [], "{application}");
        }
    }
}
