//! Where a question is asked on each messenger: the text that its transport reads, and what tells the chat from others.

use miyabi_channels::{slack, telegram, whatsapp};

use super::PLATFORM;
use crate::base::messenger::Messenger;

/// Chat of the group.
const GROUP: u64 = 5_001;
/// The one business number of WhatsApp.
pub(super) const NUMBER: &str = "106540352242922";

/// A place in which a question is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Platform's name, in a question.
    pub platform: &'static str,
    /// Text that the transport reads.
    pub text: String,
    /// What tells the chat from others.
    pub chat: String,
}

/// Returns where a person asks their question of a number, at a time in Unix seconds: in the group, or alone.
pub fn place(
    messenger: Messenger,
    is_group: bool,
    (asker, index): (&str, usize),
    asked_s: u64,
) -> Place {
    let alone: u64 = asker.parse().unwrap_or_default();
    let number = if is_group { GROUP } else { alone };
    match messenger {
        Messenger::Plain => {
            Place { platform: PLATFORM, text: number.to_string(), chat: number.to_string() }
        }
        Messenger::Telegram => {
            let (chat, index) = (i64::try_from(number), i64::try_from(index));
            let (chat, index) = (chat.unwrap_or_default(), index.unwrap_or_default());
            // A message to somebody alone says nothing of the question that it answers: its chat does.
            let chat = if is_group { -chat } else { chat * 100 + index };
            let message = index + 1;
            let place = telegram::place::Place { chat, topic: None, message, is_group };
            Place { platform: telegram::PLATFORM, text: place.to_text(), chat: chat.to_string() }
        }
        Messenger::Slack => {
            let channel = format!("{}{number}", if is_group { 'C' } else { 'D' });
            let thread = is_group.then(|| format!("{asked_s}.{index:06}"));
            let chat = chat_of_slack(&channel, thread.as_deref());
            let text = slack::place::Place {
                team: "T1".to_owned(),
                channel,
                thread,
                user: format!("U{asker}"),
                home: None,
                is_shared: is_group,
            }
            .to_text();
            Place { platform: slack::PLATFORM, text, chat }
        }
        Messenger::WhatsApp => {
            let group = is_group.then(|| number.to_string());
            let place = whatsapp::place::Place {
                number: NUMBER.to_owned(),
                phone: Some(asker.to_owned()),
                user: None,
                group,
                message: format!("wamid.in.{index}"),
                wrote_s: asked_s,
            };
            Place { platform: whatsapp::PLATFORM, text: place.to_text(), chat: number.to_string() }
        }
    }
}

/// Returns what tells a chat of Slack from others.
pub(super) fn chat_of_slack(channel: &str, thread: Option<&str>) -> String {
    thread.map_or_else(|| channel.to_owned(), |thread| format!("{channel}/{thread}"))
}
