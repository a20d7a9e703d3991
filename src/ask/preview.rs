//! Where does an answer grow? In place of "thinking…", which the asker alone sees; the channel gets it
//! whole.

use super::{parts, reply};
use crate::ai::growing::{Preview, Shown};
use crate::channels::discord::Ports;
use crate::channels::discord::post::{self, Outcome};
use crate::channels::{Question, discord::MAX_CONTENT_CHARS};
use crate::config::Settings;
use crate::fault::DiscordError;

/// What stands after a text that is not at its end yet.
const MORE: &str = " …";

/// The deferred reply of a question.
#[derive(Debug)]
pub struct GrowingReply<'a, H> {
    /// Ports.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
    /// Question.
    pub question: &'a Question,
}

impl<H: Ports> Preview for GrowingReply<'_, H> {
    async fn show(&self, text: &str) -> Shown {
        let interaction = reply::interaction(self.settings, self.question);
        match post::preview_reply(self.host, interaction, &first_of(text, self.question)).await {
            // Discord may not have seen our acknowledgement yet.
            Ok(Outcome::Done | Outcome::Missing | Outcome::Expired) => Shown::Seen,
            Err(DiscordError::Limited { .. }) => Shown::Limited,
            Err(DiscordError::NoResponse { .. }) => Shown::Unclear,
            // After an inner error of Discord's the edit may have been made, but it is over.
            Err(DiscordError::Refused { .. } | DiscordError::Expired) => Shown::Refused,
        }
    }
}

/// Returns what fits into the first message of a growing answer.
fn first_of(text: &str, question: &Question) -> String {
    let mut parts = parts::split(text, question.language);
    let is_one = parts.len() == 1;
    let mut first = parts.swap_remove(0).content;
    if is_one && first.chars().count() + MORE.len() <= MAX_CONTENT_CHARS {
        first.push_str(MORE);
    }
    first
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::fake::{Fake, question, run, settings};

    fn show(world: &Fake, text: &str) -> Shown {
        let (settings, question) = (settings(), question("hi"));
        let reply = GrowingReply { host: world, settings: &settings, question: &question };
        run(reply.show(text)).unwrap()
    }

    #[test]
    fn grows_in_place_of_thinking() {
        let world = Fake::new();
        assert_eq!(show(&world, "It is"), Shown::Seen);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("It is …"));
        assert_eq!(show(&world, "It is noon."), Shown::Seen);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("It is noon. …"));
    }

    #[test]
    fn stays_within_one_message() {
        let world = Fake::new();
        assert_eq!(show(&world, &"あ".repeat(5_000)), Shown::Seen);
        let reply = world.discord.borrow().reply.clone().unwrap();
        assert_eq!(reply.chars().count(), MAX_CONTENT_CHARS);
        assert_eq!(show(&world, &"あ".repeat(MAX_CONTENT_CHARS)), Shown::Seen);
    }
}
