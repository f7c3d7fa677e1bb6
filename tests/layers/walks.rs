//! The walks of `runtime/README.md` name functions that are there: those in brackets behind a file stand in it.

use std::fs;
use std::path::Path;

/// Each file that a text names, with the names in the brackets behind it.
fn named(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut named: Vec<(&str, Vec<&str>)> = Vec::new();
    // What stands between backticks has odd numbers.
    let parts: Vec<&str> = text.split('`').collect();
    let mut inside = false;
    for pair in parts.chunks(2) {
        let [before, quoted] = *pair else { continue };
        if quoted.ends_with(".rs") {
            inside = false;
            named.push((quoted, Vec::new()));
            continue;
        }
        inside = match (before.rfind('('), before.rfind(')')) {
            (None, None) => inside,
            (opens, closes) => opens > closes,
        };
        if inside && let Some((_, names)) = named.last_mut() {
            names.push(quoted);
        }
    }
    named
}

/// The last part of a path, if it is that of a name.
fn name(quoted: &str) -> Option<&str> {
    let last = quoted.rsplit("::").next()?;
    let is_name = last.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && last != "run_next").then_some(last)
}

#[test]
fn what_the_walks_name_is_there() {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let text = fs::read_to_string(runtime.join("README.md")).unwrap();
    let (_, walks) = text.split_once("\n## Five walks\n").unwrap();
    let (walks, _) = walks.split_once("\n## ").unwrap();
    let mut missing = Vec::new();
    let mut seen = 0;
    for (file, names) in named(walks) {
        let short = |n: &&str| !n.contains('/');
        // `hchan.rs` again, and the macros' files, which stand in their folder.
        if Some(file).filter(short).is_some() {
            continue;
        }
        let path = runtime.join("src").join(file);
        let Ok(source) = fs::read_to_string(&path) else {
            missing.push(format!("{file}: no such file"));
            continue;
        };
        for name in names.into_iter().filter_map(name) {
            seen += 1;
            let words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
            if !words.into_iter().any(|word| word == name) {
                missing.push(format!("{file}: no `{name}`"));
            }
        }
    }
    assert!(seen > 40, "only {seen} names were read");
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

#[test]
fn names_are_read() {
    let text = "Go: `a/b.rs` (`f`, `g`: what; `h`), then `c.rs` again (`i`) and `run_next`.";
    assert_eq!(
        named(text),
        [("a/b.rs", vec!["f", "g", "h"]), ("c.rs", vec!["i"])]
    );
}
