//! `Validator`.

use at9068::{ErrorCode, MigrationReport, Request, Require, ValidateOptions, Validator as Core, ValidatorConfig};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString, PyTuple};

use crate::access_token::AccessToken;
use crate::clock::{ClockHolder, ports, traverse};
use crate::error::{detached, guarded};
use crate::explanation::Explanation;
use crate::json;
use crate::key_set::skipped_key;
use crate::text::{json_text, octets, optional_seconds, wrong_type};

/// Decides whether a token is a good access token for this API (RFC 9068 §4).
///
/// One issuer with its keys, or several in `issuers`; never both. Immutable; may be shared
/// between threads.
///
/// Args:
///     issuer: The issuer identifier, compared to the letter.
///     audience: The identifiers of this API, one of which a token's `aud` must contain.
///         Always required: it is what makes a token meant for this API.
///     jwks: The issuer's keys: a `KeySet`, or a JWK set as a mapping.
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
///     required_claims: Claims that must be there besides those of the profile.
///     realm: `realm` of challenges (RFC 9110 §11.5).
///     resource_metadata: URL of the protected resource metadata, for challenges (RFC 9728 §5.1).
///     issuers: Several issuers, each with its own keys; what an entry leaves out, other than
///         keys, is taken from the top.
///     clock: A callable that returns seconds since the epoch. Default: the system's clock. If
///         it fails, so does the call that asked, as `internal` with the failure as `__cause__`.
///
/// Raises:
///     ConfigError: `config_invalid`, naming the option that is unknown, missing or wrong.
///     TypeError: An option is of a type that is neither JSON nor a key.
#[pyclass(frozen, module = "at9068")]
pub(crate) struct Validator {
    core: Core,
    clock: Option<Py<ClockHolder>>,
}

#[pymethods]
impl Validator {
    #[new]
    #[pyo3(signature = (*, clock = None, **options))]
    fn new(py: Python<'_>, clock: Option<&Bound<'_, PyAny>>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let clock = ClockHolder::new(clock)?;
        let ports = ports(py, clock.as_ref())?;
        let none = PyDict::new(py);
        let (text, handles) = json::write_config(options.unwrap_or(&none).as_mapping())?;
        let core = guarded(py, || Core::with_ports(ValidatorConfig::from_json_with(&text, &handles)?, ports))?;
        Ok(Self { core, clock })
    }

    /// Read the same options from JSON text, as every language has them.
    ///
    /// Raises:
    ///     ConfigError: `config_invalid`, naming the member that is unknown, missing or wrong.
    #[staticmethod]
    #[pyo3(signature = (text, /, *, clock = None))]
    fn from_json(py: Python<'_>, text: &Bound<'_, PyString>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let (text, clock) = (json_text(text)?, ClockHolder::new(clock)?);
        let ports = ports(py, clock.as_ref())?;
        let core = guarded(py, || Core::with_ports(ValidatorConfig::from_json(&text)?, ports))?;
        Ok(Self { core, clock })
    }

    /// Validate a token that the caller took out of a request.
    ///
    /// Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm;
    /// key; signature. Then, of an authentic token: the types of its claims; its kind; required
    /// claims; `aud`; `exp`, `nbf`, `iat` and lifetime; the sender constraint of `cnf`; and what
    /// `require` demands. Other threads run meanwhile.
    ///
    /// It does not check whether the token was revoked, whether the client or user still exists,
    /// or DPoP proofs: a token bound to a DPoP key is refused.
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
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (token, /, *, now = None, request = None, require = None))]
    fn validate(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        request: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<AccessToken> {
        let token = octets("token", token)?;
        let options = options(now, request, require)?;
        let core = detached(py, || self.core.validate(&token, &options))?;
        Ok(AccessToken::new(core, self.clock(py)))
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
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        request: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Explanation> {
        let token = octets("token", token)?;
        let options = options(now, request, require)?;
        let core = detached(py, || self.core.explain(&token, &options))?;
        Explanation::new(py, &core, self.clock(py))
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
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (request, /, *, now = None, require = None))]
    fn authenticate(
        &self,
        py: Python<'_>,
        request: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        require: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<AccessToken> {
        let (request, options) = (request_of(request)?, options(now, None, require)?);
        let core = detached(py, || self.core.authenticate(&request, &options))?;
        Ok(AccessToken::new(core, self.clock(py)))
    }

    /// Entries of the configured key sets that cannot be used, with their issuers.
    #[getter]
    fn skipped_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let entries = self.core.skipped_keys().map(|(issuer, entry)| Ok((issuer, skipped_key(py, entry)?)));
        PyTuple::new(py, entries.collect::<PyResult<Vec<_>>>()?)
    }

    /// Give, of every issuer with `migrate_from`, how far its tokens have moved.
    ///
    /// Counts the tokens that this validator accepted so far; an explanation counts for nothing.
    fn migrations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let reports = self.core.migrations().map(|report| migration_report(py, &report));
        PyTuple::new(py, reports.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self) -> &'static str {
        "<at9068.Validator>"
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        traverse(self.clock.as_ref(), &visit)
    }
}

impl Validator {
    /// The clock, for a token to keep.
    fn clock(&self, py: Python<'_>) -> Option<Py<ClockHolder>> {
        self.clock.as_ref().map(|clock| clock.clone_ref(py))
    }
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
