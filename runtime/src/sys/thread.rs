//! Facts about threads and processors.

use super::os;
pub(crate) use super::os::thread::{
    count_in_process, cpu_time, id, num_cpu_now, set_name, set_precise_timers,
};
use std::ffi::c_void;
use std::io;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::OnceLock;

/// Something to be done when a thread ends, after the destructors of its thread-locals. (A thread-local
/// of ours with a destructor may be gone when another one's destructor needs it.) If it is armed again
/// while the thread ends it runs again, at least three times.
pub(crate) struct ExitHook {
    run: unsafe extern "C" fn(*mut c_void),
    key: OnceLock<Option<libc::pthread_key_t>>,
}

impl ExitHook {
    /// `run` gets the value that the hook was armed with. It must not unwind.
    pub(crate) const fn new(run: unsafe extern "C" fn(*mut c_void)) -> Self {
        ExitHook {
            run,
            key: OnceLock::new(),
        }
    }

    /// The hook will run on the calling thread, once. Where the process has no key left for it, it
    /// will not: what it was to give back stays with the dead thread.
    pub(crate) fn arm(&self, value: NonNull<c_void>) {
        let key = *self.key.get_or_init(|| {
            let mut key = 0;
            // SAFETY: writes a key; the function may be called on any thread.
            let rc = unsafe { libc::pthread_key_create(&raw mut key, Some(self.run)) };
            (rc == 0).then_some(key)
        });
        if let Some(key) = key {
            // SAFETY: a key made above, which is never deleted.
            unsafe { libc::pthread_setspecific(key, value.as_ptr()) };
        }
    }
}

/// A stack for the signal handlers of the thread that made it, 64 KiB: a goroutine that has overflowed
/// its stack has none left for them. When it is dropped, the thread gets back the one from before.
pub(crate) struct SignalStack {
    addr: usize,
    before: libc::stack_t,
    /// It is about the thread that made it.
    stays: PhantomData<*const ()>,
}

impl SignalStack {
    const LEN: usize = 64 << 10;

    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn install() -> io::Result<Self> {
        let addr = super::mem::map_lazy(Self::LEN)?;
        let stack = libc::stack_t {
            ss_sp: addr as *mut _,
            ss_flags: 0,
            ss_size: Self::LEN,
        };
        // SAFETY: all zeroes is a valid `stack_t`; the memory is fresh and outlives its use: see `drop`.
        let before = unsafe {
            let mut before: libc::stack_t = std::mem::zeroed();
            libc::sigaltstack(&raw const stack, &raw mut before);
            before
        };
        Ok(SignalStack {
            addr,
            before,
            stays: PhantomData,
        })
    }
}

impl Drop for SignalStack {
    fn drop(&mut self) {
        // SAFETY: what the thread had before is as good as then (or disabled), and no handler runs now,
        // so afterwards nothing uses the memory.
        unsafe {
            if libc::sigaltstack(&raw const self.before, std::ptr::null_mut()) == 0 {
                super::mem::unmap(self.addr, Self::LEN);
            }
        }
    }
}

/// Starts a detached thread with a small stack that runs `run`: not one of std's, which inherit where std
/// sends the output of the one that starts them (under libtest).
///
/// # Errors
/// `EAGAIN`: no memory, or too many threads.
pub(crate) fn start(run: extern "C" fn(*mut c_void) -> *mut c_void) -> io::Result<()> {
    const STACK: usize = 256 << 10;
    super::inject::fault("clone_template")?;
    // SAFETY: the attributes are initialised before they are used; `run` takes anything.
    let rc = unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut thread: libc::pthread_t = std::mem::zeroed();
        libc::pthread_attr_init(&raw mut attributes);
        libc::pthread_attr_setstacksize(&raw mut attributes, STACK);
        libc::pthread_attr_setdetachstate(&raw mut attributes, libc::PTHREAD_CREATE_DETACHED);
        let arg = std::ptr::null_mut();
        let rc = libc::pthread_create(&raw mut thread, &raw const attributes, run, arg);
        libc::pthread_attr_destroy(&raw mut attributes);
        rc
    };
    match rc {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// The stack of a thread, with a guard at its low end: one thread's at a time, and for ever.
pub(crate) struct ThreadStack {
    low: usize,
}

impl ThreadStack {
    const LEN: usize = 2 << 20;

    /// One that ends below `high`, if the system has room there; else anywhere.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn below(high: usize) -> io::Result<Self> {
        /// How much lower is tried next, and how often: an allocator's heaps may be in the way.
        const STEP: usize = 64 << 20;
        const TRIES: usize = 1_000;
        let mut low = 0;
        for try_no in 0..TRIES {
            let wanted = high.saturating_sub(Self::LEN + try_no * STEP);
            low = super::mem::map_lazy_near(wanted, Self::LEN)?;
            if low < high || try_no == TRIES - 1 {
                break;
            }
            // SAFETY: fresh, and ours.
            unsafe { super::mem::unmap(low, Self::LEN) };
        }
        // SAFETY: fresh, and ours.
        unsafe { super::mem::make_inaccessible(low, super::mem::page_size())? };
        Ok(ThreadStack { low })
    }

    /// Its lowest address.
    pub(crate) fn low(&self) -> usize {
        self.low
    }
}

/// A thread that was started on a stack of ours.
pub(crate) struct Thread(libc::pthread_t);

// SAFETY: the library's name for a thread, good on any.
unsafe impl Send for Thread {}

impl Thread {
    /// Starts a thread on `stack` that runs `run(arg)`.
    ///
    /// # Safety
    /// No other thread uses the stack before this one has been [joined](Self::try_join); `run` may be called with
    /// `arg` on another thread.
    ///
    /// # Errors
    /// `EAGAIN`: no memory, or too many threads.
    pub(crate) unsafe fn start(
        stack: &ThreadStack,
        run: extern "C" fn(*mut c_void) -> *mut c_void,
        arg: *mut c_void,
    ) -> io::Result<Thread> {
        // SAFETY: the attributes are initialised before they are used; the rest by the caller.
        unsafe {
            let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
            let mut thread: libc::pthread_t = std::mem::zeroed();
            libc::pthread_attr_init(&raw mut attributes);
            os::thread::pthread_attr_setstack(
                &raw mut attributes,
                stack.low as *mut c_void,
                ThreadStack::LEN,
            );
            let rc = libc::pthread_create(&raw mut thread, &raw const attributes, run, arg);
            libc::pthread_attr_destroy(&raw mut attributes);
            match rc {
                0 => Ok(Thread(thread)),
                errno => Err(io::Error::from_raw_os_error(errno)),
            }
        }
    }

    /// Joins it, if it has ended: then its stack is free.
    pub(crate) fn try_join(self) -> Result<(), Thread> {
        // SAFETY: started joinable, and joined once: this is the only value that names it.
        let joined = unsafe { os::thread::try_join(self.0) };
        if joined { Ok(()) } else { Err(self) }
    }
}

/// Processors that this process may run on (the affinity mask), fixed at the first call.
pub(crate) fn num_cpu() -> usize {
    use std::sync::OnceLock;
    static N: OnceLock<usize> = OnceLock::new();
    *N.get_or_init(num_cpu_now)
}

/// Nanoseconds of CPU that the calling thread has used.
pub(crate) fn own_cpu_time() -> i64 {
    super::clock::gettime(libc::CLOCK_THREAD_CPUTIME_ID).unwrap_or(0)
}

/// On which CPU is the calling thread just now? `u32::MAX`: the system does not tell. Async-signal-safe.
pub(crate) fn cpu() -> u32 {
    os::thread::cpu()
}

/// Is a thread of this process asleep in the kernel (neither running nor waiting for a CPU)? Where that
/// cannot be seen: no.
pub(crate) fn is_blocked(tid: i32) -> bool {
    os::thread::is_asleep(tid) == Some(true)
}

/// Of a thread that does not use its CPU: is it asleep? Where that cannot be seen (without `/proc`, or when
/// no descriptor is left): yes.
pub(crate) fn may_be_blocked(tid: i32) -> bool {
    os::thread::is_asleep(tid) != Some(false)
}
