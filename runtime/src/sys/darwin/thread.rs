//! Threads, by Mach: a thread's id is the name of its port.

use std::ffi::{CStr, c_void};

unsafe extern "C" {
    /// POSIX's, which the bindings lack.
    pub(in crate::sys) fn pthread_attr_setstack(
        attributes: *mut libc::pthread_attr_t,
        low: *mut c_void,
        len: libc::size_t,
    ) -> libc::c_int;
}

/// Timers are as precise as the system makes them.
pub(crate) fn set_precise_timers() {}

/// The calling thread's name, as the system shows it.
pub(crate) fn set_name(name: &CStr) {
    // SAFETY: a string that ends with a zero.
    unsafe { libc::pthread_setname_np(name.as_ptr()) };
}

/// The calling thread's port.
pub(crate) fn id() -> i32 {
    // SAFETY: the calling thread is alive.
    unsafe { libc::pthread_mach_thread_np(libc::pthread_self()).cast_signed() }
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
    // SAFETY: by the caller. A thread that takes no signals any more has ended, so that is not waited for.
    unsafe {
        libc::pthread_kill(thread, 0) == libc::ESRCH
            && libc::pthread_join(thread, std::ptr::null_mut()) == 0
    }
}

/// How many threads the process has; `None` if that cannot be told.
pub(crate) fn count_in_process() -> Option<usize> {
    let mut info = std::mem::MaybeUninit::<libc::proc_taskinfo>::zeroed();
    let len = size_of::<libc::proc_taskinfo>() as libc::c_int;
    // SAFETY: room for what is asked, of the length told.
    let info = unsafe {
        let kind = libc::PROC_PIDTASKINFO;
        let n = libc::proc_pidinfo(libc::getpid(), kind, 0, info.as_mut_ptr().cast(), len);
        if n != len {
            return None;
        }
        info.assume_init()
    };
    usize::try_from(info.pti_threadnum).ok()
}

/// Processors that the calling thread may run on now.
pub(crate) fn num_cpu_now() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn info(port: i32) -> Option<libc::thread_basic_info> {
    let mut info = std::mem::MaybeUninit::<libc::thread_basic_info>::zeroed();
    let mut count = libc::THREAD_BASIC_INFO_COUNT;
    // SAFETY: room for what is asked, of the length told; a name that is no thread's is an error.
    unsafe {
        let rc = libc::thread_info(
            port.cast_unsigned(),
            libc::THREAD_BASIC_INFO as libc::thread_flavor_t,
            info.as_mut_ptr().cast(),
            &raw mut count,
        );
        (rc == libc::KERN_SUCCESS).then(|| info.assume_init())
    }
}

/// Nanoseconds of CPU that a thread of this process has used; `None` if it has ended.
pub(crate) fn cpu_time(tid: i32) -> Option<i64> {
    let info = info(tid)?;
    let nanos = |t: libc::time_value_t| {
        i64::from(t.seconds) * 1_000_000_000 + i64::from(t.microseconds) * 1_000
    };
    Some(nanos(info.user_time) + nanos(info.system_time))
}

/// Is a thread of this process asleep in the kernel (neither running nor waiting for a CPU)? `None`: that
/// cannot be seen.
pub(in crate::sys) fn is_asleep(tid: i32) -> Option<bool> {
    let state = info(tid)?.run_state;
    Some(matches!(
        state,
        libc::TH_STATE_WAITING | libc::TH_STATE_UNINTERRUPTIBLE
    ))
}

/// Where the thread-local variables of the calling thread lie, and the program: not known here.
pub(in crate::sys) fn block_of_thread_locals(_inside: usize) -> Option<[usize; 4]> {
    None
}
