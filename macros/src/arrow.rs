//! The arrow `<-`, which is one token to rustc and legal in no Rust program.
//!
//! A proc macro sees it as `<` glued to `-`; `a < -b` is not glued. No parser of Rust expressions
//! can be trusted with it, so the arrow is looked for before anything is parsed.
//!
//! Called by `go.rs`, `defer.rs` and `select/`.

use crate::diag;
use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;
use syn::Error;

/// Whether `tokens` begin with the two-character operator `text` whose characters are glued.
pub(crate) fn starts_with(tokens: &[TokenTree], text: &str) -> bool {
    let mut chars = text.chars();
    let (Some(a), Some(b)) = (chars.next(), chars.next()) else {
        return false;
    };
    matches!(tokens, [TokenTree::Punct(x), TokenTree::Punct(y), ..]
        if x.as_char() == a && x.spacing() == Spacing::Joint && y.as_char() == b)
}

/// Where the first glued `text` stands, not looking into brackets.
pub(crate) fn find(tokens: &[TokenTree], text: &str) -> Option<usize> {
    (0..tokens.len()).find(|&i| starts_with(&tokens[i..], text))
}

/// An error at the first arrow in ordinary code, if there is one. Arguments of macro calls are
/// not looked at: they have their own language (`select!`).
pub(crate) fn stray(code: &TokenStream) -> Option<Error> {
    let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        if starts_with(&tokens[i..], "<-") {
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
        TokenTree::Punct(punct) => punct.as_char() == '?',
    }
}

/// Whether a bracket after these tokens holds the arguments of a macro: `name!`.
fn is_macro_call(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(_), TokenTree::Punct(bang)] if bang.as_char() == '!')
}
