//! One thread-local word: the M that this thread is.
//!
//! A goroutine may be resumed on another thread, so the compiler must not keep the *address* of a
//! thread-local over a suspension; LLVM assumes that it may (llvm#98479). Where we can, the word is
//! therefore read by inline assembly that the compiler can neither merge nor move over another
//! volatile operation. Elsewhere it is a `thread_local!` behind a call that is never inlined and
//! whose result goes through `black_box`. See [`arch`](super::arch).

super::arch::thread_word!("goroutines_current_m_v0", *mut ());

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
