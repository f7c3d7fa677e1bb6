//! What `select!` is made of. Operands, patterns and bodies are the user's own tokens, untouched.

use crate::diag::Errors;
use proc_macro2::TokenStream;

/// `select! { biased; arms }`
pub(super) struct Select {
    /// Arms are tried in source order instead of at random.
    pub(super) biased: bool,
    pub(super) arms: Vec<Arm>,
    /// Mistakes that belong to no arm, such as a `;` between two.
    pub(super) errors: Errors,
}

/// `op => body`
pub(super) struct Arm {
    pub(super) op: Op,
    /// Empty only if the arm is wrong.
    pub(super) body: TokenStream,
}

pub(super) enum Op {
    /// `pattern = <-channel`
    Recv {
        channel: TokenStream,
        binding: Binding,
    },
    /// `channel <- value`
    Send { channel: TokenStream, value: Value },
    /// `pattern = await future`
    Await {
        future: TokenStream,
        binding: Binding,
    },
    /// `default`
    Default,
    /// Something else; `pattern` binds the names that the body may use.
    Wrong {
        error: syn::Error,
        pattern: TokenStream,
    },
}

/// The left side of a receive, or of an `await`.
pub(super) enum Binding {
    /// `<-rx` or `_ = <-rx`: the value is dropped before the body runs.
    Ignore,
    /// A pattern that matches every value, perhaps with a type.
    Irrefutable {
        pattern: TokenStream,
        ty: Option<TokenStream>,
    },
    /// A pattern that may not match: then `otherwise` runs, which leaves.
    Refutable {
        pattern: TokenStream,
        otherwise: TokenStream,
    },
}

/// The right side of a send.
pub(super) enum Value {
    /// `tx <- expression`
    Expr(TokenStream),
    /// `tx <- move place`: an `Option`, taken from only if this arm is chosen.
    Slot(TokenStream),
}
