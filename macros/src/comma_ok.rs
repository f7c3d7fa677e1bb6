//! Go's `v, ok := <-c` as it is first written in Rust: `let (v, ok) = c.recv();`, where `recv` gives an `Option`.
//!
//! Only what has these words is looked at, and the type decides whether it is wrong (the runtime's `operand.rs`).
//!
//! Called by `operands.rs`.

use crate::asked::asked;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprConst, Item, Local, Pat, Stmt};

/// Looks at `statement` and those in it; whether anything was changed.
pub(crate) fn check(krate: &TokenStream, statement: &mut Stmt) -> bool {
    let mut pairs = Pairs::new(krate);
    pairs.visit_stmt_mut(statement);
    pairs.changed
}

/// As [`check`], for the statements in an expression.
pub(crate) fn check_expr(krate: &TokenStream, expr: &mut Expr) {
    Pairs::new(krate).visit_expr_mut(expr);
}

struct Pairs<'a> {
    krate: &'a TokenStream,
    changed: bool,
}

impl<'a> Pairs<'a> {
    fn new(krate: &'a TokenStream) -> Self {
        let changed = false;
        Pairs { krate, changed }
    }
}

impl VisitMut for Pairs<'_> {
    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_mut::visit_local_mut(self, local);
        let Some(init) = &mut local.init else { return };
        let Expr::MethodCall(call) = &*init.expr else {
            return;
        };
        if call.method != "recv" || !call.args.is_empty() || !is_comma_ok(&local.pat) {
            return;
        }
        let (krate, at) = (self.krate, call.method.to_token_stream());
        let value = quote!(#krate::__private::Received(#call));
        *init.expr = asked(krate, "comma_ok", "AnyCommaOk", &value, &at);
        self.changed = true;
    }

    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// `(.., ok)` or `(.., more)`: the names that Go's texts use.
fn is_comma_ok(pat: &Pat) -> bool {
    let Pat::Tuple(tuple) = pat else { return false };
    let Some(Pat::Ident(last)) = tuple.elems.last() else {
        return false;
    };
    tuple.elems.len() == 2 && (last.ident == "ok" || last.ident == "more")
}
