//! Which messenger stands where a seed has its chats.

use super::rng::Rng;

/// A messenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Messenger {
    /// A platform that can only send, with a way to it of the simulation's own.
    #[default]
    Plain,
    /// Telegram, by the program's own transport.
    Telegram,
    /// Slack, by the program's own transport.
    Slack,
    /// WhatsApp, by the program's own transport.
    WhatsApp,
}

impl Messenger {
    /// Draws one. `rng` is a generator of its own, so that everything else is as it was.
    pub fn draw(rng: &Rng) -> Self {
        let all = [Self::Plain, Self::Telegram, Self::Slack, Self::WhatsApp];
        rng.pick(&all).unwrap_or_default()
    }

    /// Returns whether what was sent can be found again.
    pub const fn can_find(self) -> bool {
        matches!(self, Self::Slack | Self::WhatsApp)
    }
}
