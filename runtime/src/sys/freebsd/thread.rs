//! Threads, by what `sysctl` tells of the process.

use std::ffi::{CStr, c_void};

unsafe extern "C" {
    /// POSIX's, which the bindings lack.
    pub(in crate::sys) fn pthread_attr_setstack(
        attributes: *mut libc::pthread_attr_t,
        low: *mut c_void,
        len: libc::size_t,
    ) -> libc::c_int;
    fn pthread_peekjoin_np(thread: libc::pthread_t, value: *mut *mut c_void) -> libc::c_int;
}

/// Timers are as precise as the system makes them.
pub(crate) fn set_precise_timers() {}

/// The calling thread's name, as the system shows it: 19 bytes at most.
pub(crate) fn set_name(name: &CStr) {
    // SAFETY: the calling thread is alive; a string that ends with a zero.
    unsafe { libc::pthread_set_name_np(libc::pthread_self(), name.as_ptr()) };
}

/// The kernel's id of the calling thread.
pub(crate) fn id() -> i32 {
    // SAFETY: it has no preconditions.
    unsafe { libc::pthread_getthreadid_np() }
}

/// Not asked: threads are not paused here.
pub(in crate::sys) fn cpu() -> u32 {
    u32::MAX
}

/// Joins a thread, if it has ended.
///
/// # Safety
/// It is joinable, and has not been joined.
pub(in crate::sys) unsafe fn try_join(thread: libc::pthread_t) -> bool {
    // SAFETY: by the caller. One that can be joined has ended, so that is not waited for.
    unsafe {
        pthread_peekjoin_np(thread, std::ptr::null_mut()) == 0
            && libc::pthread_join(thread, std::ptr::null_mut()) == 0
    }
}

/// How many threads the process has; `None` if that cannot be told.
pub(crate) fn count_in_process() -> Option<usize> {
    threads().map(|threads| threads.len())
}

/// Processors that the calling thread may run on now.
pub(crate) fn num_cpu_now() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What the system tells of each thread of this process.
fn threads() -> Option<Vec<libc::kinfo_proc>> {
    // SAFETY: it has no preconditions.
    let pid = unsafe { libc::getpid() };
    let name = [
        libc::CTL_KERN,
        libc::KERN_PROC,
        libc::KERN_PROC_PID | libc::KERN_PROC_INC_THREAD,
        pid,
    ];
    // More than there are, and if by now there are even more, again.
    let mut room = 64;
    loop {
        let mut threads = Vec::<libc::kinfo_proc>::with_capacity(room);
        let mut bytes = room * size_of::<libc::kinfo_proc>();
        // SAFETY: room for as many bytes as told; `bytes` says afterwards how many have been written.
        let rc = unsafe {
            libc::sysctl(
                name.as_ptr(),
                name.len() as libc::c_uint,
                threads.as_mut_ptr().cast(),
                &raw mut bytes,
                std::ptr::null(),
                0,
            )
        };
        if rc == 0 {
            // SAFETY: that many have been written; the kernel's structure is plain data.
            unsafe { threads.set_len(bytes / size_of::<libc::kinfo_proc>()) };
            return Some(threads);
        }
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::ENOMEM) {
            return None;
        }
        room *= 2;
    }
}

fn thread(tid: i32) -> Option<libc::kinfo_proc> {
    threads()?.into_iter().find(|t| t.ki_tid == tid)
}

/// Nanoseconds of CPU that a thread of this process has used; `None` if it has ended.
pub(crate) fn cpu_time(tid: i32) -> Option<i64> {
    i64::try_from(thread(tid)?.ki_runtime)
        .ok()?
        .checked_mul(1_000)
}

/// Is a thread of this process asleep in the kernel (neither running nor waiting for a CPU)? `None`: that
/// cannot be seen.
pub(in crate::sys) fn is_asleep(tid: i32) -> Option<bool> {
    Some(thread(tid)?.ki_stat == libc::SSLEEP)
}

/// Where the thread-local variables of the calling thread lie, and the program: not known here.
pub(in crate::sys) fn block_of_thread_locals(_inside: usize) -> Option<[usize; 4]> {
    None
}
