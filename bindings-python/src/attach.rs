//! The way of threads that Python did not begin to the interpreter, and why forks wait for them.
//!
//! Python makes itself a state of such a thread before the thread has the interpreter, under a lock
//! that CPython 3.10 and 3.11 renew in the child of a fork only after they need it: a child that is
//! made at that moment hangs. PyO3, too, takes a lock to note what was let go without the
//! interpreter. Both are short, so a fork waits until no thread of ours is there, and threads wait
//! until the fork is over. Neither does so for ever, nor ever with the interpreter in its hands.

use std::cell::Cell;
use std::mem;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// For how long a fork waits for threads, or a thread for forks: long after whoever is waited for
/// is out of danger, unless it was stopped altogether.
const LONGEST: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_micros(50);

thread_local! {
    /// What of this thread is under way that Python knows the thread by.
    static KNOWN: Cell<usize> = const { Cell::new(0) };
    /// Its own entries: what is let go may run code that forks.
    static OWN: Cell<u16> = const { Cell::new(0) };
}

/// Has the interpreter on this thread, unless there is none any more.
pub(crate) fn with<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    if KNOWN.get() > 0 {
        return Python::try_attach(work);
    }
    let entry = Entry::after_forks();
    Python::try_attach(|py| {
        drop(entry);
        known(|| work(py))
    })
}

/// Does something on a thread that Python knows, where it need not wait for forks and must not.
pub(crate) fn known<T>(work: impl FnOnce() -> T) -> T {
    struct Known;
    impl Drop for Known {
        fn drop(&mut self) {
            KNOWN.set(KNOWN.get() - 1);
        }
    }
    KNOWN.set(KNOWN.get() + 1);
    let _known = Known;
    work()
}

/// Something of Python's that is let go on whatever thread has it last.
pub(crate) struct Kept<T>(Option<T>);

impl<T> Kept<T> {
    pub(crate) fn new(kept: T) -> Self {
        Self(Some(kept))
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    pub(crate) fn take(mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        let Some(kept) = self.0.take() else { return };
        match Entry::now() {
            Some(_entry) => drop(kept),
            // In the middle of a fork. This thread may well have the interpreter, so it must not
            // wait: sooner is this little kept for good.
            None => mem::forget(kept),
        }
    }
}

/// Has forks wait for threads of ours, where there are any.
pub(crate) fn guard_forks(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let Some(register) = py.import(intern!(py, "os"))?.getattr_opt(intern!(py, "register_at_fork"))? else {
        return Ok(());
    };
    let hooks = PyDict::new(py);
    hooks.set_item(intern!(py, "before"), wrap_pyfunction!(before_fork, module)?)?;
    hooks.set_item(intern!(py, "after_in_parent"), wrap_pyfunction!(after_fork, module)?)?;
    register.call((), Some(&hooks)).map(drop)
}

#[pyfunction]
fn before_fork(py: Python<'_>) {
    if GATE.change(|gate| Some(Gate { forks: gate.forks.saturating_add(1), ..gate })).is_some_and(Gate::is_free) {
        return;
    }
    // Whoever is on the way needs the interpreter to arrive.
    py.detach(|| wait_until(|| GATE.now().is_free()));
}

/// A child needs none of this: its gate is another.
#[pyfunction]
fn after_fork() {
    GATE.change(|gate| Some(Gate { forks: gate.forks.saturating_sub(1), ..gate }));
}

/// A thread on its way to the interpreter.
struct Entry(());

impl Entry {
    fn after_forks() -> Option<Self> {
        let mut entry = None;
        wait_until(|| {
            entry = Self::now();
            entry.is_some()
        });
        entry
    }

    fn now() -> Option<Self> {
        let enter =
            |gate: Gate| Some(Gate { entries: gate.entries.checked_add(1)?, ..gate }).filter(|_| gate.forks == 0);
        GATE.change(enter)?;
        OWN.set(OWN.get() + 1);
        Some(Self(()))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        OWN.set(OWN.get() - 1);
        GATE.change(|gate| Some(Gate { entries: gate.entries.saturating_sub(1), ..gate }));
    }
}

fn wait_until(mut over: impl FnMut() -> bool) {
    let until = Instant::now() + LONGEST;
    while !over() && Instant::now() < until {
        thread::sleep(PAUSE);
    }
}

/// Who is at the gate. It is of one process: in a child all are gone but the thread that forked.
#[derive(Clone, Copy)]
struct Gate {
    process: u32,
    /// Forks that are about to happen.
    forks: u16,
    /// Threads on their way to the interpreter.
    entries: u16,
}

impl Gate {
    fn is_free(self) -> bool {
        self.entries <= OWN.get()
    }
}

// No lock: a child would find it as it was, with others still waiting for it.
struct SharedGate(AtomicU64);

static GATE: SharedGate = SharedGate(AtomicU64::new(0));

impl SharedGate {
    fn now(&self) -> Gate {
        unpacked(self.0.load(Ordering::SeqCst))
    }

    /// Gives the gate as it is then.
    fn change(&self, change: impl Fn(Gate) -> Option<Gate>) -> Option<Gate> {
        let changed = |bits| change(unpacked(bits)).map(packed);
        let before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, changed).ok()?;
        change(unpacked(before))
    }
}

fn packed(gate: Gate) -> u64 {
    u64::from(gate.process) << 32 | u64::from(gate.forks) << 16 | u64::from(gate.entries)
}

fn unpacked(bits: u64) -> Gate {
    let [a, b, c, d, e, f, g, h] = bits.to_be_bytes();
    let (gate, process) = (u32::from_be_bytes([a, b, c, d]), process::id());
    if gate != process {
        return Gate { process, forks: 0, entries: 0 };
    }
    Gate { process, forks: u16::from_be_bytes([e, f]), entries: u16::from_be_bytes([g, h]) }
}
