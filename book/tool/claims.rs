//! What the book says of each recording, as conditions: `check` holds the kept recordings against them,
//! and `traces` keeps a run only if it meets them. A caption may say no more than what stands here.

use serde_json::Value;

/// What is wrong with the recording of `name`: an empty list if the book's sentences are true of it.
pub(crate) fn broken(name: &str, trace: &Value) -> Vec<String> {
    let run = Recording::read(trace);
    let claims: &[(&str, bool)] = &match name {
        "gmp_trace" => vec![
            ("main makes sixteen goroutines on P1", run.made(1, 1) == 16),
            (
                "P0 steals from P1, and soon: within 2 ms of the first",
                run.steal_after(0, 1, 2e3),
            ),
            (
                "each P runs at least six of the long goroutines",
                run.shared(2, 1.5e3, 6),
            ),
            ("none of them takes more than 5 ms", run.longest(2) < 5e3),
        ],
        "hog" => vec![
            ("main starts the hog on P0", run.made(1, 0) == 1),
            (
                "the hog is paused after 10 to 21 ms, each time",
                run.paused(2, 10e3..21e3),
            ),
            ("main gets the P at once then", run.next_after(2, 1, 500.0)),
            ("on another thread", run.goes_on_elsewhere(2, "gives way")),
        ],
        "ping_pong" => vec![
            ("all run on P0", run.runs.iter().all(|r| r.p == 0)),
            (
                "two goroutines take turns, six times at least",
                run.turns(1, 2) >= 6,
            ),
        ],
        "syscall_handoff" => vec![
            (
                "the P of the announced call is taken within a millisecond",
                run.taken(2, "handoff", 20.0..1e3),
            ),
            (
                "the P of the unannounced call is taken after some 20 ms",
                run.taken(3, "handoff", 9e3..23e3) || run.taken(3, "retake", 9e3..23e3),
            ),
            (
                "each time the P gets another thread",
                run.goes_on_elsewhere(2, "P taken") && run.goes_on_elsewhere(3, "P taken"),
            ),
            ("main ticks while both block", run.runs_of(1).len() >= 7),
        ],
        "queue_at_work" => vec![
            (
                "both Ps run tasks, four at least of a millisecond",
                run.shared(2, 0.9e3, 4),
            ),
            (
                "three workers work",
                (2..=4).all(|g| run.runs_of(g).iter().any(|r| r.length() > 900.0)),
            ),
            (
                "a worker waits to receive, or the producer to send",
                run.waits("chan"),
            ),
            ("no task takes more than 4 ms", run.longest(2) < 4e3),
        ],
        "work_stealing" => vec![
            ("main makes fifty goroutines on P1", run.made(1, 1) == 50),
            ("P0 steals from P1 within 2 ms", run.steal_after(0, 1, 2e3)),
            (
                "each P runs at least twenty of them",
                run.shared(2, 0.9e3, 20),
            ),
            ("none of them takes more than 4 ms", run.longest(2) < 4e3),
        ],
        _ => vec![(
            "this tool knows what the book says of it (claims.rs)",
            false,
        )],
    };
    let broken = claims.iter().filter(|(_, holds)| !holds);
    broken
        .map(|(claim, _)| format!("not so: {claim}"))
        .collect()
}

struct Run {
    g: u64,
    p: u64,
    m: u64,
    from: f64,
    to: f64,
    then: String,
}

impl Run {
    fn length(&self) -> f64 {
        self.to - self.from
    }
}

struct Mark {
    name: String,
    p: u64,
    at: f64,
    g: u64,
    by: u64,
    from: u64,
}

/// The parts of a recording that claims are about; times are microseconds.
struct Recording {
    runs: Vec<Run>,
    marks: Vec<Mark>,
}

impl Recording {
    fn read(trace: &Value) -> Recording {
        let none = Vec::new();
        let events = trace["traceEvents"].as_array().unwrap_or(&none);
        let number = |v: &Value| v.as_u64().unwrap_or(u64::MAX);
        let time = |v: &Value| v.as_f64().unwrap_or(0.0);
        let runs = events.iter().filter(|e| e["ph"] == "X" && e["pid"] == 1);
        let marks = events.iter().filter(|e| e["ph"] == "i");
        Recording {
            runs: runs
                .map(|e| Run {
                    g: number(&e["args"]["goid"]),
                    p: number(&e["tid"]),
                    m: number(&e["args"]["m"]),
                    from: time(&e["ts"]),
                    to: time(&e["ts"]) + time(&e["dur"]),
                    then: e["args"]["then"].as_str().unwrap_or("").into(),
                })
                .collect(),
            marks: marks
                .map(|e| Mark {
                    name: e["name"].as_str().unwrap_or("").into(),
                    p: number(&e["tid"]),
                    at: time(&e["ts"]),
                    g: number(&e["args"]["goid"]),
                    by: number(&e["args"]["by"]),
                    from: number(&e["args"]["from"]),
                })
                .collect(),
        }
    }

    /// How many goroutines `by` makes on `p`.
    fn made(&self, by: u64, p: u64) -> usize {
        let made = |m: &&Mark| m.name == "go" && m.by == by && m.p == p;
        self.marks.iter().filter(made).count()
    }

    /// Whether `thief` steals from `victim` within `limit` of the first goroutine made there.
    fn steal_after(&self, thief: u64, victim: u64, limit: f64) -> bool {
        let first = self.marks.iter().find(|m| m.name == "go" && m.p == victim);
        let steal = |m: &&Mark| m.name == "steal" && m.p == thief && m.from == victim;
        match (first, self.marks.iter().find(steal)) {
            (Some(first), Some(steal)) => steal.at - first.at < limit,
            _ => false,
        }
    }

    /// Whether each of so many Ps has `least` runs of `length` or more.
    fn shared(&self, procs: u64, length: f64, least: usize) -> bool {
        (0..procs).all(|p| {
            let long = |r: &&Run| r.p == p && r.length() >= length;
            self.runs.iter().filter(long).count() >= least
        })
    }

    /// The longest run of a goroutine from number `from` on.
    fn longest(&self, from: u64) -> f64 {
        let runs = self.runs.iter().filter(|r| r.g >= from);
        runs.map(Run::length).fold(0.0, f64::max)
    }

    fn runs_of(&self, g: u64) -> Vec<&Run> {
        self.runs.iter().filter(|r| r.g == g).collect()
    }

    /// Whether the P is first taken from `g` in this time after it began to run.
    fn taken(&self, g: u64, how: &str, when: std::ops::Range<f64>) -> bool {
        let mark = self.marks.iter().find(|m| m.name == how && m.g == g);
        let run = self.runs.iter().find(|r| r.g == g && r.then == "P taken");
        match (mark, run) {
            (Some(_), Some(run)) => when.contains(&run.length()),
            _ => false,
        }
    }

    /// Whether `g` gives way, and each time after a run of this length.
    fn paused(&self, g: u64, when: std::ops::Range<f64>) -> bool {
        let pauses: Vec<&Run> = self
            .runs
            .iter()
            .filter(|r| r.g == g && r.then == "gives way")
            .collect();
        !pauses.is_empty() && pauses.iter().all(|r| when.contains(&r.length()))
    }

    /// Whether after each run of `a` that is paused `b` runs on the same P within `limit`.
    fn next_after(&self, a: u64, b: u64, limit: f64) -> bool {
        let pauses = self
            .runs
            .iter()
            .filter(|r| r.g == a && r.then == "gives way");
        pauses.into_iter().all(|pause| {
            let next = self.runs_of(b).into_iter().map(|r| r.from - pause.to);
            next.filter(|wait| *wait >= 0.0).fold(f64::MAX, f64::min) < limit
        })
    }

    /// Whether `g` has runs that end so, and after each of them its P is another thread's.
    fn goes_on_elsewhere(&self, g: u64, how: &str) -> bool {
        let mut ends = self
            .runs
            .iter()
            .filter(|r| r.g == g && r.then == how)
            .peekable();
        ends.peek().is_some()
            && ends.all(|end| {
                let later = self
                    .runs
                    .iter()
                    .filter(|r| r.p == end.p && r.from >= end.to);
                let next = later.min_by(|a, b| a.from.total_cmp(&b.from));
                next.is_some_and(|next| next.m != end.m)
            })
    }

    /// How often a run of one of the two is followed by one of the other.
    fn turns(&self, a: u64, b: u64) -> usize {
        let mut of_both: Vec<&Run> = self.runs.iter().filter(|r| r.g == a || r.g == b).collect();
        of_both.sort_by(|x, y| x.from.total_cmp(&y.from));
        of_both.windows(2).filter(|w| w[0].g != w[1].g).count()
    }

    /// Whether some run ends with a wait whose reason begins so.
    fn waits(&self, why: &str) -> bool {
        self.runs.iter().any(|r| r.then.starts_with(why))
    }
}

#[cfg(test)]
mod tests {
    use super::broken;
    use serde_json::{Value, json};

    fn hog(paused_after: f64, m: u64) -> Value {
        json!({ "traceEvents": [
            { "ph": "i", "name": "go", "tid": 0, "ts": 0.0, "args": { "by": 1, "goid": 2 } },
            { "ph": "X", "pid": 1, "tid": 0, "ts": 1.0, "dur": paused_after,
              "args": { "goid": 2, "m": 2, "then": "gives way" } },
            { "ph": "X", "pid": 1, "tid": 0, "ts": paused_after + 2.0, "dur": 5.0,
              "args": { "goid": 1, "m": m, "then": "sleep" } },
        ]})
    }

    #[test]
    fn a_claim_that_does_not_hold_is_told() {
        assert!(broken("hog", &hog(12e3, 3)).is_empty());
        assert_eq!(
            broken("hog", &hog(27.9e3, 3)),
            ["not so: the hog is paused after 10 to 21 ms, each time"]
        );
    }

    #[test]
    fn who_goes_on_must_be_another_thread() {
        assert_eq!(broken("hog", &hog(12e3, 2)), ["not so: on another thread"]);
    }

    #[test]
    fn a_recording_without_claims_is_refused() {
        assert_eq!(broken("new_one", &hog(1.0, 3)).len(), 1);
    }
}
