//! Builds the JSON of an interaction, with the fields that Discord sends.

use serde_json::{Value, json};

use super::Install;
use crate::discord::attachments::MAX_BYTES;
use crate::discord::world::{
    APPLICATION_ID, COMMAND_ID, Channel, GUILD_ID, Kind, PEOPLE, Person, sign,
};
use crate::merge::merge;

/// The permissions of a person in the server.
pub(crate) const PERMISSIONS: &str = "2251799813685247";

/// The token of an interaction, as long as Discord's, made from its id.
pub(crate) fn token(id: &str) -> String {
    format!("aW50ZXJhY3Rpb246{}{}", hex::encode(id), sign("interaction", id.as_bytes()))
}

/// Discord's check that the endpoint is alive.
pub(crate) fn ping(person: Person) -> Value {
    json!({
        "application_id": APPLICATION_ID, "type": 1, "version": 1, "user": user(person),
        "entitlements": [], "entitlement_sku_ids": [], "authorizing_integration_owners": {},
    })
}

/// The command `/ask`, with its question if there is one.
///
/// `permissions` is what the application may do in the channel.
pub(crate) fn command(
    person: Person,
    channel: Channel,
    ask: Option<&str>,
    install: Install,
    permissions: &str,
) -> Value {
    let context = match channel.kind {
        Kind::Text | Kind::Forum | Kind::Thread => 0,
        Kind::Direct => 1,
        Kind::Group => 2,
    };
    let mut built = json!({
        "application_id": APPLICATION_ID, "type": 2, "version": 1,
        "data": { "id": COMMAND_ID, "name": "ask", "type": 1 },
        "entitlements": [], "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners(person, channel, install),
        "channel_id": channel.id, "channel": describe(channel), "app_permissions": permissions,
        "locale": person.locale, "context": context,
        "attachment_size_limit": MAX_BYTES,
    });
    if let Some(question) = ask {
        built["data"]["options"] = json!([{ "name": "question", "type": 3, "value": question }]);
    }
    if channel.is_private() {
        built["user"] = user(person);
        return built;
    }
    merge(
        &mut built,
        &json!({
            "guild_id": GUILD_ID, "guild_locale": "en-US",
            "guild": { "id": GUILD_ID, "locale": "en-US", "features": [] },
            "member": member(person, &user(person)), "data": { "guild_id": GUILD_ID },
        }),
    );
    built
}

fn owners(person: Person, channel: Channel, install: Install) -> Value {
    match install {
        Install::User => json!({ "1": person.id }),
        Install::Server => json!({ "0": if channel.is_private() { "0" } else { GUILD_ID } }),
    }
}

pub(crate) fn user(person: Person) -> Value {
    json!({
        "id": person.id, "username": person.username, "global_name": person.global_name,
        "avatar": person.avatar, "avatar_decoration_data": null, "clan": null,
        "collectibles": null, "discriminator": "0", "primary_guild": null, "public_flags": 0,
    })
}

pub(crate) fn member(person: Person, user: &Value) -> Value {
    json!({
        "user": user, "nick": person.nick, "avatar": null, "banner": null,
        "communication_disabled_until": null, "deaf": false, "flags": 0,
        "joined_at": "2024-01-01T00:00:00.000000+00:00", "mute": false, "pending": false,
        "permissions": PERMISSIONS, "premium_since": null, "roles": [],
        "unusual_dm_activity_until": null,
    })
}

pub(crate) fn describe(channel: Channel) -> Value {
    let mut value = json!({
        "id": channel.id, "type": channel.kind.number(), "flags": 0, "last_message_id": null,
    });
    if channel.kind == Kind::Group {
        let [owner, ..] = PEOPLE;
        merge(&mut value, &json!({ "name": "Friends", "icon": null, "owner_id": owner.id }));
    }
    if channel.is_private() {
        return value;
    }
    merge(
        &mut value,
        &json!({
            "guild_id": GUILD_ID, "name": channel.name, "nsfw": false, "parent_id": channel.parent,
            "permissions": PERMISSIONS, "position": 0, "rate_limit_per_user": 0, "topic": null,
        }),
    );
    if channel.kind == Kind::Thread {
        value["owner_id"] = json!(APPLICATION_ID);
        value["thread_metadata"] = json!({
            "archived": false, "archive_timestamp": "2024-01-01T00:00:00.000000+00:00",
            "auto_archive_duration": 4320, "locked": false,
            "create_timestamp": "2024-01-01T00:00:00.000000+00:00",
        });
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Install, command};
    use crate::discord::world::{channel, person};

    fn built(who: &str, place: &str) -> Value {
        let (person, channel) = (person(who).unwrap(), channel(place).unwrap());
        command(person, channel, Some("why?"), Install::Server, "0")
    }

    #[test]
    fn a_server_has_a_member_and_a_direct_message_has_a_user() {
        let server = built("mio", "general");
        assert_eq!(server["member"]["nick"], "みお");
        assert_eq!(server["context"], 0);
        assert!(server.get("user").is_none());
        let direct = built("alex", "dm");
        assert_eq!(direct["user"]["username"], "alex");
        assert_eq!(direct["context"], 1);
        assert!(direct.get("member").is_none() && direct.get("guild_id").is_none());
        assert_eq!(built("mio", "thread")["channel"]["parent_id"], channel("general").unwrap().id);
    }
}
