//! The border itself: pointers come in here and are judged here, values go out here, and no panic
//! gets past it.
//!
//! What a pointer must be is a promise of the caller's, made by the head of the header: NULL, or
//! good for what the function does with it. All that can be judged is judged: NULL, lengths,
//! sizes, UTF-8.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use at9068_core::ErrorCode;

use crate::code::{AT9068_CODE_OK, at9068_code};
use crate::error::{Result, at9068_error};
use crate::guard::{caught, may_panic, write};
use crate::strings::at9068_str;

/// Runs the body of a function that may fail and yields nothing. A panic is a failure of ours.
///
/// # Safety
/// `error` is NULL or can be written to.
pub(crate) unsafe fn call(error: *mut *mut at9068_error, body: impl FnOnce() -> Result<()>) -> at9068_code {
    // SAFETY: as this function demands.
    unsafe { write(error, std::ptr::null_mut()) };
    let Err(fault) = caught(body).unwrap_or_else(|| Err(ErrorCode::Internal.into())) else { return AT9068_CODE_OK };
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
    may_panic();
    handle.ok_or_else(|| at9068_error::of_use(ErrorCode::ArgumentInvalid, format_args!("{name} is NULL")))
}

/// The same of any pointer.
pub(crate) fn required(name: &'static str, is_null: bool) -> Result<()> {
    given(name, (!is_null).then_some(&())).copied()
}

/// An array of the caller's. NULL with a length of 0 is the empty one.
///
/// # Safety
/// `first` is NULL or the first of `count` elements that live and do not change for `'a`.
pub(crate) unsafe fn array<'a, T>(name: &'static str, first: *const T, count: usize) -> Result<&'a [T]> {
    may_panic();
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

/// An array of the caller's, of octets each.
///
/// # Safety
/// As [`array`], and so is what the elements point to.
pub(crate) unsafe fn each_octets<'a>(
    name: &'static str,
    first: *const at9068_str,
    count: usize,
) -> Result<Vec<&'a [u8]>> {
    // SAFETY: as this function demands.
    unsafe { array(name, first, count)?.iter().map(|each| octets(name, each.ptr, each.len)).collect() }
}

/// Octets as a text; what is not UTF-8 is an error of that code.
pub(crate) fn utf8_or<'a>(code: ErrorCode, name: &'static str, octets: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(octets).map_err(|_| at9068_error::of_use(code, format_args!("{name} is not UTF-8")))
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
    utf8_or(code, name, unsafe { octets(name, ptr, len) }?)
}

/// A text of the caller's.
///
/// # Safety
/// As [`array`].
pub(crate) unsafe fn text<'a>(name: &'static str, ptr: *const c_char, len: usize) -> Result<&'a str> {
    // SAFETY: as this function demands.
    unsafe { text_or(ErrorCode::ArgumentInvalid, name, ptr, len) }
}

/// A text that need not be given: none where its pointer is NULL.
///
/// # Safety
/// As [`array`].
pub(crate) unsafe fn optional_text<'a>(name: &'static str, ptr: *const c_char, len: usize) -> Result<Option<&'a str>> {
    if ptr.is_null() && len == 0 {
        return Ok(None);
    }
    // SAFETY: as this function demands.
    unsafe { text(name, ptr, len) }.map(Some)
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
    may_panic();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{AT9068_CODE_ARGUMENT_INVALID, AT9068_CODE_INTERNAL};
    use crate::error::at9068_error_free;
    use crate::guard::infallible;

    #[test]
    fn a_panic_becomes_an_internal_error() {
        let mut out = std::ptr::dangling_mut::<u8>();
        let mut error = std::ptr::null_mut();
        // SAFETY: both can be written to.
        let code = unsafe { make(&raw mut out, &raw mut error, || panic!("on purpose")) };
        assert_eq!(code, AT9068_CODE_INTERNAL);
        assert!(out.is_null());
        // SAFETY: a failed call made it, and nobody else has it.
        let error = unsafe { Box::from_raw(error) };
        assert_eq!(error.number(), AT9068_CODE_INTERNAL);
        at9068_error_free(Some(error));
        assert_eq!(infallible(7, || panic!("on purpose")), 7);
    }

    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Grown {
        size: usize,
        first: u32,
        second: u32,
        third: u64,
    }

    // SAFETY: begins with its size; zero octets are numbers; both sizes are ends of members.
    unsafe impl Versioned for Grown {
        const SIZES: &'static [usize] = &[std::mem::offset_of!(Self, third), size_of::<Self>()];
    }

    #[test]
    fn a_struct_of_an_older_version_has_zero_in_what_it_lacks() {
        let whole = Grown { size: size_of::<Grown>(), first: 1, second: 2, third: 3 };
        // SAFETY: as large as it says.
        let read = unsafe { table("x", &raw const whole) }.ok().flatten().unwrap();
        assert_eq!((read.first, read.second, read.third), (1, 2, 3));

        // As an older caller has it: no octet behind its own last member belongs to it.
        let older: Box<[usize]> = vec![16, 0x0000_0002_0000_0001].into();
        // SAFETY: as large as it says.
        let read = unsafe { table("x", older.as_ptr().cast::<Grown>()) }.ok().flatten().unwrap();
        assert_eq!((read.size, read.third), (16, 0));
        assert_eq!((read.first, read.second), if cfg!(target_endian = "little") { (1, 2) } else { (2, 1) });

        for size in [0, 8, 12, 23, 25, usize::MAX] {
            let wrong = Grown { size, ..whole };
            // SAFETY: its size is refused before anything else is read.
            let refused = unsafe { table("x", &raw const wrong) }.err().map(|error| error.number());
            assert_eq!(refused, Some(AT9068_CODE_ARGUMENT_INVALID), "{size}");
        }
        // SAFETY: NULL is none.
        assert!(unsafe { table::<Grown>("x", std::ptr::null()) }.is_ok_and(|none| none.is_none()));
    }

    #[test]
    fn an_array_that_cannot_be_is_refused() {
        let two = [1_u64, 2];
        // SAFETY: the lengths are refused, or right.
        unsafe {
            assert_eq!(array("x", two.as_ptr(), 2).ok(), Some(&two[..]));
            assert_eq!(array::<u64>("x", std::ptr::null(), 0).ok(), Some(&[][..]));
            assert!(array::<u64>("x", std::ptr::null(), 1).is_err());
            assert!(array("x", two.as_ptr(), usize::MAX / 4).is_err());
            assert!(array("x", two.as_ptr().byte_add(1), 1).is_err());
        }
    }
}
