//! `go!`: start a goroutine.
//!
//! The **call form** is Go's: callee, receiver and arguments are evaluated in the caller, in
//! source order, and the call itself runs in the goroutine:
//!
//! ```text
//! go!(worker(id + 1, rx.clone(), &cfg))   =>   { let arg = id + 1;
//!                                                let arg = rx.clone();
//!                                                __private::go(move || worker(arg, arg, &cfg)); }
//! ```
//!
//! (the two `arg` are different variables). Plain variables and literals stay in the closure, which
//! moves them after everything else was evaluated; so do closure literals, whose parameter types
//! only the call knows. A **block** becomes `move || { .. }`, a **closure or path** is handed over.
//!
//! `move ||` carries the span of the user's first token, so that a missing `Send` is reported there.

use crate::arrow;
use crate::capture::Captures;
use crate::diag::{self, Errors};
use crate::loops;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprCall, ExprMethodCall, Member, Token, UnOp};

/// Expands the tokens between the brackets of `go!`.
pub(crate) fn expand(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (captures, rest) = Captures::take(input, &mut errors);
    let (scope, rest) = take_scope(rest, &mut errors);
    let (captures, rest) = match captures.is_present() {
        true => (captures, rest),
        false => Captures::take(rest, &mut errors),
    };
    let span = rest
        .clone()
        .into_iter()
        .next()
        .map_or(Span::call_site(), |token| token.span());

    let mut now = Now::new(scope.is_some());
    let task = match classify(krate, rest, &captures, scope.is_some()) {
        Ok(Task::Call(call)) => {
            let call = now.call(call);
            quote_spanned!(span=> move || #call)
        }
        Ok(Task::Block(block)) => quote_spanned!(span=> move || #block),
        Ok(Task::Value(value)) => value.into_token_stream(),
        Err(Wrong { error, code }) => {
            errors.push(error);
            quote_spanned!(span=> move || { #code })
        }
    };
    // With an error, the code is only kept so that an editor can still complete in it.
    let start = match scope {
        _ if !errors.is_empty() => quote_spanned!(Span::mixed_site()=> let _ = #task;),
        Some(scope) => quote!(#scope.go(#task);),
        None => quote_spanned!(Span::mixed_site()=> #krate::__private::go(#task);),
    };
    let lets = now.lets;
    quote_spanned! {Span::mixed_site()=> {
        #errors
        #captures
        #(#lets)*
        #[allow(clippy::redundant_closure)]
        #start
    }}
}

/// Takes `in s,` from the front.
fn take_scope(tokens: TokenStream, errors: &mut Errors) -> (Option<Expr>, TokenStream) {
    let parse = |input: ParseStream| {
        let Some(keyword) = input.parse::<Option<Token![in]>>()? else {
            return Ok((None, input.parse()?));
        };
        let scope: Expr = input.parse()?;
        if input.parse::<Option<Token![,]>>()?.is_none() {
            return Err(diag::at(quote!(#keyword #scope), diag::GO_IN));
        }
        Ok((Some(scope), input.parse()?))
    };
    parse.parse2(tokens.clone()).unwrap_or_else(|error| {
        errors.push(error);
        (None, TokenStream::new())
    })
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
    if let Some(error) = arrow::stray(&tokens).or_else(|| go_habit(&tokens)) {
        return Err(Wrong::new(error, TokenStream::new()));
    }
    match syn::parse2::<Expr>(tokens.clone()) {
        Ok(expr) => one_expression(krate, expr, scoped),
        Err(_) => {
            let block = braced(loops::instrument(krate, tokens.clone()), &tokens);
            block_task(block, scoped)
        }
    }
}

/// `func() { .. }` and `async { .. }`, which `syn` may or may not be able to read.
fn go_habit(tokens: &TokenStream) -> Option<syn::Error> {
    let mut iter = tokens.clone().into_iter();
    let (Some(TokenTree::Ident(first)), second) = (iter.next(), iter.next()) else {
        return None;
    };
    let braces_follow = matches!(iter.next(), Some(TokenTree::Group(_)));
    match second {
        Some(TokenTree::Group(_)) if first == "func" && braces_follow => {
            Some(diag::at(first, diag::GO_FUNC))
        }
        _ if first == "async" => Some(diag::at(first, diag::GO_ASYNC)),
        _ => None,
    }
}

fn one_expression(krate: &TokenStream, mut expr: Expr, scoped: bool) -> Result<Task, Wrong> {
    match unwrap(&expr) {
        Expr::Call(_) | Expr::MethodCall(_) => Ok(Task::Call(expr)),
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
fn braced(statements: TokenStream, original: &TokenStream) -> TokenStream {
    let end = original
        .clone()
        .into_iter()
        .last()
        .map_or(Span::call_site(), |token| token.span());
    quote_spanned!(end=> { #statements })
}

/// Inside parentheses and the invisible brackets of `$e:expr`.
fn unwrap(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => unwrap(&inner.expr),
        Expr::Group(inner) => unwrap(&inner.expr),
        expr => expr,
    }
}

/// Splits a call into what is evaluated now and what stays in the goroutine's closure.
struct Now {
    /// Inside `scope`, a reference is taken now and borrows from the caller.
    scoped: bool,
    /// The values evaluated now, in source order.
    lets: Vec<TokenStream>,
}

impl Now {
    fn new(scoped: bool) -> Self {
        Now {
            scoped,
            lets: Vec::new(),
        }
    }

    fn call(&mut self, expr: Expr) -> TokenStream {
        match unwrap(&expr) {
            Expr::Call(call) => {
                let func = self.callee(&call.func);
                let args: Vec<_> = call.args.iter().map(|arg| self.argument(arg)).collect();
                let ExprCall { paren_token, .. } = call;
                let mut tokens = func;
                paren_token.surround(&mut tokens, |tokens| tokens.extend(quote!(#(#args),*)));
                tokens
            }
            Expr::MethodCall(call) => {
                let ExprMethodCall {
                    dot_token,
                    method,
                    turbofish,
                    paren_token,
                    ..
                } = call;
                let receiver = self.receiver(&call.receiver);
                let args: Vec<_> = call.args.iter().map(|arg| self.argument(arg)).collect();
                let mut tokens = quote!(#receiver #dot_token #method #turbofish);
                paren_token.surround(&mut tokens, |tokens| tokens.extend(quote!(#(#args),*)));
                tokens
            }
            other => other.to_token_stream(),
        }
    }

    fn callee(&mut self, func: &Expr) -> TokenStream {
        match unwrap(func) {
            Expr::Path(_) | Expr::Closure(_) => func.to_token_stream(),
            _ => self.evaluate(func, false),
        }
    }

    fn receiver(&mut self, receiver: &Expr) -> TokenStream {
        match unwrap(receiver) {
            Expr::Reference(_) => {
                let reference = self.argument(receiver);
                quote!((#reference))
            }
            // `mut`: the method may take `&mut self`.
            inner if !stays(inner) => self.evaluate(receiver, true),
            _ => receiver.to_token_stream(),
        }
    }

    fn argument(&mut self, arg: &Expr) -> TokenStream {
        match unwrap(arg) {
            inner if stays(inner) => arg.to_token_stream(),
            Expr::Reference(reference) => {
                let (and, mutability) = (&reference.and_token, &reference.mutability);
                let referent = unwrap(&reference.expr);
                let referent = if self.scoped && is_place(referent) {
                    return self.evaluate(arg, false);
                } else if let Expr::Reference(_) | Expr::Closure(_) = referent {
                    self.argument(referent)
                } else {
                    self.place(referent, mutability.is_some())
                };
                quote!(#and #mutability #referent)
            }
            _ => self.evaluate(arg, false),
        }
    }

    /// The place that a reference in the call borrows from: the goroutine's own variable, a part
    /// of one, or a value made now.
    fn place(&mut self, expr: &Expr, mutable: bool) -> TokenStream {
        match unwrap(expr) {
            Expr::Path(path) => path.to_token_stream(),
            Expr::Field(field) => {
                let base = self.place(&field.base, mutable);
                let (dot, member): (_, &Member) = (&field.dot_token, &field.member);
                quote!(#base #dot #member)
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                let base = self.place(&unary.expr, mutable);
                let star = &unary.op;
                quote!((#star #base))
            }
            Expr::Index(index) => {
                let base = self.place(&index.expr, mutable);
                let at = match unwrap(&index.index) {
                    inner if stays(inner) => index.index.to_token_stream(),
                    _ => self.evaluate(&index.index, false),
                };
                quote!(#base[#at])
            }
            _ => self.evaluate(expr, mutable),
        }
    }

    /// Evaluates `expr` in the caller; gives the name of its value.
    fn evaluate(&mut self, expr: &Expr, mutable: bool) -> TokenStream {
        let name: Ident = format_ident!("arg{}", self.lets.len(), span = Span::mixed_site());
        let mutability = mutable.then(|| quote!(mut));
        let allow = mutable.then(|| quote!(#[allow(unused_mut)]));
        self.lets.push(quote_spanned! {Span::mixed_site()=>
            #allow let #mutability #name = #expr;
        });
        name.into_token_stream()
    }
}

/// Whether an operand is left where it stands: a variable or another path, a closure literal, or
/// something made of literals alone (`&[1, 2]` lives for ever only as long as it is written there).
fn stays(expr: &Expr) -> bool {
    matches!(unwrap(expr), Expr::Path(_) | Expr::Closure(_)) || is_constant(expr)
}

fn is_constant(expr: &Expr) -> bool {
    match unwrap(expr) {
        Expr::Lit(_) => true,
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && is_constant(&unary.expr),
        Expr::Reference(it) => it.mutability.is_none() && is_constant(&it.expr),
        Expr::Array(array) => array.elems.iter().all(is_constant),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_constant),
        _ => false,
    }
}

/// Whether `expr` names a variable or a part of one.
fn is_place(expr: &Expr) -> bool {
    match unwrap(expr) {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr),
        _ => false,
    }
}
