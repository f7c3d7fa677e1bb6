//! Memory faults: a handler that looks at the address first and hands on what is not its own.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Is this fault ours? Then it does not return. Async-signal-safe.
pub(crate) type Look = fn(addr: usize);

static LOOK: AtomicUsize = AtomicUsize::new(0);

struct Previous(UnsafeCell<[MaybeUninit<libc::sigaction>; 2]>);
// SAFETY: written once by `install`, under boot's `Once`, before our handler can run.
unsafe impl Sync for Previous {}
static PREVIOUS: Previous = Previous(UnsafeCell::new([const { MaybeUninit::uninit() }; 2]));

const SIGNALS: [libc::c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// Installs the handler; once. It runs on the thread's signal stack.
pub(crate) fn install(look: Look) {
    LOOK.store(look as usize, Ordering::Release);
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

/// Writes to stderr from a signal handler.
pub(crate) fn write(bytes: &[u8]) {
    // SAFETY: write(2) is async-signal-safe.
    unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
}

/// Ends the process from a signal handler.
pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: _exit(2) is async-signal-safe.
    unsafe { libc::_exit(code) }
}

extern "C" fn handler(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo; LOOK was stored from a `Look` before the handler
    // was installed.
    unsafe {
        let look: Look = std::mem::transmute(LOOK.load(Ordering::Acquire));
        look((*info).si_addr() as usize);
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
