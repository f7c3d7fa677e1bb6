//! From tokens to arms.
//!
//! An arm is cut at its first `=>`; what stands before it is read by `head`. A body ends where a
//! `match` arm's would. Nothing here gives up: after a mistake it looks for the next arm.

use super::ast::{Arm, Op, Select};
use super::head;
use crate::diag::{self, Errors};
use crate::habits;
use crate::tokens::is_punct;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::buffer::Cursor;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token};

pub(super) fn parse(input: TokenStream) -> Select {
    let parse = |input: ParseStream| {
        let mut parser = Arms::default();
        let biased = parser.biased(input);
        while !input.is_empty() {
            parser.arm(input);
        }
        Ok(Select {
            biased,
            arms: parser.arms,
            errors: parser.errors,
        })
    };
    parse.parse2(input).unwrap_or_else(|error| {
        let mut errors = Errors::default();
        errors.push(error);
        Select {
            biased: false,
            arms: Vec::new(),
            errors,
        }
    })
}

#[derive(Default)]
struct Arms {
    arms: Vec<Arm>,
    /// The `default` of the first default arm.
    default: Option<TokenStream>,
    errors: Errors,
}

impl Arms {
    /// `biased;` in front of the first arm.
    fn biased(&mut self, input: ParseStream) -> bool {
        let ahead = input.fork();
        let is_biased = matches!(ahead.parse::<Ident>(), Ok(word) if word == "biased");
        if !is_biased || !(ahead.peek(Token![;]) || ahead.peek(Token![,])) {
            return false;
        }
        let separator = ahead.parse::<TokenTree>();
        input.advance_to(&ahead);
        if let Ok(separator) = separator
            && is_punct(&separator, ',')
        {
            self.errors.push(diag::at(separator, diag::SELECT_BIASED));
        }
        true
    }

    /// One arm and the separator after it. Takes at least one token.
    fn arm(&mut self, input: ParseStream) {
        if let Some(error) = go_arm(input) {
            self.push(wrong(error), TokenStream::new());
            return;
        }
        let head = until_fat_arrow(input);
        let op = head::parse(&head);
        let Ok(fat_arrow) = input.parse::<Token![=>]>() else {
            // The end of the input.
            match op {
                Op::Wrong { .. } => self.push(op, TokenStream::new()),
                _ if is_half_typed(&head) => self.push(op, quote!({})),
                _ => {
                    let error = diag::at(quote!(#(#head)*), diag::ARM_FAT_ARROW);
                    self.push(wrong(error), TokenStream::new());
                }
            }
            return;
        };
        if let Op::Default = op {
            self.only_default(&head);
        }
        let body = body(input);
        let Some(body) = body else {
            self.push(
                wrong(diag::at(fat_arrow, diag::SELECT_NO_BODY)),
                TokenStream::new(),
            );
            let _ = input.parse::<Option<Token![,]>>();
            return;
        };
        let ends_with_brace = is_braced(&body);
        match habits::found(&body) {
            Some(error) => self.push(wrong(error), TokenStream::new()),
            None => self.push(op, body),
        }
        self.separator(input, ends_with_brace);
    }

    fn push(&mut self, op: Op, body: TokenStream) {
        self.arms.push(Arm { op, body });
    }

    fn only_default(&mut self, head: &[TokenTree]) {
        let head = quote!(#(#head)*);
        match &self.default {
            None => self.default = Some(head),
            Some(first) => {
                self.errors.push(diag::at(head, diag::SELECT_TWO_DEFAULTS));
                self.errors
                    .push(diag::at(first, diag::SELECT_FIRST_DEFAULT));
            }
        }
    }

    /// `,`, which may be missing after a block.
    fn separator(&mut self, input: ParseStream, ends_with_brace: bool) {
        if input.is_empty() || input.peek(Token![,]) {
            let _ = input.parse::<Option<Token![,]>>();
        } else if let Ok(semi) = input.parse::<Token![;]>() {
            self.errors.push(diag::at(semi, diag::SELECT_SEMI));
        } else if !ends_with_brace && let Ok(token) = input.fork().parse::<TokenTree>() {
            self.errors.push(diag::at(token, diag::SELECT_COMMA));
        }
    }
}

/// `self.` and the like at the end of the input: an editor completes in it if it is kept as it is, and
/// rustc's own message about it is the best one.
fn is_half_typed(head: &[TokenTree]) -> bool {
    head.last()
        .is_some_and(|last| is_punct(last, '.') || is_punct(last, ':'))
}

fn wrong(error: syn::Error) -> Op {
    Op::Wrong {
        error,
        pattern: quote!(_),
    }
}

/// Go's own form: `case v := <-rx:` or `default:` and statements up to the next of them, which
/// are skipped. A `case` before one of our arms is taken alone.
fn go_arm(input: ParseStream) -> Option<syn::Error> {
    let ahead = input.fork();
    let keyword = ahead.parse::<Ident>().ok()?;
    let message = match () {
        _ if keyword == "case" && !ahead.peek(Token![=]) => diag::SELECT_CASE,
        _ if keyword == "default" && ahead.peek(Token![:]) => diag::ARM_DEFAULT,
        _ => return None,
    };
    input.advance_to(&ahead);
    while !input.is_empty() {
        let next = input.fork();
        if matches!(next.parse::<Ident>(), Ok(word) if word == "case" || word == "default") {
            break;
        }
        if input.peek(Token![=>]) {
            let _ = input.parse::<Token![=>]>();
            let _ = body(input);
            let _ = input.parse::<Option<Token![,]>>();
            break;
        }
        let _ = input.parse::<TokenTree>();
    }
    Some(diag::at(keyword, message))
}

fn until_fat_arrow(input: ParseStream) -> Vec<TokenTree> {
    let mut head = Vec::new();
    while !input.is_empty() && !input.peek(Token![=>]) {
        head.extend(input.parse::<TokenTree>());
    }
    head
}

/// The body's own tokens; `None` if there is none. If it is no expression (half-typed, say), the
/// braces or all up to the next comma: rustc will say what is wrong with it.
fn body(input: ParseStream) -> Option<TokenStream> {
    if input.is_empty() || input.peek(Token![,]) {
        return None;
    }
    let start = input.cursor();
    let ahead = input.fork();
    if Expr::parse_with_earlier_boundary_rule(&ahead).is_ok() {
        input.advance_to(&ahead);
    } else if input.peek(syn::token::Brace) {
        let _ = input.parse::<TokenTree>();
    } else {
        while !input.is_empty() && !input.peek(Token![,]) {
            let _ = input.parse::<TokenTree>();
        }
    }
    Some(between(start, input.cursor()))
}

fn between(mut start: Cursor, end: Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    while start != end {
        let Some((token, next)) = start.token_tree() else {
            break;
        };
        token.to_tokens(&mut tokens);
        start = next;
    }
    tokens
}

fn is_braced(body: &TokenStream) -> bool {
    let last = body.clone().into_iter().last();
    matches!(last, Some(TokenTree::Group(group))
        if group.delimiter() == proc_macro2::Delimiter::Brace)
}
