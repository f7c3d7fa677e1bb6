//! `select!`: wait for the first of several channel operations.
//!
//! `parse` finds the arms in the tokens (`ast` says what an arm is), `emit` writes the expansion.
//! A wrong arm does not stop the parser: it becomes [`ast::Op::Wrong`] and the others go on, so
//! that one build reports every mistake, and an editor still sees all bodies.

mod ast;
mod emit;
mod head;
mod parse;

use crate::operands::checked;
use ast::{Arm, Binding, Op, Select, Value};
use proc_macro2::{Ident, TokenStream};

/// Expands the tokens between the brackets of `select!`.
pub(crate) fn expand(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut select = parse::parse(input);
    check_operands(krate, &mut select);
    emit::emit(krate, &select)
}

/// Arithmetic with Go's operands, in what the arms wait for and in their bodies.
fn check_operands(krate: &TokenStream, select: &mut Select) {
    for Arm { op, body } in &mut select.arms {
        let mut received = None;
        match op {
            Op::Recv { channel, binding } => {
                replace(krate, channel, None);
                if let Binding::Irrefutable { pattern, .. } = binding {
                    received = syn::parse2::<Ident>(pattern.clone()).ok();
                }
            }
            Op::Send { channel, value } => {
                replace(krate, channel, None);
                if let Value::Expr(value) = value {
                    replace(krate, value, None);
                }
            }
            Op::Await { future, .. } => replace(krate, future, None),
            Op::Default | Op::Wrong { .. } => {}
        }
        replace(krate, body, received.as_ref());
    }
}

fn replace(krate: &TokenStream, code: &mut TokenStream, received: Option<&Ident>) {
    *code = checked(krate, std::mem::take(code), received);
}
