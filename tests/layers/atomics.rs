//! An atomic of the scheduler is its room's: other rooms say what happens, by a method that has the ordering and its
//! reason. (What the compiler does not see to is that a field or a static is not made visible to all.)

use super::reader::sources;
use std::path::Path;

/// Words that any thread may write.
const WORDS: &[&str] = &["Atomic", "GWord", "MName"];

/// A field or a static that more than its room sees, and that holds such a word itself.
fn is_open(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub") else {
        return false;
    };
    let mut rest = rest;
    if rest.starts_with('(') {
        if rest.starts_with("(super)") {
            return false;
        }
        rest = rest.split_once(')').map_or("", |(_, rest)| rest);
    }
    let rest = rest.trim_start();
    // A struct whose fields have no names has them on its own line.
    if let Some((_, fields)) = rest
        .strip_prefix("struct ")
        .and_then(|of| of.split_once('('))
    {
        return fields.split(',').any(is_open);
    }
    let rest = rest.strip_prefix("static ").unwrap_or(rest);
    let held = match rest.split_once(": ") {
        Some((name, held)) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => held,
        None if !rest.contains(' ') => rest,
        _ => return false,
    };
    let held = held.split(" = ").next().unwrap_or_default();
    let words = held.split(|c: char| !c.is_alphanumeric());
    words
        .into_iter()
        .any(|word| WORDS.iter().any(|w| word.starts_with(w)))
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
    assert!(is_open(
        "    pub(in crate::sched) n: std::sync::atomic::AtomicU32,"
    ));
    assert!(is_open("    pub ns: [AtomicUsize; 4],"));
    assert!(is_open("    pub(crate) padded: CachePadded<AtomicU64>,"));
    assert!(is_open("pub(crate) struct Word(pub(crate) AtomicU8);"));
    assert!(!is_open("pub(crate) struct Word(AtomicU8);"));
    assert!(!is_open("    pub(crate) heap: Heap,"));
    assert!(!is_open("    tid: AtomicI32,"));
    assert!(!is_open("    pub(super) line_link: AtomicRef<M>,"));
    assert!(!is_open("    pub(crate) fn f(n: AtomicI32) {"));
}
