//! A file has one idea, and at most 400 lines of code: empty lines and lines of comment do not count.

use super::reader::sources;
use std::path::Path;

const MOST: usize = 400;

/// The crates that are published, by the folder of their sources.
const CRATES: &[&str] = &["runtime/src", "macros/src"];

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}

#[test]
fn no_file_is_long() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut long = Vec::new();
    for folder in CRATES {
        for file in sources(&top.join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let lines = text.lines().filter(|line| is_code(line)).count();
            if lines > MOST {
                let name = file.strip_prefix(&top).unwrap_or(&file).display();
                long.push(format!("{name}: {lines} lines of code"));
            }
        }
    }
    assert!(long.is_empty(), "\n{}\n", long.join("\n"));
}

#[test]
fn only_code_counts() {
    assert!(is_code("    let x = 1; // one"));
    assert!(!is_code("") && !is_code("    // one") && !is_code("/// two"));
}
