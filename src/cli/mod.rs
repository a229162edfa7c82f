//! Floor in construction.

pub mod import_quarters;
