//! What a program should do, as written in its `.out` file, and whether it did.
//!
//! The file is the expected standard output, line by line, below an optional header:
//! ```text
//! //@ output: sorted regex     default: exact
//! //@ exit: 2                  default: 0
//! //@ time: 1.9..2.9           seconds on an idle machine; default: at most 60
//! //@ stderr: deadlock         a regex that matches somewhere in standard error; default: empty
//! //@ maybe: hello             a line that a goroutine prints which main does not wait for, if it is quick
//! //@ godebug: preempt=0       it runs with this in `GODEBUG`
//! //@ clock: decides           what it prints goes by the clock, so a machine that stands still may turn it:
//!                              if it is wrong it runs again, for a minute
//! ```
//! `exact` compares text. `sorted` sorts the lines of the program first, for programs whose
//! goroutines may speak in any order, and those of the file, which may so be in the likeliest; with `regex` these are
//! written sorted. `regex` reads each line
//! of the file as a regular expression for a whole line; one that begins with `+` stands for one
//! line or more.

use regex_lite::Regex;
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

/// How many seconds later than on an idle machine a program may end.
const BUSY: f64 = 60.0;

/// What a program did.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; `None` if a signal, or the time limit, ended it.
    pub exit: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// From start to end.
    pub time: Duration,
}

/// What a program should do.
#[derive(Debug)]
pub struct Expectation {
    sorted: bool,
    regex: bool,
    exit: i32,
    time: Range<f64>,
    stderr: Option<String>,
    maybe: Option<String>,
    /// What it runs with in `GODEBUG`.
    pub godebug: Option<String>,
    /// Is it to run again if it was wrong, because the machine may have stood still at the wrong moment?
    pub by_the_clock: bool,
    lines: Vec<String>,
}

impl Expectation {
    /// Reads the text of an `.out` file.
    ///
    /// # Panics
    /// When the header holds something else than this module's documentation lists.
    pub fn parse(text: &str) -> Expectation {
        let mut e = Expectation {
            sorted: false,
            regex: false,
            exit: 0,
            time: 0.0..60.0,
            stderr: None,
            maybe: None,
            godebug: None,
            by_the_clock: false,
            lines: Vec::new(),
        };
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next_if(|l| l.starts_with("//@")) {
            e.header(&line[3..])
                .unwrap_or_else(|| panic!("cannot read `{line}`"));
        }
        e.lines = lines.map(String::from).collect();
        if e.sorted && !e.regex {
            e.lines.sort_unstable();
        }
        e
    }

    fn header(&mut self, line: &str) -> Option<()> {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        match key.trim() {
            "output" => {
                for word in value.split(' ') {
                    match word {
                        "exact" => {}
                        "sorted" => self.sorted = true,
                        "regex" => self.regex = true,
                        _ => return None,
                    }
                }
            }
            "exit" => self.exit = value.parse().ok()?,
            "time" => {
                let (from, to) = value.split_once("..")?;
                self.time = from.parse().ok()?..to.parse().ok()?;
            }
            "stderr" => self.stderr = Some(value.to_string()),
            "maybe" => self.maybe = Some(value.to_string()),
            "godebug" => self.godebug = Some(value.to_string()),
            "clock" if value == "decides" => self.by_the_clock = true,
            _ => return None,
        }
        Some(())
    }

    /// What is wrong with `run`, one complaint a line; empty when it is as it should be.
    pub fn faults(&self, run: &Run) -> String {
        let mut faults = String::new();
        if run.exit != Some(self.exit) {
            let got = run
                .exit
                .map_or("none (killed)".to_string(), |c| c.to_string());
            let _ = writeln!(faults, "exit code {got}, expected {}", self.exit);
        }
        let seconds = run.time.as_secs_f64();
        // A busy machine makes anything late, nothing early.
        if seconds < self.time.start || seconds > self.time.end + BUSY {
            let _ = writeln!(faults, "took {seconds:.2} s, expected {:?} s", self.time);
        }
        match &self.stderr {
            None if run.stderr.is_empty() => {}
            Some(pattern) if matches(pattern, &run.stderr) => {}
            None => {
                let _ = writeln!(faults, "standard error should be empty:\n{}", run.stderr);
            }
            Some(p) => {
                let _ = writeln!(faults, "standard error lacks `{p}`:\n{}", run.stderr);
            }
        }
        let is_sure = |line: &&str| self.maybe.as_deref() != Some(*line);
        let mut got: Vec<&str> = run.stdout.lines().filter(is_sure).collect();
        if self.sorted {
            got.sort_unstable();
        }
        faults + &self.first_difference(&got).unwrap_or_default()
    }

    /// Only the first: what follows it is often shifted by it.
    fn first_difference(&self, got: &[&str]) -> Option<String> {
        let differ = |i, want: &str, line: &str| {
            let number = i + 1;
            format!("line {number}: expected: {want}\n        printed: {line}\n")
        };
        let mut wanted = self.lines.iter();
        let mut again = None; // the pattern that may stand for further lines
        for (i, line) in got.iter().enumerate() {
            if again.is_some_and(|want| self.same(want, line)) {
                continue;
            }
            let Some(want) = wanted.next() else {
                return Some(differ(i, "no more lines", line));
            };
            again = want.strip_prefix('+').filter(|_| self.regex);
            if !self.same(again.unwrap_or(want), line) {
                return Some(differ(i, want, line));
            }
        }
        wanted.next().map(|want| differ(got.len(), want, "nothing"))
    }

    fn same(&self, want: &str, line: &str) -> bool {
        if self.regex {
            matches(&format!("^(?:{want})$"), line)
        } else {
            want == line
        }
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let regex = Regex::new(pattern).unwrap_or_else(|e| panic!("`{pattern}`: {e}"));
    regex.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stdout: &str) -> Run {
        Run {
            exit: Some(0),
            stdout: stdout.to_string(),
            stderr: String::new(),
            time: Duration::from_millis(500),
        }
    }

    #[test]
    fn exact_means_line_by_line() {
        let e = Expectation::parse("a.\nb\n");
        assert_eq!(e.faults(&run("a.\nb\n")), "");
        assert!(e.faults(&run("b\na.\n")).contains("line 1: expected: a."));
        assert!(e.faults(&run("a.\n")).contains("printed: nothing"));
        assert!(
            e.faults(&run("a.\nb\nc\n"))
                .contains("expected: no more lines")
        );
        assert!(e.faults(&run("aa\nb\n")).contains("printed: aa"));
    }

    #[test]
    fn sorted_regexes_match_whole_lines_in_any_order() {
        let e = Expectation::parse("//@ output: sorted regex\na\\d\nb+\n");
        assert_eq!(e.faults(&run("bb\na1\n")), "");
        assert_ne!(e.faults(&run("bb\na12\n")), "");
    }

    #[test]
    fn sorted_lines_may_stand_in_any_order() {
        let e = Expectation::parse("//@ output: sorted\nb\na\n");
        assert_eq!(e.faults(&run("a\nb\n")) + &e.faults(&run("b\na\n")), "");
        assert_ne!(e.faults(&run("b\nb\n")), "");
    }

    #[test]
    fn a_line_may_be_missing() {
        let e = Expectation::parse("//@ maybe: b\na\n");
        assert_eq!(e.faults(&run("a\n")) + &e.faults(&run("b\na\n")), "");
        assert!(e.faults(&run("b\n")).contains("printed: nothing"));
    }

    #[test]
    fn a_plus_stands_for_one_line_or_more() {
        let e = Expectation::parse("//@ output: regex\na\n+b\\d\nc\n");
        assert_eq!(e.faults(&run("a\nb1\nc\n")), "");
        assert_eq!(e.faults(&run("a\nb1\nb2\nb3\nc\n")), "");
        assert!(e.faults(&run("a\nc\n")).contains("line 2: expected: +b\\d"));
        assert!(e.faults(&run("a\nb1\n")).contains("line 3: expected: c"));
    }

    #[test]
    fn exit_time_and_stderr_count() {
        let e = Expectation::parse("//@ exit: 2\n//@ time: 0.1..0.4\n//@ stderr: dead.ock\n");
        let mut r = run("");
        let faults = e.faults(&r);
        assert!(faults.contains("exit code 0, expected 2"));
        assert!(faults.contains("lacks `dead.ock`"));
        r.exit = Some(2);
        r.time = Duration::from_millis(50);
        assert!(e.faults(&r).contains("took 0.05 s"));
        r.time = Duration::from_millis(300);
        r.stderr = "fatal error: deadlock".into();
        assert_eq!(e.faults(&r), "");
        assert!(
            Expectation::parse("")
                .faults(&r)
                .contains("standard error should be empty")
        );
    }

    #[test]
    #[should_panic(expected = "cannot read `//@ ouput: exact`")]
    fn a_misspelt_header_is_refused() {
        Expectation::parse("//@ ouput: exact\n");
    }
}
