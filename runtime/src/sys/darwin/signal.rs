//! Signals: what a handler is told. Threads are not interrupted here.

use crate::sys::arch::Registers;
use std::ffi::c_void;

/// The calling thread's `errno`.
pub(in crate::sys) fn errno() -> *mut libc::c_int {
    // SAFETY: always there.
    unsafe { libc::__error() }
}

/// Can [`interrupt`] be used?
pub(in crate::sys) const INTERRUPTS: bool = false;

/// Does nothing.
pub(in crate::sys) fn interrupt(_: i32, _: libc::c_int) {}

/// Where a signal found its thread.
///
/// # Safety
/// The context is the kernel's.
pub(in crate::sys) unsafe fn registers(context: *mut c_void) -> Registers {
    // SAFETY: by the caller.
    let regs = unsafe { &(*(*context.cast::<libc::ucontext_t>()).uc_mcontext).__ss };
    #[cfg(target_arch = "x86_64")]
    {
        [regs.__rip, regs.__rsp, regs.__rbp, regs.__rbx, 0].map(|r| r as usize)
    }
    #[cfg(target_arch = "aarch64")]
    {
        [regs.__pc, regs.__sp, regs.__fp, regs.__x[19], regs.__lr].map(|r| r as usize)
    }
}

/// Never asked: threads are not interrupted.
pub(in crate::sys) fn for_c_library(_: &mut dyn FnMut(usize, usize)) {}
