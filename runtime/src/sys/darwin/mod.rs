//! macOS. Type-checked on other systems, never run by us: see the table in the README.

pub(super) mod fd;
pub(super) mod futex;
pub(super) mod mem;
pub(super) mod signal;
pub(super) mod socket;
pub(super) mod symbols;
pub(super) mod thread;

/// There is no barrier that one thread could ask for on behalf of all: both sides pay for a full one.
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
