//! aarch64.

use super::Registers;
use std::arch::asm;

/// The address of the current frame, near enough.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// Here.
#[inline(always)]
pub(in crate::sys) fn registers() -> Registers {
    let (pc, sp, fp, base, link): (usize, usize, usize, usize, usize);
    // SAFETY: reads registers.
    unsafe {
        asm!(
            "adr {pc}, .",
            "mov {sp}, sp",
            "mov {fp}, x29",
            "mov {base}, x19",
            "mov {link}, x30",
            pc = out(reg) pc,
            sp = out(reg) sp,
            fp = out(reg) fp,
            base = out(reg) base,
            link = out(reg) link,
            options(nomem, nostack, preserves_flags),
        );
    }
    [pc, sp, fp, base, link]
}

/// The registers that a call leaves as they were, as they are here: what callers keep in them.
#[inline(always)]
pub(crate) fn kept_registers() -> [usize; 10] {
    let mut kept = [0; 10];
    // SAFETY: reads registers into the array.
    unsafe {
        asm!(
            "stp x19, x20, [{to}]",
            "stp x21, x22, [{to}, #16]",
            "stp x23, x24, [{to}, #32]",
            "stp x25, x26, [{to}, #48]",
            "stp x27, x28, [{to}, #64]",
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
    unsafe {
        asm!("prfm pldl1keep, [{}]", in(reg) p, options(readonly, nostack, preserves_flags));
    }
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
                            "mrs {a}, tpidr_el0",
                            concat!("adrp {b}, :gottprel:", $symbol),
                            concat!("ldr {b}, [{b}, :gottprel_lo12:", $symbol, "]"),
                            "ldr {a}, [{a}, {b}]",
                            a = out(reg) value,
                            b = out(reg) _,
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
                            "mrs {a}, tpidr_el0",
                            concat!("adrp {b}, :gottprel:", $symbol),
                            concat!("ldr {b}, [{b}, :gottprel_lo12:", $symbol, "]"),
                            "str {v}, [{a}, {b}]",
                            a = out(reg) _,
                            b = out(reg) _,
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
                            "mrs {a}, tpidr_el0",
                            concat!("adrp {b}, :gottprel:", $symbol),
                            concat!("ldr {b}, [{b}, :gottprel_lo12:", $symbol, "]"),
                            "add {a}, {a}, {b}",
                            "ldr {b}, [{a}]",
                            "add {b}, {b}, {n}",
                            "str {b}, [{a}]",
                            a = out(reg) _,
                            b = out(reg) _,
                            n = in(reg) N,
                            options(nostack, preserves_flags),
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
    // at regs + 16, the base register at regs + 24, the link register at regs + 32: a function that calls none has
    // its return address there, so the address of the instruction needs a column of its own. "Signal frame" says that the address is exact, and not that
    // of the instruction behind a call.
    //
    // The column: libgcc has number 96 for it, LLVM's unwinder 32.
    #[cfg(not(any(target_env = "musl", target_os = "freebsd")))]
    macro_rules! pc_column {
        () => {
            ".cfi_return_column 96\n.cfi_escape 0x10, 0x60, 0x02, 0x83, 0x00"
        };
    }
    #[cfg(any(target_env = "musl", target_os = "freebsd"))]
    macro_rules! pc_column {
        () => {
            ".cfi_return_column 32\n.cfi_escape 0x10, 0x20, 0x02, 0x83, 0x00"
        };
    }
    global_asm!(
        ".pushsection .text.goroutines_walk_v0,\"ax\",@progbits",
        ".hidden goroutines_walk_v0",
        ".globl goroutines_walk_v0",
        ".type goroutines_walk_v0, @function",
        "goroutines_walk_v0:",
        ".cfi_startproc",
        ".cfi_signal_frame",
        "stp x29, x30, [sp, #-32]!",
        "str x19, [sp, #16]",
        "mov x19, x0",
        "mov x0, x2",
        ".cfi_escape 0x0f, 0x03, 0x83, 0x08, 0x06",
        pc_column!(),
        ".cfi_escape 0x10, 0x1e, 0x02, 0x83, 0x20",
        ".cfi_escape 0x10, 0x1d, 0x02, 0x83, 0x10",
        ".cfi_escape 0x10, 0x13, 0x02, 0x83, 0x18",
        "blr x1",
        "ldr x19, [sp, #16]",
        "ldp x29, x30, [sp], #32",
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
