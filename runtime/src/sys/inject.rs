//! Makes system calls fail on purpose, in the unit tests of this crate.
//!
//! Each place that asks the system for something which may run out calls [`fault`] with the call's name
//! first. Outside `cfg(test)` that is a constant, and gone: a build of the crate has no trace of it. A test
//! runs itself again [in a child](in_child), where it [arms](arm) faults that no other test meets.

/// Shall this call fail?
#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn fault(_call: &str) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use {
    armed::{arm, fault, in_child},
    libc::{EAGAIN, EMFILE, ENOMEM},
};

#[cfg(test)]
mod armed {
    use std::io;
    use std::process::{Command, Output};
    use std::sync::{Mutex, PoisonError};

    static ARMED: Mutex<Vec<(String, i32, usize)>> = Mutex::new(Vec::new());

    /// Shall this call fail?
    pub(crate) fn fault(call: &str) -> io::Result<()> {
        let mut armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        match armed
            .iter_mut()
            .find(|(c, _, left)| *c == call && *left > 0)
        {
            Some((_, errno, left)) => {
                *left -= 1;
                Err(io::Error::from_raw_os_error(*errno))
            }
            None => Ok(()),
        }
    }

    /// The next `times` calls fail with `errno`; 0 disarms.
    pub(crate) fn arm(call: &str, errno: i32, times: usize) {
        let mut armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        armed.retain(|(c, ..)| *c != call);
        armed.push((call.to_owned(), errno, times));
    }

    /// Runs `f(arg)` in a process of its own: the test called `name` runs this test program again for
    /// itself alone. `None` in the child, after `f`; in the parent, how the child ended.
    pub(crate) fn in_child(name: &str, arg: &str, f: impl FnOnce(&str)) -> Option<Output> {
        const CHILD: &str = "GOROUTINES_INJECT_CHILD";
        if let Ok(arg) = std::env::var(CHILD) {
            f(&arg);
            return None;
        }
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args([name, "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, arg)
            .env("GOMAXPROCS", "2")
            .output();
        Some(child.expect("it starts"))
    }
}
