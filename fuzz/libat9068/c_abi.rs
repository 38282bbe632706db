//! Calls of libat9068 in any order: handles of every kind, absent ones, wrong lengths and sizes,
//! frees whenever. What stands behind the last 0xFF is a text that calls may use; the octets before
//! it are the calls, an operation and its arguments each.
//!
//! Only what the head of the header allows is done: no handle is used after it was freed, and no
//! length is longer than what it is of, unless it is one that no array can have.
#![no_main]

#[macro_use]
mod calling;
mod batches;
mod beside;

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use at9068_c::*;
use batches::Batches;
use beside::Beside;
use libfuzzer_sys::fuzz_target;

const NOW: f64 = 1_700_000_100.0;
const JWK: &str = r#"{"kty":"oct","k":"DQjmc0DD_7S32VhlcjxItGRq8ZCBk-NQfLz6GYWbh4Q","kid":"hs256","alg":"HS256"}"#;
/// TEST ONLY.
const PEM: &str = include_str!("../../tests/keys/ed25519-a.pem");

/// Texts that lead somewhere, with one that is not UTF-8.
static TEXTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let jwks = format!(r#"{{"keys":[{JWK},{{"kty":"RSA"}}]}}"#);
    let apis = r#"[{"audience":"https://api.example/","dialect":"rfc9068_profile","scopes":["a"]}]"#;
    let validator = |keys: &str| {
        format!(
            r#"{{"issuer":"https://as.example/","audience":"https://api.example/","jwks":{keys},"algorithms":["HS256","EdDSA"]}}"#
        )
    };
    let minter = |keys: &str| {
        format!(
            r#"{{"issuer":"https://as.example/","keys":{keys},"apis":{apis},"default_audience":"https://api.example/"}}"#
        )
    };
    let texts = [
        JWK.to_owned(),
        jwks.clone(),
        PEM.to_owned(),
        validator(&jwks),
        validator(r#"{"$key_set":0}"#),
        validator(r#"{"$signing_key":0}"#),
        minter(&jwks),
        minter(r#"{"$signing_key":0}"#),
        r#"{"grant_type":"client_credentials","client_id":"c","scope":"a"}"#.to_owned(),
        r#"{"scopes":["a"],"acr_values":["gold"],"max_age":60}"#.to_owned(),
        r#"{"scopes":["a"]}"#.to_owned(),
        r#"{"headers":[["Authorization","Bearer a.b.c"]]}"#.to_owned(),
        r#"{"scheme":"DPoP","dpop":"x"}"#.to_owned(),
        "EdDSA".to_owned(),
        "ES256".to_owned(),
        "aud".to_owned(),
        "scopes".to_owned(),
    ];
    let more = [
        r#"["HS256","EdDSA"]"#.to_owned(),
        validator(&format!(r#"{jwks},"migrate_from":"auth0""#)),
        minter(&jwks).replace("rfc9068_profile", "access_token"),
        // Keys of issuers: where they are, what is answered, and what is kept of it.
        r#"{"issuer":"https://as.example/","audience":"https://api.example/","jwks_uri":"https://as.example/k"}"#
            .to_owned(),
        r#"{"issuer":"https://as.example/","audience":"https://api.example/"}"#.to_owned(),
        r#"{"max_issuers":1,"timeout_seconds":0.01}"#.to_owned(),
        r#"{"issuer":"https://as.example/","jwks_uri":"https://as.example/k"}"#.to_owned(),
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"nnQl_v9q930mzluO9rkoU2Q17uCxcxhycmlHDPNB9uQ"}]}"#.to_owned(),
        "Content-Type".to_owned(),
        "application/json".to_owned(),
    ];
    let octets = |texts: Vec<String>| texts.into_iter().map(String::into_bytes);
    let more = more.into_iter().chain(beside::texts(&jwks)).collect();
    octets(texts.into()).chain([b"\xff\xfe".to_vec()]).chain(octets(more)).collect()
});

/// Contexts of ports that were not ended yet.
static CLOCKS: AtomicUsize = AtomicUsize::new(0);
static CALLED: AtomicUsize = AtomicUsize::new(0);

/// Tells a time, or fails, as its context says; counts its own end.
unsafe extern "C" fn tell(context: *mut c_void, out: *mut f64) -> c_int {
    // SAFETY: what is written is a double, as at9068_clock says.
    unsafe { out.write(if context.is_null() { f64::NAN } else { NOW }) };
    c_int::from(context.addr() == 2)
}

unsafe extern "C" fn end(_: *mut c_void) {
    CLOCKS.fetch_sub(1, Ordering::Relaxed);
}

unsafe extern "C" fn hear(_: *mut c_void, event: at9068_str) {
    read(event);
}

/// Knows whatever issuer it is asked about, or nothing, or fails, as its context says.
unsafe extern "C" fn resolve(context: *mut c_void, issuer: at9068_str, resolution: *mut at9068_resolution) -> c_int {
    read(issuer);
    let entry = &TEXTS[context.addr() % TEXTS.len()];
    // SAFETY: the library's own, and a text that is as long as it says.
    unsafe { at9068_resolution_set_json(resolution.as_mut(), entry.as_ptr().cast(), entry.len()) };
    c_int::from(context.addr() % 3 == 2)
}

/// A callback of a flight: its context counts.
unsafe extern "C" fn over(_: *mut c_void) {
    CALLED.fetch_add(1, Ordering::Relaxed);
}

/// Handles of one kind, in four places. A place that is written again is freed first.
struct Handles<T> {
    places: [*mut T; 4],
    free: fn(Option<Box<T>>),
}

impl<T> Handles<T> {
    fn new(free: fn(Option<Box<T>>)) -> Self {
        Self { places: [ptr::null_mut(); 4], free }
    }

    fn get(&self, place: u8) -> *mut T {
        self.places[usize::from(place) % 4]
    }

    fn borrow(&self, place: u8) -> Option<&T> {
        // SAFETY: NULL, or a handle that was made and not freed.
        unsafe { self.get(place).as_ref() }
    }

    fn put(&mut self, place: u8, made: *mut T) {
        let before = std::mem::replace(&mut self.places[usize::from(place) % 4], made);
        // SAFETY: NULL, or a handle that was made and not freed.
        (self.free)((!before.is_null()).then(|| unsafe { Box::from_raw(before) }));
    }
}

struct World<'a> {
    calls: &'a [u8],
    text: &'a [u8],
    strings: Handles<at9068_string>,
    errors: Handles<at9068_error>,
    sets: Handles<at9068_key_set>,
    keys: Handles<at9068_signing_key>,
    validators: Handles<at9068_validator>,
    minters: Handles<at9068_minter>,
    minted: Handles<at9068_minted_token>,
    tokens: Handles<at9068_access_token>,
    buffers: Handles<at9068_buffer>,
    explanations: Handles<at9068_explanation>,
    caches: Handles<at9068_issuer_cache>,
    refreshes: Handles<at9068_refresh>,
    flights: Handles<at9068_flight>,
    steps: Handles<at9068_key_steps>,
    batches: Batches,
    beside: Beside,
}

fuzz_target!(|octets: &[u8]| {
    let split = octets.iter().rposition(|octet| *octet == 0xff);
    let (calls, text) = split.map_or((octets, &[][..]), |at| (&octets[..at], &octets[at + 1..]));
    let mut world = World {
        calls: &calls[..calls.len().min(512)],
        text,
        strings: Handles::new(|it| at9068_string_free(it)),
        errors: Handles::new(|it| at9068_error_free(it)),
        sets: Handles::new(|it| at9068_key_set_free(it)),
        keys: Handles::new(|it| at9068_signing_key_free(it)),
        validators: Handles::new(|it| at9068_validator_free(it)),
        minters: Handles::new(|it| at9068_minter_free(it)),
        minted: Handles::new(|it| at9068_minted_token_free(it)),
        tokens: Handles::new(|it| at9068_access_token_free(it)),
        buffers: Handles::new(|it| at9068_buffer_free(it)),
        explanations: Handles::new(|it| at9068_explanation_free(it)),
        caches: Handles::new(|it| at9068_issuer_cache_free(it)),
        refreshes: Handles::new(|it| at9068_refresh_free(it)),
        flights: Handles::new(|it| at9068_flight_free(it)),
        steps: Handles::new(|it| at9068_key_steps_free(it)),
        batches: Batches::new(),
        beside: Beside::new(),
    };
    while !world.calls.is_empty() {
        world.call();
    }
    // The last handles go, and with them every clock.
    for place in [2, 0, 3, 1] {
        world.free(place, u8::MAX);
    }
    // A thread that carried out a refresh lets go of its ports a little later.
    for _ in 0..1000 {
        if CLOCKS.load(Ordering::Relaxed) == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(CLOCKS.load(Ordering::Relaxed), 0, "ports that were not ended, or twice");
});

impl World<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.calls.split_first() else { return 0 };
        self.calls = rest;
        *first
    }

    /// A text: one that leads somewhere, that of the input, that of a string or token, or none; its
    /// length right, too short, or impossible.
    fn text(&mut self) -> (*const c_char, usize) {
        let (which, how) = (self.next(), self.next());
        let borrowed = |text: at9068_str| (text.ptr, text.len);
        let (start, len) = match which {
            0..100 => {
                let text = &TEXTS[usize::from(which) % TEXTS.len()];
                (text.as_ptr().cast(), text.len())
            }
            100..150 => (self.text.as_ptr().cast(), self.text.len()),
            150..190 => borrowed(at9068_minted_token_token(self.minted.borrow(which))),
            190..220 => borrowed(at9068_string_view(self.strings.borrow(which))),
            220..240 => borrowed(at9068_error_message(self.errors.borrow(which))),
            240..246 => {
                let octets = at9068_buffer_view(self.buffers.borrow(which));
                (octets.ptr.cast(), octets.len)
            }
            _ => (ptr::null(), 0),
        };
        let len = match how {
            0..200 => len,
            200..240 => len / (usize::from(how) - 198),
            // No array has these lengths, so that they are refused before anything is read.
            _ if start.is_null() => usize::from(how),
            _ => usize::MAX - usize::from(how),
        };
        (start, len)
    }

    fn view(&mut self) -> at9068_str {
        let (ptr, len) = self.text();
        at9068_str { ptr, len }
    }

    /// The size of a struct, right more often than not.
    fn size(&mut self, right: usize) -> usize {
        match self.next() {
            0..230 => right,
            230..240 => 0,
            240..245 => right - 8,
            245..250 => right + 8,
            _ => usize::MAX,
        }
    }

    /// An error is there where the call failed, says the same, and is kept.
    fn failed(&mut self, code: at9068_code, error: *mut at9068_error, place: u8) {
        assert_eq!(error.is_null(), code == AT9068_CODE_OK, "an error without a failure, or the other way");
        self.errors.put(place, error);
        if let Some(error) = self.errors.borrow(place) {
            assert_eq!(at9068_error_code(Some(error)), code);
            assert!(same(at9068_error_slug(Some(error)), at9068_code_slug(code)));
            assert!(code != AT9068_CODE_INTERNAL || self.clocked(), "internal, where no clock can have failed");
        }
    }

    /// Whether a clock that fails may be asked, which is what `internal` is for.
    fn clocked(&self) -> bool {
        CLOCKS.load(Ordering::Relaxed) > 0
    }

    fn free(&mut self, place: u8, kinds: u8) {
        let chosen = |kind: u8| kinds == u8::MAX || kinds % 10 == kind;
        if chosen(0) {
            self.validators.put(place, ptr::null_mut());
        }
        if chosen(1) {
            self.sets.put(place, ptr::null_mut());
        }
        if chosen(2) {
            self.tokens.put(place, ptr::null_mut());
        }
        if chosen(3) {
            self.strings.put(place, ptr::null_mut());
        }
        if chosen(4) {
            self.keys.put(place, ptr::null_mut());
        }
        if chosen(5) {
            self.errors.put(place, ptr::null_mut());
        }
        if chosen(6) {
            self.minters.put(place, ptr::null_mut());
        }
        if chosen(7) {
            self.minted.put(place, ptr::null_mut());
        }
        if chosen(8) {
            self.buffers.put(place, ptr::null_mut());
        }
        if chosen(9) {
            self.explanations.put(place, ptr::null_mut());
            self.caches.put(place, ptr::null_mut());
            self.refreshes.put(place, ptr::null_mut());
            self.flights.put(place, ptr::null_mut());
            self.steps.put(place, ptr::null_mut());
            self.batches.free(place);
            self.beside.free(place);
        }
    }

    fn call(&mut self) {
        let (operation, place, from, mode) = (self.next(), self.next(), self.next(), self.next());
        // Output and error are wanted more often than not.
        let mode = if mode < 200 { 0 } else { mode };
        if operation >= 242 {
            return self.keys_of_issuers(operation - 242, place, from, mode);
        }
        if operation >= 220 {
            return self.beside(operation - 220, place, from, mode);
        }
        match operation % 22 {
            0 => {
                let (text, len) = self.text();
                make!(self, sets, mode, place, |out, error| at9068_key_set_from_json(text, len, out, error));
            }
            1 => {
                let (text, len) = self.text();
                make!(self, keys, mode, place, |out, error| at9068_signing_key_from_jwk(text, len, out, error));
            }
            2 | 3 => {
                let (text, len) = self.text();
                let options = at9068_key_options {
                    size: self.size(size_of::<at9068_key_options>()),
                    algorithm: self.view(),
                    kid: self.view(),
                };
                let options = if from < 128 { ptr::null() } else { &raw const options };
                if operation % 22 == 2 {
                    make!(self, keys, mode, place, |out, error| at9068_signing_key_from_pem(
                        text, len, options, out, error
                    ));
                } else {
                    make!(self, sets, mode, place, |out, error| at9068_key_set_from_pem(
                        text, len, options, out, error
                    ));
                }
            }
            4 => {
                // Not RSA, which takes too long to make.
                let (text, len) = self.text();
                let bits = u32::from(from) / 64;
                make!(self, keys, mode, place, |out, error| at9068_signing_key_generate(text, len, bits, out, error));
            }
            5 => {
                let keys: Vec<*const at9068_signing_key> =
                    (0..from % 5).map(|place| self.keys.get(place).cast_const()).collect();
                let (first, count) = match from {
                    0..200 => (keys.as_ptr(), keys.len()),
                    200..230 => (ptr::null(), 1),
                    _ => (keys.as_ptr(), usize::MAX / 4),
                };
                make!(self, sets, mode, place, |out, error| at9068_key_set_from_signing_keys(first, count, out, error));
            }
            6 | 7 => self.facility(operation % 22 == 6, place, from, mode),
            8 if from >= 192 => self.mint_many(place, from, mode),
            9 if from >= 192 => self.validate_many(place, from, mode),
            8 => {
                let (text, len) = self.text();
                let now = NOW + f64::from(place);
                let minter = self.minters.borrow(from);
                let now = (place % 8 < 6).then_some(&now);
                make!(self, minted, mode, place, |out, error| at9068_minter_mint(minter, text, len, now, out, error));
            }
            9 | 10 | 20 => self.judge(operation % 22, place, from, mode),
            11 => {
                let (text, len) = self.text();
                let token = self.tokens.borrow(from);
                make!(self, strings, mode, place, |out, error| at9068_access_token_accessor_json(
                    token, text, len, out, error
                ));
            }
            12 => {
                let (text, len) = self.text();
                let (mut found, mut fault) = (at9068_str { ptr: ptr::dangling(), len: 7 }, ptr::dangling_mut());
                let out = if mode & 1 == 0 { &raw mut found } else { ptr::null_mut() };
                // SAFETY: as in make!.
                let code =
                    unsafe { at9068_access_token_claim_json(self.tokens.borrow(from), text, len, out, &raw mut fault) };
                if !out.is_null() {
                    read(found);
                }
                self.failed(code, fault, place);
            }
            13 => {
                let (text, len) = self.text();
                let mut fault = ptr::dangling_mut();
                let now = [NOW, f64::NAN, -1.0, f64::INFINITY][usize::from(mode) % 4];
                // SAFETY: as in make!.
                let code = unsafe {
                    at9068_access_token_require(self.tokens.borrow(from), text, len, Some(&now), &raw mut fault)
                };
                self.failed(code, fault, place);
            }
            14 => {
                let key = self.keys.borrow(from);
                match mode % 5 {
                    0 => make!(self, strings, mode, place, |out, error| at9068_signing_key_to_jwk(key, out, error)),
                    1 => make!(self, strings, mode, place, |out, error| at9068_signing_key_to_pem(key, out, error)),
                    2 => make!(self, strings, mode, place, |out, error| at9068_signing_key_public_jwk(key, out, error)),
                    3 => make!(self, strings, mode, place, |out, error| at9068_signing_key_public_pem(key, out, error)),
                    _ => make!(self, strings, mode, place, |out, error| at9068_signing_key_thumbprint(key, out, error)),
                };
            }
            15 => {
                let key = self.keys.borrow(from);
                make!(self, sets, mode, place, |out, error| at9068_signing_key_key_set(key, out, error));
            }
            16 => {
                let (text, len) = self.text();
                if from < 128 {
                    make!(self, strings, mode, place, |out, error| at9068_thumbprint(text, len, out, error));
                } else {
                    make!(self, strings, mode, place, |out, error| at9068_certificate_sha256(
                        text.cast(),
                        len,
                        out,
                        error
                    ));
                }
            }
            17 => self.look(place),
            18 if from >= 192 => self.take(place, from, mode),
            19 => {
                let ((token, len), (algorithms, algorithms_len)) = (self.text(), self.text());
                let set = self.sets.borrow(from);
                make!(self, buffers, mode, place, |out, error| at9068_verify_jws(
                    token,
                    len,
                    set,
                    algorithms,
                    algorithms_len,
                    out,
                    error
                ));
            }
            21 => {
                let (set, validator) = (self.sets.borrow(from), self.validators.borrow(from));
                if from < 128 {
                    make!(self, strings, mode, place, |out, error| at9068_key_set_to_json(set, out, error));
                } else {
                    make!(self, strings, mode, place, |out, error| at9068_validator_migrations_json(
                        validator, out, error
                    ));
                }
                code(usize::from(from));
            }
            _ => self.free(place, from),
        }
    }

    /// A validator or a minter, with handles and a clock.
    fn facility(&mut self, validator: bool, place: u8, from: u8, mode: u8) {
        let (text, len) = self.text();
        let sets = [self.sets.get(from).cast_const()];
        let keys = [self.keys.get(from).cast_const()];
        let handles = at9068_handles {
            size: self.size(size_of::<at9068_handles>()),
            key_sets: sets.as_ptr(),
            key_sets_len: usize::from(!sets[0].is_null()),
            signing_keys: keys.as_ptr(),
            signing_keys_len: usize::from(!keys[0].is_null() || from > 240),
        };
        let kind = self.next();
        let clock = at9068_clock {
            context: ptr::without_provenance_mut(usize::from(kind % 3)),
            now: (kind < 200).then_some(tell as _),
            drop: Some(end),
        };
        let ports = self.ports(clock, kind);
        let handles = if from < 8 { ptr::null() } else { &raw const handles };
        let counted = counted(&ports, kind);
        let ports = if kind < 50 { ptr::null() } else { &raw const ports };
        // Counted before, since what is replaced may be freed within the call.
        CLOCKS.fetch_add(counted, Ordering::Relaxed);
        let code = if validator {
            make!(self, validators, mode, place, |out, error| at9068_validator_new(
                text, len, handles, ports, out, error
            ))
        } else {
            make!(self, minters, mode, place, |out, error| at9068_minter_new(text, len, handles, ports, out, error))
        };
        if code != AT9068_CODE_OK {
            CLOCKS.fetch_sub(counted, Ordering::Relaxed);
        }
    }

    /// With that clock, and more where its kind is even. Nothing is fetched but by the host: what waits for a
    /// refresh that the input holds would wait for long.
    fn ports(&mut self, clock: at9068_clock, kind: u8) -> at9068_ports {
        let (context, more) = (ptr::without_provenance_mut(usize::from(kind)), kind % 2 == 0);
        // Of the two ways to remember, both are one too many.
        let (asked, memory) = (kind % 8 < 3, kind % 8 == 2 || kind % 8 > 4);
        let memory = if memory { self.beside.stores.get(kind).cast_const() } else { ptr::null() };
        at9068_ports {
            size: self.size(size_of::<at9068_ports>()),
            clock,
            fetch: at9068_fetch { context, fetch: None, drop: Some(end) },
            events: at9068_events { context, event: more.then_some(hear as _), drop: Some(end) },
            resolver: at9068_resolver { context, resolve: more.then_some(resolve as _), drop: Some(end) },
            host_fetches: 1,
            revocations: self.beside.revocations.get(kind),
            replay_store: at9068_replay_store {
                context,
                first_use: asked.then_some(beside::first_use as _),
                drop: Some(end),
            },
            memory_replay_store: memory,
        }
    }

    fn keys_of_issuers(&mut self, operation: u8, place: u8, from: u8, mode: u8) {
        let validator = self.validators.borrow(from);
        match operation {
            0 | 1 => self.cached(operation == 0, place, from, mode),
            2 => {
                let cache = self.caches.borrow(from);
                match from % 2 {
                    0 => {
                        make!(self, strings, mode, place, |out, error| at9068_issuer_cache_snapshot(cache, out, error))
                    }
                    _ => make!(self, strings, mode, place, |out, error| at9068_issuer_cache_status_json(
                        cache, out, error
                    )),
                };
            }
            3 => {
                let (text, len) = self.text();
                let mut fault = ptr::dangling_mut();
                // SAFETY: as in make!.
                let code = unsafe { at9068_issuer_cache_restore(self.caches.borrow(from), text, len, &raw mut fault) };
                self.failed(code, fault, place);
            }
            4 => {
                let document = at9068_validator_protected_resource_metadata(validator);
                let path = at9068_validator_protected_resource_metadata_path(validator);
                assert_eq!(document.ptr.is_null(), path.ptr.is_null(), "a document without its path, or the other way");
                read(document);
                read(path);
                make!(self, strings, mode, place, |out, error| at9068_validator_status_json(validator, out, error));
            }
            5 if from < 128 => self.steps(place, from, mode),
            5 => {
                make!(self, caches, mode, place, |out, error| at9068_validator_issuer_cache(validator, out, error));
            }
            6 => {
                make!(self, refreshes, mode, place, |out, error| at9068_validator_due_refresh(validator, out, error));
            }
            7 => {
                let mut fault = ptr::dangling_mut();
                // SAFETY: as in make!.
                let code = unsafe {
                    match mode % 2 {
                        0 => at9068_validator_prefetch(validator, &raw mut fault),
                        _ => at9068_validator_refresh(validator, &raw mut fault),
                    }
                };
                self.failed(code, fault, place);
            }
            8 | 9 => self.step(operation == 8, place, from, mode),
            10 | 11 => self.respond(place, from),
            12 => self.run(place, from, mode),
            _ => self.wait(place, from),
        }
    }

    /// A cache, or a validator that is made with one.
    fn cached(&mut self, cache: bool, place: u8, from: u8, mode: u8) {
        let (text, len) = self.text();
        let kind = self.next();
        let context = ptr::without_provenance_mut(usize::from(kind % 3));
        let clock = at9068_clock { context, now: (kind < 200).then_some(tell as _), drop: Some(end) };
        let ports = self.ports(clock, kind);
        let counted = counted(&ports, kind);
        let ports = if kind < 50 { ptr::null() } else { &raw const ports };
        CLOCKS.fetch_add(counted, Ordering::Relaxed);
        let code = if cache {
            make!(self, caches, mode, place, |out, error| at9068_issuer_cache_new(text, len, ports, out, error))
        } else {
            let cache = self.caches.borrow(from);
            make!(self, validators, mode, place, |out, error| at9068_validator_new_with_cache(
                text,
                len,
                ptr::null(),
                ports,
                cache,
                out,
                error
            ))
        };
        if code != AT9068_CODE_OK {
            CLOCKS.fetch_sub(counted, Ordering::Relaxed);
        }
    }

    /// Judges a token or a request at hand, or as far as that goes.
    fn step(&mut self, token: bool, place: u8, from: u8, mode: u8) {
        let (text, len) = self.text();
        let options = at9068_validate_options {
            size: self.size(size_of::<at9068_validate_options>()),
            has_now: c_int::from(place % 8 < 6),
            now: NOW,
            request: self.view(),
            require: self.view(),
        };
        let options = if place < 64 { ptr::null() } else { &raw const options };
        let validator = self.validators.borrow(from);
        if from < 64 {
            if from % 8 == 0 {
                make!(self, explanations, mode, place, |out, error| at9068_validator_explain_at_hand(
                    validator, text, len, options, out, error
                ));
            } else if token {
                make!(self, tokens, mode, place, |out, error| at9068_validator_validate_at_hand(
                    validator, text, len, options, out, error
                ));
            } else {
                make!(self, tokens, mode, place, |out, error| at9068_validator_authenticate_at_hand(
                    validator, text, len, options, out, error
                ));
            }
            return;
        }
        let (mut refresh, mut flight) = (ptr::dangling_mut(), ptr::dangling_mut());
        let (wanted, other) = (&raw mut refresh, &raw mut flight);
        let code = if from % 8 == 0 {
            make!(self, explanations, mode, place, |out, error| at9068_validator_explain_step(
                validator, text, len, options, wanted, other, out, error
            ))
        } else if token {
            make!(self, tokens, mode, place, |out, error| at9068_validator_step(
                validator, text, len, options, wanted, other, out, error
            ))
        } else {
            make!(self, tokens, mode, place, |out, error| at9068_validator_step_request(
                validator, text, len, options, wanted, other, out, error
            ))
        };
        let helped = usize::from(!refresh.is_null()) + usize::from(!flight.is_null());
        assert!(helped == 0 || (helped == 1 && code == AT9068_CODE_KEYS_UNAVAILABLE), "{helped} ways on, and {code}");
        self.refreshes.put(place, refresh);
        self.flights.put(place, flight);
    }

    /// Begins to fetch keys beforehand, or goes on with it.
    fn steps(&mut self, place: u8, from: u8, mode: u8) {
        let validator = self.validators.borrow(from);
        match from % 4 {
            0 => {
                make!(self, steps, mode, place, |out, error| at9068_validator_prefetch_steps(validator, out, error));
            }
            1 => {
                make!(self, steps, mode, place, |out, error| at9068_validator_refresh_steps(validator, out, error));
            }
            _ => {
                let (mut refresh, mut flight) = (ptr::dangling_mut(), ptr::dangling_mut());
                let mut fault = ptr::dangling_mut();
                // SAFETY: NULL, or a handle that was made and not freed; the rest as in make!.
                let code = unsafe {
                    let steps = self.steps.get(from).as_mut();
                    at9068_key_steps_step(steps, &raw mut refresh, &raw mut flight, &raw mut fault)
                };
                assert!(refresh.is_null() || flight.is_null());
                assert!((refresh.is_null() && flight.is_null()) || code == AT9068_CODE_KEYS_UNAVAILABLE);
                self.refreshes.put(place, refresh);
                self.flights.put(place, flight);
                self.failed(code, fault, place);
            }
        }
    }

    /// Looks at what a refresh wants, and answers, or fails, or writes a part of the answer.
    fn respond(&mut self, place: u8, from: u8) {
        let (name, value, body) = (self.text(), self.text(), self.text());
        // SAFETY: NULL, or a handle that was made and not freed; nobody else uses it meanwhile.
        let refresh = || unsafe { self.refreshes.get(from).as_mut() };
        read(at9068_refresh_issuer(refresh().as_deref()));
        let request = at9068_refresh_request(refresh());
        let wanted = request.is_some();
        read(at9068_fetch_request_url(request));
        let count = at9068_fetch_request_header_count(request);
        for index in 0..count + 2 {
            assert_eq!(at9068_fetch_request_header_name_at(request, index).ptr.is_null(), index >= count);
            read(at9068_fetch_request_header_value_at(request, index));
        }
        assert!(at9068_fetch_request_timeout_seconds(request) >= at9068_fetch_request_connect_timeout_seconds(request));
        assert_eq!(at9068_fetch_request_max_body_bytes(request) > 0, wanted);
        assert!(wanted || !at9068_fetch_request_trusted_host(request));
        let (method, posted) = (at9068_fetch_request_method(request), at9068_fetch_request_body(request));
        read(method);
        assert_eq!(
            method.len,
            if posted.ptr.is_null() { usize::from(wanted) * 3 } else { 4 },
            "GET, or POST with a body"
        );
        let status = [200, 304, 404, u16::from(place)][usize::from(place) % 4];
        assert_eq!(at9068_fetch_response_set_status(at9068_refresh_response(refresh()), status), wanted);
        // SAFETY: as in make!.
        unsafe {
            let response = at9068_refresh_response(refresh());
            at9068_fetch_response_add_header(response, name.0, name.1, value.0, value.1);
            at9068_fetch_response_append_body(at9068_refresh_response(refresh()), body.0.cast(), body.1);
        }
        let mut fault = ptr::dangling_mut();
        // SAFETY: as in make!.
        let code = unsafe {
            match place % 8 {
                0 => return,
                1 => at9068_refresh_fail(refresh(), u32::from(from) % 9, &raw mut fault),
                _ => at9068_refresh_answer(refresh(), &raw mut fault),
            }
        };
        assert!(wanted || code == AT9068_CODE_ARGUMENT_INVALID);
        self.failed(code, fault, place);
    }

    /// Lets a refresh run here or elsewhere, or takes what can be waited for.
    fn run(&mut self, place: u8, from: u8, mode: u8) {
        // SAFETY: as above.
        let refresh = unsafe { self.refreshes.get(from).as_mut() };
        match from % 4 {
            0 => {
                let mut fault = ptr::dangling_mut();
                // SAFETY: as in make!.
                let code = unsafe { at9068_refresh_run(refresh, &raw mut fault) };
                self.failed(code, fault, place);
            }
            1 => {
                make!(self, flights, mode, place, |out, error| at9068_refresh_spawn(refresh, out, error));
            }
            _ => {
                make!(self, flights, mode, place, |out, error| at9068_refresh_flight(refresh.as_deref(), out, error));
            }
        }
    }

    fn wait(&mut self, place: u8, from: u8) {
        let flight = self.flights.borrow(from);
        assert!(at9068_flight_remaining_seconds(flight) >= 0.0);
        let (is_over, called) = (at9068_flight_is_over(flight), CALLED.load(Ordering::Relaxed));
        assert!(at9068_flight_wait(flight, [0.0, -1.0, f64::NAN, 1e-6][usize::from(place) % 4]) || !is_over);
        let mut fault = ptr::dangling_mut();
        let over = (place < 200).then_some(over as _);
        // SAFETY: as in make!.
        let code = unsafe { at9068_flight_on_over(flight, over, ptr::null_mut(), &raw mut fault) };
        assert!(code == AT9068_CODE_OK || CALLED.load(Ordering::Relaxed) == called || flight.is_some());
        self.failed(code, fault, place);
    }

    /// Validates, authenticates or explains.
    fn judge(&mut self, operation: u8, place: u8, from: u8, mode: u8) {
        let (text, len) = self.text();
        let options = at9068_validate_options {
            size: self.size(size_of::<at9068_validate_options>()),
            has_now: c_int::from(place % 8 < 6),
            now: NOW,
            request: self.view(),
            require: self.view(),
        };
        let options = if place < 64 { ptr::null() } else { &raw const options };
        let validator = self.validators.borrow(from);
        match operation {
            9 => {
                make!(self, tokens, mode, place, |out, error| at9068_validator_validate(
                    validator, text, len, options, out, error
                ));
            }
            10 => {
                make!(self, tokens, mode, place, |out, error| {
                    at9068_validator_authenticate(validator, text, len, options, out, error)
                });
            }
            _ => {
                let mut token = ptr::null_mut();
                // SAFETY: as in make!.
                let plain = unsafe {
                    at9068_validator_validate(validator, text, len, options, &raw mut token, ptr::null_mut())
                };
                // SAFETY: NULL, or made right now.
                at9068_access_token_free((!token.is_null()).then(|| unsafe { Box::from_raw(token) }));
                let explained = make!(self, explanations, mode, place, |out, error| at9068_validator_explain(
                    validator, text, len, options, out, error
                ));
                // What it gives is the verdict; what is wrong whatever the token fails both.
                let verdict = match self.explanations.borrow(place) {
                    Some(made) => at9068_error_code(at9068_explanation_error(Some(made))),
                    None => explained,
                };
                assert!(mode & 1 == 1 || verdict == plain, "explain says {verdict}, validate {plain}");
            }
        }
    }

    /// Reads everything that can be read without failing, of handles that may be absent.
    fn look(&mut self, place: u8) {
        look_at_token(self.tokens.borrow(place));
        look_at_error(self.errors.borrow(place));
        look_at_explanation(self.explanations.borrow(place));
        self.batches.look(place);
        for text in [
            at9068_minted_token_token(self.minted.borrow(place)),
            at9068_minted_token_claims_json(self.minted.borrow(place)),
            at9068_minted_token_header_json(self.minted.borrow(place)),
            at9068_signing_key_kid(self.keys.borrow(place)),
            at9068_signing_key_algorithm(self.keys.borrow(place)),
            at9068_string_view(self.strings.borrow(place)),
        ] {
            read(text);
        }
        let octets = at9068_buffer_view(self.buffers.borrow(place));
        assert_eq!(octets.ptr.is_null(), self.buffers.get(place).is_null());
        // What is answered about tokens has no end.
        let ends = at9068_minted_token_expires_in(self.minted.borrow(place)) > 0;
        assert!(!ends || !self.minted.get(place).is_null());
        let set = self.sets.borrow(place);
        for index in 0..at9068_key_set_len(set) + 2 {
            read(at9068_key_set_kid_at(set, index));
        }
        let (mut at, mut kid, mut code) = (0, at9068_str { ptr: ptr::null(), len: 0 }, 0);
        for index in 0..at9068_key_set_skipped_count(set) + 2 {
            // SAFETY: outputs that can be written to.
            let found = unsafe { at9068_key_set_skipped_at(set, index, &raw mut at, &raw mut kid, &raw mut code) };
            assert_eq!(found, index < at9068_key_set_skipped_count(set));
            read(kid);
        }
        let validator = self.validators.borrow(place);
        for index in 0..at9068_validator_skipped_count(validator) + 2 {
            // SAFETY: outputs that are NULL or can be written to.
            let found = unsafe {
                at9068_validator_skipped_at(
                    validator,
                    index,
                    &raw mut kid,
                    ptr::null_mut(),
                    ptr::null_mut(),
                    &raw mut code,
                )
            };
            assert_eq!(found, index < at9068_validator_skipped_count(validator));
            read(kid);
        }
        let minter = self.minters.borrow(place);
        for index in 0..at9068_minter_skipped_count(minter) + 2 {
            // SAFETY: NULL, all of them.
            let found =
                unsafe { at9068_minter_skipped_at(minter, index, ptr::null_mut(), ptr::null_mut(), ptr::null_mut()) };
            assert_eq!(found, index < at9068_minter_skipped_count(minter));
        }
    }
}

/// How many contexts a handle that is made with these ports has to end.
fn counted(ports: &at9068_ports, kind: u8) -> usize {
    if kind < 50 {
        return 0;
    }
    let given = [
        ports.clock.now.is_some(),
        ports.events.event.is_some(),
        ports.resolver.resolve.is_some(),
        ports.replay_store.first_use.is_some(),
    ];
    given.into_iter().filter(|given| *given).count()
}

fn look_at_token(token: Option<&at9068_access_token>) {
    for text in [
        at9068_access_token_iss(token),
        at9068_access_token_sub(token),
        at9068_access_token_client_id(token),
        at9068_access_token_origin(token),
        at9068_access_token_claims_json(token),
        at9068_access_token_header_json(token),
    ] {
        assert_eq!(text.ptr.is_null(), token.is_none(), "a text that every token has");
        read(text);
    }
    for text in [
        at9068_access_token_profile(token),
        at9068_access_token_jti(token),
        at9068_access_token_scope(token),
        at9068_access_token_acr(token),
        at9068_access_token_org_id(token),
        at9068_access_token_org_name(token),
    ] {
        read(text);
    }
    let broken = (0..).take_while(|index| at9068_access_token_would_break_at(token, *index) != AT9068_CODE_OK).count();
    assert!(broken == 0 || token.is_some());
    let mut seconds = 0_i64;
    // SAFETY: NULL, or a number that can be written to.
    unsafe {
        at9068_access_token_nbf(token, ptr::null_mut());
        at9068_access_token_auth_time(token, &raw mut seconds);
    }
    let (issued, expires) = (at9068_access_token_iat(token), at9068_access_token_exp(token));
    assert!(token.is_some() || (issued, expires) == (0, 0));
    // An issuer that is asked need not tell times.
    let signed = !at9068_access_token_profile(token).ptr.is_null();
    assert!(!signed || (expires > 0 && issued <= expires), "from {issued} to {expires}");
}

fn look_at_error(error: Option<&at9068_error>) {
    for text in
        [at9068_error_message(error), at9068_error_claim(error), at9068_error_kind(error), at9068_error_oauth(error)]
    {
        read(text);
    }
    let count = at9068_error_challenge_count(error);
    for index in 0..count + 2 {
        assert_eq!(at9068_error_challenge_at(error, index).ptr.is_null(), index >= count);
        read(at9068_error_challenge_at(error, index));
        read(at9068_error_header_name_at(error, index));
        read(at9068_error_header_value_at(error, index));
    }
    let _ = (at9068_error_authenticated(error), at9068_error_status(error), at9068_error_header_count(error));
    let fields = at9068_error_http_header_count(error);
    for index in 0..fields + 2 {
        let (mut name, mut value) = (at9068_str { ptr: ptr::null(), len: 0 }, at9068_str { ptr: ptr::null(), len: 0 });
        // SAFETY: each is NULL, or can be written to.
        let there = unsafe {
            at9068_error_http_header(error, index, ptr::null_mut(), ptr::null_mut());
            at9068_error_http_header(error, index, &raw mut name, &raw mut value)
        };
        assert_eq!(there, index < fields);
        read(name);
        read(value);
    }
    read(at9068_error_http_body(error));
    // SAFETY: NULL is one of the two that it may be.
    unsafe { at9068_error_retry_after(error, ptr::null_mut()) };
}

/// Its token or its error, and step by step; of the steps that fail, the first is the verdict.
fn look_at_explanation(explanation: Option<&at9068_explanation>) {
    let (token, error) = (at9068_explanation_token(explanation), at9068_explanation_error(explanation));
    assert_eq!(usize::from(token.is_some()) + usize::from(error.is_some()), usize::from(explanation.is_some()));
    look_at_token(token);
    look_at_error(error);
    read(at9068_explanation_trace_json(explanation));
    assert_eq!(at9068_explanation_trace_json(explanation).ptr.is_null(), explanation.is_none());
    let count = at9068_explanation_step_count(explanation);
    let mut first = AT9068_CODE_OK;
    for index in 0..count + 2 {
        let step = at9068_explanation_step_at(explanation, index);
        assert_eq!(step.is_some(), index < count);
        for text in
            [at9068_step_rule(step), at9068_step_section(step), at9068_step_outcome(step), at9068_step_expected(step)]
        {
            assert_eq!(text.ptr.is_null(), step.is_none(), "a text that every step has");
            read(text);
        }
        read(at9068_step_claim(step));
        read(at9068_step_found(step));
        if first == AT9068_CODE_OK {
            first = at9068_step_code(step);
        }
    }
    assert_eq!(first, at9068_error_code(error), "another failure than the verdict");
}

/// A code has a slug and a message; what is none has neither.
fn code(index: usize) {
    let code = at9068_code_at(index);
    let (slug, message) = (at9068_code_slug(code), at9068_code_message(code));
    assert_eq!((slug.ptr.is_null(), message.ptr.is_null()), (code == AT9068_CODE_OK, code == AT9068_CODE_OK));
    for text in [slug, message, at9068_version()] {
        read(text);
    }
}

/// Reads every octet of a text that was given back, which must be UTF-8.
fn read(text: at9068_str) {
    if text.ptr.is_null() {
        assert_eq!(text.len, 0, "no text, with a length");
        return;
    }
    // SAFETY: borrowed from a handle that lives.
    let octets = unsafe { std::slice::from_raw_parts(text.ptr.cast::<u8>(), text.len) };
    assert!(std::str::from_utf8(octets).is_ok(), "a text that is not UTF-8");
}

fn same(one: at9068_str, other: at9068_str) -> bool {
    // Both are texts of the table of codes, which is there once.
    one.ptr == other.ptr && one.len == other.len
}
