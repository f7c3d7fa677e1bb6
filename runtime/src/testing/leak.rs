//! No goroutine outlives its test: [`check`] (as Go's `goleak`, and the `goroutineleak` profile of
//! Go 1.27).
//!
//! ```
//! use goroutines::{make, go, recover, runtime, testing::leak};
//!
//! // #[goroutine] #[test]
//! fn first_answer() {
//!     let _no_leaks = leak::check();
//!     let answers = make!(chan u32);
//!     for n in 0..2 {
//!         go!([answers], answers.send(n));
//!     }
//!     answers.recv(); // and nobody takes the other answer
//! }
//!
//! let text = runtime::run(|| recover(first_answer)).unwrap_err().message();
//! assert!(text.starts_with("1 goroutine outlived the test:"), "{text}");
//! assert!(text.contains("[chan send]"), "{text}");
//! ```

use crate::g::GRef;
use crate::sched::family::{self, Entered, Family};
use crate::sched::{goroutines, gosched};
use crate::time;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// How long what is left is given to end: from the first of these pauses, doubled each time, to the last.
const FIRST_PAUSE: Duration = Duration::from_micros(50);
const PAUSES: u32 = 14;
/// So many more of the last pause, twenty seconds in all, while one of them runs or could: a busy machine may keep it from
/// its last steps.
const MORE: u32 = 48;

/// Watches what the caller starts from now on; dropping the result panics if any of that is still there.
///
/// Bind it at the beginning of a test: `let _no_leaks = leak::check();`. Watched are the goroutines that
/// the caller (a goroutine or a plain thread) starts, and all that those start; not those of other tests,
/// and not those in which the functions of timers run.
/// A goroutine that is about to end, as after the `done` that the test has waited for, is given up to
/// a second to do so; twenty seconds if it does not wait for anything, for its thread may wait for a processor.
///
/// A leak is a goroutine that will never end, or one that is not waited for: both are worth knowing of. It
/// is reported with its number, what it waits for, and where it was started.
///
/// # Panics
/// `check` itself never. Dropping what it returns panics with `2 goroutines outlived the test:` and the
/// list, in Go's format; not while another panic unwinds.
///
/// # Suspends
/// Dropping it, while there are goroutines left.
///
/// ```
/// use goroutines::{spawn, testing::leak};
///
/// let no_leaks = leak::check();
/// let answer = spawn(|| 6 * 7);
/// assert_eq!(answer.join().unwrap(), 42);
/// assert!(no_leaks.left().is_empty());
/// ```
#[must_use = "dropping it is the check: `let _no_leaks = leak::check();` at the beginning of the test"]
pub fn check() -> Check {
    let family = family::family(None);
    Check {
        _entered: family::enter(family.clone()),
        family,
    }
}

/// What [`check`] returns.
pub struct Check {
    family: Arc<Family>,
    _entered: Entered,
}

impl Check {
    /// The goroutines that are left, one text each: `goroutine 7 [chan receive]:` and where it was
    /// started. Those about to end are waited for, as when the check is dropped.
    ///
    /// # Suspends
    /// While there are goroutines left, for up to a second; twenty while one of them does not wait for anything.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        let tell = |member: &(u64, GRef)| goroutines::some(&[*member]).trim().to_owned();
        let mut pause = FIRST_PAUSE;
        for n in 0.. {
            let members = self.family.members();
            if members.is_empty() {
                break;
            }
            if n >= PAUSES {
                let texts = members.iter().map(tell);
                let left: Vec<_> = texts.filter(|t| !t.is_empty()).collect();
                if n == PAUSES + MORE || !left.iter().any(|text| goes_on(text)) {
                    return left;
                }
            }
            // The first times this is enough for goroutines that are just about to end.
            gosched();
            time::sleep(pause);
            if n + 1 < PAUSES {
                pause *= 2;
            }
        }
        Vec::new()
    }
}

/// Whether what is told of a goroutine says that it waits for nothing.
fn goes_on(text: &str) -> bool {
    let head = text.lines().next().unwrap_or_default();
    head.contains(" [running") || head.contains(" [runnable")
}

impl Drop for Check {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let left = self.left();
        let (n, s) = (left.len(), if left.len() == 1 { "" } else { "s" });
        if n > 0 {
            let mut text = format!("{n} goroutine{s} outlived the test:");
            for g in &left {
                let _ = write!(text, "\n\n{g}");
            }
            panic!("{text}");
        }
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let now: Vec<u64> = self.family.members().into_iter().map(|m| m.0).collect();
        f.debug_struct("Check").field("goroutines", &now).finish()
    }
}
