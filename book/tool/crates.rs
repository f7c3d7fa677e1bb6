//! The table of crates that were tried in goroutines, and how those are used that need care: made of the
//! compatibility suite's own list, and of its code.

use crate::listing::listing;
use crate::repo;
use mdbook_driver::errors::{Error, Result};

const LIST: &str = "tests/ecosystem/crates.txt";
const MANIFEST: &str = "tests/ecosystem/Cargo.toml";

/// One line of the list.
struct Row {
    name: String,
    verdict: Verdict,
    /// File and function of the test; of what does not work there is none.
    test: Option<(String, String)>,
    words: String,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Verdict {
    Works,
    Recipe,
    Not,
}

impl Verdict {
    const ALL: [(Verdict, &str, &str); 3] = [
        (Verdict::Works, "works", "works"),
        (Verdict::Recipe, "recipe", "works with a recipe"),
        (Verdict::Not, "not", "does not"),
    ];

    fn words(self) -> &'static str {
        Verdict::ALL[self as usize].2
    }
}

fn row(line: &str) -> Result<Row> {
    let wrong = || Error::msg(format!("{LIST}: no row: {line}"));
    let parts: Vec<&str> = line.splitn(4, '|').map(str::trim).collect();
    let [name, verdict, test, words] = parts[..] else {
        return Err(wrong());
    };
    let verdict = Verdict::ALL.iter().find(|v| v.1 == verdict);
    let &(verdict, ..) = verdict.ok_or_else(wrong)?;
    let test = test.split_once(' ');
    if test.is_none() != (verdict == Verdict::Not) {
        return Err(wrong());
    }
    Ok(Row {
        name: name.to_string(),
        verdict,
        test: test.map(|(file, test)| (format!("tests/ecosystem/{file}"), test.to_string())),
        words: words.to_string(),
    })
}

/// The rows, and the names of crates that only help the suite.
fn list() -> Result<(Vec<Row>, Vec<String>)> {
    let text = repo::read(LIST)?;
    let mut rows = Vec::new();
    let mut helpers = Vec::new();
    // The first two paragraphs say what it is.
    for line in text.split("\n\n").skip(2).flat_map(str::lines) {
        if let Some(names) = line.strip_prefix("helper: ") {
            helpers.extend(names.split_whitespace().map(str::to_string));
        } else if !line.is_empty() {
            rows.push(row(line)?);
        }
    }
    Ok((rows, helpers))
}

/// Names and versions of what a manifest depends on; the version is empty if the workspace has it.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let line =
        regex::Regex::new(r#"^([a-z0-9_-]+)(?:\.workspace)? = .*?"(\d[^"]*)""#).expect("a pattern");
    let plain = regex::Regex::new(r"^([a-z0-9_-]+)(?:\.workspace = true| = \{ workspace = true)")
        .expect("a pattern");
    let mut inside = false;
    let mut found = Vec::new();
    for text in manifest.lines() {
        if text.starts_with('[') {
            inside = text.ends_with("dependencies]");
        } else if !inside {
            continue;
        } else if let Some(of) = plain.captures(text) {
            found.push((of[1].to_string(), String::new()));
        } else if let Some(of) = line.captures(text) {
            found.push((of[1].to_string(), of[2].to_string()));
        }
    }
    found
}

/// `{{#crates}}`: all of them, what needs care last.
pub(crate) fn table() -> Result<String> {
    let own = dependencies(&repo::read(MANIFEST)?);
    let common = dependencies(&repo::read("Cargo.toml")?);
    let version = |name: &str| {
        let found = own.iter().chain(&common);
        let mut found = found.filter(|(n, v)| n == name && !v.is_empty());
        found.next().map(|(_, version)| version.as_str())
    };
    let (rows, _) = list()?;
    let mut out = String::from("| crate | in goroutines | what to know |\n| --- | --- | --- |\n");
    for (verdict, ..) in Verdict::ALL {
        for row in rows.iter().filter(|row| row.verdict == verdict) {
            let name = match version(&row.name) {
                Some(version) => format!("`{}` {version}", row.name),
                None => row.name.clone(),
            };
            let words = verdict.words();
            let verdict = match verdict {
                Verdict::Recipe => format!("[{words}](#{})", row.name),
                Verdict::Works | Verdict::Not => words.to_string(),
            };
            out += &format!("| {name} | {verdict} | {} |\n", row.words);
        }
    }
    Ok(out)
}

/// What the rows say, and the names that are no crate's.
pub(crate) fn words() -> Result<Vec<String>> {
    let rows = list()?.0.into_iter();
    let words = rows.flat_map(|row| [row.words, row.name]);
    Ok(words.filter(|words| words.contains(' ')).collect())
}

/// `{{#recipes}}`: the code of each, from its test.
pub(crate) fn recipes() -> Result<String> {
    let mut out = String::new();
    for row in list()?.0 {
        if row.verdict == Verdict::Recipe
            && let Some((file, _)) = &row.test
        {
            let code = repo::anchor(&repo::read(file)?, &row.name);
            let code = code
                .ok_or_else(|| Error::msg(format!("{file} has no whole `ANCHOR: {}`", row.name)))?;
            let code = listing("rust,ignore", file, None, &code);
            out += &format!("\n### {}\n\n{}\n\n{code}\n", row.name, row.words);
        }
    }
    Ok(out)
}

/// What the list says and the suite does not bear out.
pub(crate) fn problems() -> Result<Vec<String>> {
    let (rows, helpers) = list()?;
    let mut problems = Vec::new();
    for (name, _) in dependencies(&repo::read(MANIFEST)?) {
        let listed = rows.iter().any(|row| row.name == name) || helpers.contains(&name);
        if !listed && name != "goroutines" {
            problems.push(format!("{LIST}: `{name}` of {MANIFEST} is not there"));
        }
    }
    for row in &rows {
        if let Some((file, test)) = &row.test
            && !repo::read(file)?.contains(&format!("#[test]\nfn {test}() {{"))
        {
            problems.push(format!(
                "{LIST}: {} has no test `{test}` in {file}",
                row.name
            ));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, dependencies, problems, row};

    #[test]
    fn the_list_is_true() {
        assert_eq!(problems().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn rows_are_read() {
        let row = row("a-crate | recipe | heavy/web.rs test | Some `a | b` words.").unwrap();
        assert_eq!(row.verdict, Verdict::Recipe);
        let test = (
            "tests/ecosystem/heavy/web.rs".to_string(),
            "test".to_string(),
        );
        assert_eq!((row.test, &*row.words), (Some(test), "Some `a | b` words."));
    }

    #[test]
    fn rows_that_say_nothing_are_refused() {
        for wrong in [
            "a",
            "a | perhaps | x y | ",
            "a | works | | ",
            "a | not | x y | ",
        ] {
            assert!(row(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dependencies_are_found() {
        let manifest = "[package]\nversion = \"1\"\n[dependencies]\na-b = \"1.2\"\nc.workspace = true\n\
                        d = { workspace = true, features = [\"x\"] }\n[dev-dependencies]\n\
                        e = { version = \"0.3\", optional = true }\n[features]\nf = [\"1\"]\n";
        let found = [("a-b", "1.2"), ("c", ""), ("d", ""), ("e", "0.3")];
        let found = found.map(|(name, version)| (name.to_string(), version.to_string()));
        assert_eq!(dependencies(manifest), found);
    }
}
