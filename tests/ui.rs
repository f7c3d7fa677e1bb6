//! The compile-fail tests, written as lessons.
//!
//! `ui/TOPIC/NN_name.rs` is a small program that must not compile; its first comment states the
//! rule, and `NN_name.stderr` is what the compiler says. `NN_name.right.rs` beside it, its twin, shows
//! the right way; `twins.rs` runs them.
//!
//! Every message of the macros (`macros/src/diag.rs`) has a lesson. The other texts are rustc's for the toolchain in `rust-toolchain.toml`. After a change, look at them
//! and accept them with `TRYBUILD=overwrite cargo test -p tests --test ui`.

use proc_macro2::{TokenStream, TokenTree};
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

/// Each message of `diag.rs` is what some lesson shows.
#[test]
fn every_message_has_a_lesson() {
    let diag = Path::new(env!("CARGO_MANIFEST_DIR")).join("../macros/src/diag.rs");
    let diag: TokenStream = fs::read_to_string(diag).unwrap().parse().unwrap();
    let shown: String = lessons()
        .iter()
        .map(|(lesson, _)| fs::read_to_string(lesson.with_extension("stderr")).unwrap())
        .collect();
    let tokens: Vec<TokenTree> = diag.into_iter().collect();
    let mut messages = 0;
    for window in tokens.windows(7) {
        // const NAME : & str = "message"
        let [
            TokenTree::Ident(word),
            TokenTree::Ident(name),
            ..,
            TokenTree::Literal(text),
        ] = window
        else {
            continue;
        };
        // Only a crate that names `goroutines-macros` itself can get this one.
        if word != "const" || name == "NOT_DIRECTLY" {
            continue;
        }
        let text = text.to_string();
        let text = text[1..text.len() - 1].replace("\\\"", "\"");
        assert!(shown.contains(&text), "no lesson shows {name}: {text}");
        messages += 1;
    }
    assert!(messages > 50, "only {messages} messages found");
}
