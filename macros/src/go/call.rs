//! The call form of `go!`: which parts of a call are evaluated now, and what stays in the closure
//! that the goroutine runs.
//!
//! | operand | |
//! | --- | --- |
//! | a variable or another path, a literal, a closure literal | stays; the closure moves it |
//! | `&e`, `&mut e` of a variable or a part of one | stays; the closure moves the variable and borrows its own |
//! | `&e`, `&mut e` of a temporary | `e` is evaluated now |
//! | everything else, a receiver or callee too | is evaluated now |
//!
//! An argument `x` or `&x` whose name stands nowhere else in the call is moved now, after all others. That only
//! matters for the message: if the previous turn of a loop has taken the variable, rustc points at it and says what
//! to write, `x.clone()`. Of a variable in a closure it only says that the closure moved it. (`&mut x` is not
//! moved: rustc would say of the user's `let mut x` that it need not be `mut`.)
//!
//! Inside `scope` a reference is taken now and borrows from the caller.

use super::unwrap;
use crate::named::Named;
use crate::tokens::{first_span, words};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprCall, ExprMethodCall, Member, UnOp};

/// Splits a call into what is evaluated now and what stays in the goroutine's closure.
pub(super) struct Now {
    /// Inside `scope`, a reference is taken now and borrows from the caller.
    scoped: bool,
    /// The values evaluated now, in source order.
    lets: Vec<TokenStream>,
    /// The variables moved after that.
    moves: Vec<TokenStream>,
    /// All words and literals of the call (`"{x}"` names `x`).
    words: Vec<String>,
    /// Where the variables stand that are moved as values.
    variables: Vec<Span>,
}

impl Now {
    pub(super) fn new(scoped: bool) -> Self {
        Now {
            scoped,
            lets: Vec::new(),
            moves: Vec::new(),
            words: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// What the caller does before the goroutine starts.
    pub(super) fn lets(self) -> impl Iterator<Item = TokenStream> {
        self.lets.into_iter().chain(self.moves)
    }

    /// What follows the goroutine's start, for each variable that was moved. Of everything at the place of a move
    /// rustc looks at the last, and in a `move` closure it proposes no `x.clone()`; here it does.
    pub(super) fn after(&self) -> TokenStream {
        let variables = self.variables.iter().map(|at| {
            let mut nothing = Group::new(Delimiter::Parenthesis, TokenStream::new());
            nothing.set_span(*at);
            quote_spanned!(Span::mixed_site()=> let _ = #nothing;)
        });
        variables.collect()
    }

    pub(super) fn call(&mut self, expr: &Expr) -> TokenStream {
        self.words = words(&expr.to_token_stream());
        match unwrap(expr) {
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
            inner if self.is_lone_variable(inner) => {
                let (value, statement) = self.handed(inner);
                self.moves.push(statement);
                self.variables.push(first_span(&inner.to_token_stream()));
                value
            }
            inner if stays(inner) => arg.to_token_stream(),
            Expr::Reference(reference) => {
                let (and, mutability) = (&reference.and_token, &reference.mutability);
                let referent = unwrap(&reference.expr);
                let referent = if self.scoped && is_place(referent) {
                    return self.evaluate(arg, false);
                } else if let Expr::Reference(_) | Expr::Closure(_) = referent {
                    self.argument(referent)
                } else if mutability.is_none() && self.is_lone_variable(referent) {
                    self.moved(referent)
                } else {
                    self.place(referent, mutability.is_some())
                };
                quote!(#and #mutability #referent)
            }
            _ => {
                let (value, statement) = self.handed(arg);
                self.lets.push(statement);
                value
            }
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
        let (name, statement) = self.binding(expr, mutable);
        self.lets.push(statement);
        name.into_token_stream()
    }

    /// Moves a variable out of the caller, after everything else was evaluated.
    fn moved(&mut self, variable: &Expr) -> TokenStream {
        let (name, statement) = self.binding(variable, false);
        self.moves.push(statement);
        name.into_token_stream()
    }

    /// An argument that the callee takes as a value: what stands for it, and its `let`.
    fn handed(&self, arg: &Expr) -> (TokenStream, TokenStream) {
        let arg = unwrap(arg).to_token_stream();
        let number = self.lets.len() + self.moves.len();
        let name = Named::new(&format!("arg{number}"), &arg);
        (name.to_token_stream(), name.bind(&arg))
    }

    /// The name is ours but stands where the expression does: rustc's messages about the call show the user's text.
    fn binding(&self, expr: &Expr, mutable: bool) -> (Ident, TokenStream) {
        // Parentheses around the whole would be surplus after `=` (`unused_parens`).
        let expr = unwrap(expr);
        let span = Span::mixed_site().located_at(first_span(&expr.to_token_stream()));
        let number = self.lets.len() + self.moves.len();
        let name: Ident = format_ident!("arg{number}", span = span);
        let mutability = mutable.then(|| quote!(mut));
        let allow = mutable.then(|| quote!(#[allow(unused_mut)]));
        let statement = quote_spanned! {Span::mixed_site()=>
            #allow let #mutability #name = #expr;
        };
        (name, statement)
    }

    /// Whether an operand is a variable, by its case (a static cannot be moved out of), and named only here.
    fn is_lone_variable(&self, expr: &Expr) -> bool {
        let Expr::Path(path) = unwrap(expr) else {
            return false;
        };
        path.path.get_ident().is_some_and(|name| {
            let name = name.to_string();
            let names_it = |w: &&String| **w == name || w.contains('"') && w.contains(&name);
            let times = self.words.iter().filter(names_it).count();
            times == 1 && name != "self" && !name.starts_with(char::is_uppercase)
        })
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
