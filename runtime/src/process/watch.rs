//! What a context does to the process that it was given for (Go's `Cmd.watchCtx`).
//!
//! When the context is done, the process gets a signal, unless it has ended by itself; and if it is still
//! there after the delay, SIGKILL. The state's lock is held from the look whether it has ended until the
//! signal is noted, so a goroutine that waits for the process knows afterwards whether that may have ended it.

use crate::chan::{Receiver, Sender, channel};
use crate::context::{self, Context, StopFunc};
use crate::sync::Mutex;
use crate::sys::proc;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the user has said about the end of the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// The number of the signal.
    pub(super) signal: i32,
    pub(super) delay: Option<Duration>,
}

/// A context's view of a child.
pub(super) struct Watch {
    ctx: Context,
    stop: StopFunc,
    shared: Arc<Shared>,
    /// Closed when the process has been waited for.
    _waits: Sender<()>,
}

struct Shared {
    process: proc::Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the context was done.
    done_at: Option<Instant>,
    /// It got the signal while it ran, or could not get it.
    signalled: Option<io::Result<()>>,
}

impl Watch {
    pub(super) fn new(ctx: &Context, process: proc::Handle, manner: Manner) -> Watch {
        let shared = Arc::new(Shared {
            process,
            state: Mutex::new(State::default()),
        });
        let (waits, waited) = channel(0);
        let stop = context::after_func(ctx, {
            let shared = shared.clone();
            move || shared.context_is_done(manner, &waited)
        });
        Watch {
            ctx: ctx.clone(),
            stop,
            shared,
            _waits: waits,
        }
    }

    /// When the context was done, if it is.
    pub(super) fn done_at(&self) -> Option<Instant> {
        self.shared.state.lock().done_at
    }

    /// The process has been waited for.
    ///
    /// # Errors
    /// The context's, if the process may have ended of it.
    pub(super) fn end(self) -> io::Result<()> {
        (self.stop)();
        let signalled = self.shared.state.lock().signalled.take();
        match (signalled, self.ctx.err()) {
            (Some(Ok(())), Some(e)) => Err(io::Error::other(e)),
            (Some(Err(e)), _) => Err(io::Error::other(format!("exec: canceling Cmd: {e}"))),
            _ => Ok(()),
        }
    }
}

impl Shared {
    fn context_is_done(&self, manner: Manner, waited: &Receiver<()>) {
        let process = &self.process;
        let mut state = self.state.lock();
        state.done_at = Some(Instant::now());
        if process.has_ended() {
            return;
        }
        state.signalled = Some(process.signal(manner.signal));
        drop(state);
        if let Some(delay) = manner.delay
            && waited.recv_timeout(delay) == Err(crate::chan::RecvTimeoutError::Timeout)
        {
            // It may have been waited for just now.
            let _ = process.signal(proc::KILL);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.ctx).finish()
    }
}
