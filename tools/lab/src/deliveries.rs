//! What was sent to the Worker since the last reset, of a platform that sends each thing by itself.

/// Something that is sent to the Worker.
pub(crate) trait Delivered {
    /// What tells it from others.
    fn id(&self) -> &str;

    /// Takes what is new of the same thing, which is sent again; what became of it before stays.
    fn renew(&mut self, again: Self);
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Deliveries<D> {
    /// Counts resets, so that what waits across one is not sent after it.
    epoch: u64,
    all: Vec<D>,
}

impl<D> Default for Deliveries<D> {
    fn default() -> Self {
        Self { epoch: 0, all: Vec::new() }
    }
}

impl<D: Delivered> Deliveries<D> {
    /// The same without requests.
    pub(crate) fn emptied(&self) -> Self {
        Self { epoch: self.epoch + 1, all: Vec::new() }
    }

    /// Counts resets.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Adds a request; one that is delivered again keeps what became of it before.
    pub(crate) fn add(&mut self, delivery: D) {
        match self.all.iter_mut().find(|known| known.id() == delivery.id()) {
            Some(known) => known.renew(delivery),
            None => self.all.push(delivery),
        }
    }

    /// A request.
    pub(crate) fn get(&self, id: &str) -> Option<&D> {
        self.all.iter().find(|delivery| delivery.id() == id)
    }

    /// A request, unless a reset has removed it.
    pub(crate) fn get_mut(&mut self, id: &str, epoch: u64) -> Option<&mut D> {
        let is_there = epoch == self.epoch;
        self.all.iter_mut().find(|delivery| is_there && delivery.id() == id)
    }

    /// All requests since the last reset.
    pub(crate) fn all(&self) -> &[D] {
        &self.all
    }
}
