//! The core of at9068 as Python sees it.
#![forbid(unsafe_code)]
