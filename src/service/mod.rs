//! One use case = one file.

pub mod addresses;
