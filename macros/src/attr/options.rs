//! The options of `#[goroutine(stack = "256KiB", procs = 4, crate = path)]`.

use crate::diag::{self, Errors};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitStr, Path, Token};

/// What was given; a wrong option is reported and left out.
#[derive(Default)]
pub(super) struct Options {
    stack: Option<TokenStream>,
    procs: Option<(Ident, Expr)>,
    krate: Option<Path>,
}

impl Options {
    pub(super) fn parse(tokens: TokenStream, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let parse = |input: ParseStream| {
            while !input.is_empty() {
                options.one(input)?;
                if !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                    return Err(diag::at(input.parse::<TokenTree>()?, diag::ATTR_OPTION));
                }
            }
            Ok(())
        };
        if let Err(error) = parse.parse2(tokens) {
            errors.push(error);
        }
        options
    }

    fn one(&mut self, input: ParseStream) -> syn::Result<()> {
        if !input.peek(syn::Ident::peek_any) {
            return Err(diag::at(input.parse::<TokenTree>()?, diag::ATTR_OPTION));
        }
        let name = Ident::parse_any(input)?;
        let known = name == "stack" || name == "procs" || name == "crate";
        if !known || input.parse::<Option<Token![=]>>()?.is_none() {
            return Err(diag::at(name, diag::ATTR_OPTION));
        }
        let twice = match () {
            _ if name == "stack" => self.stack.replace(stack_size(input.parse()?)?).is_some(),
            _ if name == "procs" => self.procs.replace((name.clone(), input.parse()?)).is_some(),
            _ if input.peek(LitStr) => {
                return Err(diag::at(input.parse::<LitStr>()?, diag::ATTR_CRATE));
            }
            _ => self
                .krate
                .replace(input.call(Path::parse_mod_style)?)
                .is_some(),
        };
        match twice {
            true => Err(diag::at(name, diag::ATTR_TWICE)),
            false => Ok(()),
        }
    }

    /// Where the runtime is.
    pub(super) fn krate(&self) -> TokenStream {
        match &self.krate {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(Span::mixed_site()=> ::goroutines),
        }
    }

    /// For a plain function: the bytes asked for, 0 for the usual margin.
    pub(super) fn stack(&self) -> TokenStream {
        self.stack.clone().unwrap_or_else(|| quote!(0))
    }

    /// For `main` and tests: the value of `__private::Options`.
    pub(super) fn settings(&self) -> TokenStream {
        let krate = self.krate();
        let some = |value: Option<TokenStream>| match value {
            Some(value) => {
                quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#value))
            }
            None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
        };
        let stack = some(self.stack.clone());
        let procs = some(
            self.procs
                .as_ref()
                .map(|(_, procs)| procs.to_token_stream()),
        );
        quote_spanned! {Span::mixed_site()=>
            #krate::__private::Options { stack: #stack, procs: #procs }
        }
    }

    pub(super) fn refuse_procs(&self, errors: &mut Errors) {
        if let Some((name, _)) = &self.procs {
            errors.push(diag::at(name, diag::ATTR_PROCS));
        }
    }
}

/// A number of bytes: any expression, or a text with a unit.
fn stack_size(expr: Expr) -> syn::Result<TokenStream> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &expr
    else {
        return Ok(quote!(#expr));
    };
    match bytes(&text.value()) {
        Some(bytes) => {
            let mut literal = proc_macro2::Literal::usize_unsuffixed(bytes);
            literal.set_span(text.span());
            Ok(literal.into_token_stream())
        }
        None => Err(diag::at(text, diag::ATTR_STACK)),
    }
}

/// `"256KiB"`, `"256K"`, `"262144"`: all powers of 1024.
fn bytes(text: &str) -> Option<usize> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "B" => 1,
        "K" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes() {
        assert_eq!(bytes("256KiB"), Some(256 << 10));
        assert_eq!(bytes("64K"), Some(64 << 10));
        assert_eq!(bytes("2 MiB"), Some(2 << 20));
        assert_eq!(bytes("1G"), Some(1 << 30));
        assert_eq!(bytes("4096"), Some(4096));
        assert_eq!(bytes("KiB"), None);
        assert_eq!(bytes("1kb"), None);
        assert_eq!(bytes("99999999999G"), None);
        assert_eq!(bytes(""), None);
    }
}
