//! The border itself: pointers come in here and are judged here, values go out here, and no panic
//! gets past it.
//!
//! What a pointer must be is a promise of the caller's, made by the head of the header: NULL, or
//! good for what the function does with it. All that can be judged is judged: NULL, lengths,
//! sizes, UTF-8.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use at9068_core::ErrorCode;

use crate::code::{AT9068_CODE_OK, at9068_code};
use crate::error::{Result, at9068_error};
use crate::guard::write;

/// Runs the body of a function that yields nothing.
///
/// # Safety
/// `error` is NULL or can be written to.
pub(crate) unsafe fn call(error: *mut *mut at9068_error, body: impl FnOnce() -> Result<()>) -> at9068_code {
    // SAFETY: as this function demands.
    unsafe { write(error, std::ptr::null_mut()) };
    let Err(fault) = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(ErrorCode::Internal.into())) else {
        return AT9068_CODE_OK;
    };
    let code = fault.number();
    if !error.is_null() {
        // SAFETY: as this function demands; the caller takes the box over.
        unsafe { write(error, Box::into_raw(Box::new(fault))) };
    }
    code
}

/// Runs the body of a function that yields a handle, which the caller takes over, or none.
///
/// # Safety
/// `out` and `error` are NULL or can be written to.
pub(crate) unsafe fn make_optional<T>(
    out: *mut *mut T,
    error: *mut *mut at9068_error,
    body: impl FnOnce() -> Result<Option<T>>,
) -> at9068_code {
    // SAFETY: as this function demands.
    unsafe {
        write(out, std::ptr::null_mut());
        call(error, || {
            required("out", out.is_null())?;
            if let Some(made) = body()? {
                write(out, Box::into_raw(Box::new(made)));
            }
            Ok(())
        })
    }
}

/// Runs the body of a function that yields a handle, which the caller takes over.
///
/// # Safety
/// `out` and `error` are NULL or can be written to.
pub(crate) unsafe fn make<T>(
    out: *mut *mut T,
    error: *mut *mut at9068_error,
    body: impl FnOnce() -> Result<T>,
) -> at9068_code {
    // SAFETY: as this function demands.
    unsafe { make_optional(out, error, || body().map(Some)) }
}

/// A handle that must be given.
pub(crate) fn given<'a, T>(name: &'static str, handle: Option<&'a T>) -> Result<&'a T> {
    handle.ok_or_else(|| at9068_error::of_use(ErrorCode::ArgumentInvalid, format_args!("{name} is NULL")))
}

fn required(name: &'static str, is_null: bool) -> Result<()> {
    given(name, (!is_null).then_some(&())).copied()
}

/// An array of the caller's. NULL with a length of 0 is the empty one.
///
/// # Safety
/// `first` is NULL or the first of `count` elements that live and do not change for `'a`.
pub(crate) unsafe fn array<'a, T>(name: &'static str, first: *const T, count: usize) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    required(name, first.is_null())?;
    let fits = count.checked_mul(size_of::<T>()).is_some_and(|octets| isize::try_from(octets).is_ok());
    if !fits || !first.is_aligned() {
        return Err(at9068_error::of_use(
            ErrorCode::ArgumentInvalid,
            format_args!("{name} has an impossible length or address"),
        ));
    }
    // SAFETY: not NULL, aligned, of possible size; the rest as this function demands.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// Octets of the caller's, whatever they are.
///
/// # Safety
/// As [`array`].
pub(crate) unsafe fn octets<'a>(name: &'static str, ptr: *const c_char, len: usize) -> Result<&'a [u8]> {
    // SAFETY: as this function demands.
    unsafe { array(name, ptr.cast(), len) }
}

/// A text of the caller's; what is not UTF-8 is an error of that code.
///
/// # Safety
/// As [`array`].
pub(crate) unsafe fn text_or<'a>(
    code: ErrorCode,
    name: &'static str,
    ptr: *const c_char,
    len: usize,
) -> Result<&'a str> {
    // SAFETY: as this function demands.
    let octets = unsafe { octets(name, ptr, len) }?;
    std::str::from_utf8(octets).map_err(|_| at9068_error::of_use(code, format_args!("{name} is not UTF-8")))
}

/// A text of the caller's.
///
/// # Safety
/// As [`array`].
pub(crate) unsafe fn text<'a>(name: &'static str, ptr: *const c_char, len: usize) -> Result<&'a str> {
    // SAFETY: as this function demands.
    unsafe { text_or(ErrorCode::ArgumentInvalid, name, ptr, len) }
}

/// A struct that begins with its own size in octets, as the caller's compiler knew it.
///
/// # Safety
/// The first member is the `usize` of the size; all octets zero is a good value; every size in
/// `SIZES` is the end of a member and no more than the size of the type.
pub(crate) unsafe trait Versioned: Copy {
    /// The sizes that the struct had in the versions so far, the first one included.
    const SIZES: &'static [usize];
}

/// Reads such a struct. Members that the caller's version did not have are zero; a size that no
/// version had is refused, because what the caller meant with it is not known.
///
/// # Safety
/// `table` is NULL or points to as many octets as it says itself.
pub(crate) unsafe fn table<T: Versioned>(name: &'static str, table: *const T) -> Result<Option<T>> {
    if table.is_null() {
        return Ok(None);
    }
    // SAFETY: such a struct is never smaller than its first member.
    let size = unsafe { table.cast::<usize>().read_unaligned() };
    if !T::SIZES.contains(&size) {
        return Err(at9068_error::of_use(
            ErrorCode::ArgumentInvalid,
            format_args!("the size of {name} is not that of any version"),
        ));
    }
    let mut known = MaybeUninit::<T>::zeroed();
    // SAFETY: `size` octets are there to be read, by this function's demand, and no more than
    // the type has are written, by the trait's; what stays zero is good, by the trait's.
    Ok(Some(unsafe {
        std::ptr::copy_nonoverlapping(table.cast::<u8>(), known.as_mut_ptr().cast::<u8>(), size);
        known.assume_init()
    }))
}
