//! What the packages ask of others: versions beside which there is room for newer ones, and no provider of
//! cryptography that nobody has asked for.

use std::path::Path;

fn manifest(of: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(top.join(of).join("Cargo.toml")).unwrap()
}

#[test]
fn no_version_is_pinned() {
    for of in [".", "runtime", "macros"] {
        for line in manifest(of).lines() {
            let pinned = line.contains("\"=") || line.contains("\"<") || line.contains(", <");
            assert!(!pinned, "{of}/Cargo.toml: {line}");
        }
    }
}

/// rustls comes with the provider that the program has chosen, or `tls-ring`.
#[test]
fn no_provider_is_forced() {
    let (workspace, runtime) = (manifest("."), manifest("runtime"));
    let line = |text: &str, begins: &str| {
        let found = text.lines().find(|line| line.starts_with(begins));
        found
            .unwrap_or_else(|| panic!("no line {begins:?}"))
            .to_owned()
    };
    let asked = line(&workspace, "rustls = ");
    assert!(asked.contains("default-features = false"), "{asked}");
    for asked in [asked, line(&runtime, "rustls = "), line(&runtime, "tls = ")] {
        for provider in ["ring", "aws"] {
            assert!(!asked.contains(provider), "{asked}");
        }
    }
}
