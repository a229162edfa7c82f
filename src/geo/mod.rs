//! Plane geometry, the quarter index, hex cells, masks and disclosure control. Knows positions, not people.

pub mod disclosure;
pub mod exact;
pub mod hex;
pub mod lambert93;
pub mod mask;
pub mod plane;
pub mod quarters;
