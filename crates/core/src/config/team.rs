//! Reads whether Cloudflare Access says who somebody is.

use super::reader::Reader;
use super::{AccessTeam, Environment};

const TEAM: &str = "MIYABI_ACCESS_TEAM";
const AUDIENCE: &str = "MIYABI_ACCESS_AUDIENCE";
const BASE: &str = "ACCESS_API_BASE";

/// Longest audience that is taken, in bytes: those of Access have 64 hex digits.
const MAX_AUDIENCE_BYTES: usize = 200;

impl<E: Environment> Reader<'_, E> {
    /// A team without an application, or the other way around, would let in who belongs to another.
    pub(super) fn access_team(&mut self) -> Option<AccessTeam> {
        let (team, audience) = match (self.optional(TEAM), self.optional(AUDIENCE)) {
            (None, None) => return None,
            (Some(team), Some(audience)) => (team, audience),
            (team, _) => {
                self.problem(if team.is_none() { TEAM } else { AUDIENCE }, None);
                return None;
            }
        };
        let is_of_label =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if team.len() > 63 || !team.bytes().all(is_of_label) {
            self.problem(
                TEAM,
                Some("is not the name before `.cloudflareaccess.com`, in small letters"),
            );
        }
        let is_plain = audience.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if audience.len() > MAX_AUDIENCE_BYTES || !is_plain {
            self.problem(AUDIENCE, Some("is not the AUD tag of an application of Access"));
        }
        let issuer = format!("https://{team}.cloudflareaccess.com");
        let is_set = self.optional(BASE).is_some();
        let api_base = if is_set { self.base_url(BASE) } else { issuer.clone() };
        Some(AccessTeam { issuer, audience, api_base })
    }
}
