//! The run queues together: a P's own, and what goes from it into the global one and back.

use super::p::{OwnP, QUEUE_MAX};
use super::runnable::Runnable;
use super::sched::{SCHED, Sched};
use crate::g::seed;

impl OwnP<'_> {
    /// Adds at the tail; a full queue moves half of itself and `g` to the global one.
    #[inline(always)]
    pub(crate) fn put(&self, g: Runnable) {
        if self.worker().len() >= QUEUE_MAX {
            return self.overflow(g);
        }
        self.worker().push(g);
    }

    #[cold]
    #[inline(never)]
    fn overflow(&self, g: Runnable) {
        let mut batch = [const { None }; QUEUE_MAX / 2 + 1];
        let (last, half) = batch.split_last_mut().expect("not empty");
        for place in half {
            *place = self.worker().pop();
        }
        *last = Some(g);
        SCHED.put_batch(&mut batch);
    }

    /// Moves every queued goroutine into the global queue.
    pub(crate) fn queue_into_global(&self) {
        if let Some(g) = self.take_next() {
            SCHED.put(g);
        }
        while let Some(g) = self.worker().pop() {
            SCHED.put(g);
        }
    }
}

impl Sched {
    /// Takes Go's batch: the first to run, up to `min(128, size/procs + 1) - 1` more into `p`, whose
    /// queue is empty.
    pub(crate) fn take_batch(&'static self, p: &OwnP<'_>) -> Option<Runnable> {
        let mut batch = [const { None }; QUEUE_MAX / 2];
        let mut s = self.lock();
        let len = s.queued();
        let procs = SCHED.procs();
        let n = (len / procs + 1).min(batch.len()).min(len);
        for slot in &mut batch[..n] {
            *slot = s.take();
        }
        // If that has emptied a queue that was long.
        let room = s.take_room();
        drop(s);
        drop(room);
        // They lie wherever their stacks are: fetch them side by side, not one miss after another.
        for g in batch[..n].iter().flatten() {
            g.g().prefetch();
        }
        for g in batch[..n].iter().flatten() {
            if g.is_fresh() {
                seed::prefetch_closure(g.g());
            } else {
                g.g().prefetch_parked();
            }
        }
        let (first, rest) = batch.split_first_mut()?;
        for g in rest[..n.saturating_sub(1)]
            .iter_mut()
            .filter_map(Option::take)
        {
            p.put(g);
        }
        first.take()
    }
}
