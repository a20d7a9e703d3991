//! Where does an answer grow? In place of "thinking…", which the asker alone sees; the channel gets it
//! whole.

use core::cell::Cell;

use super::{Job, chunks, jobs, reply};
use miyabi_ai::preview::{Preview, PreviewOutcome};
use miyabi_channels::discord::MAX_CONTENT_CHARS;
use miyabi_channels::discord::Ports;
use miyabi_channels::discord::post;
use miyabi_channels::discord::post::Outcome;
use miyabi_core::config::Settings;
use miyabi_core::fault::DiscordError;
use miyabi_core::question::Question;
use miyabi_core::text::truncate_chars;

/// Previews of one run, whatever models it asks. Each is a statement and a request, of which a Worker on
/// the free plan has 50 together, and the answer needs most of them.
const MOST: u32 = 10;

/// What stands after a text that is not at its end yet.
const MORE: &str = " …";

/// The deferred reply of a question.
#[derive(Debug)]
pub struct StreamingPreview<'a, H> {
    /// Ports.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
    /// Job.
    pub job: &'a Job,
    /// Previews that were shown.
    pub shown: Cell<u32>,
}

impl<H: Ports> Preview for StreamingPreview<'_, H> {
    async fn show(&self, text: &str) -> PreviewOutcome {
        if self.shown.get() >= MOST {
            return PreviewOutcome::Refused;
        }
        self.shown.set(self.shown.get() + 1);
        // Another run of this generation may have had its answer meanwhile: nothing is put over that.
        match jobs::is_thinking(self.host, self.job).await {
            Ok(true) => {}
            Ok(false) => return PreviewOutcome::Refused,
            Err(_) => return PreviewOutcome::RateLimited,
        }
        let question = &self.job.question;
        let interaction = reply::interaction(self.settings, question);
        let first = first_of(text, question);
        match post::edit_reply_once(self.host, "preview_original", interaction, &first).await {
            Ok(Outcome::Done) => PreviewOutcome::Shown,
            // Discord may not have seen our acknowledgement yet.
            Ok(Outcome::Missing | Outcome::Expired) if reply::is_young(self.host, question) => {
                PreviewOutcome::Shown
            }
            Err(DiscordError::Limited { .. }) => PreviewOutcome::RateLimited,
            Err(DiscordError::NoResponse { .. }) => PreviewOutcome::Unconfirmed,
            // The asker dismissed it; or after an inner error of Discord's the edit may have been made,
            // but it is over.
            Ok(Outcome::Missing | Outcome::Expired)
            | Err(DiscordError::Refused { .. } | DiscordError::Expired) => PreviewOutcome::Refused,
        }
    }
}

/// Returns what fits into the first message of a growing answer, with a mark that it goes on.
fn first_of(text: &str, question: &Question) -> String {
    let first = chunks::split(text, question.language).swap_remove(0).content;
    let mut first = truncate_chars(&first, MAX_CONTENT_CHARS - MORE.len());
    first.push_str(MORE);
    first
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::recent::Recent;
    use miyabi_testing::{Fake, job, run, settings};

    fn show(world: &Fake, text: &str) -> PreviewOutcome {
        let (settings, job) = (settings(), job("hi"));
        let reply = StreamingPreview {
            host: world,
            settings: &settings,
            job: &job,
            shown: Cell::default(),
        };
        run(reply.show(text)).unwrap()
    }

    /// A world in which the job has begun.
    fn begun() -> Fake {
        let world = Fake::new();
        run(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
        world
    }

    #[test]
    fn grows_in_place_of_thinking() {
        let world = begun();
        assert_eq!(show(&world, "It is"), PreviewOutcome::Shown);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("It is …"));
        assert_eq!(show(&world, "It is noon."), PreviewOutcome::Shown);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("It is noon. …"));
    }

    #[test]
    fn stays_within_one_message() {
        let world = begun();
        assert_eq!(show(&world, &"あ".repeat(5_000)), PreviewOutcome::Shown);
        let reply = world.discord.borrow().reply.clone().unwrap();
        assert!(reply.ends_with(MORE) && reply.chars().count() <= MAX_CONTENT_CHARS);
    }

    #[test]
    fn is_not_put_over_an_answer() {
        let world = begun();
        run(jobs::save_answer(
            &world,
            &settings().discord,
            (&job("hi"), &Recent::default()),
            "An answer.",
            &[],
        ))
        .unwrap()
        .unwrap();
        assert_eq!(show(&world, "An"), PreviewOutcome::Refused);
        assert_eq!(show(&Fake::new(), "An"), PreviewOutcome::Refused);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
    }

    #[test]
    fn without_a_database_nothing_is_shown_for_a_while() {
        let world = begun();
        world.store_faults.borrow_mut().push("jobs::is_thinking");
        assert_eq!(show(&world, "It is"), PreviewOutcome::RateLimited);
        assert_eq!(show(&world, "It is"), PreviewOutcome::Shown);
    }

    #[test]
    fn leaves_a_run_the_requests_that_its_answer_needs() {
        let world = begun();
        let (settings, job) = (settings(), job("hi"));
        let shown = Cell::default();
        let reply = StreamingPreview { host: &world, settings: &settings, job: &job, shown };
        for _ in 0..MOST {
            assert_eq!(run(reply.show("It is")), Some(PreviewOutcome::Shown));
        }
        assert_eq!(run(reply.show("It is noon")), Some(PreviewOutcome::Refused));
    }
}
