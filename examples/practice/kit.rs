//! What the checks of the exercises are made of. Compiled with each exercise and its checks; prints
//! one line a check, which `src/practice/judge.rs` reads.

use goroutines::testing::{self, synctest};
use goroutines::{recover, time};
use std::env;
use std::fmt::Debug;

type Outcome = Result<(), String>;

/// One thing that the reader's code must do.
pub struct Check {
    what: &'static str,
    run: Box<dyn FnOnce() -> Outcome + Send>,
}

pub fn check(what: &'static str, run: impl FnOnce() -> Outcome + Send + 'static) -> Check {
    let run = Box::new(run);
    Check { what, run }
}

/// Whether the reader's code gave what it should.
pub fn equal<T: PartialEq + Debug>(got: T, wanted: T) -> Outcome {
    match got == wanted {
        true => Ok(()),
        false => Err(format!("it gives {got:?}, and should give {wanted:?}")),
    }
}

/// Whether the reader's code contains a text.
#[allow(dead_code)]
pub fn source_has(text: &str) -> Outcome {
    match include_str!(env!("EXERCISE")).contains(text) {
        true => Ok(()),
        false => Err(format!("there is no `{text}` in it")),
    }
}

/// Runs a check by a clock of its own: an hour takes no time, and a second is exactly one.
#[allow(dead_code)]
pub fn bubble(run: impl FnOnce() -> Outcome + Send + 'static) -> Outcome {
    synctest::test(|| {
        let outcome = run();
        // The clock stands still when this goroutine ends: those who are to end must do it now.
        time::sleep(3600 * time::SECOND);
        outcome
    })
}

/// Runs a check under many schedules; a failure names the schedule.
#[allow(dead_code)]
pub fn schedules(run: impl Fn() -> Outcome + Send + Sync + 'static) -> Outcome {
    testing::explore(300, move || {
        if let Err(why) = run() {
            panic!("{why}");
        }
    });
    Ok(())
}

/// Runs the check whose number is the program's argument, and says how it went; nothing if there is none. `begin`
/// without an end is a check in which everybody waits, or that never ends.
///
/// Each has a process of its own: what one leaves behind is not there when the next one counts goroutines.
pub fn run(checks: Vec<Check>) {
    let asked = env::args().nth(1).and_then(|n| n.parse().ok());
    let check = checks.into_iter().nth(asked.unwrap_or(0));
    check.map_or((), one);
}

fn one(Check { what, run }: Check) {
    println!("begin {what}");
    match recover(run) {
        Ok(Ok(())) => println!("right {what}"),
        Ok(Err(why)) => wrong(what, &why),
        Err(panic) => wrong(what, &panic.message()),
    }
    // What it has started may still be on its way out.
    time::sleep(time::MILLISECOND);
}

fn wrong(what: &str, why: &str) {
    let lines: Vec<&str> = why.lines().collect();
    println!(
        "wrong {what}\n{}",
        lines.iter().map(|l| format!("| {l}\n")).collect::<String>()
    );
}
