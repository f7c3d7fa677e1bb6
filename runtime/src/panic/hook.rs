//! The panic hook. Nothing of the user's runs in its critical part, where a second panic would abort the
//! process: what a payload has to say is asked for later (see [`user`](super::user)).

use super::record::note;
use super::user::plain_text;
use crate::sched::life::origin;
use crate::sched::state::m::me;
use crate::sched::state::sigpipe;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Goroutines print nothing when they panic: the program has a goroutine main, and Go's text comes if
/// no deferred code recovers.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on a panic in a goroutine prints nothing by itself; a panic elsewhere goes to the hook
/// that was there before.
pub(crate) fn install_quiet_hook() {
    QUIET.store(true, Ordering::Relaxed);
    install_hook();
}

/// From now on panics in goroutines are remembered, for the report if no deferred code recovers. The hook
/// that was there before hears of them as it does of others': on the thread that waits for the goroutine, if
/// there is one (a test's).
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    // std refuses while the thread panics.
    if ONCE.is_completed() || std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let Some(g) = me() else {
                return previous(info);
            };
            if let Some(text) = plain_text(info.payload()) {
                sigpipe::check_panic(info, text);
            }
            note(g, info.payload());
            let shown = origin::of(*g).is_some_and(|origin| origin.show(*g, info, &previous));
            if !shown && !QUIET.load(Ordering::Relaxed) {
                previous(info);
            }
        }));
    });
}
