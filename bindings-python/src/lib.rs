//! The core of at9068 as Python sees it: convert, one call of the core, convert.
//!
//! Every rule, default and limit is the core's. What Python's users read about the classes stands
//! in `python/at9068/_at9068.pyi`; a test holds the docstrings here and there together.
#![forbid(unsafe_code)]

mod access_token;
mod attach;
mod batch;
mod client_assertion;
mod error;
mod explanation;
mod functions;
mod host;
mod id_token;
mod issuer_cache;
mod json;
mod key_fetcher;
mod key_set;
mod minter;
mod replay;
mod revocations;
mod signed;
mod signing_key;
mod text;
mod validator;
mod wait;

use pyo3::prelude::*;

/// The compiled half of at9068. Import from `at9068` instead.
#[pymodule(gil_used = false)]
mod _at9068 {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::access_token::AccessToken;
    #[pymodule_export]
    use crate::client_assertion::{ClientAssertion, ClientAssertionMinter, ClientAssertionValidator};
    #[pymodule_export]
    use crate::explanation::Explanation;
    #[pymodule_export]
    use crate::functions::{certificate_sha256, error_codes, introspection_response, thumbprint, verify_jws};
    #[pymodule_export]
    use crate::id_token::{IdToken, IdTokenValidator};
    #[pymodule_export]
    use crate::issuer_cache::IssuerCache;
    #[pymodule_export]
    use crate::key_fetcher::KeyFetcher;
    #[pymodule_export]
    use crate::key_set::KeySet;
    #[pymodule_export]
    use crate::minter::{MintedToken, Minter};
    #[pymodule_export]
    use crate::replay::MemoryReplayStore;
    #[pymodule_export]
    use crate::revocations::Revocations;
    #[pymodule_export]
    use crate::signed::Signed;
    #[pymodule_export]
    use crate::signing_key::SigningKey;
    #[pymodule_export]
    use crate::validator::Validator;
    #[pymodule_export]
    use crate::wait::{Call, Waiting};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::attach::guard_forks(module)?;
        module.add("__version__", at9068::VERSION)
    }
}
