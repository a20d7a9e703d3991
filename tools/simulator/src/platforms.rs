//! The platforms of the simulated world behind one type: the program picks by the question's platform.

use std::rc::Rc;

use miyabi_channels::discord::{self, transport};
use miyabi_channels::slack::transport::Slack;
use miyabi_channels::telegram::transport::Telegram;
use miyabi_channels::whatsapp::transport::WhatsApp;
use miyabi_channels::{slack, telegram, web, whatsapp};
use miyabi_core::delegate_transport;
use miyabi_core::question::Question;
use miyabi_core::transport::Transports;

use crate::services::plain::{self, Plain};
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
    /// Slack, through the program's own transport, and so are the two below.
    Slack(Slack<Sim>),
    /// Telegram.
    Telegram(Telegram<Sim>),
    /// WhatsApp.
    WhatsApp(WhatsApp<Sim>),
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
                Some(Platform::Plain(plain::Transport::new(&self.world.plain, &self.run)))
            }
            slack::PLATFORM => {
                Some(Platform::Slack(Slack::new(self.clone(), Rc::new(Plain::app()))))
            }
            telegram::PLATFORM => {
                Some(Platform::Telegram(Telegram::new(self.clone(), Rc::new(Plain::bot()))))
            }
            whatsapp::PLATFORM => {
                Some(Platform::WhatsApp(WhatsApp::new(self.clone(), Rc::new(Plain::number()))))
            }
            _ => None,
        }
    }
}

impl Transports for Sim {
    type One = Platform;

    fn of(&self, question: &Question) -> Option<Platform> {
        let found = self.transport(&question.platform)?;
        if let Platform::Discord(discord) = found {
            return Some(Platform::Discord(discord.of_question(question)));
        }
        Some(found)
    }
}

delegate_transport!([] Platform { Discord, Web, Plain, Slack, Telegram, WhatsApp });
