//! What follows a goroutine from thread to thread: hooks around each suspension.
//!
//! Code that keeps its state in thread-locals (entered spans, a log's context, labels) sees a goroutine as many
//! threads. A hook takes the state off the thread before the goroutine leaves it, and puts it onto the one where
//! it goes on. Both run on the goroutine itself, with nothing locked and outside sections, as [`Away`] stands where
//! `before_block` does: in code that is about to wait, before it queues itself. So a goroutine may be away for a
//! moment and then not wait after all; the hooks cannot tell. One that has waited for a lock gives it back before
//! its hooks put the state back, and takes it again: hooks are the user's code, and may want the lock themselves. If
//! others are always faster, it waits with its thread, and has no need of hooks.
//!
//! A goroutine that is paused in place, or waits for its P in line, keeps its thread and has no hooks to run.
//!
//! Goroutines that were started before the first hook have none; [`flag::HOOKED`] is given at birth, which is all
//! that hooks cost a goroutine that has none.

use crate::g::{GRef, flag};
use crate::panic::guarded;
use crate::sched::state::m::current_g;
use crate::sys::arch::{kept_registers, stack_pointer};
use crate::threadcheck;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

type Call = Box<dyn Fn() + Send + Sync>;

/// What is registered, as it is at one moment; never changed and never freed.
#[derive(Clone, Copy)]
struct Hooks(&'static [&'static (Call, Call)]);

static HOOKS: AtomicPtr<Hooks> = AtomicPtr::new(ptr::null_mut());
/// What every new goroutine has.
static FLAG: AtomicU16 = AtomicU16::new(0);

impl Hooks {
    fn current() -> Hooks {
        // SAFETY: null, or leaked by `add`. Acquire pairs with its store.
        unsafe { HOOKS.load(Ordering::Acquire).as_ref() }.map_or(Hooks(&[]), |hooks| *hooks)
    }
}

/// The flags of a new goroutine, of which `flags` are known. The goroutines that a program begins with exist
/// before it has set up its logging.
#[inline(always)]
pub(crate) fn flags_at_birth(flags: u16) -> u16 {
    let flags = flags | FLAG.load(Ordering::Relaxed);
    #[cfg(feature = "tracing")]
    if flags & flag::FIRST != 0 || tracing_core::dispatcher::has_been_set() {
        return flags | flag::HOOKED;
    }
    flags
}

/// `GODEBUG=migrate=stay`: all goroutines from now on stay on the thread where they begin.
pub(crate) fn let_all_stay() {
    FLAG.fetch_or(flag::STAYS, Ordering::Relaxed);
}

/// `GODEBUG=threadcheck=1`: every goroutine from now on is looked at before it waits.
pub(crate) fn check_all() {
    FLAG.fetch_or(flag::CHECKED, Ordering::Relaxed);
}

/// Registers a pair of hooks, for good: for the caller and the goroutines that are started from now on.
pub(crate) fn add(leave: Call, enter: Call) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all = Hooks::current().0.to_vec();
    all.push(Box::leak(Box::new((leave, enter))));
    let hooks = Box::leak(Box::new(Hooks(all.leak())));
    // Release: a thread that sees the pointer sees what it points to.
    HOOKS.store(hooks, Ordering::Release);
    FLAG.fetch_or(flag::HOOKED, Ordering::Relaxed);
    if let Some(g) = current_g() {
        g.set_flag(flag::HOOKED, true);
    }
}

/// Might a goroutine have something to be taken off its thread?
#[inline(always)]
pub(crate) fn hooks_exist() -> bool {
    #[cfg(feature = "tracing")]
    if tracing_core::dispatcher::has_been_set() {
        return true;
    }
    // Relaxed: a goroutine that has hooks was told of them, and so of this.
    FLAG.load(Ordering::Relaxed) != 0
}

/// While it lives, the calling goroutine may change threads. (One word, since it lies in the frame of every waiter.)
#[must_use]
pub(crate) struct Away(Option<Box<Left>>);

impl Away {
    /// Does the user's code run when this is dropped?
    #[inline]
    pub(crate) fn has_hooks(&self) -> bool {
        self.0.as_ref().is_some_and(|left| left.has_hooks())
    }
}

/// What is to be put onto the thread again.
struct Left {
    g: GRef,
    hooks: Hooks,
    #[cfg(feature = "tracing")]
    spans: spans::Left,
}

impl Left {
    fn has_hooks(&self) -> bool {
        #[cfg(feature = "tracing")]
        if !self.spans.is_empty() {
            return true;
        }
        !self.hooks.0.is_empty()
    }
}

/// The caller is about to wait, with nothing locked and not queued yet.
#[inline]
pub(crate) fn away() -> Away {
    match current_g() {
        Some(g) if g.has(flag::HOOKED | flag::CHECKED) => leave(g),
        _ => Away(None),
    }
}

#[cold]
#[inline(never)]
fn leave(g: GRef) -> Away {
    if g.has(flag::AWAY) {
        return Away(None);
    }
    // First: a hook that waits, against the rules, is not told of it again.
    g.set_flag(flag::AWAY, true);
    if g.has(flag::CHECKED) {
        threadcheck::look(g, stack_pointer(), &kept_registers());
    }
    if !g.has(flag::HOOKED) {
        g.set_flag(flag::AWAY, false);
        return Away(None);
    }
    let hooks = Hooks::current();
    hooks.0.iter().rev().for_each(|(leave, _)| guarded(leave));
    Away(Some(Box::new(Left {
        g,
        hooks,
        #[cfg(feature = "tracing")]
        spans: spans::leave(),
    })))
}

impl Drop for Away {
    #[inline]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn come_back(left: &Left) {
            #[cfg(feature = "tracing")]
            left.spans.enter();
            let hooks = left.hooks.0.iter();
            hooks.for_each(|(_, enter)| guarded(enter));
            left.g.set_flag(flag::AWAY, false);
        }
        if let Some(left) = self.0.take() {
            come_back(&left);
        }
    }
}

/// The spans of `tracing`: all that are entered are left, and entered again.
#[cfg(feature = "tracing")]
mod spans {
    use crate::panic::guarded;
    use tracing_core::dispatcher::{self, Dispatch};
    use tracing_core::span::Id;

    /// The subscriber whose spans they are, and the spans, the innermost first.
    pub(super) struct Left(Option<(Dispatch, Vec<Id>)>);

    pub(super) fn leave() -> Left {
        let mut left = None;
        guarded(|| {
            dispatcher::get_default(|dispatch| {
                let mut ids: Vec<Id> = Vec::new();
                // How often the last one was left: one that was entered twice is left twice.
                let mut again = 0;
                while let Some(id) = dispatch.current_span().id() {
                    again = match ids.last() == Some(id) {
                        true => again + 1,
                        false => 0,
                    };
                    if again == AGAIN {
                        // A subscriber whose current span does not follow `exit` is left alone.
                        ids.drain(ids.len() - AGAIN..)
                            .for_each(|id| dispatch.enter(&id));
                        break;
                    }
                    ids.push(id.clone());
                    dispatch.exit(id);
                }
                if !ids.is_empty() {
                    left = Some((dispatch.clone(), ids));
                }
            });
        });
        Left(left)
    }

    /// How often one span may be entered in a row.
    const AGAIN: usize = 8;

    impl Left {
        pub(super) fn is_empty(&self) -> bool {
            self.0.is_none()
        }

        pub(super) fn enter(&self) {
            if let Some((dispatch, ids)) = &self.0 {
                guarded(|| ids.iter().rev().for_each(|id| dispatch.enter(id)));
            }
        }
    }
}
