//! Exercises that check themselves: `practise` copies a stub into `practice/NAME.rs`, judges it, and
//! looks again whenever it is saved.
//!
//! [`list`] has the exercises, [`judge`](mod@judge) compiles and runs them, [`progress`] remembers which are done.

pub mod judge;
pub mod list;
pub mod progress;

use crate::expect::Run;
use judge::{Verdict, judge};
use list::{EXERCISES, Exercise};
use progress::Progress;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, SystemTime};
use std::{fs, thread};
use tempfile::TempDir;

const USAGE: &str = "\
usage: cargo run -p examples -- practise [NAME] [--once]
       cargo run -p examples -- practise --list";

/// Where things lie.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The repository.
    pub root: PathBuf,
    /// The compiled library, which the exercises are linked with.
    pub library: PathBuf,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Paths {
    /// Finds the repository and builds the library.
    ///
    /// # Errors
    /// If cargo cannot be started, or the library does not build.
    pub fn find() -> io::Result<Paths> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_path_buf();
        let built = Command::new("cargo")
            .args(["build", "-q", "-p", "examples", "--lib"])
            .arg("--message-format=json")
            .current_dir(&root)
            .output()?;
        let messages = String::from_utf8_lossy(&built.stdout);
        let library = messages.split('"').find(|word| {
            word.ends_with(".rlib")
                && Path::new(word)
                    .file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(|name| {
                        name == "libgoroutines.rlib" || name.starts_with("libgoroutines-")
                    })
        });
        match library {
            Some(library) => Ok(Paths {
                root,
                library: library.into(),
            }),
            None => Err(io::Error::other(
                String::from_utf8_lossy(&built.stderr).into_owned(),
            )),
        }
    }

    /// A new folder in `target` for what is compiled and run; it goes when the result is dropped. Nobody else has
    /// it, so that any number of these may be at work.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn workplace(&self) -> io::Result<TempDir> {
        let practice = self.root.join("target/practice");
        fs::create_dir_all(&practice)?;
        // Those of processes that were killed.
        for left in fs::read_dir(&practice)?.flatten() {
            let age = left.metadata().and_then(|of| of.modified());
            if age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > DAY)) {
                let _ = fs::remove_dir_all(left.path());
            }
        }
        tempfile::Builder::new().prefix("run-").tempdir_in(practice)
    }

    /// The reader's file for `exercise`.
    fn file(&self, exercise: &Exercise) -> PathBuf {
        self.root.join(format!("practice/{}.rs", exercise.name))
    }
}

/// The command `practise`.
///
/// # Errors
/// If a file cannot be read or written, or a compiler cannot be started.
pub fn practise(args: &[String]) -> io::Result<ExitCode> {
    let once = args.iter().any(|arg| arg == "--once");
    // Cargo says nothing meanwhile, and the first time takes minutes.
    eprintln!("building the library, if it has changed ..");
    let paths = Paths::find()?;
    let mut progress = Progress::read(&paths.root)?;
    let names: Vec<&String> = args.iter().filter(|arg| *arg != "--once").collect();
    let exercise = match names[..] {
        [] => progress.next(),
        [word] if word == "--list" => {
            print_list(&progress);
            return Ok(ExitCode::SUCCESS);
        }
        [name] => match Exercise::find(name) {
            Some(exercise) => Some(exercise),
            None => {
                eprintln!("there is no exercise `{name}`; these there are:");
                print_list(&progress);
                return Ok(ExitCode::FAILURE);
            }
        },
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    };
    let Some(mut exercise) = exercise else {
        println!("All {} exercises are done.", EXERCISES.len());
        return Ok(ExitCode::SUCCESS);
    };
    let keys = keys();
    loop {
        let passed = Session::open(&paths, exercise)?.go(&mut progress, &keys, once)?;
        match passed {
            End::Quit(code) => return Ok(code),
            End::Next => match progress.next() {
                Some(next) => exercise = next,
                None => {
                    println!("All {} exercises are done.", EXERCISES.len());
                    return Ok(ExitCode::SUCCESS);
                }
            },
        }
    }
}

enum End {
    Next,
    Quit(ExitCode),
}

/// Work at one exercise.
struct Session<'a> {
    paths: &'a Paths,
    exercise: &'static Exercise,
    file: PathBuf,
    hints_given: usize,
}

impl<'a> Session<'a> {
    /// Copies the stub if there is no file yet.
    fn open(paths: &'a Paths, exercise: &'static Exercise) -> io::Result<Self> {
        let file = paths.file(exercise);
        if !file.exists() {
            fs::create_dir_all(paths.root.join("practice"))?;
            fs::copy(paths.root.join(exercise.stub()), &file)?;
        }
        let place = EXERCISES.iter().position(|e| e.name == exercise.name);
        println!(
            "\n== {} of {}: {} (book: {})\n",
            place.map_or(0, |i| i + 1),
            EXERCISES.len(),
            exercise.name,
            exercise.chapter
        );
        for line in fs::read_to_string(&file)?.lines() {
            let text = line.strip_prefix("//!").or(line.strip_prefix("//"));
            let Some(text) = text else { break };
            println!("  {}", text.trim());
        }
        println!("\n  Your file: practice/{}.rs", exercise.name);
        Ok(Session {
            paths,
            exercise,
            file,
            hints_given: 0,
        })
    }

    /// Judges the file, now and whenever it is saved, until the reader goes on or stops.
    fn go(
        mut self,
        progress: &mut Progress,
        keys: &Receiver<String>,
        once: bool,
    ) -> io::Result<End> {
        let mut seen = saved(&self.file);
        let mut passed = self.look(progress)?;
        if once {
            return Ok(End::Quit(match passed {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            }));
        }
        help();
        loop {
            match keys.recv_timeout(Duration::from_millis(300)) {
                Ok(key) => match key.as_str() {
                    "h" => self.hint(),
                    "s" => self.solution(progress)?,
                    "n" if passed => return Ok(End::Next),
                    "n" => println!("First this one. `practise NAME` leads to any other."),
                    "l" => print_list(progress),
                    "q" => return Ok(End::Quit(ExitCode::SUCCESS)),
                    "" => passed = self.look(progress)?,
                    _ => help(),
                },
                Err(RecvTimeoutError::Timeout) => {
                    let now = saved(&self.file);
                    if now != seen {
                        seen = now;
                        passed = self.look(progress)?;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(End::Quit(ExitCode::SUCCESS)),
            }
        }
    }

    fn look(&self, progress: &mut Progress) -> io::Result<bool> {
        let verdict = judge(self.paths, self.exercise, &self.file)?;
        print!("\n{}", told(&verdict));
        let passed = matches!(verdict, Verdict::Passed(_));
        if passed {
            progress.passed(self.exercise)?;
            println!("\n  Done. `n` goes on, `s` shows how the book does it.");
        }
        Ok(passed)
    }

    fn hint(&mut self) {
        match self.exercise.hints.get(self.hints_given) {
            Some(hint) => println!("  hint: {hint}"),
            None => println!("  That was the last hint."),
        }
        self.hints_given += 1;
    }

    fn solution(&self, progress: &Progress) -> io::Result<()> {
        match progress.has(self.exercise) {
            true => println!(
                "\n{}",
                fs::read_to_string(self.paths.root.join(self.exercise.solution()))?
            ),
            false => println!("  The solution opens when yours passes. `h` gives a hint."),
        }
        Ok(())
    }
}

fn saved(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|m| m.modified()).ok()
}

fn help() {
    println!(
        "\n  Save the file and I look again.\n  \
         Enter: look now   h: a hint   s: the solution   n: next   l: list   q: stop"
    );
}

/// A verdict in plain words.
fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::DoesNotCompile(words) => format!("{words}\n  It does not compile yet.\n"),
        Verdict::Passed(right) => right
            .iter()
            .map(|what| format!("  right    {what}\n"))
            .collect(),
        Verdict::NotYet { right, wrong } => {
            let mut text: String = right
                .iter()
                .map(|what| format!("  right    {what}\n"))
                .collect();
            for (what, why) in wrong {
                text += &format!("  not yet  {what}\n");
                text += &why
                    .lines()
                    .map(|l| format!("           {l}\n"))
                    .collect::<String>();
            }
            text
        }
    }
}

/// How a program ended that should not have ended so.
fn plain_words(got: &Run) -> String {
    let why = if got.stderr.contains("all goroutines are asleep") {
        "everybody waits for somebody else, for ever; this is who waits for what:"
    } else if got.exit.is_none() {
        "it did not end: somebody waits for ever, or a loop has no end"
    } else if got.stderr.contains("panic") {
        "it panicked:"
    } else {
        "it ended before its time:"
    };
    let rest: Vec<&str> = got.stderr.lines().take(25).collect();
    format!("{why}\n{}", rest.join("\n"))
}

fn print_list(progress: &Progress) {
    let mut chapter = "";
    for exercise in EXERCISES {
        if exercise.chapter != chapter {
            chapter = exercise.chapter;
            println!("{chapter}");
        }
        let done = if progress.has(exercise) { "done" } else { "" };
        println!("  {:<18} {done}", exercise.name);
    }
}

/// The lines that the reader types. Without a terminal there are none, and nothing ends for that.
fn keys() -> Receiver<String> {
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            loop {
                thread::park(); // keeps `tx`: the file is still watched
            }
        }
        for line in stdin.lock().lines().map_while(Result::ok) {
            if tx.send(line.trim().to_string()).is_err() {
                break;
            }
        }
    });
    rx
}
