//! The programs that are compared: where they are, how they are built, what to do without one.
//!
//! The peers are packages of their own, outside this workspace, so that nobody who builds the project builds tokio. All
//! Rust programs get the same profile: optimised, fat LTO, one codegen unit.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// How a program is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The package `bench-rows` of this workspace.
    Workspace,
    /// A cargo package of its own, in this directory below benches/peers.
    Cargo(&'static str),
    /// The Go package in benches/peers/go.
    Go,
}

/// One column of the table.
struct Peer {
    name: &'static str,
    source: Source,
    /// What the program is told to use in place of its own channels.
    channels: Option<&'static str>,
}

/// Every column, in order.
const PEERS: [Peer; 9] = [
    Peer {
        name: "goroutines",
        source: Source::Workspace,
        channels: None,
    },
    Peer {
        name: "go",
        source: Source::Go,
        channels: None,
    },
    Peer {
        name: "may",
        source: Source::Cargo("may"),
        channels: None,
    },
    Peer {
        name: "may+sem",
        source: Source::Cargo("may"),
        channels: Some("sem"),
    },
    Peer {
        name: "tokio",
        source: Source::Cargo("tokio"),
        channels: None,
    },
    Peer {
        name: "tokio+kanal",
        source: Source::Cargo("tokio"),
        channels: Some("kanal"),
    },
    Peer {
        name: "tokio+flume",
        source: Source::Cargo("tokio"),
        channels: Some("flume"),
    },
    Peer {
        name: "tokio+async-channel",
        source: Source::Cargo("tokio"),
        channels: Some("async-channel"),
    },
    Peer {
        name: "rayon",
        source: Source::Cargo("rayon"),
        channels: None,
    },
];

/// The names that `--peers` takes.
pub(crate) fn names() -> Vec<&'static str> {
    PEERS.iter().map(|peer| peer.name).collect()
}

/// A peer whose program is there.
pub(crate) struct Ready {
    peer: &'static Peer,
    program: PathBuf,
    /// Of the runtime under test, as far as it tells.
    pub(crate) version: String,
}

impl Ready {
    pub(crate) fn name(&self) -> &'static str {
        self.peer.name
    }

    /// The program, about to run a workload.
    pub(crate) fn command(&self, workload: &str, arguments: &[String], procs: usize) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(workload)
            .args(arguments)
            .env("GOMAXPROCS", procs.to_string());
        if let Some(channels) = self.peer.channels {
            command.arg(format!("impl={channels}"));
        }
        command
    }

    /// Whether the peer stands for another one with other channels, which only channel workloads can tell apart.
    pub(crate) fn only_channels(&self) -> bool {
        self.peer.channels.is_some()
    }
}

/// Builds the programs of the wanted peers (all, if none is named). One that cannot be built is told, and left out.
pub(crate) fn build(wanted: &[String]) -> Result<Vec<Ready>> {
    let mut ready = Vec::new();
    let mut built: Vec<(Source, Option<(PathBuf, String)>)> = Vec::new();
    for peer in &PEERS {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == peer.name) {
            continue;
        }
        let known = built
            .iter()
            .find(|(source, _)| *source == peer.source)
            .map(|(_, program)| program.clone());
        let program = known.unwrap_or_else(|| {
            eprintln!("building {}", peer.name);
            let program = peer
                .source
                .build()
                .inspect_err(|error| eprintln!("without {}: {error:#}", peer.name))
                .ok();
            built.push((peer.source, program.clone()));
            program
        });
        if let Some((program, version)) = program {
            ready.push(Ready {
                peer,
                program,
                version,
            });
        }
    }
    if ready.is_empty() {
        bail!("no peer could be built");
    }
    Ok(ready)
}

impl Source {
    /// Builds the program; its path, and the version of the runtime in it.
    fn build(self) -> Result<(PathBuf, String)> {
        let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = benches.parent().context("benches/ is in the repository")?;
        let target = root.join("target/bench-peers");
        let cargo = |manifest: PathBuf, profile: &str, target: &Path| {
            let mut cargo =
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo
                .args(["build", "--quiet", "--profile", profile, "--target-dir"])
                .arg(target);
            run(cargo.arg("--manifest-path").arg(manifest))
        };
        match self {
            Self::Workspace => {
                let target = target.join("goroutines");
                cargo(benches.join("rows/Cargo.toml"), "bench", &target)?;
                Ok((
                    target.join("release/rows"),
                    env!("CARGO_PKG_VERSION").to_owned(),
                ))
            }
            Self::Cargo(name) => {
                let (package, target) = (benches.join("peers").join(name), target.join(name));
                cargo(package.join("Cargo.toml"), "release", &target)?;
                let version = locked_version(&package.join("Cargo.lock"), name).unwrap_or_default();
                Ok((target.join("release/rows"), version))
            }
            Self::Go => {
                let go = find_go(root)
                    .context("no Go here; benches/install-go.sh installs it into .venv")?;
                std::fs::create_dir_all(&target)?;
                let program = target.join("go-rows");
                run(Command::new(&go)
                    .args(["build", "-o"])
                    .arg(&program)
                    .arg(".")
                    .current_dir(benches.join("peers/go")))?;
                let version = Command::new(go).args(["env", "GOVERSION"]).output()?.stdout;
                Ok((program, String::from_utf8_lossy(&version).trim().to_owned()))
            }
        }
    }
}

/// Go from `$GO`, from .venv, or from `$PATH`.
fn find_go(root: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::var_os("GO")
        .map(PathBuf::from)
        .into_iter()
        .chain([root.join(".venv/bin/go")])
        .chain(std::env::split_paths(&path).map(|dir| dir.join("go")))
        .find(|go| go.is_file())
}

/// Runs a build. What it prints is shown.
fn run(command: &mut Command) -> Result<()> {
    eprintln!(
        "building: {}",
        command
            .get_args()
            .last()
            .unwrap_or_default()
            .to_string_lossy()
    );
    let status = command
        .status()
        .with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("the build failed");
    }
    Ok(())
}

/// The version of a package in a Cargo.lock.
fn locked_version(lock: &Path, package: &str) -> Option<String> {
    let text = std::fs::read_to_string(lock).ok()?;
    let (_, after) = text.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    Some(after.split_once('"')?.0.to_owned())
}
