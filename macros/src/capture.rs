//! The capture list of `go!` and `defer!`: `[done, wg = other.clone()]`.
//!
//! A name alone is cloned (and a reference to a handle gives a handle); the original stays usable. Called by `go.rs` and `defer.rs`.

use crate::diag::{self, Errors};
use crate::tokens::is_punct;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

/// One item of the list.
struct Capture {
    mutability: Option<Token![mut]>,
    name: Ident,
    /// What the name is bound to; without it, its clone.
    value: Option<Expr>,
}

impl Parse for Capture {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mutability = input.parse()?;
        if !input.peek(syn::Ident::peek_any) {
            // `&x`, `*x`, `1`: the parser of expressions knows how much of it belongs together.
            return Err(match input.parse::<Expr>() {
                Ok(Expr::Reference(expr)) if expr.mutability.is_none() => {
                    diag::at(expr, diag::CAPTURE_REFERENCE)
                }
                Ok(expr) => diag::at(expr, diag::CAPTURE_ITEM),
                Err(_) => input.error(diag::CAPTURE_ITEM),
            });
        }
        let name = Ident::parse_any(input)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            Some(input.parse()?)
        } else {
            None
        };
        if name == "self" {
            return Err(diag::at(name, diag::CAPTURE_SELF));
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            let rest = input.parse::<TokenTree>()?;
            return Err(diag::at(quote!(#name #rest), diag::CAPTURE_ITEM));
        }
        Ok(Capture {
            mutability,
            name,
            value,
        })
    }
}

/// A capture list, perhaps empty.
#[derive(Default)]
pub(crate) struct Captures {
    items: Vec<Capture>,
    /// The brackets, for messages.
    pub(crate) list: Option<Group>,
}

impl Captures {
    /// Takes a list, and the comma after it, from the front of `tokens`.
    pub(crate) fn take(tokens: TokenStream, errors: &mut Errors) -> (Captures, TokenStream) {
        let mut rest = tokens.clone().into_iter().peekable();
        let list = match rest.next() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => group,
            _ => return (Captures::default(), tokens),
        };
        rest.next_if(|token| is_punct(token, ','));
        let items = Punctuated::<Capture, Token![,]>::parse_terminated
            .parse2(list.stream())
            .unwrap_or_else(|error| {
                errors.push(error);
                Punctuated::new()
            });
        let captures = Captures {
            items: items.into_iter().collect(),
            list: Some(list),
        };
        (captures, rest.collect())
    }

    /// One `let` per item, in order: a later value sees the earlier names.
    pub(crate) fn lets(&self, krate: &TokenStream) -> TokenStream {
        let items = self.items.iter().map(|item| {
            let Capture {
                mutability, name, ..
            } = item;
            let value = item.value(krate);
            quote!(let #mutability #name = #value;)
        });
        items.collect()
    }

    /// Whether a list was written.
    pub(crate) fn is_present(&self) -> bool {
        self.list.is_some()
    }

    /// The patterns, each with a trailing comma: `done, mut wg,`.
    pub(crate) fn patterns(&self) -> TokenStream {
        self.items
            .iter()
            .map(
                |Capture {
                     mutability, name, ..
                 }| quote!(#mutability #name,),
            )
            .collect()
    }

    /// The values, each with a trailing comma: `done.clone(), other.clone(),`.
    pub(crate) fn values(&self, krate: &TokenStream) -> TokenStream {
        self.items
            .iter()
            .map(|item| {
                let value = item.value(krate);
                quote!(#value,)
            })
            .collect()
    }
}

impl Capture {
    /// The value that the name is bound to. The runtime's `capture.rs` decides what a name alone becomes.
    fn value(&self, krate: &TokenStream) -> TokenStream {
        let name = &self.name;
        match &self.value {
            Some(value) => value.to_token_stream(),
            // The name's own place: "has no `Clone`" is said at the name. The traits are in scope in
            // these braces only.
            None => {
                let span = Span::mixed_site().located_at(name.span());
                quote_spanned! {span=> {
                    #[allow(unused_imports)]
                    use #krate::__private::{Cloned as _, Refused as _, ThroughReference as _};
                    (&&&#krate::__private::Named(&#name)).captured()
                }}
            }
        }
    }
}
