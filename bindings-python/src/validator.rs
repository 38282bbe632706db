//! `Validator`.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use at9068::{
    AccessToken as CoreToken, Batch, Credential, Error, ErrorCode, MigrationReport, Progress, Request, Require,
    ValidateOptions, Validator as Core,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString, PyTuple};

use crate::access_token::AccessToken;
use crate::batch;
use crate::error::{detached, guarded};
use crate::explanation::Explanation;
use crate::host::{Given, Host};
use crate::issuer_cache::IssuerCache;
use crate::json;
use crate::key_fetcher::{KeyFetcher, base};
use crate::key_set::skipped_keys_of;
use crate::revocations::Revocations;
use crate::text::{octets, optional_seconds, wrong_type};
use crate::wait::{Call, in_round, patiently, patiently_with_failure};

/// Decides whether a token is a good access token for this API (RFC 9068 §4).
///
/// One issuer, or several in `issuers`; never both. Keys that are not given are fetched when they
/// are first needed, and kept as `IssuerCache` says. Immutable; may be shared between threads, and
/// used after a fork.
///
/// Args:
///     issuer: The issuer identifier, compared to the letter.
///     audience: The identifiers of this API, one of which a token's `aud` must contain.
///         Always required: it is what makes a token meant for this API.
///     jwks: The issuer's keys, fixed: a `KeySet`, or a JWK set as a mapping.
///     jwks_uri: Where the issuer's keys are fetched from. Without keys and without this, its
///         metadata tells.
///     discovery: Which metadata is asked then: `oauth` (RFC 8414), `openid` (OpenID Connect
///         Discovery), or `auto`, the default: both, which must agree where both are there.
///     key_thumbprints: RFC 7638 thumbprints of the only keys of the issuer that count. Default:
///         all count.
///     strategy: How tokens are judged: `local`, the default, by signature and claims;
///         `introspection`, by what the issuer says of them (RFC 7662); or
///         `local_then_introspection`, by both where a token lives longer than `every_seconds`.
///     introspection: How the issuer is asked, as a mapping; required where the strategy asks. See
///         `IntrospectionOptions`.
///     issuer_cache: An `IssuerCache` to share, or the options of one as a mapping. Default: a
///         cache of its own with all defaults.
///     client_ids: The clients whose tokens are accepted, where the profile names no audience
///         (`danger_cognito_no_audience`); only there.
///     profiles: The profiles accepted: `rfc9068` (the default), `auth0`, or one of an issuer
///         that does not follow the standard yet: `keycloak`, `okta`, `entra`,
///         `danger_cognito_no_audience`. No two of them may share a type.
///     migrate_from: A profile that is still accepted while tokens move to the only one in
///         `profiles`; see `AccessToken.would_break` and `migrations`. Default: none.
///     algorithms: The algorithms accepted. Default: every asymmetric one; HMAC only where it
///         is listed here.
///     leeway_seconds: Seconds by which clocks may differ, 0 to 300. Default: 30.
///     max_lifetime_seconds: The longest time from `iat` to `exp`. Default: none.
///     max_token_bytes: The largest token that is looked at, 1 to 65536. Default: 16384.
///     token_cache: How many verified tokens are remembered, `max_entries` (0 turns it off) and
///         `max_bytes`. Default: 1000, in 8 MiB.
///     required_claims: Claims that must be there besides those of the profile.
///     realm: `realm` of challenges (RFC 9110 §11.5).
///     resource_metadata: URL of the protected resource metadata, for challenges (RFC 9728 §5.1).
///         Default: that of `protected_resource`, where it is given.
///     protected_resource: What the resource publishes about itself, as a mapping; see
///         `ProtectedResourceOptions`. Default: nothing.
///     issuers: Several issuers, each with its own keys; what an entry leaves out, other than
///         keys, is taken from the top. With `{tenant}` in its `issuer`, an entry is for all of
///         its `tenants`.
///     clock: A callable that returns seconds since the epoch. Default: the system's clock. If
///         it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///     fetch: A callable that makes requests for documents of issuers, as `IssuerCache` has it.
///         Not beside an `IssuerCache`, which has its own.
///     events: A callable that hears of what happens to keys, as `IssuerCache` has it. Not beside
///         an `IssuerCache`, which has its own.
///     resolver: A callable that is given an issuer that is not configured, and returns what is
///         accepted of it, as an entry of `issuers`, or None where it is not to be trusted. Asked
///         before any signature is verified, about whatever tokens claim: it must only say yes to
///         issuers that it knows, and at once. If it fails, so does the call that asked, as
///         `keys_unavailable` with the failure as `__cause__`.
///     revocations: `Revocations`, whose tokens are refused as `token_revoked`. Default: none.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
///     TypeError: An option is of a type that is neither JSON nor a key.
#[pyclass(frozen, extends = KeyFetcher, module = "at9068")]
pub(crate) struct Validator(Core);

#[pymethods]
impl Validator {
    #[new]
    #[pyo3(signature = (
        *, clock = None, fetch = None, events = None, resolver = None, revocations = None, issuer_cache = None,
        **options
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments, each a port")]
    fn new(
        py: Python<'_>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        resolver: Option<&Bound<'_, PyAny>>,
        revocations: Option<&Bound<'_, Revocations>>,
        issuer_cache: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let given = Given { clock, fetch, events, resolver, revocations, ..Given::default() };
        KeyFetcher::of_options(py, options, issuer_cache, given, Self)
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.
    #[staticmethod]
    #[pyo3(signature = (
        text, /, *, clock = None, fetch = None, events = None, resolver = None, revocations = None,
        issuer_cache = None
    ))]
    fn from_json(
        text: &Bound<'_, PyString>,
        clock: Option<&Bound<'_, PyAny>>,
        fetch: Option<&Bound<'_, PyAny>>,
        events: Option<&Bound<'_, PyAny>>,
        resolver: Option<&Bound<'_, PyAny>>,
        revocations: Option<&Bound<'_, Revocations>>,
        issuer_cache: Option<&Bound<'_, IssuerCache>>,
    ) -> PyResult<Py<Self>> {
        let given = Given { clock, fetch, events, resolver, revocations, ..Given::default() };
        Py::new(text.py(), KeyFetcher::of_json(text, issuer_cache, given, Self)?)
    }

    /// Validate a token that the caller took out of a request.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm;
    /// key; signature. Then, of an authentic token: the types of its claims; its kind; required
    /// claims; `aud`; `exp`, `nbf`, `iat` and lifetime; the sender constraint of `cnf`; and what
    /// `require` demands. Other threads run meanwhile.
    ///
    /// Waits only where keys must be fetched or the issuer asked; Ctrl-C ends that. In an event loop
    /// use `validate_async`, which never blocks.
    ///
    /// It does not check whether the client or user still exists, whether the token was revoked
    /// beyond what `revocations` and an issuer that is asked say, or DPoP proofs: a token bound to a
    /// DPoP key is refused.
    ///
    /// Args:
    ///     token: The token, as text or octets.
    ///     now: The time to judge by, in seconds since the epoch, with a fraction where it
    ///         matters. Default: the clock's.
    ///     request: The request that the token came with. Default: a bearer token without
    ///         client certificate.
    ///     require: What the endpoint demands. Default: nothing.
    ///
    /// Raises:
    ///     TokenError: The token is refused (RFC 9068 §4, RFC 6750 §3.1).
    ///     KeySetError: The token names a key that is unusable.
    ///     DemandError: The token is bound to another sender, or not enough.
    ///     UndecidedError: `keys_unavailable`, `metadata_invalid` or `introspection_unavailable`: the
    ///         issuer's keys cannot be had, or it cannot be asked; try again after `retry_after`
    ///         seconds.
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (token, /, *, now = None, request = None, require = None))]
    fn validate(
        slf: &Bound<'_, Self>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        request: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<AccessToken>> {
        let token = octets("token", token)?;
        Self::judge(slf, Credential::Token(&token), &options(now, request, require)?)
    }

    /// Validate a token without blocking the event loop.
    ///
    /// As `validate`; where keys must be fetched or the issuer asked, the loop goes on meanwhile.
    /// Tasks that wait for the same share one fetch, and a task that is cancelled takes it from
    /// nobody.
    #[pyo3(signature = (token, /, *, now = None, request = None, require = None))]
    fn validate_async<'py>(
        slf: &Bound<'py, Self>,
        token: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
        request: Option<&Bound<'py, PyAny>>,
        require: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let token = octets("token", token)?.into_owned();
        let (core, options) = (slf.get().0.clone(), options(now, request, require)?);
        Call::coroutine(slf, move |round| token_step(&core, round, Credential::Token(&token), &options), give)
    }

    /// Validate many tokens at once, for audits and gateways.
    ///
    /// Each as `validate` does; one that is refused changes nothing for the others. The work is spread
    /// over as many threads as there are processors, which are kept; other threads of Python run
    /// meanwhile.
    ///
    /// All are judged by one time, and those that wait for keys, or for what an issuer says of them, by
    /// that of when it came. Ctrl-C ends the waiting for these, and otherwise takes effect when all
    /// tokens are judged. In an event loop use `validate_many_async`.
    ///
    /// Args:
    ///     tokens: The tokens, as texts or octets, from any iterable.
    ///     require: What the endpoint demands of each of them. Default: nothing.
    ///     now: The time to judge by, in seconds since the epoch. Default: the clock's.
    ///
    /// Returns:
    ///     For each token, in their order, what `validate` would return, or the error that it would
    ///     raise. An empty list where there are none.
    ///
    /// Raises:
    ///     ConfigError: `argument_invalid`: `require` is not valid.
    ///     TypeError: An argument is of a wrong type; a token's place is named.
    #[pyo3(signature = (tokens, /, *, require = None, now = None))]
    fn validate_many(
        slf: &Bound<'_, Self>,
        tokens: &Bound<'_, PyAny>,
        require: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Py<PyAny>>> {
        let options = options(now, None, require)?;
        let given = batch::listed("tokens", tokens)?;
        let step = batch_step(&slf.get().0, Batch::new(batch::tokens(&given)?, options));
        let (verdicts, failure) = patiently_with_failure(slf.py(), step)?;
        give_many(slf, verdicts, failure.as_ref())
    }

    /// Validate many tokens at once without blocking the event loop.
    ///
    /// As `validate_many`; the work is done on a thread of the loop's executor and on those that are
    /// kept, and the loop goes on meanwhile.
    #[pyo3(signature = (tokens, /, *, require = None, now = None))]
    fn validate_many_async<'py>(
        slf: &Bound<'py, Self>,
        tokens: &Bound<'py, PyAny>,
        require: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = options(now, None, require)?;
        let given = batch::listed("tokens", tokens)?;
        let owned = batch::tokens(&given)?.into_iter().map(Cow::into_owned).collect();
        let step = batch_step(&slf.get().0, Batch::new(owned, options));
        Call::coroutine_with_failure(true, slf, step, |slf, verdicts, before| {
            let failure = before.and_then(|before| before.failure(slf.py()));
            Ok(give_many(slf, verdicts, failure.as_ref())?.into_pyobject(slf.py())?.unbind())
        })
    }

    /// Validate a token with the keys and answers at hand, without waiting for any.
    ///
    /// As `validate`; where others are wanted, they are fetched for later calls. Keys whose time is
    /// over are used while none others can be had, for `max_stale_seconds` at most.
    #[pyo3(signature = (token, /, *, now = None, request = None, require = None))]
    fn validate_at_hand(
        slf: &Bound<'_, Self>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        request: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<AccessToken>> {
        let token = octets("token", token)?;
        let (core, options) = (&slf.get().0, options(now, request, require)?);
        let token = detached(slf.py(), || core.validate_at_hand(Credential::Token(&token), &options))?;
        AccessToken::new(slf.py(), token, clock(slf))
    }

    /// Validate a token and tell of every rule how it was met, not only of the first that failed.
    ///
    /// For developers and operators; slower than `validate`, whose verdict it gives too. A refused
    /// token raises nothing here. Up to the signature every failure ends the judgement, since
    /// nothing after it could be believed; the rules that follow are marked as not reached. Other
    /// threads run meanwhile.
    ///
    /// The trace holds nothing of the token but the kinds of its values. Do not show it to clients
    /// all the same: it tells an attacker how far a forgery came. What `validate` does not check is
    /// not checked here either.
    ///
    /// Args:
    ///     token: The token, as text or octets.
    ///     now: The time to judge by, in seconds since the epoch. Default: the clock's.
    ///     request: The request that the token came with. Default: a bearer token without
    ///         client certificate.
    ///     require: What the endpoint demands. Default: nothing.
    ///
    /// Raises:
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (token, /, *, now = None, request = None, require = None))]
    fn explain(
        slf: &Bound<'_, Self>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        request: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Explanation> {
        let token = octets("token", token)?;
        let (core, options) = (&slf.get().0, options(now, request, require)?);
        let explanation = patiently(slf.py(), |round| {
            let step = || core.explain_step(&token, &options);
            in_round(round, Core::ROUNDS, step, || core.explain_at_hand(&token, &options))
        })?;
        Explanation::new(slf.py(), &explanation, clock(slf))
    }

    /// Take the credential out of a request's headers and validate it (RFC 6750 §2.1).
    ///
    /// Exactly one `Authorization` header with one token is accepted; tokens in a form body or a
    /// query are not. Everything else is as for `validate`.
    ///
    /// Args:
    ///     request: The request, with its `headers`.
    ///     now: The time to judge by, in seconds since the epoch. Default: the clock's.
    ///     require: What the endpoint demands. Default: nothing.
    ///
    /// Raises:
    ///     TokenError: `credentials_missing` where nothing is sent, or another scheme;
    ///         `credentials_malformed` for bad syntax or more than one credential; or the token
    ///         is refused.
    ///     KeySetError: The token names a key that is unusable.
    ///     DemandError: The token is bound to another sender, or not enough.
    ///     UndecidedError: `keys_unavailable`, `metadata_invalid` or `introspection_unavailable`: the
    ///         issuer's keys cannot be had, or it cannot be asked; try again after `retry_after`
    ///         seconds.
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (request, /, *, now = None, require = None))]
    fn authenticate(
        slf: &Bound<'_, Self>,
        request: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<AccessToken>> {
        let (request, options) = (request_of(request)?, options(now, None, require)?);
        Self::judge(slf, Credential::Request(&request), &options)
    }

    /// Take the credential out of a request's headers and validate it, without blocking the loop.
    ///
    /// As `authenticate`, in the way of `validate_async`.
    #[pyo3(signature = (request, /, *, now = None, require = None))]
    fn authenticate_async<'py>(
        slf: &Bound<'py, Self>,
        request: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
        require: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (core, request, options) = (slf.get().0.clone(), request_of(request)?, options(now, None, require)?);
        Call::coroutine(slf, move |round| token_step(&core, round, Credential::Request(&request), &options), give)
    }

    /// The metadata of the protected resource, a JSON document (RFC 9728 §3.2).
    ///
    /// To be served as `application/json` at `protected_resource_metadata_path`, to whoever asks and
    /// without a token. None without the option `protected_resource`.
    #[getter]
    fn protected_resource_metadata(&self) -> Option<&str> {
        self.0.protected_resource_metadata()
    }

    /// The path at which that metadata is to be served, percent-encoded and without query.
    #[getter]
    fn protected_resource_metadata_path(&self) -> Option<&str> {
        self.0.protected_resource_metadata_path()
    }

    /// Entries of the configured key sets that cannot be used, with their issuers.
    #[getter]
    fn skipped_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        skipped_keys_of(py, self.0.skipped_keys())
    }

    /// Give, of every issuer with `migrate_from`, how far its tokens have moved.
    ///
    /// Counts the tokens that this validator accepted so far; an explanation counts for nothing.
    fn migrations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let reports = self.0.migrations().map(|report| migration_report(py, &report));
        PyTuple::new(py, reports.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.Validator>"
    }
}

impl Validator {
    fn judge(
        slf: &Bound<'_, Self>,
        credential: Credential<'_>,
        options: &ValidateOptions,
    ) -> PyResult<Py<AccessToken>> {
        let (py, core) = (slf.py(), &slf.get().0);
        // To let others have the interpreter meanwhile pays only where there is something to verify.
        let remembered = guarded(py, || core.remembered(credential, options).transpose())?;
        let token = match remembered {
            Some(token) => token,
            None => patiently(py, |round| token_step(core, round, credential, options))?,
        };
        AccessToken::new(py, token, clock(slf))
    }
}

/// A step of a validation that has waited so often.
fn token_step(core: &Core, round: usize, credential: Credential<'_>, options: &ValidateOptions) -> Progress<CoreToken> {
    in_round(round, Core::ROUNDS, || core.step(credential, options), || core.validate_at_hand(credential, options))
}

/// The steps of validating many tokens, of which the batch itself counts the rounds.
fn batch_step<T: AsRef<[u8]> + Send + Sync>(
    core: &Core,
    batch: Batch<T>,
) -> impl Fn(usize) -> Progress<Vec<Result<CoreToken, Error>>> + Send + Sync + use<T> {
    let (core, batch) = (core.clone(), Mutex::new(batch));
    move |_| core.advance_many(&mut batch.lock().unwrap_or_else(PoisonError::into_inner))
}

fn give_many(
    validator: &Bound<'_, Validator>,
    verdicts: Vec<Result<CoreToken, Error>>,
    failure: Option<&PyErr>,
) -> PyResult<Vec<Py<PyAny>>> {
    let (py, clock) = (validator.py(), clock(validator));
    let clock = || clock.as_ref().map(|clock| clock.clone_ref(py));
    batch::outcomes(py, verdicts, failure, |token| AccessToken::new(py, token, clock()))
}

fn give(validator: &Bound<'_, Validator>, token: CoreToken) -> PyResult<Py<PyAny>> {
    Ok(AccessToken::new(validator.py(), token, clock(validator))?.into_any())
}

/// Whom a token has to ask for the time.
fn clock(validator: &Bound<'_, Validator>) -> Option<Py<Host>> {
    let host = base(validator).host();
    host.get().has_clock().then(|| host.clone_ref(validator.py()))
}

/// How far the tokens of an issuer have moved, as the class of the Python side.
fn migration_report<'py>(py: Python<'py>, report: &MigrationReport) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import(intern!(py, "at9068._types"))?.getattr(intern!(py, "MigrationReport"))?;
    let codes = PyDict::new(py);
    for (code, count) in &report.codes {
        codes.set_item(code.slug(), count)?;
    }
    let (from, to) = (report.from.as_str(), report.to.as_str());
    class.call1((&report.issuer, from, to, report.migrated, report.remaining, codes))
}

fn options(
    now: Option<&Bound<'_, PyAny>>,
    request: Option<&Bound<'_, PyAny>>,
    require: Option<&Bound<'_, PyAny>>,
) -> PyResult<ValidateOptions> {
    let mut options = ValidateOptions::default();
    options.now = optional_seconds(now)?;
    if let Some(require) = require {
        options = options.require(require_of(require)?);
    }
    if let Some(request) = request {
        options = options.request(request_of(request)?);
    }
    Ok(options)
}

fn request_of(request: &Bound<'_, PyAny>) -> PyResult<Request> {
    let mapping = request.cast::<PyMapping>().map_err(|_| wrong_type("request", "a mapping", request))?;
    let text = json::write(mapping, ErrorCode::ArgumentInvalid)?;
    guarded(request.py(), || Request::from_json(&text))
}

/// What an endpoint demands.
pub(crate) fn require_of(require: &Bound<'_, PyAny>) -> PyResult<Require> {
    let mapping = require.cast::<PyMapping>().map_err(|_| wrong_type("require", "a mapping", require))?;
    let text = json::write(mapping, ErrorCode::ArgumentInvalid)?;
    guarded(require.py(), || Require::from_json(&text))
}
