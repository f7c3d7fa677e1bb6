//! Where things lie in the repository, and reading them.

use mdbook_driver::errors::{Error, Result};
use std::path::{Path, PathBuf};

/// The root of the workspace: the folder above this package.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The book's own folder, which holds `book.toml`.
pub(crate) fn book() -> PathBuf {
    root().join("book")
}

/// Reads a text file named relative to the root; the error names the file.
pub(crate) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).map_err(|e| Error::msg(format!("{path}: {e}")))
}

/// Writes a file named relative to the root, and the folder it lies in.
pub(crate) fn write(path: &str, text: &str) -> Result<()> {
    let to = root().join(path);
    std::fs::create_dir_all(to.parent().unwrap_or(&to))?;
    std::fs::write(&to, text).map_err(|e| Error::msg(format!("{path}: {e}")))
}

/// All files below `dir` (relative to the root), sorted, as paths relative to the root.
pub(crate) fn files(dir: &str) -> Vec<PathBuf> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join(dir)];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(path) = path.strip_prefix(&root) {
                found.push(path.to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// The part of `text` between `// ANCHOR: name` and `// ANCHOR_END: name` (several parts of one name
/// are joined), without any anchor line and without the indentation all its lines share.
pub(crate) fn anchor(text: &str, name: &str) -> Option<String> {
    let mut inside = false;
    let mut found = false;
    let mut part = Vec::new();
    for line in text.lines() {
        match marker(line) {
            Some(("ANCHOR", n)) if n == name => (inside, found) = (true, true),
            Some(("ANCHOR_END", n)) if n == name => inside = false,
            Some(_) => {}
            None if inside => part.push(line),
            None => {}
        }
    }
    let indent = part
        .iter()
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    let part: Vec<&str> = part.iter().map(|l| l.get(indent..).unwrap_or("")).collect();
    (found && !inside).then(|| part.join("\n").trim_matches('\n').to_string())
}

/// `text` without its anchor lines.
pub(crate) fn without_anchors(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|l| marker(l).is_none()).collect();
    lines.join("\n").trim_matches('\n').to_string()
}

fn marker(line: &str) -> Option<(&str, &str)> {
    let (word, name) = line.trim().strip_prefix("// ")?.split_once(": ")?;
    matches!(word, "ANCHOR" | "ANCHOR_END").then_some((word, name.trim()))
}

#[cfg(test)]
mod tests {
    use super::{anchor, without_anchors};

    const TEXT: &str =
        "a\n    // ANCHOR: x\n    if b {\n        c\n    }\n    // ANCHOR_END: x\nd\n";

    #[test]
    fn an_anchor_gives_its_lines_without_their_common_indentation() {
        assert_eq!(anchor(TEXT, "x").as_deref(), Some("if b {\n    c\n}"));
        assert_eq!(anchor(TEXT, "y"), None);
        assert_eq!(
            anchor("// ANCHOR: x\na\n", "x"),
            None,
            "an anchor that never ends"
        );
    }

    #[test]
    fn anchor_lines_are_not_shown() {
        assert_eq!(without_anchors(TEXT), "a\n    if b {\n        c\n    }\nd");
    }
}
