//! Shows the bot the server: a channel, the roles, and who is there.

use serde_json::{Value, json};

use crate::discord::interactions::payload;
use crate::discord::route::Member;
use crate::discord::state::State;
use crate::discord::world::{self, GUILD_ID, Kind, PEOPLE, Person};
use crate::discord::{errors, permissions};
use crate::http::Reply;

/// The server's owner, who is nobody of the lab's people.
const OWNER_ID: &str = "1180000000000000509";

/// `GET /channels/{id}`.
pub(crate) fn channel(state: &State, id: &str) -> Result<Reply, Reply> {
    let channel = world::CHANNELS.into_iter().find(|known| known.id == snowflake(id));
    let channel = channel.ok_or_else(|| errors::unknown_channel(404))?;
    permissions::check_access(&state.config.permissions, channel)?;
    let mut shown = payload::describe(channel);
    // An interaction has what its sender may do; here Discord does not say whose that would be.
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("permissions");
    }
    match channel.kind {
        Kind::Thread => {
            shown["thread_metadata"]["archived"] =
                json!(state.config.thread_archived || state.config.thread_locked);
            shown["thread_metadata"]["locked"] = json!(state.config.thread_locked);
        }
        Kind::Text | Kind::Forum => shown["permission_overwrites"] = json!([]),
        Kind::Direct | Kind::Group => {
            shown["recipients"] = PEOPLE.into_iter().map(payload::user).collect();
        }
    }
    Ok(Reply::json(200, shown))
}

/// `GET /guilds/{id}`: everybody has the same rights, by the role that has the server's id.
pub(crate) fn guild(id: &str) -> Result<Reply, Reply> {
    if snowflake(id) != GUILD_ID {
        return Err(errors::unknown_guild());
    }
    let everybody = json!({
        "id": GUILD_ID, "name": "@everyone", "permissions": payload::PERMISSIONS, "position": 0,
        "color": 0, "hoist": false, "managed": false, "mentionable": false, "flags": 0,
    });
    let guild = json!({
        "id": GUILD_ID, "name": "Lab", "owner_id": OWNER_ID, "roles": [everybody], "emojis": [],
        "features": [], "icon": null, "preferred_locale": "en-US", "verification_level": 0,
    });
    Ok(Reply::json(200, guild))
}

/// `GET /guilds/{id}/members/{user}`.
pub(crate) fn member(state: &State, Member { of, user }: &Member) -> Result<Reply, Reply> {
    if snowflake(of) != GUILD_ID {
        return Err(errors::unknown_guild());
    }
    let person = person(user)?;
    let mut member = payload::member(person, &payload::user(person));
    if let Some(fields) = member.as_object_mut() {
        fields.remove("permissions");
    }
    if state.config.timed_out.iter().any(|name| name == person.username) {
        member["communication_disabled_until"] = json!("3000-01-01T00:00:00.000000+00:00");
    }
    Ok(Reply::json(200, member))
}

/// `GET /channels/{id}/thread-members/{user}`: everybody is in every thread.
pub(crate) fn thread_member(state: &State, Member { of, user }: &Member) -> Result<Reply, Reply> {
    let thread = world::CHANNELS.into_iter().find(|known| known.id == snowflake(of));
    let thread = thread.ok_or_else(|| errors::unknown_channel(404))?;
    permissions::check_access(&state.config.permissions, thread)?;
    if thread.kind != Kind::Thread {
        return Err(errors::wrong_channel_type());
    }
    let person = person(user)?;
    let joined = "2024-01-01T00:00:00.000000+00:00";
    let member: Value =
        json!({ "id": thread.id, "user_id": person.id, "join_timestamp": joined, "flags": 0 });
    Ok(Reply::json(200, member))
}

fn person(id: &str) -> Result<Person, Reply> {
    PEOPLE.into_iter().find(|person| person.id == snowflake(id)).ok_or_else(errors::unknown_member)
}

/// Returns an id that is one, and else what nothing has.
fn snowflake(id: &str) -> &str {
    if id.bytes().all(|byte| byte.is_ascii_digit()) { id } else { "" }
}
