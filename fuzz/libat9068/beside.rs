//! Calls for what lies beside the access token: lists of it, ID tokens, client assertions, answers about it.

use super::*;

/// Texts that lead somewhere here; the last ones of [`TEXTS`].
pub(super) fn texts(jwks: &str) -> Vec<String> {
    let secret = "TEST ONLY, and as long as the hash of it";
    vec![
        format!(r#"{{"issuer":"https://as.example/","client_id":"c","trusted_audiences":["d"],"jwks":{jwks},"algorithms":["HS256"]}}"#),
        r#"{"issuer":"https://as.example/","client_id":"c","jwks_uri":"https://as.example/k"}"#.to_owned(),
        r#"{"client_id":"c","subject":"u","nonce":"n","audience":["d"],"amr":["pwd"],"access_token":"a"}"#.to_owned(),
        r#"{"nonce":"n"}"#.to_owned(),
        format!(r#"{{"client_id":"c","audience":"https://as.example/","client_secret":"{secret}"}}"#),
        format!(
            r#"{{"issuer":"https://as.example/","clients":[{{"client_id":"c","client_secret":"{secret}"}},{{"client_id":"d","jwks_uri":"https://as.example/k"}}]}}"#
        ),
        r#"{"client_id":"c"}"#.to_owned(),
        r#"{"issuer":"https://as.example/","sub":"c@clients","issued_before":1700009999,"until":4000000000}"#.to_owned(),
        r#"{"issuer":"https://as.example/","audience":"https://api.example/","strategy":"introspection","introspection":{"endpoint":"https://as.example/i","authentication":"bearer","bearer_token":"b"}}"#.to_owned(),
        r#"{"active":true,"sub":"u","client_id":"c","aud":"https://api.example/","exp":1700009999}"#.to_owned(),
    ]
}

/// Remembers that it was used, or not, or fails, as its context says.
pub(super) unsafe extern "C" fn first_use(context: *mut c_void, key: at9068_str, until: i64, now: i64) -> c_int {
    read(key);
    assert!(key.len <= 80 && until > now, "a key that is too long, or over");
    [1, 0, -1][context.addr() % 3]
}

/// Handles of these kinds.
pub(super) struct Beside {
    pub(super) revocations: Handles<at9068_revocations>,
    pub(super) stores: Handles<at9068_memory_replay_store>,
    id_validators: Handles<at9068_id_token_validator>,
    id_tokens: Handles<at9068_id_token>,
    client_minters: Handles<at9068_client_assertion_minter>,
    client_validators: Handles<at9068_client_assertion_validator>,
    assertions: Handles<at9068_client_assertion>,
}

impl Beside {
    pub(super) fn new() -> Self {
        Self {
            revocations: Handles::new(|it| at9068_revocations_free(it)),
            stores: Handles::new(|it| at9068_memory_replay_store_free(it)),
            id_validators: Handles::new(|it| at9068_id_token_validator_free(it)),
            id_tokens: Handles::new(|it| at9068_id_token_free(it)),
            client_minters: Handles::new(|it| at9068_client_assertion_minter_free(it)),
            client_validators: Handles::new(|it| at9068_client_assertion_validator_free(it)),
            assertions: Handles::new(|it| at9068_client_assertion_free(it)),
        }
    }

    pub(super) fn free(&mut self, place: u8) {
        self.id_validators.put(place, ptr::null_mut());
        self.revocations.put(place, ptr::null_mut());
        self.id_tokens.put(place, ptr::null_mut());
        self.client_validators.put(place, ptr::null_mut());
        self.stores.put(place, ptr::null_mut());
        self.assertions.put(place, ptr::null_mut());
        self.client_minters.put(place, ptr::null_mut());
    }
}

/// Calls what may fail and makes nothing.
macro_rules! fails {
    ($world:ident, $place:ident, |$error:ident| $call:expr) => {{
        let mut fault = ptr::dangling_mut();
        let $error = &raw mut fault;
        // SAFETY: as in make!.
        let code = unsafe { $call };
        $world.failed(code, fault, $place);
        code
    }};
}

impl World<'_> {
    pub(super) fn beside(&mut self, operation: u8, place: u8, from: u8, mode: u8) {
        match operation {
            0 | 1 => self.lists(operation == 0, place, from, mode),
            2 => {
                let (key, len) = self.text();
                let mut first = 7;
                let store = self.beside.stores.borrow(from);
                let code = fails!(self, place, |error| at9068_memory_replay_store_first_use(
                    store,
                    key,
                    len,
                    i64::from(place),
                    i64::from(from),
                    &raw mut first,
                    error
                ));
                assert!(first == 0 || (first == 1 && code == AT9068_CODE_OK), "{first}, {code}");
                assert!(first == 0 || at9068_memory_replay_store_len(self.beside.stores.borrow(from)) > 0);
            }
            3 => {
                // Never full, which would be a failure that nobody expects.
                let capacity = if from < 128 { 0 } else { usize::MAX };
                make!(self, beside.stores, mode, place, |out, error| at9068_memory_replay_store_new(
                    capacity, out, error
                ));
            }
            4..=6 => self.configured(operation, place, from, mode),
            7 => {
                let (text, len) = self.text();
                let minter = self.minters.borrow(from);
                make!(self, minted, mode, place, |out, error| at9068_minter_mint_id_token(
                    minter,
                    text,
                    len,
                    Some(&NOW),
                    out,
                    error
                ));
            }
            8 => {
                let (text, len) = self.text();
                let minter = self.beside.client_minters.borrow(from);
                make!(self, minted, mode, place, |out, error| at9068_client_assertion_minter_mint(
                    minter,
                    text,
                    len,
                    Some(&NOW),
                    out,
                    error
                ));
            }
            9..=12 => self.expected(operation < 11, place, from, mode),
            13 => {
                let (text, len) = self.text();
                let token = self.tokens.borrow(from);
                make!(self, strings, mode, place, |out, error| at9068_introspection_response(token, out, error));
                let (minter, token) = (self.minters.borrow(place), self.tokens.borrow(from));
                make!(self, minted, mode, place, |out, error| at9068_minter_mint_introspection_response(
                    minter,
                    token,
                    text,
                    len,
                    Some(&NOW),
                    out,
                    error
                ));
            }
            14 | 15 => self.keys_beside(operation == 14, place, from, mode),
            16..=19 => self.look_beside(place),
            _ => self.beside.free(place),
        }
    }

    /// A list of revocations, or what is done with one.
    fn lists(&mut self, new: bool, place: u8, from: u8, mode: u8) {
        if new {
            let kind = self.next();
            let clock = at9068_clock { context: ptr::dangling_mut(), now: Some(tell), drop: Some(end) };
            let ports = self.ports(clock, kind);
            let counted = counted(&ports, kind);
            let ports = if kind < 50 { ptr::null() } else { &raw const ports };
            CLOCKS.fetch_add(counted, Ordering::Relaxed);
            let code =
                make!(self, beside.revocations, mode, place, |out, error| at9068_revocations_new(ports, out, error));
            if code != AT9068_CODE_OK {
                CLOCKS.fetch_sub(counted, Ordering::Relaxed);
            }
            return;
        }
        let ((text, len), function) = (self.text(), self.next() % 4);
        let list = self.beside.revocations.borrow(from);
        let before = at9068_revocations_len(list);
        match function {
            0 => {
                let code = fails!(self, place, |error| at9068_revocations_revoke(list, text, len, error));
                assert!(
                    code == AT9068_CODE_OK || at9068_revocations_len(self.beside.revocations.borrow(from)) == before
                );
            }
            1 => {
                fails!(self, place, |error| at9068_revocations_restore(list, text, len, error));
            }
            2 => {
                fails!(self, place, |error| at9068_revocations_sweep(list, error));
            }
            _ => {
                make!(self, strings, mode, place, |out, error| at9068_revocations_snapshot(list, out, error));
            }
        }
    }

    /// A validator or a minter of these kinds, with handles and ports.
    fn configured(&mut self, operation: u8, place: u8, from: u8, mode: u8) {
        let (text, len) = self.text();
        let (sets, keys) = ([self.sets.get(from).cast_const()], [self.keys.get(from).cast_const()]);
        let handles = at9068_handles {
            size: self.size(size_of::<at9068_handles>()),
            key_sets: sets.as_ptr(),
            key_sets_len: usize::from(!sets[0].is_null()),
            signing_keys: keys.as_ptr(),
            signing_keys_len: usize::from(!keys[0].is_null()),
        };
        let handles = if from < 64 { ptr::null() } else { &raw const handles };
        let kind = self.next();
        let clock =
            at9068_clock { context: ptr::dangling_mut(), now: (kind < 200).then_some(tell as _), drop: Some(end) };
        let ports = self.ports(clock, kind);
        let counted = counted(&ports, kind);
        let ports = if kind < 50 { ptr::null() } else { &raw const ports };
        CLOCKS.fetch_add(counted, Ordering::Relaxed);
        let cache = self.caches.borrow(from);
        let code = match (operation, from % 4) {
            (4, 0) => make!(self, beside.id_validators, mode, place, |out, error| {
                at9068_id_token_validator_new_with_cache(text, len, handles, ports, cache, out, error)
            }),
            (4, _) => make!(self, beside.id_validators, mode, place, |out, error| at9068_id_token_validator_new(
                text, len, handles, ports, out, error
            )),
            (5, 0) => make!(self, beside.client_validators, mode, place, |out, error| {
                at9068_client_assertion_validator_new_with_cache(text, len, handles, ports, cache, out, error)
            }),
            (5, _) => make!(self, beside.client_validators, mode, place, |out, error| {
                at9068_client_assertion_validator_new(text, len, handles, ports, out, error)
            }),
            _ => make!(self, beside.client_minters, mode, place, |out, error| at9068_client_assertion_minter_new(
                text, len, handles, ports, out, error
            )),
        };
        if code != AT9068_CODE_OK {
            CLOCKS.fetch_sub(counted, Ordering::Relaxed);
        }
    }

    /// Judges an ID token or an assertion by what is expected, at hand or as far as that goes.
    fn expected(&mut self, id: bool, place: u8, from: u8, mode: u8) {
        let ((token, len), (json, json_len)) = (self.text(), self.text());
        let now = [Some(&NOW), None, Some(&f64::NAN)][usize::from(self.next() / 100)];
        let (logins, clients) = (self.beside.id_validators.borrow(from), self.beside.client_validators.borrow(from));
        let (mut refresh, mut flight) = (ptr::null_mut(), ptr::null_mut());
        let (wanted, other) = (&raw mut refresh, &raw mut flight);
        let code = match (id, place % 3) {
            (true, 0) => make!(self, beside.id_tokens, mode, place, |out, error| at9068_id_token_validator_validate(
                logins, token, len, json, json_len, now, out, error
            )),
            (true, 1) => make!(self, beside.id_tokens, mode, place, |out, error| {
                at9068_id_token_validator_validate_at_hand(logins, token, len, json, json_len, now, out, error)
            }),
            (true, _) => make!(self, beside.id_tokens, mode, place, |out, error| at9068_id_token_validator_step(
                logins, token, len, json, json_len, now, wanted, other, out, error
            )),
            (false, 0) => make!(self, beside.assertions, mode, place, |out, error| {
                at9068_client_assertion_validator_validate(clients, token, len, json, json_len, now, out, error)
            }),
            (false, 1) => make!(self, beside.assertions, mode, place, |out, error| {
                at9068_client_assertion_validator_validate_at_hand(clients, token, len, json, json_len, now, out, error)
            }),
            (false, _) => make!(self, beside.assertions, mode, place, |out, error| {
                at9068_client_assertion_validator_step(
                    clients, token, len, json, json_len, now, wanted, other, out, error,
                )
            }),
        };
        let helped = usize::from(!refresh.is_null()) + usize::from(!flight.is_null());
        assert!(helped == 0 || (helped == 1 && code == AT9068_CODE_KEYS_UNAVAILABLE), "{helped} ways on, and {code}");
        self.refreshes.put(place, refresh);
        self.flights.put(place, flight);
    }

    /// What validators of these kinds do with keys.
    fn keys_beside(&mut self, id: bool, place: u8, from: u8, mode: u8) {
        let function = self.next() % 7;
        let (logins, clients) = (self.beside.id_validators.borrow(from), self.beside.client_validators.borrow(from));
        match (function, id) {
            (0, true) => make!(self, refreshes, mode, place, |out, error| {
                at9068_id_token_validator_due_refresh(logins, out, error)
            }),
            (0, false) => make!(self, refreshes, mode, place, |out, error| {
                at9068_client_assertion_validator_due_refresh(clients, out, error)
            }),
            (1, true) => make!(self, steps, mode, place, |out, error| {
                at9068_id_token_validator_prefetch_steps(logins, out, error)
            }),
            (1, false) => make!(self, steps, mode, place, |out, error| {
                at9068_client_assertion_validator_prefetch_steps(clients, out, error)
            }),
            (2, true) => make!(self, steps, mode, place, |out, error| {
                at9068_id_token_validator_refresh_steps(logins, out, error)
            }),
            (2, false) => make!(self, steps, mode, place, |out, error| {
                at9068_client_assertion_validator_refresh_steps(clients, out, error)
            }),
            (3, true) => make!(self, strings, mode, place, |out, error| {
                at9068_id_token_validator_status_json(logins, out, error)
            }),
            (3, false) => make!(self, strings, mode, place, |out, error| {
                at9068_client_assertion_validator_status_json(clients, out, error)
            }),
            (4, true) => make!(self, caches, mode, place, |out, error| {
                at9068_id_token_validator_issuer_cache(logins, out, error)
            }),
            (4, false) => make!(self, caches, mode, place, |out, error| {
                at9068_client_assertion_validator_issuer_cache(clients, out, error)
            }),
            (5, true) => fails!(self, place, |error| at9068_id_token_validator_prefetch(logins, error)),
            (5, false) => fails!(self, place, |error| at9068_client_assertion_validator_prefetch(clients, error)),
            (_, true) => fails!(self, place, |error| at9068_id_token_validator_refresh(logins, error)),
            (_, false) => fails!(self, place, |error| at9068_client_assertion_validator_refresh(clients, error)),
        };
    }

    /// Reads everything that can be read without failing, of handles that may be absent.
    fn look_beside(&mut self, place: u8) {
        look_at_id_token(self.beside.id_tokens.borrow(place));
        look_at_assertion(self.beside.assertions.borrow(place));
        let _ = at9068_revocations_len(self.beside.revocations.borrow(place));
        let (logins, clients) = (self.beside.id_validators.borrow(place), self.beside.client_validators.borrow(place));
        let minter = self.beside.client_minters.borrow(place);
        let (mut whose, mut kid) = (at9068_str { ptr: ptr::null(), len: 0 }, at9068_str { ptr: ptr::null(), len: 0 });
        let none = ptr::null_mut();
        // SAFETY: outputs that are NULL or can be written to.
        unsafe {
            let of_logins = at9068_id_token_validator_skipped_count(logins);
            let of_clients = at9068_client_assertion_validator_skipped_count(clients);
            let of_minter = at9068_client_assertion_minter_skipped_count(minter);
            for index in 0..of_logins + 2 {
                let found = at9068_id_token_validator_skipped_at(logins, index, ptr::null_mut(), &raw mut kid, none);
                assert_eq!(found, index < of_logins);
                read(kid);
            }
            for index in 0..of_clients + 2 {
                let found = at9068_client_assertion_validator_skipped_at(
                    clients,
                    index,
                    &raw mut whose,
                    ptr::null_mut(),
                    &raw mut kid,
                    none,
                );
                assert_eq!(found, index < of_clients);
                read(whose);
                read(kid);
            }
            for index in 0..of_minter + 2 {
                let found =
                    at9068_client_assertion_minter_skipped_at(minter, index, ptr::null_mut(), &raw mut kid, none);
                assert_eq!(found, index < of_minter);
                read(kid);
            }
        }
    }
}

fn look_at_id_token(token: Option<&at9068_id_token>) {
    for text in [
        at9068_id_token_iss(token),
        at9068_id_token_sub(token),
        at9068_id_token_aud_at(token, 0),
        at9068_id_token_claims_json(token),
        at9068_id_token_header_json(token),
    ] {
        assert_eq!(text.ptr.is_null(), token.is_none(), "a text that every token has");
        read(text);
    }
    for text in [
        at9068_id_token_azp(token),
        at9068_id_token_nonce(token),
        at9068_id_token_acr(token),
        at9068_id_token_sid(token),
        at9068_id_token_at_hash(token),
        at9068_id_token_c_hash(token),
        at9068_id_token_s_hash(token),
        at9068_id_token_aud_at(token, usize::MAX),
        at9068_id_token_amr_at(token, 0),
    ] {
        read(text);
    }
    let mut seconds = 0_i64;
    let mut found = at9068_str { ptr: ptr::dangling(), len: 7 };
    // SAFETY: NULL, or what can be written to.
    unsafe {
        at9068_id_token_nbf(token, ptr::null_mut());
        at9068_id_token_auth_time(token, &raw mut seconds);
        at9068_id_token_claim_json(token, c"aud".as_ptr(), 3, &raw mut found, ptr::null_mut());
    }
    assert_eq!(found.ptr.is_null(), token.is_none());
    read(found);
    assert_eq!(at9068_id_token_exp(token) == 0, token.is_none());
    assert!(at9068_id_token_iat(token) <= at9068_id_token_exp(token));
}

fn look_at_assertion(assertion: Option<&at9068_client_assertion>) {
    for text in [
        at9068_client_assertion_client_id(assertion),
        at9068_client_assertion_jti(assertion),
        at9068_client_assertion_aud(assertion),
        at9068_client_assertion_method(assertion),
        at9068_client_assertion_claims_json(assertion),
        at9068_client_assertion_header_json(assertion),
    ] {
        assert_eq!(text.ptr.is_null(), assertion.is_none(), "a text that every assertion has");
        read(text);
    }
    let mut seconds = 0_i64;
    // SAFETY: a number that can be written to.
    unsafe { at9068_client_assertion_iat(assertion, &raw mut seconds) };
    assert!(seconds <= at9068_client_assertion_exp(assertion));
}
