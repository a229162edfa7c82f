//! Bytes ⇄ plain values. No sockets, no database.

pub mod addresses;
pub mod people;
mod position;
mod table;
