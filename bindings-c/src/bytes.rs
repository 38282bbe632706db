//! Octets as they cross the border, where they need not be text.

use std::fmt;

use crate::guard::infallible;

/// Octets that belong to somebody else: `len` of them from `ptr`. `ptr` is NULL where there is no
/// such thing; what is there and empty has a pointer that is not NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct at9068_bytes {
    /// The first octet, or NULL.
    pub ptr: *const u8,
    /// How many octets.
    pub len: usize,
}

impl at9068_bytes {
    pub(crate) const NONE: Self = Self { ptr: std::ptr::null(), len: 0 };
}

impl From<&[u8]> for at9068_bytes {
    fn from(octets: &[u8]) -> Self {
        // Rust's empty slice may point nowhere, which C's memcpy does not allow.
        let ptr = if octets.is_empty() { c"".as_ptr().cast() } else { octets.as_ptr() };
        Self { ptr, len: octets.len() }
    }
}

impl fmt::Debug for at9068_bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("at9068_bytes").field("len", &self.len).finish_non_exhaustive()
    }
}

/// Octets that were made for the caller, who frees them with at9068_buffer_free().
pub struct at9068_buffer {
    octets: Vec<u8>,
}

impl From<Vec<u8>> for at9068_buffer {
    fn from(octets: Vec<u8>) -> Self {
        Self { octets }
    }
}

/// The octets, good until the buffer is freed. Of NULL: none.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_buffer_view(buffer: Option<&at9068_buffer>) -> at9068_bytes {
    infallible(at9068_bytes::NONE, || buffer.map_or(at9068_bytes::NONE, |buffer| buffer.octets.as_slice().into()))
}

/// Frees a buffer. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn at9068_buffer_free(buffer: Option<Box<at9068_buffer>>) {
    infallible((), || drop(buffer));
}
