//! The asymmetric fence: one side pays a compiler fence, the rare side makes every running thread
//! of the process execute a full barrier (`membarrier`, private expedited).
//!
//! Used where a hot path must publish a flag before it reads another (Dekker's pattern) and the
//! other side is rare: [`light`] on the hot side, [`heavy`] on the rare one. If the kernel has no
//! `membarrier`, both sides are sequentially consistent fences.

use super::os;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// True once the kernel accepted our registration. Written once at boot, before a second M exists: so Relaxed.
static ASYMMETRIC: AtomicBool = AtomicBool::new(false);

/// Registers the process. `forbid` forces the fallback (`GODEBUG=membarrier=0`, and tests).
pub(crate) fn init(forbid: bool) {
    let ok = !forbid && os::barrier::register();
    ASYMMETRIC.store(ok, Ordering::Relaxed);
}

/// Does [`heavy`] put what any other thread has stored so far in order, whether that has said [`light`] or not? It does
/// by the kernel; without that, only where the processor keeps all stores in order anyway.
pub(crate) fn reaches_everybody() -> bool {
    ASYMMETRIC.load(Ordering::Relaxed) || cfg!(target_arch = "x86_64")
}

/// Does [`light`] cost nothing?
#[inline(always)]
pub(crate) fn is_asymmetric() -> bool {
    ASYMMETRIC.load(Ordering::Relaxed)
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

/// After a sequentially consistent read-modify-write, before a system call that must not look before others see
/// what was written. On x86-64 the instruction is a full barrier; on aarch64 what follows may overtake its store.
#[inline(always)]
pub(crate) fn after_swap() {
    if !cfg!(target_arch = "x86_64") {
        fence(Ordering::SeqCst);
    }
    // The compiler does not move a call to the system over either.
}

/// The rare side: store, `heavy()`, load. After it, every other thread has either executed its
/// store before our load, or will see our store in its load.
pub(crate) fn heavy() {
    if ASYMMETRIC.load(Ordering::Relaxed) {
        os::barrier::everywhere();
    } else {
        fence(Ordering::SeqCst);
    }
}
