//! Runs a command that need not end, nor cease to speak, nor have no children.

use mdbook_driver::errors::Result;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// So many bytes of each stream are kept.
const MOST_OUTPUT: usize = 64 * 1024;
/// So long we wait for the end of a stream that a process holds which has left the command's group.
const AFTER: Duration = Duration::from_secs(1);

/// What became of a command.
pub(crate) struct Ended {
    /// What it said: its output, then its errors.
    pub(crate) text: String,
    /// `None` if it was stopped, by us or by a signal.
    pub(crate) code: Option<i32>,
    /// It ran past the limit.
    pub(crate) late: bool,
}

/// Runs a command for so long at most. What it has started and left behind is stopped with it.
pub(crate) fn limited(command: &mut Command, limit: Duration) -> Result<Ended> {
    let mut child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let streams = [
        Stream::read(child.stdout.take()),
        Stream::read(child.stderr.take()),
    ];
    let late = !ends_within(&child, limit)?;
    // The child is not waited for yet, so the number is still its group's. An empty group is no fault.
    let _ = kill_process_group(pid(&child), Signal::KILL);
    let code = child.wait()?.code();
    let text = streams.map(Stream::text).concat();
    Ok(Ended { text, code, late })
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// Whether it ends in that time; it is left to be waited for.
fn ends_within(child: &Child, limit: Duration) -> Result<bool> {
    let start = Instant::now();
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while waitid(WaitId::Pid(pid(child)), look)?.is_none() {
        if start.elapsed() > limit {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(true)
}

/// What a process says on one of its streams, up to the limit. Then the pipe is closed, and a program
/// that goes on writing ends.
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// Hangs up at the end of the stream.
    ended: mpsc::Receiver<()>,
}

impl Stream {
    fn read(pipe: Option<impl Read + Send + 'static>) -> Stream {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (ends, ended) = mpsc::channel::<()>();
        let kept = bytes.clone();
        thread::spawn(move || {
            let _ends = ends;
            let mut piece = [0; 4096];
            let Some(pipe) = pipe else { return };
            let mut pipe = pipe.take(MOST_OUTPUT as u64);
            while let Ok(n @ 1..) = pipe.read(&mut piece) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&piece[..n]);
            }
        });
        Stream { bytes, ended }
    }

    fn text(self) -> String {
        let waited = self.ended.recv_timeout(AFTER);
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if bytes.len() == MOST_OUTPUT {
            text += "\n.. and more, which is not shown\n";
        } else if waited == Err(mpsc::RecvTimeoutError::Timeout) {
            text += "\n.. and a process that was left behind may say more\n";
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_OUTPUT, limited};
    use std::process::Command;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(100);

    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let ended = limited(Command::new("sleep").arg("1000"), Duration::from_millis(50)).unwrap();
        assert!(ended.late && ended.code.is_none());
    }

    #[test]
    fn what_a_program_says_is_cut() {
        let ended = limited(Command::new("yes").arg("x"), LONG).unwrap();
        assert!(!ended.late, "it ended when nobody read on");
        assert!(ended.text.len() < MOST_OUTPUT + 200);
        assert!(ended.text.contains("and more"));
    }

    #[test]
    fn what_a_program_leaves_behind_is_stopped() {
        // The child holds the pipe, so without being stopped it would keep us for as long as it sleeps.
        // A machine that stands still may hide the end of a stream for as long as we wait for it.
        let came = (0..20).any(|_| {
            let mut shell = Command::new("sh");
            let script = "sleep 1000000 & echo x; exit 3";
            let ended = limited(shell.args(["-c", script]), LONG).unwrap();
            assert_eq!((ended.code, ended.late), (Some(3), false));
            ended.text == "x\n"
        });
        assert!(came);
    }

    #[test]
    fn who_has_left_the_group_keeps_nobody() {
        // In the end the limit leaves room for leaving.
        let left = (0..8).any(|i| {
            let mut shell = Command::new("sh");
            let script = "setsid sh -c 'echo $$; exec sleep 1000000' & wait";
            let limit = Duration::from_millis(500 << i);
            let ended = limited(shell.args(["-c", script]), limit).unwrap();
            assert!(ended.late);
            let left = ended.text.lines().next().unwrap_or_default();
            if left.parse::<u32>().is_ok() {
                Command::new("kill").arg(left).status().unwrap();
            }
            ended.text.contains("left behind")
        });
        assert!(left);
    }
}
