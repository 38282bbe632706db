//! Texts as they cross the border: borrowed by pointer and length, or owned in a handle.

use std::ffi::c_char;
use std::fmt;

use zeroize::Zeroizing;

use crate::guard::infallible;

/// A text in UTF-8 that belongs to somebody else: `len` octets from `ptr`. There is **no
/// terminating NUL**, and there may be NUL octets inside.
///
/// What a function returns is borrowed from the handle that it was asked of and good until that
/// handle is freed. `ptr` is NULL where there is no such text, as for an optional claim that a
/// token does not have; an empty text has a pointer that is not NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_str {
    /// The first octet, or NULL where there is no text.
    pub ptr: *const c_char,
    /// How many octets.
    pub len: usize,
}

impl at9068_str {
    pub(crate) const NONE: Self = Self { ptr: std::ptr::null(), len: 0 };
}

impl From<&str> for at9068_str {
    fn from(text: &str) -> Self {
        // Rust's empty text may point nowhere, which C's memcpy does not allow.
        let ptr = if text.is_empty() { c"".as_ptr() } else { text.as_ptr().cast() };
        Self { ptr, len: text.len() }
    }
}

impl From<Option<&str>> for at9068_str {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::NONE, Self::from)
    }
}

impl fmt::Debug for at9068_str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("at9068_str").field("len", &self.len).finish_non_exhaustive()
    }
}

/// A text that was made for the caller, who frees it with at9068_string_free().
pub struct at9068_string {
    text: Zeroizing<String>,
}

impl From<String> for at9068_string {
    fn from(text: String) -> Self {
        Self { text: Zeroizing::new(text) }
    }
}

/// The text, good until the string is freed. Of NULL: no text.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_string_view(string: Option<&at9068_string>) -> at9068_str {
    infallible(at9068_str::NONE, || string.map(|string| string.text.as_str()).into())
}

/// Frees a string, after wiping it: it may be a private key. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_string_free(string: Option<Box<at9068_string>>) {
    infallible((), || drop(string));
}
