//! What is recorded of the scheduler's work: events, and the buffer in which each M keeps its own.

use crate::sys::mutex::{Guard, Mutex};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most events a buffer keeps; the oldest go first.
static KEEP: AtomicUsize = AtomicUsize::new(0);

/// From now on each buffer keeps this many events.
pub(super) fn keep_each(n: usize) {
    KEEP.store(n, Ordering::Relaxed);
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A goroutine ran on a P from `since` to the event's time, and then `why`.
    Ran {
        since: i64,
        why: &'static str,
    },
    /// It ran on without a P, which had been taken, and then `why`.
    RanWithoutP {
        since: i64,
        why: &'static str,
    },
    /// `go!`: the goroutine was made, by `by`.
    Made {
        by: u64,
    },
    /// It was made runnable by `by` (0: not by a goroutine).
    Readied {
        by: u64,
    },
    /// The P took goroutines from another.
    Stole {
        victim: u32,
    },
    /// A sleeping M was woken to look for work.
    Woke,
    /// The P was taken from an M that blocks or does not give way.
    Retaken {
        blocked: bool,
    },
    /// A user's region, task or message.
    Region {
        since: i64,
        name: String,
    },
    Task {
        since: i64,
        name: String,
        id: u64,
    },
    Log {
        category: String,
        message: String,
    },
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: i64,
    /// The P on which it happened.
    pub(crate) p: Option<u32>,
    pub(crate) m: u64,
    /// The goroutine that it is about.
    pub(crate) g: u64,
    pub(crate) kind: Kind,
}

/// Events of one M, oldest first.
pub(crate) struct Buffer(Mutex<VecDeque<Event>>);

impl Buffer {
    pub(crate) const fn new() -> Self {
        Buffer(Mutex::new(VecDeque::new()))
    }

    pub(super) fn lock(&self) -> Guard<'_, VecDeque<Event>> {
        self.0.lock()
    }

    pub(super) fn push(&self, e: Event) {
        let mut events = self.lock();
        let keep = KEEP.load(Ordering::Relaxed);
        if events.len() >= keep {
            // More than one, if less is kept than before.
            let surplus = (events.len() + 1 - keep).min(events.len());
            events.drain(..surplus);
        }
        events.push_back(e);
    }
}

impl Event {
    /// Is any of it after `from`? Then that part is left. A run that begins before the recording `began`
    /// is none: see the top.
    pub(super) fn cut_before(&mut self, from: i64, began: i64) -> bool {
        match &mut self.kind {
            Kind::Ran { since, .. } | Kind::RanWithoutP { since, .. } if *since < began => {
                return false;
            }
            Kind::Ran { since, .. }
            | Kind::RanWithoutP { since, .. }
            | Kind::Region { since, .. }
            | Kind::Task { since, .. } => *since = (*since).max(from),
            _ => {}
        }
        self.at >= from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, kind: Kind) -> Event {
        Event {
            at,
            p: None,
            m: 0,
            g: 1,
            kind,
        }
    }

    #[test]
    fn what_an_earlier_recording_left_is_not_told() {
        let run = |since, at| event(at, Kind::Ran { since, why: "end" });
        // Begun before the recording: the mark of an earlier one.
        assert!(!run(5, 12).cut_before(10, 10));
        assert!(!event(9, Kind::Woke).cut_before(10, 10));
        assert!(run(10, 12).cut_before(10, 10));
        // Begun before the trace, in a recording that a flight recorder had begun: the rest is told.
        let mut later = run(5, 12);
        assert!(later.cut_before(10, 1));
        assert_eq!(
            later.kind,
            Kind::Ran {
                since: 10,
                why: "end"
            }
        );
        assert!(!run(5, 9).cut_before(10, 1));
    }
}
