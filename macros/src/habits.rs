//! Go's words in the code of a goroutine: what a Go programmer types out of habit, and rustc would
//! answer with a remark about tokens.
//!
//! Only what no Rust program can contain is looked for (two words side by side, `:=`), so no correct program is
//! corrected. Arguments of macro calls are not looked at: they have their own language. In a `#[goroutine]` function
//! rustc has its say first, since it reads a function before its attributes; what it could not read it hands over all
//! the same, and our message comes second.
//!
//! Called by `go.rs`, `defer.rs`, `select/` and `attr/`, before they parse.

use crate::arrow;
use crate::diag;
use crate::tokens::{is_macro_call, is_punct, is_word, starts_with};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::Error;

/// The first thing in ordinary code that is Go's and not Rust's: an arrow, or a habit.
pub(crate) fn found(code: &TokenStream) -> Option<Error> {
    // The habit first: `case v := <-rx:` is about `case`, not about its arrow.
    first(code).or_else(|| arrow::stray(code))
}

fn first(code: &TokenStream) -> Option<Error> {
    let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        let (before, from) = (&tokens[..i], &tokens[i..]);
        if let Some(error) = here(before, from) {
            return Some(error);
        }
        if let TokenTree::Group(group) = token
            && !is_macro_call(before)
            && let Some(error) = first(&group.stream())
        {
            return Some(error);
        }
    }
    None
}

/// A habit that begins with the first of `from`.
fn here(before: &[TokenTree], from: &[TokenTree]) -> Option<Error> {
    if starts_with(from, [':', '=']) {
        let walrus = &from[..2];
        return Some(diag::at(quote!(#(#walrus)*), diag::WALRUS));
    }
    let [TokenTree::Ident(word), next, ..] = from else {
        return None;
    };
    let message = message(word, next, before, from)?;
    Some(diag::at(word, message))
}

fn message(
    word: &Ident,
    next: &TokenTree,
    before: &[TokenTree],
    from: &[TokenTree],
) -> Option<&'static str> {
    let named = is_name(next);
    let braces = is_group(next, Delimiter::Brace);
    let begins = begins_statement(before);
    match word.to_string().as_str() {
        "for" if braces => Some(diag::FOR_EVER),
        "for"
            if header_has(from, |rest| {
                starts_with(rest, [':', '=']) && rest.iter().take(4).any(|t| is_word(t, "range"))
            }) =>
        {
            Some(diag::FOR_RANGE)
        }
        "for" if !is_punct(next, '<') && header_has(from, |rest| is_punct(&rest[0], ';')) => {
            Some(diag::FOR_COUNT)
        }
        "for"
            if named
                && is_punct(from.get(2)?, ',')
                && header_has(from, |rest| is_word(&rest[0], "in")) =>
        {
            Some(diag::FOR_PAIR)
        }
        "go" if named && begins => Some(diag::GO_STATEMENT),
        "defer" if named && begins => Some(diag::DEFER_STATEMENT),
        "func" if named || begins && is_parenthesis(next) && braces_follow(from) => {
            Some(diag::FUNC)
        }
        "var" if named => Some(diag::VAR),
        "switch" if named || braces && begins => Some(diag::SWITCH),
        "select" if braces && begins => Some(diag::SELECT_STATEMENT),
        "range" if named => Some(diag::FOR_RANGE),
        "make" if is_parenthesis(next) && holds_chan(next) => Some(diag::MAKE_CALL),
        _ => None,
    }
}

/// A word that could be a name. (`x as T`, `for x in y` and `x if y =>` are Rust.)
fn is_name(token: &TokenTree) -> bool {
    let TokenTree::Ident(word) = token else {
        return false;
    };
    !["as", "in", "if", "else", "where"]
        .iter()
        .any(|keyword| word == keyword)
}

/// Whether a statement may begin after `before`.
fn begins_statement(before: &[TokenTree]) -> bool {
    match before.last() {
        None => true,
        Some(last) => is_punct(last, ';') || is_group(last, Delimiter::Brace),
    }
}

/// Whether the header of a loop, up to its braces, holds something.
fn header_has(from: &[TokenTree], what: impl Fn(&[TokenTree]) -> bool) -> bool {
    let end = from.iter().position(|t| is_group(t, Delimiter::Brace));
    (1..end.unwrap_or(0)).any(|i| what(&from[i..]))
}

/// `func(..) { .. }` or `func(..) T { .. }`.
fn braces_follow(from: &[TokenTree]) -> bool {
    from.iter()
        .skip(2)
        .take(2)
        .any(|t| is_group(t, Delimiter::Brace))
}

fn holds_chan(group: &TokenTree) -> bool {
    let TokenTree::Group(group) = group else {
        return false;
    };
    let first = group.stream().into_iter().next();
    first.is_some_and(|token| is_word(&token, "chan"))
}

fn is_parenthesis(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Parenthesis)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}
