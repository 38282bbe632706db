//! The ports: what the callables of a host tell the core, and what comes of it where they fail.
//!
//! A thread that called the core simply calls them. A thread that the core began, in order to fetch
//! keys, has them called on a thread that Python began: where the interpreter ends meanwhile, Python
//! ends the threads that run its code by unwinding their stacks, and no stack with Rust on it would
//! survive that.

use std::cell::{Cell, RefCell};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

use at9068::{
    Clock, Error, ErrorCode, Event, Events, Fetch, FetchFailure, FetchRequest, FetchResponse, IssuerConfig, Ports,
    ReplayStore, Resolver, Timestamp,
};
use pyo3::exceptions::{PyException, PyReferenceError, PyTimeoutError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyMapping, PyTuple, PyWeakrefReference};

use crate::attach::{self, Kept};
use crate::error::raise;
use crate::json;
use crate::replay::MemoryReplayStore;
use crate::revocations::Revocations;
use crate::text::{seconds, wrong_type};

thread_local! {
    /// How many calls of the core are under way on this thread.
    static CALLS: Cell<usize> = const { Cell::new(0) };
    /// Whether somebody waits for what this thread of the core fetches.
    static AWAITED: Cell<bool> = const { Cell::new(false) };
    // The core knows no exceptions, so one waits here for the way back, where it becomes the
    // `__cause__` of what the call raises.
    static FAILURE: RefCell<Option<Kept<PyErr>>> = const { RefCell::new(None) };
}

/// The callables of a host.
///
/// Every object that may lead to a call owns this one and shows it to the garbage collector, since
/// a callable may well refer to what owns it. The core, whose references the collector cannot see,
/// has only a weak one.
#[pyclass(frozen, weakref, module = "at9068._at9068")]
pub(crate) struct Host {
    clock: Option<Py<PyAny>>,
    fetch: Option<Py<PyAny>>,
    events: Option<Py<PyAny>>,
    resolver: Option<Py<PyAny>>,
    revocations: Option<Py<Revocations>>,
    replay_store: Option<Py<PyAny>>,
    // Found beforehand: nothing can be imported while the interpreter ends.
    start_thread: Py<PyAny>,
    run: Py<PyAny>,
    fetch_with: Py<PyAny>,
    tell: Py<PyAny>,
}

#[pymethods]
impl Host {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let held = [&self.clock, &self.fetch, &self.events, &self.resolver, &self.replay_store];
        held.into_iter().try_for_each(|held| visit.call(held))?;
        visit.call(&self.revocations)
    }
}

/// What a host gives when it makes an object.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a, 'py> {
    pub(crate) clock: Option<&'a Bound<'py, PyAny>>,
    pub(crate) fetch: Option<&'a Bound<'py, PyAny>>,
    pub(crate) events: Option<&'a Bound<'py, PyAny>>,
    pub(crate) resolver: Option<&'a Bound<'py, PyAny>>,
    pub(crate) revocations: Option<&'a Bound<'py, Revocations>>,
    pub(crate) replay_store: Option<&'a Bound<'py, PyAny>>,
}

impl Host {
    pub(crate) fn new(py: Python<'_>, given: Given<'_, '_>) -> PyResult<Py<Self>> {
        let callable = |name: &str, given: Option<&Bound<'_, PyAny>>| match given {
            Some(given) if !given.is_callable() => Err(wrong_type(name, "callable", given)),
            given => Ok(given.map(|given| given.clone().unbind())),
        };
        let module = py.import(intern!(py, "at9068._host"))?;
        let host = Self {
            clock: callable("clock", given.clock)?,
            fetch: callable("fetch", given.fetch)?,
            events: callable("events", given.events)?,
            resolver: callable("resolver", given.resolver)?,
            revocations: given.revocations.map(|given| given.clone().unbind()),
            replay_store: given.replay_store.map(replay_store).transpose()?,
            start_thread: py.import(intern!(py, "_thread"))?.getattr(intern!(py, "start_new_thread"))?.unbind(),
            run: module.getattr(intern!(py, "run"))?.unbind(),
            fetch_with: module.getattr(intern!(py, "fetch_with"))?.unbind(),
            tell: module.getattr(intern!(py, "tell"))?.unbind(),
        };
        Py::new(py, host)
    }

    pub(crate) fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Whether a store of the host's own is asked, which may take its time.
    pub(crate) fn has_store(&self, py: Python<'_>) -> bool {
        self.replay_store.as_ref().is_some_and(|store| store.cast_bound::<MemoryReplayStore>(py).is_err())
    }

    /// A host that fetches keys: without anybody who hears of events, they are logged.
    pub(crate) fn logging(py: Python<'_>, given: Given<'_, '_>) -> PyResult<Py<Self>> {
        let log = py.import(intern!(py, "at9068._host"))?.getattr(intern!(py, "log"))?;
        Self::new(py, Given { events: given.events.or(Some(&log)), ..given })
    }

    /// The clock for the core.
    pub(crate) fn clock(this: &Bound<'_, Self>) -> PyResult<Option<Arc<dyn Clock>>> {
        Ok(if this.get().has_clock() { Some(Port::new(this)?) } else { None })
    }

    /// The ports for the core.
    pub(crate) fn ports(this: &Bound<'_, Self>) -> PyResult<Ports> {
        let port = || Port::new(this);
        let (host, mut ports) = (this.get(), Ports::default());
        if host.clock.is_some() {
            ports = ports.clock(port()?);
        }
        if host.fetch.is_some() {
            ports = ports.fetch(port()?);
        }
        if host.events.is_some() {
            ports = ports.events(port()?);
        }
        if host.resolver.is_some() {
            ports = ports.resolver(port()?);
        }
        if let Some(revocations) = &host.revocations {
            ports = ports.revocations(revocations.get().core());
        }
        if let Some(store) = &host.replay_store {
            ports = ports.replay_store(match store.cast_bound::<MemoryReplayStore>(this.py()) {
                Ok(own) => own.get().core().clone(),
                Err(_) => port()?,
            });
        }
        Ok(ports)
    }
}

fn replay_store(given: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let first_use = given.getattr_opt(intern!(given.py(), "first_use"))?;
    if !first_use.is_some_and(|method| method.is_callable()) {
        return Err(wrong_type("replay_store", "an object with a method first_use", given));
    }
    Ok(given.clone().unbind())
}

/// Runs a call of the core, and gives what a callable raised meanwhile too.
pub(crate) fn calling<T>(call: impl FnOnce() -> T) -> (T, Option<PyErr>) {
    // A callable may itself call the core.
    let outer = FAILURE.take();
    CALLS.set(CALLS.get() + 1);
    let result = attach::known(call);
    CALLS.set(CALLS.get() - 1);
    (result, FAILURE.replace(outer).and_then(Kept::take))
}

/// Has this thread, which is about to fetch, keep what fetching raises for those who wait.
pub(crate) fn expect_waiting() {
    AWAITED.set(true);
}

/// What fetching on this thread raised, for one of those who wait.
pub(crate) fn failure_of_fetch() -> Option<Kept<PyErr>> {
    if !AWAITED.get() {
        return None;
    }
    FAILURE.with_borrow(|failure| {
        let failure = failure.as_ref()?.get()?;
        attach::with(|py| failure.clone_ref(py)).map(Kept::new)
    })
}

/// The core's view of a host.
struct Port(Kept<Py<PyWeakrefReference>>);

/// Why a callable gave nothing.
enum Silence {
    Raised(PyErr),
    /// There is nobody left to be called, or no interpreter to call in.
    Gone,
}

impl From<PyErr> for Silence {
    fn from(failure: PyErr) -> Self {
        Self::Raised(failure)
    }
}

/// A function with its arguments.
type Work<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);
type Reader<T> = fn(&Bound<'_, PyAny>) -> PyResult<T>;

impl Port {
    fn new(host: &Bound<'_, Host>) -> PyResult<Arc<Self>> {
        Ok(Arc::new(Self(Kept::new(PyWeakrefReference::new(host.as_any())?.unbind()))))
    }

    /// Has something called that is found in the host, and reads what it gives.
    fn ask<T: Send + 'static>(
        &self,
        work: impl for<'py> FnOnce(Python<'py>, &Host) -> PyResult<Work<'py>>,
        read: Reader<T>,
    ) -> Result<T, Silence> {
        let begun = attach::with(|py| self.begin(py, work, read)).ok_or(Silence::Gone)??;
        match begun {
            Begun::Done(given) => Ok(given),
            Begun::Elsewhere(told) => told.recv().map_err(|_| Silence::Gone)?.map_err(Silence::Raised),
        }
    }

    fn begin<T: Send + 'static>(
        &self,
        py: Python<'_>,
        work: impl for<'py> FnOnce(Python<'py>, &Host) -> PyResult<Work<'py>>,
        read: Reader<T>,
    ) -> Result<Begun<T>, Silence> {
        let host = self.0.get().and_then(|host| host.bind(py).upgrade()).ok_or(Silence::Gone)?;
        let host = host.cast::<Host>().map_err(PyErr::from)?.get();
        let (function, arguments) = work(py, host)?;
        if CALLS.get() > 0 {
            return Ok(Begun::Done(read(&function.call1(arguments)?)?));
        }
        let (tell, told) = mpsc::sync_channel(1);
        let answer: OnAnswer = Box::new(move |outcome| {
            // Nobody listens any more: then nobody wants to know.
            drop(tell.try_send(outcome.and_then(|given| read(&given))));
        });
        let answer = Answer(Mutex::new(Some(answer)));
        host.start_thread.bind(py).call1((&host.run, (function, arguments, answer)))?;
        Ok(Begun::Elsewhere(told))
    }
}

/// Where something is called.
enum Begun<T> {
    Done(T),
    Elsewhere(Receiver<PyResult<T>>),
}

type OnAnswer = Box<dyn FnOnce(PyResult<Bound<'_, PyAny>>) + Send>;

/// Takes what a callable gave or raised, on the thread that Python began for it.
#[pyclass(frozen, module = "at9068._at9068")]
struct Answer(Mutex<Option<OnAnswer>>);

#[pymethods]
impl Answer {
    fn __call__(&self, given: Bound<'_, PyAny>, raised: Bound<'_, PyAny>) {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(answer) = answer {
            answer(if raised.is_none() { Ok(given) } else { Err(PyErr::from_value(raised)) });
        }
    }
}

/// Keeps what was raised for whoever hears of it: the call on this thread, or those who wait for
/// it. Where there is no such, it is told as Python tells of what nobody can catch.
fn note(silence: Silence) {
    let Silence::Raised(failure) = silence else { return };
    if CALLS.get() > 0 || AWAITED.get() {
        FAILURE.set(Some(Kept::new(failure)));
    } else {
        tell_nobody(failure);
    }
}

/// Hands over to `sys.unraisablehook`.
pub(crate) fn tell_nobody(failure: PyErr) {
    let _ended: Option<()> = attach::with(|py| failure.write_unraisable(py, None));
}

fn no_arguments<'py>(py: Python<'py>, callable: Option<&Py<PyAny>>) -> PyResult<Work<'py>> {
    Ok((found(py, callable)?, PyTuple::empty(py)))
}

fn found<'py>(py: Python<'py>, callable: Option<&Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    callable.map(|callable| callable.bind(py).clone()).ok_or_else(|| PyReferenceError::new_err("nothing to call"))
}

impl Clock for Port {
    fn now(&self) -> Result<Timestamp, Error> {
        let read: Reader<Timestamp> = |told| {
            let seconds = seconds("the clock's time", told)?;
            Timestamp::from_seconds(seconds).map_err(|error| raise(told.py(), &error))
        };
        self.ask(|py, host| no_arguments(py, host.clock.as_ref()), read).map_err(|silence| {
            note(silence);
            ErrorCode::Internal.into()
        })
    }
}

impl Fetch for Port {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        let read: Reader<FetchResponse> = |given| {
            let (status, headers, body): (u16, Vec<(String, String)>, Vec<u8>) = given.extract()?;
            let response = FetchResponse::new(status, body);
            Ok(headers.into_iter().fold(response, |response, (name, value)| response.header(name, value)))
        };
        let fetched = self.ask(
            |py, host| {
                let arguments = (
                    found(py, host.fetch.as_ref())?,
                    &request.url,
                    PyTuple::new(py, &request.headers)?,
                    request.timeout.as_secs_f64(),
                    request.connect_timeout.as_secs_f64(),
                    request.max_body_bytes,
                    request.trusted_host,
                    request.method(),
                    request.body.as_ref().map(|body| PyBytes::new(py, body)),
                );
                Ok((host.fetch_with.bind(py).clone(), arguments.into_pyobject(py)?))
            },
            read,
        );
        fetched.map_err(|silence| {
            let timed_out = |failure: &PyErr| attach::with(|py| failure.is_instance_of::<PyTimeoutError>(py));
            let timed_out = matches!(&silence, Silence::Raised(failure) if timed_out(failure) == Some(true));
            note(silence);
            if timed_out { FetchFailure::Timeout } else { FetchFailure::Connect }
        })
    }
}

impl Events for Port {
    fn event(&self, event: &Event) {
        let told = self.ask(
            |py, host| {
                let arguments = (found(py, host.events.as_ref())?, event.to_json());
                Ok((host.tell.bind(py).clone(), arguments.into_pyobject(py)?))
            },
            |_| Ok(()),
        );
        match told {
            Ok(()) | Err(Silence::Gone) => {}
            Err(Silence::Raised(failure)) => {
                // It fails no call, unless it is meant for the program, as Ctrl-C is.
                let ordinary = attach::with(|py| failure.is_instance_of::<PyException>(py));
                if CALLS.get() > 0 && ordinary == Some(false) {
                    FAILURE.set(Some(Kept::new(failure)));
                } else {
                    tell_nobody(failure);
                }
            }
        }
    }
}

impl Resolver for Port {
    fn resolve(&self, issuer: &str) -> Result<Option<IssuerConfig>, Error> {
        let read: Reader<Option<IssuerConfig>> = |given| {
            if given.is_none() {
                return Ok(None);
            }
            let mapping =
                given.cast::<PyMapping>().map_err(|_| wrong_type("the issuer", "a mapping or None", given))?;
            let (text, handles) = json::write_config(mapping)?;
            let config = IssuerConfig::from_json_with(&text, &handles);
            config.map(Some).map_err(|error| raise(given.py(), &error))
        };
        let resolved =
            self.ask(|py, host| Ok((found(py, host.resolver.as_ref())?, (issuer,).into_pyobject(py)?)), read);
        resolved.map_err(|silence| {
            note(silence);
            ErrorCode::KeysUnavailable.into()
        })
    }
}

impl ReplayStore for Port {
    fn first_use(&self, key: &str, until: i64, now: i64) -> Result<bool, Error> {
        // Whatever is no answer, such as a coroutine, must not pass for one.
        let read: Reader<bool> = |given| match given.cast::<PyBool>() {
            Ok(answer) => Ok(answer.is_true()),
            Err(_) => Err(wrong_type("what first_use returns", "bool", given)),
        };
        let told = self.ask(
            |py, host| {
                let first_use = found(py, host.replay_store.as_ref())?.getattr(intern!(py, "first_use"))?;
                Ok((first_use, (key, until, now).into_pyobject(py)?))
            },
            read,
        );
        told.map_err(|silence| {
            note(silence);
            ErrorCode::Internal.into()
        })
    }
}
