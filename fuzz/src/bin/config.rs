//! Configuration and arguments, as JSON texts.
#![no_main]

use at9068::{Error, MintRequest, Minter, MinterConfig, Request, Require, ValidateOptions, Validator, ValidatorConfig};
use at9068_fuzz::{NOW, judge, read_object};
use libfuzzer_sys::fuzz_target;

const TOKEN: &str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUvIn0.AA";

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let options = ValidateOptions::default().now(NOW);

    if let Some(config) = taken(text, ValidatorConfig::from_json(text))
        && let Some(validator) = made(Validator::new(config))
    {
        assert!(judge(&validator, TOKEN.as_bytes(), &options).is_err());
        assert!(validator.skipped_keys().all(|(issuer, _)| !issuer.is_empty()));
    }
    if let Some(config) = taken(text, MinterConfig::from_json(text))
        && let Some(minter) = made(Minter::new(config))
    {
        made(minter.mint(&MintRequest::new("client_credentials", "c"), Some(NOW)));
    }
    taken(text, MintRequest::from_json(text));
    let request = taken(text, Request::from_json(text));
    let require = taken(text, Require::from_json(text));
    let options = request.map_or(options.clone(), |request| options.request(request));
    let _ = require.map_or(options.clone(), |require| options.require(require));
});

/// What is taken as configuration is one object without duplicates.
fn taken<T>(text: &str, read: Result<T, Error>) -> Option<T> {
    let read = made(read);
    assert!(read.is_none() || read_object(text).is_some(), "serde_json does not read it, or finds duplicates");
    read
}

/// A message is one line that goes into a log.
fn made<T>(made: Result<T, Error>) -> Option<T> {
    if let Err(error) = &made {
        assert!(!error.message().contains(char::is_control), "a control character in {:?}", error.message());
        assert!(error.challenges().is_empty());
    }
    made.ok()
}
