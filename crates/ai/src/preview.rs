//! The streaming preview: the beginning of an answer is shown while it arrives, as often as the place of it
//! takes.
//!
//! It is a preview and nothing more. It is shown in place of "thinking…" and never stored, and a run that
//! ends early begins it anew; the whole answer is delivered after it as if there had been none.

use core::cell::{Cell, RefCell};
use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;

use futures::future::{Either, select};

use miyabi_core::conversation::StepState;
use miyabi_core::ports::Clock;

/// Longest time that a request which got no response is taken to be under way.
pub const UNDER_WAY: Duration = Duration::from_mins(1);

/// Where the preview of an answer is shown.
pub trait Preview {
    /// Returns how often it is shown.
    fn pace(&self) -> Pace;

    /// Shows the text so far, in place of what was shown before.
    ///
    /// # Repeats
    /// The last one that arrives stays.
    async fn show(&self, text: &str) -> PreviewOutcome;

    /// Says which tools run before the model call of this ordinal, or how they went.
    ///
    /// # Repeats
    /// Each round is shown once.
    async fn work(&self, _ordinal: u32, _tools: &[String], _state: StepState) {}

    /// Returns whether what [`Preview::work`] says is on its way, and has to arrive before anything follows.
    fn is_telling(&self) -> bool {
        false
    }

    /// Returns whether the asker wants no answer any more, after a person was asked whether a tool may act; one look.
    ///
    /// # Repeats
    /// Reads only.
    async fn is_over(&self) -> bool {
        false
    }

    /// Returns as soon as the asker wants no more of the answer; never where nobody can say so.
    ///
    /// # Repeats
    /// Reads only.
    async fn ended(&self) {
        pending::<()>().await;
    }
}

/// What became of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewOutcome {
    /// It can be seen.
    Shown,
    /// It cannot be seen now: further ones come half as often.
    RateLimited,
    /// It cannot be seen, and the next one could not either.
    Refused,
    /// There was no response: it may still arrive, after anything that follows. No further one is tried.
    Unconfirmed,
}

/// How often the preview of one model call is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Wait before the first.
    pub first: Duration,
    /// Wait between two. From half of `most` on it is twice as long.
    pub pause: Duration,
    /// How many at most.
    pub most: u32,
}

/// Runs a model call and shows the texts that it gives to its callback; returns what the call returned, and
/// whether a preview may still arrive that had no response.
///
/// A preview that is being shown when the call ends is waited for, so that it cannot arrive after the
/// answer.
pub async fn show_while<T>(
    host: &impl Clock,
    preview: &impl Preview,
    call: impl AsyncFnOnce(&dyn Fn(&str)) -> T,
) -> (T, bool) {
    let latest: RefCell<Option<String>> = RefCell::new(None);
    let waiting: RefCell<Option<Waker>> = RefCell::new(None);
    let (is_over, is_showing) = (Cell::new(false), Cell::new(false));
    let has_unconfirmed = Cell::new(false);
    let Pace { first, mut pause, most } = preview.pace();
    let next_text = || {
        poll_fn(|context| {
            waiting.replace(Some(context.waker().clone()));
            latest.take().map_or(Poll::Pending, Poll::Ready)
        })
    };
    let previews = async {
        let mut wait = first;
        for number in 1..=most {
            if !wait.is_zero() {
                host.sleep(wait).await;
            }
            let text = next_text().await;
            is_showing.set(true);
            let outcome = preview.show(&text).await;
            is_showing.set(false);
            match outcome {
                PreviewOutcome::Shown => {}
                PreviewOutcome::RateLimited => pause *= 2,
                PreviewOutcome::Refused => return,
                PreviewOutcome::Unconfirmed => return has_unconfirmed.set(true),
            }
            if is_over.get() {
                return;
            }
            if number == most / 2 {
                pause *= 2;
            }
            wait = pause;
        }
    };
    let on_text = |text: &str| {
        latest.replace(Some(text.to_owned()));
        waiting.take().into_iter().for_each(Waker::wake);
    };
    let (mut call, mut previews) = (pin!(call(&on_text)), pin!(previews));
    let value = match select(call.as_mut(), previews.as_mut()).await {
        Either::Left((value, _)) => {
            is_over.set(true);
            if is_showing.get() {
                previews.await;
            }
            value
        }
        Either::Right(((), call)) => call.await,
    };
    (value, has_unconfirmed.get())
}

/// Runs `work`, and says beside it which tools run, or how they went, for as long as that takes.
pub async fn beside<T>(
    preview: &impl Preview,
    (ordinal, tools, state): (u32, &[String], StepState),
    work: impl Future<Output = T>,
) -> T {
    match select(pin!(preview.work(ordinal, tools, state)), pin!(work)).await {
        Either::Left(((), work)) => work.await,
        Either::Right((value, telling)) => {
            if preview.is_telling() {
                telling.await;
            }
            value
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use core::task::{Context, Poll, Waker};

    use super::*;
    use miyabi_core::ids::Millis;

    /// A clock whose sleeps end when its time is moved on.
    #[derive(Default)]
    struct Time(Cell<u64>);

    impl Time {
        async fn until(&self, end: u64) {
            poll_fn(|_| if self.0.get() >= end { Poll::Ready(()) } else { Poll::Pending }).await;
        }
    }

    impl Clock for Time {
        fn now(&self) -> Millis {
            Millis(self.0.get())
        }

        async fn sleep(&self, duration: Duration) {
            self.until(self.0.get() + u64::try_from(duration.as_millis()).unwrap()).await;
        }

        fn local_time(&self, _: &str) -> Option<String> {
            None
        }
    }

    /// Shows take `ms` and end as told.
    struct Screen<'a> {
        time: &'a Time,
        ms: u64,
        ends: Vec<PreviewOutcome>,
        pace: Pace,
        seen: RefCell<Vec<(u64, String)>>,
    }

    const PACE: Pace =
        Pace { first: Duration::from_secs(1), pause: Duration::from_secs(1), most: 10 };

    impl Preview for Screen<'_> {
        fn pace(&self) -> Pace {
            self.pace
        }

        async fn show(&self, text: &str) -> PreviewOutcome {
            self.time.until(self.time.0.get() + self.ms).await;
            let mut seen = self.seen.borrow_mut();
            seen.push((self.time.0.get(), text.to_owned()));
            self.ends.get(seen.len() - 1).copied().unwrap_or(PreviewOutcome::Shown)
        }
    }

    /// A call that says a word each `every` milliseconds, `words` times, in a clock that ticks by 50.
    fn watch(
        words: u64,
        every: u64,
        ms: u64,
        ends: Vec<PreviewOutcome>,
    ) -> (Vec<(u64, String)>, bool, u64) {
        watch_at(PACE, (words, every), ms, ends)
    }

    fn watch_at(
        pace: Pace,
        (words, every): (u64, u64),
        ms: u64,
        ends: Vec<PreviewOutcome>,
    ) -> (Vec<(u64, String)>, bool, u64) {
        let time = Time::default();
        let screen = Screen { time: &time, ms, ends, pace, seen: RefCell::default() };
        let unconfirmed = {
            let mut run = pin!(show_while(&time, &screen, async |on_text: &dyn Fn(&str)| {
                let mut text = String::new();
                for word in 1..=words {
                    time.until(word * every).await;
                    text = format!("{text}{word} ");
                    on_text(&text);
                }
            }));
            loop {
                if let Poll::Ready(((), unconfirmed)) =
                    run.as_mut().poll(&mut Context::from_waker(Waker::noop()))
                {
                    break unconfirmed;
                }
                time.0.set(time.0.get() + 50);
                assert!(time.0.get() < 600_000, "it does not end");
            }
        };
        (screen.seen.into_inner(), unconfirmed, time.0.get())
    }

    #[test]
    fn a_preview_is_shown_about_once_a_second_and_only_when_there_is_more_text() {
        let (seen, unconfirmed, _) = watch(4, 700, 0, vec![]);
        let texts: Vec<_> = seen.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!((texts, unconfirmed), (vec!["1 ", "1 2 "], false));
        assert!(seen.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 1000), "{seen:?}");
        let (seen, ..) = watch(2, 5_000, 0, vec![]);
        assert_eq!(seen.len(), 1, "{seen:?}");
    }

    #[test]
    fn a_call_that_ends_within_a_second_shows_nothing() {
        assert_eq!(watch(9, 100, 0, vec![]).0, []);
    }

    #[test]
    fn a_preview_that_is_being_shown_when_the_call_ends_is_waited_for() {
        let (seen, _, end) = watch(3, 600, 900, vec![]);
        assert_eq!((seen.len(), end), (1, 1900));
    }

    #[test]
    fn without_a_wait_the_first_word_is_shown_when_it_comes() {
        let pace = Pace { first: Duration::ZERO, pause: Duration::from_millis(100), most: 400 };
        let (seen, ..) = watch_at(pace, (4, 700), 0, vec![]);
        assert_eq!(seen[0], (700, "1 ".to_owned()));
        assert_eq!(seen.last().unwrap(), &(2_100, "1 2 3 ".to_owned()));
    }

    #[test]
    fn a_call_takes_only_so_many_previews() {
        let (seen, _, end) = watch(60, 1000, 0, vec![]);
        assert_eq!((seen.len(), end), (usize::try_from(PACE.most).unwrap(), 60_000));
    }

    #[test]
    fn previews_are_fewer_where_rate_limited_and_none_where_refused_or_unconfirmed() {
        let (seen, ..) = watch(10, 500, 0, vec![PreviewOutcome::RateLimited]);
        assert!(seen[1].0 - seen[0].0 >= 2000, "{seen:?}");
        let (seen, unconfirmed, _) = watch(10, 500, 0, vec![PreviewOutcome::Refused]);
        assert_eq!((seen.len(), unconfirmed), (1, false));
        let (seen, unconfirmed, _) = watch(10, 500, 0, vec![PreviewOutcome::Unconfirmed]);
        assert_eq!((seen.len(), unconfirmed), (1, true));
    }

    /// Says that tools run: for so many milliseconds nothing has begun yet, and then it is on its way until the second time.
    struct Teller<'a> {
        time: &'a Time,
        begins: u64,
        ends: u64,
        is_telling: Cell<bool>,
    }

    impl Preview for Teller<'_> {
        fn pace(&self) -> Pace {
            PACE
        }

        async fn show(&self, _text: &str) -> PreviewOutcome {
            PreviewOutcome::Refused
        }

        async fn work(&self, _ordinal: u32, _tools: &[String], _state: StepState) {
            self.time.until(self.begins).await;
            self.is_telling.set(true);
            self.time.until(self.ends).await;
            self.is_telling.set(false);
        }

        fn is_telling(&self) -> bool {
            self.is_telling.get()
        }
    }

    #[test]
    fn what_is_being_said_of_tools_is_waited_for_and_what_has_not_begun_is_not() {
        for (begins, ends, tools_ms, over_ms) in
            [(400, 700, 200, 200), (400, 700, 500, 700), (400, 700, 900, 900)]
        {
            let time = Time::default();
            let teller = Teller { time: &time, begins, ends, is_telling: Cell::default() };
            let told = (1, &[][..], StepState::Running);
            let mut run = pin!(beside(&teller, told, time.until(tools_ms)));
            while run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                time.0.set(time.0.get() + 100);
            }
            assert_eq!(time.0.get(), over_ms, "tools that take {tools_ms} ms");
        }
    }
}
