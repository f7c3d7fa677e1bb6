//! A variable of ours that rustc takes for the user's own text, so that its messages and proposals stand there:
//! `.into()` behind an argument of `go!`, and not behind the whole `go!`.
//!
//! The variable holds a value in parentheses, `let x = (value,);`, and is written `x.0`: two words, at the first and
//! at the last token of that text, and of the user's names. (A single token could not span it, and one of the
//! macro's names would be shown as the macro.)
//!
//! Called by `operands.rs`, `writes.rs` and `go/call.rs`.

use crate::tokens::{first_span, last_span};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

pub(crate) struct Named {
    name: Ident,
    field: Literal,
}

impl Named {
    /// Stands for `text`. The name must be one that nobody else has.
    pub(crate) fn new(name: &str, text: &TokenStream) -> Self {
        let mut field = Literal::usize_unsuffixed(0);
        field.set_span(last_span(text));
        Named {
            name: Ident::new(name, first_span(text)),
            field,
        }
    }

    /// `let x = (value,);`
    pub(crate) fn bind(&self, value: &TokenStream) -> TokenStream {
        let name = &self.name;
        quote_spanned!(Span::mixed_site()=> let #name = (#value,);)
    }

    /// The end of the text.
    pub(crate) fn end(&self) -> Span {
        self.field.span()
    }
}

impl ToTokens for Named {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Named { name, field } = self;
        tokens.extend(quote!(#name.#field));
    }
}
