//! Signals that the process gets by itself: memory faults, where a handler looks at the address first
//! and hands on what is not its own, and SIGQUIT.

use super::walk::Saved;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Is this fault, at `addr`, ours? Then it does not return. With where the code was. Async-signal-safe.
pub(crate) type Look = fn(addr: usize, at: Saved);

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

static QUIT: AtomicUsize = AtomicUsize::new(0);

/// Calls `f` with the interrupted instruction's address on SIGQUIT, unless the program handles or
/// ignores that signal already. `f` must be async-signal-safe.
pub(crate) fn on_quit(f: fn(usize)) {
    QUIT.store(f as usize, Ordering::Release);
    // SAFETY: zeroed sigactions are valid; the handler only calls `f`.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGQUIT, std::ptr::null(), &raw mut old);
        if old.sa_sigaction != libc::SIG_DFL {
            return;
        }
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = quit as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGQUIT, &raw const action, std::ptr::null_mut());
    }
}

extern "C" fn quit(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid context.
    let pc = unsafe { Saved::of_context(context) }.pc();
    // SAFETY: stored by `on_quit` before the handler was installed.
    let f: fn(usize) = unsafe { std::mem::transmute(QUIT.load(Ordering::Acquire)) };
    f(pc);
}

/// Writes to stderr from a signal handler.
pub(crate) fn write(bytes: &[u8]) {
    // SAFETY: write(2) is async-signal-safe.
    unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
}

/// Waits in a signal handler, or until another signal.
pub(crate) fn nap(time: Duration) {
    let ms = time.as_millis().min(i32::MAX as u128) as libc::c_int;
    // SAFETY: no descriptors; poll(2) is async-signal-safe.
    unsafe { libc::poll(std::ptr::null_mut(), 0, ms) };
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
        look((*info).si_addr() as usize, Saved::of_context(context));
    }
    chain(signal, info, context);
}

/// Hands the signal to the handler before us.
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
