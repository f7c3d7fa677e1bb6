//! [`SharedLink`]: a connection of HTTP/2, by which many requests go at once; the feature `http2`.

use super::sending::SendBody;
use super::to_io::to_io;
use crate::block_on::block_on;
use crate::http::line::Line;
use crate::sched::nanotime;
use hyper::client::conn::http2;
use hyper::rt::{Executor, Read, Write};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

/// A connection that all who have it may use. It ends when nobody has it any more.
pub(super) struct SharedLink {
    sender: http2::SendRequest<SendBody>,
    /// When the last request began, on the runtime's clock.
    used: AtomicI64,
}

/// How much of an answer may come before it is read; as Go's client.
const STREAM: u32 = 4 << 20;
/// And of all together: answers that nobody reads are not to hold up the others.
const CONNECTION: u32 = 1 << 30;

/// Begins to speak HTTP/2 on `io`, which reads and writes `line`.
pub(super) fn start<T>(line: &Arc<Line>, io: T, max_head: u32) -> io::Result<Arc<SharedLink>>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let tasks = Tasks {
        line: line.clone(),
        driven: Arc::default(),
    };
    let mut builder = http2::Builder::new(tasks);
    builder
        .max_header_list_size(max_head)
        .initial_stream_window_size(STREAM)
        .initial_connection_window_size(CONNECTION);
    let (sender, connection) = block_on(builder.handshake(io)).map_err(to_io)?;
    // It takes the requests; another future reads and writes.
    crate::go!(move || drop(block_on(connection)));
    Ok(Arc::new(SharedLink {
        sender,
        used: AtomicI64::new(nanotime()),
    }))
}

impl SharedLink {
    /// What a request is sent by.
    pub(super) fn sender(&self) -> http2::SendRequest<SendBody> {
        // Relaxed: a time is read and compared, nothing else hangs on it.
        self.used.store(nanotime(), Ordering::Relaxed);
        self.sender.clone()
    }

    /// Has it ended, or has the server said that it takes no more?
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Has no request begun for so long, and is none under way? The caller has one of the references.
    pub(super) fn is_idle(self: &Arc<Self>, limit: Duration) -> bool {
        let idle = u64::try_from(nanotime() - self.used.load(Ordering::Relaxed)).unwrap_or(0);
        Arc::strong_count(self) == 1 && Duration::from_nanos(idle) >= limit
    }
}

/// Each of hyper's futures gets a goroutine.
#[derive(Clone)]
struct Tasks {
    line: Arc<Line>,
    driven: Arc<AtomicBool>,
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, future: F) {
        // The first is the one that reads and writes; the others wait for it.
        if !self.driven.swap(true, Ordering::SeqCst) {
            self.line.clone().drive(future);
        } else {
            crate::go!(move || block_on(future));
        }
    }
}
