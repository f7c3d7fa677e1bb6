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

/// Where a signal found its thread; zeros where we cannot tell.
///
/// # Safety
/// The context is the kernel's.
pub(in crate::sys) unsafe fn registers(context: *mut c_void) -> Registers {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: by the caller.
        let regs = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext };
        [regs.mc_rip, regs.mc_rsp, regs.mc_rbp, regs.mc_rbx, 0].map(|r| r as usize)
    }
    #[cfg(target_arch = "aarch64")]
    {
        // SAFETY: by the caller.
        let regs = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext.mc_gpregs };
        [
            regs.gp_elr,
            regs.gp_sp,
            regs.gp_x[29],
            regs.gp_x[19],
            regs.gp_lr,
        ]
        .map(|r| r as usize)
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let _ = context;
        [0; 5]
    }
}

/// Never asked: threads are not interrupted.
pub(in crate::sys) fn for_c_library(_: &mut dyn FnMut(usize, usize)) {}
