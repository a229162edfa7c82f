//! The one integration test binary.

mod databases;
mod demonstration;
mod import_people;
mod quarters;
mod store_contract;
