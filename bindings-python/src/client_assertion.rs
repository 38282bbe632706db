//! `ClientAssertionMinter`, `ClientAssertionValidator` and `ClientAssertion`.

use at9068::{
    ClientAssertion as CoreAssertion, ClientAssertionMinter as CoreMinter, ClientAssertionMinterConfig,
    ClientAssertionOptions, ClientAssertionRequest, ClientAssertionValidator as Core, ErrorCode, Handles, Progress,
};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::error::{detached, guarded};
use crate::host::{Given, Host};
use crate::issuer_cache::IssuerCache;
use crate::json;
use crate::key_fetcher::{KeyFetcher, base};
use crate::key_set::{skipped_keys, skipped_keys_of};
use crate::minter::MintedToken;
use crate::signed::{Signed, Texts, Token};
use crate::text::{json_text, octets, optional_seconds};
use crate::wait::{Call, in_round, patiently};

/// Makes the assertions by which a client authenticates at one authorization server (RFC 7523 §2.2).
///
/// With `keys` it authenticates by `private_key_jwt`, with `client_secret` by `client_secret_jwt`
/// (OpenID Connect Core §9). Immutable; may be shared between threads.
///
/// Args:
///     client_id: The client's identifier, which is issuer and subject of its assertions.
///     audience: The issuer identifier of the authorization server, which alone the assertions are
///         meant for.
///     keys: The client's signing keys: a `SigningKey`, or a JWK set as a mapping whose entries are
///         private JWKs or `SigningKey`s. The first that serves the algorithm signs.
///     client_secret: The client's secret instead, at least as long as its hash (RFC 7518 §3.2).
///     algorithm: The algorithm that assertions are signed with. Default: that of the first usable
///         key; HS256 for a secret.
///     lifetime_seconds: The time from `iat` to `exp`, 1 to 300. Default: 60.
///     clock: A callable that returns seconds since the epoch. Default: the system's clock. If
///         it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
///     TypeError: An option is of a type that is neither JSON nor a key.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct ClientAssertionMinter {
    core: CoreMinter,
    host: Py<Host>,
}

#[pymethods]
impl ClientAssertionMinter {
    #[new]
    #[pyo3(signature = (*, clock = None, **options))]
    fn new(py: Python<'_>, clock: Option<&Bound<'_, PyAny>>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let none = PyDict::new(py);
        let (text, handles) = json::write_config(options.unwrap_or(&none).as_mapping())?;
        Self::make(py, clock, &text, &handles)
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.
    #[staticmethod]
    #[pyo3(signature = (text, /, *, clock = None))]
    fn from_json(py: Python<'_>, text: &Bound<'_, PyString>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Self::make(py, clock, &json_text(text)?, &Handles::default())
    }

    /// Make an assertion, for one request. Other threads run meanwhile.
    ///
    /// The request is one mapping, or its fields as keywords. `jti`: the assertion's identifier,
    /// instead of a random one of 128 bits; it must never have been used before.
    ///
    /// Args:
    ///     request: The request as a mapping.
    ///     now: The time of issue, in seconds since the epoch. Default: the clock's.
    ///     **fields: The fields of the request, instead of a mapping.
    ///
    /// Raises:
    ///     MintError: `signing_failed`.
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

    /// Make an assertion from a request in JSON text.
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

    /// Entries of the configured keys that cannot sign.
    #[getter]
    fn skipped_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        skipped_keys(py, self.core.skipped_keys())
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.ClientAssertionMinter>"
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.host)
    }
}

impl ClientAssertionMinter {
    fn make(py: Python<'_>, clock: Option<&Bound<'_, PyAny>>, text: &str, handles: &Handles) -> PyResult<Self> {
        let host = Host::new(py, Given { clock, ..Given::default() })?;
        let ports = Host::ports(host.bind(py))?;
        let config = || ClientAssertionMinterConfig::from_json_with(text, handles);
        let core = guarded(py, || CoreMinter::with_ports(config()?, ports))?;
        Ok(Self { core, host })
    }

    fn mint_text(&self, py: Python<'_>, text: &str, now: Option<&Bound<'_, PyAny>>) -> PyResult<Py<MintedToken>> {
        let now = optional_seconds(now)?;
        MintedToken::minted(py, || self.core.mint(&ClientAssertionRequest::from_json(text)?, now))
    }
}

/// Decides whether a client is who it says, by the assertion that it sends (RFC 7523 §3).
///
/// For an authorization server, whose endpoints are sent it as `client_assertion` (RFC 7521 §4.2).
/// Each assertion is accepted once. Immutable but for what was used; may be shared between threads,
/// and used after a fork. Who makes a new one, because clients have changed, gives both the same
/// `replay_store` and the same `issuer_cache`.
///
/// Args:
///     issuer: The issuer identifier of this authorization server, which must be the one audience
///         of an assertion.
///     clients: The clients, as mappings: `client_id`, and exactly one of `jwks`, `jwks_uri` and
///         `client_secret`; where it matters `algorithms` and `key_thumbprints`. See
///         `ClientOptions`.
///     danger_token_endpoint_audience: URLs of this server that are accepted as the one audience as
///         well. A client that can be made to send an assertion to another server that names them
///         as its own can be impersonated here. Default: none.
///     danger_jwt_type: Whether the type `JWT` is accepted too, which says nothing about what a
///         token is for. Default: False.
///     leeway_seconds: Seconds by which clocks may differ, 0 to 300. Default: 30.
///     max_lifetime_seconds: The longest time from now to `exp`, to which the leeway is added, and
///         from `iat` to `exp`, to which it is not. Default: 300.
///     max_token_bytes: The largest assertion that is looked at, 1 to 65536. Default: 16384.
///     issuer_cache: An `IssuerCache` to share, or the options of one as a mapping. Default: a
///         cache of its own with all defaults.
///     replay_store: A `ReplayStore`, which remembers the assertions that were used. Default: a
///         `MemoryReplayStore` of its own, which is enough only where one process is all there is.
///         If it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///     clock: A callable that returns seconds since the epoch. Default: the system's clock. If
///         it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///     fetch: A callable that makes requests for clients' keys, as `IssuerCache` has it.
///         Not beside an `IssuerCache`, which has its own.
///     events: A callable that hears of what happens to keys, as `IssuerCache` has it. Not beside
///         an `IssuerCache`, which has its own.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
///     TypeError: An option is of a type that is neither JSON nor a key.
#[pyclass(frozen, extends = KeyFetcher, module = "at9068")]
pub(crate) struct ClientAssertionValidator(Core);

#[pymethods]
impl ClientAssertionValidator {
    #[new]
    #[pyo3(signature = (
        *, clock = None, fetch = None, events = None, replay_store = None, issuer_cache = None, **options
    ))]
    fn new(
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        replay_store: Option<&Bound<'_, PyAny>>,
        issuer_cache: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let given = Given { clock, fetch, events, replay_store, ..Given::default() };
        KeyFetcher::of_options(py, options, issuer_cache, given, Self)
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.
    #[staticmethod]
    #[pyo3(signature = (
        text, /, *, clock = None, fetch = None, events = None, replay_store = None, issuer_cache = None
    ))]
    fn from_json(
        text: &Bound<'_, PyString>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        replay_store: Option<&Bound<'_, PyAny>>,
        issuer_cache: Option<&Bound<'_, IssuerCache>>,
    ) -> PyResult<Py<Self>> {
        let given = Given { clock, fetch, events, replay_store, ..Given::default() };
        Py::new(text.py(), KeyFetcher::of_json(text, issuer_cache, given, Self)?)
    }

    /// Validate an assertion, once: a second time it is `token_replayed`.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`, which names the
    /// client; type; algorithm; key; signature. Then, of an authentic assertion: the types of its
    /// claims; its kind, where it has no type; required claims; `sub`, which is the client as well;
    /// `client_id`; `aud`, which is this server and nobody else; `exp`, `nbf`, `iat`, and that
    /// `exp` is near; and last, that the client has not used its `jti` before. Only an assertion
    /// that is good in all else is remembered as used. Other threads run meanwhile.
    ///
    /// Waits only where a client's keys must be fetched; Ctrl-C ends that. In an event loop use
    /// `validate_async`, which never blocks.
    ///
    /// It does not look at the request: that `client_assertion_type` is
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, and that the client authenticates
    /// in no other way at the same time (RFC 6749 §2.3). Nor does it decide what the client may do.
    ///
    /// Args:
    ///     token: The assertion, as text or octets.
    ///     client_id: The parameter `client_id` that was sent beside it, which must name the same
    ///         client (RFC 7521 §4.2). Default: none was sent.
    ///     now: The time to judge by, in seconds since the epoch, with a fraction where it
    ///         matters. Default: the clock's.
    ///
    /// Raises:
    ///     TokenError: The assertion is refused, as `invalid_client` (RFC 6749 §5.2).
    ///     KeySetError: The assertion names a key that is unusable.
    ///     UndecidedError: `keys_unavailable`: the client's keys cannot be had; try again after
    ///         `retry_after` seconds.
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     At9068Error: `internal` where the replay store fails.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (token, /, *, client_id = None, now = None))]
    fn validate(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        client_id: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<ClientAssertion>> {
        let (token, options) = (octets("token", token)?, options(py, client_id, now)?);
        patiently(py, |round| assertion_step(&self.0, round, &token, &options))
            .and_then(|token| ClientAssertion::new(py, token))
    }

    /// Validate an assertion without blocking the event loop.
    ///
    /// As `validate`; where keys must be fetched, the loop goes on meanwhile, and a `replay_store`
    /// that is not in memory is asked on a thread of the loop's executor. Tasks that wait for the
    /// same keys share one fetch, and a task that is cancelled takes it from nobody; but its
    /// assertion may have been used.
    #[pyo3(signature = (token, /, *, client_id = None, now = None))]
    fn validate_async<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
        client_id: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let (core, token) = (slf.get().0.clone(), octets("token", token)?.into_owned());
        let options = options(py, client_id, now)?;
        Call::coroutine_that(
            base(slf).host().get().has_store(py),
            slf,
            move |round| assertion_step(&core, round, &token, &options),
            |slf, assertion| Ok(ClientAssertion::new(slf.py(), assertion)?.into_any()),
        )
    }

    /// Validate an assertion with the keys at hand, without waiting for any.
    ///
    /// As `validate`; where other keys are wanted, they are fetched for later calls. Keys whose
    /// time is over are used while none others can be had, for `max_stale_seconds` at most.
    #[pyo3(signature = (token, /, *, client_id = None, now = None))]
    fn validate_at_hand(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        client_id: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<ClientAssertion>> {
        let (token, options) = (octets("token", token)?, options(py, client_id, now)?);
        detached(py, || self.0.validate_at_hand(&token, &options)).and_then(|token| ClientAssertion::new(py, token))
    }

    /// Entries of the configured key sets that cannot be used, with their clients.
    #[getter]
    fn skipped_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        skipped_keys_of(py, self.0.skipped_keys())
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.ClientAssertionValidator>"
    }
}

fn options(
    py: Python<'_>,
    client_id: Option<&Bound<'_, PyAny>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<ClientAssertionOptions> {
    let given = PyDict::new(py);
    if let Some(client_id) = client_id {
        given.set_item("client_id", client_id)?;
    }
    let text = json::write(given.as_mapping(), ErrorCode::ArgumentInvalid)?;
    let mut options = guarded(py, || ClientAssertionOptions::from_json(&text))?;
    options.now = optional_seconds(now)?;
    Ok(options)
}

/// A step of a validation that has waited so often.
fn assertion_step(
    core: &Core,
    round: usize,
    token: &[u8],
    options: &ClientAssertionOptions,
) -> Progress<CoreAssertion> {
    in_round(round, Core::ROUNDS, || core.step(token, options), || core.validate_at_hand(token, options))
}

/// The claims of an assertion that a `ClientAssertionValidator` found good: the client is who it says.
///
/// Nothing else makes one. Times are seconds since the epoch, rounded down. What shows an object as
/// text shows nothing of the assertion.
#[pyclass(frozen, extends = Signed, module = "at9068")]
pub(crate) struct ClientAssertion(CoreAssertion);

impl ClientAssertion {
    fn new(py: Python<'_>, core: CoreAssertion) -> PyResult<Py<Self>> {
        Signed::token(py, Self(core))
    }
}

impl Token for ClientAssertion {
    fn texts(&self) -> Texts<'_> {
        Texts { claims: self.0.claims_json(), header: self.0.header_json() }
    }
}

#[pymethods]
impl ClientAssertion {
    /// The client, which is `iss` and `sub` at once (RFC 7523 §3).
    #[getter]
    fn client_id(&self) -> &str {
        self.0.client_id()
    }

    /// `jti`: the identifier of the assertion, which the client never used before.
    #[getter]
    fn jti(&self) -> &str {
        self.0.jti()
    }

    /// `aud`: the one audience, which is this authorization server.
    #[getter]
    fn aud(&self) -> &str {
        self.0.aud()
    }

    /// `exp`: when the assertion expires.
    #[getter]
    fn exp(&self) -> i64 {
        self.0.exp()
    }

    /// `iat`: when it was made, where it says so.
    #[getter]
    fn iat(&self) -> Option<i64> {
        self.0.iat()
    }

    /// How the client authenticated, as in `token_endpoint_auth_method` (RFC 7591 §2).
    #[getter]
    fn method(&self) -> &'static str {
        self.0.method().as_str()
    }

    fn __repr__(&self) -> String {
        format!("<at9068.ClientAssertion method={}>", self.0.method())
    }
}
