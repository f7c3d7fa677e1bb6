//! Runs the twins of the lessons in `ui/`: the right way, beside each wrong one.
//!
//! Each is a program with a `main` that ends the process, so each runs in a process of its own: this
//! one again, with the twin's name in `TWIN`. Arguments are names, or parts of names, to run.

#![allow(clippy::let_unit_value)]

use std::process::{Command, ExitCode};
use std::{env, thread};

include!(concat!(env!("OUT_DIR"), "/twins.rs"));

fn main() -> ExitCode {
    if let Ok(name) = env::var("TWIN") {
        let (_, run) = TWINS
            .iter()
            .find(|twin| twin.0 == name)
            .expect("a twin has this name");
        run();
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let chosen: Vec<&str> = TWINS
        .iter()
        .map(|twin| twin.0)
        .filter(|name| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())))
        .collect();
    let failed: Vec<String> = thread::scope(|s| {
        let halves = chosen.chunks(chosen.len().div_ceil(2).max(1));
        let runs: Vec<_> = halves
            .map(|half| {
                s.spawn(|| {
                    half.iter()
                        .filter_map(|name| failure(name))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        runs.into_iter()
            .flat_map(|run| run.join().unwrap())
            .collect()
    });
    for text in &failed {
        eprintln!("{text}");
    }
    println!("\n{} twins run, {} failed", chosen.len(), failed.len());
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs one twin; says how it failed.
fn failure(name: &str) -> Option<String> {
    let this = env::current_exe().expect("this program has a path");
    let output = Command::new(this)
        .env("TWIN", name)
        .output()
        .expect("it can be run again");
    let text = String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| format!("{name}: {}\n{text}", output.status))
}
