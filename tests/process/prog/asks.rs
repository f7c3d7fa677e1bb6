//! A client that uses what its environment names.

use super::Command;
use goroutines::http::{self, Response};

pub(crate) const COMMANDS: &[Command] = &[(
    "asks_for_what_the_environment_says",
    asks_for_what_the_environment_says,
)];

fn asks_for_what_the_environment_says() {
    for url in std::env::var("URLS").unwrap().split(' ') {
        let text = http::get(url).and_then(Response::text);
        println!("{}", text.unwrap_or_else(|e| e.to_string()));
    }
}
