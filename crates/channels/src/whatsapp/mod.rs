//! WhatsApp: deliveries in, messages by the Cloud API out.
//!
//! 1. [`verify`]: bytes → verified bytes, or 401; and the challenge by which Meta tries an address.
//! 2. [`parse`]: verified bytes → every message and every status of a delivery, or 400.
//! 3. [`kept`]: which messages came, and what became of those that were sent.
//! 4. [`transport`]: messages to people, by [`call`] of [`methods`]; [`marks`] says how Markdown looks there.
//! 5. [`files`]: what comes with a message.
//!
//! | class of error | what Meta says | what follows |
//! | --- | --- | --- |
//! | retry | 429, codes 4, 80007, 130429 and, for one person, 131056 | waited for |
//! | retry | 5xx, codes 1, 2, 131000 and 131016, no response, a page of somebody else's | looked for, and then tried again |
//! | ask a person | 131047 (a day without their message), 131026 (cannot be reached), 131048 and 131049 (kept from them) | the job ends; a template reaches who has not written for a day |
//! | never | 100, 131008, 131009, 131051 to 131053 | the job ends |
//! | configuration | 10, 190, 200 to 299, 131005, 131031, 131042, 132000 to 132016, 133010 | the job ends; `cargo xtask doctor` says what is wrong |
//!
//! # Source
//! WhatsApp Cloud API v23.0, error codes, as quoted by others, and Meta's `OpenAPI` description of the API (MIT),
//! read 2026-11-30.

mod buttons;
pub mod call;
pub mod files;
pub mod kept;
pub mod marks;
pub mod methods;
pub mod parse;
pub mod place;
pub mod transport;
pub mod verify;

use miyabi_core::ids::JobId;
use miyabi_core::ports::{Clock, Http, Log, Sql};

use crate::digest::digest;

/// What calls of the Graph API need: limits that they meet are remembered for all (see [`crate::breaker`]), and what
/// Meta tells of a message later is read from the database.
pub trait Ports: Http + Clock + Sql + Log {}

impl<T: Http + Clock + Sql + Log> Ports for T {}

/// Name of the platform.
pub const PLATFORM: &str = "whatsapp";

/// Longest text of a message, in UTF-16 units: Meta does not say in which unit it counts, and no other is shorter.
///
/// # Source
/// WhatsApp Cloud API v23.0, text messages, read 2026-11-30.
pub const MAX_TEXT: usize = 4096;

/// Longest text of a message with buttons or a list, and longest caption, in UTF-16 units.
///
/// # Source
/// WhatsApp Cloud API v23.0, interactive and media messages, read 2026-11-30.
pub const MAX_SHORT: usize = 1024;

/// Returns a person's id, as no other platform has one, by what Meta calls them.
pub fn person(user: &str) -> String {
    [PLATFORM, ":", user].concat()
}

/// Returns how ids name a group, whose own ids have signs that ours have not.
pub fn group_key(group: &str) -> String {
    digest(group)
}

/// Returns how the name of a conversation names the chats of a phone number, or one of its groups.
pub fn place_name(number: &str, group: Option<&str>) -> String {
    group.map_or_else(|| number.to_owned(), |group| [number, ".", &group_key(group)].concat())
}

/// Returns the name of the object of one person's conversation in a place.
pub fn conversation_name(place: &str, person: &str) -> String {
    [PLATFORM, ":", place, ":", person].concat()
}

/// Returns the place of a conversation by its id in a person's list, `whatsapp.NUMBER` or `whatsapp.NUMBER.GROUP`; `None`
/// for one of elsewhere.
pub fn place_of(id: &str) -> Option<&str> {
    let place = id.strip_prefix(PLATFORM)?.strip_prefix('.')?;
    let (number, group) =
        place.split_once('.').map_or((place, None), |(it, rest)| (it, Some(rest)));
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    let is_key = |key: &str| {
        key.len() == 16 && key.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
    };
    (is_number && group.is_none_or(is_key)).then_some(place)
}

/// Returns whether a turn of a conversation has the id of a message, so was asked on WhatsApp.
pub fn is_turn(id: &str) -> bool {
    id.strip_prefix(PLATFORM).is_some_and(|rest| rest.starts_with('_'))
}

/// Returns the id of the job that a message to a phone number asks for: the same message twice is one job. Meta's own id
/// of a message holds somebody's phone number, so it is in no id of ours.
pub fn job_id(number: &str, message: &str) -> Option<JobId> {
    JobId::parse(&[PLATFORM, "_", number, "_", &digest(message)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_found_by_its_id() {
        let of_group = place_name("106540352242922", Some("Y2FwaV9ncm91cDoxZD=="));
        for place in ["106540352242922", &of_group] {
            assert_eq!(place_of(&format!("whatsapp.{place}")), Some(place));
        }
        for id in
            ["whatsapp.", "whatsapp.x", "whatsapp.1.", "whatsapp.1.2", "whatsapp.+1", "slack.1"]
        {
            assert_eq!(place_of(id), None, "{id}");
        }
    }

    #[test]
    fn no_id_of_a_job_says_who_asked() {
        let wamid = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=";
        let id = job_id("106540352242922", wamid).unwrap();
        assert!(id.as_str().starts_with("whatsapp_106540352242922_") && is_turn(id.as_str()));
        assert!(!id.as_str().contains("MTY1MDM4Nzk0MzkV"));
        assert_ne!(job_id("106540352242922", "wamid.another"), Some(id));
        assert_eq!(job_id("", " "), JobId::parse("whatsapp__36a9e7f1c95b82ff"));
    }
}
