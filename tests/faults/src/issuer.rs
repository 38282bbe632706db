//! One issuer of the test server, and the library's own client before it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use at9068::{Clock, Fetch, FetchFailure, FetchRequest, FetchResponse, HttpFetch, Timestamp};
use serde_json::{Value, json};

/// What went wrong with the test itself.
pub(crate) type Broken = Box<dyn std::error::Error>;

/// An issuer of its own for one cell.
pub(crate) struct Case {
    control: String,
    pub(crate) issuer: String,
}

impl Case {
    pub(crate) fn new(announced: &Value, name: &str) -> Result<Self, Broken> {
        let base = text(announced, "/control")?;
        let control = format!("{base}/cases/{name}");
        let told = ask(&control, &json!({"op": "issuer"}))?;
        let issuer = text(&told, "/issuer")?.to_owned();
        Ok(Self { control, issuer })
    }

    /// Asks at the control port.
    pub(crate) fn ask(&self, question: &Value) -> Result<Value, Broken> {
        ask(&self.control, question)
    }

    pub(crate) fn behave(&self, document: &str, behaviour: &Value) -> Result<(), Broken> {
        let mut question = behaviour.clone();
        let members = question.as_object_mut().ok_or("a behaviour is an object")?;
        members.insert("op".into(), "behave".into());
        members.insert("document".into(), document.into());
        self.ask(&question).map(drop)
    }

    /// A token for a day, under another `kid` where one is named.
    pub(crate) fn mint(&self, now: i64, kid: Option<&str>) -> Result<String, Broken> {
        let usual = json!({"op": "mint", "subject": "user", "lifetime_seconds": 86_400, "now": now});
        let renamed = json!({"op": "mint", "subject": "user", "lifetime_seconds": 86_400, "now": now, "kid": kid});
        let answer = ask(&self.control, if kid.is_some() { &renamed } else { &usual })?;
        Ok(text(&answer, "/token")?.to_owned())
    }
}

/// A text within an answer.
pub(crate) fn text<'a>(answer: &'a Value, place: &str) -> Result<&'a str, Broken> {
    Ok(answer.pointer(place).and_then(Value::as_str).ok_or_else(|| format!("no {place}"))?)
}

fn ask(url: &str, question: &Value) -> Result<Value, Broken> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let mut answer = ureq::Agent::new_with_config(config).post(url).send(question.to_string())?;
    let text = answer.body_mut().read_to_string()?;
    if answer.status() != 200 {
        return Err(format!("the test issuer says {text}").into());
    }
    Ok(serde_json::from_str(&text)?)
}

/// A clock that stands still unless it is moved, and the way to the issuer, which may be led to a port
/// with a flaw.
pub(crate) struct World {
    seconds: AtomicI64,
    client: HttpFetch,
    /// The origin that stands in the place of the issuer's.
    flawed: Mutex<Option<(String, String)>>,
    pub(crate) requests: AtomicUsize,
    /// Those of them that ask about a token.
    pub(crate) posts: AtomicUsize,
    /// Those that are not over.
    pub(crate) under_way: AtomicUsize,
}

impl World {
    pub(crate) fn new(client: HttpFetch, seconds: i64) -> Arc<Self> {
        let (requests, posts, under_way) = (0.into(), 0.into(), 0.into());
        Arc::new(Self { seconds: seconds.into(), client, flawed: Mutex::new(None), requests, posts, under_way })
    }

    pub(crate) fn seconds(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn lead(&self, way: Option<(String, String)>) {
        *self.flawed.lock().unwrap_or_else(PoisonError::into_inner) = way;
    }
}

impl Clock for World {
    fn now(&self) -> at9068::Result<Timestamp> {
        Ok(Timestamp::from_whole_seconds(self.seconds()))
    }
}

impl Fetch for World {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.posts.fetch_add(usize::from(request.body.is_some()), Ordering::SeqCst);
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let mut request = request.clone();
        let way = self.flawed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((from, to)) = way {
            request.url = request.url.replacen(&from, &to, 1);
        }
        let fetched = self.client.fetch(&request);
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        fetched
    }
}
