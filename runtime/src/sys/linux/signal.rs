//! Signals: what a handler is told, and where the C library is.

use crate::sys::arch::Registers;
use std::ffi::c_void;

/// The calling thread's `errno`.
pub(in crate::sys) fn errno() -> *mut libc::c_int {
    // SAFETY: always there.
    unsafe { libc::__errno_location() }
}

/// Can [`interrupt`] be used, and can we tell where a thread was?
pub(in crate::sys) const INTERRUPTS: bool =
    cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// Sends a signal to a thread of this process.
pub(in crate::sys) fn interrupt(tid: i32, signal: libc::c_int) {
    // SAFETY: takes plain integers.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, signal) };
}

/// Where a signal found its thread; zeros where we cannot tell.
///
/// # Safety
/// The context is the kernel's.
pub(in crate::sys) unsafe fn registers(context: *mut c_void) -> Registers {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: by the caller.
        let regs = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
        let reg = |i: libc::c_int| regs[i as usize] as usize;
        [
            reg(libc::REG_RIP),
            reg(libc::REG_RSP),
            reg(libc::REG_RBP),
            reg(libc::REG_RBX),
            0,
        ]
    }
    #[cfg(target_arch = "aarch64")]
    {
        // SAFETY: by the caller.
        let regs = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext };
        [
            regs.pc,
            regs.sp,
            regs.regs[29],
            regs.regs[19],
            regs.regs[30],
        ]
        .map(|r| r as usize)
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let _ = context;
        [0; 5]
    }
}

/// Calls `found` with each range of addresses that holds code of the C library, the loader, the unwinder or the
/// vDSO.
pub(in crate::sys) fn for_c_library(found: &mut dyn FnMut(usize, usize)) {
    /// Beginnings of file names; the vDSO's is a name too.
    const NAMES: [&[u8]; 7] = [
        b"libc.so",
        b"libc-2",
        b"ld-linux",
        b"ld-musl",
        b"libpthread",
        b"libgcc_s",
        b"linux-vdso",
    ];

    unsafe extern "C" fn one(
        info: *mut libc::dl_phdr_info,
        _: libc::size_t,
        found: *mut c_void,
    ) -> libc::c_int {
        // SAFETY: the loader passes a valid description, whose name is null or a C string; `found` is
        // ours.
        unsafe {
            let info = &*info;
            let found = &mut *found.cast::<&mut dyn FnMut(usize, usize)>();
            if info.dlpi_name.is_null() {
                return 0;
            }
            let path = std::ffi::CStr::from_ptr(info.dlpi_name).to_bytes();
            let name = path.rsplit(|&b| b == b'/').next().unwrap_or(path);
            if !NAMES.iter().any(|n| name.starts_with(n)) {
                return 0;
            }
            for i in 0..usize::from(info.dlpi_phnum) {
                let header = &*info.dlpi_phdr.add(i);
                if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_X != 0 {
                    let low = (info.dlpi_addr + header.p_vaddr) as usize;
                    found(low, low + header.p_memsz as usize);
                }
            }
        }
        0
    }

    let mut found = found;
    // SAFETY: `one` fits what the loader calls, and `found` outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(one), (&raw mut found).cast()) };
}
