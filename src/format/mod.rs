//! Floor in construction.

pub mod quarters;
