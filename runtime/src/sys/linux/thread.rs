//! Threads, by `/proc/self/task`.

use crate::sys::{clock, inject};
use std::ffi::CStr;
use std::io::{Cursor, Write};
use std::sync::OnceLock;

pub(in crate::sys) use libc::pthread_attr_setstack;

/// Wakes the calling thread's timers as precisely as the kernel can (the default slack is 50 us).
pub(crate) fn set_precise_timers() {
    // SAFETY: PR_SET_TIMERSLACK takes plain integers.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1usize, 0usize, 0usize, 0usize) };
}

/// The calling thread's name, as the system shows it: 15 bytes at most.
pub(crate) fn set_name(name: &CStr) {
    // SAFETY: a string that ends with a zero.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
}

/// The kernel's id of the calling thread.
pub(crate) fn id() -> i32 {
    // SAFETY: gettid has no preconditions.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// The CPU on which the calling thread is just now. Async-signal-safe.
pub(in crate::sys) fn cpu() -> u32 {
    // SAFETY: it has no preconditions. (-1, if it cannot be had, is no thread's number.)
    unsafe { libc::sched_getcpu() as u32 }
}

/// Joins a thread, if it has ended.
///
/// # Safety
/// It is joinable, and has not been joined.
pub(in crate::sys) unsafe fn try_join(thread: libc::pthread_t) -> bool {
    // SAFETY: by the caller.
    unsafe { libc::pthread_tryjoin_np(thread, std::ptr::null_mut()) == 0 }
}

/// How many threads the program has, by the kernel's count; `None` if it cannot be read.
pub(crate) fn count_in_process() -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?.count();
    tasks.checked_sub(emulators())
}

/// How many threads an emulator has for itself. (There is one if the kernel knows another program than the one that
/// we are shown.)
fn emulators() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| {
        let shown = std::fs::read_link("/proc/self/exe");
        let known = std::fs::read_link("/proc/thread-self/exe");
        usize::from(matches!((shown, known), (Ok(shown), Ok(known)) if shown != known))
    })
}

/// Processors that the calling thread may run on now.
pub(crate) fn num_cpu_now() -> usize {
    // SAFETY: an all-zero cpu_set_t is valid, and the call fills it.
    let n = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set) == 0 {
            libc::CPU_COUNT(&set)
        } else {
            0
        }
    };
    match usize::try_from(n) {
        Ok(n) if n > 0 => n,
        _ => {
            // SAFETY: no precondition.
            let online = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
            usize::try_from(online).unwrap_or(0).max(1)
        }
    }
}

/// Nanoseconds of CPU that a thread of this process has used; `None` if it has ended.
pub(crate) fn cpu_time(tid: i32) -> Option<i64> {
    // The kernel's encoding of "CPU clock of thread `tid`" (CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED).
    clock::gettime((!tid << 3) | 6)
}

/// Is a thread of this process asleep in the kernel (neither running nor waiting for a CPU)? `None`: that
/// cannot be seen.
pub(in crate::sys) fn is_asleep(tid: i32) -> Option<bool> {
    // Nothing here allocates: sysmon asks when a thread may stand still with the allocator's lock.
    let mut text = [0u8; 512];
    let stat = match stat(tid, &mut text) {
        Some(stat) => stat,
        None if cpu_time(tid).is_none() => return Some(false), // it has ended
        None => return None,
    };
    // The state follows the command's name, which is in parentheses and may hold anything.
    let after = stat.iter().rposition(|&b| b == b')').map(|i| i + 2);
    let state = after.and_then(|i| stat.get(i));
    Some(matches!(state, Some(b'S' | b'D')))
}

/// Reads the kernel's line about a thread of this process into `text`.
fn stat(tid: i32, text: &mut [u8]) -> Option<&[u8]> {
    inject::fault("stat").ok()?;
    let mut path = [0u8; 64];
    write!(Cursor::new(&mut path[..]), "/proc/self/task/{tid}/stat\0").ok()?;
    // SAFETY: the path ends with a zero byte; the descriptor is ours alone, and `text` is as long as said.
    let n = unsafe {
        let fd = libc::open(path.as_ptr().cast(), libc::O_RDONLY | libc::O_CLOEXEC);
        if fd < 0 {
            return None;
        }
        let n = libc::read(fd, text.as_mut_ptr().cast(), text.len());
        libc::close(fd);
        n
    };
    text.get(..usize::try_from(n).ok()?)
}

/// Where the block of thread-local variables that `inside` lies in begins and ends, on the calling thread, and where
/// the program (or library) begins and ends that it is of.
pub(in crate::sys) fn block_of_thread_locals(inside: usize) -> Option<[usize; 4]> {
    struct Search {
        inside: usize,
        found: Option<[usize; 4]>,
    }
    unsafe extern "C" fn look(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        search: *mut std::ffi::c_void,
    ) -> libc::c_int {
        // SAFETY: the loader's, and `Search` as passed below.
        let (info, search) = unsafe { (&*info, &mut *search.cast::<Search>()) };
        if info.dlpi_phdr.is_null() {
            return 0;
        }
        // SAFETY: the program headers, as many as it says.
        let headers =
            unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
        let tls = headers.iter().find(|h| h.p_type == libc::PT_TLS);
        let low = info.dlpi_tls_data as usize;
        let Some(size) = tls.map(|h| h.p_memsz as usize).filter(|_| low != 0) else {
            return 0;
        };
        if !(low..low + size).contains(&search.inside) {
            return 0;
        }
        let loaded = headers.iter().filter(|h| h.p_type == libc::PT_LOAD);
        let ends = loaded.map(|h| info.dlpi_addr as usize + (h.p_vaddr + h.p_memsz) as usize);
        let end = ends.max().unwrap_or(0);
        search.found = Some([low, low + size, info.dlpi_addr as usize, end]);
        1
    }
    let mut search = Search {
        inside,
        found: None,
    };
    // SAFETY: `look` takes what it is given, and does not unwind.
    unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
    search.found
}
