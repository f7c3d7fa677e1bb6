//! x86-64.

use super::Registers;
use std::arch::asm;
use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// The address of the current frame, near enough.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// Here.
#[inline(always)]
pub(in crate::sys) fn registers() -> Registers {
    let (pc, sp, fp, base): (usize, usize, usize, usize);
    // SAFETY: reads registers.
    unsafe {
        asm!(
            "lea {pc}, [rip]",
            "mov {sp}, rsp",
            "mov {fp}, rbp",
            "mov {base}, rbx",
            pc = out(reg) pc,
            sp = out(reg) sp,
            fp = out(reg) fp,
            base = out(reg) base,
            options(nomem, nostack, preserves_flags),
        );
    }
    [pc, sp, fp, base, 0]
}

/// The registers that a call leaves as they were, as they are here: what callers keep in them.
#[inline(always)]
pub(crate) fn kept_registers() -> [usize; 6] {
    let mut kept = [0; 6];
    // SAFETY: reads registers into the array.
    unsafe {
        asm!(
            "mov [{to}], rbx",
            "mov [{to} + 8], rbp",
            "mov [{to} + 16], r12",
            "mov [{to} + 24], r13",
            "mov [{to} + 32], r14",
            "mov [{to} + 40], r15",
            to = in(reg) kept.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
    kept
}

/// The line at `p` is wanted soon.
#[inline(always)]
pub(crate) fn prefetch(p: *const i8) {
    // SAFETY: prefetching never faults, whatever the address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(p) };
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub(in crate::sys) mod elf {
    use std::arch::global_asm;
    use std::ffi::c_void;

    /// A module `word` with a word of eight bytes for each thread, zero at first, under a name of its own.
    ///
    /// Neither `pure` nor `nomem`: the compiler must repeat a read after every suspension, and what a lock
    /// guards must not be moved over `add`.
    macro_rules! thread_word {
        ($symbol:literal, $type:ty) => {
            #[allow(dead_code, reason = "a word is set, or added to")]
            mod word {
                use std::arch::{asm, global_asm};

                global_asm!(
                    concat!(".pushsection .tbss.", $symbol, ",\"awT\",@nobits"),
                    concat!(".hidden ", $symbol),
                    concat!(".globl ", $symbol),
                    concat!(".type ", $symbol, ", @object"),
                    concat!(".size ", $symbol, ", 8"),
                    ".p2align 3",
                    concat!($symbol, ": .zero 8"),
                    ".popsection",
                );

                #[inline(always)]
                pub(crate) fn get() -> $type {
                    let value: $type;
                    // SAFETY: reads the eight bytes defined above, of this thread.
                    unsafe {
                        asm!(
                            concat!("mov {v}, qword ptr [rip + ", $symbol, "@GOTTPOFF]"),
                            "mov {v}, qword ptr fs:[{v}]",
                            v = out(reg) value,
                            options(nostack, preserves_flags, readonly),
                        );
                    }
                    value
                }

                #[inline(always)]
                pub(crate) fn set(value: $type) {
                    // SAFETY: writes the eight bytes defined above, of this thread.
                    unsafe {
                        asm!(
                            concat!("mov {t}, qword ptr [rip + ", $symbol, "@GOTTPOFF]"),
                            "mov qword ptr fs:[{t}], {v}",
                            t = out(reg) _,
                            v = in(reg) value,
                            options(nostack, preserves_flags),
                        );
                    }
                }

                /// Not atomic, and it need not be: a signal handler that runs in between only reads, and
                /// has put back whatever it changed by the time the thread goes on.
                #[inline(always)]
                pub(crate) fn add<const N: i64>() {
                    // SAFETY: changes the eight bytes defined above, of this thread.
                    unsafe {
                        asm!(
                            concat!("mov {t}, qword ptr [rip + ", $symbol, "@GOTTPOFF]"),
                            "add qword ptr fs:[{t}], {n}",
                            t = out(reg) _,
                            n = const N,
                            options(nostack),
                        );
                    }
                }
            }
        };
    }
    pub(in crate::sys) use thread_word;

    /// Is there a [`walk`]?
    pub(in crate::sys) const WALKS: bool = true;

    // While `goroutines_walk_v0` runs `f`, its unwind information describes, as its caller, the frame whose
    // registers are in `regs`: as DWARF, CFA = *(regs + 8), the return address is at regs + 0, the frame pointer
    // at regs + 16, the base register at regs + 24. "Signal frame" says that the address is exact, and not that
    // of the instruction behind a call.
    global_asm!(
        ".pushsection .text.goroutines_walk_v0,\"ax\",@progbits",
        ".hidden goroutines_walk_v0",
        ".globl goroutines_walk_v0",
        ".type goroutines_walk_v0, @function",
        "goroutines_walk_v0:",
        ".cfi_startproc",
        ".cfi_signal_frame",
        "push rbx",
        "mov rbx, rdi",
        "mov rdi, rdx",
        ".cfi_escape 0x0f, 0x03, 0x73, 0x08, 0x06",
        ".cfi_escape 0x10, 0x10, 0x02, 0x73, 0x00",
        ".cfi_escape 0x10, 0x06, 0x02, 0x73, 0x10",
        ".cfi_escape 0x10, 0x03, 0x02, 0x73, 0x18",
        "call rsi",
        "pop rbx",
        "ret",
        ".cfi_endproc",
        ".size goroutines_walk_v0, . - goroutines_walk_v0",
        ".popsection",
    );

    unsafe extern "C" {
        /// Calls `f(arg)`.
        #[link_name = "goroutines_walk_v0"]
        pub(in crate::sys) fn walk(
            regs: *const usize,
            f: extern "C" fn(*mut c_void),
            arg: *mut c_void,
        );
    }
}
