//! From arms to the expansion.
//!
//! ```text
//! {
//!     enum Chosen<T0> { Arm0(T0), Arm1 }
//!     let mut place0 = MaybeUninit::uninit();
//!     let mut place1 = MaybeUninit::uninit();
//!     let chosen = match (recv_case(&rx).place(&mut place0), send_case(&tx).value_in(v, &mut place1)) {
//!         (mut arm0, mut arm1) => match select([arm0.arm(), arm1.arm()]) {
//!             0 => Chosen::Arm0(arm0.take()),
//!             _ => { arm1.finish(); Chosen::Arm1 }
//!         },
//!     };
//!     match chosen { Chosen::Arm0(value) => { let v = #value; body }, Chosen::Arm1 => body }
//! }
//! ```
//!
//! Operands are evaluated as the parts of one tuple: in source order, and their temporaries live
//! until the end of that `let`, no longer. Bodies stand in a plain `match`, so `break`, `return`
//! and `?` mean what they mean outside. There is one `enum` so that any number of arms may yield
//! values of different types, without a box and without a panic path.

use super::ast::{Arm, Binding, Op, Select, Value};
use crate::diag::Errors;
use crate::tokens::first_span;
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Expr;

pub(super) fn emit(krate: &TokenStream, select: &Select) -> TokenStream {
    let mut waits: Vec<Wait> = Vec::new();
    let mut bodies = Vec::new();
    let mut default = None;
    for Arm { op, body } in &select.arms {
        match op {
            Op::Recv { channel, binding } => {
                let wait = Wait::receive(waits.len(), channel, binding);
                bodies.push(wait.received(binding, body));
                waits.push(wait);
            }
            Op::Send { channel, value } => {
                let wait = Wait::send(waits.len(), channel, value);
                bodies.push(wait.done(body));
                waits.push(wait);
            }
            Op::Await { future, binding } => {
                let wait = Wait::awaits(waits.len(), future, binding);
                bodies.push(wait.received(binding, body));
                waits.push(wait);
            }
            Op::Default => {
                default.get_or_insert(body);
            }
            Op::Wrong { error, pattern } => bodies.push(wrong(error, pattern, body)),
        }
    }
    let errors = &select.errors;
    if waits.is_empty() {
        return without_waiting(krate, errors, &bodies, default);
    }
    let types = waits.iter().filter_map(|wait| wait.ty.as_ref());
    let variants = waits.iter().map(Wait::variant);
    let operands = waits.iter().map(|wait| &wait.operand);
    let names = waits.iter().map(|wait| &wait.name);
    let places = waits.iter().filter_map(|wait| wait.place.as_ref());
    let choice = choice(&waits, select.biased, default.is_some());
    let default_variant = default.map(|_| quote_spanned!(Span::mixed_site()=> Default));
    let default =
        default.map(|body| quote_spanned!(Span::mixed_site()=> Chosen::Default => #body,));
    quote_spanned! {Span::mixed_site()=> {
        #errors
        enum Chosen<#(#types),*> { #(#variants,)* #default_variant }
        #(let mut #places = ::core::mem::MaybeUninit::uninit();)*
        let chosen = {
            use #krate::__private as __goroutines;
            match (#(#operands,)*) { (#(mut #names,)*) => #choice, }
        };
        match chosen { #(#bodies)* #default }
    }}
}

/// Only `default`, only mistakes, or no arm at all.
fn without_waiting(
    krate: &TokenStream,
    errors: &Errors,
    bodies: &[TokenStream],
    default: Option<&TokenStream>,
) -> TokenStream {
    if bodies.is_empty() && default.is_none() {
        return quote_spanned! {Span::mixed_site()=>
            { #errors #krate::__private::block_forever() }
        };
    }
    let default = default.map(|body| quote_spanned!(Span::mixed_site()=> () => #body,));
    quote_spanned!(Span::mixed_site()=> { #errors match () { #(#bodies)* #default } })
}

/// [`choice`] where some arms wait for futures: they stay where they are from the first poll on, and the
/// two kinds are counted separately.
fn mixed_choice(waits: &[Wait], biased: bool, default: bool) -> TokenStream {
    let function = match (default, biased) {
        (false, false) => "select_await",
        (false, true) => "select_await_biased",
        (true, false) => "try_select_await",
        (true, true) => "try_select_await_biased",
    };
    let function = Ident::new(function, Span::mixed_site());
    let names = |awaits| {
        let of_kind = move |wait: &&Wait| wait.awaits == awaits;
        waits.iter().filter(of_kind).map(|wait| &wait.name)
    };
    let (channels, futures, pinned) = (names(false), names(true), names(true));
    let kinds = waits.iter().map(|wait| wait.awaits);
    let mut seen = [0, 0];
    let answers = waits.iter().enumerate().map(|(index, wait)| {
        let number = &mut seen[usize::from(wait.awaits)];
        let kind = match wait.awaits {
            true => quote!(Future),
            false => quote!(Channel),
        };
        let mut answer = match index + 1 == waits.len() {
            true => quote!(_),
            false => {
                let number = Literal::usize_unsuffixed(*number);
                quote_spanned!(Span::mixed_site()=> __goroutines::Ready::#kind(#number))
            }
        };
        *number += 1;
        if default {
            answer = quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#answer));
        }
        let outcome = &wait.outcome;
        quote_spanned!(Span::mixed_site()=> #answer => #outcome,)
    });
    let none = default.then(
        || quote_spanned!(Span::mixed_site()=> ::core::option::Option::None => Chosen::Default,),
    );
    quote_spanned! {Span::mixed_site()=> {
        #(let mut #pinned = ::core::pin::pin!(#pinned);)*
        let chosen = __goroutines::#function(
            [#(#channels.arm()),*],
            [#(__goroutines::AwaitCase::arm(#futures.as_mut())),*],
            &[#(#kinds),*],
        );
        match chosen { #(#answers)* #none }
    }}
}

/// The call of the runtime, and what is done with its answer.
fn choice(waits: &[Wait], biased: bool, default: bool) -> TokenStream {
    if waits.iter().any(|wait| wait.awaits) {
        return mixed_choice(waits, biased, default);
    }
    let function = match (default, biased) {
        (false, false) => "select",
        (false, true) => "select_biased",
        (true, false) => "try_select",
        (true, true) => "try_select_biased",
    };
    let function = Ident::new(function, Span::mixed_site());
    let names = waits.iter().map(|wait| &wait.name);
    let answers = waits.iter().enumerate().map(|(index, wait)| {
        let answer = match index + 1 == waits.len() {
            true => quote!(_),
            false => Literal::usize_unsuffixed(index).into_token_stream(),
        };
        let answer = match default {
            true => quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#answer)),
            false => answer,
        };
        let outcome = &wait.outcome;
        quote_spanned!(Span::mixed_site()=> #answer => #outcome,)
    });
    let none = default.then(
        || quote_spanned!(Span::mixed_site()=> ::core::option::Option::None => Chosen::Default,),
    );
    quote_spanned! {Span::mixed_site()=>
        match __goroutines::#function([#(#names.arm()),*]) { #(#answers)* #none }
    }
}

/// One operation that is waited for.
struct Wait {
    /// The variable that holds it.
    name: Ident,
    /// The variable in which its value lies; the expansion has values nowhere else, since a debug build
    /// has room for each of them.
    place: Option<Ident>,
    /// The variant of `Chosen` that says it was chosen.
    variant: Ident,
    /// The type parameter for a received value that is kept.
    ty: Option<Ident>,
    /// The value of the variable.
    operand: TokenStream,
    /// Completes the chosen operation; a value of `Chosen`.
    outcome: TokenStream,
    /// For a future.
    awaits: bool,
}

impl Wait {
    fn receive(index: usize, channel: &TokenStream, binding: &Binding) -> Wait {
        let (name, variant) = names(index);
        let case = operand("recv_case", channel);
        let place = place(index);
        let operand = quote_spanned!(Span::mixed_site()=> #case.place(&mut #place));
        let (ty, outcome) = match binding {
            Binding::Ignore => (
                None,
                quote_spanned! {Span::mixed_site()=> {
                    #name.discard();
                    Chosen::#variant
                }},
            ),
            _ => (
                Some(format_ident!("T{}", index, span = Span::mixed_site())),
                quote_spanned!(Span::mixed_site()=> Chosen::#variant(#name.take())),
            ),
        };
        Wait {
            name,
            place: Some(place),
            variant,
            ty,
            operand,
            outcome,
            awaits: false,
        }
    }

    fn awaits(index: usize, future: &TokenStream, binding: &Binding) -> Wait {
        let (name, variant) = names(index);
        let function = Ident::new("await_case", first_span(future));
        let operand = quote_spanned!(first_span(future)=> __goroutines::#function(#future));
        let (ty, outcome) = match binding {
            Binding::Ignore => (
                None,
                quote_spanned! {Span::mixed_site()=> {
                    let _ = __goroutines::AwaitCase::take(#name.as_mut());
                    Chosen::#variant
                }},
            ),
            _ => (
                Some(format_ident!("T{}", index, span = Span::mixed_site())),
                quote_spanned!(Span::mixed_site()=> Chosen::#variant(__goroutines::AwaitCase::take(#name.as_mut()))),
            ),
        };
        Wait {
            name,
            place: None,
            variant,
            ty,
            operand,
            outcome,
            awaits: true,
        }
    }

    fn send(index: usize, channel: &TokenStream, value: &Value) -> Wait {
        let (name, variant) = names(index);
        let case = operand("send_case", channel);
        let place = place(index);
        let into = quote_spanned!(Span::mixed_site()=> &mut #place);
        let operand = match value {
            Value::Expr(value) => {
                quote_spanned!(first_span(value)=> #case.value_in(#value, #into))
            }
            Value::Slot(slot) => {
                quote_spanned!(first_span(slot)=> #case.slot_in(&mut #slot, #into))
            }
        };
        let outcome = quote_spanned! {Span::mixed_site()=> {
            #name.finish();
            Chosen::#variant
        }};
        Wait {
            name,
            place: Some(place),
            variant,
            ty: None,
            operand,
            outcome,
            awaits: false,
        }
    }

    /// The declaration of the variant.
    fn variant(&self) -> TokenStream {
        let Wait { variant, ty, .. } = self;
        match ty {
            Some(ty) => quote!(#variant(#ty)),
            None => quote!(#variant),
        }
    }

    /// The arm of the last `match` for an operation without a value.
    fn done(&self, body: &TokenStream) -> TokenStream {
        let variant = &self.variant;
        quote_spanned!(Span::mixed_site()=> Chosen::#variant => #body,)
    }

    /// The arm of the last `match` for a receive, or a future.
    fn received(&self, binding: &Binding, body: &TokenStream) -> TokenStream {
        let variant = &self.variant;
        let value = match self.awaits {
            true => quote_spanned!(Span::mixed_site()=> value),
            false => quote_spanned!(Span::mixed_site()=> value.get()),
        };
        match binding {
            Binding::Ignore => self.done(body),
            Binding::Irrefutable { pattern, ty } => {
                let body = without_braces(body);
                let ty = ty.iter();
                quote_spanned! {Span::mixed_site()=>
                    Chosen::#variant(value) => {
                        let #pattern #(: #ty)* = #value;
                        #body
                    }
                }
            }
            Binding::Refutable { pattern, otherwise } => {
                let otherwise = braced(otherwise);
                let body = without_braces(body);
                quote_spanned! {Span::mixed_site()=>
                    Chosen::#variant(value) => {
                        let #pattern = #value else #otherwise;
                        #body
                    }
                }
            }
        }
    }
}

/// The variable for the value of an arm.
fn place(index: usize) -> Ident {
    format_ident!("place{}", index, span = Span::mixed_site())
}

fn names(index: usize) -> (Ident, Ident) {
    let span = Span::mixed_site();
    (
        format_ident!("arm{}", index, span = span),
        format_ident!("Arm{}", index, span = span),
    )
}

/// The arm of the last `match` for a mistake. The message is the value that the pattern takes
/// apart: the value of a wrong expression has any type, so the body draws no further messages.
fn wrong(error: &syn::Error, pattern: &TokenStream, body: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    match body.is_empty() {
        true => quote_spanned!(Span::mixed_site()=> _ => #error,),
        false => quote_spanned!(Span::mixed_site()=> _ => match #error { #pattern => #body, },),
    }
}

/// `recv_case(&channel)`, all with the span of the user's channel: a wrong operand is reported
/// there, once.
fn operand(function: &str, channel: &TokenStream) -> TokenStream {
    let span = first_span(channel);
    let function = Ident::new(function, span);
    let channel = match syn::parse2::<Expr>(channel.clone()) {
        // What binds less than `&` does.
        Ok(Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_)) => quote_spanned!(span=> (#channel)),
        _ => channel.clone(),
    };
    quote_spanned!(span=> __goroutines::#function(&#channel))
}

/// In braces, if it is not a block already. They stand where the user's code does.
fn braced(code: &TokenStream) -> TokenStream {
    match block_of(code) {
        Some(block) => block.into_token_stream(),
        None => quote_spanned!(first_span(code)=> { #code }),
    }
}

/// As the end of a block of ours: the user's braces would be surplus there (`unused_braces`).
fn without_braces(code: &TokenStream) -> TokenStream {
    match block_of(code) {
        Some(block) => block.stream(),
        None => code.clone(),
    }
}

/// The braces that are all of `code`, perhaps inside the invisible brackets of `$body:block`.
fn block_of(code: &TokenStream) -> Option<Group> {
    let mut tokens = code.clone().into_iter();
    match (tokens.next()?, tokens.next()) {
        (TokenTree::Group(group), None) => match group.delimiter() {
            Delimiter::Brace => Some(group),
            Delimiter::None => block_of(&group.stream()),
            _ => None,
        },
        _ => None,
    }
}
