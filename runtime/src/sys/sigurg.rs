//! The signal that interrupts a goroutine which does not give way: SIGURG, as in Go, because nearly
//! no program uses it and debuggers let it pass.
//!
//! The handler runs on the thread's signal stack. What it does is up to the caller of [`install`]; here is
//! what must be asked of the system: where the thread was, and whether that is code that may hold a lock
//! of the C library's. A signal that is not ours goes to the handler before us.

use super::os;
use super::walk::Saved;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Can threads be interrupted here?
pub(crate) const POSSIBLE: bool = os::signal::INTERRUPTS;

/// Called on the interrupted thread. Async-signal-safe. `false`: the signal is not ours.
pub(crate) type Interrupt = fn(&Interrupted) -> bool;

static INTERRUPT: OnceLock<Interrupt> = OnceLock::new();

struct Previous(UnsafeCell<MaybeUninit<libc::sigaction>>);
// SAFETY: written once by `install`, under boot's `Once`; read by our handler, which looks at
// `INTERRUPT` first, and that is set after the write.
unsafe impl Sync for Previous {}
static PREVIOUS: Previous = Previous(UnsafeCell::new(MaybeUninit::uninit()));

/// Where the signal found its thread.
pub(crate) struct Interrupted(Saved);

impl Interrupted {
    /// Where exactly.
    pub(crate) fn saved(&self) -> Saved {
        self.0
    }

    /// Was the thread in the C library, the loader or the vDSO? There it may hold a lock that every
    /// thread needs, the allocator's for one. (A statically linked C library cannot be told apart.)
    pub(crate) fn in_c_library(&self) -> bool {
        NO_PAUSE.iter().any(|range| range.has(self.0.pc()))
    }

    /// Was it on its signal stack, that is, in another signal's handler?
    pub(crate) fn in_handler(&self) -> bool {
        // SAFETY: a zeroed stack_t is valid; the call only writes to it.
        let stack = unsafe {
            let mut stack: libc::stack_t = std::mem::zeroed();
            libc::sigaltstack(std::ptr::null(), &raw mut stack);
            stack
        };
        let low = stack.ss_sp as usize;
        stack.ss_flags & libc::SS_DISABLE == 0 && (low..low + stack.ss_size).contains(&self.0.sp())
    }
}

/// Installs the handler; once.
pub(crate) fn install(interrupt: Interrupt) {
    find_c_library();
    // SAFETY: a zeroed sigaction is valid; the handler is async-signal-safe and chains.
    unsafe {
        libc::sigaction(
            libc::SIGURG,
            std::ptr::null(),
            (*PREVIOUS.0.get()).as_mut_ptr(),
        );
        let _ = INTERRUPT.set(interrupt);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGURG, &raw const action, std::ptr::null_mut());
    }
}

/// Interrupts a thread of this process. One that has ended meanwhile is not there to be interrupted;
/// if its number serves another thread by now, that one finds nothing asked of it.
pub(crate) fn send(tid: i32) {
    os::signal::interrupt(tid, libc::SIGURG);
}

extern "C" fn handler(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    super::signal::keeping_errno(|| {
        let Some(interrupt) = INTERRUPT.get() else {
            return;
        };
        // SAFETY: the kernel passes a valid context to a handler with SA_SIGINFO.
        let at = unsafe { Saved::of_context(context) };
        if !interrupt(&Interrupted(at)) {
            chain(signal, info, context);
        }
    });
}

/// Hands a signal that is not ours to the handler before us.
fn chain(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: filled before `INTERRUPT` was set; the previous handler is called as the kernel would have.
    unsafe {
        let previous = (*PREVIOUS.0.get()).assume_init_ref();
        match previous.sa_sigaction {
            // Both mean for SIGURG: nothing happens.
            libc::SIG_DFL | libc::SIG_IGN => {}
            f if previous.sa_flags & libc::SA_SIGINFO != 0 => {
                let f: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute(f);
                f(signal, info, context);
            }
            f => {
                let f: extern "C" fn(libc::c_int) = std::mem::transmute(f);
                f(signal);
            }
        }
    }
}

/// A range of code; empty until it is filled.
struct Range {
    low: AtomicUsize,
    high: AtomicUsize,
}

impl Range {
    fn has(&self, pc: usize) -> bool {
        // Relaxed: filled at boot, before a signal is sent.
        pc >= self.low.load(Ordering::Relaxed) && pc < self.high.load(Ordering::Relaxed)
    }
}

/// The code of the C library, the loader, the unwinder and the vDSO.
static NO_PAUSE: [Range; 12] = [const {
    Range {
        low: AtomicUsize::new(0),
        high: AtomicUsize::new(0),
    }
}; 12];

fn find_c_library() {
    let mut ranges = NO_PAUSE.iter();
    os::signal::for_c_library(&mut |low, high| {
        if let Some(range) = ranges.next() {
            range.low.store(low, Ordering::Relaxed);
            range.high.store(high, Ordering::Relaxed);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allocator_is_in_the_c_library_and_we_are_not() {
        find_c_library();
        let no_pause = |pc| NO_PAUSE.iter().any(|range| range.has(pc));
        // The allocator is a part of the program in both.
        let ours = cfg!(any(target_env = "musl", goroutines_asan));
        assert!(no_pause(libc::free as *const () as usize + 8) || ours);
        assert!(!no_pause(find_c_library as *const () as usize));
        assert!(!no_pause(0));
    }
}
