//! What a goroutine that parks leaves to its M.

use std::mem::ManuallyDrop;

/// Runs on g0, once, after the goroutine has left its stack: it publishes that it waits. `false`: it does not.
#[must_use = "the goroutine would never run again"]
pub(crate) struct Commit {
    run: unsafe fn(*mut ()) -> bool,
    closure: *mut (),
}

impl Commit {
    /// What `closure` does, which is moved out of its place when it is run.
    ///
    /// # Safety
    /// It stays there until then, and may be run on another stack of the same thread. It does not panic, block,
    /// park or run the user's code.
    #[inline(always)]
    pub(crate) unsafe fn new<C: FnOnce() -> bool>(closure: &mut ManuallyDrop<C>) -> Commit {
        /// # Safety
        /// Once, with the address of the closure.
        unsafe fn run<C: FnOnce() -> bool>(closure: *mut ()) -> bool {
            // SAFETY: moved out of the frame, which may be gone before the closure returns.
            unsafe { closure.cast::<C>().read()() }
        }
        Commit {
            run: run::<C>,
            closure: std::ptr::from_mut(closure).cast(),
        }
    }

    #[inline(always)]
    pub(crate) fn run(self) -> bool {
        // SAFETY: it is run once, as it is used up; the rest was promised to `new`.
        unsafe { (self.run)(self.closure) }
    }
}
