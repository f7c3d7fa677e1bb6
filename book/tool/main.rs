//! `cargo run -p book -- COMMAND`: builds, serves and checks the book with no other tool installed.
//!
//! * `build`  writes the HTML to `target/book`, the Chinese edition to `zh/` in it;
//! * `serve`  does the same, then serves it, builds again when a source changes, and runs the programs
//!   that the reader edits in the pages;
//! * `pdf`    builds, and prints the whole book to one file, and the phrase book to one sheet, with an
//!   installed Chromium;
//! * `check`  builds, then fails on a dead link, on a listing that no test runs, on a wrong output;
//! * `translations` tells which pages have a Chinese one, and which of those are no longer current;
//! * `stamp`  records that such pages were looked at;
//! * `traces` runs the programs of the scheduler player again and keeps what they recorded.
//!
//! The life of a page: [`directives`] finds `{{#..}}` in its markdown, [`expand`] puts the program,
//! output, picture or table in its place, mdBook makes HTML of it, [`links`] looks at the result.
//! [`check`] holds the rules that keep the book true.

mod bench;
mod check;
mod chinese;
mod claims;
mod crates;
mod directives;
mod exercises;
mod expand;
mod gallery;
mod limited;
mod links;
mod listing;
mod pdf;
mod phrases;
mod programs;
mod repo;
mod runner;
mod serve;
mod site;
mod switch;
mod traces;
mod translation;
mod tries;
mod typeset;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p book -- build | pdf | serve [ADDRESS] | check | traces [NAME..] \
                     | translations | stamp PAGE..";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["build"] => site::build().map(|site| println!("wrote {}/index.html", site.dir.display())),
        ["serve"] => serve::serve("127.0.0.1:3000"),
        ["serve", address] => serve::serve(address),
        ["pdf"] => pdf::print().map(|files| {
            files
                .iter()
                .for_each(|file| println!("wrote {}", file.display()));
        }),
        ["check"] => check::check(),
        ["traces", names @ ..] => traces::record(names),
        ["translations"] => translation::list(),
        ["stamp", pages @ ..] if !pages.is_empty() => translation::stamp(pages),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
