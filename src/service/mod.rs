//! Floor in construction.

pub mod demonstration;
pub mod import_quarters;
