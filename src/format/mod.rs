//! Bytes ⇄ plain values. No sockets, no database; every reader is fuzzed.

pub mod osm;
pub mod quarters;
