//! Sleeping on a word until another thread wakes it.
//!
//! Linux uses the futex system call; elsewhere a thread yields and naps until the word has
//! changed, which is correct but slower (untested).

use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `word` holds `expected`, until woken, until `timeout` has passed, or spuriously.
#[cfg(target_os = "linux")]
pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    let ts = timeout.map(|d| libc::timespec {
        tv_sec: d.as_secs().min(i64::MAX as u64) as libc::time_t,
        tv_nsec: d.subsec_nanos() as libc::c_long,
    });
    let ts_ptr = ts.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word outlives the call (it is borrowed), `ts_ptr` is null or points to a local.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            expected,
            ts_ptr,
        );
    }
}

/// Wakes one thread that sleeps on `word`. The kernel only uses the address: it is fine if the
/// word's owner has already moved on.
#[cfg(target_os = "linux")]
pub(crate) fn wake(word: *const AtomicU32) {
    // SAFETY: FUTEX_WAKE does not read through the address, it only looks it up.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word,
            libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
            1,
        );
    }
}

/// Fallback: naps until the word has changed or the time is over.
#[cfg(not(target_os = "linux"))]
pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    use std::sync::atomic::Ordering;
    let start = std::time::Instant::now();
    let mut nap = Duration::from_micros(1);
    while word.load(Ordering::Acquire) == expected && timeout.is_none_or(|t| start.elapsed() < t) {
        std::thread::sleep(nap);
        nap = (nap * 2).min(Duration::from_micros(500));
    }
}

/// Fallback: sleepers look at the word by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn wake(_word: *const AtomicU32) {}
