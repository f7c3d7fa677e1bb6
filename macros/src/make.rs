//! `make!`: Go's `make(chan T, n)`.

use crate::diag::{self, Errors};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token, Type};

/// Expands the tokens between the brackets of `make!`.
pub(crate) fn expand(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let (element, capacity) = match parse.parse2(input) {
        Ok((element, capacity)) => (element.into_token_stream(), capacity),
        Err(error) => {
            let mut errors = Errors::default();
            errors.push(error);
            return quote_spanned!(Span::mixed_site()=> { #errors });
        }
    };
    let capacity = match capacity {
        Some(capacity) => capacity.into_token_stream(),
        None => quote!(0),
    };
    quote_spanned!(Span::mixed_site()=> #krate::chan::Chan::<#element>::new(#capacity))
}

fn parse(input: ParseStream) -> syn::Result<(Type, Option<Expr>)> {
    if input.is_empty() {
        return Err(syn::Error::new(Span::call_site(), diag::MAKE_NEEDS));
    }
    if input.peek(Token![<-]) {
        return Err(diag::at(input.parse::<Token![<-]>()?, diag::MAKE_DIRECTION));
    }
    if !input.peek(syn::Ident::peek_any) {
        let rest: TokenStream = input.parse()?;
        return Err(diag::at(rest, diag::MAKE_NEEDS));
    }
    let chan = Ident::parse_any(input)?;
    if chan != "chan" {
        let rest: TokenStream = input.parse()?;
        return Err(diag::at(quote!(#chan #rest), diag::MAKE_NEEDS));
    }
    if input.peek(Token![<-]) {
        return Err(diag::at(input.parse::<Token![<-]>()?, diag::MAKE_DIRECTION));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(diag::at(chan, diag::MAKE_TYPE));
    }
    let element = input.parse()?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(diag::at(input.parse::<TokenTree>()?, diag::MAKE_NEEDS));
    }
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() {
        return Ok((element, None));
    }
    let capacity = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if !input.is_empty() {
        return Err(diag::at(input.parse::<TokenTree>()?, diag::MAKE_REST));
    }
    Ok((element, Some(capacity)))
}
