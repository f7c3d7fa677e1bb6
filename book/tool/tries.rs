//! The proposed changes, `examples/tries/NAME.try`: a test makes them and compares what comes of it.

use crate::{listing, repo};
use mdbook_driver::errors::{Error, Result};

/// The changed lines, and below them, folded, what the changed program does.
pub(crate) fn show(name: &str) -> Result<String> {
    let path = format!("examples/tries/{name}.try");
    let text = repo::read(&path)?;
    let wrong = || Error::msg(format!("{path}: not in the form of examples/src/tries.rs"));
    let (change, outcome) = text.split_once("\n====\n").ok_or_else(wrong)?;
    let (head, change) = change.split_once('\n').ok_or_else(wrong)?;
    let program = head.strip_prefix("program: ").ok_or_else(wrong)?;
    let label = format!("examples/{program}.rs");
    let link = format!("programs/{program}.html");
    let change = listing::listing(
        "diff",
        &label,
        Some(&link),
        &change.replace("\n@@\n", "\n\n"),
    );
    Ok(format!(
        "<div class=\"try\">\n\n{change}\n\n<details><summary>What comes of it</summary>\n\n{}\n\n</details>\n\n</div>",
        outcome_html(outcome)
    ))
}

/// What is known of the outcome: what it prints, how it ends, or what the compiler says.
fn outcome_html(outcome: &str) -> String {
    let mut parts = Vec::new();
    let key = |key: &str| {
        let lines = outcome.lines();
        lines.map_while(|l| l.strip_prefix("//@ ")).find_map(|l| {
            let (k, value) = l.split_once(": ")?;
            (k == key).then(|| value.to_string())
        })
    };
    if let Some(says) = key("compiler") {
        return listing::listing("text", "the compiler says", None, &says);
    }
    let is_pattern = key("output").is_some_and(|words| words.contains("regex"));
    let printed: Vec<&str> = outcome.lines().filter(|l| !l.starts_with("//@")).collect();
    if !printed.is_empty() {
        let printed = match is_pattern {
            true => plain(&printed),
            false => printed.join("\n"),
        };
        parts.push(listing::listing("text", "it prints", None, &printed));
    }
    if let Some(text) = key("stderr") {
        let text = text.trim_start_matches('^');
        parts.push(listing::listing("text", "it ends", None, text));
    }
    if let Some(code) = key("exit") {
        parts.push(format!("<p>The exit code is {code}.</p>"));
    }
    parts.join("\n\n")
}

/// Patterns as a reader reads them: `..` for what differs from run to run.
fn plain(patterns: &[&str]) -> String {
    let lines = patterns.iter().map(|line| {
        let more = line.starts_with('+');
        let line = line.trim_start_matches('+').replace("\\d+", "..");
        let line = line.replace("\\d", "..").replace('\\', "");
        match more {
            true => format!("{line}\n.."),
            false => line,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{outcome_html, plain};

    #[test]
    fn patterns_are_shown_as_text() {
        assert_eq!(
            plain(&["goroutine \\d+ \\[sleep\\]:", "+x"]),
            "goroutine .. [sleep]:\nx\n.."
        );
    }

    #[test]
    fn an_outcome_has_its_exit_code() {
        let html = outcome_html("//@ exit: 2\n//@ stderr: ^panic: zero\na\n");
        assert!(html.contains("```text\na\n```"), "{html}");
        assert!(html.contains("```text\npanic: zero\n```"), "{html}");
        assert!(html.ends_with("<p>The exit code is 2.</p>"), "{html}");
    }
}
