//! A case for every function, by its name.

#![allow(unused_unsafe, reason = "some functions are safe, and the macros know nothing of it")]

use std::collections::BTreeSet;
use std::{ptr, thread};

use super::given::{
    self, CERTIFICATE, ENDED, GRANT, KEYS, LATE, MINTS, NONE, NOW, OLD_TOKEN, PROOF, TOKEN, VALIDATES, at,
};
use super::{Called, Injected, Neutral, apart};
use crate::*;

/// Stands in outputs before a call.
const JUNK: i64 = -7;

/// Whether something was told by way of a pointer, and what stands there.
struct Written(bool, i64);

impl Neutral for Written {
    fn is_neutral(&self) -> bool {
        !self.0 && self.1 == JUNK
    }
}

/// A call by its name and arguments. `out` and `error` stand for the last pointers.
macro_rules! call {
    ($called:ident.frees($free:ident($make:expr))) => {
        $called.frees(stringify!($free), $free, || $make)
    };
    ($called:ident.$what:ident($function:ident($($argument:expr),*))) => {
        // SAFETY: handles live, texts are as long as they say, outputs can be written to or are NULL.
        $called.$what(stringify!($function), || unsafe { $function($($argument),*) })
    };
    ($called:ident.writes($function:ident($($argument:expr),*; $kind:ty $(, $more:expr)*))) => {
        $called.answers(stringify!($function), || {
            let mut written = JUNK as $kind;
            // SAFETY: as above.
            let told = unsafe { $function($($argument,)* &raw mut written $(, $more)*) };
            Written(told, written as i64)
        })
    };
    ($called:ident.fails($function:ident($($argument:expr),*; error))) => {
        // SAFETY: as above.
        $called.fails(stringify!($function), |error| unsafe { $function($($argument,)* error) })
    };
    ($called:ident.makes($function:ident($($argument:expr),*; out, error) => $free:ident)) => {
        // SAFETY: as above.
        $called.makes(stringify!($function), $free, |out, error| unsafe { $function($($argument,)* out, error) })
    };
}

mod beside;

#[test]
fn a_panic_in_any_function_ends_at_the_border() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<Injected>() {
            others(panic);
        }
    }));
    // Unwinding needs stack too: as much as threads have under musl (T220).
    let called = thread::Builder::new().stack_size(128 * 1024).spawn(every_function).unwrap().join().unwrap();
    let exported = include_str!("../../symbols.txt").lines().collect();
    assert_eq!(called, exported, "every function has a case here, and symbols.txt has every function");
}

fn every_function() -> BTreeSet<&'static str> {
    let mut called = Called::default();
    tables(&mut called);
    errors(&mut called);
    texts(&mut called);
    key_sets(&mut called);
    signing_keys(&mut called);
    minters(&mut called);
    batches(&mut called);
    validators(&mut called);
    caches(&mut called);
    refreshes(&mut called);
    fetches(&mut called);
    access_tokens(&mut called);
    explanations(&mut called);
    beside::functions(&mut called);
    called.0
}

fn tables(called: &mut Called) {
    call!(called.answers(at9068_version()));
    call!(called.answers(at9068_code_slug(AT9068_CODE_INTERNAL)));
    call!(called.answers(at9068_code_message(AT9068_CODE_INTERNAL)));
    call!(called.answers(at9068_code_at(0)));
}

fn errors(called: &mut Called) {
    let (late, proof) = (given::error(TOKEN, LATE), given::error(PROOF, NOW));
    let (late, proof) = (Some(&*late), Some(&*proof));
    call!(called.answers(at9068_error_code(late)));
    call!(called.answers(at9068_error_slug(late)));
    call!(called.answers(at9068_error_message(late)));
    call!(called.answers(at9068_error_claim(late)));
    call!(called.answers(at9068_error_kind(proof)));
    call!(called.answers(at9068_error_authenticated(late)));
    call!(called.answers(at9068_error_oauth(late)));
    call!(called.answers(at9068_error_status(late)));
    call!(called.answers(at9068_error_challenge_count(late)));
    call!(called.answers(at9068_error_challenge_at(late, 0)));
    // No error of this version has these.
    call!(called.is_silent(at9068_error_header_count(late)));
    call!(called.is_silent(at9068_error_header_name_at(late, 0)));
    call!(called.is_silent(at9068_error_header_value_at(late, 0)));
    // The answer is made once, and kept by the error.
    assert!(!at9068_error_http_body(late).ptr.is_null());
    call!(called.answers(at9068_error_http_header_count(late)));
    called.answers("at9068_error_http_header", || {
        let mut value = NONE;
        // SAFETY: as above.
        let told = unsafe { at9068_error_http_header(late, 0, ptr::null_mut(), &raw mut value) };
        assert_eq!(told, !value.ptr.is_null());
        told
    });
    call!(called.answers(at9068_error_http_body(late)));
    let outage = given::outage();
    call!(called.writes(at9068_error_retry_after(Some(&outage); u64)));
    call!(called.frees(at9068_error_free(given::error(TOKEN, LATE))));
}

fn texts(called: &mut Called) {
    let (string, buffer, set) = (given::string(), given::buffer(), given::set());
    call!(called.answers(at9068_string_view(Some(&string))));
    call!(called.frees(at9068_string_free(given::string())));
    call!(called.answers(at9068_buffer_view(Some(&buffer))));
    call!(called.frees(at9068_buffer_free(given::buffer())));
    let names = r#"["HS256"]"#;
    call!(called.makes(
        at9068_verify_jws(at(TOKEN), TOKEN.len(), Some(&set), at(names), names.len(); out, error) => at9068_buffer_free
    ));
    call!(called.makes(
        at9068_certificate_sha256(CERTIFICATE.as_ptr(), CERTIFICATE.len(); out, error) => at9068_string_free
    ));
}

fn key_sets(called: &mut Called) {
    let (set, key) = (given::set(), given::key());
    let (set, keys) = (Some(&*set), [&raw const *key]);
    let pem = include_str!("../../../tests/keys/ed25519-a.pem");
    let options = at9068_key_options { size: size_of::<at9068_key_options>(), algorithm: NONE, kid: "mine".into() };
    call!(called.makes(at9068_key_set_from_json(at(KEYS), KEYS.len(); out, error) => at9068_key_set_free));
    call!(called.makes(
        at9068_key_set_from_pem(at(pem), pem.len(), &raw const options; out, error) => at9068_key_set_free
    ));
    call!(called.makes(
        at9068_key_set_from_signing_keys(keys.as_ptr(), keys.len(); out, error) => at9068_key_set_free
    ));
    call!(called.makes(at9068_key_set_to_json(set; out, error) => at9068_string_free));
    call!(called.answers(at9068_key_set_len(set)));
    call!(called.answers(at9068_key_set_kid_at(set, 0)));
    call!(called.answers(at9068_key_set_skipped_count(set)));
    call!(called.writes(at9068_key_set_skipped_at(set, 0; usize, ptr::null_mut(), ptr::null_mut())));
    call!(called.frees(at9068_key_set_free(given::set())));
}

fn signing_keys(called: &mut Called) {
    let key = given::key();
    let key = Some(&*key);
    let jwk = r#"{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q","kid":"hs256"}"#;
    let public = r#"{"kty":"OKP","crv":"Ed25519","x":"nnQl_v9q930mzluO9rkoU2Q17uCxcxhycmlHDPNB9uQ"}"#;
    let pem = include_str!("../../../tests/keys/ed25519-a.pem");
    call!(called.makes(at9068_signing_key_generate(at("ES256"), 5, 0; out, error) => at9068_signing_key_free));
    call!(called.makes(at9068_signing_key_from_jwk(at(jwk), jwk.len(); out, error) => at9068_signing_key_free));
    call!(called.makes(
        at9068_signing_key_from_pem(at(pem), pem.len(), ptr::null(); out, error) => at9068_signing_key_free
    ));
    call!(called.answers(at9068_signing_key_kid(key)));
    call!(called.answers(at9068_signing_key_algorithm(key)));
    call!(called.makes(at9068_signing_key_thumbprint(key; out, error) => at9068_string_free));
    call!(called.makes(at9068_signing_key_public_jwk(key; out, error) => at9068_string_free));
    call!(called.makes(at9068_signing_key_public_pem(key; out, error) => at9068_string_free));
    call!(called.makes(at9068_signing_key_to_jwk(key; out, error) => at9068_string_free));
    call!(called.makes(at9068_signing_key_to_pem(key; out, error) => at9068_string_free));
    call!(called.makes(at9068_signing_key_key_set(key; out, error) => at9068_key_set_free));
    call!(called.frees(at9068_signing_key_free(given::key())));
    call!(called.makes(at9068_thumbprint(at(public), public.len(); out, error) => at9068_string_free));
}

fn minters(called: &mut Called) {
    let (key, minter, minted, ports) = (given::key(), given::minter(), given::minted(), given::ports());
    let keys = [&raw const *key];
    let handles = given::handles(&[], &keys);
    let (minter, minted) = (Some(&*minter), Some(&*minted));
    let ended = ENDED.get();
    call!(called.makes(
        at9068_minter_new(at(MINTS), MINTS.len(), &raw const handles, &raw const ports; out, error)
            => at9068_minter_free
    ));
    assert_eq!(ENDED.get() - ended, 1, "the clock of the call that got through, and of no other");
    call!(called.makes(at9068_minter_mint(minter, at(GRANT), GRANT.len(), None; out, error) => at9068_minted_token_free));
    call!(called.answers(at9068_minter_skipped_count(minter)));
    call!(called.writes(at9068_minter_skipped_at(minter, 0; usize, ptr::null_mut(), ptr::null_mut())));
    call!(called.frees(at9068_minter_free(given::minter())));
    call!(called.answers(at9068_minted_token_token(minted)));
    call!(called.answers(at9068_minted_token_claims_json(minted)));
    call!(called.answers(at9068_minted_token_header_json(minted)));
    call!(called.answers(at9068_minted_token_expires_in(minted)));
    call!(called.frees(at9068_minted_token_free(given::minted())));
}

fn validators(called: &mut Called) {
    let (set, validator, ports) = (given::set(), given::validator(), given::ports());
    let sets = [&raw const *set];
    let handles = given::handles(&sets, &[]);
    let validator = Some(&*validator);
    let options = given::options(NOW, r#"{"scopes":["read"]}"#);
    let options = &raw const options;
    let request = format!(r#"{{"headers":[["Authorization","Bearer {TOKEN}"]]}}"#);
    let ended = ENDED.get();
    call!(called.makes(
        at9068_validator_new(at(VALIDATES), VALIDATES.len(), &raw const handles, &raw const ports; out, error)
            => at9068_validator_free
    ));
    assert_eq!(ENDED.get() - ended, 1, "the clock of the call that got through, and of no other");
    call!(called.makes(
        at9068_validator_validate(validator, at(TOKEN), TOKEN.len(), options; out, error) => at9068_access_token_free
    ));
    call!(called.makes(
        at9068_validator_authenticate(validator, at(&request), request.len(), options; out, error)
            => at9068_access_token_free
    ));
    call!(called.makes(
        at9068_validator_explain(validator, at(TOKEN), TOKEN.len(), options; out, error) => at9068_explanation_free
    ));
    call!(called.makes(
        at9068_validator_validate_at_hand(validator, at(TOKEN), TOKEN.len(), options; out, error)
            => at9068_access_token_free
    ));
    call!(called.makes(
        at9068_validator_authenticate_at_hand(validator, at(&request), request.len(), options; out, error)
            => at9068_access_token_free
    ));
    let (mut refresh, mut flight) = (ptr::null_mut(), ptr::null_mut());
    let (refresh, flight) = (&raw mut refresh, &raw mut flight);
    call!(called.makes(
        at9068_validator_step(validator, at(TOKEN), TOKEN.len(), options, refresh, flight; out, error)
            => at9068_access_token_free
    ));
    call!(called.makes(
        at9068_validator_step_request(validator, at(&request), request.len(), options, refresh, flight; out, error)
            => at9068_access_token_free
    ));
    call!(called.makes(
        at9068_validator_explain_at_hand(validator, at(TOKEN), TOKEN.len(), options; out, error)
            => at9068_explanation_free
    ));
    call!(called.makes(
        at9068_validator_explain_step(validator, at(TOKEN), TOKEN.len(), options, refresh, flight; out, error)
            => at9068_explanation_free
    ));
    call!(called.makes(at9068_validator_migrations_json(validator; out, error) => at9068_string_free));
    call!(called.answers(at9068_validator_protected_resource_metadata(validator)));
    call!(called.answers(at9068_validator_protected_resource_metadata_path(validator)));
    call!(called.answers(at9068_validator_skipped_count(validator)));
    call!(called.writes(
        at9068_validator_skipped_at(validator, 0, ptr::null_mut(); usize, ptr::null_mut(), ptr::null_mut())
    ));
    call!(called.frees(at9068_validator_free(given::validator())));
}

/// Of fewer than are worth other threads, whose memory is not counted.
fn batches(called: &mut Called) {
    let (validator, minter) = (given::validator(), given::minter());
    let (validator, minter) = (Some(&*validator), Some(&*minter));
    let (tokens, requests) = ([at9068_str::from(TOKEN), PROOF.into()], [at9068_str::from(GRANT), "{}".into()]);
    let (first, options) = (tokens.as_ptr(), ptr::null());
    call!(called.makes(
        at9068_validator_validate_many(validator, first, 2, options; out, error) => at9068_batch_free
    ));
    call!(called.makes(
        at9068_validator_validate_many_at_hand(validator, first, 2, options; out, error) => at9068_batch_free
    ));
    call!(called.makes(
        at9068_minter_mint_many(minter, requests.as_ptr(), 2, None; out, error) => at9068_minted_batch_free
    ));
    let (judged, minted) = (given::batch(), given::minted_batch());
    let (judged, minted) = (Some(&*judged), Some(&*minted));
    call!(called.answers(at9068_batch_count(judged)));
    call!(called.answers(at9068_batch_token_at(judged, 0)));
    call!(called.answers(at9068_batch_error_at(judged, 1)));
    called.answers("at9068_batch_take_token_at", || {
        let mut batch = apart(given::batch);
        // SAFETY: as above.
        let taken = taken(|out| unsafe { at9068_batch_take_token_at(Some(&mut batch), 0, out) });
        // What was not taken is there still.
        assert_eq!(taken.is_none(), apart(|| at9068_batch_token_at(Some(&batch), 0).is_some()));
        apart(|| drop(batch));
        taken
    });
    call!(called.frees(at9068_batch_free(given::batch())));
    call!(called.answers(at9068_minted_batch_count(minted)));
    call!(called.answers(at9068_minted_batch_token_at(minted, 0)));
    call!(called.answers(at9068_minted_batch_error_at(minted, 1)));
    called.answers("at9068_minted_batch_take_token_at", || {
        let mut batch = apart(given::minted_batch);
        // SAFETY: as above.
        let taken = taken(|out| unsafe { at9068_minted_batch_take_token_at(Some(&mut batch), 0, out) });
        assert_eq!(taken.is_none(), apart(|| at9068_minted_batch_token_at(Some(&batch), 0).is_some()));
        apart(|| drop(batch));
        taken
    });
    call!(called.frees(at9068_minted_batch_free(given::minted_batch())));
}

/// What a call took out of a batch, which it says.
fn taken<T>(call: impl FnOnce(*mut *mut T) -> bool) -> Option<Box<T>> {
    let mut out = ptr::dangling_mut();
    let told = call(&raw mut out);
    assert_eq!(told, !out.is_null());
    given::owned(out)
}

fn caches(called: &mut Called) {
    let (cache, ports, fetched, set) = (given::cache(), given::ports(), given::fetched(), given::set());
    let sets = [&raw const *set];
    let handles = given::handles(&sets, &[]);
    let (cache, fetched) = (Some(&*cache), Some(&*fetched));
    let (settings, snapshot) = (r#"{"max_issuers":1}"#, r#"{"version":1,"issuers":[]}"#);
    let ended = ENDED.get();
    call!(called.makes(
        at9068_issuer_cache_new(at(settings), settings.len(), &raw const ports; out, error) => at9068_issuer_cache_free
    ));
    call!(called.makes(
        at9068_validator_new_with_cache(
            at(VALIDATES), VALIDATES.len(), &raw const handles, &raw const ports, cache; out, error
        ) => at9068_validator_free
    ));
    assert_eq!(ENDED.get() - ended, 2, "the clocks of the calls that got through, and of no other");
    call!(called.makes(at9068_issuer_cache_status_json(cache; out, error) => at9068_string_free));
    call!(called.makes(at9068_issuer_cache_snapshot(cache; out, error) => at9068_string_free));
    call!(called.fails(at9068_issuer_cache_restore(cache, at(snapshot), snapshot.len(); error)));
    call!(called.frees(at9068_issuer_cache_free(given::cache())));
    call!(called.makes(at9068_validator_issuer_cache(fetched; out, error) => at9068_issuer_cache_free));
    call!(called.makes(at9068_validator_status_json(fetched; out, error) => at9068_string_free));
    call!(called.fails(at9068_validator_prefetch(fetched; error)));
    call!(called.fails(at9068_validator_refresh(fetched; error)));
    call!(called.makes(at9068_validator_prefetch_steps(fetched; out, error) => at9068_key_steps_free));
    call!(called.makes(at9068_validator_refresh_steps(fetched; out, error) => at9068_key_steps_free));
    let mut steps = given::steps();
    let (mut refresh, mut flight) = (ptr::null_mut(), ptr::null_mut());
    let (steps, refresh, flight) = (&raw mut *steps, &raw mut refresh, &raw mut flight);
    // SAFETY: they live, and nobody else uses them meanwhile; all is done, so that this can be said twice.
    call!(called.fails(at9068_key_steps_step(steps.as_mut(), refresh, flight; error)));
    call!(called.frees(at9068_key_steps_free(given::steps())));
    let fetching = given::fetching(true);
    // What happens to its keys is remembered from now on.
    drop(given::status(&fetching));
    call!(called.makes(at9068_validator_due_refresh(Some(&fetching); out, error) => at9068_refresh_free));
}

/// A call with a refresh of its own.
fn with_refresh<T>(call: impl FnOnce(Option<&mut at9068_refresh>) -> T) -> T {
    let mut refresh = apart(given::refresh);
    let answer = call(Some(&mut refresh));
    apart(|| drop(refresh));
    answer
}

fn refreshes(called: &mut Called) {
    let mut refresh = given::refresh();
    let flight = given::flight(&refresh);
    let flight = Some(&*flight);
    call!(called.answers(at9068_refresh_issuer(Some(&refresh))));
    call!(called.makes(at9068_refresh_flight(Some(&refresh); out, error) => at9068_flight_free));
    // It has room for both from now on.
    assert!(at9068_refresh_response(Some(&mut refresh)).is_some());
    assert!(at9068_refresh_request(Some(&mut refresh)).is_some());
    let known = &raw mut *refresh;
    // SAFETY: it lives, and nobody else uses it meanwhile.
    call!(called.answers(at9068_refresh_response(known.as_mut())));
    // SAFETY: as above.
    call!(called.answers(at9068_refresh_request(known.as_mut())));
    // SAFETY: outputs can be written to or are NULL, here and below.
    called.fails("at9068_refresh_answer", |error| with_refresh(|it| unsafe { at9068_refresh_answer(it, error) }));
    called.fails("at9068_refresh_fail", |error| {
        // SAFETY: as above.
        with_refresh(|it| unsafe { at9068_refresh_fail(it, AT9068_FETCH_TLS, error) })
    });
    // SAFETY: as above.
    called.fails("at9068_refresh_run", |error| with_refresh(|it| unsafe { at9068_refresh_run(it, error) }));
    called.hands_on("at9068_refresh_spawn", at9068_flight_free, |out, error| {
        // SAFETY: as above.
        with_refresh(|it| unsafe { at9068_refresh_spawn(it, out, error) })
    });
    call!(called.frees(at9068_refresh_free(given::refresh())));

    // Of these, true is what makes a caller go on.
    called.answers("at9068_flight_is_over", || !at9068_flight_is_over(flight));
    call!(called.answers(at9068_flight_remaining_seconds(flight)));
    called.answers("at9068_flight_wait", || !at9068_flight_wait(flight, 0.0));
    drop(refresh);
    call!(called.fails(at9068_flight_on_over(flight, Some(given::end), ptr::null_mut(); error)));
    call!(called.frees(at9068_flight_free(given::flight(&given::refresh()))));
}

fn fetches(called: &mut Called) {
    let mut refresh = given::refresh();
    let request = at9068_refresh_request(Some(&mut refresh));
    call!(called.answers(at9068_fetch_request_method(request)));
    let mut posted = at9068_core::FetchRequest::new("https://as.example/introspect");
    posted.body = Some(b"token=x".to_vec());
    let posted = at9068_fetch_request::from(posted);
    call!(called.answers(at9068_fetch_request_body(Some(&posted))));
    call!(called.answers(at9068_fetch_request_url(request)));
    call!(called.answers(at9068_fetch_request_header_count(request)));
    call!(called.answers(at9068_fetch_request_header_name_at(request, 0)));
    call!(called.answers(at9068_fetch_request_header_value_at(request, 0)));
    call!(called.answers(at9068_fetch_request_timeout_seconds(request)));
    call!(called.answers(at9068_fetch_request_connect_timeout_seconds(request)));
    call!(called.answers(at9068_fetch_request_max_body_bytes(request)));
    call!(called.answers(at9068_fetch_request_trusted_host(request)));
    let response = || at9068_fetch_response::new(7);
    call!(called.answers(at9068_fetch_response_set_status(Some(&mut response()), 200)));
    call!(called.answers(at9068_fetch_response_add_header(Some(&mut response()), at("name"), 4, at("value"), 5)));
    call!(called.answers(at9068_fetch_response_append_body(Some(&mut response()), b"body".as_ptr(), 4)));
    let resolution = at9068_resolution::default;
    call!(called.answers(at9068_resolution_set_json(Some(&mut resolution()), at("{}"), 2)));
}

fn access_tokens(called: &mut Called) {
    let token = given::token(TOKEN);
    let token = Some(&*token);
    call!(called.answers(at9068_access_token_iss(token)));
    call!(called.answers(at9068_access_token_sub(token)));
    call!(called.answers(at9068_access_token_client_id(token)));
    call!(called.answers(at9068_access_token_jti(token)));
    call!(called.answers(at9068_access_token_scope(token)));
    call!(called.answers(at9068_access_token_acr(token)));
    call!(called.answers(at9068_access_token_org_id(token)));
    call!(called.answers(at9068_access_token_org_name(token)));
    call!(called.answers(at9068_access_token_profile(token)));
    call!(called.answers(at9068_access_token_origin(token)));
    call!(called.answers(at9068_access_token_claims_json(token)));
    call!(called.answers(at9068_access_token_header_json(token)));
    call!(called.answers(at9068_access_token_exp(token)));
    call!(called.answers(at9068_access_token_iat(token)));
    call!(called.writes(at9068_access_token_nbf(token; i64)));
    call!(called.writes(at9068_access_token_auth_time(token; i64)));
    let text = || at9068_str { ptr: ptr::dangling(), len: 7 };
    call!(called.fails(at9068_access_token_claim_json(token, at("sub"), 3, &mut text(); error)));
    called.answers("at9068_access_token_claim_json", || {
        let mut text = text();
        // SAFETY: as above.
        unsafe { at9068_access_token_claim_json(token, at("sub"), 3, &raw mut text, ptr::null_mut()) };
        text
    });
    call!(called.makes(at9068_access_token_accessor_json(token, at("aud"), 3; out, error) => at9068_string_free));
    let demands = r#"{"max_age":600}"#;
    call!(called.fails(at9068_access_token_require(token, at(demands), demands.len(), None; error)));
    let old = given::token(OLD_TOKEN);
    call!(called.answers(at9068_access_token_would_break_at(Some(&old), 0)));
    call!(called.frees(at9068_access_token_free(given::token(TOKEN))));
}

fn explanations(called: &mut Called) {
    let (good, refused) = (given::explanation("{}"), given::explanation(r#"{"permissions":["p"]}"#));
    let (good, refused) = (Some(&*good), Some(&*refused));
    call!(called.answers(at9068_explanation_trace_json(good)));
    call!(called.answers(at9068_explanation_token(good)));
    call!(called.answers(at9068_explanation_error(refused)));
    call!(called.answers(at9068_explanation_step_count(good)));
    call!(called.answers(at9068_explanation_step_at(good, 0)));
    // A step that fails has everything.
    let mut steps = (0..at9068_explanation_step_count(refused)).map(|index| at9068_explanation_step_at(refused, index));
    let step = steps.find(|step| at9068_step_code(*step) != AT9068_CODE_OK).flatten();
    call!(called.answers(at9068_step_rule(step)));
    call!(called.answers(at9068_step_section(step)));
    call!(called.answers(at9068_step_outcome(step)));
    call!(called.answers(at9068_step_claim(step)));
    call!(called.answers(at9068_step_expected(step)));
    call!(called.answers(at9068_step_found(step)));
    call!(called.answers(at9068_step_code(step)));
    call!(called.frees(at9068_explanation_free(given::explanation(r#"{"permissions":["p"]}"#))));
}
