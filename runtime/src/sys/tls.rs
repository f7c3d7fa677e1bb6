//! One thread-local word: the M that this thread is.
//!
//! A goroutine may be resumed on another thread, so the compiler must not keep the *address* of a
//! thread-local over a suspension; LLVM assumes that it may (llvm#98479). Where we can, the word is
//! therefore read by inline assembly that the compiler can neither merge nor move over another
//! volatile operation. Elsewhere it is a `thread_local!` behind a call that is never inlined and
//! whose result goes through `black_box`.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod word {
    use std::arch::{asm, global_asm};

    global_asm!(
        ".pushsection .tbss.goroutines_m,\"awT\",@nobits",
        ".hidden goroutines_current_m_v0",
        ".globl goroutines_current_m_v0",
        ".type goroutines_current_m_v0, @object",
        ".size goroutines_current_m_v0, 8",
        ".p2align 3",
        "goroutines_current_m_v0: .zero 8",
        ".popsection",
    );

    #[inline(always)]
    pub(crate) fn get() -> *mut () {
        let m: *mut ();
        // SAFETY: reads the eight bytes defined above, through the thread pointer. Neither `pure`
        // nor `nomem`: the compiler must repeat it after every suspension.
        unsafe {
            asm!(
                "mov {0}, qword ptr [rip + goroutines_current_m_v0@GOTTPOFF]",
                "mov {0}, qword ptr fs:[{0}]",
                out(reg) m,
                options(nostack, preserves_flags, readonly),
            );
        }
        m
    }

    #[inline(always)]
    pub(crate) fn set(m: *mut ()) {
        // SAFETY: writes the eight bytes defined above.
        unsafe {
            asm!(
                "mov {t}, qword ptr [rip + goroutines_current_m_v0@GOTTPOFF]",
                "mov qword ptr fs:[{t}], {m}",
                t = out(reg) _,
                m = in(reg) m,
                options(nostack, preserves_flags),
            );
        }
    }
}

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
mod word {
    use std::arch::{asm, global_asm};

    global_asm!(
        ".pushsection .tbss.goroutines_m,\"awT\",@nobits",
        ".hidden goroutines_current_m_v0",
        ".globl goroutines_current_m_v0",
        ".type goroutines_current_m_v0, @object",
        ".size goroutines_current_m_v0, 8",
        ".p2align 3",
        "goroutines_current_m_v0: .zero 8",
        ".popsection",
    );

    #[inline(always)]
    pub(crate) fn get() -> *mut () {
        let m: *mut ();
        // SAFETY: reads the eight bytes defined above, through the thread pointer (initial exec).
        unsafe {
            asm!(
                "mrs {0}, tpidr_el0",
                "adrp {1}, :gottprel:goroutines_current_m_v0",
                "ldr {1}, [{1}, :gottprel_lo12:goroutines_current_m_v0]",
                "ldr {0}, [{0}, {1}]",
                out(reg) m,
                out(reg) _,
                options(nostack, preserves_flags, readonly),
            );
        }
        m
    }

    #[inline(always)]
    pub(crate) fn set(m: *mut ()) {
        // SAFETY: writes the eight bytes defined above.
        unsafe {
            asm!(
                "mrs {0}, tpidr_el0",
                "adrp {1}, :gottprel:goroutines_current_m_v0",
                "ldr {1}, [{1}, :gottprel_lo12:goroutines_current_m_v0]",
                "str {2}, [{0}, {1}]",
                out(reg) _,
                out(reg) _,
                in(reg) m,
                options(nostack, preserves_flags),
            );
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod word {
    use std::cell::Cell;

    thread_local! { static M: Cell<*mut ()> = const { Cell::new(std::ptr::null_mut()) }; }

    #[inline(never)]
    pub(crate) fn get() -> *mut () {
        std::hint::black_box(M.with(Cell::get))
    }

    #[inline(never)]
    pub(crate) fn set(m: *mut ()) {
        M.with(|c| c.set(std::hint::black_box(m)));
    }
}

pub(crate) use word::{get, set};

#[cfg(test)]
mod tests {
    #[test]
    fn every_thread_has_its_own_word() {
        let before = super::get();
        let t = std::thread::spawn(|| {
            assert!(super::get().is_null());
            super::set(16 as *mut ());
            super::get() as usize
        });
        assert_eq!(t.join().unwrap(), 16);
        assert_eq!(super::get(), before);
    }
}
