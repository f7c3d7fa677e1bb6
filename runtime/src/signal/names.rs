//! The signals of the system by name, with Go's words for them.

use super::Signal;
use signal_hook::consts::signal as number;
use std::fmt;

macro_rules! signals {
    ($($name:ident $text:literal)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: ", $text, ".")]
            pub const $name: Signal = Signal(number::$name);
        )*

        impl fmt::Debug for Signal {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $($name => f.write_str(stringify!($name)),)*
                    Signal(n) => write!(f, "SIG{n}"),
                }
            }
        }

        impl fmt::Display for Signal {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $($name => f.write_str($text),)*
                    Signal(n) => write!(f, "signal {n}"),
                }
            }
        }
    };
}

signals! {
    SIGABRT "aborted"
    SIGALRM "alarm clock"
    SIGBUS "bus error"
    SIGCHLD "child exited"
    SIGCONT "continued"
    SIGFPE "floating point exception"
    SIGHUP "hangup"
    SIGILL "illegal instruction"
    SIGINT "interrupt"
    SIGIO "I/O possible"
    SIGKILL "killed"
    SIGPIPE "broken pipe"
    SIGPROF "profiling timer expired"
    SIGQUIT "quit"
    SIGSEGV "segmentation fault"
    SIGSTOP "stopped (signal)"
    SIGSYS "bad system call"
    SIGTERM "terminated"
    SIGTRAP "trace/breakpoint trap"
    SIGTSTP "stopped"
    SIGTTIN "stopped (tty input)"
    SIGTTOU "stopped (tty output)"
    SIGURG "urgent I/O condition"
    SIGUSR1 "user defined signal 1"
    SIGUSR2 "user defined signal 2"
    SIGVTALRM "virtual timer expired"
    SIGWINCH "window changed"
    SIGXCPU "CPU time limit exceeded"
    SIGXFSZ "file size limit exceeded"
}
