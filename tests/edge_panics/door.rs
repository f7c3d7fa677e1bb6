//! The user's code in a panic is reached through one file, `panic/user.rs`; what is known of a goroutine's
//! panics is touched in `panic/` only.

use std::fs;
use std::path::{Path, PathBuf};

/// What only some files may say, by the beginning of their path.
const KEPT: &[(&str, &[&str])] = &[
    // A payload's text.
    (
        "downcast_ref::<BoxedError>",
        &["panic/user.rs", "panic/record.rs", "panic/caught.rs"],
    ),
    ("downcast_ref::<Box<dyn", &[]),
    (
        "downcast_ref::<&str>",
        &["panic/user.rs", "chan/tests/mod.rs"],
    ),
    ("message_of(", &["panic/user.rs", "panic/caught.rs"]),
    // The state.
    ("unwind_state", &["panic/", "g/me.rs", "sched/life/root.rs"]),
    ("swap_unwind", &["panic/user.rs", "g/me.rs", "sched/"]),
    (".replaced_by", &["panic/"]),
    // The hook.
    ("set_hook(", &["panic/hook.rs"]),
    ("take_hook(", &["panic/hook.rs"]),
    // Unwinding that the hook does not see.
    ("resume_unwind(", &["panic/"]),
];

/// What the panic hook may not say: it runs where a second panic aborts.
const NOT_IN_THE_HOOK: &[&str] = &["text_of", "message_of", "keep_text", "to_string", "discard"];

#[test]
fn the_user_s_code_is_reached_through_one_door() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src");
    let mut faults = Vec::new();
    let mut files = 0;
    for file in sources(&root) {
        files += 1;
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        for (at, line) in code(&text) {
            for (word, owners) in KEPT {
                if line.contains(word) && !owners.iter().any(|o| name.starts_with(o)) {
                    faults.push(format!("{name}:{at}: `{word}` belongs to {owners:?}"));
                }
            }
            for word in NOT_IN_THE_HOOK {
                if name == "panic/hook.rs" && line.contains(word) {
                    faults.push(format!("{name}:{at}: `{word}` in the hook"));
                }
            }
        }
    }
    assert!(files > 100, "only {files} files below {}", root.display());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Lines with their numbers, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}
