//! `select!`: wait for the first of several channel operations.
//!
//! `parse` finds the arms in the tokens (`ast` says what an arm is), `emit` writes the expansion.
//! A wrong arm does not stop the parser: it becomes [`ast::Op::Wrong`] and the others go on, so
//! that one build reports every mistake, and an editor still sees all bodies.

mod ast;
mod emit;
mod head;
mod parse;

use proc_macro2::TokenStream;

/// Expands the tokens between the brackets of `select!`.
pub(crate) fn expand(krate: &TokenStream, input: TokenStream) -> TokenStream {
    emit::emit(krate, &parse::parse(input))
}
