//! `defer!`: statements that run at the end of the enclosing block.
//!
//! Expands to a `let` whose value runs the statements when it is dropped. What they name is
//! borrowed until then. With a capture list the value owns the clones (handed to the closure as
//! arguments) and still borrows the rest.
//!
//! As the last thing in a block and without `;`, `defer!(x)` would have to be an expression, which a
//! `let` is not, and no macro can tell where it stands. In front of the `let` stands an item that
//! does nothing but be in the way there: a `macro_rules!` whose name rustc then prints, once, as the
//! token that it did not expect.

use crate::capture::Captures;
use crate::diag::{self, Errors};
use crate::habits;
use crate::operands;
use crate::tokens::without_last_comma;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::Parser;
use syn::{Block, Expr, Stmt};

/// Expands the tokens between the brackets of `defer!`.
pub(crate) fn expand(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (captures, code) = Captures::take(input, &mut errors);
    let statements = statements(without_last_comma(code), &mut errors);
    let statements = operands::checked(krate, statements, None);
    let run = if captures.is_present() {
        let (patterns, values) = (captures.patterns(), captures.values(krate));
        quote_spanned! {Span::mixed_site()=>
            #krate::__private::bind((#values), |(#patterns)| { #statements })
        }
    } else {
        quote_spanned!(Span::mixed_site()=> || { #statements })
    };
    quote_spanned! {Span::mixed_site()=>
        macro_rules! _defer_needs_a_semicolon_after_it { () => {} }
        #errors
        let _deferred = #krate::__private::Defer::new(#run);
    }
}

/// What is to be run, as statements: the last value is dropped as after a `;`.
fn statements(code: TokenStream, errors: &mut Errors) -> TokenStream {
    if code.is_empty() {
        errors.push(syn::Error::new(Span::call_site(), diag::DEFER_NEEDS));
        return code;
    }
    if let Some(error) = habits::found(&code) {
        errors.push(error);
        return TokenStream::new();
    }
    let Ok(parsed) = Block::parse_within.parse2(code.clone()) else {
        return code;
    };
    match &parsed[..] {
        [Stmt::Expr(Expr::Closure(closure), None)] => {
            errors.push(diag::at(closure, diag::DEFER_CLOSURE));
        }
        [Stmt::Expr(value @ (Expr::Path(_) | Expr::Lit(_)), None)] => {
            errors.push(diag::at(value, diag::DEFER_NEEDS));
        }
        _ => {}
    }
    match parsed.last() {
        Some(
            Stmt::Expr(_, None)
            | Stmt::Macro(syn::StmtMacro {
                semi_token: None, ..
            }),
        ) => {
            quote_spanned!(Span::mixed_site()=> #code;)
        }
        _ => code,
    }
}
