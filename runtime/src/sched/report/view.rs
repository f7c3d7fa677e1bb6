//! What the scheduler is doing, as numbers and words, for `debug::serve`.
//!
//! No thread is asked to hold still: each line was true at some moment, not all at the same one.

use super::goroutines::{all, state};
use crate::g::{Status, flag};
use crate::netpoll;
use crate::sched::state::beside;
use crate::sched::state::level::Level;
use crate::sched::state::m::{M, Rest};
use crate::sched::state::sched::SCHED;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::atomic::Ordering::Relaxed;

/// A processor.
pub(crate) struct PView {
    pub(crate) id: u32,
    /// The thread that has it.
    pub(crate) m: Option<u64>,
    /// Goroutines in its queue, `run_next` included.
    pub(crate) queue: usize,
    pub(crate) timers: usize,
    /// Goroutines run so far.
    pub(crate) switches: u32,
}

/// A thread.
pub(crate) struct MView {
    pub(crate) id: u64,
    /// The kernel's number.
    pub(crate) tid: i32,
    pub(crate) p: Option<u32>,
    /// The goroutine on it.
    pub(crate) g: Option<u64>,
    pub(crate) doing: &'static str,
}

/// Goroutines that were made at one place and do the same thing.
pub(crate) struct Group {
    pub(crate) count: usize,
    pub(crate) doing: &'static str,
    pub(crate) created_at: Option<&'static Location<'static>>,
    /// The longest of their waits, in nanoseconds.
    pub(crate) longest: i64,
    /// Some of them: number and name.
    pub(crate) examples: Vec<(u64, Option<String>)>,
}

/// How many examples a group has at most.
const EXAMPLES: usize = 5;

/// Queues and counts that belong to no P.
pub(crate) fn totals() -> Vec<(&'static str, i64)> {
    vec![
        ("global queue", SCHED.queued() as i64),
        ("idle Ps", i64::from(SCHED.idle.ps())),
        ("idle Ms", i64::from(SCHED.idle.ms())),
        ("Ms looking for work", i64::from(SCHED.idle.spinning())),
        ("waits for the network", netpoll::waiters() as i64),
    ]
}

/// All Ps in use.
pub(crate) fn ps() -> Vec<PView> {
    let ps = SCHED.ps().take(SCHED.procs());
    ps.map(|p| PView {
        id: p.id,
        m: p.owner().map(|m| m.id),
        queue: p.queue_len(),
        timers: p.timers.len(),
        switches: p.switches(),
    })
    .collect()
}

/// All Ms.
pub(crate) fn ms() -> Vec<MView> {
    let view = |m: &'static M| {
        let (p, g) = (m.p(), m.curg());
        let rest = m.rest();
        let doing = if m.is_in_call() {
            "in a blocking call"
        } else if rest == Some(Rest::Bound) {
            "waits for its goroutine"
        } else if rest == Some(Rest::Poller) {
            "waits for the network"
        } else if g.is_some() && p.is_none() {
            "runs without a P"
        } else if g.is_some() {
            "runs"
        } else if m.is_spinning() {
            "looks for work"
        } else {
            "sleeps"
        };
        MView {
            id: m.id,
            tid: m.tid(),
            p: p.map(|p| p.id),
            g: g.map(|g| g.id.load(Relaxed)),
            doing,
        }
    };
    let mut ms: Vec<MView> = M::all().filter(|m| m.has_thread()).map(view).collect();
    ms.sort_unstable_by_key(|m| m.id);
    ms
}

/// All goroutines, the largest groups first.
pub(crate) fn groups() -> Vec<Group> {
    let now = SCHED.coarse_now();
    let mut groups: HashMap<_, Group> = HashMap::new();
    for g in all(Level::Single) {
        let doing = state(&g);
        let waits = g.status == Status::Waiting && g.wait_since != 0;
        let name = || beside::get(g.id, |b| b.name.clone());
        let group = groups.entry((doing, g.created_at)).or_insert(Group {
            count: 0,
            doing,
            created_at: g.created_at,
            longest: 0,
            examples: Vec::new(),
        });
        group.count += 1;
        group.longest = group
            .longest
            .max(if waits { now - g.wait_since } else { 0 });
        if group.examples.len() < EXAMPLES {
            let name = if g.has(flag::NAMED) { name() } else { None };
            group.examples.push((g.id, name));
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_unstable_by_key(|g| (usize::MAX - g.count, g.examples[0].0));
    groups
}
