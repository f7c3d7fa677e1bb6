//! `go!`: start a goroutine.
//!
//! The **call form** is Go's: callee, receiver and arguments are evaluated in the caller, in
//! source order, and the call itself runs in the goroutine:
//!
//! ```text
//! go!(worker(id + 1, rx.clone(), &cfg))   =>   { let arg = id + 1;
//!                                                let arg = rx.clone();
//!                                                let arg = cfg;
//!                                                __private::go(move || worker(arg, arg, &arg)); }
//! ```
//!
//! (the three `arg` are different variables, which `named.rs` writes so that rustc takes them for the arguments; variables
//! are moved last). Literals and variables that the call names
//! twice stay in the closure; so do closure literals, whose parameter types only the call knows. A **block**
//! becomes `move || { .. }`, a **closure or path** is handed over.
//!
//! `move ||` carries the span of the user's first token, so that a missing `Send` is reported there.

mod call;

use crate::capture::Captures;
use crate::diag::{self, Errors};
use crate::habits;
use crate::loops;
use crate::operands;
use crate::tokens::{first_span, is_punct, last_span, starts_with, without_last_comma};
use crate::writes;
use call::Now;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Stmt, Token};

/// Expands the tokens between the brackets of `go!`.
pub(crate) fn expand(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (captures, rest) = Captures::take(input, &mut errors);
    let (scope, rest) = take_scope(rest, &mut errors);
    let (captures, rest) = match captures.is_present() {
        true => (captures, rest),
        false => Captures::take(rest, &mut errors),
    };
    let rest = without_last_comma(rest);
    let span = first_span(&rest);
    let mut now = Now::new(scope.is_some());
    let mut lost = TokenStream::new();
    let task = match classify(krate, rest.clone(), &captures, scope.is_some()) {
        Ok(Task::Call(call)) => {
            let call = now.call(&call);
            quote_spanned!(span=> move || #call)
        }
        Ok(Task::Block(block)) => {
            lost = writes::checks(krate, &rest);
            quote_spanned!(span=> move || #block)
        }
        Ok(Task::Value(value)) => {
            if scope.is_none() {
                lost = writes::checks(krate, &rest);
            }
            value.into_token_stream()
        }
        Err(Wrong { error, code }) => {
            errors.push(error);
            let code = if code.is_empty() { quote!({}) } else { code };
            quote_spanned!(span=> move || #code)
        }
    };
    let start = match scope {
        // The code is only kept so that an editor can still complete in it.
        _ if !errors.is_empty() => quote_spanned!(Span::mixed_site()=> let _ = #task;),
        Some(scope @ Expr::Path(_)) => quote!(#scope.go(#task);),
        Some(scope) => quote!((#scope).go(#task);),
        None => quote_spanned!(Span::mixed_site()=> #krate::__private::go(#task);),
    };
    let after = now.after();
    let (captures, lets) = (captures.lets(krate), now.lets());
    quote_spanned! {Span::mixed_site()=> {
        #errors
        #captures
        #(#lets)*
        #lost
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        #start
        #after
    }}
}

/// Takes `in s,` from the front.
fn take_scope(tokens: TokenStream, errors: &mut Errors) -> (Option<Expr>, TokenStream) {
    let parse = |input: ParseStream| {
        let Some(keyword) = input.parse::<Option<Token![in]>>()? else {
            return Ok((None, None, input.parse()?));
        };
        let scope: Expr = input.parse()?;
        let wrong = match input.parse::<Option<Token![,]>>()? {
            Some(_) => None,
            None => Some(diag::at(quote!(#keyword #scope), diag::GO_IN)),
        };
        Ok((Some(scope), wrong, input.parse()?))
    };
    let (scope, wrong, rest) = match parse.parse2(tokens.clone()) {
        Ok(parsed) => parsed,
        Err(_) => (None, Some(diag::at(&tokens, diag::GO_IN)), quote!({})),
    };
    if let Some(wrong) = wrong {
        errors.push(wrong);
    }
    (scope, rest)
}

/// What the goroutine is to do.
enum Task {
    Call(Expr),
    /// A braced block, or an expression that has one.
    Block(TokenStream),
    /// A closure, or a path to something callable.
    Value(Expr),
}

/// A message, and what of the user's code can still be shown to an editor.
struct Wrong {
    error: syn::Error,
    code: TokenStream,
}

impl Wrong {
    fn new(error: syn::Error, code: impl ToTokens) -> Self {
        Wrong {
            error,
            code: code.into_token_stream(),
        }
    }
}

fn classify(
    krate: &TokenStream,
    tokens: TokenStream,
    captures: &Captures,
    scoped: bool,
) -> Result<Task, Wrong> {
    if tokens.is_empty() {
        let error = match &captures.list {
            Some(list) => diag::at(list, diag::GO_ONLY_CAPTURES),
            None => syn::Error::new(Span::call_site(), diag::GO_NEEDS),
        };
        return Err(Wrong::new(error, TokenStream::new()));
    }
    if let Some(error) = go_habit(&tokens).or_else(|| habits::found(&tokens)) {
        return Err(Wrong::new(error, TokenStream::new()));
    }
    match syn::parse2::<Expr>(tokens.clone()) {
        Ok(expr) => one_expression(krate, expr, scoped),
        Err(_) => {
            if let Some(error) = more_than_one(&tokens) {
                return Err(Wrong::new(error, TokenStream::new()));
            }
            let statements = loops::instrument(krate, tokens.clone());
            block_task(braced(&statements, &tokens), scoped)
        }
    }
}

/// What is wrong as the whole of a `go!`, and what `syn` may or may not be able to read: `func() { .. }`,
/// `async { .. }`, `move { .. }`, `|x| f(x), x` and `a, { .. }`.
fn go_habit(tokens: &TokenStream) -> Option<syn::Error> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match &tokens[..] {
        [
            TokenTree::Ident(word),
            TokenTree::Group(_),
            TokenTree::Group(_),
            ..,
        ] if word == "func" => Some(diag::at(word, diag::GO_FUNC)),
        [TokenTree::Ident(word), ..] if word == "async" => Some(diag::at(word, diag::GO_ASYNC)),
        [TokenTree::Ident(word), TokenTree::Group(_), ..] if word == "move" => {
            Some(diag::at(word, diag::GO_MOVE))
        }
        [TokenTree::Ident(word), rest @ ..] if word == "move" => closure_with_arguments(rest),
        [rest @ .., TokenTree::Group(block)] if block.delimiter() == Delimiter::Brace => {
            bare_captures(rest)
        }
        all => closure_with_arguments(all),
    }
    .or_else(|| closure_with_arguments(&tokens))
}

/// `|x| ..`; `|| ..` has none.
fn closure_with_arguments(tokens: &[TokenTree]) -> Option<syn::Error> {
    if starts_with(tokens, ['|', '|']) || !is_punct(tokens.first()?, '|') {
        return None;
    }
    let end = tokens.iter().skip(1).position(|t| is_punct(t, '|'))?;
    let arguments = &tokens[..end + 2];
    Some(diag::at(quote!(#(#arguments)*), diag::GO_ARGUMENTS))
}

/// `a, b,` in front of a block: captures without their brackets.
fn bare_captures(tokens: &[TokenTree]) -> Option<syn::Error> {
    let names_and_commas = tokens
        .chunks(2)
        .all(|pair| matches!(pair, [TokenTree::Ident(_), comma] if is_punct(comma, ',')));
    let names = tokens.split_last()?.1;
    names_and_commas.then(|| diag::at(quote!(#(#names)*), diag::CAPTURE_BARE))
}

/// `f(x), y`: no statements have a comma after an expression.
fn more_than_one(tokens: &TokenStream) -> Option<syn::Error> {
    let parse = |input: ParseStream| {
        input.parse::<Expr>()?;
        Ok((input.parse::<Token![,]>()?, input.parse::<TokenStream>()?))
    };
    let (comma, rest) = parse.parse2(tokens.clone()).ok()?;
    Some(diag::at(quote!(#comma #rest), diag::GO_ONE))
}

fn one_expression(krate: &TokenStream, mut expr: Expr, scoped: bool) -> Result<Task, Wrong> {
    match unwrap(&expr) {
        Expr::Call(_) | Expr::MethodCall(_) => {
            operands::check(krate, &mut expr);
            Ok(Task::Call(expr))
        }
        Expr::Block(_) | Expr::Unsafe(_) | Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {
            loops::instrument_expr(krate, &mut expr);
            block_task(expr.into_token_stream(), scoped)
        }
        Expr::If(_) | Expr::Match(_) => {
            loops::instrument_expr(krate, &mut expr);
            block_task(expr.into_token_stream(), scoped)
        }
        Expr::Macro(_) => block_task(expr.into_token_stream(), scoped),
        Expr::Closure(closure) if closure.asyncness.is_some() => Err(Wrong::new(
            diag::at(closure.asyncness, diag::GO_ASYNC),
            &expr,
        )),
        Expr::Closure(_) => {
            if let Expr::Closure(closure) = &mut expr {
                loops::instrument_expr(krate, &mut closure.body);
            }
            Ok(Task::Value(expr))
        }
        Expr::Path(_) | Expr::Field(_) => Ok(Task::Value(expr)),
        Expr::Try(inner) => Err(Wrong::new(
            diag::at(inner.question_token, diag::GO_RESULT),
            &inner.expr,
        )),
        Expr::Await(inner) => Err(Wrong::new(
            diag::at(inner.await_token, diag::GO_AWAIT),
            &inner.base,
        )),
        other => Err(Wrong::new(diag::at(other, diag::GO_NEEDS), &expr)),
    }
}

fn block_task(block: TokenStream, scoped: bool) -> Result<Task, Wrong> {
    match scoped {
        true => Err(Wrong::new(diag::at(&block, diag::GO_IN_BLOCK), &block)),
        false => Ok(Task::Block(block)),
    }
}

/// `statements` in braces that end where the user's last token does.
fn braced(statements: &[Stmt], original: &TokenStream) -> TokenStream {
    let end = last_span(original);
    quote_spanned!(end=> { #(#statements)* })
}

/// Inside parentheses and the invisible brackets of `$e:expr`.
fn unwrap(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => unwrap(&inner.expr),
        Expr::Group(inner) => unwrap(&inner.expr),
        expr => expr,
    }
}
