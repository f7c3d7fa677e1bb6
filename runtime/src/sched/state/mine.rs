//! The calling thread's M, and the P that it owns: the proofs that they are.

use super::m::M;
use super::own::Own;
use super::p::{FreeP, P};
use crate::g::GRef;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::Ordering;

/// The calling thread's M, as the proof that it is. Never kept over a suspension.
pub(crate) struct Mine {
    m: &'static M,
    /// It is about the calling thread.
    stays: PhantomData<*const ()>,
}

impl Deref for Mine {
    type Target = M;
    #[inline(always)]
    fn deref(&self) -> &M {
        self.m
    }
}

impl Mine {
    /// `None` on a plain thread.
    #[inline(always)]
    pub(super) fn get() -> Option<Mine> {
        let (m, stays) = (M::current()?, PhantomData);
        Some(Mine { m, stays })
    }

    /// Which M it is. That proves nothing.
    #[inline(always)]
    pub(super) fn m(&self) -> &'static M {
        self.m
    }

    /// What only its own thread touches.
    #[inline(always)]
    pub(super) fn own(&self) -> &Own {
        // SAFETY: the M is the calling thread's, and this is not kept over a suspension. A `Commit`, which may not go
        // to another thread, is run by the one that has made it.
        unsafe { self.m.own.get() }
    }

    /// Becomes the owner of `p`.
    pub(super) fn acquire_p(&self, p: FreeP) {
        p.set_owner(self.m);
        self.m.owner.acquire(ptr::from_ref(p.p()) as usize);
    }

    /// Gives up its P.
    ///
    /// # Safety
    /// Inside the runtime; nothing uses the P's private parts.
    pub(super) unsafe fn release_p(&self) -> Option<FreeP> {
        // SAFETY: as in `M::p`. Who changes the word to 0 has the P: this swap, or an examiner's CAS.
        let p = unsafe { FreeP::new((self.m.owner.release() as *const P).as_ref()?) };
        p.clear_owner();
        Some(p)
    }
}

/// The running goroutine, and the M that it runs on. Never kept over a suspension.
pub(crate) struct Here {
    pub(super) mine: Mine,
    pub(crate) g: GRef,
}

impl Here {
    /// `None` on a plain thread, and on g0.
    #[inline(always)]
    pub(crate) fn get() -> Option<Here> {
        let mine = Mine::get()?;
        let g = mine.curg()?;
        Some(Here { mine, g })
    }

    /// The M.
    #[inline(always)]
    pub(crate) fn m(&self) -> &'static M {
        self.mine.m
    }

    /// What only the M's own thread touches.
    #[inline(always)]
    pub(crate) fn own(&self) -> &Own {
        self.mine.own()
    }
}

impl P {
    fn set_owner(&self, m: &'static M) {
        let m = ptr::from_ref(m).cast_mut();
        self.owner.store(m.cast(), Ordering::Release);
    }

    /// It has no owner from now on but the caller.
    pub(super) fn clear_owner(&self) {
        self.owner.store(ptr::null_mut(), Ordering::Release);
    }

    /// The M that owned it a moment ago.
    pub(crate) fn owner(&self) -> Option<&'static M> {
        // SAFETY: null, or stored from an M; Ms are never freed.
        unsafe { self.owner.load(Ordering::Acquire).cast::<M>().as_ref() }
    }

    /// In debug builds: is the caller the owner? Either the M that has it, inside the runtime, or a
    /// thread that holds it while no M has it.
    #[inline(always)]
    pub(super) fn check_owner(&self) {
        debug_assert!(
            self.owner()
                .is_none_or(|m| { M::current().is_some_and(|me| ptr::eq(me, m)) && m.is_inside() }),
            "the private parts of another M's P"
        );
    }
}
