//! [`Child`]: a process that was started.

use super::watch::{Manner, Watch};
use super::{ChildStderr, ChildStdin, ChildStdout, WaitDelayExpired};
use crate::chan::{Receiver, channel};
use crate::context::Context;
use crate::net::NetError;
use crate::net::fd::Fd;
use crate::sched::blocking;
use crate::sched::go;
use crate::sys::proc;
use std::io::{self, Read};
use std::process::{ExitStatus, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A process that was started: std's, but waiting for it suspends the goroutine.
///
/// Dropping it neither kills nor waits for the process.
///
/// # Suspends
/// `wait` and `wait_with_output`.
///
/// ```
/// use goroutines::process::{Command, Stdio};
/// use std::io::Write;
///
/// let mut child = Command::new("tr").args(["a-z", "A-Z"])
///     .stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
/// child.stdin.take().unwrap().write_all(b"shout")?;
/// assert_eq!(child.wait_with_output()?.stdout, b"SHOUT");
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Child {
    /// Its input, if that is a pipe.
    pub stdin: Option<ChildStdin>,
    /// Its output, if that is a pipe.
    pub stdout: Option<ChildStdout>,
    /// Its error output, if that is a pipe.
    pub stderr: Option<ChildStderr>,
    process: std::process::Child,
    /// `None` where the system has no such descriptors: then waiting takes a thread.
    handle: Option<Fd<proc::Handle>>,
    watch: Option<Watch>,
    /// How long its pipes may stay open when it has ended.
    delay: Option<Duration>,
    /// When its context was done, if that was before its end.
    done_at: Option<Instant>,
}

impl Child {
    pub(super) fn new(
        mut process: std::process::Child,
        ctx: Option<&Context>,
        manner: Manner,
    ) -> io::Result<Child> {
        let parts = (|| {
            let stdin = process.stdin.take().map(ChildStdin::from_std).transpose()?;
            let stdout = process
                .stdout
                .take()
                .map(ChildStdout::from_std)
                .transpose()?;
            let stderr = process
                .stderr
                .take()
                .map(ChildStderr::from_std)
                .transpose()?;
            let opened = proc::Handle::open(process.id()).and_then(|handle| {
                let watched = ctx.map(|_| handle.try_clone()).transpose()?;
                Ok((Fd::new(handle)?, watched))
            });
            let (handle, watched) = match opened {
                Ok((fd, watched)) => (Some(fd), watched),
                // Older kernels have none, or there are no more: then a thread waits.
                Err(_) if ctx.is_none() => (None, None),
                Err(e) => return Err(e),
            };
            let watch = ctx
                .zip(watched)
                .map(|(ctx, handle)| Watch::new(ctx, handle, manner));
            Ok((stdin, stdout, stderr, handle, watch))
        })();
        match parts {
            Ok((stdin, stdout, stderr, handle, watch)) => Ok(Child {
                stdin,
                stdout,
                stderr,
                process,
                handle,
                watch,
                delay: manner.delay,
                done_at: None,
            }),
            Err(e) => {
                // It runs, but the caller could not talk to it.
                let _ = process.kill();
                let _ = blocking(|| process.wait());
                Err(e)
            }
        }
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills it. It still has to be waited for.
    ///
    /// # Errors
    /// The system's; none if it has ended already.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()
    }

    /// Closes its input and waits until it has ended.
    ///
    /// # Errors
    /// The error of its [context](super::Command::context), as [`io::Error::other`], if that was done
    /// before the process ended; the system's.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        let process = &mut self.process;
        let status = match &self.handle {
            Some(fd) => fd.read(|handle| {
                handle
                    .collect(process)?
                    .ok_or_else(|| io::ErrorKind::WouldBlock.into())
            })?,
            None => blocking(|| process.wait())?,
        };
        if let Some(watch) = self.watch.take() {
            self.done_at = watch.done_at();
            watch.end()?;
        }
        Ok(status)
    }

    /// Has it ended? Does not wait.
    ///
    /// # Errors
    /// The system's.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match &self.handle {
            Some(fd) => fd.get()?.try_wait(&mut self.process),
            None => self.process.try_wait(),
        }
    }

    /// Closes its input, collects what it writes into its pipes, and waits until it has ended.
    ///
    /// A pipe ends when all processes that have it have closed it: the child, and those that it has
    /// started. With [`wait_delay`](super::Command::wait_delay) this waits for that no longer than the delay.
    ///
    /// # Errors
    /// Those of [`wait`](Self::wait) and of reading; a [`WaitDelayExpired`](super::WaitDelayExpired), as
    /// [`io::Error::other`], if a process that has succeeded left a pipe open for longer than the delay.
    pub fn wait_with_output(mut self) -> io::Result<Output> {
        drop(self.stdin.take());
        // All at once: a process that fills one pipe would never end the other.
        let stdout = Collector::start(self.stdout.take().map(Arc::new));
        let stderr = Collector::start(self.stderr.take().map(Arc::new));
        let status = self.wait();
        if let Some(delay) = self.delay {
            let from = self.done_at.unwrap_or_else(Instant::now);
            // No deadline if it is too far away.
            if let Some(at) = from.checked_add(delay) {
                stdout.end_at(at, |pipe, at| pipe.set_read_deadline(at))?;
                stderr.end_at(at, |pipe, at| pipe.set_read_deadline(at))?;
            }
        }
        let (stdout, stdout_end) = stdout.finish();
        let (stderr, stderr_end) = stderr.finish();
        let status = status?;
        let expired = |end: &io::Result<()>| {
            let error = end.as_ref().err().and_then(NetError::of);
            error == Some(NetError::Timeout)
        };
        let late = expired(&stdout_end) || expired(&stderr_end);
        let output = Output {
            status,
            stdout,
            stderr,
        };
        if late && status.success() {
            return Err(io::Error::other(WaitDelayExpired { output }));
        }
        if !late {
            stdout_end.and(stderr_end)?;
        }
        Ok(output)
    }
}

/// Reads one pipe to its end, in a goroutine of its own.
struct Collector<P> {
    pipe: Option<Arc<P>>,
    /// What has come, and how it ended.
    result: Receiver<(Vec<u8>, io::Result<()>)>,
}

impl<P: Send + Sync + 'static> Collector<P>
where
    for<'a> &'a P: Read,
{
    fn start(pipe: Option<Arc<P>>) -> Self {
        let (tx, result) = channel(1);
        if let Some(pipe) = pipe.clone() {
            go(move || {
                let mut all = Vec::new();
                let end = (&*pipe).read_to_end(&mut all).map(drop);
                tx.send((all, end));
            });
        }
        Collector { pipe, result }
    }

    fn end_at(
        &self,
        at: Instant,
        set: impl FnOnce(&P, Instant) -> io::Result<()>,
    ) -> io::Result<()> {
        self.pipe.as_ref().map_or(Ok(()), |pipe| set(pipe, at))
    }

    /// Nothing, if there was no pipe.
    fn finish(self) -> (Vec<u8>, io::Result<()>) {
        self.result.recv().unwrap_or((Vec::new(), Ok(())))
    }
}
