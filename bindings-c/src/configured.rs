//! Handles that are made from a configuration.

use std::ffi::c_char;

use at9068_core::{ErrorCode, Handles, Ports};

use crate::error::Result;
use crate::ffi::text_or;
use crate::handles::{at9068_handles, handles};
use crate::ports::{at9068_ports, host_ports};

/// Reads what a configuration is made of, and makes the handle, which owns the contexts of the
/// ports from then on.
///
/// # Safety
/// As [`text_or`], [`handles`] and [`host_ports`].
pub(crate) unsafe fn configured<T>(
    config: *const c_char,
    config_len: usize,
    handles: *const at9068_handles,
    ports: *const at9068_ports,
    make: impl FnOnce(&str, &Handles, Ports) -> Result<T>,
) -> Result<T> {
    // SAFETY: as this function demands.
    let (config, ports, handles) = unsafe {
        let config = text_or(ErrorCode::ConfigInvalid, "config", config, config_len)?;
        (config, host_ports(ports)?, self::handles(handles)?)
    };
    let made = make(config, &handles, ports.to_core())?;
    ports.hand_over();
    Ok(made)
}
