//! [`Child`]: a process that was started.

use super::{ChildStderr, ChildStdin, ChildStdout};
use crate::context::{self, Context, StopFunc};
use crate::net::fd::Fd;
use crate::sched::spawn::go;
use crate::sched::syscall::blocking;
use crate::sys::pidfd;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{ExitStatus, Output};

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
    pidfd: Option<Fd<OwnedFd>>,
    watch: Option<Watch>,
}

/// The context that kills it.
#[derive(Debug)]
struct Watch {
    ctx: Context,
    stop: StopFunc,
}

impl Child {
    pub(super) fn new(
        mut process: std::process::Child,
        ctx: Option<&Context>,
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
            let pidfd = match pidfd::open(process.id()).and_then(Fd::new) {
                Ok(fd) => Some(fd),
                // Older kernels have none, or there are no more: then a thread waits.
                Err(_) if ctx.is_none() => None,
                Err(e) => return Err(e),
            };
            let watch = match (ctx, &pidfd) {
                (Some(ctx), Some(fd)) => Some(watch(ctx, fd.as_fd().try_clone_to_owned()?)),
                (Some(_), None) => return Err(io::ErrorKind::Unsupported.into()),
                (None, _) => None,
            };
            Ok((stdin, stdout, stderr, pidfd, watch))
        })();
        match parts {
            Ok((stdin, stdout, stderr, pidfd, watch)) => Ok(Child {
                stdin,
                stdout,
                stderr,
                process,
                pidfd,
                watch,
            }),
            Err(e) => {
                // It runs, but nobody could talk to it.
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
    /// The error of its [context](super::Command::context), as [`io::Error::other`], if that has
    /// killed it; the system's.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        let process = &mut self.process;
        let status = match &self.pidfd {
            Some(fd) => fd.read(|_| {
                process
                    .try_wait()?
                    .ok_or_else(|| io::ErrorKind::WouldBlock.into())
            })?,
            None => blocking(|| process.wait())?,
        };
        match self.watch.take() {
            Some(w) if !(w.stop)() && !status.success() => match w.ctx.err() {
                Some(e) => Err(io::Error::other(e)),
                None => Ok(status),
            },
            _ => Ok(status),
        }
    }

    /// Has it ended? Does not wait.
    ///
    /// # Errors
    /// The system's.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.try_wait()
    }

    /// Closes its input, collects what it writes into its pipes, and waits until it has ended.
    ///
    /// # Errors
    /// Those of [`wait`](Self::wait) and of reading.
    pub fn wait_with_output(mut self) -> io::Result<Output> {
        drop(self.stdin.take());
        // Both at once: a process that fills one pipe would never end the other.
        let (tx, rx) = crate::chan::channel(1);
        let stderr = self.stderr.take();
        go(move || tx.send(read_all(stderr)));
        let stdout = read_all(self.stdout.take())?;
        let stderr = rx.recv().expect("the reader answers")?;
        let status = self.wait()?;
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }
}

fn read_all(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut all)?;
    }
    Ok(all)
}

/// Kills the process when `ctx` is done.
fn watch(ctx: &Context, process: OwnedFd) -> Watch {
    let stop = context::after_func(ctx, move || {
        // It may have been waited for already.
        let _ = pidfd::kill(process.as_fd());
    });
    Watch {
        ctx: ctx.clone(),
        stop,
    }
}
