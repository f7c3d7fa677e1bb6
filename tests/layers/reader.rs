//! Reads the paths that a source file names.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) enum Found {
    /// A path inside the runtime, from the crate's root.
    Inner(Vec<String>),
    /// A path into one of the crates of [`KEPT`](super::KEPT).
    Outer(String),
}

/// Every import of a file, whose module is `module`.
pub(crate) fn imports(file: &Path, module: &[String]) -> Vec<(usize, Found)> {
    let text = fs::read_to_string(file).unwrap();
    let tokens: TokenStream = text
        .parse()
        .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    paths(tokens, module)
}

#[test]
fn the_reader_of_paths_reads_paths() {
    let text = r#"
        use crate::{chan::{self, Chan}, sched};
        use super::park;
        // crate::http is only a comment
        fn f() { let _ = "crate::http"; some_macro!(crate::sync::Mutex); libc::read(); }
        mod inner { use super::super::sys; }
        #[cfg(test)] mod tests { use crate::http; }
        macro_rules! m { () => { $crate::net::dial() } }
    "#;
    let module = ["sched".to_string(), "spawn".to_string()];
    let mut found: Vec<_> = paths(text.parse().unwrap(), &module)
        .into_iter()
        .map(|(_, p)| match p {
            Found::Inner(p) => p.join("::"),
            Found::Outer(k) => format!("extern {k}"),
        })
        .collect();
    found.sort();
    let want = [
        "chan::Chan",
        "chan::self",
        "extern libc",
        "sched",
        "sched::park",
        "sched::sys",
        "sync::Mutex",
    ];
    assert_eq!(found, want);
}

pub(crate) fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// `sched/park.rs` is `sched::park`, `sched/mod.rs` is `sched`, `lib.rs` the empty path.
pub(crate) fn module_of(root: &Path, file: &Path) -> Vec<String> {
    let path = file.strip_prefix(root).unwrap().with_extension("");
    let mut parts: Vec<String> = path
        .iter()
        .map(|p| p.to_str().unwrap().to_string())
        .collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

/// Every `crate::`, `super::` and kept crate's path in `tokens`, with its line.
fn paths(tokens: TokenStream, module: &[String]) -> Vec<(usize, Found)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut i = 0;
    let mut for_tests = false;
    while i < tokens.len() {
        let TokenTree::Ident(word) = &tokens[i] else {
            if let TokenTree::Group(g) = &tokens[i] {
                for_tests |= g.delimiter() == Delimiter::Bracket
                    && g.stream().to_string().replace(' ', "") == "cfg(test)";
                found.extend(paths(g.stream(), module));
            }
            i += 1;
            continue;
        };
        let line = word.span().start().line;
        let word = word.to_string();
        let after_dollar = i > 0 && is_punct(&tokens[i - 1], '$');
        let after_colons = i > 0 && is_punct(&tokens[i - 1], ':') && starts_path(&tokens, i) < i;
        match word.as_str() {
            "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                    (tokens.get(i + 1), tokens.get(i + 2))
                {
                    if !for_tests {
                        let mut inner = module.to_vec();
                        inner.push(name.to_string());
                        found.extend(paths(body.stream(), &inner));
                    }
                    i += 2;
                }
                for_tests = false;
            }
            "crate" if !after_dollar && !after_colons => {
                i += 1;
                tree(&tokens, &mut i, Vec::new(), &mut |p| {
                    found.push((line, Found::Inner(p)));
                });
                continue;
            }
            "super" if !after_colons => {
                let mut at = module.to_vec();
                at.pop();
                i += 1;
                while colons(&tokens, i) && is_word(tokens.get(i + 2), "super") {
                    at.pop();
                    i += 3;
                }
                tree(&tokens, &mut i, at, &mut |p| {
                    found.push((line, Found::Inner(p)));
                });
                continue;
            }
            w if !after_colons
                && colons(&tokens, i + 1)
                && super::KEPT.iter().any(|(k, _)| *k == w) =>
            {
                found.push((line, Found::Outer(word)));
            }
            "fn" | "struct" | "enum" | "impl" | "use" | "static" | "const" => for_tests = false,
            _ => {}
        }
        i += 1;
    }
    found
}

/// Follows `::a::b` and `::{a, b::c}` from `tokens[*i]`, which is just after the path's first word.
fn tree(
    tokens: &[TokenTree],
    i: &mut usize,
    mut at: Vec<String>,
    emit: &mut dyn FnMut(Vec<String>),
) {
    while colons(tokens, *i) {
        match tokens.get(*i + 2) {
            Some(TokenTree::Ident(name)) => {
                at.push(name.to_string());
                *i += 3;
            }
            Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = g.stream().into_iter().collect();
                let mut j = 0;
                while j < inner.len() {
                    let mut path = at.clone();
                    if let TokenTree::Ident(name) = &inner[j] {
                        path.push(name.to_string());
                    }
                    j += 1;
                    tree(&inner, &mut j, path, emit);
                    while j < inner.len() && !is_punct(&inner[j], ',') {
                        j += 1; // `as name`
                    }
                    j += 1;
                }
                *i += 3;
                return;
            }
            _ => break,
        }
    }
    emit(at);
}

fn colons(tokens: &[TokenTree], i: usize) -> bool {
    [i, i + 1]
        .iter()
        .all(|&j| tokens.get(j).is_some_and(|t| is_punct(t, ':')))
}

/// Where the path that `tokens[i]` belongs to begins: `i` itself when nothing stands before `::`.
fn starts_path(tokens: &[TokenTree], i: usize) -> usize {
    if i >= 3 && colons(tokens, i - 2) && matches!(tokens[i - 3], TokenTree::Ident(_)) {
        i - 3
    } else {
        i
    }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == c)
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(i)) if i == word)
}
