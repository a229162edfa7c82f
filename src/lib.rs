//! `BienVeilleurs`: who needs a visit, who lives nearest on foot, and which streets nobody reaches.
//!
//! The library is laid in floors; imports only point down (`docs/ARCHITECTURE.md`, held by `tests/it/tidy.rs`).

pub mod cli;
pub mod domain;
pub mod format;
pub mod geo;
pub mod http;
pub mod network;
pub mod service;
pub mod solve;
pub mod store;
