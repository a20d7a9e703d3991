//! Every channel, and how its messages reach people: the one place that knows them all.

use std::rc::Rc;

use miyabi_channels::discord;
use miyabi_channels::discord::transport::Discord;
use miyabi_channels::sent::SentFile;
use miyabi_channels::slack;
use miyabi_channels::slack::transport::Slack;
use miyabi_channels::telegram;
use miyabi_channels::telegram::transport::Telegram;
use miyabi_channels::web;
use miyabi_channels::web::transport::Web;
use miyabi_channels::whatsapp;
use miyabi_channels::whatsapp::transport::WhatsApp;
use miyabi_core::config::Settings;
use miyabi_core::delegate_transport;
use miyabi_core::ports::{Clock, Host, Sql};
use miyabi_core::question::Question;
use miyabi_core::transport::Transports;

/// A channel.
#[derive(Debug, Clone)]
pub enum Channel<H> {
    /// Discord.
    Discord(Discord<H>),
    /// Slack.
    Slack(Slack<H>),
    /// Telegram.
    Telegram(Telegram<H>),
    /// The web.
    Web(Web),
    /// WhatsApp.
    WhatsApp(WhatsApp<H>),
}

impl<H: Host + Clone> Channel<H> {
    /// Returns Discord as it is configured.
    ///
    /// What is generic over transports is compiled for each: called with a channel it is there once.
    pub fn discord(host: &H, settings: &Settings) -> Self {
        Self::Discord(Discord::new(host.clone(), Rc::clone(&settings.discord)))
    }

    /// Returns the bytes of a file that came with a message; `None` if its channel does not have it, or not now, or it is
    /// longer than `limit_bytes`.
    ///
    /// # Repeats
    /// Reads only.
    pub async fn download(&self, file: &SentFile, limit_bytes: usize) -> Option<Vec<u8>> {
        match self {
            Self::Slack(slack) => slack.download(file, limit_bytes).await,
            Self::Telegram(telegram) => telegram.download(file, limit_bytes).await,
            Self::WhatsApp(whatsapp) => whatsapp.download(file, limit_bytes).await,
            Self::Discord(_) | Self::Web(_) => None,
        }
    }
}

/// Deletes what channels have kept for long enough, also of those that are off by now.
///
/// # Repeats
/// Finds nothing.
pub async fn forget(host: &(impl Sql + Clock)) {
    telegram::albums::forget(host, host.now()).await;
    whatsapp::kept::forget(host).await;
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
            slack::PLATFORM => {
                let settings = Rc::clone(self.settings.slack.as_ref()?);
                let transport = Slack::new(self.host.clone(), settings);
                Some(Channel::Slack(transport.of_question(question)))
            }
            telegram::PLATFORM => {
                let settings = Rc::clone(self.settings.telegram.as_ref()?);
                Some(Channel::Telegram(Telegram::new(self.host.clone(), settings)))
            }
            web::PLATFORM => Some(Channel::Web(Web)),
            whatsapp::PLATFORM => {
                let settings = Rc::clone(self.settings.whatsapp.as_ref()?);
                Some(Channel::WhatsApp(WhatsApp::new(self.host.clone(), settings)))
            }
            _ => None,
        }
    }
}

delegate_transport!([H: Host + Clone] Channel<H> { Discord, Slack, Telegram, Web, WhatsApp });
