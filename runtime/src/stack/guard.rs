//! The guard at the low end of each slot.
//!
//! `MADV_GUARD_INSTALL` (Linux 6.13) costs no VMA, so a million stacks live under the default
//! `vm.max_map_count`. Where the kernel refuses it (older, or locked memory) the guard is an
//! `mprotect`ed range, two VMAs per stack: about 32,000 stacks under the default limit.

use super::bounds::guard_len;
use crate::sys::mem;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

const UNKNOWN: u8 = 0;
const INSTALL: u8 = 1;
const MPROTECT: u8 = 2;

/// Which kind this process uses; decided by the first attempt, or forced. Relaxed: guards are made under the
/// lock of `central`, which orders one look after the other.
static KIND: AtomicU8 = AtomicU8::new(UNKNOWN);
/// Some guard has been made by `mprotect`. Relaxed: as above; a thread that takes a guard away holds that lock, too.
static MPROTECTED: AtomicBool = AtomicBool::new(false);

/// Uses `mprotect` from now on (`GODEBUG=guard=mprotect`; also how the fallback is tested).
pub(crate) fn force_mprotect() {
    KIND.store(MPROTECT, Ordering::Relaxed);
}

/// How many mappings of the process one more stack takes. Known from the first stack on.
pub(crate) fn mappings() -> usize {
    match KIND.load(Ordering::Relaxed) {
        MPROTECT => 2, // the guard, and what is between it and the next
        _ => 0,
    }
}

/// Puts a guard at the low end of each of `count` slots of `size` bytes from `addr` on.
///
/// # Safety
/// The slots are usable memory of the caller and hold nothing.
pub(crate) unsafe fn install(addr: usize, size: usize, count: usize) -> io::Result<()> {
    if KIND.load(Ordering::Relaxed) != MPROTECT {
        let mut ranges = [mem::range(0, 0); 256];
        for (i, r) in ranges[..count].iter_mut().enumerate() {
            *r = mem::range(addr + i * size, guard_len(size));
        }
        // SAFETY: forwarded; the ranges lie inside the slots.
        match unsafe { mem::install_guards(&ranges[..count]) } {
            // The first one is tested: an emulator may say yes and do nothing.
            Ok(()) if KIND.load(Ordering::Relaxed) == UNKNOWN && mem::is_no_guard(addr) => {
                force_mprotect();
            }
            Ok(()) => {
                KIND.store(INSTALL, Ordering::Relaxed);
                return Ok(());
            }
            // Older kernels do not know it (or our first chunk is of locked memory, then so are all).
            Err(e)
                if KIND.load(Ordering::Relaxed) == UNKNOWN
                    && e.kind() == io::ErrorKind::InvalidInput =>
            {
                force_mprotect();
            }
            // A chunk of locked memory, or no memory for page tables just now: this one by mprotect,
            // the next by madvise again.
            Err(_) => {}
        }
    }
    MPROTECTED.store(true, Ordering::Relaxed);
    for i in 0..count {
        // SAFETY: forwarded.
        unsafe { mem::make_inaccessible(addr + i * size, guard_len(size))? };
    }
    Ok(())
}

/// Takes the guards of a range away and leaves it usable.
///
/// # Safety
/// The range belongs to the caller, and no stack in it is in use.
pub(crate) unsafe fn remove(addr: usize, len: usize) {
    // SAFETY: forwarded. Both kinds are undone, because one process may hold both.
    unsafe {
        mem::remove_guards(addr, len);
        if MPROTECTED.load(Ordering::Relaxed) {
            // Cannot need more VMAs than it frees.
            let _ = mem::make_usable(addr, len);
        }
    }
}
