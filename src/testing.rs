//! Configurations that the tests of routes and queues share.

use miyabi_channels::discord::webhook_url::parse_webhook_url;
use miyabi_core::config::{Config, Environment};
use miyabi_testing::{public_key, settings};

/// An environment with these values and no binding.
struct Only(Vec<(&'static str, String)>);

impl Environment for Only {
    fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn has_binding(&self, _: &str) -> bool {
        false
    }
}

/// Returns a complete configuration, without a token for the operator.
pub(crate) fn configured() -> Config {
    Config {
        public_key: Some(public_key()),
        environment: "test".to_owned(),
        operator_token: None,
        origins: Vec::new(),
        settings: Ok(settings()),
    }
}

/// Returns what is read from an environment that has these values only.
pub(crate) fn with_only(values: Vec<(&'static str, String)>) -> Config {
    Config::read(&Only(values), parse_webhook_url)
}

/// Returns what is read from an empty environment.
pub(crate) fn unconfigured() -> Config {
    with_only(Vec::new())
}
