//! How the issuer is asked: the request, the credentials, and who makes it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use at9068::{
    Algorithm, Fetch, FetchFailure, FetchRequest, FetchResponse, IntrospectionConfig, IssuerCacheConfig, Progress,
    SigningKey, Strategy, ValidateOptions, Validator, ValidatorConfig,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::desk::{Desk, ENDPOINT, answer, config, form, header, members, status, verdict};
use crate::world::{API, ISSUER, code};

/// The one request that a validator of this configuration makes about a token.
fn request(config: IntrospectionConfig, token: &str) -> FetchRequest {
    let desk = Desk::new();
    desk.vouch(token, &members());
    assert_eq!(verdict(&desk.validator(Strategy::Introspection, config), token), "ok");
    let mut requests = desk.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[test]
fn the_token_travels_in_the_body_of_a_post_and_nowhere_else() {
    let request = request(config(), "opa+que/==");
    assert_eq!((request.method(), request.url.as_str()), ("POST", ENDPOINT));
    assert_eq!(request.body.as_deref(), Some(&b"token=opa%2Bque%2F%3D%3D&token_type_hint=access_token"[..]));
    assert_eq!(header(&request, "Content-Type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(&request, "Accept"), Some("application/json"));
    assert_eq!(request.headers.len(), 3);
    assert_eq!((request.max_body_bytes, request.trusted_host), (65_536, true));
    assert_eq!(request.connect_timeout, Duration::from_secs(2));
    assert!(request.timeout <= Duration::from_secs(5) && request.timeout > Duration::from_secs(4));
    let shown = format!("{request:?}");
    assert!(!shown.contains("opa") && !shown.contains("hush") && !shown.contains("Basic"), "{shown}");
}

#[test]
fn a_secret_is_encoded_before_it_is_joined_to_the_identifier() {
    let basic = |id: &str, secret: &str| {
        let request = request(IntrospectionConfig::client_secret_basic(ENDPOINT, id, secret), "t");
        assert_eq!(form(&request).len(), 2);
        let value = header(&request, "Authorization").unwrap().strip_prefix("Basic ").unwrap().to_owned();
        String::from_utf8(STANDARD.decode(value).unwrap()).unwrap()
    };
    assert_eq!(basic("api", "hush"), "api:hush");
    assert_eq!(basic("a:b", "c d%\u{fc}+"), "a%3Ab:c+d%25%C3%BC%2B");
    let post = request(IntrospectionConfig::client_secret_post(ENDPOINT, "a:b", "c d%\u{fc}+"), "t");
    let form = form(&post);
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("a:b", "c d%\u{fc}+"));
    assert!(header(&post, "Authorization").is_none() && form["token"] == "t" && form.len() == 4);
}

#[test]
fn a_bearer_token_authenticates_without_a_client() {
    let request = request(IntrospectionConfig::bearer(ENDPOINT, "a.b-c~+/=="), "t");
    assert_eq!(header(&request, "Authorization"), Some("Bearer a.b-c~+/=="));
    assert_eq!(form(&request).len(), 2);
}

#[test]
fn assertions_are_made_anew_for_every_question() {
    let keys = [SigningKey::generate(Algorithm::ES384).unwrap()];
    let config = IntrospectionConfig::private_key_jwt(ENDPOINT, "api", keys.clone());
    let claims = |request: &FetchRequest| -> Value {
        let form = form(request);
        assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert!(header(request, "Authorization").is_none() && form.len() == 4);
        let assertion = &form["client_assertion"];
        at9068::verify_jws(assertion, &keys[0].key_set().unwrap(), &[Algorithm::ES384]).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1).unwrap()).unwrap()).unwrap()
    };
    let desk = Desk::new();
    let validator = desk.validator(Strategy::Introspection, config.clone());
    let mut seen = HashSet::new();
    for token in ["one", "two", "three"] {
        assert_eq!(verdict(&validator, token), "token_inactive");
        let claims = claims(&desk.requests()[0]);
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("api"), Some("api")));
        assert_eq!((claims["aud"].as_str(), claims["iat"].as_i64()), (Some(ISSUER), Some(3_600)));
        assert!(seen.insert(claims["jti"].as_str().unwrap().to_owned()));
    }
    let other = claims(&request(config.audience("https://as.example/token"), "t"));
    assert_eq!(other["aud"], "https://as.example/token");
}

/// An issuer that answers late.
struct Late {
    asked: AtomicUsize,
}

impl Fetch for Late {
    fn fetch(&self, _: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(200));
        Ok(answer(&json!({"active": true, "aud": API})))
    }
}

#[test]
fn tokens_are_asked_about_one_beside_the_other() {
    let late = Arc::new(Late { asked: AtomicUsize::new(0) });
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let ports = at9068::Ports::default().fetch(Arc::clone(&late) as _);
    let validator = Validator::with_ports(config, ports).unwrap();
    let began = std::time::Instant::now();
    let callers: Vec<_> = (0..20)
        .map(|index| {
            let validator = validator.clone();
            thread::spawn(move || verdict(&validator, &format!("opaque-{index}")))
        })
        .collect();
    assert!(callers.into_iter().all(|caller| caller.join().unwrap() == "ok"));
    assert_eq!(late.asked.load(Ordering::SeqCst), 20);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[cfg(feature = "async")]
#[test]
fn a_future_is_not_blocked_while_the_issuer_is_asked() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Wake};

    struct Thread(thread::Thread);
    impl Wake for Thread {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let late = Arc::new(Late { asked: AtomicUsize::new(0) });
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let ports = at9068::Ports::default().fetch(Arc::clone(&late) as _);
    let validator = Validator::with_ports(config, ports).unwrap();
    let options = ValidateOptions::default();
    let mut future = pin!(validator.validate_async("opaque", &options));
    let waker = Arc::new(Thread(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let began = std::time::Instant::now();
    assert!(future.as_mut().poll(&mut context).is_pending());
    assert!(began.elapsed() < Duration::from_millis(150), "{:?}", began.elapsed());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(verdict) => {
                assert_eq!((code(&verdict), late.asked.load(Ordering::SeqCst)), ("ok", 1));
                return;
            }
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn a_host_that_fetches_is_told_what_to_post() {
    let desk = Desk::new();
    let ports = at9068::Ports::default().clock(Arc::clone(&desk.world) as _).host_fetches();
    let config = ValidatorConfig::new(ISSUER, API).introspection(Strategy::Introspection, config());
    let validator = Validator::with_ports(config, ports).unwrap();
    let options = ValidateOptions::default();
    // Whoever cannot wait gets no verdict, and opens no socket.
    assert_eq!(verdict(&validator, "opaque"), "introspection_unavailable");
    assert_eq!(code(&validator.validate_at_hand("opaque", &options)), "introspection_unavailable");
    assert!(validator.prefetch().is_ok(), "there are no keys to be had");
    let Progress::Fetch(mut refresh) = validator.step("opaque", &options) else { panic!("nothing to post") };
    assert!(matches!(validator.step("opaque", &options), Progress::Wait(_)));
    assert!(matches!(validator.explain_step("opaque", &options), Progress::Wait(_)));
    let wanted = refresh.request().unwrap();
    assert_eq!((refresh.issuer(), wanted.method(), form(&wanted)["token"].as_str()), (ISSUER, "POST", "opaque"));
    assert_eq!(refresh.request().map(|again| again.body), Some(wanted.body), "it stays the same until it is answered");
    refresh.answer(Ok(answer(&json!({"active": true, "aud": API}))));
    assert!(refresh.request().is_none());
    let Progress::Done(Ok(token)) = validator.step("opaque", &options) else { panic!("no token") };
    assert_eq!(token.iss(), ISSUER);
    assert!(validator.due_refresh().is_none());
    // A refresh that is dropped is nobody's failure: the next caller asks.
    let Progress::Fetch(refresh) = validator.step("other", &options) else { panic!("nothing to post") };
    drop(refresh);
    let Progress::Fetch(mut refresh) = validator.step("other", &options) else { panic!("nothing to post") };
    refresh.answer(Err(FetchFailure::Timeout));
    let Progress::Done(Err(refused)) = validator.step("other", &options) else { panic!("no end") };
    assert_eq!(
        (refused.code().slug(), status(&validator)["failures"].as_u64()),
        ("introspection_unavailable", Some(1))
    );
}

#[test]
fn a_host_that_never_comes_back_is_given_up() {
    let desk = Desk::new();
    let ports = at9068::Ports::default().clock(Arc::clone(&desk.world) as _).host_fetches();
    let config = ValidatorConfig::new(ISSUER, API)
        .introspection(Strategy::Introspection, config())
        .issuer_cache(IssuerCacheConfig::new().timeout_seconds(0.05));
    let validator = Validator::with_ports(config, ports).unwrap();
    let options = ValidateOptions::default();
    let Progress::Fetch(mut slow) = validator.step("opaque", &options) else { panic!("nothing to post") };
    let Progress::Wait(flight) = validator.step("opaque", &options) else { panic!("nobody is waited for") };
    assert!(flight.wait(Duration::from_secs(5)), "its time is over");
    let Progress::Done(Err(refused)) = validator.step("opaque", &options) else { panic!("no end") };
    assert_eq!(refused.code().slug(), "introspection_unavailable");
    desk.world.pass(1);
    let Progress::Fetch(mut fast) = validator.step("opaque", &options) else { panic!("nothing to post") };
    fast.answer(Ok(answer(&json!({"active": false}))));
    // What comes too late is not gone by.
    slow.answer(Ok(answer(&json!({"active": true, "aud": API}))));
    assert_eq!(verdict(&validator, "opaque"), "token_inactive");
}

#[test]
fn whoever_cannot_wait_has_the_issuer_asked_meanwhile() {
    let desk = Desk::new();
    desk.vouch("opaque", &members());
    let validator = desk.asking();
    let options = ValidateOptions::default();
    assert_eq!(code(&validator.validate_at_hand("opaque", &options)), "introspection_unavailable");
    crate::desk::settle(&desk, 1);
    assert_eq!((code(&validator.validate_at_hand("opaque", &options)), desk.asked()), ("ok", 1));
}
