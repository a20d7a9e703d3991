//! The account, the id and the token of the emulated AI Gateway.
//!
//! Workers AI names the gateway in its options, the other vendors are reached through its address.

/// The account that the AI Gateway belongs to.
pub(crate) const ACCOUNT_ID: &str = "1ab00000000000000000000000000acc";
/// The only AI Gateway.
pub(crate) const GATEWAY_ID: &str = "lab-gateway";
/// Its token, for when it requires one.
pub(crate) const GATEWAY_TOKEN: &str = "lab-gateway-token-that-opens-nothing-else";
