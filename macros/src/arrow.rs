//! The arrow `<-`, which is one token to rustc and legal in no Rust program.
//!
//! A proc macro sees it as `<` glued to `-`; `a < -b` is not glued. No parser of Rust expressions
//! can be trusted with it, so the arrow is looked for before anything is parsed.
//!
//! Called by `habits.rs` and `select/`.

use crate::diag;
use crate::tokens::{is_macro_call, is_punct, starts_with};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::Error;

/// `<-`
pub(crate) const ARROW: [char; 2] = ['<', '-'];

/// An error at the first arrow in ordinary code, if there is one. Arguments of macro calls are
/// not looked at: they have their own language (`select!`).
pub(crate) fn stray(code: &TokenStream) -> Option<Error> {
    let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        if starts_with(&tokens[i..], ARROW) {
            let arrow = &tokens[i..i + 2];
            let sends = i > 0 && ends_value(&tokens[i - 1]);
            let message = if sends {
                diag::STRAY_SEND
            } else {
                diag::STRAY_RECV
            };
            return Some(diag::at(quote!(#(#arrow)*), message));
        }
        if let TokenTree::Group(group) = token
            && !is_macro_call(&tokens[..i])
            && let Some(error) = stray(&group.stream())
        {
            return Some(error);
        }
    }
    None
}

/// Whether a value can end with `token`, so that an arrow after it would be a send.
fn ends_value(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(ident) => ident != "return" && ident != "in" && ident != "break",
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
        TokenTree::Punct(_) => is_punct(token, '?'),
    }
}
