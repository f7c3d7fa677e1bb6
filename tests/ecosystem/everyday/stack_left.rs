//! Code that asks how much stack its thread has left (stacker, and by it pest, `recursive`, serde_stacker).

use goroutines::runtime;
use std::time::Duration;

/// The lowest address of the calling thread's stack.
fn thread_stack() -> usize {
    let (mut low, mut len) = (std::ptr::null_mut(), 0);
    // SAFETY: `attributes` is written by the first call, read by the second, given back by the third.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        assert_eq!(
            libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes),
            0
        );
        libc::pthread_attr_getstack(&raw const attributes, &raw mut low, &raw mut len);
        libc::pthread_attr_destroy(&raw mut attributes);
    }
    low.addr()
}

/// Puts something in the way of the next stack below this one.
fn block_below(low: usize) {
    for pages in 1..32 {
        let at = std::ptr::without_provenance_mut(low - pages * 4096);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: a fresh mapping, where there is none.
        unsafe { libc::mmap(at, 4096, libc::PROT_NONE, flags, -1, 0) };
    }
}

/// It is never less than there is: new threads' stacks lie below those of goroutines, whatever is in the way.
#[test]
fn the_thread_s_stack_is_never_less_than_nothing() {
    ecosystem::everywhere(60, |_| {
        block_below(thread_stack());
        // Each holds its thread: new ones are started.
        runtime::blocking(|| std::thread::sleep(Duration::from_millis(2)));
        runtime::gosched();
        let left = stacker::remaining_stack();
        assert!(left.is_none_or(|left| left > 1 << 20), "{left:?}");
    });
}
