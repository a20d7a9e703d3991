//! A state behind a lock, and a count of changes that readers can wait for.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Counts the changes of all states that share it.
#[derive(Debug, Clone)]
pub(crate) struct Changes(watch::Sender<u64>);

impl Default for Changes {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Changes {
    /// A receiver that is woken by every later change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// A state that is read and written under a lock.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    state: Mutex<T>,
    changes: Changes,
}

impl<T: Default> Watched<T> {
    /// The default state; its changes are added to the given count.
    pub(crate) fn new(changes: &Changes) -> Self {
        Self { state: Mutex::new(T::default()), changes: changes.clone() }
    }
}

impl<T> Watched<T> {
    /// Takes the lock. It is never held across an `.await`.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Guard { changes: &self.changes, is_changed: false, state }
    }
}

/// A held lock. Mutable access counts as one change, reported when the lock is released.
#[derive(Debug)]
pub(crate) struct Guard<'a, T> {
    changes: &'a Changes,
    is_changed: bool,
    state: MutexGuard<'a, T>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_changed = true;
        &mut self.state
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        if self.is_changed {
            self.changes.0.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}
