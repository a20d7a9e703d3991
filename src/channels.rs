//! Every channel, and how its messages reach people: the one place that knows them all.

use std::rc::Rc;

use miyabi_channels::discord;
use miyabi_channels::discord::transport::Discord;
use miyabi_channels::telegram;
use miyabi_channels::telegram::transport::Telegram;
use miyabi_channels::web;
use miyabi_channels::web::transport::Web;
use miyabi_core::config::Settings;
use miyabi_core::delegate_transport;
use miyabi_core::ports::Host;
use miyabi_core::question::Question;
use miyabi_core::transport::Transports;

/// A channel.
#[derive(Debug, Clone)]
pub enum Channel<H> {
    /// Discord.
    Discord(Discord<H>),
    /// Telegram.
    Telegram(Telegram<H>),
    /// The web.
    Web(Web),
}

impl<H: Host + Clone> Channel<H> {
    /// Returns Discord as it is configured.
    ///
    /// What is generic over transports is compiled for each: called with a channel it is there once.
    pub fn discord(host: &H, settings: &Settings) -> Self {
        Self::Discord(Discord::new(host.clone(), Rc::clone(&settings.discord)))
    }
}

/// The channels that are set up.
#[derive(Debug)]
pub struct Channels<'a, H> {
    /// Ports.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
}

impl<H: Host + Clone> Transports for Channels<'_, H> {
    type One = Channel<H>;

    fn of(&self, question: &Question) -> Option<Channel<H>> {
        match question.platform.as_str() {
            discord::PLATFORM => {
                let settings = Rc::clone(&self.settings.discord);
                if !settings.is_on() {
                    return None;
                }
                let transport = Discord::new(self.host.clone(), settings);
                Some(Channel::Discord(transport.of_question(question)))
            }
            telegram::PLATFORM => {
                let settings = Rc::clone(self.settings.telegram.as_ref()?);
                Some(Channel::Telegram(Telegram::new(self.host.clone(), settings)))
            }
            web::PLATFORM => Some(Channel::Web(Web)),
            _ => None,
        }
    }
}

delegate_transport!([H: Host + Clone] Channel<H> { Discord, Telegram, Web });
