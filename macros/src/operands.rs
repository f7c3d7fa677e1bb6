//! What Go has and Rust does not: `sum += c.recv()` and `let (v, ok) = c.recv()`, where `recv` gives an `Option`,
//! and `0.5 * time::SECOND`.
//!
//! The types decide whether it is wrong. Such an operand is handed to the runtime's `operand.rs`, which gives it
//! back, or has a message. What has neither shape is left as it was written.
//!
//! Called by `go.rs`, `defer.rs`, `loops.rs` and `select/`; the second shape is in `comma_ok.rs`.

use crate::asked::asked;
use crate::comma_ok;
use crate::expressions::Expressions;
use crate::tokens::words;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, ExprLit, Lit, PatIdent, Stmt};

/// Go's units, each a constant of `time`.
const UNITS: [&str; 6] = [
    "NANOSECOND",
    "MICROSECOND",
    "MILLISECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
];

/// `code`, an expression or statements, with its operands handed over. `received` is a variable that
/// holds what an arm received.
pub(crate) fn checked(
    krate: &TokenStream,
    code: TokenStream,
    received: Option<&Ident>,
) -> TokenStream {
    let named = |word: &String| {
        word == "recv" || UNITS.contains(&&**word) || received.is_some_and(|name| name == word)
    };
    if !words(&code).iter().any(named) {
        return code;
    }
    let Ok(mut statements) = Block::parse_within.parse2(code.clone()) else {
        return code;
    };
    let received = received.filter(|name| !binds(&mut statements, name));
    let mut operands = Operands {
        krate,
        received,
        changed: false,
    };
    let mut all = Expressions::all(|expr| operands.look(expr));
    let mut pairs = false;
    for statement in &mut statements {
        all.of_statement(statement);
        pairs |= comma_ok::check(krate, statement);
    }
    match operands.changed || pairs {
        true => quote!(#(#statements)*),
        false => code,
    }
}

/// As [`checked`], for what has been parsed.
pub(crate) fn check(krate: &TokenStream, expr: &mut Expr) {
    let mut operands = Operands::new(krate);
    Expressions::all(|expr| operands.look(expr)).of(expr);
    comma_ok::check_expr(krate, expr);
}

/// As [`checked`], for a statement that has been parsed.
pub(crate) fn check_statement(krate: &TokenStream, statement: &mut Stmt) {
    let mut operands = Operands::new(krate);
    Expressions::all(|expr| operands.look(expr)).of_statement(statement);
    comma_ok::check(krate, statement);
}

/// Whether a pattern in `statements` binds `name` anew.
fn binds(statements: &mut [Stmt], name: &Ident) -> bool {
    struct Binds<'a>(&'a Ident, bool);
    impl VisitMut for Binds<'_> {
        fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
            self.1 |= pat.ident == *self.0;
            visit_mut::visit_pat_ident_mut(self, pat);
        }
    }
    let mut binds = Binds(name, false);
    for statement in statements {
        binds.visit_stmt_mut(statement);
    }
    binds.1
}

struct Operands<'a> {
    krate: &'a TokenStream,
    received: Option<&'a Ident>,
    changed: bool,
}

impl<'a> Operands<'a> {
    fn new(krate: &'a TokenStream) -> Self {
        Operands {
            krate,
            received: None,
            changed: false,
        }
    }

    /// Whether an operand may be an `Option` out of a channel.
    fn is_received(&self, operand: &Expr) -> bool {
        match operand {
            Expr::MethodCall(call) => call.method == "recv" && call.args.is_empty(),
            Expr::Path(path) => {
                let name = path.path.get_ident();
                name.is_some() && name == self.received
            }
            _ => false,
        }
    }

    fn operand(&mut self, operand: &mut Expr) {
        if self.is_received(operand) {
            let krate = self.krate;
            let value = quote!(#krate::__private::Received(#operand));
            let at = match &*operand {
                Expr::MethodCall(call) => call.method.to_token_stream(),
                other => other.to_token_stream(),
            };
            *operand = asked(krate, "operand", "AnyOperand", &value, &at);
            self.changed = true;
        }
    }

    /// Looks at `expr`, whose parts have been looked at.
    fn look(&mut self, expr: &mut Expr) {
        let Expr::Binary(binary) = expr else { return };
        match binary.op {
            BinOp::Mul(_) if product(&binary.left, &binary.right).is_some() => {}
            BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => {
                self.operand(&mut binary.left);
                self.operand(&mut binary.right);
                return;
            }
            BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_) => {
                self.operand(&mut binary.right);
                return;
            }
            _ => return,
        }
        if let Some((factor, unit)) = product(&binary.left, &binary.right) {
            let krate = self.krate;
            let value = quote!(#krate::__private::Product(#factor, #unit));
            *expr = asked(
                krate,
                "product",
                "AnyProduct",
                &value,
                &factor.to_token_stream(),
            );
            self.changed = true;
        }
    }
}

/// The factor and the unit of `0.5 * time::SECOND`, `n * time::SECOND` or `time::SECOND * 0.5`. A whole number
/// that is written out needs no look: it is a `u32`.
fn product<'e>(left: &'e Expr, right: &'e Expr) -> Option<(&'e Expr, &'e Expr)> {
    let float = |expr: &Expr| {
        matches!(
            expr,
            Expr::Lit(ExprLit {
                lit: Lit::Float(_),
                ..
            })
        )
    };
    let literal = |expr: &Expr| matches!(expr, Expr::Lit(_));
    if is_unit(right) && (float(left) || !literal(left) && !is_unit(left)) {
        Some((left, right))
    } else if is_unit(left) && float(right) {
        Some((right, left))
    } else {
        None
    }
}

fn is_unit(expr: &Expr) -> bool {
    let Expr::Path(path) = expr else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| UNITS.iter().any(|unit| last.ident == unit))
}
