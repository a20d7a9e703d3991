//! The platforms of the simulated world behind one type: the program picks by the question's platform.

use std::rc::Rc;

use miyabi_channels::discord::{self, transport};
use miyabi_channels::web;
use miyabi_core::delegate_transport;
use miyabi_core::question::Question;
use miyabi_core::transport::Transports;

use crate::services::plain;
use crate::world::Sim;

/// A platform, as one run of the program sees it.
#[derive(Debug, Clone)]
pub enum Platform {
    /// Discord, through the program's own transport.
    Discord(transport::Discord<Sim>),
    /// The web, whose people read in their conversations.
    Web(web::transport::Web),
    /// The platform that can only send.
    Plain(plain::Transport),
}

impl Sim {
    /// Returns the platform of a name; `None` if there is none.
    pub fn transport(&self, platform: &str) -> Option<Platform> {
        match platform {
            discord::PLATFORM => {
                let settings = Rc::clone(&self.world.settings.discord);
                Some(Platform::Discord(transport::Discord::new(self.clone(), settings)))
            }
            web::PLATFORM => Some(Platform::Web(web::transport::Web)),
            plain::PLATFORM => {
                let (plain, store) = (&self.world.plain, &self.world.store);
                Some(Platform::Plain(plain::Transport::new(plain, store, &self.run)))
            }
            _ => None,
        }
    }
}

impl Transports for Sim {
    type One = Platform;

    fn of(&self, question: &Question) -> Option<Platform> {
        Some(match self.transport(&question.platform)? {
            Platform::Discord(discord) => Platform::Discord(discord.of_question(question)),
            other @ (Platform::Web(_) | Platform::Plain(_)) => other,
        })
    }
}

delegate_transport!([] Platform { Discord, Web, Plain });
