//! Slack.

/// Name of the platform.
pub const PLATFORM: &str = "slack";
