//! Noticing, while a handler works, that its client has gone.

use crate::chan::{Receiver, channel};
use crate::context::CancelFunc;
use crate::http::conn::Conn;
use crate::sched::timers::nanotime;
use std::sync::Arc;

/// A goroutine that reads ahead on the connection, without taking anything.
pub(super) struct Watch {
    conn: Arc<Conn>,
    ended: Receiver<()>,
}

impl Watch {
    /// Calls `cancel` at the end of the stream or an error. Input of a next request ends the watch.
    pub(super) fn start(conn: &Arc<Conn>, cancel: &CancelFunc) -> Watch {
        let (tx, ended) = channel(0);
        conn.wire.stream.set_read_due(None);
        crate::go!([conn, cancel], {
            // Owned here: the watch has ended when it is dropped.
            let _tx = tx;
            match conn.wire.stream.peek(&mut [0]) {
                Ok(n) if n > 0 => {}
                Err(e) if e.kind() == std::io::ErrorKind::TimedOut => {}
                _ => cancel(),
            }
        });
        Watch {
            conn: conn.clone(),
            ended,
        }
    }

    /// Ends the watch; the connection is free to be read when this returns.
    pub(super) fn stop(&self) {
        let stream = &self.conn.wire.stream;
        stream.set_read_due(Some(nanotime()));
        self.ended.recv();
        stream.set_read_due(None);
    }
}
