//! An authorization server for tests: correct where it is not told otherwise, and wrong exactly as it is told.
//!
//! It serves metadata and keys of any number of issuers over plain sockets and threads, so that it can misbehave at
//! the level of octets. Its README describes the protocol by which it is told.
#![forbid(unsafe_code)]

// In order of dependence: a module imports only from those before it.
mod fault;
mod http;
mod patch;
mod stream;

mod keys;
mod poison;
mod signature;
mod token;

mod place;

mod behaviour;
mod clients;
mod documents;
mod introspection;
mod reply;

mod tls;

mod case;
mod control;

mod port;
mod site;

mod server;

// The public interface is:
pub use crate::fault::Unstarted;
pub use crate::server::{Options, TestIssuer};
