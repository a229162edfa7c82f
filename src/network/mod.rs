//! Floor in construction.
