//! The coroutine of a goroutine: a stack that can be left and entered again.
//!
//! corosensei does the switching. We give it a stack inside a slot and a closure of one pointer;
//! the goroutine's own closure lies in the slot already. The coroutine is always driven to its end
//! or abandoned with the process, never unwound from outside.

use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;

/// A stack inside a slot, from the guard up to what lies above it.
struct SlotStack {
    base: usize,
    limit: usize,
}

// SAFETY: both ends lie in one slot of the arena, which is never unmapped; `limit` is the low end
// of the slot, whose first bytes are the guard; the slot belongs to one goroutine at a time.
unsafe impl Stack for SlotStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.base).expect("not null")
    }
    fn limit(&self) -> StackPointer {
        StackPointer::new(self.limit).expect("not null")
    }
}

type Inner = Coroutine<(), (), (), SlotStack>;

/// The coroutine and the way back out of it.
pub(crate) struct Coro {
    inner: UnsafeCell<MaybeUninit<Inner>>,
    yielder: Cell<*const Yielder<(), ()>>,
}

impl Coro {
    /// Prepares to run `body` on the stack `limit..base`.
    ///
    /// # Safety
    /// It stays where it is. The stack is the caller's, 16-aligned at `base`, and nothing else uses it until the
    /// coroutine has finished. Whatever coroutine was here before has finished.
    #[inline]
    pub(crate) unsafe fn start(
        &self,
        base: usize,
        limit: usize,
        body: impl FnOnce() + Copy + 'static,
    ) {
        let way_back = &raw const self.yielder;
        let inner = Inner::with_stack(SlotStack { base, limit }, move |yielder, ()| {
            // SAFETY: ours, and where it was: a coroutine lies in its goroutine's slot.
            unsafe { (*way_back).set(yielder) };
            body();
        });
        // SAFETY: no other thread looks at the cell: the goroutine does not run yet.
        unsafe { (*self.inner.get()).write(inner) };
    }

    /// Runs the goroutine until it suspends (`false`) or has finished (`true`).
    ///
    /// # Safety
    /// The caller owns the goroutine (it is not running anywhere), which has been started and has
    /// not finished.
    #[inline(always)]
    pub(crate) unsafe fn resume(&self) -> bool {
        // SAFETY: started, so initialised; exclusively ours until the goroutine suspends, and
        // corosensei does not touch `inner` while the coroutine runs.
        let inner = unsafe { (*self.inner.get()).assume_init_mut() };
        match inner.resume(()) {
            CoroutineResult::Yield(()) => false,
            CoroutineResult::Return(()) => {
                // A finished coroutine owns nothing, so it need not be dropped. But the sanitizer must
                // be told that the frames at the bottom of its stack, which never return, are gone.
                #[cfg(goroutines_asan)]
                // SAFETY: as above, and it is not used again before it is written anew.
                unsafe {
                    (*self.inner.get()).assume_init_drop();
                }
                true
            }
        }
    }

    /// Leaves the stack; returns when an M resumes the goroutine, maybe on another thread.
    ///
    /// # Safety
    /// The caller runs on this goroutine's stack (or a segment of it).
    #[inline(always)]
    pub(crate) unsafe fn suspend(&self) {
        // SAFETY: the yielder lives at the base of our own stack, which is in use.
        unsafe { (*self.yielder.get()).suspend(()) };
    }
}

/// A piece of stack for [`on_stack`].
pub(crate) struct Segment {
    /// One past the highest usable address, 16-aligned.
    pub(crate) base: usize,
    /// The lowest address, guard included.
    pub(crate) limit: usize,
}

/// Calls `f` on another stack and returns its result; a panic in it goes on in the caller.
///
/// # Safety
/// The segment is the caller's, guarded at its low end, and nothing else uses it meanwhile.
pub(crate) unsafe fn on_stack<R>(segment: &Segment, f: impl FnOnce() -> R) -> R {
    corosensei::on_stack(
        SlotStack {
            base: segment.base,
            limit: segment.limit,
        },
        f,
    )
}
