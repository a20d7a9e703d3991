//! Times in which a service is away altogether, and how it shows.

use super::rng::Rng;

/// A time in which a service is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// What is away.
    pub service: Service,
    /// How it shows.
    pub symptom: Symptom,
    /// Begin, in milliseconds since the seed's begin.
    pub from_ms: u64,
    /// End.
    pub to_ms: u64,
}

/// A part of the world that can be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The database.
    Store,
    /// Starting Workflows and asking for their state.
    Engine,
    /// Putting messages on the queue.
    Queue,
    /// Webhooks of Discord.
    Webhooks,
    /// Replies to interactions.
    Interactions,
    /// Reading channels.
    Channels,
    /// All of Discord.
    Discord,
    /// The platform that can only send.
    Plain,
    /// The model.
    Model,
    /// Conversations.
    Objects,
    /// The database and the engine at once: only the queue is left.
    Platform,
}

/// How a service shows that it is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symptom {
    /// An error.
    Errors,
    /// No answer.
    Silence,
    /// 429 that says when it ends.
    Limited,
    /// 403 or 429 as a web page, or 403 with code 40333, by whoever stands in front of Discord.
    Blocked,
}

const SERVICES: [Service; 11] = [
    Service::Store,
    Service::Engine,
    Service::Queue,
    Service::Webhooks,
    Service::Interactions,
    Service::Channels,
    Service::Discord,
    Service::Plain,
    Service::Model,
    Service::Objects,
    Service::Platform,
];
const SYMPTOMS: [Symptom; 4] =
    [Symptom::Errors, Symptom::Silence, Symptom::Limited, Symptom::Blocked];
/// Outages begin in the first minutes, when questions are open, and end.
const OUTAGE_FROM_MS: u64 = 10 * 60_000;
const OUTAGE_MS: [u64; 4] = [10_000, 45_000, 150_000, 300_000];

/// An outage that lasts as long as a job begins so early.
const LONG_FROM_MS: u64 = 2 * 60_000;
const LONG_MS: u64 = 15 * 60_000;

/// The longest limit that is known: telegraf issue 1046.
const HOURS_MS: u64 = 18_053_000;

impl Outage {
    /// Draws an outage.
    pub fn draw(rng: &Rng) -> Self {
        let service = rng.pick(&SERVICES).unwrap_or(Service::Store);
        let symptom = if service.is_discord() || service == Service::Plain {
            rng.pick(&SYMPTOMS).unwrap_or(Symptom::Errors)
        } else {
            rng.pick(&[Symptom::Errors, Symptom::Silence]).unwrap_or(Symptom::Errors)
        };
        let from_ms = rng.below(OUTAGE_FROM_MS);
        let to_ms = from_ms + rng.pick(&OUTAGE_MS).unwrap_or(10_000);
        Self { service, symptom, from_ms, to_ms }
    }

    /// Draws an outage of the platform that can only send, for as long as a job lasts: the watchdog meets
    /// answers that nobody could deliver.
    pub fn draw_long(rng: &Rng) -> Self {
        let symptom = rng.pick(&SYMPTOMS).unwrap_or(Symptom::Errors);
        let from_ms = rng.below(LONG_FROM_MS);
        Self { service: Service::Plain, symptom, from_ms, to_ms: from_ms + LONG_MS }
    }

    /// Draws a limit of hours of the platform that can only send.
    pub fn draw_hours(rng: &Rng) -> Self {
        let from_ms = rng.below(LONG_FROM_MS);
        let to_ms = from_ms + HOURS_MS;
        Self { service: Service::Plain, symptom: Symptom::Limited, from_ms, to_ms }
    }
}

impl Service {
    /// Returns whether the one is away when the other is.
    pub const fn includes(self, other: Self) -> bool {
        match self {
            Self::Discord => other.is_discord(),
            Self::Platform => matches!(other, Self::Store | Self::Engine | Self::Platform),
            Self::Store => matches!(other, Self::Store),
            Self::Engine => matches!(other, Self::Engine),
            Self::Queue => matches!(other, Self::Queue),
            Self::Webhooks => matches!(other, Self::Webhooks),
            Self::Interactions => matches!(other, Self::Interactions),
            Self::Channels => matches!(other, Self::Channels),
            Self::Plain => matches!(other, Self::Plain),
            Self::Model => matches!(other, Self::Model),
            Self::Objects => matches!(other, Self::Objects),
        }
    }

    /// Returns whether it is a part of Discord.
    pub const fn is_discord(self) -> bool {
        matches!(self, Self::Webhooks | Self::Interactions | Self::Channels | Self::Discord)
    }
}
