//! Small questions about tokens, asked by several macros.

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};

/// Where `tokens` begin.
pub(crate) fn first_span(tokens: &TokenStream) -> Span {
    let first = tokens.clone().into_iter().next();
    first.map_or(Span::call_site(), |token| token.span())
}

/// Where `tokens` end.
pub(crate) fn last_span(tokens: &TokenStream) -> Span {
    let last = tokens.clone().into_iter().last();
    last.map_or(Span::call_site(), |token| token.span())
}

pub(crate) fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

pub(crate) fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Whether `tokens` begin with the operator `text` of two characters, which must be glued.
pub(crate) fn starts_with(tokens: &[TokenTree], text: [char; 2]) -> bool {
    matches!(tokens, [TokenTree::Punct(a), TokenTree::Punct(b), ..]
        if [a.as_char(), b.as_char()] == text && a.spacing() == Spacing::Joint)
}

/// Where the first glued `text` stands, not looking into brackets.
pub(crate) fn find(tokens: &[TokenTree], text: [char; 2]) -> Option<usize> {
    (0..tokens.len()).find(|&i| starts_with(&tokens[i..], text))
}

/// Whether a bracket after these tokens has a language of its own: the arguments of a macro, `name!`, or the
/// rules of one, `macro_rules! name`.
pub(crate) fn is_macro_call(before: &[TokenTree]) -> bool {
    let before = match before {
        [rest @ .., TokenTree::Ident(_)] => rest,
        all => all,
    };
    matches!(before, [.., TokenTree::Ident(_), bang] if is_punct(bang, '!'))
}

/// A macro's last argument may be followed by a comma.
pub(crate) fn without_last_comma(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.pop_if(|last| is_punct(last, ','));
    tokens.into_iter().collect()
}

/// All words and literals of `tokens`, those in brackets, too.
pub(crate) fn words(tokens: &TokenStream) -> Vec<String> {
    fn collect(tokens: TokenStream, all: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => all.push(word.to_string()),
                TokenTree::Literal(literal) => all.push(literal.to_string()),
                TokenTree::Group(group) => collect(group.stream(), all),
                TokenTree::Punct(_) => {}
            }
        }
    }
    let mut all = Vec::new();
    collect(tokens.clone(), &mut all);
    all
}
