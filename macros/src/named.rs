//! A variable of ours that rustc takes for the user's own text, so that its messages and proposals stand there:
//! `.into()` behind an argument of `go!`, and not behind the whole `go!`.
//!
//! The variable holds a value in parentheses, `let x = (value,);`, and is written `(x).0`: what begins at the first
//! token of that text and ends at the last, and has the user's tokens on both sides. (One token could not
//! span it, and one of the macro's would be shown as the macro.)
//!
//! Called by `asked.rs`, `writes.rs` and `go/call.rs`.

use crate::tokens::{first_span, last_span};
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

pub(crate) struct Named {
    name: Ident,
    base: Group,
    field: Literal,
}

impl Named {
    /// Stands for `text`.
    pub(crate) fn new(name: &str, text: &TokenStream) -> Self {
        let begin = first_span(text);
        let name = Ident::new(name, Span::mixed_site().located_at(begin));
        let mut base = Group::new(Delimiter::Parenthesis, name.to_token_stream());
        base.set_span(begin);
        let mut field = Literal::usize_unsuffixed(0);
        field.set_span(last_span(text));
        Named { name, base, field }
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
        let Named { base, field, .. } = self;
        tokens.extend(quote!(#base.#field));
    }
}
