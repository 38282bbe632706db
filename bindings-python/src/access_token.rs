//! `AccessToken`.

use std::borrow::Cow;

use at9068::{AccessToken as Core, Profile};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyTuple};

use crate::error::guarded;
use crate::host::Host;
use crate::json;
use crate::signed::{Lazy, Signed, Texts, Token};
use crate::text::optional_seconds;
use crate::validator::require_of;

/// The claims of a token that a `Validator` found good. Nothing else makes one.
///
/// Where `origin` is `introspection`, the claims are those of the issuer's answer, and what it does
/// not say is empty, or 0. Times are seconds since the epoch, rounded down. What shows an object as
/// text shows nothing of the token. Claims whose types the validation does not judge (`roles`,
/// `groups`, `entitlements`, `authorization_details`) are judged when asked for.
#[pyclass(frozen, extends = Signed, module = "at9068")]
pub(crate) struct AccessToken {
    core: Core,
    /// The validator's clock, which the core asks for what is demanded later.
    clock: Option<Py<Host>>,
    scopes: Lazy,
}

impl AccessToken {
    pub(crate) fn new(py: Python<'_>, core: Core, clock: Option<Py<Host>>) -> PyResult<Py<Self>> {
        Signed::token(py, Self { core, clock, scopes: Lazy::default() })
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// A structured claim, judged and read anew each time.
    fn structured<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let text = guarded(py, || self.core.accessor_json(name))?;
        text.map(|text| json::read(py, &text)).transpose()
    }
}

impl Token for AccessToken {
    fn texts(&self) -> Texts<'_> {
        Texts { claims: self.core.claims_json(), header: self.core.header_json() }
    }
}

#[pymethods]
impl AccessToken {
    /// The profile that the token follows; none where it is its issuer alone that vouches for it.
    #[getter]
    fn profile(&self) -> Option<&'static str> {
        self.core.profile().map(Profile::as_str)
    }

    /// Who vouches for the token.
    ///
    /// `local`: the key that signed it, as verified here. `introspection`: its issuer, who was
    /// asked. `local_and_introspection`: both.
    #[getter]
    fn origin(&self) -> &'static str {
        self.core.origin().as_str()
    }

    /// The codes under which the token will be refused once the validator's migration ends.
    ///
    /// Empty unless the token follows the profile that is migrated from.
    #[getter]
    fn would_break<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.core.would_break().iter().map(|code| code.slug()))
    }

    /// `iss`: who issued the token (RFC 7519 §4.1.1).
    #[getter]
    fn iss(&self) -> &str {
        self.core.iss()
    }

    /// The same as `iss`.
    #[getter]
    fn issuer(&self) -> &str {
        self.core.iss()
    }

    /// `sub`: whom the token speaks of, a user or the client itself (RFC 9068 §2.2).
    #[getter]
    fn sub(&self) -> &str {
        self.core.sub()
    }

    /// `aud`: for whom the token is meant, always as several; none where the profile has none.
    #[getter]
    fn aud<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.core.aud())
    }

    /// The client that the token was issued to: `client_id`, or what the profile calls it.
    #[getter]
    fn client_id(&self) -> &str {
        self.core.client_id()
    }

    /// `exp`: when the token expires.
    #[getter]
    fn exp(&self) -> i64 {
        self.core.exp()
    }

    /// `iat`: when the token was issued.
    #[getter]
    fn iat(&self) -> i64 {
        self.core.iat()
    }

    /// `nbf`: when the token becomes valid.
    #[getter]
    fn nbf(&self) -> Option<i64> {
        self.core.nbf()
    }

    /// `jti`: the token's identifier (RFC 7519 §4.1.7).
    #[getter]
    fn jti(&self) -> Option<&str> {
        self.core.jti()
    }

    /// `scope` as it was written (RFC 8693 §4.2).
    #[getter]
    fn scope(&self) -> Option<&str> {
        self.core.scope()
    }

    /// The members of `scope`; empty where the token has none.
    #[getter]
    fn scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.scopes.get(py, || Ok(PyFrozenSet::new(py, self.core.scopes())?.into_any()))
    }

    /// `permissions`, where the token has them.
    #[getter]
    fn permissions<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        strings(py, self.core.permissions())
    }

    /// `roles`: strings or SCIM values (RFC 9068 §2.2.3.1).
    ///
    /// Raises:
    ///     TokenError: `claim_malformed` where they are not.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.structured(py, "roles")
    }

    /// `groups`: strings or SCIM values (RFC 9068 §2.2.3.1).
    ///
    /// Raises:
    ///     TokenError: `claim_malformed` where they are not.
    #[getter]
    fn groups<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.structured(py, "groups")
    }

    /// `entitlements`: strings or SCIM values (RFC 9068 §2.2.3.1).
    ///
    /// Raises:
    ///     TokenError: `claim_malformed` where they are not.
    #[getter]
    fn entitlements<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.structured(py, "entitlements")
    }

    /// `auth_time`: when the user authenticated (RFC 9068 §2.2.1).
    #[getter]
    fn auth_time(&self) -> Option<i64> {
        self.core.auth_time()
    }

    /// `acr`: the context in which the user authenticated (RFC 9068 §2.2.1).
    #[getter]
    fn acr(&self) -> Option<&str> {
        self.core.acr()
    }

    /// `amr`: the methods by which the user authenticated (RFC 9068 §2.2.1).
    #[getter]
    fn amr<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        strings(py, self.core.amr())
    }

    /// `org_id`: the organization that the user acts for.
    #[getter]
    fn org_id(&self) -> Option<&str> {
        self.core.org_id()
    }

    /// `org_name`: the name of that organization.
    #[getter]
    fn org_name(&self) -> Option<&str> {
        self.core.org_name()
    }

    /// `authorization_details`: objects that each have a `type` (RFC 9396 §2).
    ///
    /// What a type means is left to the caller.
    ///
    /// Raises:
    ///     TokenError: `claim_malformed` where they are not.
    #[getter]
    fn authorization_details<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.structured(py, "authorization_details")
    }

    /// `cnf`: what the token is bound to; checked by the validation (RFC 7800 §3.1).
    #[getter]
    fn cnf<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.structured(py, "cnf")
    }

    /// `act`: who acts for the subject (RFC 8693 §4.1).
    #[getter]
    fn act<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.structured(py, "act")
    }

    /// `gty`: the grants by which the token came about.
    ///
    /// Raises:
    ///     TokenError: `claim_malformed` where it is neither a string nor an array of strings.
    #[getter]
    fn gty<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        strings(py, guarded(py, || self.core.gty())?)
    }

    /// Give the JSON text of any claim, exactly as it was signed.
    #[pyo3(signature = (name, /))]
    fn claim_json(&self, name: &str) -> Option<&str> {
        self.core.claim_json(name)
    }

    /// Ask again whether the token is enough, for an endpoint that demands more.
    ///
    /// Does not ask again whether the token has expired.
    ///
    /// Args:
    ///     demands: What the endpoint demands (RFC 6750 §3.1, RFC 9470 §3).
    ///     now: The time for `max_age`, in seconds since the epoch. Default: the validator's clock.
    ///
    /// Raises:
    ///     DemandError: `authentication_insufficient`, `scope_insufficient` or
    ///         `permission_insufficient`, in that order.
    ///     TokenError: `claim_malformed` for roles, groups or entitlements that are no such.
    ///     ConfigError: `argument_invalid`: an argument is not valid.
    ///     TypeError: An argument is of a wrong type.
    #[pyo3(signature = (demands, /, *, now = None))]
    fn require(&self, py: Python<'_>, demands: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let (demands, now) = (require_of(demands)?, optional_seconds(now)?);
        guarded(py, || self.core.require(&demands, now))
    }

    fn __repr__(&self) -> String {
        format!("<at9068.AccessToken profile={}>", self.profile().unwrap_or("None"))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.clock)?;
        self.scopes.traverse(&visit)
    }
}

pub(crate) fn strings<'py>(py: Python<'py>, texts: Option<Vec<Cow<'_, str>>>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    texts.map(|texts| PyTuple::new(py, texts)).transpose()
}
