//! The one integration test binary.

mod databases;
mod quarters;
mod store_contract;
