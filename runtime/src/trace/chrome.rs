//! Chrome trace JSON. Times are microseconds from the first event.

use crate::sched::tracing::{Event, Kind};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The scheduler's tracks and the users'.
const PROCESSORS: u32 = 1;
const USER: u32 = 2;
/// Tracks of threads without a P come behind the Ps'.
const THREADS: u64 = 10_000;

/// Writes events, which are in order of time.
pub(super) fn write(events: &[Event], out: &mut impl Write) -> io::Result<()> {
    let mut json = Json {
        out,
        first: true,
        zero: events.iter().map(start_of).min().unwrap_or(0),
    };
    json.out.write_all(b"{\"traceEvents\":[")?;
    json.meta("process_name", PROCESSORS, 0, "processors")?;
    json.meta("process_name", USER, 0, "regions and tasks")?;
    for p in distinct(events.iter().filter_map(|e| e.p).map(u64::from)) {
        json.meta("thread_name", PROCESSORS, p, &format!("P {p}"))?;
    }
    let alone = |e: &&Event| matches!(e.kind, Kind::RanWithoutP { .. });
    for m in distinct(events.iter().filter(alone).map(|e| e.m)) {
        let name = format!("thread {m}, without a P");
        json.meta("thread_name", PROCESSORS, THREADS + m, &name)?;
    }
    let mut arrows = Arrows::new(events);
    for e in events {
        json.event(e, &mut arrows)?;
    }
    json.out.write_all(b"\n],\"displayTimeUnit\":\"ns\"}\n")
}

/// Each number once, in order.
fn distinct(numbers: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut all: Vec<u64> = numbers.collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn start_of(e: &Event) -> i64 {
    match e.kind {
        Kind::Ran { since, .. }
        | Kind::RanWithoutP { since, .. }
        | Kind::Region { since, .. }
        | Kind::Task { since, .. } => since,
        _ => e.at,
    }
}

/// From the goroutine that made another runnable to that one's next run.
struct Arrows {
    /// Each run: its goroutine, when it begins, and the P; in this order.
    runs: Vec<(u64, i64, u32)>,
    next_id: u64,
}

impl Arrows {
    fn new(events: &[Event]) -> Self {
        let run = |e: &Event| match (&e.kind, e.p) {
            (Kind::Ran { since, .. }, Some(p)) => Some((e.g, *since, p)),
            _ => None,
        };
        let mut runs: Vec<_> = events.iter().filter_map(run).collect();
        runs.sort_unstable();
        Arrows { runs, next_id: 1 }
    }

    /// The first run of `g` after `at`.
    fn target(&mut self, g: u64, at: i64) -> Option<(u64, i64, u32)> {
        let after = self.runs.partition_point(|run| (run.0, run.1) < (g, at));
        let &(_, since, p) = self.runs.get(after).filter(|run| run.0 == g)?;
        self.next_id += 1;
        Some((self.next_id, since, p))
    }
}

struct Json<'a, W: Write> {
    out: &'a mut W,
    first: bool,
    zero: i64,
}

impl<W: Write> Json<'_, W> {
    fn event(&mut self, e: &Event, arrows: &mut Arrows) -> io::Result<()> {
        let tid = e.p.map_or(THREADS + e.m, u64::from);
        let (at, g) = (e.at, e.g);
        match &e.kind {
            Kind::Ran { since, why } => {
                let args = format!("\"goid\":{g},\"m\":{},\"then\":{}", e.m, quoted(why));
                self.slice(PROCESSORS, tid, *since, at, &format!("G{g}"), &args)
            }
            Kind::RanWithoutP { since, why } => {
                let args = format!("\"goid\":{g},\"m\":{},\"then\":{}", e.m, quoted(why));
                let tid = THREADS + e.m;
                self.slice(PROCESSORS, tid, *since, at, &format!("G{g}"), &args)
            }
            Kind::Made { by } | Kind::Readied { by } => {
                let made = matches!(e.kind, Kind::Made { .. });
                let name = if made { "go" } else { "ready" };
                self.instant(tid, at, name, &format!("\"goid\":{g},\"by\":{by}"))?;
                match (e.p, arrows.target(g, at)) {
                    (Some(from), Some((id, then, to))) => {
                        self.arrow('s', id, u64::from(from), at)?;
                        self.arrow('f', id, u64::from(to), then)
                    }
                    _ => Ok(()),
                }
            }
            Kind::Stole { victim } => {
                self.instant(tid, at, "steal", &format!("\"goid\":{g},\"from\":{victim}"))
            }
            Kind::Woke => self.instant(tid, at, "wakep", ""),
            Kind::Retaken { blocked } => {
                let name = if *blocked { "handoff" } else { "retake" };
                self.instant(tid, at, name, &format!("\"goid\":{g}"))
            }
            Kind::Region { since, name } => {
                self.slice(USER, g, *since, at, name, &format!("\"goid\":{g}"))
            }
            Kind::Task { since, name, id } => {
                self.task('b', *since, name, *id)?;
                self.task('e', at, name, *id)
            }
            Kind::Log { category, message } => {
                let args = format!("\"goid\":{g},\"message\":{}", quoted(message));
                self.instant(tid, at, category, &args)
            }
        }
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        let sep: &[u8] = if self.first { b"\n" } else { b",\n" };
        self.first = false;
        self.out.write_all(sep)?;
        self.out.write_all(text.as_bytes())
    }

    fn us(&self, at: i64) -> String {
        us(at - self.zero)
    }

    fn meta(&mut self, what: &str, pid: u32, tid: u64, name: &str) -> io::Result<()> {
        let name = quoted(name);
        self.line(&format!(
            "{{\"name\":\"{what}\",\"ph\":\"M\",\"pid\":{pid},\"tid\":{tid},\"args\":{{\"name\":{name}}}}}"
        ))
    }

    fn slice(
        &mut self,
        pid: u32,
        tid: u64,
        since: i64,
        at: i64,
        name: &str,
        args: &str,
    ) -> io::Result<()> {
        let (name, ts, dur) = (quoted(name), self.us(since), us(at - since));
        self.line(&format!(
            "{{\"name\":{name},\"ph\":\"X\",\"pid\":{pid},\"tid\":{tid},\"ts\":{ts},\"dur\":{dur},\"args\":{{{args}}}}}"
        ))
    }

    fn instant(&mut self, tid: u64, at: i64, name: &str, args: &str) -> io::Result<()> {
        let (name, ts) = (quoted(name), self.us(at));
        self.line(&format!(
            "{{\"name\":{name},\"ph\":\"i\",\"s\":\"t\",\"pid\":{PROCESSORS},\"tid\":{tid},\"ts\":{ts},\"args\":{{{args}}}}}"
        ))
    }

    fn arrow(&mut self, end: char, id: u64, tid: u64, at: i64) -> io::Result<()> {
        let ts = self.us(at);
        let bind = if end == 'f' { ",\"bp\":\"e\"" } else { "" };
        self.line(&format!(
            "{{\"name\":\"ready\",\"cat\":\"ready\",\"ph\":\"{end}\"{bind},\"id\":{id},\"pid\":{PROCESSORS},\"tid\":{tid},\"ts\":{ts}}}"
        ))
    }

    fn task(&mut self, end: char, at: i64, name: &str, id: u64) -> io::Result<()> {
        let (name, ts) = (quoted(name), self.us(at));
        self.line(&format!(
            "{{\"name\":{name},\"cat\":\"task\",\"ph\":\"{end}\",\"id\":{id},\"pid\":{USER},\"tid\":0,\"ts\":{ts}}}"
        ))
    }
}

/// Microseconds, with the nanoseconds behind the point.
fn us(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let ns = ns.unsigned_abs();
    format!("{sign}{}.{:03}", ns / 1000, ns % 1000)
}

/// A JSON string.
fn quoted(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, p: u32, g: u64, kind: Kind) -> Event {
        Event {
            at,
            p: Some(p),
            m: 3,
            g,
            kind,
        }
    }

    #[test]
    fn slices_marks_and_arrows() {
        let events = [
            event(1000, 0, 7, Kind::Made { by: 1 }),
            event(
                9000,
                1,
                7,
                Kind::Ran {
                    since: 3000,
                    why: "chan receive",
                },
            ),
        ];
        let mut out = Vec::new();
        write(&events, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(
            r#"{"name":"G7","ph":"X","pid":1,"tid":1,"ts":2.000,"dur":6.000,"args":{"goid":7,"m":3,"then":"chan receive"}}"#
        ), "{text}");
        assert!(
            text.contains(r#""ph":"s","id":2,"pid":1,"tid":0,"ts":0.000"#),
            "{text}"
        );
        assert!(
            text.contains(r#""ph":"f","bp":"e","id":2,"pid":1,"tid":1,"ts":2.000"#),
            "{text}"
        );
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
    }
}
