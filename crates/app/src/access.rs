//! Whose a request is that Cloudflare Access has let through: its word, an assertion, is checked to the last part,
//! and who it is about is the owner of what is theirs.
//!
//! 1. Its header names RS256, and a key by its id. Nothing else in it is read: no key that it brings along, no
//!    address of one, and no other algorithm.
//! 2. It is for this application alone, by this team, and counts now.
//! 3. It is signed by the key of that id, one of the team's.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the team's keys are read | none are saved, or the id is none of theirs and they are a minute old | reads |
//! | they are saved for an hour | then | the same again |
//!
//! # Source
//! Cloudflare Docs/Cloudflare One, Validate JWTs, read 2026-11-30; RFC 7515, 7519 and 8725.

use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use miyabi_core::config::AccessTeam;
use miyabi_core::http::{Method, Request};
use miyabi_core::ids::Millis;
use miyabi_core::json;
use miyabi_core::ports::{Cache, Clock, Http, RsaKey, Signatures};

/// Longest assertion that is looked at, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// How far the clocks of two machines may be apart, in seconds.
const LEEWAY_S: u64 = 60;

/// How long the team's keys are saved, in seconds. A new one is there before it signs, and an old one is gone an
/// hour later.
const SAVED_S: u32 = 3_600;

/// Age of saved keys from which on an unknown id has them read again: who makes up ids has that done once a minute.
const FRESH: Duration = Duration::from_mins(1);

/// Longest wait for the keys.
const PATIENCE: Duration = Duration::from_secs(5);

/// Beginning of the id of somebody whom Access has let through, which no other person's id has.
const OWNER: &str = "access:";

/// Longest name that is shown, in characters.
const MAX_NAME_CHARS: usize = 200;

/// Who Access says that somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Owner of what is theirs.
    pub owner: String,
    /// Address of their mail, or blank.
    pub name: String,
}

/// Why nobody is known by an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It has another form.
    #[error("is no assertion of Cloudflare Access that is signed by RS256")]
    Form,
    /// It is another team's, or for another application, or for several.
    #[error("is for another application, or by another team")]
    Elsewhere,
    /// It counts no more, or not yet.
    #[error("is over, or not valid yet")]
    Time,
    /// No key of the team has signed it.
    #[error("is not signed by a key of the team")]
    Signature,
    /// It is about a program.
    #[error("is about a service token, which is nobody here: send a key of the API")]
    Nobody,
    /// The team's keys could not be read.
    #[error("cannot be checked now: the keys of the team could not be read")]
    Unavailable,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    /// A text, or a list of such.
    aud: Value,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    email: String,
}

/// A key of the team.
#[derive(Clone, Serialize, Deserialize)]
struct Key {
    kid: String,
    n: String,
    e: String,
}

/// Keys as they are saved. The shape is part of the name under which they are: see [`saved_as`].
#[derive(Serialize, Deserialize)]
struct Keys {
    read_ms: u64,
    keys: Vec<Key>,
}

/// Returns whether an owner is somebody whom Access has let through.
pub fn is_owner(owner: &str) -> bool {
    owner.starts_with(OWNER)
}

/// Returns who an assertion is about.
///
/// # Errors
/// See [`Doubt`]: nobody is known by it, and nothing else of the request says who it is from.
///
/// # Repeats
/// See the table of this module.
pub async fn whose(
    host: &(impl Clock + Http + Cache + Signatures),
    team: &AccessTeam,
    assertion: &str,
) -> Result<Known, Doubt> {
    let mut parts = assertion.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Doubt::Form);
    };
    if assertion.len() > MAX_BYTES {
        return Err(Doubt::Form);
    }
    let header: Header = part(head)?;
    if header.alg != "RS256" || header.crit.is_some() {
        return Err(Doubt::Form);
    }
    let claims: Claims = part(body)?;
    check(&claims, team, host.now())?;
    let key = key(host, team, &header.kid).await?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_no_base64| Doubt::Form)?;
    let signed = assertion.rsplit_once('.').map_or("", |(signed, _)| signed);
    if !host.is_signed_by_rsa(&key, signed.as_bytes(), &signature).await {
        return Err(Doubt::Signature);
    }
    if claims.sub.is_empty() {
        return Err(Doubt::Nobody);
    }
    Ok(Known { owner: owner(team, &claims.sub), name: name(&claims.email) })
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Doubt> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_no_base64| Doubt::Form)?;
    let text = core::str::from_utf8(&bytes).map_err(|_no_text| Doubt::Form)?;
    json::parse(text).ok_or(Doubt::Form)
}

fn check(claims: &Claims, team: &AccessTeam, now: Millis) -> Result<(), Doubt> {
    // What is for several applications could be sent on to us by another of them.
    let is_ours = match claims.aud.as_array().map(Vec::as_slice) {
        Some([audience]) => *audience == team.audience,
        Some(_) => false,
        None => claims.aud == team.audience,
    };
    if !is_ours || claims.iss != team.issuer {
        return Err(Doubt::Elsewhere);
    }
    let now_s = now.0 / 1000;
    let is_over = claims.exp.saturating_add(LEEWAY_S) <= now_s;
    if is_over || claims.nbf > now_s.saturating_add(LEEWAY_S) {
        return Err(Doubt::Time);
    }
    Ok(())
}

/// Returns the key of an id: a saved one, or one that is read now.
async fn key(
    host: &(impl Clock + Http + Cache),
    team: &AccessTeam,
    id: &str,
) -> Result<RsaKey, Doubt> {
    let found = |keys: Keys| {
        let key = keys.keys.into_iter().find(|key| key.kid == id);
        key.map(|Key { n, e, .. }| RsaKey { n, e })
    };
    let name = saved_as(team);
    let saved: Option<Keys> = host.recall(&name).await.as_deref().and_then(json::parse);
    if let Some(saved) = saved {
        let is_fresh = host.now().since(Millis(saved.read_ms)) < FRESH;
        if let Some(key) = found(saved) {
            return Ok(key);
        }
        if is_fresh {
            return Err(Doubt::Signature);
        }
    }
    let read =
        Keys { read_ms: host.now().0, keys: read(host, team).await.ok_or(Doubt::Unavailable)? };
    // Two lists and a number always have a form; without one they are read again.
    if let Ok(text) = serde_json::to_string(&read) {
        host.remember(&name, &text, SAVED_S).await;
    }
    found(read).ok_or(Doubt::Signature)
}

fn saved_as(team: &AccessTeam) -> String {
    ["access keys 1 ", &team.api_base].concat()
}

/// Reads the team's keys. One of another kind is left out.
async fn read(host: &impl Http, team: &AccessTeam) -> Option<Vec<Key>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let url = [&team.api_base, "/cdn-cgi/access/certs"].concat();
    let response = host.send(&Request::new(Method::Get, url, PATIENCE)).await.ok()?;
    let set: Set = response.is_success().then(|| json::parse(&response.body))??;
    let is_rsa = |key: &Value| {
        let says = |name: &str, word: &str| key.get(name).is_none_or(|it| it == word);
        key.get("kty").is_some_and(|kind| kind == "RSA")
            && says("alg", "RS256")
            && says("use", "sig")
    };
    Some(set.keys.iter().filter(|key| is_rsa(key)).filter_map(json::read).collect())
}

/// A subject is one person of one team, and stays when their address changes.
fn owner(team: &AccessTeam, subject: &str) -> String {
    const DIGITS: usize = 40;
    let digest = Sha256::new().chain_update(&team.issuer).chain_update("\n").chain_update(subject);
    let mut owner = [OWNER, &hex::encode(digest.finalize())].concat();
    owner.truncate(OWNER.len() + DIGITS);
    owner
}

fn name(email: &str) -> String {
    email.chars().filter(|it| !it.is_control()).take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
