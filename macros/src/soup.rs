//! No input makes a macro panic: random tokens, in the order of a fixed seed.
//!
//! (What the macros answer is not looked at here; see `snapshots.rs` and the lessons in `tests/ui`.)

use proc_macro2::TokenStream;
use quote::quote;

const WORDS: &[&str] = &[
    "<-",
    "<-",
    "=>",
    "=>",
    "=",
    ":=",
    "->",
    ",",
    ",",
    ";",
    ":",
    ".",
    "?",
    "|",
    "||",
    "&",
    "mut",
    "move",
    "else",
    "in",
    "if",
    "let",
    "case",
    "default",
    "biased",
    "async",
    "fn",
    "func",
    "self",
    "Some",
    "None",
    "_",
    "x",
    "rx",
    "tx",
    "recv",
    "send",
    "break",
    "loop",
    "while",
    "for",
    "chan",
    "stack",
    "procs",
    "crate",
    "main",
    "pub",
    "const",
    "extern",
    "#",
    "!",
    "1",
    "\"64KiB\"",
    "'a",
    "i32",
    "+",
    "*",
    "::",
];

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn soup(&mut self, depth: u32) -> String {
        let mut text = String::new();
        for _ in 0..self.below(9) {
            match self.below(if depth == 0 { 5 } else { 8 }) {
                5 => text += &format!("({})", self.soup(depth - 1)),
                6 => text += &format!("[{}]", self.soup(depth - 1)),
                7 => text += &format!("{{{}}}", self.soup(depth - 1)),
                _ => text += WORDS[self.below(WORDS.len())],
            }
            text.push(' ');
        }
        text
    }
}

#[test]
fn no_input_panics() {
    let krate = quote!(goroutines);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..3_000 {
        let text = random.soup(3);
        let Ok(tokens) = text.parse::<TokenStream>() else {
            continue;
        };
        for expand in [
            crate::go::expand,
            crate::select::expand,
            crate::defer::expand,
            crate::make::expand,
        ] {
            let expanded = expand(&krate, tokens.clone());
            assert!(!expanded.is_empty(), "{text}");
        }
        crate::attr::expand(
            tokens.clone(),
            quote!(
                fn f(&self, (a, b): (A, B)) -> R {
                    a
                }
            ),
        );
        crate::attr::expand(TokenStream::new(), quote!(fn main() { #tokens }));
        crate::attr::expand(TokenStream::new(), tokens);
    }
}
