//! Starting the runtime: on first use, or by `#[goroutine] fn main`.

use super::report::{gdb, goroutines, overflow as report};
use super::state::free_m::FreeM;
use super::state::m::{self, M};
use super::state::sched::SCHED;
use super::state::{fatal, godebug, lineage, slots, wanted};
use super::turn::run;
use super::wake::procs;
use super::watch::{pause, template};
use crate::g::waiter::ThreadParker;
use crate::stack::{arena, guard, overflow};
use crate::switch;
use crate::sys::{barrier, stdio_locks, thread};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static BOOT: Once = Once::new();
static BOOTED: AtomicBool = AtomicBool::new(false);

/// Boots the runtime if no other thread has done so: arena, Ps, sysmon. Ms come on demand.
#[inline(always)]
pub(crate) fn ensure() {
    // Acquire: pairs with the Release below; a thread that sees `true` sees a whole runtime.
    if !BOOTED.load(Ordering::Acquire) {
        boot();
    }
}

#[cold]
#[inline(never)]
fn boot() {
    BOOT.call_once(|| {
        barrier::init(godebug::number("membarrier") == Some(0));
        if godebug::get("guard") == Some("mprotect") {
            guard::force_mprotect();
        }
        if let Err(e) = arena::init() {
            fatal::throw(&format!(
                "cannot reserve address space for goroutine stacks: {e} (RLIMIT_AS?)"
            ));
        }
        gdb::init();
        if let Some(bytes) = std::env::var("GOROUTINES_STACK")
            .ok()
            .and_then(|s| parse_size(&s))
            && let Some(class) = arena::class_for(bytes)
        {
            slots::set_default_class(class);
        }
        match godebug::get("migrate") {
            Some("0") => SCHED.pin_all(),
            Some("stay") => switch::let_all_stay(),
            _ => {}
        }
        if godebug::number("threadcheck").is_some_and(|n| n > 0) {
            stdio_locks::learn();
            switch::check_all();
        }
        procs::init(procs_from_env());
        overflow::install(overflow::Above {
            head: report::head,
            origin: report::origin,
            wake: wanted::wake_in_handler,
        });
        fatal::report_with(goroutines::append);
        pause::init();
        lineage::init();
        template::start();
        BOOTED.store(true, Ordering::Release);
    });
}

/// `GOMAXPROCS` if it is a positive number.
fn procs_from_env() -> Option<usize> {
    let text = std::env::var("GOMAXPROCS").ok()?;
    text.parse().ok().filter(|&n| n > 0)
}

/// `65536`, `64K`, `64KiB`, `1M`, `1MiB`.
pub(crate) fn parse_size(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let n: usize = digits.parse().ok()?;
    let unit = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "K" | "KB" | "KiB" => 1 << 10,
        "M" | "MB" | "MiB" => 1 << 20,
        "G" | "GB" | "GiB" => 1 << 30,
        _ => return None,
    };
    n.checked_mul(unit)
}

/// The M of the calling thread, the process's first. Made before the main goroutine is started, which may
/// ask to be bound to it at once.
pub(crate) fn first_m() -> FreeM {
    let m = M::new();
    m::set_first(m.m());
    m
}

/// Makes the calling thread, the process's first, the M that waits for the main goroutine to be bound to it
/// (`wake/os_thread.rs`); that goroutine is queued already, and runs elsewhere until then.
pub(crate) fn run_on_this_thread(m: FreeM) -> ! {
    // Without one, running off a stack is a bare crash.
    let _signal_stack = thread::SignalStack::install();
    SCHED.thread_comes();
    let bound = m.bind();
    run::schedule(None);
    let _lost = bound.unbind();
    SCHED.thread_goes();
    // The process's first thread is never ended, as in Go. It sleeps as a thread that could wake no goroutine.
    loop {
        ThreadParker::current().sleep();
    }
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("65536"), Some(65536));
        assert_eq!(parse_size("64K"), Some(65536));
        assert_eq!(parse_size("64KiB"), Some(65536));
        assert_eq!(parse_size(" 1 MiB "), Some(1 << 20));
        assert_eq!(parse_size("x"), None);
        assert_eq!(parse_size("1Q"), None);
    }
}
