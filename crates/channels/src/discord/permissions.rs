//! What a member of a server may do in a channel, as Discord computes it from roles and overwrites.
//!
//! # Source
//! Discord Docs/Permissions, Permission Overwrites, Implicit Permissions and Permissions for Timed Out Members,
//! read 2026-11-29.

use serde_json::Value;

use super::place::Rights;
use miyabi_core::ids::Millis;
use miyabi_core::time::from_iso;

const ADMINISTRATOR: u64 = 1 << 3;
const MANAGE_CHANNELS: u64 = 1 << 4;
const VIEW_CHANNEL: u64 = 1 << 10;
const SEND_MESSAGES: u64 = 1 << 11;
const MANAGE_MESSAGES: u64 = 1 << 13;
const ATTACH_FILES: u64 = 1 << 15;
const CONNECT: u64 = 1 << 20;
const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
const BYPASS_SLOWMODE: u64 = 1 << 52;

/// Types of an overwrite.
const OF_ROLE: u64 = 0;
const OF_MEMBER: u64 = 1;

/// What Discord says of a person and a channel, each as its JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    /// Server, with its roles.
    pub(super) server: &'a Value,
    /// Member, with the ids of their roles.
    pub(super) member: &'a Value,
    /// Member's id.
    pub(super) person: &'a str,
    /// Channel or thread.
    pub(super) channel: &'a Value,
    /// Channel that has the overwrites: the parent of a thread.
    pub(super) home: &'a Value,
    /// Time.
    pub(super) now: Millis,
}

/// Why somebody may not speak in a channel that they see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mute {
    /// They do not see it.
    Hidden,
    /// They may not write there.
    Denied,
    /// They are timed out.
    TimedOut,
    /// They have not accepted the rules of the server.
    Pending,
    /// Its slow mode applies to them.
    Slowed,
    /// The thread is archived or locked.
    Closed,
}

impl Standing<'_> {
    /// Returns what a question of theirs may do there.
    ///
    /// What the application may do is not known; an attempt tells.
    pub(super) fn judge(&self) -> Result<Rights, Mute> {
        let granted = self.granted();
        let has = |permissions: u64| granted & permissions == permissions;
        let is_voice = matches!(number(self.home, "type"), 2 | 13);
        if !has(VIEW_CHANNEL) || (is_voice && !has(CONNECT)) {
            return Err(Mute::Hidden);
        }
        let is_thread = is_thread(self.channel);
        // Whoever may not use commands could not ask there either.
        let write = if is_thread { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
        if !has(write | USE_APPLICATION_COMMANDS) {
            return Err(Mute::Denied);
        }
        // Nobody times out who has every permission.
        if !has(ADMINISTRATOR) && self.is_timed_out() {
            return Err(Mute::TimedOut);
        }
        if flag(self.member, "pending") {
            return Err(Mute::Pending);
        }
        let exempt = MANAGE_CHANNELS | MANAGE_MESSAGES | BYPASS_SLOWMODE;
        if number(self.channel, "rate_limit_per_user") > 0 && granted & exempt == 0 {
            return Err(Mute::Slowed);
        }
        let thread = self.channel.get("thread_metadata").unwrap_or(&Value::Null);
        if flag(thread, "archived") || flag(thread, "locked") {
            return Err(Mute::Closed);
        }
        Ok(Rights { attaches: has(ATTACH_FILES), ..Rights::ALL })
    }

    /// Returns all that is granted: the roles together, then what the channel denies and allows of it to
    /// everybody, to the roles, and to the member.
    fn granted(&self) -> u64 {
        let server = text(self.server, "id");
        if text(self.server, "owner_id") == self.person {
            return u64::MAX;
        }
        let own = items(self.member, "roles");
        let is_own = |id: &str| own.iter().any(|role| role.as_str() == Some(id));
        let roles = items(self.server, "roles").iter();
        let roles = roles.filter(|role| is_own(text(role, "id")) || text(role, "id") == server);
        let base = roles.fold(0, |base, role| base | bits(role, "permissions"));
        if base & ADMINISTRATOR != 0 {
            return u64::MAX;
        }
        let overwritten = |granted: u64, kind: u64, is_meant: &dyn Fn(&str) -> bool| {
            let meant = items(self.home, "permission_overwrites").iter();
            let meant =
                meant.filter(|one| number(one, "type") == kind && is_meant(text(one, "id")));
            let (deny, allow) = meant.fold((0, 0), |(deny, allow), one| {
                (deny | bits(one, "deny"), allow | bits(one, "allow"))
            });
            granted & !deny | allow
        };
        let granted = overwritten(base, OF_ROLE, &|id| id == server);
        let granted = overwritten(granted, OF_ROLE, &|id| id != server && is_own(id));
        overwritten(granted, OF_MEMBER, &|id| id == self.person)
    }

    fn is_timed_out(&self) -> bool {
        let until = from_iso(text(self.member, "communication_disabled_until"));
        let until = until.and_then(|until| u64::try_from(until).ok());
        until.is_some_and(|until| until >= self.now.0 / 1000)
    }
}

/// Says whether a channel is a thread.
pub(super) fn is_thread(channel: &Value) -> bool {
    matches!(number(channel, "type"), 10..=12)
}

/// Returns a text of an object; blank if it has none.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a number of an object; 0 if it has none.
pub(super) fn number(object: &Value, name: &str) -> u64 {
    object.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn flag(object: &Value, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn items<'v>(object: &'v Value, name: &str) -> &'v [Value] {
    object.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Returns a bit set, which Discord writes as a decimal text.
fn bits(object: &Value, name: &str) -> u64 {
    text(object, name).parse().unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
