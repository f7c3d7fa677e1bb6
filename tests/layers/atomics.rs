//! An atomic of the scheduler is its room's: other rooms say what happens, by a method that has the ordering and its
//! reason. (What the compiler does not see to is that a field or a static is not made visible to all.)

use super::reader::sources;
use std::path::Path;

/// Words that any thread may write.
const WORDS: &[&str] = &["Atomic", "GWord", "MName"];

/// A field or a static that all see, and that holds such a word itself.
fn is_open(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub(crate) ") else {
        return false;
    };
    let rest = rest.strip_prefix("static ").unwrap_or(rest);
    let Some((name, of)) = rest.split_once(": ") else {
        return false;
    };
    name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && WORDS.iter().any(|word| of.starts_with(word))
}

#[test]
fn no_atomic_of_the_scheduler_is_open() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/sched");
    let mut open = Vec::new();
    for file in sources(&top) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (n, line) in text.lines().enumerate().filter(|(_, line)| is_open(line)) {
            let name = file.strip_prefix(&top).unwrap_or(&file).display();
            open.push(format!("{name}:{}: {}", n + 1, line.trim()));
        }
    }
    assert!(open.is_empty(), "\n{}\n", open.join("\n"));
}

#[test]
fn an_open_atomic_is_found() {
    assert!(is_open("    pub(crate) tid: AtomicI32,"));
    assert!(is_open(
        "pub(crate) static MAX: AtomicI32 = AtomicI32::new(-1);"
    ));
    assert!(is_open("    pub(crate) next: AtomicRef<M>,"));
    assert!(!is_open("    tid: AtomicI32,"));
    assert!(!is_open("    pub(super) line_link: AtomicRef<M>,"));
    assert!(!is_open("    pub(crate) fn f(n: AtomicI32) {"));
}
