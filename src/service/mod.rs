//! One use case = one file.

pub mod addresses;
pub mod export;
pub mod import;
