//! Runs each scenario in child processes of its own.

use crate::cx::{Cx, Scenario, first_seed, number, run_one};
use crate::watch::{Watchdog, settled};
use std::process::{Command, Output, exit};
use std::time::Instant;

/// The runs of one scenario: GOMAXPROCS and GODEBUG.
const RUNS: [(&str, &str); 6] = [
    ("1", ""),
    ("2", ""),
    ("4", ""),
    ("16", ""),
    ("2", "membarrier=0,guard=mprotect"),
    ("4", "membarrier=0"),
];

/// How many seconds a child may take before it is taken for hung (see [`Watchdog::start`]).
const PATIENCE: u64 = 60;

/// The parent, or a child if the first argument says so.
pub(crate) fn main(all: &[Scenario]) {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, seed] = args.as_slice()
        && flag == "--child"
    {
        let scenario = all.iter().find(|s| s.name == name).expect("a scenario");
        return child(scenario, seed.parse().expect("a number"));
    }
    let words: Vec<&String> = args.iter().filter(|a| !a.starts_with('-')).collect();
    let chosen = |name: &str| words.is_empty() || words.iter().any(|w| name.contains(w.as_str()));
    if args.iter().any(|a| a == "--list") {
        all.iter().for_each(|s| println!("{}: test", s.name));
        return;
    }
    let seed = first_seed();
    let mut failed = 0;
    let chosen = all.iter().map(|s| s.name).filter(|n| chosen(n));
    for (i, name) in chosen.enumerate() {
        for (k, (procs, godebug)) in RUNS.iter().enumerate() {
            let seed = seed.wrapping_add((i * RUNS.len() + k) as u64);
            let begin = Instant::now();
            let exe = std::env::current_exe().expect("our own path");
            let output = Command::new(exe)
                .args(["--child", name, &seed.to_string()])
                .env("GOMAXPROCS", procs)
                .env("GODEBUG", godebug)
                .output()
                .expect("a child");
            let ok = output.status.success();
            println!(
                "{} {name:<28} GOMAXPROCS={procs:<2} {:>6} ms seed={seed} {godebug}",
                if ok { "ok    " } else { "FAILED" },
                begin.elapsed().as_millis(),
            );
            print!("{}", String::from_utf8_lossy(&output.stdout));
            if !ok {
                failed += 1;
                show(&output);
            }
        }
    }
    if failed > 0 {
        println!("{failed} runs failed");
        exit(1);
    }
}

fn show(output: &Output) {
    println!("--- {}", output.status);
    println!("{}", String::from_utf8_lossy(&output.stderr));
    println!("---");
}

fn child(scenario: &Scenario, seed: u64) {
    let cx = Cx {
        seed,
        scale: number("STRESS_SCALE").unwrap_or(1) as usize,
    };
    let watchdog = Watchdog::start(
        tests::patience(PATIENCE) * cx.scale as u32,
        scenario.name.to_owned(),
    );
    run_one(scenario.run, cx);
    settled();
    watchdog.stop();
}
