//! Random bytes, from a generator that stays unpredictable across `fork`.

use super::Rejected;

pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Rejected> {
    Ok(aws_lc_rs::rand::fill(bytes)?)
}
