//! The one integration test binary.

mod databases;
mod store_contract;
