//! The examples of the guides run, and come to the end of what they show.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

#[path = "../examples/client_assertions.rs"]
#[allow(dead_code, reason = "an example is a program")]
mod client_assertions;
#[path = "../examples/id_tokens.rs"]
#[allow(dead_code, reason = "an example is a program")]
mod id_tokens;

#[test]
fn a_client_authenticates_once() {
    client_assertions::main().unwrap();
}

#[test]
fn an_id_token_is_minted_and_validated() {
    id_tokens::main().unwrap();
}
