//! Waiting for several things at once, whose number is not known before.
//!
//! In place of `futures::future::join_all`, which keeps a queue of those that were woken for when there are many: it is
//! five kilobytes of the Worker, and there never are.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

/// What is waited for, or what came of it.
enum Part<F: Future> {
    Running(Pin<Box<F>>),
    Done(Option<F::Output>),
}

/// Waits for all of them, and returns what they do in their own order.
///
/// # Cancellation
/// Dropped, it drops those that have not ended.
pub async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F::Output: Unpin,
{
    let parts = futures.into_iter().map(|future| Part::Running(Box::pin(future)));
    let mut parts: Vec<Part<F>> = parts.collect();
    poll_fn(|context| {
        let mut is_done = true;
        for part in &mut parts {
            if let Part::Running(future) = part {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *part = Part::Done(Some(output)),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let outputs = parts.into_iter().filter_map(|part| match part {
        Part::Done(output) => output,
        Part::Running(_) => None,
    });
    outputs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use core::task::{Context, Waker};

    #[test]
    fn all_run_side_by_side_and_are_returned_in_their_order() {
        let polls = Cell::new(0);
        // Each is ready when it was asked as often as its number says.
        let part = |number: u32| {
            let mut asked = 0;
            let polls = &polls;
            poll_fn(move |_| {
                asked += 1;
                polls.set(polls.get() + 1);
                if asked < number { Poll::Pending } else { Poll::Ready(number) }
            })
        };
        let mut all = Box::pin(join_all([3, 1, 2].map(part)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(all.as_mut().poll(&mut context).is_pending());
        assert!(all.as_mut().poll(&mut context).is_pending());
        assert_eq!(all.as_mut().poll(&mut context), Poll::Ready(vec![3, 1, 2]));
        assert_eq!(polls.get(), 6, "none is asked again after it is ready");
    }

    #[test]
    fn nothing_is_waited_for_nothing() {
        let none: [core::future::Ready<u8>; 0] = [];
        let mut all = Box::pin(join_all(none));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(all.as_mut().poll(&mut context), Poll::Ready(Vec::new()));
    }
}
