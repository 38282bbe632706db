//! Panics on purpose in every function (T210): nothing crosses the border, nothing is left behind, and the next call is
//! as good as ever.
//!
//! A call passes places where a panic may arise: where it starts, where it looks at what it was given, and deep in the
//! core, where the clock is asked. It is made with a panic at the first of them, at the second and so on, until it gets
//! through. A panic that got past the border would end the process.

mod cases;
mod given;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::panic_any;
use std::ptr;

use crate::*;

thread_local! {
    /// How many places the running call still gets past.
    static FUSE: Cell<Option<usize>> = const { Cell::new(None) };
    /// Blocks of memory that this thread has taken and not given back.
    static BLOCKS: Cell<isize> = const { Cell::new(0) };
}

/// What is panicked with.
struct Injected;

pub(crate) fn may_panic() {
    match FUSE.take() {
        Some(0) => panic_any(Injected),
        Some(places) => FUSE.set(Some(places - 1)),
        None => {}
    }
}

/// The system's memory, counted.
struct Counted;

#[global_allocator]
static COUNTED: Counted = Counted;

// SAFETY: the system's allocator does all, and counting takes no memory.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BLOCKS.set(BLOCKS.get() + 1);
        // SAFETY: as this function demands.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        BLOCKS.set(BLOCKS.get() - 1);
        // SAFETY: as this function demands.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Makes what a call needs, without a panic.
fn apart<T>(make: impl FnOnce() -> T) -> T {
    let fuse = FUSE.take();
    let made = make();
    FUSE.set(fuse);
    made
}

/// Makes a call until it gets through, each time with the panic one place later. `judge` is told whether there was a
/// panic.
fn at_every_place<T>(name: &str, mut call: impl FnMut() -> T, judge: impl Fn(T, bool)) {
    for places in 0.. {
        FUSE.set(Some(places));
        let answer = call();
        let struck = FUSE.take().is_none();
        judge(answer, struck);
        if !struck {
            assert!(places > 0, "{name} does its work outside of the guard");
            return;
        }
    }
}

/// The same where `judge` frees what the call made: then nothing may be left of it.
fn everywhere<T>(name: &str, mut call: impl FnMut() -> T, judge: impl Fn(T, bool)) {
    let blocks = Cell::new(0);
    let counted = || {
        blocks.set(BLOCKS.get());
        call()
    };
    at_every_place(name, counted, |answer, struck| {
        judge(answer, struck);
        assert_eq!(BLOCKS.get(), blocks.get(), "{name}: memory that is not given back, a panic: {struck}");
    });
}

/// What a function answers that cannot fail and has nothing to say.
trait Neutral {
    fn is_neutral(&self) -> bool;
}

macro_rules! neutral {
    ($($kind:ty: |$value:ident| $test:expr;)*) => {$(
        impl Neutral for $kind {
            fn is_neutral(&self) -> bool {
                let $value = self;
                $test
            }
        }
    )*};
}

neutral! {
    at9068_str: |text| text.ptr.is_null() && text.len == 0;
    at9068_bytes: |octets| octets.ptr.is_null() && octets.len == 0;
    Option<&at9068_access_token>: |handle| handle.is_none();
    Option<&at9068_minted_token>: |handle| handle.is_none();
    Option<Box<at9068_access_token>>: |handle| handle.is_none();
    Option<Box<at9068_minted_token>>: |handle| handle.is_none();
    Option<&at9068_error>: |handle| handle.is_none();
    Option<&at9068_fetch_request>: |handle| handle.is_none();
    Option<&mut at9068_fetch_response>: |handle| handle.is_none();
    Option<&at9068_step>: |handle| handle.is_none();
    bool: |yes| !yes;
    f64: |number| *number <= 0.0;
    i64: |number| *number == 0;
    u16: |number| *number == 0;
    u32: |number| *number == 0;
    u64: |number| *number == 0;
    usize: |number| *number == 0;
}

/// The functions that were called.
#[derive(Default)]
struct Called(BTreeSet<&'static str>);

impl Called {
    /// One that cannot fail: after a panic its answer is the neutral one.
    fn answers<T: Neutral>(&mut self, name: &'static str, call: impl Fn() -> T) {
        everywhere(name, call, |answer, struck| assert_eq!(answer.is_neutral(), struck, "{name}, a panic: {struck}"));
        self.0.insert(name);
    }

    /// One that has nothing to say in this version.
    fn is_silent<T: Neutral>(&mut self, name: &'static str, call: impl Fn() -> T) {
        everywhere(name, call, |answer, _| assert!(answer.is_neutral(), "{name} has something to say: ask for that"));
        self.0.insert(name);
    }

    /// One that may fail: after a panic it does.
    fn fails(&mut self, name: &'static str, call: impl Fn(*mut *mut at9068_error) -> at9068_code) {
        let asked = || {
            let mut error = ptr::dangling_mut();
            (call(&raw mut error), given::owned(error))
        };
        everywhere(name, asked, |(code, error), struck| failed(name, code, error, struck));
        // Who does not ask for the error gets the code all the same.
        everywhere(name, || call(ptr::null_mut()), |code, struck| assert_eq!(code == AT9068_CODE_INTERNAL, struck));
        self.0.insert(name);
    }

    /// One that makes something, or fails.
    fn makes<T>(
        &mut self,
        name: &'static str,
        free: extern "C" fn(Option<Box<T>>),
        call: impl Fn(*mut *mut T, *mut *mut at9068_error) -> at9068_code,
    ) {
        let asked = || {
            let (mut made, mut error) = (ptr::dangling_mut(), ptr::dangling_mut());
            (call(&raw mut made, &raw mut error), given::owned(made), given::owned(error))
        };
        everywhere(name, asked, |(code, made, error), struck| {
            assert_eq!(made.is_none(), struck, "{name}");
            free(made);
            failed(name, code, error, struck);
        });
        self.0.insert(name);
    }

    /// One that makes something of which a part goes to another thread, where no memory is counted.
    fn hands_on<T>(
        &mut self,
        name: &'static str,
        free: extern "C" fn(Option<Box<T>>),
        call: impl Fn(*mut *mut T, *mut *mut at9068_error) -> at9068_code,
    ) {
        let asked = || {
            let (mut made, mut error) = (ptr::dangling_mut(), ptr::dangling_mut());
            (call(&raw mut made, &raw mut error), given::owned(made), given::owned(error))
        };
        at_every_place(name, asked, |(code, made, error), struck| {
            assert_eq!(made.is_none(), struck, "{name}");
            free(made);
            failed(name, code, error, struck);
        });
        self.0.insert(name);
    }

    /// One that frees, after a panic too.
    fn frees<T>(&mut self, name: &'static str, free: extern "C" fn(Option<Box<T>>), make: impl Fn() -> Box<T>) {
        for panic in [true, false] {
            let blocks = BLOCKS.get();
            let handle = make();
            FUSE.set(panic.then_some(0));
            free(Some(handle));
            assert_eq!(FUSE.take(), None, "{name} does its work outside of the guard");
            assert_eq!(BLOCKS.get(), blocks, "{name}: memory that is not given back, a panic: {panic}");
        }
        self.0.insert(name);
    }
}

/// Whether a call failed as it should: with an error that blames no token.
fn failed(name: &str, code: at9068_code, error: Option<Box<at9068_error>>, struck: bool) {
    assert_eq!(code, if struck { AT9068_CODE_INTERNAL } else { AT9068_CODE_OK }, "{name}");
    assert_eq!((error.is_some(), at9068_error_code(error.as_deref())), (struck, code), "{name}");
    assert_eq!(at9068_error_challenge_count(error.as_deref()), 0, "{name}");
    at9068_error_free(error);
}
