//! The asymmetric fence: one side pays a compiler fence, the rare side makes every running thread
//! of the process execute a full barrier (`membarrier`, private expedited).
//!
//! Used where a hot path must publish a flag before it reads another (Dekker's pattern) and the
//! other side is rare: [`light`] on the hot side, [`heavy`] on the rare one. If the kernel has no
//! `membarrier`, both sides are sequentially consistent fences.

use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// True once the kernel accepted our registration. Written once at boot, before a second M exists.
static ASYMMETRIC: AtomicBool = AtomicBool::new(false);

#[cfg(target_os = "linux")]
const MEMBARRIER_CMD_PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
#[cfg(target_os = "linux")]
const MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

/// Registers the process. `forbid` forces the fallback (`GODEBUG=membarrier=0`, and tests).
pub(crate) fn init(forbid: bool) {
    #[cfg(target_os = "linux")]
    {
        let ok = !forbid
            // SAFETY: membarrier takes plain integers.
            && unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) } == 0;
        ASYMMETRIC.store(ok, Ordering::Relaxed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = forbid;
}

/// The hot side: store, `light()`, load. Pairs with [`heavy`].
#[inline(always)]
pub(crate) fn light() {
    if ASYMMETRIC.load(Ordering::Relaxed) {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// The rare side: store, `heavy()`, load. After it, every other thread has either executed its
/// store before our load, or will see our store in its load.
pub(crate) fn heavy() {
    #[cfg(target_os = "linux")]
    if ASYMMETRIC.load(Ordering::Relaxed) {
        // SAFETY: membarrier takes plain integers. A registered process is refused for want of kernel
        // memory at most, and nothing is right without the barrier: so ask until it is granted.
        while unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) }
            != 0
        {
            std::thread::yield_now();
        }
        return;
    }
    fence(Ordering::SeqCst);
}
