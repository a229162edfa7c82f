//! Plane geometry, the quarter index, hex cells. Knows positions, not people.

pub mod exact;
pub mod hex;
pub mod lambert93;
pub mod plane;
pub mod quarters;
