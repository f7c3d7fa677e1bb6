//! What a goroutine does on its own stack, from the first instruction to the last.

use super::{grow, root};
use crate::g::header::Closure;
use crate::g::{GRef, Me, Status, flag};
use crate::panic::ROUNDS;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section;
use crate::sched::wake::os_thread;
use crate::sys::walk::ROOT;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The whole life of a goroutine, on its own stack.
pub(super) fn body(g: GRef) {
    // SAFETY: we came out of `execute`, which uses nothing of its section before we are back there, inside. And what
    // `spawn` has given the goroutine runs here, on it.
    let (me, closure) = unsafe {
        section::end();
        (Me::new(g), g.take_closure())
    };
    // Who looks at the stack from outside sees its end here.
    let root = std::hint::black_box(ROOT);
    run_body(me, closure);
    std::hint::black_box(&root);
    // Ending is a runtime entry like any other.
    g.set_status(Status::Dead);
    section::begin_last();
}

#[inline(never)]
fn run_body(g: Me, closure: Closure) {
    let pinned = g.has(flag::PINNED) || SCHED.pins_all();
    if pinned {
        os_thread::lock();
    }
    let result = catch_unwind(AssertUnwindSafe(|| closure.run()));
    ended(g, result);
    if g.has(flag::COLD) {
        drop_rest(g);
        grow::free_kept(g);
    }
    if pinned {
        os_thread::unlock();
    }
}

/// The goroutine's closure, or what was dropped after it, has returned or unwound. Nothing may unwind out of
/// here, where only the M is: a payload is dropped by the user's code, which may panic in its turn.
fn ended(g: Me, mut result: std::thread::Result<()>) {
    while let Err(payload) = result {
        result = catch_unwind(AssertUnwindSafe(|| root::reached_root(g, payload)));
    }
}

/// Drops what it leaves: what is known of its panics, among it payloads that were never taken, and the
/// values of `goroutine_local!`. It is not ending any more, but has ended: the destructors may block. They
/// may panic, recover and use goroutine-local variables, which makes new ones.
#[cold]
fn drop_rest(g: Me) {
    let locals = || g.own().locals.take();
    for _ in 0..ROUNDS {
        let (unwind, locals) = (g.swap_unwind(None), locals());
        if unwind.is_none() && locals.is_none() {
            return;
        }
        ended(g, catch_unwind(AssertUnwindSafe(|| drop(unwind))));
        ended(g, catch_unwind(AssertUnwindSafe(|| drop(locals))));
    }
    // It would never end: what is left is not dropped.
    std::mem::forget((g.swap_unwind(None), locals()));
}
