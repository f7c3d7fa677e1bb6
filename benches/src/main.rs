//! `cargo run --release -p benches`: the same workloads on goroutines, Go, may and tokio, side by side.
//!
//! Each cell is one process: (peer, workload, number of processors, round). The peers take turns (A B C A B C ..), so
//! that a slow minute of the machine hits all of them. Out comes a table of medians with the ratio to Go, and
//! `benches/results/{latest.json, latest.svg}`. Here: the command line and the order of things. `workloads` is the
//! table of what is run, `peers` builds the programs, `cell` runs one of them, `load` is the client of the servers,
//! `results`, `table` and `chart` are what becomes of the figures.

mod cell;
mod chart;
mod figure;
mod load;
mod machine;
mod peers;
mod results;
mod table;
mod workloads;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use regex::Regex;

use crate::peers::Ready;
use crate::results::Results;
use crate::workloads::Workload;

/// Runs the same workloads on goroutines, Go, may and tokio, and tells the ratios to Go.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Only workloads whose name matches this regular expression; some run only if they are named
    #[arg(long, value_name = "REGEX")]
    only: Option<Regex>,
    /// Processes per cell; the table shows their median
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Numbers of processors (GOMAXPROCS) to measure with
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
    procs: Vec<usize>,
    /// Only these peers
    #[arg(long, value_delimiter = ',', value_parser = peers::names())]
    peers: Vec<String>,
    /// Multiplies the length of the workloads: 0.01 to see whether everything works
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Seconds after which a process counts as hanging
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Where latest.json and latest.svg go
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/results"))]
    out: PathBuf,
    /// Print the names of the workloads and do nothing
    #[arg(long)]
    list: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let wanted = |workload: &Workload| {
        options
            .only
            .as_ref()
            .map_or(!workload.extra, |only| only.is_match(workload.name))
    };
    if options.list {
        for workload in workloads::all() {
            let note = if workload.extra {
                "  (only if named)"
            } else {
                ""
            };
            println!("{}{note}", workload.name);
        }
        return Ok(());
    }
    let workloads: Vec<Workload> = workloads::all().into_iter().filter(wanted).collect();
    if workloads.is_empty() {
        bail!("no workload has a name like that; --list prints them");
    }
    bench_kit::process::raise_open_files();
    let peers = peers::build(&options.peers)?;
    let results = measure(&options, &workloads, &peers)?;
    println!("{}", table::render(&results));
    save(&results, &options.out)?;
    println!(
        "written: {}/latest.json and latest.svg",
        options.out.display()
    );
    Ok(())
}

/// Writes latest.json and latest.svg.
fn save(results: &Results, to: &Path) -> Result<()> {
    results.save(to)?;
    std::fs::write(
        to.join("latest.svg"),
        chart::draw(results).to_string() + "\n",
    )?;
    Ok(())
}

/// Runs every cell, the peers of a round next to each other, and saves after each workload what there is.
fn measure(options: &Options, workloads: &[Workload], peers: &[Ready]) -> Result<Results> {
    let cells = |workload: &Workload| {
        workload
            .procs
            .iter()
            .filter(|procs| options.procs.contains(procs))
            .count()
            * options.rounds
            * peers.len()
    };
    let progress = ProgressBar::new(
        workloads
            .iter()
            .map(|workload| cells(workload) as u64)
            .sum(),
    );
    progress.set_style(ProgressStyle::with_template(
        "[{pos}/{len}, {eta} left] {wide_msg}",
    )?);
    let timeout = Duration::from_secs(options.timeout);
    let mut results = Results::new(options.rounds, options.scale, peers);
    for workload in workloads {
        for &procs in workload
            .procs
            .iter()
            .filter(|procs| options.procs.contains(procs))
        {
            for round in 1..=options.rounds {
                for peer in peers {
                    progress.set_message(format!(
                        "{} P{procs} round {round}: {}",
                        workload.name,
                        peer.name()
                    ));
                    if !results.gave_up(workload, procs, peer.name()) {
                        let outcome = cell::run(peer, workload, procs, options.scale, timeout);
                        results.add(workload, procs, peer.name(), outcome);
                    }
                    progress.inc(1);
                }
            }
        }
        if progress.is_hidden() {
            eprintln!(
                "[{}/{}] {}",
                progress.position(),
                progress.length().unwrap_or(0),
                workload.name
            );
        }
        save(&results, &options.out).context("saving what there is so far")?;
    }
    progress.finish_and_clear();
    Ok(results)
}
