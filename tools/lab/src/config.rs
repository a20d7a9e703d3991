//! `/lab/config`: one flat object of switches, each of which belongs to one service.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::chaos::{Chaos, Random};
use crate::lab::Lab;
use crate::merge::merge;
use crate::{ai, discord, slack, telegram, vendors, whatsapp};

/// All switches; the services define theirs.
#[derive(Debug, Serialize, Deserialize)]
struct Config {
    #[serde(flatten)]
    discord: discord::Config,
    telegram: telegram::Config,
    slack: slack::Config,
    whatsapp: whatsapp::Config,
    #[serde(flatten)]
    ai: ai::Config,
    #[serde(flatten)]
    vendors: vendors::Config,
    /// Random faults.
    chaos: Option<Chaos>,
}

/// The current configuration.
pub(crate) fn show(lab: &Lab) -> Value {
    lab.discord.expire_block();
    // One statement each, so that no lock is held while the next is taken.
    let discord = lab.discord.state().config.clone();
    let telegram = lab.telegram.state().config.clone();
    let slack = lab.slack.state().config.clone();
    let whatsapp = lab.whatsapp.state().config.clone();
    let ai = lab.ai.state().config.clone();
    let vendors = lab.vendors.config().clone();
    let chaos = lab.faults.lock().chaos.clone();
    json!(Config { discord, telegram, slack, whatsapp, ai, vendors, chaos })
}

/// Changes the fields that are given: permissions and those of Telegram, Slack and WhatsApp one by one, every other field as a whole.
///
/// # Errors
/// A sentence about a field that does not exist or has no such value; nothing is changed then.
pub(crate) fn change(lab: &Lab, mut patch: Map<String, Value>) -> Result<(), String> {
    let mut value = show(lab);
    let known: Vec<String> = value.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    if let Some(name) = patch.keys().find(|name| !known.contains(name)) {
        return Err(format!("unknown field `{name}`, expected one of `{}`", known.join("`, `")));
    }
    let (sets_block, sets_chaos) = (patch.contains_key("blocked"), patch.contains_key("chaos"));
    if let Some(permissions) = patch.remove("permissions") {
        merge(&mut value["permissions"], &permissions);
    }
    for platform in ["telegram", "slack", "whatsapp"] {
        if let Some(switches) = patch.remove(platform) {
            merge(&mut value[platform], &switches);
        }
    }
    value.as_object_mut().into_iter().for_each(|fields| fields.extend(patch.clone()));
    let config: Config = serde_json::from_value(value).map_err(|error| error.to_string())?;
    config.discord.check()?;
    config.telegram.check()?;
    config.slack.check()?;
    config.whatsapp.check()?;
    config.chaos.as_ref().map_or(Ok(()), Chaos::check)?;

    lab.discord.state().configure(config.discord, sets_block);
    lab.telegram.state().config = config.telegram;
    lab.slack.state().config = config.slack;
    lab.whatsapp.state().config = config.whatsapp;
    lab.ai.state().config = config.ai;
    *lab.vendors.config() = config.vendors;
    let mut faults = lab.faults.lock();
    if let (true, Some(chaos)) = (sets_chaos, &config.chaos) {
        faults.random = Random::new(chaos.seed);
    }
    faults.chaos = config.chaos;
    Ok(())
}
