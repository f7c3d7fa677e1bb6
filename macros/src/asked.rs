//! A value that is asked for a method whose name is also a trait's: rustc picks by its own order of candidates, first
//! the method of the type itself, whose bound has a message, then the trait's, which gives back what was there.
//!
//! Called by `operands.rs` and `comma_ok.rs`.

use crate::named::Named;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Expr;

/// `value`, asked for its `method`. The message is about `at`, the user's own text.
pub(crate) fn asked(
    krate: &TokenStream,
    method: &str,
    any: &str,
    value: &TokenStream,
    at: &TokenStream,
) -> Expr {
    let name = Named::new("operand", at);
    let (method, any) = (
        Ident::new(method, name.end()),
        Ident::new(any, Span::mixed_site()),
    );
    let bind = name.bind(value);
    // In parentheses: an expression may begin with it. The trait is in scope in the braces only.
    Expr::Verbatim(quote_spanned! {Span::mixed_site()=> ({
        #[allow(unused_imports)]
        use #krate::__private::#any as _;
        #bind
        #name.#method()
    })})
}
