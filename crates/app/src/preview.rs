//! The streaming preview: what a model has said so far, in place of "thinking…", which the asker alone
//! sees. The channel gets the answer whole.

use core::cell::Cell;
use core::future::pending;
use core::pin::pin;
use core::time::Duration;

use futures::future::select;

use super::{JobContext, chunks, jobs, memory};
use miyabi_ai::preview::{Pace, Preview, PreviewOutcome};
use miyabi_core::conversation::{Step, StepState};
use miyabi_core::ports::Host;
use miyabi_core::question::Question;
use miyabi_core::transport::{EditOutcome, Progress, SendError, Transport};

/// Previews of one run, whatever models it asks. Each is a statement and a request, of which a Worker on
/// the free plan has 50 together, and the answer needs most of them.
const MOST: u32 = 10;

/// Well below what platforms take; Discord takes five edits in two seconds.
const EDITS: Pace =
    Pace { first: Duration::from_secs(1), pause: Duration::from_secs(1), most: MOST };

/// A conversation takes each in some milliseconds. A Worker has 1,000 calls of other objects, and the answer
/// needs few of them.
const TELLING: Pace = Pace { first: Duration::ZERO, pause: Duration::from_millis(100), most: 400 };

/// Waits before each look whether the asker wants no answer any more, in seconds: a quick answer needs none,
/// and of a slow one few, since each is a statement.
const LOOKS_S: [u64; 6] = [2, 3, 5, 8, 13, 21];

/// Wait before tools are shown that run: most are over by then.
const STEP_WAIT: Duration = Duration::from_millis(400);

/// What stands after a text that is not at its end yet.
const MORE: &str = " …";

/// The preview of one run.
#[derive(Debug)]
pub struct StreamingPreview<'a, H, S, T> {
    /// Job, and what it runs on.
    pub context: JobContext<'a, H, S, T>,
    /// Previews that were shown.
    pub shown: Cell<u32>,
    /// How often was looked whether the asker wants no answer any more.
    pub looked: Cell<usize>,
    /// Whether they want none.
    pub is_over: Cell<bool>,
    /// Whether tools are being shown, which is waited for.
    pub is_telling: Cell<bool>,
}

impl<'a, H, S, T> StreamingPreview<'a, H, S, T> {
    /// Returns that of a run which has shown nothing yet.
    pub fn new(context: JobContext<'a, H, S, T>) -> Self {
        let (shown, looked) = (Cell::default(), Cell::default());
        Self { context, shown, looked, is_over: Cell::default(), is_telling: Cell::default() }
    }
}

impl<H: Host, S, T: Transport> Preview for StreamingPreview<'_, H, S, T> {
    fn pace(&self) -> Pace {
        if self.context.transport.capabilities().reads_conversation() { TELLING } else { EDITS }
    }

    async fn show(&self, text: &str) -> PreviewOutcome {
        let JobContext { host, transport, job, .. } = self.context;
        if transport.capabilities().reads_conversation() {
            return memory::say(host, job, text).await;
        }
        if transport.capabilities().progress == Progress::Nowhere {
            return PreviewOutcome::Refused;
        }
        if let Some(hindrance) = self.hindrance().await {
            return hindrance;
        }
        let first = first_of(transport, text, &job.question);
        match transport.edit_once(&job.question, &first).await {
            Ok(EditOutcome::Done | EditOutcome::TooEarly) => PreviewOutcome::Shown,
            Err(SendError::RateLimited { .. } | SendError::Deferred { .. }) => {
                PreviewOutcome::RateLimited
            }
            Err(SendError::NoResponse { .. }) => PreviewOutcome::Unconfirmed,
            // The asker dismissed it; or after an inner error of the platform the edit may have been
            // made, but it is over.
            Ok(EditOutcome::Missing)
            | Err(SendError::Refused { .. } | SendError::ServerError { .. } | SendError::Expired) => {
                PreviewOutcome::Refused
            }
        }
    }

    async fn work(&self, ordinal: u32, tools: &[String], state: StepState) {
        let JobContext { host, transport, job, .. } = self.context;
        let capabilities = transport.capabilities();
        let id = format!("{}-{ordinal}", job.generation);
        let step = Step { id, state, tools: tools.to_vec() };
        if capabilities.reads_conversation() {
            return memory::work(host, job, step).await;
        }
        if capabilities.progress != Progress::Growing {
            return;
        }
        if state == StepState::Running {
            host.sleep(STEP_WAIT).await;
        }
        if self.hindrance().await.is_none() {
            self.is_telling.set(true);
            // The answer comes all the same.
            let _shown = transport.show_step(&job.question, &step).await;
            self.is_telling.set(false);
        }
    }

    fn is_telling(&self) -> bool {
        self.is_telling.get()
    }

    async fn is_over(&self) -> bool {
        let JobContext { host, job, .. } = self.context;
        self.is_over.set(matches!(jobs::is_cancelled(host, job.id()).await, Ok(true)));
        self.is_over.get()
    }

    /// People stop an answer where they read it, in its conversation; elsewhere the job's row says so.
    async fn ended(&self) {
        let JobContext { host, transport, job, .. } = self.context;
        let capabilities = transport.capabilities();
        if capabilities.is_read_alone() {
            return memory::ended(host, job).await;
        }
        let cancelled = pin!(self.cancelled());
        if capabilities.reads_conversation() {
            // Where others read along, it is stopped there too.
            let _whichever = select(pin!(memory::ended(host, job)), cancelled).await;
        } else {
            cancelled.await;
        }
    }
}

impl<H: Host, S, T: Transport> StreamingPreview<'_, H, S, T> {
    /// Counts what is about to be shown, and says why it cannot be shown now, if so.
    async fn hindrance(&self) -> Option<PreviewOutcome> {
        if self.shown.get() >= MOST {
            return Some(PreviewOutcome::Refused);
        }
        self.shown.set(self.shown.get() + 1);
        // Another run of this generation may have had its answer meanwhile: nothing is put over that.
        match jobs::is_thinking(self.context.host, self.context.job).await {
            Ok(true) => None,
            Ok(false) => Some(PreviewOutcome::Refused),
            Err(_) => Some(PreviewOutcome::RateLimited),
        }
    }

    /// Returns as soon as the job's row says that its asker wants no answer any more.
    async fn cancelled(&self) {
        let JobContext { host, job, .. } = self.context;
        if self.is_over.get() {
            return;
        }
        while let Some(seconds) = LOOKS_S.get(self.looked.get()) {
            // The call that is made meanwhile goes on also where a wait is over at once.
            memory::yield_once().await;
            host.sleep(Duration::from_secs(*seconds)).await;
            self.looked.set(self.looked.get() + 1);
            if matches!(jobs::is_cancelled(host, job.id()).await, Ok(true)) {
                return;
            }
        }
        pending::<()>().await;
    }
}

/// Returns what fits into the first message of an answer that is not at its end, with a mark that it
/// goes on.
fn first_of(transport: &impl Transport, text: &str, question: &Question) -> String {
    let first = chunks::split(transport, text, question.language).swap_remove(0).content;
    transport.truncate(&first, MORE) + MORE
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use std::rc::Rc;

    use crate::Job;
    use crate::lease::Leases;
    use crate::testing::{discord, saved};
    use miyabi_channels::discord::transport::Discord;
    use miyabi_channels::slack::transport::Slack;
    use miyabi_core::config::Settings;
    use miyabi_testing::{Fake, job, run, settings};

    fn preview<'a>(
        host: &'a Fake,
        settings: &'a Settings,
        job: &'a Job,
        transport: &'a Discord<Fake>,
    ) -> StreamingPreview<'a, Fake, (), Discord<Fake>> {
        let context = JobContext { host, steps: &(), transport, settings, job };
        StreamingPreview::new(context)
    }

    fn show(world: &Fake, text: &str) -> PreviewOutcome {
        let (settings, job, transport) = (settings(), job("hi"), discord(world));
        let reply = preview(world, &settings, &job, &transport);
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
    fn tools_that_run_are_shown_where_the_platform_shows_them() {
        let world = begun();
        let settings = settings();
        let mut asked = job("hi");
        let place = r#"{"team":"T1","channel":"C1","thread":"1.2","user":"U5","is_shared":true}"#;
        place.clone_into(&mut asked.question.place);
        let slack = Slack::new(world.clone(), Rc::new(miyabi_testing::slack::slack()));
        let context = JobContext {
            host: &world,
            steps: &(),
            transport: &slack,
            settings: &settings,
            job: &asked,
        };
        let shown = StreamingPreview::new(context);
        let tools = ["weather".to_owned()];
        for state in [StepState::Running, StepState::Done] {
            run(shown.work(2, &tools, state)).unwrap();
        }
        let chunk = |method: &str| world.slack.borrow().called(method)[0]["chunks"][0].clone();
        assert_eq!(chunk("chat.startStream")["id"], "1-2");
        assert_eq!(chunk("chat.appendStream")["status"], "complete");
        // Each counts as a preview, and nothing is put over an answer.
        assert_eq!((shown.shown.get(), world.slept.borrow().clone()), (2, vec![STEP_WAIT]));
        let leases = Leases::default();
        run(saved(&world, (&asked, &leases), "An answer.", &[])).unwrap().unwrap();
        run(shown.work(3, &tools, StepState::Done)).unwrap();
        assert_eq!(world.slack.borrow().calls.len(), 2);

        let (asked, transport) = (job("hi"), discord(&world));
        let elsewhere = preview(&world, &settings, &asked, &transport);
        run(elsewhere.work(2, &tools, StepState::Running)).unwrap();
        assert_eq!(elsewhere.shown.get(), 0, "Discord shows none");
    }

    #[test]
    fn stays_within_one_message() {
        let world = begun();
        assert_eq!(show(&world, &"あ".repeat(5_000)), PreviewOutcome::Shown);
        let reply = world.discord.borrow().reply.clone().unwrap();
        assert!(reply.ends_with(MORE) && reply.chars().count() <= 2000);
    }

    #[test]
    fn is_not_put_over_an_answer() {
        let world = begun();
        let leases = Leases::default();
        run(saved(&world, (&job("hi"), &leases), "An answer.", &[])).unwrap().unwrap();
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
        let (settings, job, transport) = (settings(), job("hi"), discord(&world));
        let reply = preview(&world, &settings, &job, &transport);
        for _ in 0..MOST {
            assert_eq!(run(reply.show("It is")), Some(PreviewOutcome::Shown));
        }
        assert_eq!(run(reply.show("It is noon")), Some(PreviewOutcome::Refused));
    }

    #[test]
    fn an_asker_who_wants_no_answer_is_noticed_after_few_looks() {
        let world = begun();
        let (settings, job, transport) = (settings(), job("hi"), discord(&world));
        let waiting = preview(&world, &settings, &job, &transport);
        assert_eq!(run(waiting.ended()), None, "nobody cancels");
        assert_eq!(waiting.looked.get(), LOOKS_S.len());
        let waiting = preview(&world, &settings, &job, &transport);
        world.db.execute("UPDATE jobs SET cancelled_at = unixepoch()", []).unwrap();
        world.store_faults.borrow_mut().push("jobs::is_cancelled");
        assert_eq!(run(waiting.ended()), Some(()));
        assert_eq!(waiting.looked.get(), 2, "a look that fails is made again");
    }
}
