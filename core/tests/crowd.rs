//! A thousand callers who want to know of one token, in a process of their own: what so many threads leave behind
//! would make other tests slow.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails, and should")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use at9068::{
    Fetch, FetchFailure, FetchRequest, FetchResponse, IntrospectionConfig, Ports, Strategy, ValidateOptions, Validator,
    ValidatorConfig,
};

/// An issuer that answers late.
#[derive(Default)]
struct Late {
    asked: AtomicUsize,
}

impl Fetch for Late {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        assert_eq!(request.method(), "POST");
        self.asked.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(200));
        let answer = r#"{"active":true,"aud":"https://api.example/"}"#;
        Ok(FetchResponse::new(200, answer).header("Content-Type", "application/json"))
    }
}

#[test]
fn of_a_thousand_callers_one_asks() {
    let late = Arc::new(Late::default());
    let asked = IntrospectionConfig::client_secret_basic("https://as.example/introspect", "api", "hush");
    let config = ValidatorConfig::new("https://as.example/", "https://api.example/")
        .introspection(Strategy::Introspection, asked);
    let validator = Validator::with_ports(config, Ports::default().fetch(Arc::clone(&late) as _)).unwrap();
    let barrier = Arc::new(Barrier::new(1000));
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let (validator, barrier) = (validator.clone(), Arc::clone(&barrier));
            let call = move || {
                barrier.wait();
                validator.validate("opaque", &ValidateOptions::default()).is_ok()
            };
            thread::Builder::new().stack_size(256 * 1024).spawn(call).unwrap()
        })
        .collect();
    assert!(callers.into_iter().all(|caller| caller.join().unwrap()));
    assert_eq!(late.asked.load(Ordering::SeqCst), 1);
}
