//! Waiting for keys and answers: interruptible for those who may block, by call-back for event loops.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use at9068::{ErrorCode, Flight, Progress, Refresh, Result};
use pyo3::PyClass;
use pyo3::exceptions::PyRuntimeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;

use crate::attach::{self, Kept};
use crate::error::{class, detached};
use crate::host;

/// How long signals wait at the longest.
const SLICE: Duration = Duration::from_millis(100);

/// How far a call has come.
pub(crate) enum Stepped<T> {
    Done(T),
    Wait(Waiting),
}

/// Keys, or an answer of an issuer, that a call waits for.
#[pyclass(frozen, module = "at9068._at9068")]
pub(crate) struct Waiting {
    flight: Flight,
    /// What is to be done so that there are any, where this call is the one to do it.
    task: Task,
    /// Whether it was, now or before.
    own: bool,
    /// How often the call has waited, this time included.
    round: usize,
    /// What the host's `fetch` raised.
    failure: Arc<OnceLock<Kept<PyErr>>>,
}

struct Task(Mutex<Option<Refresh>>);

impl Task {
    fn take(&self) -> Option<Refresh> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A refresh that is let go has failed, and of that the host is told on this thread: it has the
/// interpreter, so none that Python began could run meanwhile.
impl Drop for Task {
    fn drop(&mut self) {
        let ((), _unheard) = host::calling(|| drop(self.take()));
    }
}

/// Carries a call out in steps and waits between them; signals are handled meanwhile.
pub(crate) fn patiently<T: Send>(py: Python<'_>, step: impl Fn(usize) -> Progress<T> + Sync) -> PyResult<T> {
    let (done, before) = waiting_between(py, step)?;
    before.iter().for_each(|before| before.tell_nobody(py));
    Ok(done)
}

/// The same, for calls whose outcome says itself what failed: gives what the host's `fetch` raised too.
pub(crate) fn patiently_with_failure<T: Send>(
    py: Python<'_>,
    step: impl Fn(usize) -> Progress<T> + Sync,
) -> PyResult<(T, Option<PyErr>)> {
    let (done, before) = waiting_between(py, step)?;
    Ok((done, before.and_then(|before| before.failure(py))))
}

fn waiting_between<T: Send>(
    py: Python<'_>,
    step: impl Fn(usize) -> Progress<T> + Sync,
) -> PyResult<(T, Option<Waiting>)> {
    let mut before = None;
    loop {
        match advance(py, before.as_ref(), &step)? {
            Stepped::Done(done) => return Ok((done, before)),
            Stepped::Wait(waiting) => {
                waiting.wait(py)?;
                before = Some(waiting);
            }
        }
    }
}

/// A step of a call that has waited so often: after the last round what is at hand has to do.
pub(crate) fn in_round<T>(
    round: usize,
    rounds: usize,
    step: impl FnOnce() -> Progress<T>,
    at_hand: impl FnOnce() -> Result<T>,
) -> Progress<T> {
    if round < rounds { step() } else { Progress::Done(at_hand()) }
}

/// One step of a call, after what it has waited for last.
fn advance<T: Send>(
    py: Python<'_>,
    before: Option<&Waiting>,
    step: &(impl Fn(usize) -> Progress<T> + Sync),
) -> PyResult<Stepped<T>> {
    let round = before.map_or(0, |waiting| waiting.round);
    let wait = |flight, refresh: Option<Refresh>| {
        let (own, task, failure) = (refresh.is_some(), Task(Mutex::new(refresh)), Arc::default());
        Ok(Stepped::Wait(Waiting { flight, task, own, round: round + 1, failure }))
    };
    let stepped = detached(py, || match step(round) {
        Progress::Done(outcome) => outcome.map(Stepped::Done),
        Progress::Fetch(refresh) => wait(refresh.flight(), Some(refresh)),
        Progress::Wait(flight) => wait(flight, None),
        _ => Err(ErrorCode::Internal.into()),
    });
    match before {
        Some(before) => before.explain(py, stepped),
        None => stepped,
    }
}

impl Waiting {
    /// Waits until there are keys, or it is known that there are none; handles signals meanwhile.
    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        let (tell, mut told) = mpsc::sync_channel(1);
        if let Some(refresh) = self.start(move || {
            let _heard = tell.try_send(());
        }) {
            // Without a thread there is nobody else to fetch.
            return detached(py, || {
                refresh.run();
                Ok(())
            });
        }
        loop {
            let told = &mut told;
            let heard = py.detach(move || told.recv_timeout(SLICE));
            py.check_signals()?;
            if heard != Err(RecvTimeoutError::Timeout) || self.flight.remaining().is_zero() {
                return Ok(());
            }
        }
    }

    /// Has `signal` called when there are keys, and a thread fetch them if that is this call's to
    /// do. Gives the refresh back where no thread can be had.
    fn start(&self, signal: impl FnOnce() + Send + 'static) -> Option<Refresh> {
        let (failure, own) = (Arc::clone(&self.failure), self.own);
        let over = move || {
            // What comes after the first failure of a call is not what it raises.
            if let Some(Err(surplus)) = host::failure_of_fetch().map(|raised| failure.set(raised))
                && own
                && let Some(surplus) = surplus.take()
            {
                host::tell_nobody(surplus);
            }
            signal();
        };
        // Before the thread begins, so that this is called there and finds what was raised; or here,
        // on a thread of Python's, where it is over already.
        attach::known(|| self.flight.on_over(over));
        self.task.take()?.spawn_after(host::expect_waiting).err()
    }

    /// What the host's `fetch` raised, for this call to tell.
    pub(crate) fn failure(&self, py: Python<'_>) -> Option<PyErr> {
        self.failure.get().and_then(Kept::get).map(|failure| failure.clone_ref(py))
    }

    /// Tells what was raised while keys were fetched that others make do without.
    fn tell_nobody(&self, py: Python<'_>) {
        if let Some(failure) = self.failure(py).filter(|_| self.own) {
            failure.write_unraisable(py, None);
        }
    }

    /// Says why there are no keys, if that is what the call raises. Otherwise nobody would hear of
    /// what was raised, unless it is done, and the caller takes care of that.
    fn explain<T>(&self, py: Python<'_>, stepped: PyResult<Stepped<T>>) -> PyResult<Stepped<T>> {
        let Some(cause) = self.failure.get().and_then(Kept::get) else { return stepped };
        match stepped {
            Ok(Stepped::Wait(next)) => {
                drop(next.failure.set(Kept::new(cause.clone_ref(py))));
                Ok(Stepped::Wait(Self { own: self.own || next.own, ..next }))
            }
            Err(raised) if is_undecided(py, &raised)? && raised.cause(py).is_none() => {
                raised.set_cause(py, Some(cause.clone_ref(py)));
                Err(raised)
            }
            Ok(done) => Ok(done),
            Err(raised) => {
                self.tell_nobody(py);
                Err(raised)
            }
        }
    }
}

#[pymethods]
impl Waiting {
    /// Begin to wait: `wake` is called from any thread when there is something to go on with.
    ///
    /// Gives for how many seconds to wait at the longest.
    #[pyo3(signature = (wake, /))]
    fn begin(&self, wake: Py<PyAny>) -> f64 {
        // Without a thread the refresh has failed: who has a loop must not wait for it here.
        let wake = Kept::new(wake);
        let refresh = self.start(move || wake_up(wake));
        drop(Task(Mutex::new(refresh)));
        self.flight.remaining().as_secs_f64()
    }
}

/// Whether it is one of the errors that a failure of the host's `fetch` leads to.
fn is_undecided(py: Python<'_>, raised: &PyErr) -> PyResult<bool> {
    Ok(raised.is_instance(py, &class(py, ErrorCode::KeysUnavailable)?))
}

fn wake_up(wake: Kept<Py<PyAny>>) {
    let _ended: Option<()> = attach::with(|py| {
        // Owned here, so that it is let go while the interpreter is at hand.
        let Some(wake) = wake.take().map(|wake| wake.into_bound(py)) else { return };
        match wake.call0() {
            // A loop that was closed waits for nothing.
            Err(failure) if !failure.is_instance_of::<PyRuntimeError>(py) => failure.write_unraisable(py, Some(&wake)),
            _ => {}
        }
    });
}

/// A call that an event loop carries out.
#[pyclass(frozen, module = "at9068._at9068")]
pub(crate) struct Call {
    /// Whose call it is, and who keeps the host's callables meanwhile.
    owner: Py<PyAny>,
    /// Whether its steps may block, so that they are no loop's to make.
    #[pyo3(get)]
    blocks: bool,
    advance: Box<Advance>,
}

type Advance = dyn for<'py> Fn(&Bound<'py, PyAny>, Option<&Waiting>) -> PyResult<Stepped<Py<PyAny>>> + Send + Sync;

impl Call {
    /// The coroutine that carries a call out in steps, and gives what is made of its outcome.
    pub(crate) fn coroutine<'py, O: PyClass, T: Send>(
        owner: &Bound<'py, O>,
        step: impl Fn(usize) -> Progress<T> + Send + Sync + 'static,
        give: impl Fn(&Bound<'_, O>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::coroutine_that(false, owner, step, give)
    }

    /// The same of a call whose steps may block, so that they are no loop's to make.
    pub(crate) fn coroutine_that<'py, O: PyClass, T: Send>(
        blocks: bool,
        owner: &Bound<'py, O>,
        step: impl Fn(usize) -> Progress<T> + Send + Sync + 'static,
        give: impl Fn(&Bound<'_, O>, T) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::coroutine_with_failure(blocks, owner, step, move |owner, done, before| {
            before.iter().for_each(|before| before.tell_nobody(owner.py()));
            give(owner, done)
        })
    }

    /// The same, where what is made of the outcome takes care of what the host's `fetch` raised.
    pub(crate) fn coroutine_with_failure<'py, O: PyClass, T: Send>(
        blocks: bool,
        owner: &Bound<'py, O>,
        step: impl Fn(usize) -> Progress<T> + Send + Sync + 'static,
        give: impl Fn(&Bound<'_, O>, T, Option<&Waiting>) -> PyResult<Py<PyAny>> + Send + Sync + 'static,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = owner.py();
        let advance: Box<Advance> = Box::new(move |owner, before| {
            Ok(match advance(owner.py(), before, &step)? {
                Stepped::Done(outcome) => Stepped::Done(give(owner.cast::<O>()?, outcome, before)?),
                Stepped::Wait(waiting) => Stepped::Wait(waiting),
            })
        });
        let carry_out = py.import(intern!(py, "at9068._async"))?.getattr(intern!(py, "carry_out"))?;
        carry_out.call1((Self { owner: owner.clone().into_any().unbind(), blocks, advance },))
    }
}

#[pymethods]
impl Call {
    /// Go on, after what was waited for last: gives what the call gives, or what to wait for.
    #[pyo3(signature = (before, /))]
    fn step(&self, py: Python<'_>, before: Option<Py<Waiting>>) -> PyResult<Py<PyAny>> {
        match (self.advance)(self.owner.bind(py), before.as_ref().map(Py::get))? {
            Stepped::Done(given) => Ok(given),
            Stepped::Wait(waiting) => Ok(Py::new(py, waiting)?.into_any()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.owner)
    }
}
