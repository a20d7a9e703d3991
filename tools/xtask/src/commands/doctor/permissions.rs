//! What a bot may do in a channel, by its roles and the channel's overwrites.
//!
//! # Source
//! Discord Docs/Permissions, Permission Hierarchy and Overwrites, read 2026-11-21.

use crate::value::text;
use serde_json::Value;

/// Read Message History.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
const ADMINISTRATOR: u64 = 1 << 3;

/// What Discord answers about a bot and a channel.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The bot user's id.
    pub bot: &'a str,
    /// `GET /channels/{id}`.
    pub channel: &'a Value,
    /// `GET /guilds/{id}/members/{bot}`.
    pub member: &'a Value,
    /// `GET /guilds/{id}/roles`.
    pub roles: &'a Value,
}

/// Returns the bot's permissions in the channel: first what its roles give, then what the channel
/// takes and gives to everyone, to its roles together, and to itself.
pub fn bits(facts: Facts<'_>) -> u64 {
    let everyone = text(facts.channel, "guild_id");
    let own = facts.member.get("roles").and_then(Value::as_array);
    let own: Vec<&str> = own.into_iter().flatten().filter_map(Value::as_str).collect();
    let roles = facts.roles.as_array().into_iter().flatten();
    let has = |role: &&Value| text(role, "id") == everyone || own.contains(&text(role, "id"));
    let base = roles.filter(has).fold(0, |bits, role| bits | number(role, "permissions"));
    if base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let overwrites = facts.channel.get("permission_overwrites").and_then(Value::as_array);
    let apply = |bits: u64, is_meant: &dyn Fn(&str) -> bool| {
        let meant = overwrites.into_iter().flatten().filter(|one| is_meant(text(one, "id")));
        let (deny, allow) = meant.fold((0, 0), |(deny, allow), one| {
            (deny | number(one, "deny"), allow | number(one, "allow"))
        });
        bits & !deny | allow
    };
    let bits = apply(base, &|id| id == everyone);
    let bits = apply(bits, &|id| own.contains(&id));
    apply(bits, &|id| id == facts.bot)
}

/// Permissions are numbers in text: they have more bits than JavaScript's numbers.
fn number(value: &Value, field: &str) -> u64 {
    text(value, field).parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const VIEW: u64 = 1 << 10;

    fn check(overwrites: &Value, roles: &Value) -> u64 {
        let channel = json!({ "id": "9", "guild_id": "1", "permission_overwrites": overwrites });
        let member = json!({ "roles": ["2", "3"] });
        bits(Facts { bot: "7", channel: &channel, member: &member, roles })
    }

    fn roles(everyone: u64, second: u64, third: u64) -> Value {
        json!([
            { "id": "1", "permissions": everyone.to_string() },
            { "id": "2", "permissions": second.to_string() },
            { "id": "3", "permissions": third.to_string() },
            { "id": "4", "permissions": u64::MAX.to_string() },
        ])
    }

    fn overwrite(id: &str, allow: u64, deny: u64) -> Value {
        json!({ "id": id, "type": 0, "allow": allow.to_string(), "deny": deny.to_string() })
    }

    #[test]
    fn roles_add_up_and_those_of_others_do_not_count() {
        assert_eq!(check(&json!([]), &roles(VIEW, READ_MESSAGE_HISTORY, 1)), VIEW | 1 << 16 | 1);
        assert_eq!(check(&json!([]), &roles(0, 0, 0)), 0);
    }

    #[test]
    fn an_administrator_may_do_everything_whatever_the_channel_says() {
        let denied = json!([overwrite("1", 0, u64::MAX), overwrite("7", 0, u64::MAX)]);
        assert_eq!(check(&denied, &roles(0, ADMINISTRATOR, 0)), u64::MAX);
    }

    #[test]
    fn overwrites_go_from_everyone_over_roles_to_the_bot_itself() {
        let roles = roles(VIEW, 0, 0);
        let everyone = overwrite("1", 0, VIEW);
        assert_eq!(check(&json!([everyone]), &roles), 0);
        assert_eq!(check(&json!([everyone, overwrite("3", VIEW, 0)]), &roles), VIEW);
        // Of the bot's roles, one that gives wins over one that takes.
        let both = json!([overwrite("2", 0, VIEW), overwrite("3", VIEW, 0)]);
        assert_eq!(check(&both, &roles), VIEW);
        assert_eq!(check(&json!([overwrite("3", VIEW, 0), overwrite("7", 0, VIEW)]), &roles), 0);
        // Of somebody else, and of a role that the bot does not have.
        assert_eq!(check(&json!([overwrite("8", 0, VIEW), overwrite("4", 0, VIEW)]), &roles), VIEW);
    }

    #[test]
    fn what_is_missing_gives_nothing() {
        let nothing = json!({});
        let facts = Facts { bot: "7", channel: &nothing, member: &nothing, roles: &nothing };
        assert_eq!(bits(facts), 0);
    }
}
