//! The expressions in the user's code that a macro may change: those that run when the code does.
//!
//! Items, `const` blocks, array lengths, types and patterns are left alone, since the compiler has them; what is in the
//! arguments of a macro call is not seen.
//!
//! Called by `operands.rs` and `loops.rs`.

use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprAsync, ExprClosure, ExprConst, ExprRepeat, GenericArgument, Item, Pat, Stmt, Type,
};

/// Calls `change` with each, the inner ones first.
pub(crate) struct Expressions<F> {
    /// Also those in closures and `async` blocks, which may run elsewhere?
    elsewhere: bool,
    change: F,
}

impl<F: FnMut(&mut Expr)> Expressions<F> {
    /// All of them.
    pub(crate) fn all(change: F) -> Self {
        Expressions {
            elsewhere: true,
            change,
        }
    }

    /// Those that run here.
    pub(crate) fn here(change: F) -> Self {
        Expressions {
            elsewhere: false,
            change,
        }
    }

    pub(crate) fn of_statement(&mut self, statement: &mut Stmt) {
        self.visit_stmt_mut(statement);
    }

    pub(crate) fn of(&mut self, expr: &mut Expr) {
        self.visit_expr_mut(expr);
    }
}

impl<F: FnMut(&mut Expr)> VisitMut for Expressions<F> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        (self.change)(expr);
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        if self.elsewhere {
            visit_mut::visit_expr_closure_mut(self, closure);
        }
    }

    fn visit_expr_async_mut(&mut self, block: &mut ExprAsync) {
        if self.elsewhere {
            visit_mut::visit_expr_async_mut(self, block);
        }
    }

    fn visit_expr_repeat_mut(&mut self, repeat: &mut ExprRepeat) {
        self.visit_expr_mut(&mut repeat.expr);
    }

    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_generic_argument_mut(&mut self, _: &mut GenericArgument) {}
}
