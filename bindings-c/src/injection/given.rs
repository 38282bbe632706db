//! Good arguments for every function: texts, and handles that have something to say.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use super::apart;
use crate::*;

thread_local! {
    /// How many clocks were given up.
    pub(super) static ENDED: Cell<usize> = const { Cell::new(0) };
}

pub(super) const NOW: f64 = 1_700_000_100.0;
pub(super) const LATE: f64 = 1_700_009_999.0;

/// TEST ONLY: the secret of HS256 in the shared vectors, and one that is too short.
pub(super) const KEYS: &str = r#"{"keys":[{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q","kid":"hs256","alg":"HS256"},{"kty":"oct","k":"AA","kid":"short"}]}"#;
/// It remembers no tokens, since memory is counted.
pub(super) const VALIDATES: &str = r#"{"issuer":"https://as.example/","audience":"https://api.example/","algorithms":["HS256"],"jwks":{"$key_set":0},"migrate_from":"auth0","token_cache":{"max_entries":0},"protected_resource":{"resource":"https://api.example/"}}"#;
/// Its keys are fetched.
const FETCHES: &str =
    r#"{"issuer":"https://as.example/","audience":"https://api.example/","jwks_uri":"https://as.example/keys"}"#;
const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"nnQl_v9q930mzluO9rkoU2Q17uCxcxhycmlHDPNB9uQ"}]}"#;
pub(super) const MINTS: &str = r#"{"issuer":"https://as.example/","keys":{"keys":[{"$signing_key":0},{"kty":"oct","k":"AA","kid":"short"}]},"apis":[{"audience":"https://api.example/","dialect":"rfc9068_profile","scopes":["read"]}],"default_audience":"https://api.example/"}"#;
pub(super) const GRANT: &str =
    r#"{"grant_type":"authorization_code","client_id":"app","subject":"auth0|123456","scope":"read"}"#;
/// With every claim that an accessor tells, signed with the secret.
pub(super) const TOKEN: &str = concat!(
    "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6ImhzMjU2In0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUvIiwi",
    "c3ViIjoiYXV0aDB8MTIzNDU2IiwiYXVkIjoiaHR0cHM6Ly9hcGkuZXhhbXBsZS8iLCJjbGllbnRfaWQiOiJhcHAiLCJleHAiOjE3",
    "MDAwMDM2MDAsImlhdCI6MTcwMDAwMDAwMCwibmJmIjoxNzAwMDAwMDAwLCJqdGkiOiJpZC0xIiwic2NvcGUiOiJyZWFkIiwiYXV0",
    "aF90aW1lIjoxNzAwMDAwMDAwLCJhY3IiOiJnb2xkIiwib3JnX2lkIjoib3JnXzEiLCJvcmdfbmFtZSI6ImFjbWUifQ.-XZGyqg1V",
    "9-vSsKwrpxXgGCADGCDY6mlMUm7VxNLytI",
);
/// Of the profile that the validator migrates from.
pub(super) const OLD_TOKEN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUvIiwic3ViIjoidSIsImF1ZCI6Imh",
    "0dHBzOi8vYXBpLmV4YW1wbGUvIiwiYXpwIjoiYXBwIiwiZXhwIjoxNzAwMDAzNjAwLCJpYXQiOjE3MDAwMDAwMDB9.ReT20bwOeo",
    "TCQ-PZCUybcxCkrSWQyEtxmdtuo4yAuSA",
);
/// What is no access token: its header is `{"typ":"dpop+jwt","alg":"HS256"}`.
pub(super) const PROOF: &str =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkhTMjU2In0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUvIn0.AAAA";

/// TEST ONLY.
pub(super) const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUDa31VQoVwCa3YigekHADbjtMGqMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJVEVTVCBPTkxZMCAXDTI2MTEyMjE0MzIwOFoYDzIxMjYxMDI5
MTQzMjA4WjAUMRIwEAYDVQQDDAlURVNUIE9OTFkwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS01LtG0Oc3f3UHiIEhDLsZnM6/mbA2QFtVvIAyXdi2wmW1o6mXvCuY
e5cWaQceGraxV5nstiPHgeXmHTYGEIRBo1MwUTAdBgNVHQ4EFgQUg5BD9NxUI9Gv
M8bV5PJwrr0X5UwwHwYDVR0jBBgwFoAUg5BD9NxUI9GvM8bV5PJwrr0X5UwwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAfbvw/pcM1muOZ1U8opzhS
CEhTzzweF15AcLzpBhZSNwIgAeI1sA9ewkYJXTrRcSpvUknSOoaP0L3qw7YSkO7U
sDU=
-----END CERTIFICATE-----
";

pub(super) fn at(text: &str) -> *const c_char {
    text.as_ptr().cast()
}

/// Takes over what the library made.
pub(super) fn owned<T>(handle: *mut T) -> Option<Box<T>> {
    // SAFETY: NULL, or made right now, and nobody else's.
    (!handle.is_null()).then(|| unsafe { Box::from_raw(handle) })
}

pub(super) fn made<T>(call: impl FnOnce(*mut *mut T) -> at9068_code) -> Box<T> {
    let mut out = ptr::null_mut();
    assert_eq!(call(&raw mut out), AT9068_CODE_OK);
    owned(out).unwrap()
}

unsafe extern "C" fn tell(_: *mut c_void, out: *mut f64) -> c_int {
    // SAFETY: what is written is a double, as at9068_clock says.
    unsafe { out.write(NOW) };
    0
}

pub(super) unsafe extern "C" fn end(_: *mut c_void) {
    ENDED.set(ENDED.get() + 1);
}

/// Answers with a key for whatever is asked.
unsafe extern "C" fn fetch(
    _: *mut c_void,
    _: *const at9068_fetch_request,
    response: *mut at9068_fetch_response,
) -> at9068_fetch_outcome {
    // SAFETY: the library's own, good during the call.
    let response = unsafe { &mut *response };
    let (name, value) = ("content-type", "application/json");
    // Panics in these are theirs, and not those of the call that fetches.
    apart(|| {
        assert!(at9068_fetch_response_set_status(Some(response), 200));
        // SAFETY: texts that are as long as they say.
        unsafe {
            assert!(at9068_fetch_response_add_header(Some(response), at(name), name.len(), at(value), value.len()));
            assert!(at9068_fetch_response_append_body(Some(response), JWKS.as_ptr(), JWKS.len()));
        }
    });
    AT9068_FETCH_OK
}

pub(super) const NO_PORTS: at9068_ports = at9068_ports {
    size: size_of::<at9068_ports>(),
    clock: at9068_clock { context: ptr::null_mut(), now: None, drop: None },
    fetch: at9068_fetch { context: ptr::null_mut(), fetch: None, drop: None },
    events: at9068_events { context: ptr::null_mut(), event: None, drop: None },
    resolver: at9068_resolver { context: ptr::null_mut(), resolve: None, drop: None },
    host_fetches: 0,
    revocations: ptr::null(),
    replay_store: at9068_replay_store { context: ptr::null_mut(), first_use: None, drop: None },
    memory_replay_store: ptr::null(),
};

/// A clock whose end is counted.
pub(super) fn ports() -> at9068_ports {
    at9068_ports { clock: at9068_clock { context: ptr::null_mut(), now: Some(tell), drop: Some(end) }, ..NO_PORTS }
}

pub(super) const NONE: at9068_str = at9068_str { ptr: ptr::null(), len: 0 };

/// Names a time where it is not the clock's.
pub(super) fn options(now: f64, require: &str) -> at9068_validate_options {
    let has_now = c_int::from(now > NOW);
    let size = size_of::<at9068_validate_options>();
    at9068_validate_options { size, has_now, now, request: NONE, require: require.into() }
}

pub(super) fn key() -> Box<at9068_signing_key> {
    // SAFETY: a text that is as long as it says, and outputs that can be written to or are NULL. Below it is the same,
    // with handles that live.
    made(|out| unsafe { at9068_signing_key_generate(at("EdDSA"), 5, 0, out, ptr::null_mut()) })
}

pub(super) fn set() -> Box<at9068_key_set> {
    // SAFETY: as above.
    made(|out| unsafe { at9068_key_set_from_json(at(KEYS), KEYS.len(), out, ptr::null_mut()) })
}

pub(super) fn validator() -> Box<at9068_validator> {
    let (set, ports) = (set(), ports());
    let sets = [&raw const *set];
    let handles = handles(&sets, &[]);
    // SAFETY: as above.
    let validator = made(|out| unsafe {
        at9068_validator_new(at(VALIDATES), VALIDATES.len(), &raw const handles, &raw const ports, out, ptr::null_mut())
    });
    // It knows their header from now on, so that later calls keep nothing more.
    drop(token_by(&validator, TOKEN));
    validator
}

/// A port that fetches, or none.
pub(super) fn fetching_ports(fetches: bool) -> at9068_ports {
    let fetch = at9068_fetch { context: ptr::null_mut(), fetch: Some(fetch), drop: None };
    at9068_ports { fetch, host_fetches: c_int::from(!fetches), ..NO_PORTS }
}

/// A validator that has not fetched its keys yet, and fetches them by a port or not at all.
pub(super) fn fetching(fetches: bool) -> Box<at9068_validator> {
    let ports = fetching_ports(fetches);
    // SAFETY: as above.
    made(|out| unsafe {
        at9068_validator_new(at(FETCHES), FETCHES.len(), ptr::null(), &raw const ports, out, ptr::null_mut())
    })
}

/// One that has.
pub(super) fn fetched() -> Box<at9068_validator> {
    let validator = fetching(true);
    // SAFETY: as above.
    assert_eq!(unsafe { at9068_validator_prefetch(Some(&validator), ptr::null_mut()) }, AT9068_CODE_OK);
    validator
}

/// One whose keys cannot be had has this error.
pub(super) fn outage() -> Box<at9068_error> {
    let (validator, mut error) = (fetching(false), ptr::null_mut());
    // SAFETY: as above.
    let code = unsafe { at9068_validator_prefetch(Some(&validator), &raw mut error) };
    assert_eq!(code, AT9068_CODE_KEYS_UNAVAILABLE);
    owned(error).unwrap()
}

pub(super) fn cache() -> Box<at9068_issuer_cache> {
    let validator = fetched();
    // SAFETY: as above.
    made(|out| unsafe { at9068_validator_issuer_cache(Some(&validator), out, ptr::null_mut()) })
}

pub(super) fn steps() -> Box<at9068_key_steps> {
    let validator = fetched();
    // SAFETY: as above.
    made(|out| unsafe { at9068_validator_prefetch_steps(Some(&validator), out, ptr::null_mut()) })
}

pub(super) fn status(validator: &at9068_validator) -> Box<at9068_string> {
    // SAFETY: as above.
    made(|out| unsafe { at9068_validator_status_json(Some(validator), out, ptr::null_mut()) })
}

pub(super) fn refresh() -> Box<at9068_refresh> {
    let validator = fetching(true);
    // SAFETY: as above.
    made(|out| unsafe { at9068_validator_due_refresh(Some(&validator), out, ptr::null_mut()) })
}

pub(super) fn flight(refresh: &at9068_refresh) -> Box<at9068_flight> {
    // SAFETY: as above.
    made(|out| unsafe { at9068_refresh_flight(Some(refresh), out, ptr::null_mut()) })
}

pub(super) fn minter() -> Box<at9068_minter> {
    let (key, ports) = (key(), ports());
    let keys = [&raw const *key];
    let handles = handles(&[], &keys);
    // SAFETY: as above.
    made(|out| unsafe {
        at9068_minter_new(at(MINTS), MINTS.len(), &raw const handles, &raw const ports, out, ptr::null_mut())
    })
}

pub(super) fn handles(
    key_sets: &[*const at9068_key_set],
    signing_keys: &[*const at9068_signing_key],
) -> at9068_handles {
    at9068_handles {
        size: size_of::<at9068_handles>(),
        key_sets: key_sets.as_ptr(),
        key_sets_len: key_sets.len(),
        signing_keys: signing_keys.as_ptr(),
        signing_keys_len: signing_keys.len(),
    }
}

pub(super) fn minted() -> Box<at9068_minted_token> {
    let minter = minter();
    // SAFETY: as above.
    made(|out| unsafe { at9068_minter_mint(Some(&minter), at(GRANT), GRANT.len(), None, out, ptr::null_mut()) })
}

/// Of a good token and another.
pub(super) fn batch() -> Box<at9068_batch> {
    let (validator, tokens) = (validator(), [at9068_str::from(TOKEN), PROOF.into()]);
    // SAFETY: as above.
    made(|out| unsafe {
        at9068_validator_validate_many(Some(&validator), tokens.as_ptr(), 2, ptr::null(), out, ptr::null_mut())
    })
}

/// Of a good request and another.
pub(super) fn minted_batch() -> Box<at9068_minted_batch> {
    let (minter, requests) = (minter(), [at9068_str::from(GRANT), "{}".into()]);
    // SAFETY: as above.
    made(|out| unsafe { at9068_minter_mint_many(Some(&minter), requests.as_ptr(), 2, None, out, ptr::null_mut()) })
}

pub(super) fn token(text: &str) -> Box<at9068_access_token> {
    token_by(&validator(), text)
}

fn token_by(validator: &at9068_validator, text: &str) -> Box<at9068_access_token> {
    // SAFETY: as above.
    made(|out| unsafe {
        at9068_validator_validate(Some(validator), at(text), text.len(), ptr::null(), out, ptr::null_mut())
    })
}

/// Of the token, for an endpoint with these demands.
pub(super) fn explanation(require: &str) -> Box<at9068_explanation> {
    let (validator, options) = (validator(), options(NOW, require));
    // SAFETY: as above.
    made(|out| unsafe {
        at9068_validator_explain(Some(&validator), at(TOKEN), TOKEN.len(), &raw const options, out, ptr::null_mut())
    })
}

pub(super) fn error(text: &str, now: f64) -> Box<at9068_error> {
    let (validator, options) = (validator(), options(now, "{}"));
    let (mut token, mut error) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: as above.
    let code = unsafe {
        let (out, error, options) = (&raw mut token, &raw mut error, &raw const options);
        at9068_validator_validate(Some(&validator), at(text), text.len(), options, out, error)
    };
    assert!(code != AT9068_CODE_OK && token.is_null());
    owned(error).unwrap()
}

pub(super) fn string() -> Box<at9068_string> {
    let key = key();
    // SAFETY: as above.
    made(|out| unsafe { at9068_signing_key_to_jwk(Some(&key), out, ptr::null_mut()) })
}

pub(super) fn buffer() -> Box<at9068_buffer> {
    let set = set();
    // SAFETY: as above.
    made(|out| unsafe {
        let algorithms = r#"["HS256"]"#;
        let (names, count) = (at(algorithms), algorithms.len());
        at9068_verify_jws(at(TOKEN), TOKEN.len(), Some(&set), names, count, out, ptr::null_mut())
    })
}
