//! Crates that take minutes to compile, or talk to a server, as they come: they know nothing of goroutines.
//!
//! As in `everyday`: 50 to 200 goroutines, with GOMAXPROCS 1, 2 and 4, and the results are looked at. PostgreSQL
//! and Redis are started by `tests/ecosystem.sh`; where they are not there, the tests that need them say so.

mod embedded;
mod mail;
mod pictures;
mod postgres;
mod redis;
mod secure;
mod web;

/// How the server of which the variable tells is reached. `None`: it is not there, which is said.
fn server(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok().filter(|a| !a.is_empty());
    if address.is_none() {
        eprintln!(
            "skipped: {variable} is not set; tests/ecosystem.sh starts the server and sets it"
        );
    }
    address
}
