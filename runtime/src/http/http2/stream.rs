//! [`Stream`]: a request on a connection of HTTP/2, and its answer.

use super::multi::Multi;
use super::progress::Progress;
use super::sending::Sending;
use crate::block_on::block_on;
use crate::context::{self, CancelFunc, Context};
use crate::http::request::Origin;
use crate::http::wait::wait;
use crate::http::wire::Wire;
use crate::sync::Mutex;
use crate::time;
use hyper::body::{Body as _, Bytes, Frame, Incoming};
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll, Waker};
use std::time::Duration;

/// A request and its answer: what the handler's goroutine and hyper's share.
pub(super) struct Stream {
    pub(super) multi: Arc<Multi>,
    /// The parent of the request's context, if the handler has asked for it.
    context: OnceLock<(Context, CancelFunc)>,
    /// What waits for the body are ended by.
    waits: Mutex<Option<(Context, CancelFunc)>>,
    answer: Mutex<Answer>,
    /// The answer was sent, or is not wanted. Written under the lock of `answer`.
    ended: AtomicBool,
    progress: Arc<Progress>,
    /// A goroutine looks whether hyper keeps it for too long.
    looked_after: AtomicBool,
    /// It did.
    stalled: AtomicBool,
    /// Wakes hyper's goroutine.
    task: Mutex<Option<Waker>>,
}

pub(super) type Answered = Result<hyper::Response<Sending<Ending>>, h2::Error>;

#[derive(Default)]
struct Answer {
    given: Option<Answered>,
    waker: Option<Waker>,
}

impl Stream {
    pub(super) fn new(multi: &Arc<Multi>) -> Arc<Stream> {
        multi.life.stream_begins();
        Arc::new(Stream {
            multi: multi.clone(),
            context: OnceLock::new(),
            waits: Mutex::default(),
            answer: Mutex::default(),
            ended: AtomicBool::new(false),
            progress: Progress::new(&multi.life.unsent),
            looked_after: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            task: Mutex::default(),
        })
    }

    /// What waits for the answer.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        Answering(Some(Ending(self.clone())))
    }

    /// Has the handler's answer sent, unless the client does not want it.
    pub(super) fn give(&self, answer: Answered) {
        let mut slot = self.answer.lock();
        let unwanted = match self.ended.load(Ordering::SeqCst) {
            true => Some(answer),
            false => slot.given.replace(answer),
        };
        let waker = slot.waker.take();
        drop(slot);
        drop(unwanted);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The end of it all.
    fn end(&self) {
        let mut slot = self.answer.lock();
        self.ended.store(true, Ordering::SeqCst);
        let unwanted = slot.given.take();
        drop(slot);
        drop(unwanted);
        // A caller that asks for the context from now on sees that it has ended.
        if let Some((_, cancel)) = self.context.get() {
            cancel();
        }
        self.multi.life.stream_ends();
    }

    /// Runs hyper's side of it, until the answer has been taken from us, or makes no progress.
    pub(super) fn run(self: &Arc<Self>, future: impl Future<Output = ()>) {
        let mut future = pin!(future);
        block_on(poll_fn(|cx| {
            if self.stalled.load(Ordering::SeqCst) {
                // Dropping the future tells the client.
                return Poll::Ready(());
            }
            let polled = future.as_mut().poll(cx);
            if polled.is_pending() && !self.progress.is_free() {
                self.look_after(cx.waker());
            }
            polled
        }));
        self.multi.life.leaves(&self.progress);
    }

    /// Wakes `task` when there was no progress for the server's time.
    fn look_after(self: &Arc<Self>, task: &Waker) {
        let limit = self.multi.config.write_timeout;
        if limit.is_zero() {
            return;
        }
        let old = self.task.lock().replace(task.clone());
        drop(old);
        if !self.looked_after.swap(true, Ordering::SeqCst) {
            self.look_in(limit);
        }
    }

    fn look_in(self: &Arc<Self>, pause: Duration) {
        let me = Arc::downgrade(self);
        time::after_func(pause, move || {
            if let Some(stream) = me.upgrade() {
                stream.look();
            }
        });
    }

    fn look(self: &Arc<Self>) {
        if self.progress.is_free() {
            self.looked_after.store(false, Ordering::SeqCst);
            // It may have begun to be held just before.
            let task = self.task.lock().take();
            if let Some(task) = task {
                task.wake();
            }
            return;
        }
        let left = self.progress.left(self.multi.config.write_timeout);
        if !left.is_zero() {
            return self.look_in(left);
        }
        self.stalled.store(true, Ordering::SeqCst);
        let task = self.task.lock().take();
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl Origin for Stream {
    fn peer(&self) -> SocketAddr {
        self.multi.peer
    }

    fn context(&self) -> &Context {
        let parent = &self.multi.server.context;
        let (ctx, cancel) = self.context.get_or_init(|| context::with_cancel(parent));
        // SeqCst: either `end` sees the context or this sees the end.
        if self.ended.load(Ordering::SeqCst) {
            cancel();
        }
        ctx
    }

    fn next_frame(&self, body: &mut Incoming) -> io::Result<Option<hyper::Result<Frame<Bytes>>>> {
        let mut cx = task::Context::from_waker(Waker::noop());
        if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(&mut cx) {
            return Ok(frame);
        }
        let new = || context::with_cancel(&context::background());
        let waits = self.waits.lock().get_or_insert_with(new).0.clone();
        let next = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
        let limit = self.multi.config.read_timeout;
        if limit.is_zero() {
            return wait(Some(&waits), next);
        }
        let (within, cancel) = context::with_timeout(&waits, limit);
        let frame = wait(Some(&within), next);
        cancel();
        frame
    }

    fn end_wait(&self) {
        let waits = self.waits.lock().take();
        if let Some((_, cancel)) = waits {
            cancel();
        }
    }

    fn allow_waits(&self) {}

    fn wire(&self) -> Option<&Arc<Wire>> {
        None
    }
}

/// Ends the stream when it is dropped.
pub(super) struct Ending(Arc<Stream>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Waits for the answer. hyper drops it if the client gives the request up.
pub(super) struct Answering(Option<Ending>);

impl Future for Answering {
    type Output = Answered;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Answered> {
        let Some(Ending(stream)) = &self.0 else {
            return Poll::Pending;
        };
        let mut slot = stream.answer.lock();
        let Some(answer) = slot.given.take() else {
            let old = slot.waker.replace(cx.waker().clone());
            drop(slot);
            drop(old);
            return Poll::Pending;
        };
        drop(slot);
        let ending = self.0.take();
        Poll::Ready(answer.map(|mut answer| {
            if let Some(ending) = ending {
                let progress = ending.0.progress.clone();
                answer.body_mut().begins(ending, &progress);
            }
            answer
        }))
    }
}
