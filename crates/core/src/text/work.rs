//! A count of the steps that reading a text takes, for the tests of its growth; nothing elsewhere.

#[cfg(test)]
pub(super) use self::counter::{count, steps_of};

/// Counts steps, in tests only.
#[cfg(not(test))]
pub(super) const fn count(_steps: usize) {}

#[cfg(test)]
mod counter {
    use core::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(in crate::text) fn count(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// Returns the steps that some work takes.
    pub(in crate::text) fn steps_of(work: impl FnOnce()) -> usize {
        STEPS.set(0);
        work();
        STEPS.get()
    }
}
