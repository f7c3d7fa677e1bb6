//! `goexit`: a goroutine ends by an unwind that nothing stops.

use super::defer::forget_replacement;
use crate::g::Me;
use crate::g::flag;
use crate::sched::state::m::me;
use std::panic::resume_unwind;

/// The payload with which [`goexit`](crate::runtime::goexit) unwinds.
///
/// [`JoinHandle::join`](crate::JoinHandle::join) returns it as the error of a goroutine that ended
/// by `goexit`, or because all receivers of the channel it was sending to had gone.
#[derive(Debug)]
#[non_exhaustive]
pub struct Goexit;

/// Ends the calling goroutine: its deferred code and destructors run, and nothing can stop it.
pub(crate) fn goexit() -> ! {
    forget_replacement();
    if let Some(g) = me() {
        g.unwind_state().ending = true;
    }
    resume_unwind(Box::new(Goexit))
}

/// A caller that is about to block asks this first, with nothing locked or queued yet: a goroutine
/// that is ending by [`goexit`] and has swallowed the unwind is unwound again; in a debug build, one
/// that is inside a [`NoSuspend`](crate::runtime::NoSuspend) scope panics.
#[inline]
pub(crate) fn before_block() {
    if let Some(g) = me()
        && g.has(flag::COLD)
        && !may_block(g)
    {
        refuse_to_block(g);
    }
}

/// May the running goroutine `g` block? Always while it unwinds.
#[cold]
pub(crate) fn may_block(g: Me) -> bool {
    let refused = g.is_ending() || cfg!(debug_assertions) && g.no_suspend() > 0;
    !refused || std::thread::panicking()
}

#[cold]
#[inline(never)]
fn refuse_to_block(g: Me) {
    if g.is_ending() {
        goexit();
    }
    panic!("suspended inside a NoSuspend scope");
}
