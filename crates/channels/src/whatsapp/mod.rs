//! WhatsApp.

/// Name of the platform.
pub const PLATFORM: &str = "whatsapp";
