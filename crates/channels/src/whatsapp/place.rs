//! Where a question was asked: the text that it carries for WhatsApp's transport.

use serde::{Deserialize, Serialize};

use miyabi_core::json;
use miyabi_core::question::Question;

/// Where a question was asked.
///
/// # Shape
/// A stored format: `{"number":"106540352242922","phone":"16505551234","user":"US.1","group":"Y2Fw","message":"wamid.x","wrote_s":1700000000}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Id of the business phone number that was written to.
    pub number: String,
    /// Phone number of who wrote; `None` where Meta does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What Meta calls who wrote, in this business alone; `None` where Meta does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Group, `None` where nobody reads along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Id of the message that asks.
    pub message: String,
    /// When it was written by Meta's clock, in Unix seconds; 0 where Meta does not tell it. A question does not say: a
    /// reminder is asked when it is due, and what comes late when it came.
    #[serde(default)]
    pub wrote_s: u64,
}

impl Place {
    /// Reads the place of a question; `None` if it was not written here.
    pub fn of(question: &Question) -> Option<Self> {
        json::parse(&question.place)
    }

    /// Returns the text that [`Place::of`] reads.
    pub fn to_text(&self) -> String {
        // Words always have JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns what Meta calls who wrote: their number may change, and may be hidden.
    pub fn sender(&self) -> &str {
        self.user.as_deref().or(self.phone.as_deref()).unwrap_or_default()
    }

    /// Returns what tells this chat from others of its number.
    pub fn chat(&self) -> &str {
        self.group.as_deref().unwrap_or_else(|| self.sender())
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        let alone = Place {
            number: "106540352242922".to_owned(),
            phone: Some("16505551234".to_owned()),
            user: None,
            group: None,
            message: "wamid.x".to_owned(),
            wrote_s: 1_700_000_000,
        };
        let known = Place { user: Some("US.1".to_owned()), ..alone.clone() };
        let shared = Place { group: Some("Y2Fw".to_owned()), ..known.clone() };
        let chats = [&alone, &known, &shared].map(Place::chat);
        assert_eq!(chats, ["16505551234", "US.1", "Y2Fw"]);
        for place in [alone, known, shared] {
            let question = Question { place: place.to_text(), ..miyabi_testing::question("hi") };
            assert_eq!(Place::of(&question), Some(place));
        }
        assert_eq!(Place::of(&miyabi_testing::question("hi")), None, "a channel of Discord");
    }
}
