//! Preemption points: each turn of a loop in a goroutine's code asks whether its time is up.
//!
//! `back_edge()` goes to the front of every loop body. Code that runs elsewhere or in the compiler
//! is left alone: closures, items, `async` and `const` blocks, array lengths, types. Loops in the
//! arguments of a macro call are not seen.
//!
//! Called by `go.rs` and `attr/`.

use crate::operands;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAsync, ExprClosure, ExprConst, ExprRepeat, Item, Pat, Stmt, Type};

/// `statements` with a preemption point in each loop; as they were if `syn` cannot read them
/// (half-typed code in an editor: then rustc's own message is the best one).
pub(crate) fn instrument(krate: &TokenStream, statements: TokenStream) -> Vec<Stmt> {
    match Block::parse_within.parse2(statements.clone()) {
        Ok(mut parsed) => {
            let mut points = Points::new(krate);
            for statement in &mut parsed {
                operands::check_statement(krate, statement);
                points.visit_stmt_mut(statement);
            }
            parsed
        }
        Err(_) => vec![Stmt::Expr(Expr::Verbatim(statements), None)],
    }
}

/// As [`instrument`], for an expression.
pub(crate) fn instrument_expr(krate: &TokenStream, expr: &mut Expr) {
    operands::check(krate, expr);
    Points::new(krate).visit_expr_mut(expr);
}

struct Points {
    /// The call of `back_edge`.
    call: TokenStream,
}

impl Points {
    fn new(krate: &TokenStream) -> Self {
        Points {
            call: quote_spanned!(Span::mixed_site()=> #krate::__private::back_edge()),
        }
    }

    fn add_to(&self, body: &mut Block) {
        let call = Expr::Verbatim(self.call.clone());
        body.stmts
            .insert(0, Stmt::Expr(call, Some(Default::default())));
    }
}

impl VisitMut for Points {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::Loop(it) => self.add_to(&mut it.body),
            Expr::While(it) => self.add_to(&mut it.body),
            Expr::ForLoop(it) => self.add_to(&mut it.body),
            _ => {}
        }
    }

    fn visit_expr_repeat_mut(&mut self, repeat: &mut ExprRepeat) {
        self.visit_expr_mut(&mut repeat.expr);
    }

    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_generic_argument_mut(&mut self, _: &mut syn::GenericArgument) {}
}
