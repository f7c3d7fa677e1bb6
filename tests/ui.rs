//! The compile-fail tests, written as lessons.
//!
//! `ui/TOPIC/NN_name.rs` is a small program that must not compile; its first comment states the
//! rule, and `NN_name.stderr` is what the compiler says. `NN_name.right.rs` beside it, its twin, shows
//! the right way; `twins.rs` runs them.
//!
//! The texts are rustc's for the toolchain in `rust-toolchain.toml`. After a change, look at them
//! and accept them with `TRYBUILD=overwrite cargo test -p tests --test ui`.

use std::fs;
use std::path::{Path, PathBuf};

/// `(lesson, twin)` of every lesson.
fn lessons() -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut lessons = Vec::new();
    for topic in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(topic.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.ends_with(".rs") && !name.ends_with(".right.rs") {
                let twin = path.with_extension("right.rs");
                lessons.push((path, twin));
            }
        }
    }
    lessons.sort();
    lessons
}

#[test]
fn lessons_do_not_compile() {
    let cases = trybuild::TestCases::new();
    for (lesson, _) in lessons() {
        cases.compile_fail(lesson);
    }
}

/// Each lesson states its rule first, has a twin, and is explained without the sources of std:
/// whether those are installed must not change a text.
#[test]
fn lessons_are_in_form() {
    let lessons = lessons();
    assert!(lessons.len() >= 100, "only {} lessons", lessons.len());
    for (lesson, twin) in lessons {
        for file in [&lesson, &twin] {
            let text = fs::read_to_string(file).unwrap_or_default();
            assert!(
                text.starts_with("// "),
                "{} does not begin with its rule",
                file.display()
            );
        }
        let stderr = fs::read_to_string(lesson.with_extension("stderr")).unwrap();
        for std in ["$RUST/", "/rustc/"] {
            assert!(
                !stderr.contains(std),
                "{} shows sources of std",
                lesson.display()
            );
        }
    }
}
