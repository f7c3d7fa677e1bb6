//! The head of one arm, what stands before `=>`: a receive, a send, `default`, or a mistake that
//! has a message of its own.

use super::ast::{Binding, Op, Value};
use crate::arrow::{self, ARROW};
use crate::diag;
use crate::tokens::{find, is_punct, is_word, starts_with};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Pat, Token, Type};

const THIN_ARROW: [char; 2] = ['-', '>'];

type Head<'a> = &'a [TokenTree];

pub(super) fn parse(head: Head) -> Op {
    match arm(head) {
        Ok(op) => op,
        Err(error) => Op::Wrong {
            error,
            pattern: recovered_pattern(head),
        },
    }
}

fn arm(head: Head) -> Result<Op, Error> {
    match head {
        [] => Err(Error::new(
            proc_macro2::Span::call_site(),
            diag::ARM_UNKNOWN,
        )),
        [word] if is_word(word, "default") => Ok(Op::Default),
        [word] if is_word(word, "_") || is_word(word, "else") => {
            Err(diag::at(word, diag::ARM_DEFAULT))
        }
        [hash, TokenTree::Group(_), ..] if is_punct(hash, '#') => {
            Err(diag::at(tokens(&head[..2]), diag::SELECT_ATTRIBUTE))
        }
        [word, ..] if is_word(word, "let") => Err(diag::at(word, diag::ARM_LET)),
        _ => match (awaits(head), find(head, ARROW)) {
            (Some(at), _) => awaited(&head[..at], &head[at..]),
            (None, Some(at)) => operation(&head[..at], &head[at + 2..], &head[at..at + 2]),
            (None, None) => Err(without_arrow(head)),
        },
    }
}

/// `left <- right`
fn operation(left: Head, right: Head, arrow: Head) -> Result<Op, Error> {
    let (pattern, equals) = match left {
        [] => return recv(None, right, arrow),
        [pattern @ .., equals] if is_punct(equals, '=') => (pattern, equals),
        _ => return send(left, right, arrow),
    };
    if let Some(comma) = comma_ok(pattern) {
        return Err(diag::at(tokens(comma), diag::RECV_COMMA_OK));
    }
    match pattern {
        [] => Err(diag::at(equals, diag::RECV_NO_PATTERN)),
        [.., colon] if is_punct(colon, ':') => {
            Err(diag::at(quote!(#colon #equals), diag::RECV_WALRUS))
        }
        _ => recv(Some(pattern), right, arrow),
    }
}

/// `, ok` of Go's `v, ok`.
fn comma_ok(pattern: Head) -> Option<Head> {
    let at = pattern.iter().position(|token| is_punct(token, ','))?;
    let end = pattern
        .iter()
        .position(|token| is_punct(token, ':'))
        .unwrap_or(pattern.len());
    pattern.get(at..end.max(at + 1))
}

// Arms that wait for a future.

/// Where the word `await` stands that begins one.
fn awaits(head: Head) -> Option<usize> {
    let begins = |at: usize| at == 0 || is_punct(&head[at - 1], '=');
    (0..head.len()).find(|&at| is_word(&head[at], "await") && begins(at))
}

fn awaited(left: Head, right: Head) -> Result<Op, Error> {
    let [word, future @ ..] = right else {
        return Err(without_arrow(left));
    };
    if future.is_empty() {
        return Err(diag::at(word, diag::AWAIT_NO_FUTURE));
    }
    if starts_with(future, ARROW) {
        return Err(diag::at(tokens(&future[..2]), diag::AWAIT_RECV));
    }
    let pattern = match left {
        [] => None,
        [equals] => return Err(diag::at(equals, diag::RECV_NO_PATTERN)),
        [pattern @ .., _] => Some(pattern),
    };
    let (future, binding) = bound(pattern, future, matches_any_value)?;
    Ok(Op::Await { future, binding })
}

// Receive arms.

fn recv(pattern: Option<Head>, right: Head, arrow: Head) -> Result<Op, Error> {
    if right.is_empty() {
        return Err(diag::at(tokens(arrow), diag::RECV_NO_CHANNEL));
    }
    if starts_with(right, ARROW) {
        return Err(diag::at(tokens(&right[..2]), diag::RECV_TWICE));
    }
    let (channel, binding) = bound(pattern, right, matches_all)?;
    Ok(Op::Recv { channel, binding })
}

/// Where a value is awaited from, and what is done with it.
fn bound(
    pattern: Option<Head>,
    right: Head,
    irrefutable: fn(&Pat) -> bool,
) -> Result<(TokenStream, Binding), Error> {
    no_stray_arrow(right)?;
    let (source, rest) = expression(right);
    let otherwise = match rest {
        [] => None,
        [word, otherwise @ ..] if is_word(word, "else") => Some((word, otherwise)),
        [comma, word, ..] if is_punct(comma, ',') && is_word(word, "if") => {
            return Err(diag::at(word, diag::ARM_IF));
        }
        [word, ..] if is_word(word, "if") => return Err(diag::at(word, diag::ARM_IF)),
        rest if starts_with(rest, THIN_ARROW) => {
            return Err(diag::at(tokens(rest), diag::RECV_THIN_ARROW));
        }
        [first, ..] => return Err(diag::at(first, diag::ARM_FAT_ARROW)),
    };
    let binding = match pattern {
        None => Left::Ignore,
        Some(pattern) => left(pattern, irrefutable)?,
    };
    let binding = match (binding, otherwise) {
        (_, Some((word, []))) => return Err(diag::at(word, diag::RECV_ELSE_EMPTY)),
        (Left::Ignore, None) => Binding::Ignore,
        (Left::Irrefutable { pattern, ty }, None) => Binding::Irrefutable { pattern, ty },
        (Left::Refutable { pattern }, Some((_, otherwise))) => Binding::Refutable {
            pattern,
            otherwise: tokens(otherwise),
        },
        (Left::Refutable { pattern }, None) => {
            return Err(diag::at(&pattern, &diag::recv_refutable(&pattern)));
        }
        (_, Some((word, otherwise))) => {
            let unused = quote!(#word #(#otherwise)*);
            return Err(diag::at(unused, diag::RECV_ELSE_UNUSED));
        }
    };
    Ok((source, binding))
}

/// What stands before the `=` of a receive.
enum Left {
    Ignore,
    Irrefutable {
        pattern: TokenStream,
        ty: Option<TokenStream>,
    },
    Refutable {
        pattern: TokenStream,
    },
}

fn left(head: Head, irrefutable: fn(&Pat) -> bool) -> Result<Left, Error> {
    let parse = |input: ParseStream| {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let ty = match input.parse::<Option<Token![:]>>()? {
            Some(_) => Some(input.parse::<Type>()?.into_token_stream()),
            None => None,
        };
        if let Ok(word) = input.parse::<Token![if]>() {
            return Err(diag::at(word, diag::ARM_IF));
        }
        Ok((pattern, ty))
    };
    let (pattern, ty) = parse.parse2(tokens(head))?;
    let text = match &pattern {
        Pat::Or(_) => quote!((#pattern)),
        pattern => pattern.to_token_stream(),
    };
    Ok(match pattern {
        Pat::Wild(_) if ty.is_none() => Left::Ignore,
        pattern if irrefutable(&pattern) => Left::Irrefutable { pattern: text, ty },
        _ => Left::Refutable { pattern: text },
    })
}

/// Whether a pattern surely matches every value. A capitalised name is a constant or a variant.
fn matches_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Paren(inner) => matches_all(&inner.pat),
        Pat::Ident(ident) => {
            let name = ident.ident.to_string();
            let variable = !name.starts_with(char::is_uppercase);
            variable
                && ident
                    .subpat
                    .as_ref()
                    .is_none_or(|(_, inner)| matches_all(inner))
        }
        _ => false,
    }
}

/// [`matches_all`] for a value that is no `Option`: a tuple may match, too.
fn matches_any_value(pattern: &Pat) -> bool {
    match pattern {
        Pat::Rest(_) => true,
        Pat::Paren(inner) => matches_any_value(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(matches_any_value),
        pattern => matches_all(pattern),
    }
}

// Send arms.

fn send(left: Head, right: Head, arrow: Head) -> Result<Op, Error> {
    if left.iter().any(|token| is_punct(token, '=')) {
        return Err(diag::at(tokens(left), diag::SEND_RESULT));
    }
    if right.is_empty() {
        return Err(diag::at(tokens(arrow), diag::SEND_NO_VALUE));
    }
    if starts_with(right, ARROW) {
        return Err(diag::at(tokens(right), diag::SEND_RECV));
    }
    no_stray_arrow(left)?;
    no_stray_arrow(right)?;
    let (slot, operand) = match right {
        [word] if is_word(word, "move") => return Err(diag::at(word, diag::SEND_NO_SLOT)),
        // `move |..| ..` is a closure to send.
        [word, next, ..] if is_word(word, "move") && !is_punct(next, '|') => (true, &right[1..]),
        _ => (false, right),
    };
    let (value, rest) = expression(operand);
    match rest {
        [] => {}
        rest if starts_with(rest, THIN_ARROW) => {
            return Err(diag::at(tokens(&rest[..2]), diag::SEND_THIN_ARROW));
        }
        [word, ..] if is_word(word, "else") => return Err(diag::at(word, diag::SEND_ELSE)),
        [word, ..] if is_word(word, "if") => return Err(diag::at(word, diag::ARM_IF)),
        [comma, word, ..] if is_punct(comma, ',') && is_word(word, "if") => {
            return Err(diag::at(word, diag::ARM_IF));
        }
        [first, ..] => return Err(diag::at(first, diag::SEND_REST)),
    }
    let value = match slot {
        true => Value::Slot(value),
        false => Value::Expr(value),
    };
    Ok(Op::Send {
        channel: tokens(left),
        value,
    })
}

// No arrow at all.

fn without_arrow(head: Head) -> Error {
    if let Some(at) = spaced_arrow(head) {
        let message = match &head[..at] {
            [] => diag::RECV_SPACE,
            [.., last] if is_punct(last, '=') => diag::RECV_SPACE,
            _ => diag::SEND_SPACE,
        };
        return diag::at(tokens(&head[at..at + 2]), message);
    }
    if let [word, TokenTree::Group(group), ..] = head
        && group.delimiter() == Delimiter::Parenthesis
    {
        match () {
            _ if is_word(word, "recv") => return diag::at(tokens(head), diag::ARM_CROSSBEAM_RECV),
            _ if is_word(word, "send") => return diag::at(tokens(head), diag::ARM_CROSSBEAM_SEND),
            _ if is_word(word, "default") => {
                return diag::at(tokens(head), diag::ARM_DEFAULT_TIMEOUT);
            }
            _ => {}
        }
    }
    if let [word, next, ..] = head
        && is_word(word, "default")
    {
        return diag::at(next, diag::ARM_DEFAULT);
    }
    if let Some(at) = head.iter().position(|token| is_punct(token, '=')) {
        return match &head[..at] {
            [.., colon] if is_punct(colon, ':') => {
                diag::at(tokens(&head[at - 1..=at]), diag::RECV_WALRUS)
            }
            _ if at + 1 == head.len() => diag::at(&head[at], diag::RECV_NO_CHANNEL),
            _ => diag::at(tokens(&head[at + 1..]), diag::RECV_NO_ARROW),
        };
    }
    match head {
        [.., dot, method, TokenTree::Group(_)] if is_punct(dot, '.') && is_word(method, "send") => {
            diag::at(tokens(head), diag::SEND_NO_ARROW)
        }
        [.., dot, method, TokenTree::Group(_)] if is_punct(dot, '.') && is_word(method, "recv") => {
            diag::at(tokens(head), diag::RECV_NO_ARROW)
        }
        _ => diag::at(tokens(head), diag::ARM_UNKNOWN),
    }
}

/// `< -`
fn spaced_arrow(head: Head) -> Option<usize> {
    head.windows(2)
        .position(|pair| is_punct(&pair[0], '<') && is_punct(&pair[1], '-'))
}

// Tools.

/// The names that a wrong arm would have bound, so that its body is still understood.
fn recovered_pattern(head: Head) -> TokenStream {
    let end = |token: &TokenTree| is_punct(token, '=') || is_punct(token, ':');
    let before = match head {
        [word, rest @ ..] if is_word(word, "let") => rest,
        [hash, TokenTree::Group(_), rest @ ..] if is_punct(hash, '#') => rest,
        _ => head,
    };
    let crossbeam = find(head, THIN_ARROW).map(|at| &head[at + 2..]);
    let left = match before.iter().position(end) {
        Some(at) => &before[..at],
        None => crossbeam.unwrap_or_default(),
    };
    let names: Vec<_> = left
        .split(|token| is_punct(token, ','))
        .map(tokens)
        .collect();
    let pattern = match &names[..] {
        [one] if !one.is_empty() => one.clone(),
        [_] => quote!(_),
        several => quote!((#(#several),*)),
    };
    match Pat::parse_single.parse2(pattern.clone()) {
        Ok(_) => pattern,
        Err(_) => quote!(_),
    }
}

/// The expression that `operand` begins with, and what follows it. Something that is no expression
/// (half-typed) counts as one: rustc will say what is wrong with it.
fn expression(operand: Head) -> (TokenStream, Head) {
    let parse = |input: ParseStream| {
        let ahead = input.fork();
        ahead.parse::<Expr>()?;
        input.advance_to(&ahead);
        let rest: TokenStream = input.parse()?;
        Ok(rest.into_iter().count())
    };
    let rest = parse.parse2(tokens(operand)).unwrap_or(0);
    let (value, rest) = operand.split_at(operand.len() - rest);
    (tokens(value), rest)
}

/// An operand is ordinary code, in which the arrow has no meaning.
fn no_stray_arrow(operand: Head) -> Result<(), Error> {
    arrow::stray(&tokens(operand)).map_or(Ok(()), Err)
}

fn tokens(head: Head) -> TokenStream {
    head.iter().cloned().collect()
}
