//! How much of the goroutines a dying process shows.

/// Which goroutines' stacks to print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The current goroutine; others only if `GOTRACEBACK` says so.
    Current,
    /// The same, but only the first frames: there may be a million.
    CurrentBriefly,
    /// All.
    AllAsleep,
}

/// `GOTRACEBACK`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Single,
    All,
    System,
    Crash,
}

impl Level {
    pub(crate) fn from_env() -> Level {
        match std::env::var("GOTRACEBACK").as_deref() {
            Ok("none" | "0") => Level::None,
            Ok("all" | "1") => Level::All,
            Ok("system" | "2") => Level::System,
            Ok("crash") => Level::Crash,
            _ => Level::Single,
        }
    }
}
