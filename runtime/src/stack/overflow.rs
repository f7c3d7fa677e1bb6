//! Running off a stack.
//!
//! A plain function has no prologue of ours; when it needs more stack than its goroutine has it touches
//! the guard. The fault handler only writes prepared text and ends the process: no allocation, no
//! lock, no unwinding. Faults elsewhere go to whoever handled them before.

use super::{arena, guard};
use crate::sys::fault;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Writes whose stack a slot is; async-signal-safe.
pub(crate) type Describe = fn(arena::SlotId, u8, &mut dyn FnMut(&[u8]));

static DESCRIBE: AtomicUsize = AtomicUsize::new(0);

/// Installs the handler; at boot, once.
pub(crate) fn install(describe: Describe) {
    DESCRIBE.store(describe as usize, Ordering::Release);
    fault::install(look);
}

fn look(addr: usize) {
    let Some((slot, class)) = arena::slot_at(addr) else {
        return;
    };
    if addr - arena::slot_base(slot) >= guard::len(arena::size_of_class(class)) {
        return;
    }
    fault::write(
        b"runtime: goroutine stack overflow: a plain function ran off the end of its stack\n",
    );
    // SAFETY: stored by `install` from a `Describe`, before this could run.
    let describe: Describe = unsafe { std::mem::transmute(DESCRIBE.load(Ordering::Acquire)) };
    describe(slot, class, &mut |b| fault::write(b));
    fault::write(
        b"mark the recursive function with #[goroutine], so that its stack grows, or give the \
          goroutine a bigger stack: Builder::new().stack_size(..), or GOROUTINES_STACK=1MiB\n\
          fatal error: stack overflow\n",
    );
    fault::exit(2)
}
