//! `Minter` and `MintedToken`.

use at9068::{IdTokenRequest, MintRequest, MintedToken as CoreToken, Minter as Core, MinterConfig};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::access_token::AccessToken;
use crate::batch;
use crate::error::{detached, guarded};
use crate::host::{Given, Host};
use crate::json;
use crate::key_set::skipped_keys;
use crate::signed::{Signed, Texts, Token};
use crate::text::{json_text, optional_seconds, text};

/// Turns what an authorization server grants into access tokens, and logins into ID tokens.
///
/// Access tokens follow RFC 9068 §2 and §3, ID tokens OpenID Connect Core §2. Immutable; may be shared between threads.
///
/// Args:
///     issuer: The issuer identifier.
///     keys: The signing keys: a `SigningKey`, or a JWK set as a mapping whose entries are
///         private JWKs or `SigningKey`s. The first usable one signs.
///     apis: The APIs that tokens are minted for, as mappings: `audience` and `dialect`, and
///         where it matters `algorithm`, `scopes`, `lifetime_seconds`. See `ApiOptions`.
///     default_audience: The API of requests that name none and whose scopes point at none.
///         Default: none, such requests are refused.
///     userinfo_audience: Added to the audience where a user granted `openid`. Default: none.
///     client_subject_suffix: What follows the client's identifier in the subject of its own
///         tokens; never empty. Default: `@clients`.
///     id_tokens: How ID tokens are minted: a mapping that may have `algorithm` (default: that
///         which the first usable key has among the APIs, else the key's own) and
///         `lifetime_seconds` (default: 3600).
///     clock: A callable that returns seconds since the epoch. Default: the system's clock. If
///         it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
///     TypeError: An option is of a type that is neither JSON nor a key.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct Minter {
    core: Core,
    host: Py<Host>,
}

#[pymethods]
impl Minter {
    #[new]
    #[pyo3(signature = (*, clock = None, **options))]
    fn new(py: Python<'_>, clock: Option<&Bound<'_, PyAny>>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let none = PyDict::new(py);
        let (text, handles) = json::write_config(options.unwrap_or(&none).as_mapping())?;
        Self::make(py, clock, || MinterConfig::from_json_with(&text, &handles))
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.
    #[staticmethod]
    #[pyo3(signature = (text, /, *, clock = None))]
    fn from_json(py: Python<'_>, text: &Bound<'_, PyString>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let text = json_text(text)?;
        Self::make(py, clock, || MinterConfig::from_json(&text))
    }

    /// Mint an access token for a grant. Other threads run meanwhile.
    ///
    /// The request is one mapping, or its fields as keywords: `grant_type` and `client_id`, and
    /// whatever of the following is known. What the API's dialect does not carry is left out.
    ///
    /// `subject`: the resource owner's identifier. `resource`: absolute URIs (RFC 8707 §2).
    /// `audience`: APIs by logical name. `scope`: what was granted, not what was asked for.
    /// `auth_time`, `acr`, `amr`: how the user authenticated. `permissions`; `roles`, `groups`,
    /// `entitlements` (strings or SCIM values); `org_id`, `org_name`; `authorization_details`
    /// (RFC 9396 §2); `cnf`; `act`. `claims`: custom claims, none of whose names is one of the
    /// profiles'. `jti`: the token's identifier, instead of a random one of 128 bits.
    ///
    /// It does not decide whether the client may have the grant, the resource or the scope: that
    /// was granted before.
    ///
    /// Args:
    ///     request: The request as a mapping.
    ///     now: The time of issue, in seconds since the epoch. Default: the clock's.
    ///     **fields: The fields of the request, instead of a mapping.
    ///
    /// Raises:
    ///     MintError: `invalid_target`, `invalid_scope` and `grant_ambiguous`, with what a token
    ///         endpoint answers; `claim_reserved`; `subject_collision`; `signing_failed`.
    ///     ConfigError: `argument_invalid`, with the claim concerned.
    ///     TypeError: A request and keywords are both given, or one is of a wrong type.
    #[pyo3(signature = (request = None, /, *, now = None, **fields))]
    fn mint(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<MintedToken>> {
        let text = json::write_fields(py, "request", request, fields)?;
        self.mint_text(py, &text, now)
    }

    /// Mint from a request in JSON text, whose structured values keep their text.
    ///
    /// Args:
    ///     request_text: The request, as `mint` has it.
    ///     now: The time of issue, in seconds since the epoch. Default: the clock's.
    ///
    /// Raises:
    ///     MintError: As for `mint`.
    ///     ConfigError: `argument_invalid`, naming the member that is unknown or wrong.
    #[pyo3(signature = (request_text, /, *, now = None))]
    fn mint_json(
        &self,
        py: Python<'_>,
        request_text: &Bound<'_, PyString>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<MintedToken>> {
        self.mint_text(py, &json_text(request_text)?, now)
    }

    /// Mint many access tokens at once.
    ///
    /// Each as `mint` does; a request that is refused changes nothing for the others. The work is
    /// spread over as many threads as there are processors, which are kept; other threads of Python
    /// run meanwhile.
    ///
    /// Args:
    ///     requests: The requests as mappings, from any iterable.
    ///     now: The time of issue of all of them, in seconds since the epoch. Default: the clock's.
    ///
    /// Returns:
    ///     For each request, in their order, what `mint` would return, or the error that it would
    ///     raise. An empty list where there are none.
    ///
    /// Raises:
    ///     TypeError: An argument is of a wrong type; a request's place is named.
    #[pyo3(signature = (requests, /, *, now = None))]
    fn mint_many(
        &self,
        py: Python<'_>,
        requests: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Py<PyAny>>> {
        let now = optional_seconds(now)?;
        let (requests, refused) = batch::made(&batch::listed("requests", requests)?, |request| {
            let text = json::write_fields(py, "a request", Some(request), None)?;
            guarded(py, || MintRequest::from_json(&text))
        })?;
        let minted = detached(py, || Ok(self.core.mint_many(&requests, now)))?;
        let minted = batch::outcomes(py, minted, None, |token| Signed::token(py, MintedToken(token)))?;
        let (mut minted, mut outcomes) = (minted.into_iter(), Vec::with_capacity(refused.len()));
        for refusal in refused {
            match refusal {
                Some(refusal) => outcomes.push(refusal.into_value(py).into_any()),
                None => outcomes.extend(minted.next()),
            }
        }
        Ok(outcomes)
    }

    /// Mint an ID token for a user who logged in (OpenID Connect Core §2). Other threads run meanwhile.
    ///
    /// The request is one mapping, or its fields as keywords: `client_id` and `subject`, and
    /// whatever of the following is known.
    ///
    /// `audience`: others that the token is for besides the client. `nonce`: that of the client's
    /// request, unchanged. `auth_time`, `acr`, `amr`: how the user authenticated. `sid`: the user's
    /// session. `access_token`, `code`, `state`: what goes out with the token, of which `at_hash`,
    /// `c_hash` and `s_hash` are made. `claims`: those of the user and others, none by a name that
    /// the token owns.
    ///
    /// It does not decide whether the user logged in, or what the client may know of them.
    ///
    /// Args:
    ///     request: The request as a mapping.
    ///     now: The time of issue, in seconds since the epoch. Default: the clock's.
    ///     **fields: The fields of the request, instead of a mapping.
    ///
    /// Raises:
    ///     MintError: `claim_reserved`; `subject_collision`; `signing_failed`.
    ///     ConfigError: `argument_invalid`, with the claim concerned.
    ///     TypeError: A request and keywords are both given, or one is of a wrong type.
    #[pyo3(signature = (request = None, /, *, now = None, **fields))]
    fn mint_id_token(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<MintedToken>> {
        let text = json::write_fields(py, "request", request, fields)?;
        self.mint_id_token_text(py, &text, now)
    }

    /// Mint an ID token from a request in JSON text, whose structured values keep their text.
    ///
    /// Args:
    ///     request_text: The request, as `mint_id_token` has it.
    ///     now: The time of issue, in seconds since the epoch. Default: the clock's.
    ///
    /// Raises:
    ///     MintError: As for `mint_id_token`.
    ///     ConfigError: `argument_invalid`, naming the member that is unknown or wrong.
    #[pyo3(signature = (request_text, /, *, now = None))]
    fn mint_id_token_json(
        &self,
        py: Python<'_>,
        request_text: &Bound<'_, PyString>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<MintedToken>> {
        self.mint_id_token_text(py, &json_text(request_text)?, now)
    }

    /// Sign the answer of an introspection endpoint about a token (RFC 9701 §5).
    ///
    /// What `introspection_response` tells, for the resource server that asks. It is signed as ID
    /// tokens are, and does not expire. Other threads run meanwhile.
    ///
    /// Args:
    ///     token: The token, or None for every token that was refused.
    ///     audience: The resource server, by the `client_id` that it asks with.
    ///     now: The time of issue, in seconds since the epoch. Default: the clock's.
    ///
    /// Raises:
    ///     MintError: `signing_failed`.
    ///     ConfigError: `argument_invalid`: an argument is not valid, or the answer is larger than
    ///         anybody takes.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (token, /, audience, *, now = None))]
    fn mint_introspection_response(
        &self,
        py: Python<'_>,
        token: Option<&Bound<'_, AccessToken>>,
        audience: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<MintedToken>> {
        let token = token.map(|token| token.get().core());
        let (audience, now) = (text("audience", audience)?, optional_seconds(now)?);
        MintedToken::minted(py, || self.core.mint_introspection_response(token, audience, now))
    }

    /// Entries of the configured keys that cannot sign.
    #[getter]
    fn skipped_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        skipped_keys(py, self.core.skipped_keys())
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.Minter>"
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.host)
    }
}

impl Minter {
    fn make(
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
        config: impl FnOnce() -> at9068::Result<MinterConfig>,
    ) -> PyResult<Self> {
        let host = Host::new(py, Given { clock, ..Given::default() })?;
        let ports = Host::ports(host.bind(py))?;
        let core = guarded(py, || Core::with_ports(config()?, ports))?;
        Ok(Self { core, host })
    }

    fn mint_text(&self, py: Python<'_>, text: &str, now: Option<&Bound<'_, PyAny>>) -> PyResult<Py<MintedToken>> {
        let now = optional_seconds(now)?;
        MintedToken::minted(py, || self.core.mint(&MintRequest::from_json(text)?, now))
    }

    fn mint_id_token_text(
        &self,
        py: Python<'_>,
        text: &str,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<MintedToken>> {
        let now = optional_seconds(now)?;
        MintedToken::minted(py, || self.core.mint_id_token(&IdTokenRequest::from_json(text)?, now))
    }
}

/// A token that was minted. What shows it as text shows nothing of it.
#[pyclass(frozen, extends = Signed, module = "at9068")]
pub(crate) struct MintedToken(CoreToken);

impl MintedToken {
    /// What a call of the core mints.
    pub(crate) fn minted(
        py: Python<'_>,
        mint: impl FnOnce() -> at9068::Result<CoreToken> + Send,
    ) -> PyResult<Py<Self>> {
        Signed::token(py, Self(detached(py, mint)?))
    }
}

impl Token for MintedToken {
    fn texts(&self) -> Texts<'_> {
        Texts { claims: self.0.claims_json(), header: self.0.header_json() }
    }
}

#[pymethods]
impl MintedToken {
    /// The token in compact serialization.
    #[getter]
    fn token(&self) -> &str {
        self.0.token()
    }

    /// Seconds until the token expires, as a token response has it (RFC 6749 §5.1).
    #[getter]
    fn expires_in(&self) -> u64 {
        self.0.expires_in()
    }

    fn __repr__(&self) -> String {
        format!("<at9068.MintedToken expires_in={}>", self.0.expires_in())
    }
}
