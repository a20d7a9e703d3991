//! Checks the address and the token of calls through the AI Gateway.

use serde_json::json;

use super::Vendors;
use crate::ai::gateway::{ACCOUNT_ID, GATEWAY_ID, GATEWAY_TOKEN};
use crate::http::{Inbound, Reply};

/// An address of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gateway {
    account: String,
    id: String,
}

/// Finds `/gateway/v1/{account}/{gateway}/…`.
pub(super) fn find(segments: &[&str]) -> Option<Gateway> {
    match segments {
        ["gateway", "v1", account, id, ..] => {
            Some(Gateway { account: (*account).to_owned(), id: (*id).to_owned() })
        }
        _ => None,
    }
}

impl Gateway {
    /// Refuses a call to another gateway, and one without the token that this one requires.
    ///
    /// # Source
    /// Cloudflare Docs/AI Gateway/Authenticated Gateway. The bodies of its errors are not documented;
    /// 2001 is the code of the binding for an unknown gateway.
    pub(super) fn check(&self, vendors: &Vendors, inbound: &Inbound) -> Option<Reply> {
        if self.account != ACCOUNT_ID || self.id != GATEWAY_ID {
            let message = "Please configure AI Gateway in the Cloudflare dashboard";
            let what = "a gateway that does not exist";
            return Some(error(400, 2001, message).violation(what));
        }
        let given = inbound.header("cf-aig-authorization");
        let is_right = given == Some(format!("Bearer {GATEWAY_TOKEN}").as_str());
        let needs_token = vendors.config().gateway_auth;
        if is_right || (given.is_none() && !needs_token) {
            return None;
        }
        Some(error(401, 2009, "Unauthorized").violation("no token that the gateway takes"))
    }
}

fn error(status: u16, code: u32, message: &str) -> Reply {
    let error = json!([{ "code": code, "message": message }]);
    Reply::json(status, json!({ "success": false, "result": [], "messages": [], "error": error }))
}
