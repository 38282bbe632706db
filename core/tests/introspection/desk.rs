//! An introspection endpoint that says of each token what it is told to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use at9068::{
    Error, Fetch, FetchFailure, FetchRequest, FetchResponse, IntrospectionConfig, Ports, SigningKey, Strategy,
    ValidateOptions, Validator, ValidatorConfig,
};
use serde_json::{Value, json};

use crate::world::{API, ISSUER, JWKS_URI, World};

pub(crate) const ENDPOINT: &str = "https://as.example/introspect";

pub(crate) type Answer = Result<FetchResponse, FetchFailure>;

pub(crate) struct Desk {
    pub(crate) world: Arc<World>,
    said: Mutex<HashMap<String, Answer>>,
    otherwise: Mutex<Answer>,
    requests: Mutex<Vec<FetchRequest>>,
}

impl Fetch for Desk {
    fn fetch(&self, request: &FetchRequest) -> Answer {
        if request.url != ENDPOINT {
            return self.world.fetch(request);
        }
        self.requests.lock().unwrap().push(request.clone());
        let asked = form(request)["token"].clone();
        let said = self.said.lock().unwrap().get(&asked).cloned();
        said.unwrap_or_else(|| self.otherwise.lock().unwrap().clone())
    }
}

impl Desk {
    /// One that knows no token.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            world: World::new(),
            said: Mutex::default(),
            otherwise: Mutex::new(Ok(answer(&json!({"active": false})))),
            requests: Mutex::default(),
        })
    }

    pub(crate) fn say(&self, token: &str, answer: Answer) {
        self.said.lock().unwrap().insert(token.to_owned(), answer);
    }

    /// Says that a token is active, and this of it.
    pub(crate) fn vouch(&self, token: &str, members: &Value) {
        let mut whole = json!({"active": true});
        let members = members.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone()));
        whole.as_object_mut().unwrap().extend(members);
        self.say(token, Ok(answer(&whole)));
    }

    pub(crate) fn deny(&self, token: &str) {
        self.say(token, Ok(answer(&json!({"active": false}))));
    }

    /// What is said of every token of which nothing else was said.
    pub(crate) fn say_otherwise(&self, answer: Answer) {
        *self.otherwise.lock().unwrap() = answer;
    }

    /// Fails whatever it is asked, until it is told otherwise.
    pub(crate) fn fail(&self, answer: Answer) {
        self.said.lock().unwrap().clear();
        self.say_otherwise(answer);
    }

    /// The requests since it was last asked.
    pub(crate) fn requests(&self) -> Vec<FetchRequest> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    /// How often it was asked since.
    pub(crate) fn asked(&self) -> usize {
        self.requests().len()
    }

    pub(crate) fn ports(self: &Arc<Self>) -> Ports {
        self.world.ports().fetch(Arc::clone(self) as _)
    }

    pub(crate) fn validator(self: &Arc<Self>, strategy: Strategy, config: IntrospectionConfig) -> Validator {
        self.validator_of(ValidatorConfig::new(ISSUER, API).jwks_uri(JWKS_URI).introspection(strategy, config))
    }

    pub(crate) fn validator_of(self: &Arc<Self>, config: ValidatorConfig) -> Validator {
        Validator::with_ports(config, self.ports()).unwrap()
    }

    /// A validator that goes by what the issuer says.
    pub(crate) fn asking(self: &Arc<Self>) -> Validator {
        self.validator(Strategy::Introspection, config())
    }

    /// A validator that asks the issuer every 600 seconds.
    pub(crate) fn hybrid(self: &Arc<Self>) -> Validator {
        self.validator(Strategy::LocalThenIntrospection, config().every_seconds(600))
    }

    /// A key that is published, and a token of now for a day.
    pub(crate) fn token(&self) -> (SigningKey, String) {
        let key = crate::world::key();
        self.world.publish(&[&key]);
        let token = self.world.mint(&key);
        (key, token)
    }
}

pub(crate) fn config() -> IntrospectionConfig {
    IntrospectionConfig::client_secret_basic(ENDPOINT, "api", "hush")
}

pub(crate) fn answer(members: &Value) -> FetchResponse {
    text(&members.to_string())
}

pub(crate) fn text(body: &str) -> FetchResponse {
    FetchResponse::new(200, body).header("Content-Type", "application/json")
}

/// What an active token of this API is like.
pub(crate) fn members() -> Value {
    json!({"sub": "user", "client_id": "client", "aud": API, "scope": "a b", "exp": 90_000, "iat": 3_600})
}

/// The same with one member changed, or left out.
pub(crate) fn with(name: &str, value: Value) -> Value {
    let mut members = members();
    if value.is_null() {
        members.as_object_mut().unwrap().remove(name);
    } else {
        members[name] = value;
    }
    members
}

/// The body of a request, decoded.
pub(crate) fn form(request: &FetchRequest) -> HashMap<String, String> {
    let body = String::from_utf8(request.body.clone().unwrap()).unwrap();
    let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let mut octets = Vec::new();
        let mut rest = text.bytes();
        while let Some(octet) = rest.next() {
            if octet == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                octets.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                octets.push(octet);
            }
        }
        String::from_utf8(octets).unwrap()
    };
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

pub(crate) fn header<'a>(request: &'a FetchRequest, name: &str) -> Option<&'a str> {
    let mut named = request.headers.iter().filter(|(given, _)| given == name);
    let found = named.next().map(|(_, value)| value.as_str());
    assert!(named.next().is_none(), "{name} twice");
    found
}

pub(crate) fn verdict(validator: &Validator, token: &str) -> &'static str {
    crate::world::code(&validator.validate(token, &ValidateOptions::default()))
}

pub(crate) fn refusal(validator: &Validator, token: &str) -> Error {
    validator.validate(token, &ValidateOptions::default()).unwrap_err()
}

/// What status says of the introspection of the first issuer.
pub(crate) fn status(validator: &Validator) -> Value {
    let status: Value = serde_json::from_str(&validator.status_json()).unwrap();
    status["issuers"][0]["introspection"].clone()
}

/// Waits until nobody asks meanwhile any more.
pub(crate) fn settle(desk: &Desk, times: usize) {
    for _ in 0..2000 {
        if desk.requests.lock().unwrap().len() >= times {
            // The answer has still to land.
            std::thread::sleep(std::time::Duration::from_millis(20));
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("nobody asks");
}
