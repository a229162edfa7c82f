//! Plane geometry, the quarter index, hex cells. Knows positions, not people.

pub mod plane;
