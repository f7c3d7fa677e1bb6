//! Writes that no other goroutine will see: `go!({ results[i] = f(i); })`, where Go's goroutine writes into
//! the caller's slice and Rust's into a `Vec` that it has to itself.
//!
//! Such a write stands in a goroutine's code and is the only place there that names the variable. The type decides
//! whether it is lost (through a `&mut` it is not): the variable is shown to the runtime's `place.rs`, which has
//! the message.
//!
//! Called by `go.rs`.

use crate::named::Named;
use crate::tokens::words;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, ExprAssign, ExprBinary, Item};

/// A statement for each such write in a goroutine's code, to stand in front of the goroutine.
pub(crate) fn checks(krate: &TokenStream, code: &TokenStream) -> TokenStream {
    let Ok(mut statements) = Block::parse_within.parse2(code.clone()) else {
        return TokenStream::new();
    };
    let mut writes = Writes(Vec::new());
    for statement in &mut statements {
        writes.visit_stmt_mut(statement);
    }
    if writes.0.is_empty() {
        return TokenStream::new();
    }
    let words = words(code);
    let lost = writes.0.iter().filter(|name| {
        let name = name.to_string();
        let names_it = |w: &&String| **w == name || w.contains('"') && w.contains(&name);
        words.iter().filter(names_it).count() == 1
            && name != "self"
            && !name.starts_with(char::is_uppercase)
    });
    let checks = lost.map(|name| {
        let place = Named::new("place", &name.to_token_stream());
        let written = Ident::new("written", name.span());
        let bind = place.bind(&quote!(#krate::__private::Place(&#name)));
        quote_spanned! {Span::mixed_site()=> {
            #[allow(unused_imports)]
            use #krate::__private::AnyPlace as _;
            #bind
            #place.#written();
        }}
    });
    checks.collect()
}

/// The variables into whose elements something is written.
struct Writes(Vec<Ident>);

impl Writes {
    fn place(&mut self, place: &Expr) {
        let (mut place, mut indexed) = (place, false);
        loop {
            place = match place {
                Expr::Index(index) => {
                    indexed = true;
                    &index.expr
                }
                Expr::Field(field) => &field.base,
                Expr::Paren(paren) => &paren.expr,
                Expr::Path(path) if indexed => {
                    return self.0.extend(path.path.get_ident().cloned());
                }
                _ => return,
            }
        }
    }
}

impl VisitMut for Writes {
    fn visit_expr_assign_mut(&mut self, assign: &mut ExprAssign) {
        self.place(&assign.left);
        visit_mut::visit_expr_assign_mut(self, assign);
    }

    fn visit_expr_binary_mut(&mut self, binary: &mut ExprBinary) {
        if let BinOp::AddAssign(_)
        | BinOp::SubAssign(_)
        | BinOp::MulAssign(_)
        | BinOp::DivAssign(_)
        | BinOp::RemAssign(_)
        | BinOp::BitAndAssign(_)
        | BinOp::BitOrAssign(_)
        | BinOp::BitXorAssign(_) = binary.op
        {
            self.place(&binary.left);
        }
        visit_mut::visit_expr_binary_mut(self, binary);
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}
