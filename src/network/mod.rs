//! The street graph: build, profile, snap, search, service area.
//!
//! Times inside are whole *ticks* of 0.1 ms and lengths whole millimetres, so that walking a millimetre costs a whole
//! number of ticks on every profile (8, 12 or 16): sums are exact, ties are real ties, and a cut falls on a millimetre.

pub mod build;
mod contract;
pub mod coverage;
pub mod file;
pub mod graph;
pub mod osm;
pub mod route;
pub mod search;
pub mod snap;
pub mod walking;

pub use graph::{EdgeId, Network, NodeId, Ticks};

#[cfg(test)]
mod oracle;
#[cfg(test)]
pub(crate) mod town;
