//! `IdTokenValidator` and `IdToken`.

use at9068::{ErrorCode, IdToken as CoreToken, IdTokenChecks, IdTokenValidator as Core, Progress};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::access_token::strings;
use crate::error::{detached, guarded};
use crate::host::Given;
use crate::issuer_cache::IssuerCache;
use crate::json::text_of;
use crate::key_fetcher::KeyFetcher;
use crate::key_set::skipped_keys;
use crate::signed::{Signed, Texts, Token};
use crate::text::{octets, optional_seconds};
use crate::wait::{Call, in_round, patiently};

/// Decides whether a token is a good ID token for this client, and of this login.
///
/// As OpenID Connect Core §3.1.3.7 says, for one provider. Keys that are not given are fetched when
/// they are first needed, and kept as `IssuerCache` says. Immutable; may be shared between threads,
/// and used after a fork. Errors are those of access tokens, without an answer over HTTP: a client
/// that refuses an ID token has nobody to answer.
///
/// Args:
///     issuer: The issuer identifier, compared to the letter.
///     client_id: The client's own identifier, which `aud` must contain.
///     jwks: The issuer's keys, fixed: a `KeySet`, or a JWK set as a mapping.
///     jwks_uri: Where the issuer's keys are fetched from. Without keys and without this, its
///         metadata tells.
///     discovery: Which metadata is asked then: `oauth` (RFC 8414), `openid` (OpenID Connect
///         Discovery), or `auto`, the default: both, which must agree where both are there.
///     key_thumbprints: RFC 7638 thumbprints of the only keys of the issuer that count. Default:
///         all count.
///     issuer_cache: An `IssuerCache` to share, also with a `Validator`, or the options of one as a
///         mapping. Default: a cache of its own with all defaults.
///     algorithms: The algorithms accepted. Default: every asymmetric one; HMAC only where it
///         is listed here.
///     trusted_audiences: Audiences that may stand beside the client; a token with any other is
///         refused. Default: none.
///     leeway_seconds: Seconds by which clocks may differ, 0 to 300. Default: 30.
///     max_lifetime_seconds: The longest time from `iat` to `exp`. Default: none.
///     max_token_bytes: The largest token that is looked at, 1 to 65536. Default: 16384.
///     danger_any_nonce: Whether a token with a `nonce` is accepted where none is expected, so that
///         one that was issued for another login is accepted too. Default: False.
///     clock: A callable that returns seconds since the epoch. Default: the system's clock. If
///         it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///     fetch: A callable that makes requests for documents of issuers, as `IssuerCache` has it.
///         Not beside an `IssuerCache`, which has its own.
///     events: A callable that hears of what happens to keys, as `IssuerCache` has it. Not beside
///         an `IssuerCache`, which has its own.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
///     TypeError: An option is of a type that is neither JSON nor a key.
#[pyclass(frozen, extends = KeyFetcher, module = "at9068")]
pub(crate) struct IdTokenValidator(Core);

#[pymethods]
impl IdTokenValidator {
    #[new]
    #[pyo3(signature = (*, clock = None, fetch = None, events = None, issuer_cache = None, **options))]
    fn new(
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        issuer_cache: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let given = Given { clock, fetch, events, ..Given::default() };
        KeyFetcher::of_options(py, options, issuer_cache, given, Self)
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.
    #[staticmethod]
    #[pyo3(signature = (text, /, *, clock = None, fetch = None, events = None, issuer_cache = None))]
    fn from_json(
        text: &Bound<'_, PyString>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        issuer_cache: Option<&Bound<'_, IssuerCache>>,
    ) -> PyResult<Py<Self>> {
        let given = Given { clock, fetch, events, ..Given::default() };
        Py::new(text.py(), KeyFetcher::of_json(text, issuer_cache, given, Self)?)
    }

    /// Validate an ID token.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`; type, which is
    /// `JWT` or absent; algorithm; key; signature. Then, of an authentic token: the types of its
    /// claims; its kind; required claims; that `aud` holds the client and nobody who is not
    /// trusted; `azp`; `exp`, `nbf`, `iat` and lifetime; `nonce`; `auth_time` and `acr`; `at_hash`,
    /// `c_hash` and `s_hash`. Other threads run meanwhile.
    ///
    /// Waits only where keys must be fetched; Ctrl-C ends that. In an event loop use
    /// `validate_async`, which never blocks.
    ///
    /// It does not check whether the token comes for the second time: drop the nonce from the
    /// session with the first. Nor whether the user is who was expected, or the one of the token
    /// before a refresh: compare `sub`.
    ///
    /// Args:
    ///     token: The token, as text or octets.
    ///     checks: What this login expects, as a mapping or JSON text. Default: nothing; a token
    ///         with a `nonce` is then refused, since nobody here asked for it.
    ///     now: The time to judge by, in seconds since the epoch, with a fraction where it
    ///         matters. Default: the clock's.
    ///
    /// Raises:
    ///     TokenError: The token is refused.
    ///     KeySetError: The token names a key that is unusable.
    ///     DemandError: `authentication_insufficient`.
    ///     UndecidedError: `keys_unavailable` or `metadata_invalid`: the issuer's keys cannot be
    ///         had; try again after `retry_after` seconds.
    ///     ConfigError: `argument_invalid`: an argument is not valid, or a check is empty.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (token, /, *, checks = None, now = None))]
    fn validate(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        checks: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<IdToken>> {
        let (token, checks, now) = (octets("token", token)?, checks_of(py, checks)?, optional_seconds(now)?);
        patiently(py, |round| token_step(&self.0, round, &token, &checks, now))
            .and_then(|token| IdToken::new(py, token))
    }

    /// Validate an ID token without blocking the event loop.
    ///
    /// As `validate`; where keys must be fetched, the loop goes on meanwhile. Tasks that wait for
    /// the same keys share one fetch, and a task that is cancelled takes it from nobody.
    #[pyo3(signature = (token, /, *, checks = None, now = None))]
    fn validate_async<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
        checks: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (core, token) = (slf.get().0.clone(), octets("token", token)?.into_owned());
        let (checks, now) = (checks_of(slf.py(), checks)?, optional_seconds(now)?);
        Call::coroutine(
            slf,
            move |round| token_step(&core, round, &token, &checks, now),
            |slf, token| Ok(IdToken::new(slf.py(), token)?.into_any()),
        )
    }

    /// Validate an ID token with the keys at hand, without waiting for any.
    ///
    /// As `validate`; where other keys are wanted, they are fetched for later calls. Keys whose
    /// time is over are used while none others can be had, for `max_stale_seconds` at most.
    #[pyo3(signature = (token, /, *, checks = None, now = None))]
    fn validate_at_hand(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        checks: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<IdToken>> {
        let (token, checks, now) = (octets("token", token)?, checks_of(py, checks)?, optional_seconds(now)?);
        detached(py, || self.0.validate_at_hand(&token, &checks, now)).and_then(|token| IdToken::new(py, token))
    }

    /// Entries of the configured key set that cannot be used.
    #[getter]
    fn skipped_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        skipped_keys(py, self.0.skipped_keys())
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.IdTokenValidator>"
    }
}

fn checks_of(py: Python<'_>, checks: Option<&Bound<'_, PyAny>>) -> PyResult<IdTokenChecks> {
    let Some(checks) = checks else { return Ok(IdTokenChecks::default()) };
    let text = text_of("checks", checks, ErrorCode::ArgumentInvalid)?;
    guarded(py, || IdTokenChecks::from_json(&text))
}

/// A step of a validation that has waited so often.
fn token_step(
    core: &Core,
    round: usize,
    token: &[u8],
    checks: &IdTokenChecks,
    now: Option<f64>,
) -> Progress<CoreToken> {
    in_round(round, Core::ROUNDS, || core.step(token, checks, now), || core.validate_at_hand(token, checks, now))
}

/// The claims of an ID token that an `IdTokenValidator` found good. Nothing else makes one.
///
/// It is never an access token: it says who logged in, not what may be done. Times are seconds
/// since the epoch, rounded down. What shows an object as text shows nothing of the token. Of the
/// user's claims, which `claims` holds, nothing was judged.
#[pyclass(frozen, extends = Signed, module = "at9068")]
pub(crate) struct IdToken(CoreToken);

impl IdToken {
    fn new(py: Python<'_>, core: CoreToken) -> PyResult<Py<Self>> {
        Signed::token(py, Self(core))
    }
}

impl Token for IdToken {
    fn texts(&self) -> Texts<'_> {
        Texts { claims: self.0.claims_json(), header: self.0.header_json() }
    }
}

#[pymethods]
impl IdToken {
    /// `iss`: who issued the token.
    #[getter]
    fn iss(&self) -> &str {
        self.0.iss()
    }

    /// `sub`: who logged in. Unique together with the issuer only.
    #[getter]
    fn sub(&self) -> &str {
        self.0.sub()
    }

    /// `aud`: for whom the token is meant, always as several; the client is one of them.
    #[getter]
    fn aud<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.aud())
    }

    /// `azp`: the client that the token was issued to, where the token says it.
    #[getter]
    fn azp(&self) -> Option<&str> {
        self.0.azp()
    }

    /// `exp`: until when the token may be accepted. It does not end the user's session.
    #[getter]
    fn exp(&self) -> i64 {
        self.0.exp()
    }

    /// `iat`: when the token was issued.
    #[getter]
    fn iat(&self) -> i64 {
        self.0.iat()
    }

    /// `nbf`: when the token becomes valid.
    #[getter]
    fn nbf(&self) -> Option<i64> {
        self.0.nbf()
    }

    /// `auth_time`: when the user authenticated.
    #[getter]
    fn auth_time(&self) -> Option<i64> {
        self.0.auth_time()
    }

    /// `nonce`: that of the request.
    #[getter]
    fn nonce(&self) -> Option<&str> {
        self.0.nonce()
    }

    /// `acr`: the context in which the user authenticated.
    #[getter]
    fn acr(&self) -> Option<&str> {
        self.0.acr()
    }

    /// `amr`: the methods by which the user authenticated.
    #[getter]
    fn amr<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        strings(py, self.0.amr())
    }

    /// `sid`: the session at the issuer, by which logout tokens name it.
    #[getter]
    fn sid(&self) -> Option<&str> {
        self.0.sid()
    }

    /// `at_hash`: half of the hash of the access token.
    #[getter]
    fn at_hash(&self) -> Option<&str> {
        self.0.at_hash()
    }

    /// `c_hash`: half of the hash of the authorization code.
    #[getter]
    fn c_hash(&self) -> Option<&str> {
        self.0.c_hash()
    }

    /// `s_hash`: half of the hash of the request's state.
    #[getter]
    fn s_hash(&self) -> Option<&str> {
        self.0.s_hash()
    }

    /// Give the JSON text of any claim, exactly as it was signed.
    #[pyo3(signature = (name, /))]
    fn claim_json(&self, name: &str) -> Option<&str> {
        self.0.claim_json(name)
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.IdToken>"
    }
}
