//! Noticing, while a request is being answered, that its client has gone.

use crate::chan::{Receiver, channel};
use crate::context::CancelFunc;
use crate::http::wire::Wire;
use crate::sched::nanotime;
use std::sync::Arc;

/// A goroutine that reads ahead on the connection, without taking anything. The connection is free
/// to be read when this has been dropped.
pub(super) struct Watch {
    wire: Arc<Wire>,
    ended: Receiver<()>,
}

impl Watch {
    /// Calls `cancel` at the end of the stream or an error. Input of a next request ends the watch.
    pub(super) fn start(wire: &Arc<Wire>, cancel: &CancelFunc) -> Watch {
        let (tx, ended) = channel(0);
        wire.stream.set_read_due(None);
        crate::go!([wire, cancel], {
            // Owned here: the watch has ended when it is dropped.
            let _tx = tx;
            match wire.stream.peek_one() {
                Ok(true) => {}
                Err(e) if e.kind() == std::io::ErrorKind::TimedOut => {}
                _ => cancel(),
            }
        });
        Watch {
            wire: wire.clone(),
            ended,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let stream = &self.wire.stream;
        stream.set_read_due(Some(nanotime()));
        self.ended.recv();
        stream.set_read_due(None);
    }
}

/// The context of a request whose handler has returned, while its answer is being sent.
pub(in crate::http) struct StillAnswering {
    pub(super) wire: Option<Arc<Wire>>,
    pub(super) cancel: CancelFunc,
}

impl StillAnswering {
    /// Watches whether the client goes away while `wait` waits.
    pub(in crate::http) fn watching<R>(&self, wait: impl FnOnce() -> R) -> R {
        let wire = self.wire.as_ref();
        let _watch = wire.map(|wire| Watch::start(wire, &self.cancel));
        wait()
    }
}

impl Drop for StillAnswering {
    fn drop(&mut self) {
        (self.cancel)();
    }
}
