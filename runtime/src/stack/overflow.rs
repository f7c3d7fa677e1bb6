//! Running off a stack: the SIGSEGV handler.
//!
//! A plain function has no prologue of ours; when it needs more stack than its goroutine has it touches
//! the guard. The handler, on a stack of its own, only writes prepared text and ends the process: no
//! allocation, no lock, no unwinding. Faults elsewhere go to whoever handled them before.

use super::{arena, guard};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Describes the goroutine of a slot into a buffer, from a signal handler; set by the layer above.
static DESCRIBE: AtomicUsize = AtomicUsize::new(0);

/// `describe(slot, class, write)`: async-signal-safe.
pub(crate) type Describe = fn(arena::SlotId, u8, &mut dyn FnMut(&[u8]));

/// Who can say what a slot's goroutine is.
pub(crate) fn set_describe(f: Describe) {
    DESCRIBE.store(f as usize, Ordering::Release);
}

struct Previous(UnsafeCell<[MaybeUninit<libc::sigaction>; 2]>);
// SAFETY: written once by `install`, under boot's `Once`, before the handler can run.
unsafe impl Sync for Previous {}
static PREVIOUS: Previous = Previous(UnsafeCell::new([const { MaybeUninit::uninit() }; 2]));

const SIGNALS: [libc::c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// Installs the handler; at boot, once.
pub(crate) fn install() {
    for (i, signal) in SIGNALS.into_iter().enumerate() {
        // SAFETY: a zeroed sigaction is valid; the handler is async-signal-safe and chains.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            let slot = (*PREVIOUS.0.get())[i].as_mut_ptr();
            libc::sigaction(signal, &raw const action, slot);
        }
    }
}

fn write(bytes: &[u8]) {
    // SAFETY: write(2) is async-signal-safe.
    unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
}

extern "C" fn handler(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo.
    let addr = unsafe { (*info).si_addr() } as usize;
    if let Some((slot, class)) = arena::slot_at(addr) {
        let offset = addr - arena::slot_base(slot);
        if offset < guard::len(arena::size_of_class(class)) {
            write(b"runtime: goroutine stack overflow: a plain function ran off the end of its stack\n");
            let f = DESCRIBE.load(Ordering::Acquire);
            if f != 0 {
                // SAFETY: stored by `set_describe` from a `Describe`.
                let f: Describe = unsafe { std::mem::transmute(f) };
                f(slot, class, &mut |b| write(b));
            }
            write(
                b"Mark the recursive function with #[goroutine], so that its stack grows, or give the \
                  goroutine a bigger stack: Builder::new().stack_size(..), or GOROUTINES_STACK=1MiB.\n\
                  fatal error: stack overflow\n",
            );
            // SAFETY: _exit is async-signal-safe.
            unsafe { libc::_exit(2) };
        }
    }
    chain(signal, info, context);
}

/// Hands the signal to who had it before us.
fn chain(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let i = usize::from(signal != SIGNALS[0]);
    // SAFETY: `install` has filled the entry before the handler could run; the previous handler is
    // called as the kernel would have called it.
    unsafe {
        let previous = (*PREVIOUS.0.get())[i].assume_init_ref();
        match previous.sa_sigaction {
            libc::SIG_DFL | libc::SIG_IGN => {
                // The faulting instruction runs again and dies of the default action.
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &raw const action, std::ptr::null_mut());
            }
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
