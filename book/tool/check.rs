//! The rules that keep the book true. `check` fails with every place that breaks one:
//!
//! * a fenced `rust` listing in a page: code comes from tested programs, by directive;
//! * a fenced output that is not a part of its program's golden output;
//! * a fenced block of another kind than those below;
//! * a change that a page proposes, and that no test makes;
//! * a directive that names nothing (found while building);
//! * a recording that the player or Perfetto would refuse, or that is not what its page says of it;
//! * a crate of the compatibility suite that its list does not have, or a test that is not there;
//! * a dead link in the built pages;
//! * a Chinese page that differs from the English one it translates in its headings or directives.
//!
//! It also lists, without failing, the Chinese pages whose English has changed since they were stamped, and rules and rows
//! of tables that have no Chinese yet.

use crate::phrases::Phrases;
use crate::{crates, links, programs, repo, site, traces, translation};
use mdbook_driver::errors::{Error, Result};
use std::path::Path;

/// What may stand in a fence of a page: commands, settings, and marked outputs.
const PLAIN: [&str; 2] = ["console", "toml"];

/// Builds the book and checks everything.
pub(crate) fn check() -> Result<()> {
    let mut problems = Vec::new();
    let mut pages = 0;
    let folders = [translation::ENGLISH, translation::CHINESE];
    for path in folders.into_iter().flat_map(repo::files) {
        if path.extension().is_some_and(|e| e == "md") {
            let path = path.to_string_lossy();
            let text = repo::read(&path)?;
            let found = fences(&text).into_iter().chain(untried(&text));
            problems.extend(found.map(|p| format!("{path}:{p}")));
            pages += 1;
        }
    }
    problems.extend(traces::problems());
    problems.extend(crates::problems()?);
    problems.extend(programs::stale_recordings());
    let (differences, mut changed) = translations()?;
    changed.extend(Phrases::read()?.lacking()?);
    problems.extend(differences);
    match site::build() {
        Ok(site) => {
            problems.extend(links::dead(&site.dir));
            problems.extend(emphasis(&site.dir.join(crate::chinese::DIR)));
            changed.extend(site.unused);
        }
        Err(error) => problems.push(format!("{error:#}")),
    }
    if !changed.is_empty() {
        println!(
            "to bring up to date in Chinese, then `cargo run -p book -- stamp PAGE..`:\n{}",
            changed.join("\n")
        );
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

/// Translations that differ from what they translate, and those whose English has changed.
fn translations() -> Result<(Vec<String>, Vec<String>)> {
    let (mut differences, mut changed) = (Vec::new(), Vec::new());
    for translation in translation::all()? {
        match translation.stale() {
            Some(stale) => changed.push(stale),
            None => differences.extend(translation.differences()),
        }
    }
    Ok((differences, changed))
}

/// Chinese pages in which `**` is left: between a Chinese mark and a character it means nothing.
fn emphasis(dir: &Path) -> Vec<String> {
    let code = regex::Regex::new(r"(?s)<code\b.*?</code>").expect("a pattern");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let html = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let main = html
            .split_once("<main>")
            .and_then(|(_, m)| m.split_once("</main>"));
        if main.is_some_and(|(main, _)| code.replace_all(main, "").contains("**")) {
            let page = entry.file_name();
            found.push(format!("zh/{}: `**` marks nothing", page.to_string_lossy()));
        }
    }
    found
}

/// How a page proposes a change, in both languages.
const TRY: [&str; 2] = ["## Try this", "## 试一试"];

/// A section that proposes a change of which no test knows: neither a patch nor a program of its own.
fn untried(text: &str) -> Option<String> {
    let at = text.lines().position(|line| TRY.contains(&line))?;
    let section = text
        .lines()
        .skip(at + 1)
        .take_while(|l| !l.starts_with("## "));
    let mut tested =
        section.filter(|l| l.starts_with("{{#try ") || l.starts_with("{{#program try_"));
    match tested.next() {
        Some(_) => None,
        None => Some(format!(
            "{}: no test makes the change that is proposed here",
            at + 1
        )),
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
    use super::{fences, part_of, untried};

    #[test]
    fn a_proposed_change_must_be_a_tested_one() {
        let untested = "# x\n\n## Try this\n\nWrite it down.\n\n## More\n\n{{#try x}}\n";
        assert!(untried(untested).unwrap().starts_with("3: no test makes"));
        assert_eq!(untried("## 试一试\n\n改成一。\n\n{{#try one}}\n"), None);
        assert_eq!(untried("## Try this\n\n{{#program try_panic}}\n"), None);
        assert_eq!(untried("# nothing proposed\n"), None);
    }

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
