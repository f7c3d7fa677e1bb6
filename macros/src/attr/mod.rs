//! `#[goroutine]`: Go's function prologue, or the start of the runtime for `main` and tests.
//!
//! ```text
//! fn f(mut a: A, (b, c): B) -> R { body }
//! =>
//! fn f(a: A, p1: B) -> R {
//!     __private::prologue(0, move || -> R { let mut a = a; let (b, c) = p1; body })
//! }
//! ```
//!
//! The body is one closure, written directly as the argument so that it is inferred as `FnOnce`
//! (a method may return a part of its `&mut self`). It re-binds every parameter in order, which
//! keeps `mut`, patterns and the order of drops; without parameters the closure is not `move`. `impl Trait` in `R` becomes `_` there. `main` and
//! tests hand the same closure to the runtime instead.
//!
//! The user's function is always emitted, with or without errors.

mod options;

use crate::diag::{self, Errors};
use crate::habits;
use crate::loops;
use options::Options;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, FnArg, Pat, ReturnType, Signature, Stmt, Token, Type, Visibility, parse_quote,
};

/// Expands `#[goroutine(options)] item`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(options, &mut errors);
    let mut expanded = match syn::parse2::<Function>(item.clone()) {
        Ok(mut function) => function.expand(&options, &mut errors),
        Err(error) => {
            errors.push(error);
            item
        }
    };
    errors.to_tokens(&mut expanded);
    expanded
}

/// A function: free, in an `impl` or in a trait.
struct Function {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
    body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let head = input.fork();
        let Ok(sig) = input.parse::<Signature>() else {
            return Err(diag::at(head.parse::<TokenTree>()?, diag::ATTR_NOT_FN));
        };
        if input.peek(Token![;]) {
            return Err(diag::at(&sig.ident, diag::ATTR_NO_BODY));
        }
        let body: Group = input.parse()?;
        let inner = |input: ParseStream| Ok((input.call(Attribute::parse_inner)?, input.parse()?));
        let (inner_attrs, statements): (Vec<Attribute>, TokenStream) =
            inner.parse2(body.stream())?;
        // `#![..]` first in the body says the same as `#[..]` before the function.
        attrs.extend(inner_attrs.into_iter().map(|attr| Attribute {
            style: syn::AttrStyle::Outer,
            ..attr
        }));
        let mut block = Group::new(Delimiter::Brace, statements);
        block.set_span(body.span());
        Ok(Function {
            attrs,
            vis,
            sig,
            body: block,
        })
    }
}

/// What the function is to the runtime.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Main,
    Test,
    Plain,
}

impl Function {
    fn expand(&mut self, options: &Options, errors: &mut Errors) -> TokenStream {
        // rustc has read the function, complained about a `defer x`, and hands it over all the same.
        if let Some(error) = habits::found(&self.body.stream()) {
            errors.push(error);
            return self.emit(&Group::new(Delimiter::Brace, quote!(loop {})));
        }
        let role = self.role();
        let before = errors.is_empty();
        self.check(role, errors);
        if role == Role::Plain {
            options.refuse_procs(errors);
        }
        if before && !errors.is_empty() {
            return self.emit(&self.body);
        }
        if role == Role::Main && matches!(self.vis, Visibility::Inherited) {
            // What `main` is at the crate's root anyway. In a module it lets a whole program be part
            // of a bigger one, which calls its `main`.
            self.vis = parse_quote!(pub(crate));
        }
        let krate = options.krate();
        let rebind = self.rebind_parameters();
        let output = output(&self.sig.output);
        let statements = loops::instrument(&krate, self.body.stream());
        // Items first in the body stay first (clippy's `items_after_statements`).
        let items = statements
            .iter()
            .take_while(|statement| matches!(statement, Stmt::Item(_)));
        let (items, statements) = statements.split_at(items.count());
        // The braces are the user's: what ends with the function ends at its `}`.
        let mut block = Group::new(Delimiter::Brace, quote!(#(#items)* #rebind #(#statements)*));
        block.set_span(self.body.span());
        // Without parameters nothing is captured. In a `move` closure rustc says less: it does not propose `x.clone()`.
        let capture =
            (!self.sig.inputs.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> move));
        let body = quote_spanned!(Span::mixed_site()=> #capture || #output #block);
        let settings = options.settings();
        let call = match role {
            Role::Main => quote_spanned!(Span::mixed_site()=> main(#settings, #body)),
            Role::Test => quote_spanned!(Span::mixed_site()=> test(#settings, #body)),
            Role::Plain => {
                let stack = options.stack();
                quote_spanned!(Span::mixed_site()=> prologue(#stack, #body))
            }
        };
        let mut block = Group::new(
            Delimiter::Brace,
            quote_spanned!(Span::mixed_site()=> #krate::__private::#call),
        );
        block.set_span(self.body.span());
        self.emit(&block)
    }

    fn emit(&self, body: &Group) -> TokenStream {
        let Function {
            attrs, vis, sig, ..
        } = self;
        quote!(#(#attrs)* #vis #sig #body)
    }

    fn role(&self) -> Role {
        let is_test = |attr: &Attribute| {
            let path = attr.path();
            let name = path
                .segments
                .last()
                .is_some_and(|last| last.ident == "test");
            name && (path.segments.len() == 1 || path.segments[0].ident == "core")
        };
        if self.attrs.iter().any(is_test) {
            Role::Test
        } else if self.sig.ident == "main" && self.sig.receiver().is_none() {
            Role::Main
        } else {
            Role::Plain
        }
    }

    fn check(&self, role: Role, errors: &mut Errors) {
        let sig = &self.sig;
        if let Some(asyncness) = &sig.asyncness {
            errors.push(diag::at(asyncness, diag::ATTR_ASYNC));
        }
        if let Some(constness) = &sig.constness {
            errors.push(diag::at(constness, diag::ATTR_CONST));
        }
        if let Some(abi) = &sig.abi
            && abi.name.as_ref().is_none_or(|name| name.value() != "Rust")
        {
            errors.push(diag::at(abi, diag::ATTR_ABI));
        }
        let surplus = match (sig.inputs.is_empty(), sig.generics.params.is_empty()) {
            (false, _) => sig.inputs.to_token_stream(),
            (true, false) => sig.generics.to_token_stream(),
            (true, true) => return,
        };
        match role {
            Role::Main => errors.push(diag::at(surplus, diag::ATTR_MAIN_ARGS)),
            Role::Test => errors.push(diag::at(surplus, diag::ATTR_TEST_ARGS)),
            Role::Plain => {}
        }
    }

    /// Replaces each parameter's pattern by a name of ours; returns the `let`s that bind the
    /// user's patterns to them.
    fn rebind_parameters(&mut self) -> TokenStream {
        let mut lets = TokenStream::new();
        for (index, input) in self.sig.inputs.iter_mut().enumerate() {
            let FnArg::Typed(param) = input else { continue };
            let name = parameter_name(&param.pat, index);
            let (attrs, pat, ty) = (&param.attrs, &param.pat, writable(&param.ty));
            // The lint that clippy would raise for `let _x = _x;`.
            let allow = name
                .to_string()
                .starts_with('_')
                .then(|| quote!(#[allow(clippy::no_effect_underscore_binding)]));
            // A part that the pattern leaves out is dropped with the parameter, in its turn.
            let whole = match **pat {
                Pat::Ident(_) => None,
                _ => Some(quote_spanned!(Span::mixed_site()=> let #name = #name;)),
            };
            lets.extend(quote_spanned! {Span::mixed_site()=>
                #whole #(#attrs)* #allow let #pat: #ty = #name;
            });
            *param.pat = Pat::Verbatim(name.into_token_stream());
        }
        lets
    }
}

/// The user's name for a parameter that has one (documentation shows it), but not in the user's
/// scope: what the body names is the re-bound variable.
fn parameter_name(pat: &Pat, index: usize) -> Ident {
    match pat {
        Pat::Ident(pat) => {
            let span = pat.ident.span().resolved_at(Span::mixed_site());
            Ident::new(&pat.ident.to_string(), span)
        }
        _ => format_ident!("p{}", index, span = Span::mixed_site()),
    }
}

/// The closure's return type: the function's, or `()`.
fn output(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> -> ()),
        ReturnType::Type(arrow, ty) => {
            let ty = writable(ty);
            quote!(#arrow #ty)
        }
    }
}

/// A type of the signature as it can be written in the body: with `_` for each `impl Trait`.
fn writable(ty: &Type) -> Type {
    struct Infer;
    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            match ty {
                Type::ImplTrait(_) => *ty = syn::parse_quote!(_),
                other => visit_mut::visit_type_mut(self, other),
            }
        }
    }
    let mut ty = ty.clone();
    Infer.visit_type_mut(&mut ty);
    ty
}
