//! The procedural macros of the `goroutines` crate. Use them through `goroutines`, which
//! re-exports them together with the runtime that their expansions call.
//!
//! `go!`, `select!`, `defer!` and `make!` are `macro_rules!` there; they pass `$crate` in front of
//! the user's tokens, so that an expansion finds the runtime under any name and through any
//! re-export. Here each is a function from tokens to tokens in a file of its own; every message is
//! in `diag.rs`.
#![forbid(unsafe_code)]

mod arrow;
mod asked;
mod attr;
mod capture;
mod comma_ok;
mod defer;
mod diag;
mod expressions;
mod go;
mod habits;
mod loops;
mod make;
mod named;
mod operands;
mod select;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod soup;
mod tokens;
mod writes;

use proc_macro::TokenStream;
use proc_macro2::{Delimiter, Span, TokenStream as Tokens, TokenTree};

/// What `goroutines::go!` calls.
#[doc(hidden)]
#[proc_macro]
pub fn go(input: TokenStream) -> TokenStream {
    expand(input, go::expand)
}

/// What `goroutines::select!` calls.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    expand(input, select::expand)
}

/// What `goroutines::defer!` calls.
#[doc(hidden)]
#[proc_macro]
pub fn defer(input: TokenStream) -> TokenStream {
    expand(input, defer::expand)
}

/// What `goroutines::make!` calls.
#[doc(hidden)]
#[proc_macro]
pub fn make(input: TokenStream) -> TokenStream {
    expand(input, make::expand)
}

// Documented at the re-export in `goroutines`, where its examples can run.
#[allow(missing_docs)]
#[proc_macro_attribute]
pub fn goroutine(options: TokenStream, item: TokenStream) -> TokenStream {
    attr::expand(options.into(), item.into()).into()
}

/// Splits `($crate) user's tokens` and expands.
fn expand(input: TokenStream, macro_: fn(&Tokens, Tokens) -> Tokens) -> TokenStream {
    let mut input = Tokens::from(input).into_iter();
    match input.next() {
        Some(TokenTree::Group(krate)) if krate.delimiter() == Delimiter::Parenthesis => {
            macro_(&krate.stream(), input.collect()).into()
        }
        _ => syn::Error::new(Span::call_site(), diag::NOT_DIRECTLY)
            .into_compile_error()
            .into(),
    }
}
