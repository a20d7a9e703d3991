//! Reads whether visitors without a key may ask.

use super::reader::Reader;
use super::{Environment, Visitors};
use crate::ids::Secret;
use crate::session::MIN_SECRET_BYTES;

impl<E: Environment> Reader<'_, E> {
    /// Without a secret that nobody guesses, everybody could be any visitor; without a limit, a budget lasts
    /// as long as a cookie. So both are there, or it is a problem.
    pub(super) fn visitors(&mut self, limit: Option<u32>) -> Option<Visitors> {
        if !self.switch("MIYABI_ANONYMOUS") {
            return None;
        }
        let name = "MIYABI_SESSION_SECRET";
        let secret = self.optional(name).filter(|secret| secret != "off");
        match &secret {
            None => self.problem(name, None),
            Some(secret) if secret.len() < MIN_SECRET_BYTES => {
                self.problem(name, Some("is shorter than 32 bytes"));
            }
            Some(_) => {}
        }
        if limit.is_none() {
            self.problem("miyabi_visitor_limit", None);
        }
        Some(Visitors { secret: Secret::new(secret?), limit: limit? })
    }
}
