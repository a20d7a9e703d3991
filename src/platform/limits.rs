//! [`RateLimits`] over the rate limit bindings, which count in each location of the platform.

use worker::RateLimiter;

use super::env::Cloudflare;
use miyabi_core::ports::{Limit, RateLimits};

impl RateLimits for Cloudflare {
    async fn refusal(&self, asker: Option<&str>, server: Option<&str>) -> Option<Limit> {
        let limits = [
            (Limit::Asker, "miyabi_asker_limit", asker),
            (Limit::Server, "miyabi_server_limit", server),
        ];
        for (limit, binding, key) in limits {
            if let Some(key) = key
                && self.refuses(binding, key).await
            {
                return Some(limit);
            }
        }
        None
    }

    async fn refuses_visitor(&self, address: &str) -> bool {
        self.refuses("miyabi_visitor_limit", address).await
    }
}

impl Cloudflare {
    /// Counts one question, or visitor. A limit that is not bound, or does not answer, refuses nothing.
    async fn refuses(&self, binding: &str, key: &str) -> bool {
        let Some(limiter) = self.binding::<RateLimiter>(binding) else {
            return false;
        };
        limiter.limit(key.to_owned()).await.is_ok_and(|outcome| !outcome.success)
    }
}

#[cfg(test)]
mod tests;
