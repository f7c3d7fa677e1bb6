//! FreeBSD. Type-checked on other systems, never run by us: see the table in the README.

pub(super) mod fd;
pub(super) mod futex;
pub(super) mod mem;
pub(super) mod signal;
pub(super) mod socket;
pub(super) mod symbols;
pub(super) mod thread;

/// Both sides pay for a full barrier: the system has none that one thread asks for on behalf of all, before 14.1.
pub(super) mod barrier {
    pub(in crate::sys) fn register() -> bool {
        false
    }

    pub(in crate::sys) fn everywhere() {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    }
}

pub(super) mod proc {
    pub(crate) use crate::sys::kqueue::Handle;
}
