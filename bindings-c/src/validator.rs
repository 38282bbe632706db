//! Validation of access tokens.

use std::ffi::{c_char, c_int};

use at9068_core::{ErrorCode, MigrationReport, Request, Require, ValidateOptions, Validator, ValidatorConfig};

use crate::access_token::at9068_access_token;
use crate::code::at9068_code;
use crate::configured::configured;
use crate::error::{Result, at9068_error};
use crate::explanation::at9068_explanation;
use crate::ffi::{Versioned, given, make, octets, optional_text, table, text};
use crate::guard::{infallible, write};
use crate::handles::at9068_handles;
use crate::issuer_cache::at9068_issuer_cache;
use crate::key_set::write_skipped;
use crate::ports::at9068_ports;
use crate::strings::{at9068_str, at9068_string};

/// Decides whether a token is a good access token for this API. Immutable; shared between threads.
pub struct at9068_validator {
    pub(crate) validator: Validator,
}

/// Arguments of one validation. Texts whose `ptr` is NULL are not given.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_validate_options {
    /// `sizeof(at9068_validate_options)`.
    pub size: usize,
    /// Not 0 where `now` is given; otherwise the clock tells the time.
    pub has_now: c_int,
    /// The time to judge by, in seconds since the epoch; may have a fraction.
    pub now: f64,
    /// What the server knows of the HTTP request, as a JSON object: `scheme` ("Bearer" unless
    /// given, or "DPoP"), `dpop`, `method`, `url`, and `client_certificate_sha256`, the base64url
    /// of the SHA-256 of the client certificate's DER. The certificate must come from the TLS
    /// layer: a header that a client can set proves nothing. Not for
    /// at9068_validator_authenticate(), which has a request of its own.
    pub request: at9068_str,
    /// What the endpoint demands, as a JSON object: `scopes`, `permissions`, `roles`, `groups` and
    /// `entitlements` (all of), `acr_values` (any of), `max_age` (seconds).
    pub require: at9068_str,
}

// SAFETY: begins with its size; zero octets are no size, no time and texts that are not given.
unsafe impl Versioned for at9068_validate_options {
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Makes a validator from its configuration, a JSON object. Required: `audience`, and `issuer` or
/// `issuers`. Defaults: `profiles` ["rfc9068"]; `algorithms` every asymmetric one; `leeway_seconds` 30,
/// and 300 at most; no `max_lifetime_seconds`; `max_token_bytes` 16384; no `migrate_from`; `strategy`
/// "local", so that issuers are not asked about their tokens; `token_cache` of 1000 verified tokens and 8
/// MiB; no `protected_resource`, so that nothing is published of it. `handles` and `ports` may be NULL.
///
/// Keys are given as `jwks`; or fetched from `jwks_uri`; or, with neither, from where the issuer's
/// metadata says, of both kinds unless `discovery` is "oauth" or "openid". They are fetched when they
/// are first needed, never here, and kept in a cache of the validator's own, with the configuration
/// `issuer_cache` as at9068_issuer_cache_new() has it.
///
/// Returns AT9068_CODE_CONFIG_INVALID, with a message that names what is wrong. The caller frees
/// `*out` with at9068_validator_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_new(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    out: *mut *mut at9068_validator,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = ValidatorConfig::from_json_with(config, handles)?;
                Ok(at9068_validator { validator: Validator::with_ports(config, ports)? })
            })
        })
    }
}

/// Makes a validator that shares the keys of a cache with others. What is fetched, and when, follows the
/// cache's configuration and ports; of `ports`, the clock, the resolver and the revocations count. The
/// configuration has no `issuer_cache` then. Otherwise as at9068_validator_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_new_with_cache(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    cache: Option<&at9068_issuer_cache>,
    out: *mut *mut at9068_validator,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            configured(config, config_len, handles, ports, |config, handles, ports| {
                let config = ValidatorConfig::from_json_with(config, handles)?;
                let cache = &given("cache", cache)?.cache;
                Ok(at9068_validator { validator: Validator::with_issuer_cache(config, ports, cache)? })
            })
        })
    }
}

/// Validates a token that the caller took out of a request (RFC 9068 §4).
///
/// Checks, and stops at the first that fails: size and shape; header; `iss`; type; algorithm; key;
/// signature. Then, of an authentic token: the types of its claims; its kind; required claims;
/// `aud`; `exp`, `nbf`, `iat` and lifetime; the list of revocations, where there is one; the sender
/// constraint of `cnf`; and what `options->require` demands.
///
/// It does **not** check whether the client or user still exists, or DPoP proofs: a token bound to a
/// DPoP key is refused.
///
/// `options` may be NULL: the clock's time, a bearer token without client certificate, nothing
/// demanded. What is not UTF-8 is AT9068_CODE_TOKEN_MALFORMED.
///
/// It waits only where keys must be fetched, or the issuer be asked: see at9068_validator_validate_at_hand() and
/// at9068_validator_step() for callers that must not.
///
/// Returns a code of bands 3xx to 7xx, or of 2xx where the token names an unusable key, with the
/// answer to give; AT9068_CODE_KEYS_UNAVAILABLE or _METADATA_INVALID where the issuer's keys cannot be
/// had, which says nothing of the token, to be tried again after at9068_error_retry_after(); so with
/// _INTROSPECTION_UNAVAILABLE where it cannot be asked; AT9068_CODE_ARGUMENT_INVALID for arguments that
/// are wrong whatever the token. The caller frees `*out` with at9068_access_token_free(); it may outlive the validator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_validate(
    validator: Option<&at9068_validator>,
    token: *const c_char,
    token_len: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_access_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let token = octets("token", token, token_len)?;
            let options = validate_options(options)?;
            Ok(given("validator", validator)?.validator.validate(token, &options)?.into())
        })
    }
}

/// Takes the credential out of a request's headers and validates it (RFC 6750 §2.1). `request` is a
/// JSON object as in the options, with `headers`, an array of [name, value], of which exactly one
/// Authorization field with one token is accepted. Tokens in a form body or a query are not.
/// `options` may be NULL, and may not hold a request of its own.
///
/// Returns what at9068_validator_validate() returns; AT9068_CODE_CREDENTIALS_MISSING where nothing
/// is sent, or another scheme; _CREDENTIALS_MALFORMED for bad syntax or more than one credential.
/// The caller frees `*out` with at9068_access_token_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_authenticate(
    validator: Option<&at9068_validator>,
    request: *const c_char,
    request_len: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_access_token,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let (request, options) = authenticated(request, request_len, options)?;
            Ok(given("validator", validator)?.validator.authenticate(&request, &options)?.into())
        })
    }
}

/// Validates a token and tells of every rule how it was met, instead of only the first that failed.
/// For developers and operators; slower than at9068_validator_validate(), whose arguments it takes
/// and whose verdict it gives too.
///
/// Up to the signature every failure ends the judgement, since nothing after it could be believed;
/// the rules that follow are then "not_reached". The trace holds nothing of the token but the kinds
/// of its values. Do not show it to clients all the same: it tells an attacker how far a forgery
/// came.
///
/// A token that is refused is AT9068_CODE_OK here: see at9068_explanation_error(). Returns
/// AT9068_CODE_ARGUMENT_INVALID for arguments that are wrong whatever the token, _INTERNAL where the
/// clock fails. The caller frees `*out` with at9068_explanation_free(); it may outlive the validator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_explain(
    validator: Option<&at9068_validator>,
    token: *const c_char,
    token_len: usize,
    options: *const at9068_validate_options,
    out: *mut *mut at9068_explanation,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let token = octets("token", token, token_len)?;
            let options = validate_options(options)?;
            Ok(given("validator", validator)?.validator.explain(token, &options)?.into())
        })
    }
}

/// The metadata of the protected resource, a JSON document: to be served as application/json at
/// at9068_validator_protected_resource_metadata_path(), to whoever asks and without a token (RFC 9728
/// §3.2). No text where `protected_resource` is not configured, and of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_validator_protected_resource_metadata(validator: Option<&at9068_validator>) -> at9068_str {
    infallible(at9068_str::NONE, || validator.and_then(|known| known.validator.protected_resource_metadata()).into())
}

/// The path at which that metadata is to be served, percent-encoded and without query.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_validator_protected_resource_metadata_path(
    validator: Option<&at9068_validator>,
) -> at9068_str {
    infallible(at9068_str::NONE, || {
        validator.and_then(|known| known.validator.protected_resource_metadata_path()).into()
    })
}

/// How many entries of the configured key sets were skipped because they cannot be used; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_validator_skipped_count(validator: Option<&at9068_validator>) -> usize {
    infallible(0, || validator.map_or(0, |validator| validator.validator.skipped_keys().count()))
}

/// One of the skipped entries, with the issuer whose set it is in; otherwise as
/// at9068_key_set_skipped_at(). Each of `issuer`, `place`, `kid` and `code` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_skipped_at(
    validator: Option<&at9068_validator>,
    index: usize,
    issuer: *mut at9068_str,
    place: *mut usize,
    kid: *mut at9068_str,
    code: *mut at9068_code,
) -> bool {
    let found = infallible(None, || validator.and_then(|known| known.validator.skipped_keys().nth(index)));
    let Some((name, key)) = found else { return false };
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        write(issuer, name.into());
        write_skipped(Some(key), place, kid, code)
    }
}

/// Of every issuer with `migrate_from`, how far its tokens have moved to the other profile: counts
/// of the tokens that this validator accepted so far. An explanation counts for nothing.
///
/// A JSON array, equal in every language, of objects with `issuer`; `from` and `to`, the profiles;
/// `migrated`, how many tokens follow `to`; `remaining`, how many follow `from`, and will be refused
/// once the migration ends; `codes`, an object: under how many of `remaining` each code arose.
///
/// Returns AT9068_CODE_ARGUMENT_INVALID for NULL. The caller frees `*out` with
/// at9068_string_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn at9068_validator_migrations_json(
    validator: Option<&at9068_validator>,
    out: *mut *mut at9068_string,
    error: *mut *mut at9068_error,
) -> at9068_code {
    // SAFETY: the caller's pointers, as the head of the header demands.
    unsafe {
        make(out, error, || {
            let reports: Vec<_> = given("validator", validator)?.validator.migrations().collect();
            Ok(MigrationReport::array_json(&reports).into())
        })
    }
}

/// Frees a validator. Access tokens that it made live on, and with them its ports. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_validator_free(validator: Option<Box<at9068_validator>>) {
    infallible((), || drop(validator));
}

/// A request whose credential is to be taken, and options without another one.
///
/// # Safety
/// As [`text`] and [`validate_options`].
pub(crate) unsafe fn authenticated(
    request: *const c_char,
    request_len: usize,
    options: *const at9068_validate_options,
) -> Result<(Request, ValidateOptions)> {
    // SAFETY: as this function demands.
    let (request, options) = unsafe { (text("request", request, request_len)?, validate_options(options)) };
    let (request, options) = (Request::from_json(request)?, options?);
    if options.request.is_some() {
        return Err(at9068_error::of_use(ErrorCode::ArgumentInvalid, "request is given twice"));
    }
    Ok((request, options))
}

/// # Safety
/// As [`table`], and the texts in it as [`text`].
pub(crate) unsafe fn validate_options(options: *const at9068_validate_options) -> Result<ValidateOptions> {
    let mut known = ValidateOptions::default();
    // SAFETY: as this function demands.
    if let Some(at9068_validate_options { has_now, now, request, require, .. }) = unsafe { table("options", options) }?
    {
        known.now = (has_now != 0).then_some(now);
        // SAFETY: as this function demands.
        let (request, require) = unsafe {
            (optional_text("request", request.ptr, request.len)?, optional_text("require", require.ptr, require.len)?)
        };
        known.request = request.map(Request::from_json).transpose()?;
        known.require = require.map(Require::from_json).transpose()?;
    }
    Ok(known)
}
