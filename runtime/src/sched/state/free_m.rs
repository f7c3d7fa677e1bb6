//! An M that no thread is.

use super::body::Body;
use super::m::M;
use crate::sys::mutex::{Guard, Mutex};
use crate::sys::{thread, tls};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;

/// Ms without a thread.
static RETIRED: Mutex<Vec<FreeM>> = Mutex::new(Vec::new());

impl M {
    /// An M for a thread that starts: one whose thread has ended, or a new one.
    #[expect(
        clippy::new_ret_no_self,
        reason = "there is one of each, which no thread is yet"
    )]
    pub(crate) fn new() -> FreeM {
        let retired = RETIRED.lock().pop();
        retired.unwrap_or_else(|| FreeM(Self::make()))
    }
}

/// An M that no thread is: the right to make one it. There is one of it, which is handed on until then.
#[must_use = "the M would be lost"]
pub(crate) struct FreeM(&'static M);

impl Deref for FreeM {
    type Target = M;
    fn deref(&self) -> &M {
        self.0
    }
}

impl FreeM {
    /// # Safety
    /// No thread is the M, nobody else has this of it, and from now on the caller does.
    pub(crate) unsafe fn new(m: &'static M) -> FreeM {
        FreeM(m)
    }

    /// Which M it is. That says nothing about whose it is.
    pub(crate) fn m(&self) -> &'static M {
        self.0
    }

    /// What it runs on, for the thread that makes its thread.
    pub(crate) fn body(&self) -> Guard<'_, Option<Body>> {
        self.0.body.lock()
    }

    /// Makes the calling thread, a plain one, this M.
    pub(crate) fn bind(self) -> Bound {
        let m = self.0;
        tls::set(ptr::from_ref(m).cast_mut().cast());
        m.has_begun(thread::id());
        thread::set_precise_timers();
        Bound {
            m: self,
            stays: PhantomData,
        }
    }

    /// Its thread has ended, or was never made: it is as new.
    pub(crate) fn retire(self) {
        self.0.is_as_new();
        RETIRED.lock().push(self);
    }
}

/// The calling thread is an M.
#[must_use = "the thread stays an M"]
pub(crate) struct Bound {
    m: FreeM,
    /// It is about the calling thread.
    stays: PhantomData<*const ()>,
}

impl Bound {
    /// Makes the calling thread a plain one again.
    pub(crate) fn unbind(self) -> FreeM {
        tls::set(ptr::null_mut());
        self.m
    }
}
