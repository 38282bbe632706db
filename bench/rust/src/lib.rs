//! The core beside its limit, the bare signature, and beside peers: what the programs here share.

pub mod cases;
pub mod counting;
pub mod growth;
pub mod machine;
pub mod material;
pub mod peers;
pub mod raw;
