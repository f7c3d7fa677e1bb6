//! [`Command`]: what to start, and how.

use super::Child;
use super::watch::Manner;
use crate::context::Context;
use crate::sched::blocking;
use crate::signal::{SIGKILL, Signal};
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

/// A program to start: std's, but waiting for it suspends the goroutine (Go's `exec.Cmd`).
///
/// # Suspends
/// `output`, `status`, and what [`Child`] says.
///
/// ```
/// use goroutines::process::Command;
///
/// let output = Command::new("echo").arg("hello").output()?;
/// assert_eq!(output.stdout, b"hello\n");
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Command {
    inner: std::process::Command,
    context: Option<Context>,
    manner: Manner,
    /// Which of input, output and error output the user has set.
    set: [bool; 3],
}

impl Command {
    /// A command that starts `program`, without arguments, with this process's environment and
    /// directory. A name without a slash is looked for in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Command {
        std::process::Command::new(program).into()
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Command {
        self.inner.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Command {
        self.inner.args(args);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Command {
        self.inner.env(key, value);
        self
    }

    /// Sets variables of the environment.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Command {
        self.inner.envs(vars);
        self
    }

    /// Removes a variable of the environment.
    pub fn env_remove(&mut self, key: impl AsRef<OsStr>) -> &mut Command {
        self.inner.env_remove(key);
        self
    }

    /// Starts with an empty environment.
    pub fn env_clear(&mut self) -> &mut Command {
        self.inner.env_clear();
        self
    }

    /// Sets the directory it runs in.
    pub fn current_dir(&mut self, dir: impl AsRef<Path>) -> &mut Command {
        self.inner.current_dir(dir);
        self
    }

    /// Where its input comes from: this process's for [`spawn`](Self::spawn) and
    /// [`status`](Self::status), nothing for [`output`](Self::output), unless set.
    pub fn stdin(&mut self, cfg: impl Into<Stdio>) -> &mut Command {
        self.set[0] = true;
        self.inner.stdin(cfg);
        self
    }

    /// Where its output goes to: this process's for [`spawn`](Self::spawn) and
    /// [`status`](Self::status), a pipe for [`output`](Self::output), unless set.
    pub fn stdout(&mut self, cfg: impl Into<Stdio>) -> &mut Command {
        self.set[1] = true;
        self.inner.stdout(cfg);
        self
    }

    /// Where its error output goes to, as [`stdout`](Self::stdout).
    pub fn stderr(&mut self, cfg: impl Into<Stdio>) -> &mut Command {
        self.set[2] = true;
        self.inner.stderr(cfg);
        self
    }

    /// Kills the process when `ctx` is done before it ends by itself (Go's `exec.CommandContext`).
    /// Waiting then fails with the context's error, whatever the process's status. A context that is done
    /// already starts nothing. [`cancel_signal`](Self::cancel_signal) asks it more gently.
    ///
    /// ```
    /// use goroutines::{context, process::Command};
    /// use std::time::Duration;
    ///
    /// let (ctx, cancel) = context::with_timeout(&context::background(), Duration::from_millis(20));
    /// let e = Command::new("sleep").arg("60").context(&ctx).status().unwrap_err();
    /// assert_eq!(e.to_string(), "context deadline exceeded");
    /// cancel();
    /// ```
    pub fn context(&mut self, ctx: &Context) -> &mut Command {
        self.context = Some(ctx.clone());
        self
    }

    /// What the end of the [context](Self::context) sends to the process: `SIGKILL` unless set (Go's
    /// `Cmd.Cancel`). A signal that it may ignore needs a [`wait_delay`](Self::wait_delay).
    ///
    /// ```
    /// use goroutines::{context, process::Command, signal::SIGTERM};
    /// use std::time::Duration;
    ///
    /// let (ctx, cancel) = context::with_timeout(&context::background(), Duration::from_millis(20));
    /// let mut command = Command::new("sleep");
    /// command.arg("60").context(&ctx).cancel_signal(SIGTERM).wait_delay(Duration::from_secs(5));
    /// assert_eq!(command.status().unwrap_err().to_string(), "context deadline exceeded");
    /// cancel();
    /// ```
    pub fn cancel_signal(&mut self, signal: Signal) -> &mut Command {
        self.manner.signal = signal.number();
        self
    }

    /// Bounds what is waited for when the process should be gone (Go's `Cmd.WaitDelay`). The time begins
    /// when the [context](Self::context) is done or the process has ended, whichever is first. When it is
    /// over the process, if it is still there and is being waited for, is killed; and
    /// [`output`](Self::output) does not wait any longer for pipes that another process, started by this
    /// one, keeps open. Unless set, nothing is bounded.
    ///
    /// ```
    /// use goroutines::process::{Command, WaitDelayExpired};
    /// use std::time::Duration;
    ///
    /// let mut command = Command::new("sh");
    /// command.args(["-c", "echo done; sleep 60 &"]).wait_delay(Duration::from_millis(20));
    /// let e = command.output().unwrap_err();
    /// assert_eq!(e.to_string(), "exec: WaitDelay expired before I/O complete");
    /// let late: WaitDelayExpired = *e.into_inner().unwrap().downcast().unwrap();
    /// assert_eq!(late.output.stdout, b"done\n");
    /// ```
    pub fn wait_delay(&mut self, delay: Duration) -> &mut Command {
        self.manner.delay = (!delay.is_zero()).then_some(delay);
        self
    }

    /// Starts it. Dropping the [`Child`] neither kills nor waits for it.
    ///
    /// # Errors
    /// `NotFound` if there is no such program, the context's error if it is done, others of the
    /// system.
    pub fn spawn(&mut self) -> io::Result<Child> {
        if let Some(e) = self.context.as_ref().and_then(Context::err) {
            return Err(io::Error::other(e));
        }
        let child = blocking(|| self.inner.spawn())?;
        Child::new(child, self.context.as_ref(), self.manner)
    }

    /// Starts it, waits for it, and collects its output.
    ///
    /// # Errors
    /// Those of [`spawn`](Self::spawn) and [`Child::wait_with_output`].
    pub fn output(&mut self) -> io::Result<Output> {
        let defaults = |this: &mut Command, input: fn() -> Stdio, output: fn() -> Stdio| {
            let [stdin, stdout, stderr] = this.set;
            if !stdin {
                this.inner.stdin(input());
            }
            if !stdout {
                this.inner.stdout(output());
            }
            if !stderr {
                this.inner.stderr(output());
            }
        };
        defaults(self, Stdio::null, Stdio::piped);
        let child = self.spawn();
        defaults(self, Stdio::inherit, Stdio::inherit);
        child?.wait_with_output()
    }

    /// Starts it and waits for it.
    ///
    /// # Errors
    /// Those of [`spawn`](Self::spawn) and [`Child::wait`].
    pub fn status(&mut self) -> io::Result<ExitStatus> {
        self.spawn()?.wait()
    }
}

impl From<std::process::Command> for Command {
    /// What std's command has been told about input and output is kept by `spawn` and `status`;
    /// `output` sets its own, unless they are set here.
    fn from(inner: std::process::Command) -> Self {
        Self {
            inner,
            context: None,
            manner: Manner {
                signal: SIGKILL.number(),
                delay: None,
            },
            set: [false; 3],
        }
    }
}
