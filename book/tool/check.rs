//! The rules that keep the book true. `check` fails with every place that breaks one:
//!
//! * a fenced `rust` listing in a page: code comes from tested programs, by directive;
//! * a fenced output that is not a part of its program's golden output;
//! * a fenced block of another kind than those below;
//! * a directive that names nothing (found while building);
//! * a recording that the player or Perfetto would refuse;
//! * a dead link in the built pages.

use crate::{links, programs, repo, site, traces};
use mdbook_driver::errors::{Error, Result};

/// What may stand in a fence of a page: commands, settings, and marked outputs.
const PLAIN: [&str; 2] = ["console", "toml"];

/// Builds the book and checks everything.
pub(crate) fn check() -> Result<()> {
    let mut problems = Vec::new();
    let mut pages = 0;
    for path in repo::files("book/src") {
        if path.extension().is_some_and(|e| e == "md") {
            let path = path.to_string_lossy();
            problems.extend(
                fences(&repo::read(&path)?)
                    .into_iter()
                    .map(|p| format!("{path}:{p}")),
            );
            pages += 1;
        }
    }
    problems.extend(traces::problems());
    problems.extend(programs::stale_recordings());
    match site::build() {
        Ok(dir) => problems.extend(links::dead(&dir)),
        Err(error) => problems.push(format!("{error:#}")),
    }
    if problems.is_empty() {
        println!(
            "{pages} pages and {} programs are true",
            programs::names().len()
        );
        Ok(())
    } else {
        Err(Error::msg(format!(
            "the book is not true:\n{}",
            problems.join("\n")
        )))
    }
}

/// Problems of the fenced blocks of one page, each beginning with its line number.
fn fences(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(kind) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let body = lines
            .by_ref()
            .map(|(_, l)| l)
            .take_while(|l| l.trim() != "```");
        let body: Vec<&str> = body.collect();
        if let Some(problem) = fence(kind, &body) {
            problems.push(format!("{}: {problem}", at + 1));
        }
    }
    problems
}

fn fence(kind: &str, body: &[&str]) -> Option<String> {
    if let Some(name) = kind.strip_prefix("text,output=") {
        let golden = match programs::Golden::read(name) {
            Ok(golden) => golden,
            Err(error) => return Some(format!("{error:#}")),
        };
        return (!part_of(body, &golden.text))
            .then(|| format!("this is no part of examples/{name}.out"));
    }
    match kind {
        kind if PLAIN.contains(&kind) => None,
        kind if kind.starts_with("rust") => Some(
            "a Rust listing must come from a tested program: `{{#program NAME ANCHOR}}`".into(),
        ),
        "go" => Some("a Go listing must come from `book/go`: `{{#go NAME}}`".into()),
        kind => Some(format!(
            "a fence of kind `{kind}`: use `{{{{#output NAME}}}}`, or one of {PLAIN:?}"
        )),
    }
}

/// Whether `lines` stand in `text` one after the other.
fn part_of(lines: &[&str], text: &str) -> bool {
    let text: Vec<&str> = text.lines().collect();
    !lines.is_empty() && text.windows(lines.len()).any(|window| window == lines)
}

#[cfg(test)]
mod tests {
    use super::{fences, part_of};

    #[test]
    fn rust_that_is_typed_into_a_page_is_refused() {
        let problems = fences("text\n\n```rust\nfn main() {}\n```\n");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("3: a Rust listing must come from a tested program"));
    }

    #[test]
    fn commands_are_allowed_and_other_kinds_are_not() {
        assert!(fences("```console\n$ cargo run\n```\n").is_empty());
        assert_eq!(fences("```\n5\n```\n").len(), 1);
    }

    #[test]
    fn an_output_must_be_a_part_of_the_golden_one() {
        assert!(part_of(&["b", "c"], "a\nb\nc\nd"));
        assert!(!part_of(&["b", "d"], "a\nb\nc\nd"));
        assert!(!part_of(&[], "a"));
    }
}
