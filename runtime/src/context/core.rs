//! What can be cancelled: the tree of cores (Go's `cancelCtx`).
//!
//! A core knows its children, other cores and functions to start; children know their parent weakly, for they only want
//! to leave it. What holds under a core's lock (an ordinary [`Mutex`], no spinlock):
//!
//! * `outcome` is set, once, and `done` closed in the same locked section. So a thread that sees an
//!   outcome and then has the lock finds `done` closed, and a child is either registered before that
//!   or sees the outcome.
//! * Children stay registered until everything below them is cancelled. So a second canceller that
//!   comes while the first is at work finds the same children, helps, and returns only when all are
//!   cancelled, as the first does. No thread holds two cores' locks.
//!
//! A core outlives its last [`Context`](super::Context) only while its cancellation can still be
//! seen: by a `done` channel, a child, or a function ([`Core::release_if_unused`]); what only a
//! `done` channel kept goes when its parent gets more children ([`Core::sweep`]).

#![forbid(unsafe_code)]

use super::error::{Cause, ContextError};
use crate::chan::{Chan, Receiver};
use crate::sched::go;
use crate::sync::Mutex;
use crate::time::{self, Timer};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

/// How a core ended.
#[derive(Clone)]
struct Outcome {
    err: ContextError,
    cause: Option<Cause>,
}

pub(super) struct Core {
    /// Closed when the outcome is set; the two-way handle that all others come from.
    done: Chan<()>,
    outcome: OnceLock<Outcome>,
    /// The parent's deadline or the own one, whichever is earlier.
    deadline: Option<Instant>,
    parent: Weak<Core>,
    place: Place,
    tree: Mutex<Tree>,
}

#[derive(Default)]
struct Tree {
    children: Children,
    timer: Option<Timer>,
    /// No `Context` with this core of its own is left.
    orphan: bool,
    /// With this many children, look for those that cannot be seen any more.
    sweep_at: usize,
}

/// A set with fewer children than this is not searched.
const SWEEP_LEAST: usize = 64;

impl Core {
    /// A live core, registered with its parent; cancelled from the start if the parent is.
    pub(super) fn new(parent: Option<&Arc<Core>>, deadline: Option<Instant>) -> Arc<Self> {
        let core = Arc::new(Core {
            done: Chan::new(0),
            outcome: OnceLock::new(),
            deadline,
            parent: parent.map_or_else(Weak::new, Arc::downgrade),
            place: Place::default(),
            tree: Mutex::default(),
        });
        if let Some(outcome) = parent.and_then(|p| p.adopt(Child::Core(core.clone()))) {
            core.end(outcome);
        }
        core
    }

    pub(super) fn done(&self) -> Receiver<()> {
        self.done.receiver()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The outcome; once it is told, `done` is closed.
    fn outcome(&self) -> Option<&Outcome> {
        let outcome = self.outcome.get()?;
        if !self.done.is_closed() {
            // Another thread is between the two, with the lock held.
            drop(self.tree.lock());
        }
        Some(outcome)
    }

    pub(super) fn err(&self) -> Option<ContextError> {
        self.outcome().map(|outcome| outcome.err)
    }

    pub(super) fn cause(&self) -> Option<Cause> {
        let outcome = self.outcome()?;
        let err = || Cause::from(Box::new(outcome.err) as Box<_>);
        Some(outcome.cause.clone().unwrap_or_else(err))
    }

    /// Cancels this core and everything below it; when it returns, all of that is cancelled, no
    /// matter which caller was first.
    pub(super) fn cancel(self: &Arc<Self>, err: ContextError, cause: Option<Cause>) {
        self.end(&Outcome { err, cause });
        if !self.tree.lock().children.is_empty() {
            self.cancel_descendants();
        }
        self.leave_parent();
    }

    /// This core has ended; now all below it.
    #[cold]
    fn cancel_descendants(self: &Arc<Self>) {
        // A list, not recursion: contexts may be nested deeply.
        let mut ended = vec![self.clone()];
        let mut next = 0;
        while let Some(core) = ended.get(next).cloned() {
            next += 1;
            let outcome = core.outcome.get().expect("ended");
            let children = core.tree.lock().children.snapshot();
            for child in children {
                match child {
                    Child::Core(child) => {
                        child.end(outcome);
                        ended.push(child);
                    }
                    Child::Func(func) => func.start(),
                }
            }
        }
        for core in ended {
            let children = mem::take(&mut core.tree.lock().children);
            drop(children);
        }
    }

    /// Sets the outcome, if there is none yet, and closes `done`.
    fn end(&self, outcome: &Outcome) {
        let mut tree = self.tree.lock();
        if self.outcome.set(outcome.clone()).is_err() {
            return;
        }
        let timer = tree.timer.take();
        // Waiters are woken without the lock: wakers are the user's.
        self.done.close_and(|| drop(tree));
        if let Some(timer) = timer {
            timer.stop();
        }
    }

    /// Cancels at `deadline`, or now if it has passed.
    pub(super) fn cancel_at(self: &Arc<Self>, deadline: Instant, cause: Option<Cause>) {
        let left = deadline.saturating_duration_since(time::now());
        if left.is_zero() {
            return self.cancel(ContextError::DeadlineExceeded, cause);
        }
        let core = self.clone();
        let expire = move || core.cancel(ContextError::DeadlineExceeded, cause.clone());
        let mut tree = self.tree.lock();
        if self.outcome.get().is_none() {
            tree.timer = Some(time::after_func(left, expire));
        }
    }

    /// Registers a child; or tells how this core has ended, if it has.
    fn adopt(&self, child: Child) -> Option<&Outcome> {
        let mut tree = self.tree.lock();
        let outcome = self.outcome.get();
        if outcome.is_none() {
            tree.children.insert(child);
        }
        let sweep = tree.children.0.len() >= tree.sweep_at.max(SWEEP_LEAST);
        drop(tree);
        if sweep {
            self.sweep();
        }
        outcome
    }

    /// Lets go of the children that only a `done` channel kept, which has no receiver any more: a
    /// receiver that is dropped does not tell the core. The next sweep is due when there are twice as
    /// many as now, so each child pays for a look or two in all.
    #[cold]
    fn sweep(&self) {
        let mut children = self.tree.lock().children.snapshot();
        while let Some(child) = children.pop() {
            let Child::Core(core) = child else { continue };
            let tree = core.tree.lock();
            if !tree.orphan {
                continue;
            }
            let below = tree.children.snapshot();
            drop(tree);
            if below.is_empty() {
                core.release_if_unused();
            } else {
                // They take their parents with them.
                children.extend(below);
            }
        }
        let mut tree = self.tree.lock();
        tree.sweep_at = 2 * tree.children.0.len();
    }

    fn leave_parent(&self) -> Option<Arc<Core>> {
        let parent = self.parent.upgrade()?;
        let child = parent.tree.lock().children.remove(&self.place);
        drop(child);
        Some(parent)
    }

    /// `func` runs when this core ends.
    pub(super) fn add_func(&self, func: &Arc<AfterFunc>) {
        if self.adopt(Child::Func(func.clone())).is_some() {
            func.start();
        }
    }

    /// `func` has been called off.
    pub(super) fn remove_func(self: &Arc<Self>, func: &AfterFunc) {
        let child = self.tree.lock().children.remove(&func.place);
        drop(child);
        self.release_if_unused();
    }

    /// The last context with this core of its own is gone.
    pub(super) fn context_is_gone(self: &Arc<Self>) {
        if self.outcome.get().is_none() {
            self.tree.lock().orphan = true;
            self.release_if_unused();
        }
    }

    /// Leaves the parent and stops the timer, if the cancellation of this core could not be seen;
    /// then the same for the parent, which may have been kept for our sake only.
    fn release_if_unused(self: &Arc<Self>) {
        let mut core = self.clone();
        loop {
            let mut tree = core.tree.lock();
            let seen = core.done.receivers() > 1 || !tree.children.is_empty();
            if !tree.orphan || seen || core.outcome.get().is_some() {
                return;
            }
            let timer = tree.timer.take();
            drop(tree);
            if let Some(timer) = timer {
                timer.let_go();
            }
            let Some(parent) = core.leave_parent() else {
                return;
            };
            core = parent;
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // Never cancelled, and no handle is left that could cancel it: a receiver of `done` waits
        // for ever, as in Go.
        mem::take(&mut self.done).leave_open();
    }
}

/// A function to start when a core ends.
pub(super) struct AfterFunc {
    f: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    place: Place,
}

impl AfterFunc {
    pub(super) fn new(f: impl FnOnce() + Send + 'static) -> Self {
        AfterFunc {
            f: Mutex::new(Some(Box::new(f))),
            place: Place::default(),
        }
    }

    /// The function, for the one caller that gets it: to start it or to call it off.
    pub(super) fn take(&self) -> Option<Box<dyn FnOnce() + Send>> {
        self.f.lock().take()
    }

    fn start(&self) {
        if let Some(f) = self.take() {
            go(f);
        }
    }
}

#[derive(Clone)]
enum Child {
    Core(Arc<Core>),
    Func(Arc<AfterFunc>),
}

/// Where a child stands among its parent's [`Children`]; under the parent's lock.
#[derive(Default)]
struct Place(AtomicUsize);

impl Child {
    fn place(&self) -> &Place {
        match self {
            Child::Core(core) => &core.place,
            Child::Func(func) => &func.place,
        }
    }
}

/// A set of children, to which adding and from which removing takes constant time.
#[derive(Default)]
struct Children(Vec<Child>);

impl Children {
    fn insert(&mut self, child: Child) {
        child.place().0.store(self.0.len(), Ordering::Relaxed);
        self.0.push(child);
    }

    /// Takes out the child with that `place`; the last one moves there. `None`: it is not here.
    fn remove(&mut self, place: &Place) -> Option<Child> {
        let at = place.0.load(Ordering::Relaxed);
        if !std::ptr::eq(self.0.get(at)?.place(), place) {
            return None;
        }
        let child = self.0.swap_remove(at);
        if let Some(moved) = self.0.get(at) {
            moved.place().0.store(at, Ordering::Relaxed);
        }
        Some(child)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn snapshot(&self) -> Vec<Child> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{after_func, background, with_cancel, with_timeout, with_value};
    use super::*;
    use std::time::Duration;

    fn children(ctx: &super::super::Context) -> usize {
        ctx.core().unwrap().tree.lock().children.0.len()
    }

    /// Go's `TestCancelRemoves`: a child that is done, called off or dropped leaves its parent.
    #[test]
    fn children_leave() {
        let (root, cancel_root) = with_cancel(&background());
        assert_eq!(children(&root), 0);
        let (_a, cancel_a) = with_cancel(&root);
        let (_b, cancel_b) = with_timeout(&root, Duration::from_secs(3600));
        let stop = after_func(&root, || unreachable!());
        assert_eq!(children(&root), 3);
        cancel_a();
        assert_eq!(children(&root), 2);
        assert!(stop());
        assert_eq!(children(&root), 1);
        cancel_b();
        assert_eq!(children(&root), 0);
        let kept = with_cancel(&root);
        cancel_root();
        assert_eq!(children(&root), 0);
        drop(kept);
    }

    /// Without a call of `cancel` too, once a cancellation could not be seen.
    #[test]
    fn dropped_children_leave() {
        let (root, _cancel) = with_cancel(&background());
        drop(with_timeout(&root, Duration::from_secs(3600)));
        assert_eq!(children(&root), 0);
        // A chain of three, kept by what the last one is used for.
        let chain = || {
            let (ctx, _cancel) = with_cancel(&root);
            with_cancel(&with_value(&ctx, 1, 2)).0
        };
        let leaf = chain();
        assert_eq!(children(&root), 1);
        drop(leaf);
        assert_eq!(children(&root), 0);
        let stop = after_func(&chain(), || unreachable!());
        assert_eq!(children(&root), 1);
        assert!(stop());
        assert_eq!(children(&root), 0);
    }

    /// A receiver that outlives its context keeps the core, and does not tell it when it goes.
    #[test]
    fn children_whose_done_channel_outlived_them_do_not_pile_up() {
        let (root, _cancel) = with_cancel(&background());
        let mut kept = Vec::new();
        for i in 0..10_000 {
            let (ctx, cancel) = with_cancel(&root);
            let (leaf, _cancel) = with_cancel(&ctx);
            let done = [ctx.done(), leaf.done()];
            drop((leaf, ctx));
            if i % 1000 == 0 {
                kept.push((cancel, done));
            }
            assert!(children(&root) <= 2 * (kept.len() + SWEEP_LEAST));
        }
        // Those that are still seen work as before.
        for (cancel, done) in kept {
            cancel();
            assert_eq!(done[1].recv(), None);
        }
    }

    #[test]
    fn a_done_channel_without_its_context_stays_open_and_is_freed_with_its_last_receiver() {
        let (ctx, cancel) = with_cancel(&background());
        let done = ctx.done();
        drop((ctx, cancel));
        let other = done.clone();
        drop(done);
        assert!(!other.is_closed());
        assert_eq!(other.try_recv(), Err(crate::chan::TryRecvError::Empty));
    }

    #[test]
    fn places_move_with_their_children() {
        let funcs: Vec<_> = (0..5).map(|_| Arc::new(AfterFunc::new(|| ()))).collect();
        let mut set = Children::default();
        for f in &funcs {
            set.insert(Child::Func(f.clone()));
        }
        for i in [1, 4, 0, 3, 2] {
            let Some(Child::Func(out)) = set.remove(&funcs[i].place) else {
                panic!("{i} is missing");
            };
            assert!(Arc::ptr_eq(&out, &funcs[i]));
            assert!(set.remove(&funcs[i].place).is_none());
        }
        assert!(set.is_empty());
    }
}
