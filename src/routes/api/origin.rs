//! From which page a request comes, as its browser says it.
//!
//! # Source
//! WHATWG Fetch, the header `Origin`.

use miyabi_core::http::Incoming;
use miyabi_core::problem::Problem;

use super::credentials;

/// From which page a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The request does not say: no browser sent it, or one that reads from its own origin.
    Unsaid,
    /// One of this origin.
    Own,
    /// One of another origin that the operator has listed.
    Listed,
    /// One of any other origin.
    Foreign,
}

/// Returns from which page a request comes.
pub(super) fn page(request: &impl Incoming, origins: &[String]) -> Page {
    match request.header("origin") {
        None => Page::Unsaid,
        Some(origin) if origin == request.origin() => Page::Own,
        Some(origin) if origins.contains(&origin) => Page::Listed,
        Some(_) => Page::Foreign,
    }
}

/// Returns whether a request comes from where it may: no page, or one of this origin or of a listed one. Browsers
/// say the origin of the page; what is no browser has a key of its own.
pub(super) fn is_welcome(request: &impl Incoming, origins: &[String]) -> bool {
    page(request, origins) != Page::Foreign
}

/// Refuses what a page of another origin has sent, and asks a listed one for a key: no browser keeps a cookie for
/// it. What says nothing of where it comes from was sent by no browser that knows `SameSite`, and so without
/// anybody's cookie but its sender's own.
///
/// # Errors
/// 401 or 403.
pub(super) fn check_own(request: &impl Incoming, origins: &[String]) -> Result<(), Problem> {
    match page(request, origins) {
        Page::Own => Ok(()),
        Page::Listed => Err(credentials::missing()),
        Page::Foreign => Err(cross_origin()),
        Page::Unsaid => match request.header("sec-fetch-site").as_deref() {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(cross_origin()),
        },
    }
}

/// The problem of a page that may not do this.
pub(super) fn cross_origin() -> Problem {
    let detail = "pages of this origin may not do this; those that the operator lists in \
                  MIYABI_ORIGINS may, with a key";
    Problem::new(403, "cross_origin", detail)
}
