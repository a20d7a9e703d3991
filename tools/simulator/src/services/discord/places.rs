//! The places of Discord in which people ask: channels, threads and a forum of one server, direct messages,
//! and servers in which the application is not installed.

use std::collections::BTreeMap;

use miyabi_channels::discord::place::Rights;

use crate::base::plan::Plan;
use crate::base::rng::Rng;

/// A place where somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// The configured webhook's channel.
    Home,
    /// A thread of it.
    HomeThread,
    /// Another channel, where the application may make webhooks.
    Other,
    /// A thread of it.
    OtherThread,
    /// A thread of a forum.
    Forum,
    /// A channel where the application may make no webhooks.
    Closed,
    /// A channel that the application may not read.
    Dark,
    /// A channel where the asker may not write.
    Mute,
    /// Direct messages.
    Direct,
    /// A server in which only the asker has the application.
    Foreign,
}

/// The places, the usual one more often.
pub const SPOTS: [Spot; 13] = [
    Spot::Home,
    Spot::Home,
    Spot::Home,
    Spot::HomeThread,
    Spot::Other,
    Spot::Other,
    Spot::OtherThread,
    Spot::Forum,
    Spot::Closed,
    Spot::Dark,
    Spot::Mute,
    Spot::Direct,
    Spot::Foreign,
];

/// A channel or thread.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own in Discord too")]
#[derive(Debug, Clone, Default)]
pub struct Channel {
    /// Channel that a thread belongs to.
    pub parent: Option<u64>,
    /// Whether it is a forum: it takes messages in threads only.
    pub is_forum: bool,
    /// Whether the application may read it.
    pub is_readable: bool,
    /// Whether an unreadable channel shows as an empty one: without Read Message History it does.
    pub looks_empty: bool,
    /// Whether the application may make webhooks.
    pub is_managed: bool,
    /// Whether the application sees what messages say.
    pub shows_content: bool,
    /// Whether it is archived and locked.
    pub is_locked: bool,
}

/// Number of the configured webhook's channel.
pub const HOME: u64 = 1_200_000_000_000_000_001;

/// Returns the channel of a spot.
pub const fn channel(spot: Spot) -> Option<u64> {
    match spot {
        Spot::Home => Some(HOME),
        Spot::HomeThread => Some(HOME + 1),
        Spot::Other => Some(HOME + 2),
        Spot::OtherThread => Some(HOME + 3),
        Spot::Forum => Some(HOME + 4),
        Spot::Closed => Some(HOME + 5),
        Spot::Dark => Some(HOME + 6),
        Spot::Foreign => Some(HOME + 7),
        Spot::Mute => Some(HOME + 9),
        Spot::Direct => None,
    }
}

/// Number of the forum that [`Spot::Forum`]'s thread belongs to.
const FORUM: u64 = HOME + 8;

/// Draws the channels of a seed.
pub fn draw(rng: &Rng, plan: &Plan) -> BTreeMap<u64, Channel> {
    let shows_content = rng.chance(700);
    let surprise = || rng.chance(plan.discord.surprises);
    let open = || Channel {
        is_readable: true,
        is_managed: true,
        looks_empty: rng.chance(500),
        shows_content,
        ..Channel::default()
    };
    let mut channels = BTreeMap::new();
    for spot in SPOTS {
        let Some(number) = channel(spot) else { continue };
        let mut place = open();
        match spot {
            Spot::HomeThread => place.parent = Some(HOME),
            Spot::OtherThread => place.parent = Some(HOME + 2),
            Spot::Forum => place.parent = Some(FORUM),
            Spot::Closed => place.is_managed = false,
            Spot::Dark => place.is_readable = false,
            Spot::Foreign => (place.is_managed, place.is_readable) = (false, false),
            Spot::Home | Spot::Other | Spot::Mute | Spot::Direct => {}
        }
        if place.parent.is_some() {
            place.is_locked = surprise();
        } else {
            place.is_managed &= !surprise();
            place.is_readable &= !surprise();
        }
        channels.insert(number, place);
    }
    channels.insert(FORUM, Channel { is_forum: true, ..open() });
    channels
}

/// Returns the rights that Discord tells in a spot: what may be done there may have changed since.
pub const fn told(spot: Spot) -> Rights {
    match spot {
        Spot::Closed => Rights { manages_webhooks: false, ..Rights::ALL },
        Spot::Dark => Rights { reads: false, ..Rights::ALL },
        Spot::Mute => Rights { speaks: false, ..Rights::ALL },
        Spot::Foreign | Spot::Direct => Rights::NONE,
        Spot::Home | Spot::HomeThread | Spot::Other | Spot::OtherThread | Spot::Forum => {
            Rights::ALL
        }
    }
}
