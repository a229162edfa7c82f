//! Algorithms over indices and costs: no position, no person.

pub mod assign;
pub mod suitable;
