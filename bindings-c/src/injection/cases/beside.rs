//! Cases for what lies beside the access token: lists of it, ID tokens, client assertions, answers about it.

#![allow(unused_unsafe, reason = "some functions are safe, and the macros know nothing of it")]

use std::ffi::{c_int, c_void};
use std::ptr;

use super::{JUNK, Written};
use crate::injection::Called;
use crate::injection::given::{self, NO_PORTS, at, made};
use crate::*;

const ID_VALIDATES: &str = r#"{"issuer":"https://as.example/","client_id":"app","trusted_audiences":["other"],"algorithms":["HS256"],"jwks":{"$key_set":0}}"#;
const ID_FETCHES: &str = r#"{"issuer":"https://as.example/","client_id":"app","jwks_uri":"https://as.example/keys"}"#;
const CHECKS: &str = r#"{"nonce":"n-1","max_age":600}"#;
const LOGIN: &str = r#"{"client_id":"app","subject":"user-1","nonce":"n-1"}"#;
/// With every claim that has a function, signed with the secret of `KEYS`.
const ID_TOKEN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6ImhzMjU2In0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUvIiwic3Vi",
    "IjoidXNlci0xIiwiYXVkIjpbImFwcCIsIm90aGVyIl0sImF6cCI6ImFwcCIsImV4cCI6MTcwMDAwMzYwMCwibmJmIjoxNzAwMDAw",
    "MDAwLCJpYXQiOjE3MDAwMDAwMDAsImF1dGhfdGltZSI6MTcwMDAwMDAwMCwibm9uY2UiOiJuLTEiLCJhY3IiOiJnb2xkIiwiYW1y",
    "IjpbInB3ZCJdLCJzaWQiOiJzLTEiLCJhdF9oYXNoIjoic2RhNUcyZkNyNlhqSXBpTmxHSmpqUSIsImNfaGFzaCI6IlZwVFFpaTVU",
    "XzhyZ3d4QS1XdGIyQnciLCJzX2hhc2giOiJTNmFYTmNwVGRsN1dwd250dFd4dW9nIn0.tlyUIUvE_CMysfk0PpAKrviL-9Pdry0k",
    "2vsG2nNlLts",
);

const CLIENTS: &str = r#"{"issuer":"https://as.example/","clients":[{"client_id":"app","client_secret":"TEST ONLY, and as long as the hash of it"},{"client_id":"other","jwks":{"keys":[{"kty":"oct","k":"AA","kid":"short"},{"kty":"OKP","crv":"Ed25519","x":"nnQl_v9q930mzluO9rkoU2Q17uCxcxhycmlHDPNB9uQ"}]}}]}"#;
const CLIENTS_FETCHED: &str =
    r#"{"issuer":"https://as.example/","clients":[{"client_id":"app","jwks_uri":"https://as.example/keys"}]}"#;
const ASSERTS: &str = r#"{"client_id":"app","audience":"https://as.example/","keys":{"keys":[{"$signing_key":0},{"kty":"oct","k":"AA","kid":"short"}]}}"#;
const CLIENT: &str = r#"{"client_id":"app"}"#;
/// Signed with the secret of the first of `CLIENTS`.
const ASSERTION: &str = concat!(
    "eyJ0eXAiOiJjbGllbnQtYXV0aGVudGljYXRpb24rand0IiwiYWxnIjoiSFMyNTYifQ.eyJpc3MiOiJhcHAiLCJzdWIiOiJhcHAiL",
    "CJhdWQiOiJodHRwczovL2FzLmV4YW1wbGUvIiwiZXhwIjoxNzAwMDAwMTYwLCJpYXQiOjE3MDAwMDAxMDAsImp0aSI6ImlkLTEif",
    "Q.m4RBoTNxPMViADlnz7XNtJ2hP-7zme2zEXmu-Su2jxI",
);

pub(super) fn functions(called: &mut Called) {
    revocations(called);
    replay_stores(called);
    id_tokens(called);
    id_token_validators(called);
    id_token_keys(called);
    client_assertions(called);
    client_assertion_validators(called);
    client_assertion_keys(called);
    client_assertion_minters(called);
    introspection(called);
}

fn new_revocations() -> Box<at9068_revocations> {
    // SAFETY: as in the macros of the cases: texts are as long as they say, handles live, outputs can be written to or
    // are NULL; here and below.
    made(|out| unsafe { at9068_revocations_new(ptr::null(), out, ptr::null_mut()) })
}

fn revocations(called: &mut Called) {
    let (list, ports) = (new_revocations(), given::ports());
    let entry = r#"{"issuer":"https://as.example/","sub":"user-1","issued_before":1700000000,"until":4000000000}"#;
    let ended = given::ENDED.get();
    call!(called.makes(at9068_revocations_new(&raw const ports; out, error) => at9068_revocations_free));
    assert_eq!(given::ENDED.get() - ended, 1, "the clock of the call that got through, and of no other");
    let list = Some(&*list);
    // What a list keeps of an entry, it has now.
    // SAFETY: as above.
    assert_eq!(unsafe { at9068_revocations_revoke(list, at(entry), entry.len(), ptr::null_mut()) }, AT9068_CODE_OK);
    call!(called.fails(at9068_revocations_revoke(list, at(entry), entry.len(); error)));
    call!(called.answers(at9068_revocations_len(list)));
    call!(called.fails(at9068_revocations_sweep(list; error)));
    call!(called.makes(at9068_revocations_snapshot(list; out, error) => at9068_string_free));
    // SAFETY: as above.
    let kept = made(|out| unsafe { at9068_revocations_snapshot(list, out, ptr::null_mut()) });
    let kept = at9068_string_view(Some(&kept));
    call!(called.fails(at9068_revocations_restore(list, kept.ptr, kept.len; error)));
    call!(called.frees(at9068_revocations_free(new_revocations())));
}

fn new_replay_store() -> Box<at9068_memory_replay_store> {
    // SAFETY: as above.
    made(|out| unsafe { at9068_memory_replay_store_new(7, out, ptr::null_mut()) })
}

fn replay_stores(called: &mut Called) {
    let store = new_replay_store();
    let store = Some(&*store);
    let mut first: c_int = 7;
    let first = &raw mut first;
    call!(called.makes(at9068_memory_replay_store_new(7; out, error) => at9068_memory_replay_store_free));
    // What a store keeps of a key, it has now.
    // SAFETY: as above.
    unsafe { at9068_memory_replay_store_first_use(store, at("key"), 3, 10, 5, first, ptr::null_mut()) };
    call!(called.fails(at9068_memory_replay_store_first_use(store, at("key"), 3, 10, 5, first; error)));
    call!(called.answers(at9068_memory_replay_store_len(store)));
    call!(called.frees(at9068_memory_replay_store_free(new_replay_store())));
}

fn id_token_validator() -> Box<at9068_id_token_validator> {
    let (set, ports) = (given::set(), given::ports());
    let sets = [&raw const *set];
    let handles = given::handles(&sets, &[]);
    let (handles, ports) = (&raw const handles, &raw const ports);
    // SAFETY: as above.
    made(|out| unsafe {
        at9068_id_token_validator_new(at(ID_VALIDATES), ID_VALIDATES.len(), handles, ports, out, ptr::null_mut())
    })
}

fn id_token() -> Box<at9068_id_token> {
    let validator = id_token_validator();
    let (token, checks) = (at(ID_TOKEN), at(CHECKS));
    // SAFETY: as above.
    made(|out| unsafe {
        let error = ptr::null_mut();
        at9068_id_token_validator_validate(
            Some(&validator),
            token,
            ID_TOKEN.len(),
            checks,
            CHECKS.len(),
            None,
            out,
            error,
        )
    })
}

fn id_tokens(called: &mut Called) {
    let (token, minter) = (id_token(), given::minter());
    let (token, minter) = (Some(&*token), Some(&*minter));
    call!(called.makes(
        at9068_minter_mint_id_token(minter, at(LOGIN), LOGIN.len(), None; out, error) => at9068_minted_token_free
    ));
    call!(called.answers(at9068_id_token_iss(token)));
    call!(called.answers(at9068_id_token_sub(token)));
    call!(called.answers(at9068_id_token_aud_at(token, 1)));
    call!(called.answers(at9068_id_token_azp(token)));
    call!(called.answers(at9068_id_token_nonce(token)));
    call!(called.answers(at9068_id_token_acr(token)));
    call!(called.answers(at9068_id_token_amr_at(token, 0)));
    call!(called.answers(at9068_id_token_sid(token)));
    call!(called.answers(at9068_id_token_at_hash(token)));
    call!(called.answers(at9068_id_token_c_hash(token)));
    call!(called.answers(at9068_id_token_s_hash(token)));
    call!(called.answers(at9068_id_token_exp(token)));
    call!(called.answers(at9068_id_token_iat(token)));
    call!(called.writes(at9068_id_token_nbf(token; i64)));
    call!(called.writes(at9068_id_token_auth_time(token; i64)));
    call!(called.answers(at9068_id_token_claims_json(token)));
    call!(called.answers(at9068_id_token_header_json(token)));
    let text = || at9068_str { ptr: ptr::dangling(), len: 7 };
    call!(called.fails(at9068_id_token_claim_json(token, at("sub"), 3, &mut text(); error)));
    called.answers("at9068_id_token_claim_json", || {
        let mut text = text();
        // SAFETY: as above.
        unsafe { at9068_id_token_claim_json(token, at("sub"), 3, &raw mut text, ptr::null_mut()) };
        text
    });
    call!(called.frees(at9068_id_token_free(id_token())));
}

fn id_token_validators(called: &mut Called) {
    let (validator, set, ports, cache) = (id_token_validator(), given::set(), given::ports(), given::cache());
    let sets = [&raw const *set];
    let handles = given::handles(&sets, &[]);
    let (handles, ports, cache) = (&raw const handles, &raw const ports, Some(&*cache));
    let (validator, token, len) = (Some(&*validator), at(ID_TOKEN), ID_TOKEN.len());
    let (config, config_len) = (at(ID_VALIDATES), ID_VALIDATES.len());
    let ended = given::ENDED.get();
    call!(called.makes(
        at9068_id_token_validator_new(config, config_len, handles, ports; out, error)
            => at9068_id_token_validator_free
    ));
    call!(called.makes(
        at9068_id_token_validator_new_with_cache(config, config_len, handles, ports, cache; out, error)
            => at9068_id_token_validator_free
    ));
    assert_eq!(given::ENDED.get() - ended, 2, "the clocks of the calls that got through, and of no other");
    call!(called.makes(
        at9068_id_token_validator_validate(validator, token, len, at(CHECKS), CHECKS.len(), None; out, error)
            => at9068_id_token_free
    ));
    call!(called.makes(
        at9068_id_token_validator_validate_at_hand(validator, token, len, at(CHECKS), CHECKS.len(), None; out, error)
            => at9068_id_token_free
    ));
    let (mut refresh, mut flight) = (ptr::null_mut(), ptr::null_mut());
    let (refresh, flight) = (&raw mut refresh, &raw mut flight);
    call!(called.makes(
        at9068_id_token_validator_step(
            validator, token, len, at(CHECKS), CHECKS.len(), None, refresh, flight; out, error
        ) => at9068_id_token_free
    ));
    call!(called.answers(at9068_id_token_validator_skipped_count(validator)));
    call!(called.writes(
        at9068_id_token_validator_skipped_at(validator, 0; usize, ptr::null_mut(), ptr::null_mut())
    ));
    call!(called.frees(at9068_id_token_validator_free(id_token_validator())));
}

fn id_token_keys(called: &mut Called) {
    let ports = given::fetching_ports(true);
    let new = || {
        // SAFETY: as above.
        made(|out| unsafe {
            let (config, ports) = (at(ID_FETCHES), &raw const ports);
            at9068_id_token_validator_new(config, ID_FETCHES.len(), ptr::null(), ports, out, ptr::null_mut())
        })
    };
    let fetched = new();
    let fetched = Some(&*fetched);
    // SAFETY: as above.
    assert_eq!(unsafe { at9068_id_token_validator_prefetch(fetched, ptr::null_mut()) }, AT9068_CODE_OK);
    call!(called.fails(at9068_id_token_validator_prefetch(fetched; error)));
    call!(called.fails(at9068_id_token_validator_refresh(fetched; error)));
    call!(called.makes(at9068_id_token_validator_prefetch_steps(fetched; out, error) => at9068_key_steps_free));
    call!(called.makes(at9068_id_token_validator_refresh_steps(fetched; out, error) => at9068_key_steps_free));
    call!(called.makes(at9068_id_token_validator_status_json(fetched; out, error) => at9068_string_free));
    call!(called.makes(at9068_id_token_validator_issuer_cache(fetched; out, error) => at9068_issuer_cache_free));
    let fetching = new();
    // What happens to its keys is remembered from now on.
    // SAFETY: as above.
    drop(made(|out| unsafe { at9068_id_token_validator_status_json(Some(&fetching), out, ptr::null_mut()) }));
    call!(called.makes(at9068_id_token_validator_due_refresh(Some(&fetching); out, error) => at9068_refresh_free));
}

/// Whatever is used, it is the first time.
unsafe extern "C" fn always_first(_: *mut c_void, _: at9068_str, _: i64, _: i64) -> c_int {
    1
}

fn client_ports() -> at9068_ports {
    let replay_store = at9068_replay_store { first_use: Some(always_first), ..NO_PORTS.replay_store };
    at9068_ports { replay_store, ..given::ports() }
}

fn client_assertion_validator() -> Box<at9068_client_assertion_validator> {
    let ports = client_ports();
    // SAFETY: as above.
    made(|out| unsafe {
        let (config, ports) = (at(CLIENTS), &raw const ports);
        at9068_client_assertion_validator_new(config, CLIENTS.len(), ptr::null(), ports, out, ptr::null_mut())
    })
}

fn client_assertion() -> Box<at9068_client_assertion> {
    let validator = client_assertion_validator();
    // SAFETY: as above.
    made(|out| unsafe {
        let (token, error) = (at(ASSERTION), ptr::null_mut());
        at9068_client_assertion_validator_validate(
            Some(&validator),
            token,
            ASSERTION.len(),
            ptr::null(),
            0,
            None,
            out,
            error,
        )
    })
}

fn client_assertions(called: &mut Called) {
    let assertion = client_assertion();
    let assertion = Some(&*assertion);
    call!(called.answers(at9068_client_assertion_client_id(assertion)));
    call!(called.answers(at9068_client_assertion_jti(assertion)));
    call!(called.answers(at9068_client_assertion_aud(assertion)));
    call!(called.answers(at9068_client_assertion_exp(assertion)));
    call!(called.writes(at9068_client_assertion_iat(assertion; i64)));
    call!(called.answers(at9068_client_assertion_method(assertion)));
    call!(called.answers(at9068_client_assertion_claims_json(assertion)));
    call!(called.answers(at9068_client_assertion_header_json(assertion)));
    call!(called.frees(at9068_client_assertion_free(client_assertion())));
}

fn client_assertion_validators(called: &mut Called) {
    let (validator, ports, cache) = (client_assertion_validator(), client_ports(), given::cache());
    let (validator, ports, cache) = (Some(&*validator), &raw const ports, Some(&*cache));
    let (token, len) = (at(ASSERTION), ASSERTION.len());
    let (config, config_len) = (at(CLIENTS), CLIENTS.len());
    let ended = given::ENDED.get();
    call!(called.makes(
        at9068_client_assertion_validator_new(config, config_len, ptr::null(), ports; out, error)
            => at9068_client_assertion_validator_free
    ));
    call!(called.makes(
        at9068_client_assertion_validator_new_with_cache(config, config_len, ptr::null(), ports, cache; out, error)
            => at9068_client_assertion_validator_free
    ));
    assert_eq!(given::ENDED.get() - ended, 2, "the clocks of the calls that got through, and of no other");
    call!(called.makes(
        at9068_client_assertion_validator_validate(
            validator, token, len, at(CLIENT), CLIENT.len(), None; out, error
        ) => at9068_client_assertion_free
    ));
    call!(called.makes(
        at9068_client_assertion_validator_validate_at_hand(
            validator, token, len, at(CLIENT), CLIENT.len(), None; out, error
        ) => at9068_client_assertion_free
    ));
    let (mut refresh, mut flight) = (ptr::null_mut(), ptr::null_mut());
    let (refresh, flight) = (&raw mut refresh, &raw mut flight);
    call!(called.makes(
        at9068_client_assertion_validator_step(
            validator, token, len, at(CLIENT), CLIENT.len(), None, refresh, flight; out, error
        ) => at9068_client_assertion_free
    ));
    call!(called.answers(at9068_client_assertion_validator_skipped_count(validator)));
    call!(called.writes(
        at9068_client_assertion_validator_skipped_at(
            validator, 0, ptr::null_mut(); usize, ptr::null_mut(), ptr::null_mut()
        )
    ));
    call!(called.frees(at9068_client_assertion_validator_free(client_assertion_validator())));
}

fn client_assertion_keys(called: &mut Called) {
    let ports = given::fetching_ports(true);
    let new = || {
        // SAFETY: as above.
        made(|out| unsafe {
            let (config, len) = (at(CLIENTS_FETCHED), CLIENTS_FETCHED.len());
            at9068_client_assertion_validator_new(config, len, ptr::null(), &raw const ports, out, ptr::null_mut())
        })
    };
    let fetched = new();
    let fetched = Some(&*fetched);
    // SAFETY: as above.
    assert_eq!(unsafe { at9068_client_assertion_validator_prefetch(fetched, ptr::null_mut()) }, AT9068_CODE_OK);
    call!(called.fails(at9068_client_assertion_validator_prefetch(fetched; error)));
    call!(called.fails(at9068_client_assertion_validator_refresh(fetched; error)));
    call!(called.makes(at9068_client_assertion_validator_prefetch_steps(fetched; out, error) => at9068_key_steps_free));
    call!(called.makes(at9068_client_assertion_validator_refresh_steps(fetched; out, error) => at9068_key_steps_free));
    call!(called.makes(at9068_client_assertion_validator_status_json(fetched; out, error) => at9068_string_free));
    call!(called.makes(
        at9068_client_assertion_validator_issuer_cache(fetched; out, error) => at9068_issuer_cache_free
    ));
    let fetching = new();
    // What happens to its keys is remembered from now on.
    // SAFETY: as above.
    drop(made(|out| unsafe { at9068_client_assertion_validator_status_json(Some(&fetching), out, ptr::null_mut()) }));
    call!(called.makes(
        at9068_client_assertion_validator_due_refresh(Some(&fetching); out, error) => at9068_refresh_free
    ));
}

fn client_assertion_minters(called: &mut Called) {
    let (key, ports) = (given::key(), given::ports());
    let keys = [&raw const *key];
    let handles = given::handles(&[], &keys);
    let (config, len, handles, ports) = (at(ASSERTS), ASSERTS.len(), &raw const handles, &raw const ports);
    // SAFETY: as above.
    let new =
        || made(|out| unsafe { at9068_client_assertion_minter_new(config, len, handles, ports, out, ptr::null_mut()) });
    let minter = new();
    let minter = Some(&*minter);
    let ended = given::ENDED.get();
    call!(called.makes(
        at9068_client_assertion_minter_new(config, len, handles, ports; out, error)
            => at9068_client_assertion_minter_free
    ));
    assert_eq!(given::ENDED.get() - ended, 1, "the clock of the call that got through, and of no other");
    call!(called.makes(
        at9068_client_assertion_minter_mint(minter, ptr::null(), 0, None; out, error) => at9068_minted_token_free
    ));
    call!(called.answers(at9068_client_assertion_minter_skipped_count(minter)));
    call!(called.writes(
        at9068_client_assertion_minter_skipped_at(minter, 0; usize, ptr::null_mut(), ptr::null_mut())
    ));
    call!(called.frees(at9068_client_assertion_minter_free(new())));
}

fn introspection(called: &mut Called) {
    let (token, minter) = (given::token(given::TOKEN), given::minter());
    let (token, minter) = (Some(&*token), Some(&*minter));
    call!(called.makes(at9068_introspection_response(token; out, error) => at9068_string_free));
    call!(called.makes(
        at9068_minter_mint_introspection_response(minter, token, at("rs"), 2, None; out, error)
            => at9068_minted_token_free
    ));
}
