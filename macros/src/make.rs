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

/// An element type that is Go's: `struct{}`, `interface{}`, and `<T>` of other languages.
fn go_type(input: ParseStream) -> syn::Result<Option<syn::Error>> {
    let ahead = input.fork();
    if ahead.peek(Token![<]) {
        // `<T as Trait>::Out` is a type.
        let rest: TokenStream = input.fork().parse()?;
        let is_type = ahead.parse::<Type>().is_ok();
        return Ok((!is_type).then(|| diag::at(rest, diag::MAKE_ANGLE)));
    }
    let Ok(word) = Ident::parse_any(&ahead) else {
        return Ok(None);
    };
    if !ahead.peek(syn::token::Brace) {
        return Ok(None);
    }
    let braces: TokenTree = ahead.parse()?;
    let message = match word.to_string().as_str() {
        "struct" => diag::MAKE_STRUCT,
        "interface" => diag::MAKE_INTERFACE,
        _ => return Ok(None),
    };
    Ok(Some(diag::at(quote!(#word #braces), message)))
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
    if let Some(wrong) = go_type(input)? {
        return Err(wrong);
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
