//! What programs did when they ran: recordings for the scheduler player (`book/src/traces`), and
//! outputs with figures (`book/src/outputs`). Made by the programs themselves, never typed.

use crate::claims;
use crate::programs::{self, Golden};
use crate::repo;
use mdbook_driver::errors::{Error, Result};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// The recorded programs, each with its number of Ps and its arguments.
const RECORDED: [(&str, usize, &[&str]); 6] = [
    ("gmp_trace", 2, &[]),
    ("hog", 1, &[]),
    ("ping_pong", 1, &[]),
    ("syscall_handoff", 1, &[]),
    ("queue_at_work", 2, &[]),
    ("work_stealing", 2, &["50"]),
];

/// On a busy machine a thread may get no processor for a while. So a program runs this often at most,
/// until a run is what the book says of it ([`claims`]).
const TRIES: usize = 60;

/// A longer recording is cut here: the player steps through every event.
const MOST_EVENTS: usize = 2000;

/// Runs the programs (those named, or all) and keeps what their runtimes recorded, and what those
/// programs printed whose outputs contain figures.
pub(crate) fn record(names: &[&str]) -> Result<()> {
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    for (name, procs, args) in RECORDED.iter().filter(|(name, ..)| wanted(name)) {
        record_run(name, *procs, args)?;
    }
    for name in programs::names().iter().filter(|name| wanted(name)) {
        if Golden::read(name)?.needs_recording() {
            record_output(name)?;
        }
    }
    Ok(())
}

/// Builds an example and returns the command that runs it: run by cargo, its own standard error would
/// be mixed with the compiler's.
fn example(name: &str, release: bool) -> Result<Command> {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "build",
        "--message-format=json-render-diagnostics",
        "-p",
        "examples",
    ]);
    cargo
        .args(["--example", name])
        .args(release.then_some("--release"));
    let built = cargo
        .current_dir(repo::root())
        .stderr(Stdio::null())
        .output()?;
    let messages = String::from_utf8_lossy(&built.stdout).into_owned();
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| Some(message["executable"].as_str()?.to_string()))
        .ok_or_else(|| Error::msg(format!("{name} does not build")))?;
    let mut command = Command::new(executable);
    command.current_dir(repo::root());
    Ok(command)
}

fn record_run(name: &str, procs: usize, args: &[&str]) -> Result<()> {
    let file = repo::root().join(format!("target/{name}.trace.json"));
    let mut program = example(name, true)?;
    program
        .args(args)
        .env("GOMAXPROCS", procs.to_string())
        .env("GODEBUG", format!("trace={}", file.display()))
        .stdout(Stdio::null());
    let mut broken = Vec::new();
    for _ in 0..TRIES {
        let status = program.status()?;
        if !status.success() {
            return Err(Error::msg(format!("{name} ended with {status}")));
        }
        let mut trace: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
        shorten(&mut trace);
        broken = faults(&trace);
        broken.extend(claims::broken(name, &trace));
        if broken.is_empty() {
            let to = format!("book/src/traces/{name}.json");
            println!("{to}: {} events", events(&trace).len());
            return repo::write(&to, &one_event_a_line(&trace));
        }
    }
    Err(Error::msg(format!(
        "{name}: none of {TRIES} runs is what the book says; the last one: {}",
        broken.join("; ")
    )))
}

fn record_output(name: &str) -> Result<()> {
    let golden = Golden::read(name)?;
    let run = example(name, golden.has_figures())?.output()?;
    let mut text = String::from_utf8_lossy(&run.stdout).into_owned();
    text += &String::from_utf8_lossy(&run.stderr);
    let text = text.replace(&format!("{}/", repo::root().display()), "");
    if !golden.allows(&text) {
        return Err(Error::msg(format!(
            "{name} printed what examples/{name}.out does not allow:\n{text}"
        )));
    }
    let to = programs::recording(name);
    repo::write(&to, &text)?;
    println!("{to}");
    Ok(())
}

/// Problems of the kept recordings, each with its file.
pub(crate) fn problems() -> Vec<String> {
    let mut problems = Vec::new();
    for path in repo::files("book/src/traces") {
        let path = path.to_string_lossy();
        let read = repo::read(&path).and_then(|text| Ok(serde_json::from_str::<Value>(&text)?));
        match read {
            Ok(trace) => {
                let name = Path::new(path.as_ref()).file_stem().unwrap_or_default();
                let mut found = faults(&trace);
                found.extend(claims::broken(&name.to_string_lossy(), &trace));
                problems.extend(found.iter().map(|f| format!("{path}: {f}")));
            }
            Err(error) => problems.push(format!("{path}: {error:#}")),
        }
    }
    problems
}

/// Writes each recording as a script beside its JSON: a page opened from a file may load scripts,
/// but not data.
pub(crate) fn publish(site: &Path) -> Result<()> {
    for path in repo::files("book/src/traces") {
        let Some(name) = path.file_stem().map(|s| s.to_string_lossy().into_owned()) else {
            continue;
        };
        let json = repo::read(&path.to_string_lossy())?;
        let script = format!("(globalThis.recordings ??= {{}})[{name:?}] = {json};\n");
        std::fs::write(site.join("traces").join(format!("{name}.js")), script)?;
    }
    Ok(())
}

fn events(trace: &Value) -> &[Value] {
    trace["traceEvents"].as_array().map_or(&[], Vec::as_slice)
}

/// Keeps the names of tracks and the first [`MOST_EVENTS`] events.
pub(crate) fn shorten(trace: &mut Value) {
    if let Some(events) = trace["traceEvents"].as_array_mut() {
        let time = |e: &Value| {
            if e["ph"] == "M" {
                -1.0
            } else {
                e["ts"].as_f64().unwrap_or(0.0)
            }
        };
        events.sort_by(|a, b| time(a).total_cmp(&time(b)));
        events.truncate(MOST_EVENTS);
    }
}

fn one_event_a_line(trace: &Value) -> String {
    let lines: Vec<String> = events(trace).iter().map(Value::to_string).collect();
    format!(
        "{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{}\n]}}\n",
        lines.join(",\n")
    )
}

/// What the player or Perfetto would stumble over: no runs at all, a run without its goroutine, two
/// runs at once on one P.
fn faults(trace: &Value) -> Vec<String> {
    let mut runs = Vec::new();
    let mut faults = Vec::new();
    for event in events(trace)
        .iter()
        .filter(|e| e["ph"] == "X" && e["pid"] == 1)
    {
        let (tid, from) = (event["tid"].as_u64(), event["ts"].as_f64());
        match (
            tid,
            from,
            event["dur"].as_f64(),
            event["args"]["goid"].as_u64(),
        ) {
            (Some(tid), Some(from), Some(dur), Some(_)) => runs.push((tid, from, from + dur)),
            _ => faults.push(format!("a run lacks tid, ts, dur or args.goid: {event}")),
        }
    }
    if runs.is_empty() {
        faults.push("it holds no run of a goroutine".to_string());
    }
    runs.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    for pair in runs.windows(2) {
        // Half a nanosecond: times are microseconds with three decimals.
        if pair[0].0 == pair[1].0 && pair[1].1 + 0.0005 < pair[0].2 {
            faults.push(format!(
                "two runs at once on track {} at {} us",
                pair[1].0, pair[1].1
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{faults, shorten};
    use serde_json::json;

    fn run(tid: u32, ts: f64, dur: f64) -> serde_json::Value {
        json!({ "ph": "X", "pid": 1, "name": "G1", "tid": tid, "ts": ts, "dur": dur, "args": { "goid": 1 } })
    }

    #[test]
    fn two_runs_at_once_on_one_p_are_a_fault() {
        let good = json!({ "traceEvents": [run(0, 1.0, 2.0), run(0, 3.0, 1.0), run(1, 1.5, 9.0)] });
        assert!(faults(&good).is_empty());
        let bad = json!({ "traceEvents": [run(0, 1.0, 2.0), run(0, 2.5, 1.0)] });
        assert_eq!(faults(&bad), ["two runs at once on track 0 at 2.5 us"]);
    }

    #[test]
    fn an_empty_recording_is_a_fault() {
        assert_eq!(
            faults(&json!({ "traceEvents": [] })),
            ["it holds no run of a goroutine"]
        );
    }

    #[test]
    fn shortening_keeps_track_names_and_the_beginning() {
        let mut all: Vec<_> = (0..3000).rev().map(|i| run(0, f64::from(i), 1.0)).collect();
        all.push(json!({ "ph": "M", "name": "thread_name", "tid": 0, "args": { "name": "P0" } }));
        let mut trace = json!({ "traceEvents": all });
        shorten(&mut trace);
        let kept = super::events(&trace);
        assert_eq!(kept.len(), super::MOST_EVENTS);
        assert_eq!(kept[0]["ph"], "M");
        assert_eq!(kept[1]["ts"], 0.0);
    }
}
