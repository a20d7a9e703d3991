//! A question over HTTP that is posted in a channel of Discord, in the name of who asks.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | one more of the person's looks at Discord in this minute | first | a look is one, whatever comes of it |
//! | Discord is asked whether the person may speak there | then | reads |
//!
//! Nothing is written before Discord has said yes, so a question that is refused leaves nothing.

use miyabi_app::chat::{Place, Speaker};
use miyabi_app::conversation::Submission;
use miyabi_app::{limits, settings};
use miyabi_channels::discord;
use miyabi_channels::discord::speak::{self, Mute, NotPosted, Permit};
use miyabi_core::config::{Installation, Settings};
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::ports::Host;
use miyabi_core::problem::Problem;

use super::submit::no_job;

/// Returns as whom, and where, a question is posted.
///
/// # Errors
/// 400, 403, 409, 413, 429 or 503, each in words.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn speaker(
    host: &impl Host,
    operator: &Settings,
    place: &Place,
    submission: &Submission,
    language: Language,
) -> Result<Speaker, Problem> {
    let channel = discord::channel_of(&place.id).unwrap_or_default();
    let person = place.owner.as_str();
    if !speak::is_id(channel) || !operator.discord.is_on() {
        // What was answered to them alone is no place that anybody else reads.
        return Err(not_posted(NotPosted::NoPlace));
    }
    if !speak::is_id(person) {
        return Err(denied("the key is not one of a person in Discord: make one there with /key"));
    }
    if !speak::is_postable(&submission.text) {
        let detail = "a question in Discord shows something, and has at most 6,000 characters";
        return Err(Problem::new(413, "message_too_long", detail));
    }
    // Each look costs calls of which the bot has few, whether or not a question comes of it.
    if limits::is_one_too_many(host, &format!("post:{person}")).await {
        return Err(no_job(Notice::Crowded));
    }
    let permitted = speak::permit(host, &operator.discord, channel, person).await;
    let Permit { asker, server, place } = permitted.map_err(not_posted)?;
    if !operator.access.admits(Some(&server), Installation::Server) {
        return Err(denied(sentence(Notice::NotHere, language)));
    }
    // What its admins have settled, as far as it refuses at once; the rest counts when the job is claimed.
    let settled = settings::of(host, &server).await?;
    if !settled.narrow(operator, &server).remembers_in(Some(&server)) {
        let detail = "nothing is remembered in this server, so the answer could not be read here";
        return Err(Problem::new(409, "not_remembered", detail));
    }
    Ok(Speaker {
        platform: discord::PLATFORM,
        asker,
        place: place.to_text(),
        server: Some(server),
        language,
    })
}

fn not_posted(why: NotPosted) -> Problem {
    match why {
        NotPosted::NoPlace => {
            let detail =
                "questions are posted in channels and threads of servers: ask there with /ask";
            Problem::new(409, "no_place", detail)
        }
        NotPosted::Denied(mute) => denied(match mute {
            Mute::Hidden => "you, or Miyabi, do not see this channel of Discord",
            Mute::Denied => "you may not write in this channel of Discord",
            Mute::TimedOut => "you are timed out in this server of Discord",
            Mute::Pending => "accept the rules of this server of Discord first",
            Mute::Slowed => "this channel of Discord is in slow mode: ask there with /ask",
            Mute::Closed => "this thread of Discord is archived or locked",
        }),
        NotPosted::Unavailable(error) => {
            let detail = "Discord does not say whether you may write there; nothing was asked";
            let problem = Problem::new(503, "unavailable", detail).header("retry-after", "10");
            Problem { fault: Some(Box::new(Fault::from(error))), ..problem }
        }
    }
}

fn denied(detail: &str) -> Problem {
    Problem::new(403, "may_not_post", detail)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
