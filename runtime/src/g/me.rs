//! The running goroutine, for itself.

use super::GRef;
use super::unwind::Unwind;
use std::any::Any;
use std::cell::{Cell, RefCell, RefMut};
use std::marker::PhantomData;
use std::ops::Deref;

/// What only the goroutine itself touches, and its last owner when it is buried. All zero while it is unused.
#[derive(Default)]
pub(crate) struct Own {
    /// Size of the current segment; 0 = the first, the slot itself.
    pub(crate) segment_size: Cell<usize>,
    /// Bytes of stack in the segments before the current one.
    pub(crate) stack_bytes: Cell<usize>,
    /// A free segment of a grown stack, kept for the next time.
    pub(crate) kept: Cell<*mut ()>,
    pub(super) unwind: RefCell<Option<Box<Unwind>>>,
    /// Values of `goroutine_local!`.
    pub(crate) locals: RefCell<Option<Box<dyn Any + Send>>>,
}

/// The proof that the code which has it runs on this goroutine. It stays true when the goroutine moves to another
/// thread; it cannot be passed to code that runs on another one.
#[derive(Clone, Copy)]
pub(crate) struct Me {
    g: GRef,
    stays: PhantomData<*const ()>,
}

impl Deref for Me {
    type Target = GRef;
    #[inline(always)]
    fn deref(&self) -> &GRef {
        &self.g
    }
}

impl Me {
    /// # Safety
    /// `g` is the running goroutine, and the caller runs on it.
    #[inline(always)]
    pub(crate) unsafe fn new(g: GRef) -> Me {
        let stays = PhantomData;
        Me { g, stays }
    }

    /// What only it touches, for writing: its end will clear it.
    pub(crate) fn own(&self) -> &Own {
        // SAFETY: by the goroutine itself.
        unsafe { self.g.cold().own() }
    }

    /// The same, if it was ever used.
    #[inline(always)]
    fn own_if_any(&self) -> Option<&Own> {
        let cold = self.g.cold_if_any()?;
        // SAFETY: by the goroutine itself.
        Some(unsafe { cold.own() })
    }

    /// Its panics and how it is ending.
    pub(crate) fn unwind_state(&self) -> RefMut<'_, Unwind> {
        let state = self.own().unwind.borrow_mut();
        RefMut::map(state, |state| &mut **state.get_or_insert_default())
    }

    /// The same, if it ever panicked.
    pub(crate) fn unwind_state_if_any(&self) -> Option<RefMut<'_, Unwind>> {
        let state = self.own_if_any()?.unwind.borrow_mut();
        RefMut::filter_map(state, Option::as_deref_mut).ok()
    }

    /// Exchanges what is known of its panics.
    pub(crate) fn swap_unwind(&self, new: Option<Box<Unwind>>) -> Option<Box<Unwind>> {
        self.own().unwind.replace(new)
    }

    /// Is it ending by `goexit`? Cheap when it never unwound.
    #[inline(always)]
    pub(crate) fn is_ending(&self) -> bool {
        let unwinds = |own: &Own| own.unwind.borrow().as_ref().is_some_and(|u| u.ending);
        self.own_if_any().is_some_and(unwinds)
    }
}

#[cfg(test)]
static_assertions::assert_not_impl_any!(Me: Send);
