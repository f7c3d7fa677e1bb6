//! The `clippy.toml` that the book has its readers copy: clippy understands it, and warns.

use std::process::Command;

/// Each line has one call that it warns of.
const CALLS: &[(&str, &str)] = &[
    (
        "std::thread::sleep(std::time::Duration::ZERO);",
        "goroutines::time::sleep",
    ),
    ("std::thread::park();", "use a channel"),
    ("std::thread::yield_now();", "goroutines::runtime::gosched"),
    ("std::thread::scope(|_| ());", "goroutines::scope"),
    (
        "let _ = std::thread::current();",
        "goroutines::runtime::goid",
    ),
    (
        "let _ = std::io::stdout().lock();",
        "goroutines::os::stdout()",
    ),
    ("rand::rng();", "used by two threads at once"),
    ("pollster::block_on(());", "goroutines::block_on"),
];

#[test]
fn the_books_clippy_toml_warns() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../book/yours");
    let driver = Command::new("clippy-driver").arg("--version").output();
    if !driver.is_ok_and(|version| version.status.success()) {
        eprintln!("skipped: there is no clippy-driver here");
        return;
    }
    let out = std::env::temp_dir().join(format!("goroutines-clippy-{}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    let run = |name: &str, text: &str, externs: &[&str]| {
        let source = out.join(format!("{name}.rs"));
        std::fs::write(&source, text).unwrap();
        let mut clippy = Command::new("clippy-driver");
        clippy.args(["--edition=2024", "--crate-type=lib", "--crate-name", name]);
        clippy.arg("--out-dir").arg(&out).arg("-L").arg(&out);
        for krate in externs {
            clippy.args(["--extern", krate]);
        }
        let output = clippy
            .arg(&source)
            .env("CLIPPY_CONF_DIR", folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:#?}");
        String::from_utf8(output.stderr).unwrap()
    };
    // Stand-ins, with the names that matter.
    assert_eq!(run("rand", "pub fn rng() {}", &[]), "");
    assert_eq!(run("pollster", "pub fn block_on(_: ()) {}", &[]), "");
    let body: String = CALLS
        .iter()
        .map(|(call, _)| format!("    {call}\n"))
        .collect();
    let said = run(
        "user",
        &format!("pub fn user() {{\n{body}}}\n"),
        &["rand", "pollster"],
    );
    std::fs::remove_dir_all(&out).unwrap();
    for (i, (call, advice)) in CALLS.iter().enumerate() {
        let place = format!("user.rs:{}:", i + 2);
        let warning = said.split("\n\n").find(|part| part.contains(&place));
        let warning = warning.unwrap_or_else(|| panic!("nothing about `{call}` in\n{said}"));
        assert!(warning.contains("use of a disallowed method"), "{warning}");
        assert!(warning.contains(advice), "{warning}");
    }
    assert!(!said.contains("error"), "{said}");
}

/// What the two editions show is the file.
#[test]
fn the_pages_show_the_file() {
    let file = include_str!("../book/yours/clippy.toml");
    let english = include_str!("../book/src/soundness.md");
    let chinese = include_str!("../book/zh/pages/soundness.md");
    assert!(english.contains(file) && chinese.contains(file));
}
