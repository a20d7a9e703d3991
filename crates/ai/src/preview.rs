//! An answer that is seen while it grows: what a stream has brought so far is shown about once a second.
//!
//! It is a preview and nothing more. It is shown in place of "thinking…", is never stored, and a run
//! that dies with it begins it anew; the whole answer is delivered after it as if there had been none.

use core::cell::{Cell, RefCell};
use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use miyabi_core::ports::Clock;

/// Where a growing answer is shown.
pub trait Preview {
    /// Shows the text so far, in place of what was shown before.
    ///
    /// # Repeats
    /// The last one that arrives stays.
    async fn show(&self, text: &str) -> Shown;
}

/// What became of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It can be seen.
    Seen,
    /// It cannot be seen now: slower from here on.
    Limited,
    /// It cannot be seen, and the next one could not either.
    Refused,
    /// Nobody knows: it may still arrive, after anything that follows. No further one is tried.
    Unclear,
}

/// Wait between two previews. Discord takes five edits of one reply in two seconds.
const PAUSE: Duration = Duration::from_secs(1);

/// Previews of one model call.
const MAX_SHOWN: u32 = 10;

/// Previews after which they come half as often.
const SOON: u32 = 5;

/// Runs a model call and shows what it gives to its callback; returns what it returned, and whether a
/// preview may still be under way that nobody heard of again.
///
/// A preview that is being shown when the call ends is waited for, so that it cannot arrive after the
/// answer.
pub async fn shown_while<T>(
    host: &impl Clock,
    preview: &impl Preview,
    call: impl AsyncFnOnce(&dyn Fn(&str)) -> T,
) -> (T, bool) {
    let latest = RefCell::new(None);
    let (is_over, is_showing, is_unclear) = (Cell::new(false), Cell::new(false), Cell::new(false));
    let shows = async {
        let mut pause = PAUSE;
        for number in 1..=MAX_SHOWN {
            let text = loop {
                host.sleep(pause).await;
                let text: Option<String> = latest.take();
                if let Some(text) = text {
                    break text;
                }
            };
            is_showing.set(true);
            let shown = preview.show(&text).await;
            is_showing.set(false);
            match shown {
                Shown::Seen => {}
                Shown::Limited => pause *= 2,
                Shown::Refused => return,
                Shown::Unclear => return is_unclear.set(true),
            }
            if is_over.get() {
                return;
            }
            if number == SOON {
                pause *= 2;
            }
        }
    };
    let grow = |text: &str| {
        latest.replace(Some(text.to_owned()));
    };
    let (mut call, mut shows) = (pin!(call(&grow)), pin!(shows));
    let value = match select(call.as_mut(), shows.as_mut()).await {
        Either::Left((value, _)) => {
            is_over.set(true);
            if is_showing.get() {
                shows.await;
            }
            value
        }
        Either::Right(((), call)) => call.await,
    };
    (value, is_unclear.get())
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
            core::future::poll_fn(|_| {
                if self.0.get() >= end { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
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
        ends: Vec<Shown>,
        seen: RefCell<Vec<(u64, String)>>,
    }

    impl Preview for Screen<'_> {
        async fn show(&self, text: &str) -> Shown {
            self.time.until(self.time.0.get() + self.ms).await;
            let mut seen = self.seen.borrow_mut();
            seen.push((self.time.0.get(), text.to_owned()));
            self.ends.get(seen.len() - 1).copied().unwrap_or(Shown::Seen)
        }
    }

    /// A call that says a word each `every` milliseconds, `words` times, in a clock that ticks by 50.
    fn watch(words: u64, every: u64, ms: u64, ends: Vec<Shown>) -> (Vec<(u64, String)>, bool, u64) {
        let time = Time::default();
        let screen = Screen { time: &time, ms, ends, seen: RefCell::default() };
        let unclear = {
            let mut run = pin!(shown_while(&time, &screen, async |grow: &dyn Fn(&str)| {
                let mut text = String::new();
                for word in 1..=words {
                    time.until(word * every).await;
                    text = format!("{text}{word} ");
                    grow(&text);
                }
            }));
            loop {
                if let Poll::Ready(((), unclear)) =
                    run.as_mut().poll(&mut Context::from_waker(Waker::noop()))
                {
                    break unclear;
                }
                time.0.set(time.0.get() + 50);
                assert!(time.0.get() < 600_000, "it does not end");
            }
        };
        (screen.seen.into_inner(), unclear, time.0.get())
    }

    #[test]
    fn grows_about_once_a_second_and_only_when_there_is_more() {
        let (seen, unclear, _) = watch(4, 700, 0, vec![]);
        let texts: Vec<_> = seen.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!((texts, unclear), (vec!["1 ", "1 2 "], false));
        assert!(seen.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 1000), "{seen:?}");
        let (seen, ..) = watch(2, 5_000, 0, vec![]);
        assert_eq!(seen.len(), 1, "{seen:?}");
    }

    #[test]
    fn a_call_that_ends_within_a_second_shows_nothing() {
        assert_eq!(watch(9, 100, 0, vec![]).0, []);
    }

    #[test]
    fn what_is_being_shown_when_the_call_ends_is_waited_for() {
        let (seen, _, end) = watch(3, 600, 900, vec![]);
        assert_eq!((seen.len(), end), (1, 1900));
    }

    #[test]
    fn a_call_takes_only_so_many_previews() {
        let (seen, _, end) = watch(60, 1000, 0, vec![]);
        assert_eq!((seen.len(), end), (usize::try_from(MAX_SHOWN).unwrap(), 60_000));
    }

    #[test]
    fn slower_where_limited_and_not_at_all_where_refused_or_unclear() {
        let (seen, ..) = watch(10, 500, 0, vec![Shown::Limited]);
        assert!(seen[1].0 - seen[0].0 >= 2000, "{seen:?}");
        let (seen, unclear, _) = watch(10, 500, 0, vec![Shown::Refused]);
        assert_eq!((seen.len(), unclear), (1, false));
        let (seen, unclear, _) = watch(10, 500, 0, vec![Shown::Unclear]);
        assert_eq!((seen.len(), unclear), (1, true));
    }
}
