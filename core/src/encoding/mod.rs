//! How tokens are written: base64url and JSON, both read strictly.

pub(crate) mod base64url;
pub(crate) mod form;
pub(crate) mod json;
