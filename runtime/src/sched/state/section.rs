//! Runtime sections: while an M is inside one, no thread takes its P away and its P's private parts
//! may be used.
//!
//! Entering is a plain store and a load; the thread that wants the P pays the price: it tags `m.p`,
//! makes every thread pass a barrier and then looks whether the M is inside (README.md, "Taking a P
//! from a running M"). No user code runs inside a section.

use super::fatal;
use super::m::M;
use super::mine::{Here, Mine};
use super::own::Own;
use super::p::{FreeP, OwnP, P};
use super::runnable::Runnable;
use super::slice;
use crate::sys::thread;
use std::ops::Deref;

/// A section of the calling M, left when dropped. Must not live over a suspension: debug builds end the process there
/// ([`begin`]).
pub(crate) struct Section {
    m: Mine,
    nested: bool,
}

/// Enters; `None` on a plain thread, which has no M.
#[inline(always)]
pub(crate) fn enter() -> Option<Section> {
    let m = Mine::get()?;
    let nested = m.is_inside();
    if !nested {
        m.owner.enter();
    }
    Some(Section { m, nested })
}

/// Enters without a guard, for a goroutine that is about to leave its stack. It is left on another stack, and maybe
/// another M: see [`end`].
#[inline(always)]
pub(crate) fn begin(here: &Here) {
    outside(here.m());
    here.mine.owner.enter();
}

/// A section that it held would be left when it is resumed, of an M that may be inside by then for another
/// goroutine. (To unwind from here would leave a lock taken and a waiter queued.)
#[inline(always)]
fn outside(m: &M) {
    if cfg!(debug_assertions) && m.is_inside() {
        fatal::throw("suspended inside a runtime section");
    }
}

/// [`begin`] for a goroutine that is about to end. Nothing on a plain thread.
#[inline(always)]
pub(crate) fn begin_last() {
    if let Some(m) = Mine::get() {
        outside(&m);
        m.owner.enter();
    }
}

/// Leaves the section that the current M is in.
///
/// # Safety
/// It was begun by [`begin`], and nothing of a section of this M is used before another begins.
#[inline(always)]
pub(crate) unsafe fn end() {
    if let Some(m) = M::current() {
        m.owner.leave();
    }
}

impl Section {
    /// The M.
    #[inline(always)]
    pub(crate) fn m(&self) -> &'static M {
        self.m.m()
    }

    /// What only the M's own thread touches.
    #[inline(always)]
    pub(crate) fn own(&self) -> &Own {
        self.m.own()
    }

    /// The P, private parts included; `None` if it was taken away.
    #[inline(always)]
    pub(crate) fn p(&self) -> Option<OwnP<'_>> {
        // SAFETY: we are inside, so no thread takes it; and code that gives it up by this section does not use it
        // any more.
        self.m.p().map(|p| unsafe { OwnP::new(p) })
    }

    /// Becomes the owner of `p`; the M has none.
    pub(crate) fn acquire_p(&mut self, p: FreeP) {
        assert!(self.m.p().is_none(), "an M has one P");
        self.m.acquire_p(p);
    }

    /// Gives up the M's P.
    ///
    /// # Panics
    /// In a section inside another one the P would be the outer one's, too.
    pub(crate) fn release_p(&mut self) -> Option<FreeP> {
        assert!(!self.nested, "the P of a section around this one");
        // SAFETY: we are inside, there is no other section, and this one is borrowed alone: so no `OwnP` is there.
        unsafe { self.m.release_p() }
    }
}

impl Deref for Section {
    type Target = M;
    #[inline(always)]
    fn deref(&self) -> &M {
        &self.m
    }
}

impl Drop for Section {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.nested {
            self.m.owner.leave();
        }
    }
}

/// What an examiner wants of the P of an M that is outside the runtime.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Examine {
    /// The P itself.
    Take {
        /// The M computes, and is counted as a hog until its goroutine leaves it.
        hog: bool,
    },
    /// The goroutine in `run_next`.
    StealNext,
}

/// What came of it.
pub(crate) enum Examined {
    /// The M is inside the runtime, or has moved on: nothing was done.
    Busy,
    /// The P is the caller's now; the M's goroutine goes on without one.
    Took(FreeP),
    /// The goroutine is the caller's, if there was one.
    Stole(Option<Runnable>),
}

/// The rare side of the protocol: takes what is wanted from an M that was found to have `p`.
pub(crate) fn examine(m: &'static M, p: &'static P, what: Examine) -> Examined {
    let Some(examination) = m.owner.examine(std::ptr::from_ref(p) as usize) else {
        return Examined::Busy;
    };
    let Examine::Take { hog } = what else {
        if !examination.holds() {
            return Examined::Busy;
        }
        // SAFETY: the M is outside, and stays there until the examination is over.
        return Examined::Stole(unsafe { OwnP::new(p) }.take_next());
    };
    // Before the P is gone: then the M may settle the account at any time.
    let cpu = || thread::cpu_time(m.tid()).unwrap_or(0);
    let counted = hog && m.counts_turn(cpu(), slice::in_line());
    if examination.take() {
        p.clear_owner();
        // SAFETY: taken from the M just now.
        return Examined::Took(unsafe { FreeP::new(p) });
    }
    if counted {
        m.hog.settle();
    }
    Examined::Busy
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use crate::spawn;
    use crate::sys::inject::in_child;

    #[test]
    fn a_suspension_inside_a_section_is_noticed() {
        const NAME: &str = "sched::state::section::tests::a_suspension_inside_a_section_is_noticed";
        let child = in_child(NAME, "", |_| {
            let held = spawn(|| {
                let section = super::enter();
                crate::runtime::gosched();
                drop(section);
            });
            drop(held.join());
        });
        if let Some(child) = child {
            let text = String::from_utf8_lossy(&child.stderr);
            let head = "fatal error: suspended inside a runtime section";
            assert!(!child.status.success() && text.contains(head), "{text}");
        }
    }
}

// The proofs stay on the threads on which they are true.
#[cfg(test)]
static_assertions::assert_not_impl_any!(Mine: Send);
#[cfg(test)]
static_assertions::assert_not_impl_any!(Here: Send);
#[cfg(test)]
static_assertions::assert_not_impl_any!(Section: Send);
