//! The program that the tests of `tests/process` run as a child: one command for each way to end.
//!
//! `prog NAME` runs the command `NAME`. Commands print what happens on standard output; whatever is
//! on standard error comes from the runtime.

mod asks;
mod debugged;
mod ends;
mod held;
mod hooks;
mod limits;
mod not_begun;
mod order;
mod panics;
mod processors;
mod streams;
mod stuck;
mod synctest;
mod tasks;
mod threads;

use goroutines::prelude::*;
use std::process::ExitCode;

/// A command: its name and what it does.
type Command = (&'static str, fn());

#[goroutine]
fn main() -> Result<ExitCode, String> {
    let name = std::env::args().nth(1).unwrap_or_default();
    if name == "main_fails" {
        return Err("main failed".to_string());
    }
    let all = [
        asks::COMMANDS,
        debugged::COMMANDS,
        ends::COMMANDS,
        hooks::COMMANDS,
        held::COMMANDS,
        limits::COMMANDS,
        not_begun::COMMANDS,
        order::COMMANDS,
        panics::COMMANDS,
        processors::COMMANDS,
        streams::COMMANDS,
        stuck::COMMANDS,
        synctest::COMMANDS,
        tasks::COMMANDS,
        threads::COMMANDS,
    ];
    match all.iter().copied().flatten().find(|(n, _)| *n == name) {
        Some((_, command)) => {
            command();
            println!("main returned");
            Ok(ExitCode::SUCCESS)
        }
        None => Err(format!("no command `{name}`")),
    }
}

/// Says when it is dropped.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        println!("dropped {}", self.0);
    }
}
