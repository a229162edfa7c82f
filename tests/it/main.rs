//! The one integration test binary.

mod databases;
mod import_people;
mod store_contract;
