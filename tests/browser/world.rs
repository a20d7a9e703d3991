//! What all browser tests share: the page, and what must hold after each of them.

use std::ops::Deref;

use anyhow::{Result, ensure};
use serde_json::json;
use xtask::browser::page::Page;
use xtask::library::{self, LEND};
use xtask::process::{self, Child};

/// A model of Workers AI that streams whatever it may call.
const MODEL: &str = "@cf/qwen/qwen3-30b-a3b-fp8";

/// The page with all that is behind it, and a server whose tool acts if its asker lets it.
#[derive(Debug)]
pub(crate) struct World(Page, #[expect(dead_code, reason = "ends with the world")] Child);

impl Deref for World {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.0
    }
}

impl World {
    pub(crate) fn start() -> Result<Self> {
        process::end_on_signal()?;
        let (library, url) = library::start(&[])?;
        let servers = json!([{ "name": "library", "url": url, "allow": [], "ask": [LEND] }]);
        let secret = "0123456789abcdef0123456789abcdef";
        let visitors = [("MIYABI_ANONYMOUS", "on"), ("MIYABI_SESSION_SECRET", secret)];
        let servers = [("MIYABI_MODEL", MODEL), ("MIYABI_MCP_SERVERS", &servers.to_string())];
        let page = Page::start(&[&servers[..], &visitors].concat())?;
        Ok(Self(page, library))
    }

    /// A fresh lab and page for the next test.
    pub(crate) fn freshen(&self) -> Result<()> {
        self.browser.resize(1280, 800, 1.0)?;
        self.0.freshen()
    }

    /// Nothing has been shown that only a script could show, and nothing was sent that Discord
    /// would refuse.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(!self.browser.has_alert()?, "a dialogue is open");
        let violations = self.stack.lab().get("/lab/violations")?;
        ensure!(violations == json!([]), "{violations}");
        Ok(())
    }
}
