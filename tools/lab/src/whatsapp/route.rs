//! The emulated operations of the Graph API, and the paths that name them.

use super::world::{BUSINESS_ID, PHONE_NUMBER_ID, VERSION};

/// One operation, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// With the id of what is asked for or changed.
    Call(Method, String),
    /// Returns the bytes of a medium; with the key in its address.
    Download(String),
    Unknown,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $variant:ident $verb:literal $edge:literal $operation:literal,)*) => {
        /// An operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Method { $($(#[$doc])* $variant,)* }

        /// Every operation with its method of HTTP, the last part of its path, and its name in the record.
        const METHODS: &[(Method, &str, &str, &str)] =
            &[$((Method::$variant, $verb, $edge, $operation),)*];
    };
}

methods! {
    /// Sends a message, or marks one as read.
    Send "POST" "messages" "whatsapp_messages",
    Upload "POST" "media" "whatsapp_upload",
    PhoneNumbers "GET" "phone_numbers" "whatsapp_phone_numbers",
    Templates "GET" "message_templates" "whatsapp_message_templates",
    SubscribedApps "GET" "subscribed_apps" "whatsapp_subscribed_apps",
    Subscribe "POST" "subscribed_apps" "whatsapp_subscribe",
    Unsubscribe "DELETE" "subscribed_apps" "whatsapp_unsubscribe",
    Automate "POST" "conversational_automation" "whatsapp_automation",
    Webhooks "GET" "subscriptions" "whatsapp_webhooks",
    SetWebhook "POST" "subscriptions" "whatsapp_set_webhook",
    DebugToken "GET" "debug_token" "whatsapp_debug_token",
    /// These three are asked for by their id alone.
    PhoneNumber "GET" "" "whatsapp_phone_number",
    Account "GET" "" "whatsapp_business_account",
    Medium "GET" "" "whatsapp_media",
}

/// Operations that are no methods.
const DOWNLOAD: &str = "whatsapp_download";
const UNKNOWN: &str = "whatsapp_unknown";

/// Names of the operations, for fault rules.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(.., operation)| *operation).chain([DOWNLOAD, UNKNOWN])
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Call(method, _) => {
                let row = METHODS.iter().find(|(known, ..)| known == method);
                row.map_or(UNKNOWN, |(.., operation)| operation)
            }
            Self::Download(_) => DOWNLOAD,
            Self::Unknown => UNKNOWN,
        }
    }
}

/// Finds the operation of a request: `/whatsapp/{version}/{id}/{edge}`, or an address of a medium.
pub(crate) fn find(verb: &str, segments: &[&str]) -> Option<Route> {
    let known = |edge: &str| METHODS.iter().find(|(_, is, of, _)| *is == verb && *of == edge);
    let call = |edge: &str, id: &str| {
        known(edge).map_or(Route::Unknown, |(method, ..)| Route::Call(*method, id.to_owned()))
    };
    let (first, rest) = segments.split_first()?;
    if *first != "whatsapp" {
        return None;
    }
    Some(match (verb, rest) {
        ("GET", ["media", key]) => Route::Download((*key).to_owned()),
        (_, [version, "debug_token"]) if *version == VERSION => call("debug_token", ""),
        ("GET", [version, id]) if *version == VERSION => {
            let method = match *id {
                PHONE_NUMBER_ID => Method::PhoneNumber,
                BUSINESS_ID => Method::Account,
                _ => Method::Medium,
            };
            Route::Call(method, (*id).to_owned())
        }
        (_, [version, id, edge]) if *version == VERSION && !edge.is_empty() => call(edge, id),
        _ => Route::Unknown,
    })
}
