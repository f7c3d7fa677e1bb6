//! Compiles an exercise, runs it with its checks, and tells how far it is.

use super::list::{Exercise, Kind};
use super::{Paths, plain_words};
use crate::expect::{Expectation, Run};
use crate::run;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A check, or the whole program, may take this long.
const LIMIT: Duration = Duration::from_secs(60);

/// What came of one look at the reader's file.
#[derive(Debug)]
pub enum Verdict {
    /// Everything is right; the names of the checks.
    Passed(Vec<String>),
    /// The compiler's words.
    DoesNotCompile(String),
    /// What is right, and what is not yet, with the reason.
    NotYet {
        /// The names of the checks that passed.
        right: Vec<String>,
        /// The others, each with the reason.
        wrong: Vec<(String, String)>,
    },
}

/// Judges `file` as an attempt at `exercise`.
///
/// # Errors
/// If the library cannot be built, or a file cannot be read or written.
pub fn judge(paths: &Paths, exercise: &Exercise, file: &Path) -> io::Result<Verdict> {
    let folder = paths.workplace()?;
    let folder = folder.path();
    let source = match exercise.kind {
        Kind::Checked => with_checks(paths, exercise, file, folder)?,
        _ => file.to_path_buf(),
    };
    let program = folder.join("program");
    if let Some(words) = compile(paths, file, &source, &program)? {
        return Ok(Verdict::DoesNotCompile(words));
    }
    match exercise.kind {
        Kind::Checked => Ok(checks(&all_checks(&program)?)),
        Kind::Program => {
            let file = format!("examples/practice/{}.out", exercise.name);
            let wanted = Expectation::parse(&fs::read_to_string(paths.root.join(file))?);
            let mut command = Command::new(&program);
            run::settings(&mut command, &wanted);
            let got = run::limited(&mut command, LIMIT)?;
            Ok(one("it prints what it should", wanted.faults(&got)))
        }
        Kind::Compiles { keeps, .. } => {
            let got = run::limited(&mut Command::new(&program), LIMIT)?;
            let text = fs::read_to_string(file)?;
            let gone: Vec<String> = keeps
                .iter()
                .filter(|part| !text.contains(**part))
                .map(|part| format!("`{part}` must stay in the program"))
                .collect();
            let faults = match (gone.is_empty(), got.exit) {
                (false, _) => gone.join("\n"),
                (true, Some(0)) => String::new(),
                (true, _) => plain_words(&got),
            };
            Ok(one("it compiles, and ends well", faults))
        }
    }
}

/// Runs the program once for each check, until one does not end well, or there are no more: all that it printed.
fn all_checks(program: &Path) -> io::Result<Run> {
    let mut all = String::new();
    for n in 0.. {
        let mut got = run::limited(Command::new(program).arg(n.to_string()), LIMIT)?;
        let over = got.stdout.is_empty() || got.exit != Some(0);
        all += &got.stdout;
        if over {
            got.stdout = all;
            return Ok(got);
        }
    }
    unreachable!("there are fewer checks than numbers")
}

fn one(what: &str, faults: String) -> Verdict {
    match faults.is_empty() {
        true => Verdict::Passed(vec![what.into()]),
        false => Verdict::NotYet {
            right: Vec::new(),
            wrong: vec![(what.into(), faults)],
        },
    }
}

/// The program that runs the reader's functions: their file, the checks, and the kit.
fn with_checks(
    paths: &Paths,
    exercise: &Exercise,
    file: &Path,
    folder: &Path,
) -> io::Result<PathBuf> {
    let practice = paths.root.join("examples/practice");
    let check = practice.join(format!("{}.check.rs", exercise.name));
    let text = format!(
        "#[path = {file:?}] mod yours;\n#[path = {check:?}] mod check;\n#[path = {kit:?}] mod kit;\n\
         #[goroutines::goroutine] fn main() {{ kit::run(check::checks()) }}\n",
        kit = practice.join("kit.rs")
    );
    let main = folder.join("main.rs");
    fs::write(&main, text)?;
    Ok(main)
}

/// Compiles `source` into `program`; what the compiler says if it does not work. `file` is the reader's own.
///
/// # Errors
/// If the compiler cannot be started.
pub fn compile(
    paths: &Paths,
    file: &Path,
    source: &Path,
    program: &Path,
) -> io::Result<Option<String>> {
    let folder = paths.library.parent().unwrap_or(Path::new("."));
    let deps = match folder.ends_with("deps") {
        true => folder.to_path_buf(),
        false => folder.join("deps"),
    };
    let mut library = std::ffi::OsString::from("goroutines=");
    library.push(&paths.library);
    let mut search = std::ffi::OsString::from("dependency=");
    search.push(&deps);
    let out = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--crate-name",
            "exercise",
            "-C",
            "debuginfo=line-tables-only",
        ])
        .args(["-A", "unused", "-A", "clippy::all"])
        .arg("--extern")
        .arg(library)
        .arg("-L")
        .arg(search)
        .arg("-o")
        .arg(program)
        .arg(source)
        .env("EXERCISE", file)
        .current_dir(&paths.root)
        .output()?;
    let root = format!("{}/", paths.root.display());
    let words = String::from_utf8_lossy(&out.stderr).replace(&root, "");
    Ok((!out.status.success()).then_some(words))
}

/// Reads the lines that `kit.rs` prints.
fn checks(got: &Run) -> Verdict {
    let (mut right, mut wrong) = (Vec::new(), Vec::<(String, String)>::new());
    let mut open: Option<&str> = None;
    for line in got.stdout.lines() {
        if let Some(what) = line.strip_prefix("begin ") {
            if let Some(before) = open.replace(what) {
                wrong.push((before.into(), "it ended the program".into()));
            }
        } else if let Some(what) = line.strip_prefix("right ") {
            right.push(what.into());
            open = None;
        } else if let Some(what) = line.strip_prefix("wrong ") {
            wrong.push((what.into(), String::new()));
            open = None;
        } else if let (Some(why), Some(last)) = (line.strip_prefix("| "), wrong.last_mut()) {
            last.1 += &format!("{why}\n");
        }
    }
    match open {
        Some(what) => wrong.push((what.into(), plain_words(got))),
        None if got.exit != Some(0) => wrong.push(("it ends well".into(), plain_words(got))),
        None => {}
    }
    match wrong.is_empty() {
        true => Verdict::Passed(right),
        false => Verdict::NotYet { right, wrong },
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, checks};
    use crate::expect::Run;

    fn run(stdout: &str, exit: i32) -> Run {
        Run {
            exit: Some(exit),
            stdout: stdout.into(),
            stderr: "fatal error: all goroutines are asleep - deadlock!".into(),
            time: std::time::Duration::ZERO,
        }
    }

    #[test]
    fn all_right_is_a_pass() {
        let verdict = checks(&run("begin a\nright a\n", 0));
        assert!(matches!(verdict, Verdict::Passed(names) if names == ["a"]));
    }

    #[test]
    fn a_check_that_ends_the_program_is_wrong() {
        let Verdict::NotYet { right, wrong } = checks(&run("begin a\nbegin b\nright b\n", 0))
        else {
            panic!("passed");
        };
        assert_eq!(right, ["b"]);
        assert_eq!(wrong[0].0, "a");
    }

    #[test]
    fn a_check_that_does_not_end_is_wrong_and_says_why() {
        let Verdict::NotYet { right, wrong } = checks(&run("begin a\nright a\nbegin b\n", 2))
        else {
            panic!("it did not end");
        };
        assert_eq!(right, ["a"]);
        assert_eq!(wrong[0].0, "b");
        assert!(wrong[0].1.contains("wait"), "{}", wrong[0].1);
    }

    #[test]
    fn a_reason_has_all_its_lines() {
        let Verdict::NotYet { wrong, .. } = checks(&run("begin a\nwrong a\n| one\n| two\n", 0))
        else {
            panic!("it is wrong");
        };
        assert_eq!(wrong[0].1, "one\ntwo\n");
    }
}
