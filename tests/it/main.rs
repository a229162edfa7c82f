//! The one integration test binary.

mod databases;
mod import_people;
mod quarters;
mod store_contract;
