//! Where questions meet limits: servers that do one thing at a time, and windows that let so many
//! through. Times are in microseconds.

/// One thing at a time, first come, first served: a database.
#[derive(Debug, Clone, Default)]
pub struct Server {
    free_at: u64,
    /// How long it was busy.
    pub busy: u64,
}

impl Server {
    /// Takes what comes now and takes `service`; returns how long it waits, or `None` if that is
    /// longer than `patience`: it is refused, and takes nothing.
    pub fn take(&mut self, now: u64, service: u64, patience: u64) -> Option<u64> {
        let wait = self.free_at.saturating_sub(now);
        if wait > patience {
            return None;
        }
        self.free_at = now + wait + service;
        self.busy += service;
        Some(wait)
    }
}

/// So many in each window of time.
#[derive(Debug, Clone)]
pub struct Window {
    length: u64,
    limit: u64,
    index: u64,
    used: u64,
}

impl Window {
    /// Returns one that lets `limit` through in each `length`.
    pub fn new(limit: u64, length: u64) -> Self {
        Self { length: length.max(1), limit, index: 0, used: 0 }
    }

    /// Lets it through now, or returns `false`.
    pub fn pass(&mut self, now: u64) -> bool {
        self.reach(now);
        let passes = self.index == now / self.length && self.used < self.limit;
        if passes {
            self.used += 1;
        }
        passes
    }

    /// Lets it through as soon as there is room, in order, and returns how long that is away; `None`
    /// if it is longer than `patience`.
    pub fn wait(&mut self, now: u64, patience: u64) -> Option<u64> {
        self.reach(now);
        let (index, used) =
            if self.used < self.limit { (self.index, self.used) } else { (self.index + 1, 0) };
        let wait = (index * self.length).saturating_sub(now);
        if wait > patience {
            return None;
        }
        (self.index, self.used) = (index, used + 1);
        Some(wait)
    }

    fn reach(&mut self, now: u64) {
        let index = now / self.length;
        if index > self.index {
            (self.index, self.used) = (index, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    const NEVER: u64 = u64::MAX;

    /// Mean wait of a single server with Poisson arrivals and a fixed service: ρ·s / 2(1 − ρ).
    fn mean_wait(load_percent: u64) -> u64 {
        let (service, count) = (1_000, 400_000);
        let span = count * service * 100 / load_percent;
        let mut rng = Rng::new(7);
        let mut arrivals: Vec<u64> = (0..count).map(|_| rng.below(span)).collect();
        arrivals.sort_unstable();
        let mut server = Server::default();
        let waits = arrivals.into_iter().filter_map(|now| server.take(now, service, NEVER));
        waits.sum::<u64>() / count
    }

    #[test]
    fn a_server_waits_as_the_closed_form_says() {
        for (load, expected) in [(50, 500), (80, 2_000), (90, 4_500)] {
            let mean = mean_wait(load);
            assert!(mean.abs_diff(expected) * 100 <= expected * 6, "{load} %: {mean}, {expected}");
        }
    }

    #[test]
    fn a_server_refuses_what_would_wait_too_long() {
        let mut server = Server::default();
        assert_eq!(server.take(0, 10, 5), Some(0));
        assert_eq!(server.take(4, 10, 5), None);
        assert_eq!(server.take(6, 10, 5), Some(4));
        assert_eq!(server.busy, 20);
    }

    #[test]
    fn a_window_lets_so_many_through() {
        let mut window = Window::new(2, 10);
        assert_eq!([1, 2, 3, 10].map(|now| window.pass(now)), [true, true, false, true]);
        let mut window = Window::new(2, 10);
        let waits = [5, 5, 5, 6, 7].map(|now| window.wait(now, NEVER));
        assert_eq!(waits, [Some(0), Some(0), Some(5), Some(4), Some(13)]);
        assert_eq!(window.wait(7, 12), Some(13).filter(|wait| *wait <= 12));
    }

    #[test]
    fn a_window_that_is_flooded_lets_its_rate_through() {
        let mut window = Window::new(5, 2_000_000);
        let last = (0..5_000).filter_map(|_| window.wait(0, NEVER)).max();
        assert_eq!(last, Some(999 * 2_000_000));
    }
}
