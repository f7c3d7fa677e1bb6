//! Compiles and runs a program that the reader sends from a page, while the book is served.
//!
//! Only for the reader's own machine: [`Runner::new`] refuses an address that others can reach. A
//! request must carry the token that the served pages hold, which a page from elsewhere cannot read,
//! and name this very host. One program runs at a time, for ten seconds at most, and says 64 KiB at most.

use crate::limited::limited;
use crate::{repo, traces};
use mdbook_driver::errors::{Error, Result};
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

/// A longer program is not accepted.
pub(crate) const MOST_SOURCE: usize = 64 * 1024;
/// A longer recording is not shown.
const MOST_RECORDED: u64 = 64 * 1024 * 1024;
const RUNS: Duration = Duration::from_secs(10);
const COMPILES: Duration = Duration::from_secs(60);

/// What it takes to run programs.
pub(crate) struct Runner {
    token: String,
    /// The compiled libraries; built at the first run.
    libraries: Mutex<Vec<Library>>,
}

/// A crate that programs name, and where it lies compiled.
struct Library {
    name: &'static str,
    file: PathBuf,
}

/// What the programs of the book use besides `std`.
const CRATES: [&str; 4] = ["goroutines", "rand", "rusqlite", "serde"];

impl Runner {
    /// A runner for a server at `address`; `None` if others than this machine can reach it.
    pub(crate) fn new(address: SocketAddr) -> Result<Option<Runner>> {
        if !address.ip().is_loopback() {
            return Ok(None);
        }
        let mut bytes = [0; 16];
        fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Some(Runner {
            token: bytes.iter().map(|b| format!("{b:02x}")).collect(),
            libraries: Mutex::default(),
        }))
    }

    /// `page` with what its buttons need.
    pub(crate) fn equip(&self, page: &str, root: &str) -> String {
        let scripts = format!(
            "<script>globalThis.runner = {{ token: \"{}\" }};</script>\n\
             <script src=\"{root}run.js\"></script>\n</body>",
            self.token
        );
        page.replacen("</body>", &scripts, 1)
    }

    /// Whether a request comes from a page that this server gave out.
    pub(crate) fn admits(&self, host: &str, token: &str) -> bool {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        ["127.0.0.1", "localhost", "[::1]"].contains(&name) && token == self.token
    }

    /// Compiles and runs `source`: what it said, how it ended, and the schedule of the run.
    pub(crate) fn run(&self, source: &str) -> Result<Value> {
        let mut libraries = self.libraries.lock().unwrap_or_else(|e| e.into_inner());
        if libraries.is_empty() {
            *libraries = build_libraries()?;
        }
        let folder = repo::root().join("target/practice");
        fs::create_dir_all(&folder)?;
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(folder)?;
        let folder = folder.path();
        let (file, program) = (folder.join("main.rs"), folder.join("program"));
        let trace = folder.join("trace.json");
        fs::write(&file, source)?;
        let compiled = limited(&mut compiler(&libraries, &file, &program), COMPILES)?;
        let plain = |text: &str| text.replace(&format!("{}/", folder.display()), "");
        if compiled.code != Some(0) {
            return Ok(json!({ "compiled": false, "text": plain(&compiled.text) }));
        }
        let mut command = Command::new(&program);
        command.env("GODEBUG", format!("trace={}", trace.display()));
        let ended = limited(command.current_dir(folder), RUNS)?;
        let is_small = fs::metadata(&trace).is_ok_and(|file| file.len() <= MOST_RECORDED);
        let schedule = is_small.then(|| fs::read_to_string(&trace).ok()).flatten();
        let mut schedule: Value = schedule
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        traces::shorten(&mut schedule);
        Ok(json!({
            "compiled": true, "text": plain(&ended.text), "code": ended.code, "late": ended.late, "trace": schedule,
        }))
    }
}

fn compiler(libraries: &[Library], file: &Path, program: &Path) -> Command {
    let mut command = Command::new("rustc");
    command
        .args(["--edition", "2024", "--crate-name", "program"])
        .args(["-C", "debuginfo=line-tables-only"]);
    for Library { name, file } in libraries {
        let folder = file.parent().unwrap_or(Path::new("."));
        let deps = match folder.ends_with("deps") {
            true => folder.to_path_buf(),
            false => folder.join("deps"),
        };
        command
            .arg("--extern")
            .arg(format!("{name}={}", file.display()))
            .arg("-L")
            .arg(format!("dependency={}", deps.display()));
    }
    command
        .arg("-o")
        .arg(program)
        .arg(file)
        .current_dir(repo::root());
    command
}

/// Builds the libraries as the examples use them, and says where they lie.
fn build_libraries() -> Result<Vec<Library>> {
    let built = Command::new("cargo")
        .args(["build", "-q", "-p", "examples", "--lib"])
        .arg("--message-format=json")
        .current_dir(repo::root())
        .output()?;
    let messages = String::from_utf8_lossy(&built.stdout);
    let artifacts: Vec<Value> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let find = |name: &'static str| {
        let file = compiled(&artifacts, name)
            .ok_or_else(|| Error::msg(format!("the library `{name}` does not build")))?;
        Ok(Library { name, file })
    };
    CRATES.into_iter().map(find).collect()
}

/// The `.rlib` of a crate among the messages of a build.
fn compiled(artifacts: &[Value], name: &str) -> Option<PathBuf> {
    artifacts
        .iter()
        .filter(|artifact| artifact["target"]["name"] == name)
        .filter_map(|artifact| artifact["filenames"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".rlib"))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::{CRATES, Runner};
    use crate::{programs, repo};

    #[test]
    fn what_programs_use_is_there() {
        for name in programs::names() {
            let text = repo::read(&format!("examples/{name}.rs")).unwrap();
            let used = text
                .lines()
                .filter_map(|l| l.strip_prefix("use ")?.split("::").next());
            for name_of_crate in used.filter(|c| !["std", "self", "crate"].contains(c)) {
                assert!(CRATES.contains(&name_of_crate), "{name}: {name_of_crate}");
            }
        }
    }

    #[test]
    fn only_this_machine_is_served() {
        assert!(
            Runner::new("0.0.0.0:3000".parse().unwrap())
                .unwrap()
                .is_none()
        );
        let runner = Runner::new("127.0.0.1:3000".parse().unwrap())
            .unwrap()
            .unwrap();
        let token = runner.token.clone();
        assert!(runner.admits("127.0.0.1:3000", &token));
        assert!(runner.admits("localhost:3000", &token));
        assert!(!runner.admits("evil.example:3000", &token), "another name");
        assert!(!runner.admits("127.0.0.1:3000", "guess"));
        assert!(runner.equip("<body></body>", "../").contains(&token));
    }
}
