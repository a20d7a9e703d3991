//! Reads who may ask: the servers, and whether a person may bring the application along.

use super::Environment;
use super::reader::Reader;

/// Where questions are answered.
///
/// Each question costs the operator money, and on most platforms anybody may install an application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// Ids of the servers that may ask; empty for every server that has installed the application.
    pub servers: Vec<String>,
    /// Whether people may ask in direct messages, in group messages, and in servers that have not
    /// installed the application.
    pub user_install: UserInstall,
}

/// Whether people may ask where no server has installed the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserInstall {
    /// They may: each of them has installed the application for themselves.
    On,
    /// They may not.
    #[default]
    Off,
}

/// Who installed the application where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installation {
    /// The server.
    Server,
    /// Only a person: in a direct or group message, or in a server that has not installed it.
    Person,
}

impl Access {
    /// Returns whether a question may be asked in this server, `None` for a direct or group message.
    ///
    /// The list counts for servers that have installed the application. Everywhere else the person
    /// asks, whom no list of servers admits.
    pub fn admits(&self, server: Option<&str>, installation: Installation) -> bool {
        match (server, installation) {
            (Some(server), Installation::Server) => {
                self.servers.is_empty() || self.servers.iter().any(|id| id == server)
            }
            (None, _) | (Some(_), Installation::Person) => self.user_install == UserInstall::On,
        }
    }
}

/// Longest list of servers.
const MAX_SERVERS: usize = 1_000;

impl<E: Environment> Reader<'_, E> {
    pub(super) fn access(&mut self) -> Access {
        let servers = self.servers("MIYABI_SERVERS", "");
        let user_install =
            if self.switch("MIYABI_USER_INSTALL") { UserInstall::On } else { UserInstall::Off };
        Access { servers, user_install }
    }

    /// A list with anything else than ids in it is a problem: read as if it were empty, it would admit
    /// every server.
    ///
    /// `sign` is what an id may begin with: a group of Telegram has a negative one.
    pub(super) fn servers(&mut self, name: &str, sign: &str) -> Vec<String> {
        let text = self.optional(name).unwrap_or_default();
        let ids = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|id| !id.is_empty());
        let ids: Vec<String> = ids.map(ToOwned::to_owned).collect();
        let is_id = |id: &String| {
            let digits = id.strip_prefix(sign).unwrap_or(id);
            (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let has_only_separators = ids.is_empty() && !text.is_empty();
        if has_only_separators || ids.len() > MAX_SERVERS || !ids.iter().all(is_id) {
            self.problem(name, Some("is not a list of server ids, separated by commas or spaces"));
        }
        ids
    }
}
