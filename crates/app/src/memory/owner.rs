//! What a person does with their own facts: whoever calls has checked that `owner` is that person's id, the
//! asker's or the key's.

use miyabi_core::join::join_all;

use super::once;
use crate::conversation::{Command, Reply};
use crate::facts::{self, Forgotten, Listing, Request};
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Clock, Conversations};

/// Most conversations that are told at once that something was forgotten: a request may call fifty others.
/// The rest learns of it with its next question, before anything of it is read (see [`super::begin`]).
const TOLD_AT_ONCE: usize = 40;

/// Returns everything that a person has had remembered. Nothing for a person without an id.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn list(host: &(impl Conversations + Clock), owner: &str) -> Result<Listing, Fault> {
    listing(host, owner, Request::List).await
}

/// Has a person's facts used, or left alone, and returns them.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The last one counts.
pub async fn switch(
    host: &(impl Conversations + Clock),
    owner: &str,
    is_on: bool,
) -> Result<Listing, Fault> {
    listing(host, owner, Request::Switch { is_on }).await
}

/// Forgets one fact, and returns what was forgotten: no fact, if there is none with this id.
///
/// Conversations that may repeat it are told, so that models do not read there what was asked until now.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Gone is gone, and no id is given twice.
pub async fn forget(
    host: &(impl Conversations + Clock),
    owner: &str,
    id: u64,
) -> Result<Forgotten, Fault> {
    let forgotten = forget_in(host, owner, Request::Forget { id }).await?;
    unlearn(host, &forgotten).await;
    Ok(forgotten)
}

/// Forgets every fact, as [`forget`] does one.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Gone is gone.
pub async fn forget_all(
    host: &(impl Conversations + Clock),
    owner: &str,
) -> Result<Forgotten, Fault> {
    let forgotten = forget_in(host, owner, Request::ForgetAll).await?;
    unlearn(host, &forgotten).await;
    Ok(forgotten)
}

/// Moves what an account has had remembered to the person who it is now.
///
/// # Errors
/// A store fault: nothing is lost, and a repeat goes on.
///
/// # Repeats
/// What has moved is not at the account any more, and what is at both is known once.
pub(crate) async fn adopt(
    host: &(impl Conversations + Clock),
    account: &str,
    person: &str,
) -> Result<(), Fault> {
    let brought = listing(host, account, Request::Pack).await?;
    if brought.facts.is_empty() && brought.conversations.is_empty() {
        return Ok(());
    }
    let known = listing(host, person, Request::Adopt(brought)).await?;
    let ids = known.facts.iter().map(|fact| fact.id).collect();
    forget_in(host, account, Request::Leave { ids }).await.map(drop)
}

async fn listing(
    host: &(impl Conversations + Clock),
    owner: &str,
    request: Request,
) -> Result<Listing, Fault> {
    match tell(host, owner, request).await? {
        Some(facts::Reply::Listed(listing)) => Ok(listing),
        Some(_) => Err(unexpected()),
        None => Ok(Listing::default()),
    }
}

/// Has a person's object forget something; the conversations are told by [`unlearn`].
pub(crate) async fn forget_in(
    host: &(impl Conversations + Clock),
    owner: &str,
    request: Request,
) -> Result<Forgotten, Fault> {
    match tell(host, owner, request).await? {
        Some(facts::Reply::Forgotten(forgotten)) => Ok(forgotten),
        Some(_) => Err(unexpected()),
        None => Ok(Forgotten::default()),
    }
}

/// Tells conversations that something was forgotten. One that cannot be reached is no failure: the facts are
/// gone, and it learns of that with its next question.
pub(super) async fn unlearn(host: &(impl Conversations + Clock), forgotten: &Forgotten) {
    let unlearn = &Command::Unlearn { until: forgotten.at };
    let told = forgotten.conversations.iter().take(TOLD_AT_ONCE);
    let _replies =
        join_all(told.map(async |conversation| once(host, conversation, unlearn).await)).await;
}

async fn tell(
    host: &(impl Conversations + Clock),
    owner: &str,
    request: Request,
) -> Result<Option<facts::Reply>, Fault> {
    let Some(person) = facts::object(owner) else { return Ok(None) };
    let reply = once(host, &person, &Command::Facts(request)).await?;
    if let Reply::Facts(reply) = reply { Ok(Some(reply)) } else { Err(unexpected()) }
}

fn unexpected() -> Fault {
    StoreError::Row { statement: "facts::reply" }.into()
}
