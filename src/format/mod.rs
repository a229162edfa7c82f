//! Bytes ⇄ plain values. No sockets, no database; every reader is fuzzed.

pub mod addresses;
pub mod osm;
pub mod people;
mod position;
pub mod proof;
pub mod quarters;
mod table;
pub mod trail;
