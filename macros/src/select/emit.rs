//! From arms to the expansion.
//!
//! ```text
//! {
//!     enum Chosen<T0> { Arm0(T0), Arm1 }
//!     let chosen = match (recv_case(&rx), send_case(&tx).value(v)) {
//!         (mut arm0, mut arm1) => match select([arm0.arm(), arm1.arm()]) {
//!             0 => Chosen::Arm0(arm0.take()),
//!             _ => { arm1.finish(); Chosen::Arm1 }
//!         },
//!     };
//!     match chosen { Chosen::Arm0(v) => body, Chosen::Arm1 => body }
//! }
//! ```
//!
//! Operands are evaluated as the parts of one tuple: in source order, and their temporaries live
//! until the end of that `let`, no longer. Bodies stand in a plain `match`, so `break`, `return`
//! and `?` mean what they mean outside. There is one `enum` so that any number of arms may yield
//! values of different types, without a box and without a panic path.

use super::ast::{Arm, Binding, Op, Select, Value};
use crate::diag::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

pub(super) fn emit(krate: &TokenStream, select: Select) -> TokenStream {
    let mut expansion = Expansion::default();
    for arm in &select.arms {
        expansion.add(krate, arm);
    }
    expansion.finish(krate, select.biased, &select.errors)
}

#[derive(Default)]
struct Expansion {
    /// The type parameters of the enum: one a receive whose value is kept.
    types: Vec<Ident>,
    /// The variants of the enum.
    variants: Vec<TokenStream>,
    /// The operands, as parts of a tuple, and the names they get.
    cases: Vec<TokenStream>,
    names: Vec<Ident>,
    /// What completes the chosen operation and yields its variant.
    outcomes: Vec<TokenStream>,
    /// The arms of the last `match`.
    bodies: Vec<TokenStream>,
    has_default: bool,
}

impl Expansion {
    fn add(&mut self, krate: &TokenStream, arm: &Arm) {
        let body = &arm.body;
        let index = self.names.len();
        let variant = format_ident!("Arm{}", index, span = Span::mixed_site());
        match &arm.op {
            Op::Recv { channel, binding } => {
                let case = operand(krate, "recv_case", channel);
                let name = self.case(case);
                self.recv(name, variant, binding, body);
            }
            Op::Send { channel, value } => {
                let case = operand(krate, "send_case", channel);
                let name = self.case(match value {
                    Value::Expr(value) => quote!(#case.value(#value)),
                    Value::Slot(place) => quote!(#case.slot(&mut #place)),
                });
                self.outcomes.push(quote_spanned! {Span::mixed_site()=> {
                    #name.finish();
                    Chosen::#variant
                }});
                self.bodies
                    .push(quote_spanned!(Span::mixed_site()=> Chosen::#variant => #body,));
                self.variants.push(variant.into_token_stream());
            }
            Op::Default => {
                self.has_default = true;
                self.bodies
                    .push(quote_spanned!(Span::mixed_site()=> Chosen::Default => #body,));
            }
            Op::Wrong { error, pattern } => {
                // The message is the value that the pattern takes apart: a value of a wrong
                // expression has any type, so the body draws no further messages.
                let error = error.to_compile_error();
                self.bodies.push(match body.is_empty() {
                    true => quote_spanned!(Span::mixed_site()=> _ => #error,),
                    false => quote_spanned! {Span::mixed_site()=>
                        _ => match #error { #pattern => #body, },
                    },
                });
            }
        }
    }

    /// One more part of the tuple.
    fn case(&mut self, case: TokenStream) -> Ident {
        let name = format_ident!("arm{}", self.names.len(), span = Span::mixed_site());
        self.cases.push(case);
        self.names.push(name.clone());
        name
    }

    fn recv(&mut self, name: Ident, variant: Ident, binding: &Binding, body: &TokenStream) {
        if let Binding::Ignore = binding {
            self.outcomes.push(quote_spanned! {Span::mixed_site()=> {
                ::core::mem::drop(#name.take());
                Chosen::#variant
            }});
            self.bodies
                .push(quote_spanned!(Span::mixed_site()=> Chosen::#variant => #body,));
            self.variants.push(variant.into_token_stream());
            return;
        }
        let ty = format_ident!("T{}", self.types.len(), span = Span::mixed_site());
        self.outcomes
            .push(quote_spanned! {Span::mixed_site()=> Chosen::#variant(#name.take()) });
        self.variants.push(quote!(#variant(#ty)));
        self.types.push(ty);
        self.bodies.push(match binding {
            Binding::Irrefutable { pattern, ty: None } => {
                quote_spanned!(Span::mixed_site()=> Chosen::#variant(#pattern) => #body,)
            }
            Binding::Irrefutable {
                pattern,
                ty: Some(ty),
            } => quote_spanned! {Span::mixed_site()=>
                Chosen::#variant(value) => {
                    let #pattern: #ty = value;
                    #body
                }
            },
            Binding::Refutable { pattern, otherwise } => quote_spanned! {Span::mixed_site()=>
                Chosen::#variant(value) => {
                    let #pattern = value else { #otherwise };
                    #body
                }
            },
            Binding::Ignore => TokenStream::new(),
        });
    }

    fn finish(self, krate: &TokenStream, biased: bool, errors: &Errors) -> TokenStream {
        let Expansion {
            types,
            variants,
            cases,
            names,
            bodies,
            has_default,
            ..
        } = &self;
        if bodies.is_empty() {
            return quote_spanned! {Span::mixed_site()=> {
                #errors
                #krate::__private::block_forever()
            }};
        }
        if variants.is_empty() && !has_default {
            // Every arm is wrong.
            return quote_spanned!(Span::mixed_site()=> { #errors match () { #(#bodies)* } });
        }
        let choice = self.choice(krate, biased);
        let default = has_default.then(|| quote_spanned!(Span::mixed_site()=> Default));
        quote_spanned! {Span::mixed_site()=> {
            #errors
            enum Chosen<#(#types),*> { #(#variants,)* #default }
            let chosen = match (#(#cases,)*) {
                (#(mut #names,)*) => #choice,
            };
            match chosen { #(#bodies)* }
        }}
    }

    /// The call of the runtime, and what is done with its answer.
    fn choice(&self, krate: &TokenStream, biased: bool) -> TokenStream {
        let Expansion {
            names, outcomes, ..
        } = self;
        if names.is_empty() {
            return quote_spanned!(Span::mixed_site()=> Chosen::Default);
        }
        let function = match (self.has_default, biased) {
            (false, false) => "select",
            (false, true) => "select_biased",
            (true, false) => "try_select",
            (true, true) => "try_select_biased",
        };
        let function = Ident::new(function, Span::mixed_site());
        let last = outcomes.len() - 1;
        let answers = outcomes.iter().enumerate().map(|(index, outcome)| {
            let answer = match index == last {
                true => quote!(_),
                false => proc_macro2::Literal::usize_unsuffixed(index).into_token_stream(),
            };
            match self.has_default {
                true => quote_spanned! {Span::mixed_site()=>
                    ::core::option::Option::Some(#answer) => #outcome,
                },
                false => quote_spanned!(Span::mixed_site()=> #answer => #outcome,),
            }
        });
        let none = self.has_default.then(|| {
            quote_spanned! {Span::mixed_site()=>
                ::core::option::Option::None => Chosen::Default,
            }
        });
        quote_spanned! {Span::mixed_site()=>
            match #krate::__private::#function([#(#names.arm()),*]) {
                #(#answers)*
                #none
            }
        }
    }
}

/// `recv_case(&channel)`. The `&` has the span of the user's token, so that the whole argument
/// has, and a wrong direction is reported there.
fn operand(krate: &TokenStream, function: &str, channel: &TokenStream) -> TokenStream {
    let function = Ident::new(function, Span::mixed_site());
    let span = channel
        .clone()
        .into_iter()
        .next()
        .map_or(Span::mixed_site(), |token| token.span());
    let reference = quote_spanned!(span=> &#channel);
    quote_spanned!(Span::mixed_site()=> #krate::__private::#function(#reference))
}
