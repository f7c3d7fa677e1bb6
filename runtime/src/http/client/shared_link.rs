//! [`SharedLink`]: a connection of HTTP/2, by which many requests go at once; the feature `http2`.

use super::door::Door;
use super::heard::Heard;
use super::room::Room;
use super::sending::SendBody;
use super::to_io::to_io;
use crate::block_on::block_on;
use crate::context::{self, Context};
use crate::http::line::Line;
use crate::sched::nanotime;
use crate::sync::Mutex;
use hyper::client::conn::http2;
use hyper::rt::{Executor, Read, Write};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// A connection that many requests may use at once. It ends when its last handle is dropped.
pub(super) struct SharedLink {
    sender: http2::SendRequest<SendBody>,
    pub(super) door: Arc<Door>,
    /// When the last request began, on the runtime's clock.
    used: AtomicI64,
    room: Room,
    /// How often something has come in.
    heard: Arc<AtomicU64>,
    silence: Mutex<Silence>,
    /// It is to have no more requests.
    given_up: AtomicBool,
}

/// Since when nothing has come in, though a request was sent.
#[derive(Default)]
struct Silence {
    /// What had been heard then; `None`: no request waits.
    heard: Option<u64>,
    since: i64,
}

/// How much of an answer may come before it is read; as Go's client.
const STREAM: u32 = 4 << 20;
/// And of all together: answers that are not read must not hold up the others.
const CONNECTION: u32 = 1 << 30;

/// Begins to speak HTTP/2 on `io`, which reads and writes `line`.
pub(super) fn start<T>(
    line: &Arc<Line>,
    io: T,
    max_head: u32,
    ctx: &Context,
) -> io::Result<Arc<SharedLink>>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let tasks = Tasks {
        line: line.clone(),
        driven: Arc::default(),
    };
    let heard = Arc::<AtomicU64>::default();
    let io = Heard::new(io, heard.clone());
    let mut builder = http2::Builder::new(tasks);
    builder
        .max_header_list_size(max_head)
        .initial_stream_window_size(STREAM)
        .initial_connection_window_size(CONNECTION);
    let stop = context::after_func(ctx, {
        let line = line.clone();
        move || line.close()
    });
    line.writes_first();
    // No other goroutine reads and writes yet.
    let begun = line.run(builder.handshake(io));
    stop();
    let begun = begun.ok_or(io::ErrorKind::ConnectionAborted)?;
    let (sender, mut connection) = begun.map_err(to_io)?;
    let (room, watch) = Room::new();
    // It takes the requests; another future reads and writes.
    let door = Arc::<Door>::default();
    let taking = door.clone();
    crate::go!(move || {
        block_on(poll_fn(|cx| {
            let polled = Pin::new(&mut connection).poll(cx);
            watch.look(cx.waker(), || connection.current_max_send_streams());
            // Callers that wait for an answer have been told of an error.
            polled.map(drop)
        }));
        taking.close();
        drop(connection);
    });
    Ok(Arc::new(SharedLink {
        sender,
        door,
        used: AtomicI64::new(nanotime()),
        room,
        heard,
        silence: Mutex::default(),
        given_up: AtomicBool::new(false),
    }))
}

impl SharedLink {
    /// What a request is sent by, which is about to begin.
    pub(super) fn sender(&self) -> http2::SendRequest<SendBody> {
        let now = nanotime();
        // Relaxed, here and below: times and counts are read and compared; nothing else depends on them.
        self.used.store(now, Ordering::Relaxed);
        let heard = Some(self.heard.load(Ordering::Relaxed));
        let mut silence = self.silence.lock();
        if silence.heard != heard {
            *silence = Silence { heard, since: now };
        }
        drop(silence);
        self.sender.clone()
    }

    /// A request has been answered: by then the server has said how many it takes.
    pub(super) fn answers(&self) {
        self.room.is_known();
    }

    /// The caller does not wait for its answer any longer. A connection on which nothing at all has come
    /// meanwhile may be dead: the next requests take another. Requests that are under way are not harmed.
    pub(super) fn give_up(&self) {
        const LONG: Duration = Duration::from_secs(1);
        let silence = self.silence.lock();
        let silent = silence.heard == Some(self.heard.load(Ordering::Relaxed));
        if silent && since(silence.since) >= LONG {
            self.given_up.store(true, Ordering::Relaxed);
        }
    }

    /// Has it ended, or is it to have no more requests?
    pub(super) fn is_closed(&self) -> bool {
        // hyper says so only when it has been dropped; who finds the door closed needs another before that.
        self.door.is_closed() || self.sender.is_closed() || self.given_up.load(Ordering::Relaxed)
    }

    /// Does the server take another request now? The caller has one of the references, each of the
    /// requests another.
    pub(super) fn has_room(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) <= self.room.most()
    }

    /// Has no request begun for this long, and is none under way? The caller has one of the references.
    pub(super) fn is_idle(self: &Arc<Self>, limit: Duration) -> bool {
        Arc::strong_count(self) == 1 && since(self.used.load(Ordering::Relaxed)) >= limit
    }
}

/// How long ago that was.
fn since(then: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanotime() - then).unwrap_or(0))
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
