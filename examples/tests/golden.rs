//! Every program does what its `.out` file says, and no program is forgotten in a list.

use examples::expect::{Expectation, Run};
use examples::{PROGRAMS, Program, run};
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

#[test]
fn every_program_does_what_its_out_file_says() {
    let mut wrong = String::new();
    for p in PROGRAMS {
        let (_, faults) = run::capture(env!("CARGO_BIN_EXE_tour"), p).unwrap();
        if !faults.is_empty() {
            wrong += &format!("\n{}:\n{faults}", p.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// As before Linux 6.13.
#[test]
fn where_a_stack_takes_mappings_there_are_fewer_goroutines() {
    let p = Program::find("hundred_thousand").unwrap();
    let mut command = run::command(env!("CARGO_BIN_EXE_tour"), p);
    command.env("GODEBUG", "guard=mprotect");
    let run = run::limited(&mut command, Duration::from_secs(60)).unwrap();
    assert_eq!(Expectation::parse(p.expected).faults(&run), "");
    assert!(run.stdout.starts_with("30001 "), "{}", run.stdout);
}

#[test]
fn folder_manifest_and_tour_list_the_same_programs() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let files = |ending: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        names
            .filter_map(|n| n.strip_suffix(ending).map(String::from))
            .collect()
    };
    let tour: Vec<&str> = PROGRAMS.iter().map(|p| p.name).collect();
    let sorted: BTreeSet<String> = tour.iter().map(|n| n.to_string()).collect();
    assert_eq!(
        files(".rs"),
        sorted,
        "programs beside Cargo.toml, and in the tour"
    );
    assert_eq!(
        files(".out"),
        sorted,
        "expectations, and programs in the tour"
    );

    let manifest = fs::read_to_string(format!("{folder}/Cargo.toml")).unwrap();
    let lines = manifest
        .lines()
        .filter_map(|l| l.trim().strip_prefix("{ name = \""));
    let examples: Vec<&str> = lines.filter_map(|l| l.split('"').next()).collect();
    assert_eq!(
        examples, tour,
        "examples in Cargo.toml, and programs in the tour"
    );
}

#[test]
fn every_program_names_what_it_mirrors() {
    for p in PROGRAMS {
        let header = p.source.lines().take_while(|l| l.starts_with("//!"));
        assert!(
            header.clone().any(|l| l.contains("Mirrors")),
            "{}: its header does not name the Go program it mirrors",
            p.name
        );
        assert!(
            p.title().ends_with(['.', ':']),
            "{}: the title is one line",
            p.name
        );
    }
}

#[test]
fn the_readme_shows_a_program_of_the_tour() {
    let readme = include_str!("../../README.md");
    let block = |fence: &str| {
        let (_, rest) = readme.split_once(fence).expect("a fenced block");
        rest.split_once("```").expect("its end").0
    };
    let p = Program::find("conversation").unwrap();
    assert!(
        p.source.ends_with(&format!("\n\n{}", block("```rust\n"))),
        "README's program"
    );

    let run = Run {
        exit: Some(0),
        stdout: block("```text\n").to_string(),
        stderr: String::new(),
        time: Duration::from_millis(100),
    };
    assert_eq!(
        Expectation::parse(p.expected).faults(&run),
        "",
        "README's output"
    );
}
