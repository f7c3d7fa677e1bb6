//! Preemption points: each turn of a loop in a goroutine's code asks whether its time is up.
//!
//! `back_edge()` goes to the front of every loop body. Code that runs elsewhere or in the compiler is left alone
//! (`expressions.rs`).
//!
//! Called by `go.rs` and `attr/`.

use crate::expressions::Expressions;
use crate::operands;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::Parser;
use syn::{Block, Expr, Stmt};

/// `statements` with a preemption point in each loop; as they were if `syn` cannot read them
/// (half-typed code in an editor: then rustc's own message is the best one).
pub(crate) fn instrument(krate: &TokenStream, statements: TokenStream) -> Vec<Stmt> {
    match Block::parse_within.parse2(statements.clone()) {
        Ok(mut parsed) => {
            let mut loops = Expressions::here(|expr| add_point(krate, expr));
            for statement in &mut parsed {
                operands::check_statement(krate, statement);
                loops.of_statement(statement);
            }
            parsed
        }
        Err(_) => vec![Stmt::Expr(Expr::Verbatim(statements), None)],
    }
}

/// As [`instrument`], for an expression.
pub(crate) fn instrument_expr(krate: &TokenStream, expr: &mut Expr) {
    operands::check(krate, expr);
    Expressions::here(|expr| add_point(krate, expr)).of(expr);
}

/// Puts the point into `expr`, if that is a loop.
fn add_point(krate: &TokenStream, expr: &mut Expr) {
    let body = match expr {
        Expr::Loop(it) => &mut it.body,
        Expr::While(it) => &mut it.body,
        Expr::ForLoop(it) => &mut it.body,
        _ => return,
    };
    let call = quote_spanned!(Span::mixed_site()=> #krate::__private::back_edge());
    let call = Stmt::Expr(Expr::Verbatim(call), Some(Default::default()));
    body.stmts.insert(0, call);
}
