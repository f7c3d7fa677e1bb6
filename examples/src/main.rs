//! The tour: every program of this folder, one after the other, each in a process of its own, and
//! whether it printed what it should.
//!
//! ```text
//! cargo run --release -p examples                  the whole tour
//! cargo run --release -p examples -- --list        what there is
//! cargo run --release -p examples -- NAME [ARGS]   one program
//! cargo run -p examples -- practise [NAME]         exercises that check themselves
//! ```

use examples::{PROGRAMS, Program, practice, run};
use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = run::obey() {
        return code;
    }
    let mut args = env::args_os().skip(1);
    let done = match args.next().as_deref().and_then(|a| a.to_str()) {
        None => tour(),
        Some("practise") => {
            let rest: Vec<String> = args.filter_map(|a| a.into_string().ok()).collect();
            practice::practise(&rest)
        }
        Some("--list") => {
            list();
            Ok(ExitCode::SUCCESS)
        }
        Some(name) => match Program::find(name) {
            Some(program) => {
                env::current_exe().and_then(|me| Err(run::command(me, program).args(args).exec()))
            }
            None => {
                eprintln!("there is no program `{name}`; these there are:");
                list();
                Ok(ExitCode::FAILURE)
            }
        },
    };
    done.unwrap_or_else(|err| {
        eprintln!("cannot start the program: {err}");
        ExitCode::FAILURE
    })
}

fn list() {
    let mut section = "";
    for p in PROGRAMS {
        heading(&mut section, p);
        println!("  {:<20} {}", p.name, p.title());
    }
}

fn tour() -> io::Result<ExitCode> {
    let me = env::current_exe()?;
    let mut section = "";
    let mut wrong = Vec::new();
    for p in PROGRAMS {
        heading(&mut section, p);
        println!("\n{} - {}", p.name, p.title());
        let (got, faults) = run::capture(&me, p)?;
        for line in got.stdout.lines().chain(got.stderr.lines()) {
            println!("    {line}");
        }
        if faults.is_empty() {
            println!("  as expected, after {:.2} s", got.time.as_secs_f64());
        } else {
            println!("  NOT as expected ({}.out):", p.name);
            faults.lines().for_each(|line| println!("  {line}"));
            wrong.push(p.name);
        }
    }
    println!();
    if wrong.is_empty() {
        println!("{} programs, all as expected.", PROGRAMS.len());
        Ok(ExitCode::SUCCESS)
    } else {
        println!(
            "{} programs, not as expected: {}",
            PROGRAMS.len(),
            wrong.join(", ")
        );
        Ok(ExitCode::FAILURE)
    }
}

fn heading(section: &mut &str, p: &Program) {
    if *section != p.section {
        *section = p.section;
        println!("\n== {section} ==");
    }
}
