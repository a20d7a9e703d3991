//! Files for questions: `POST /api/files`, and `GET`, `HEAD` and `DELETE /api/files/{id}`.
//!
//! A file is checked before it is kept: what could not be read for a question is refused here, with the reason.
//! It belongs to whoever sent it, and to the first conversation with a question that names it; see
//! [`miyabi_app::uploads`] for when it goes.

use serde::Serialize;

use miyabi_ai::files::{MAX_BYTES, media_of};
use miyabi_app::keys::Principal;
use miyabi_app::uploads::{self, Upload};
use miyabi_channels::web::parse::FILES;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::Language;
use miyabi_core::i18n::files::{Problem as Reason, reason};
use miyabi_core::ports::{Clock, Files, Http, Random, RateLimits, Sql};
use miyabi_core::problem::Problem;

use super::{Api, body, limits};

/// What a form has besides its file, at most.
const FORM_BYTES: usize = 16 * 1024;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 120;

/// A file, as its person sees it.
#[derive(Serialize)]
struct File<'a> {
    #[serde(flatten)]
    upload: &'a Upload,
    url: &'a str,
}

/// Keeps the file that is the request's body, or in its form; its name is that of the form, or `?name=`.
///
/// # Errors
/// 400, 409 for too many, 413, 415, 422 for one that cannot be read, 429 for more than may come in a minute, 503 where files are not kept, or a failure of
/// a store.
///
/// # Repeats
/// A repeat is another file; one that no question names goes after a day.
pub(super) async fn send<H: Clock + RateLimits + Sql + Files + Random + Http>(
    api: &Api<'_, H>,
    principal: &Principal,
    request: &impl Incoming,
) -> Result<Reply, Problem> {
    let quota = api.settings.files_quota.ok_or_else(off)?;
    limits::count_file(api.host, &principal.owner).await?;
    let (limit, too_large) = (MAX_BYTES + FORM_BYTES, || refused(Reason::TooLarge, api.language));
    body::check_declared(request, limit, too_large)?;
    let sent = request.file(limit).await.map_err(|error| body::unread(error, too_large))?;
    let no_file = || Problem::new(400, "no_file", "the form has no file in it");
    let sent = sent.ok_or_else(no_file)?;
    let named = api.query_value("name").filter(|name| !name.is_empty());
    let name = name(&named.or(sent.name).unwrap_or_default());
    if name.is_empty() {
        let detail = "the file has no name: send `?name=`, or a form with a file";
        return Err(Problem::new(400, "no_name", detail));
    }
    if sent.bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    let media = media_of(api.host, api.settings, (&name, &sent.kind), &sent.bytes);
    let media = media.map_err(|reason| refused(reason, api.language))?;
    let owner = (principal.owner.as_str(), quota);
    let kept = uploads::keep(api.host, owner, (&name, media), &sent.bytes).await?;
    let upload = kept.ok_or_else(|| {
        let detail = "you keep as many files as you may; delete some, or conversations with some";
        Problem::new(409, "too_many_files", detail)
    })?;
    let url = [FILES, &upload.id].concat();
    let reply = Reply::json(201, &File { upload: &upload, url: &url });
    Ok(reply.header("location", url))
}

/// Returns a file. What is no image is never shown as a page of this origin.
///
/// # Errors
/// 404, or a failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn read<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
    request: &impl Incoming,
) -> Result<Reply, Problem> {
    let known = request.header("if-none-match").unwrap_or_default();
    let id = api.parameter(0);
    let upload = uploads::find(api.host, &principal.owner, id).await?.ok_or_else(no_file)?;
    let tag = format!("\"{}\"", upload.id);
    let is_known = known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut reply = if is_known { Reply::empty(304) } else { Reply::stored(&uploads::key(id)) };
    let way = if upload.media.starts_with("image/") { "inline" } else { "attachment" };
    let name: String = form_urlencoded::byte_serialize(upload.name.as_bytes()).collect();
    // That is for forms, where a blank is a plus.
    let name = name.replace('+', "%20").replace('*', "%2A");
    reply.headers = vec![
        ("content-type", upload.media),
        ("content-disposition", format!("{way}; filename*=UTF-8''{name}")),
        ("content-security-policy", "default-src 'none'; sandbox".to_owned()),
        // Asked for again each time, so that nobody sees it after signing out.
        ("cache-control", "private, no-cache".to_owned()),
        ("etag", tag),
    ];
    Ok(reply)
}

/// Lets a file go; with `?unasked=true` only one that no question has, as another window may have sent it meanwhile.
///
/// # Errors
/// 404, 400 for an `unasked` that is neither true nor false, or a failure of a store.
///
/// # Repeats
/// Gone is gone, and the second reply says that there is no such file.
pub(super) async fn delete<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let (owner, id) = (&principal.owner, api.parameter(0));
    let was_there = match api.query_value("unasked").as_deref() {
        None | Some("false") => uploads::delete(api.host, owner, id).await?,
        Some("true") => uploads::discard(api.host, owner, id).await?,
        Some(_) => {
            let detail = "`unasked` is `true` or `false`";
            return Err(Problem::new(400, "invalid_query", detail));
        }
    };
    if was_there { Ok(Reply::empty(204)) } else { Err(no_file()) }
}

/// Returns a name without a path and without what cannot be seen.
fn name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    name.trim().to_owned()
}

fn refused(why: Reason, language: Language) -> Problem {
    let (status, code) = match why {
        Reason::TooLarge => (413, "file_too_large"),
        Reason::Kind => (415, "unsupported_file"),
        Reason::Expired
        | Reason::Unreachable
        | Reason::Broken
        | Reason::Bomb
        | Reason::Empty
        | Reason::TooMany
        | Reason::Silent => (422, "unreadable_file"),
    };
    Problem::new(status, code, reason(why, language))
}

fn off() -> Problem {
    let detail = "this deployment keeps no files: its operator has bound no bucket";
    Problem::new(503, "not_configured", detail)
}

fn no_file() -> Problem {
    Problem::new(404, "not_found", "you have no file of this id, or not any more")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
