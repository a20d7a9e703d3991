//! Waiting for a turn: for its beginning, and for its end.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use super::{Place, turn as turn_of};
use crate::conversation::{Command, Reply, TurnState};
use crate::memory;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Conversations};

/// Longest wait for the end of a turn, in rounds of [`ROUND`]: more than a job may take.
const ROUNDS: u32 = 60;

/// Longest wait for one reply about a turn that runs. The object answers sooner.
const ROUND: Duration = Duration::from_secs(30);

/// Wait between two looks at a turn that runs, where the object did not wait itself.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// Waits until a turn has ended, and returns it; as it is if that takes longer than a job may.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn wait(
    host: &(impl Conversations + Clock),
    place: &Place,
    turn: TurnState,
) -> Result<TurnState, Fault> {
    let mut turn = turn;
    let mut failures = 0;
    for _ in 0..ROUNDS {
        if turn.has_ended() {
            break;
        }
        // What is said meanwhile is not of interest, only the end.
        let wait = Command::Wait { turn: turn.id.clone(), from: u64::MAX, is_asking: false };
        match memory::once_within(host, &place.name, &wait, ROUND).await {
            // A refusal: the conversation was deleted meanwhile, and nothing more comes of the turn.
            Ok(reply) => match turn_of(reply)? {
                Ok(seen) => (turn, failures) = (seen, 0),
                Err(_refusal) => break,
            },
            // An object that is updated is there again in a moment.
            Err(_) if failures < 5 => failures += 1,
            Err(fault) => return Err(fault),
        }
        if !turn.has_ended() {
            host.sleep(PAUSE).await;
        }
    }
    Ok(turn)
}

/// As [`wait`], but not longer than this.
///
/// # Errors
/// As for [`wait`].
///
/// # Repeats
/// As for [`wait`].
pub async fn wait_within(
    host: &(impl Conversations + Clock),
    place: &Place,
    turn: TurnState,
    patience: Duration,
) -> Result<TurnState, Fault> {
    let waiting = wait(host, place, turn.clone());
    match select(pin!(waiting), pin!(host.sleep(patience))).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => Ok(turn),
    }
}

/// Waits until a turn's model is asked, or it has ended, but not longer than this, and returns it.
///
/// Whoever reads it then waits for the first word where it is written.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn begun(
    host: &(impl Conversations + Clock),
    place: &Place,
    turn: TurnState,
    patience: Duration,
) -> Result<TurnState, Fault> {
    let begin = host.now();
    while host.now().since(begin) < patience {
        let wait = Command::Wait { turn: turn.id.clone(), from: 0, is_asking: false };
        let waiting = memory::once_within(host, &place.name, &wait, ROUND);
        let reply = match select(pin!(waiting), pin!(host.sleep(patience))).await {
            Either::Left((reply, _)) => reply?,
            Either::Right(_) => break,
        };
        let has_more = matches!(&reply, Reply::Seen { entries, .. } if !entries.is_empty());
        match turn_of(reply)? {
            Ok(seen) if has_more || seen.is_asked || seen.has_ended() => return Ok(seen),
            Ok(_) => host.sleep(PAUSE).await,
            Err(_refusal) => break,
        }
    }
    Ok(turn)
}
