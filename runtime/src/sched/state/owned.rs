//! What lies in a thing that all threads see, and is its owner's alone.
//!
//! An M's [`Own`](super::own::Own) and a P's private parts lie in one of these. Everything else in an M or a P may be
//! touched by any thread, and the compiler sees to that.

/// A `T` that only the owner of what it lies in touches: by a proof that the caller is the owner, which a type carries
/// ([`Mine`](super::mine::Mine), [`OwnP`](super::p::OwnP), [`FreeP`](super::p::FreeP)).
#[repr(transparent)]
pub(super) struct Owned<T>(T);

// SAFETY: by a shared reference `T` is reached by `get` alone, one owner at a time.
unsafe impl<T> Sync for Owned<T> {}

impl<T> Owned<T> {
    pub(super) const fn new(value: T) -> Owned<T> {
        Owned(value)
    }

    /// # Safety
    /// The caller is the owner for as long as the result lives, and what another owner did before happened before. If
    /// `T` is not `Send`, no owner on another thread finds there what may not go to it.
    #[inline(always)]
    pub(super) unsafe fn get(&self) -> &T {
        &self.0
    }
}
