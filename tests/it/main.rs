//! The one integration test binary.

mod app;
mod databases;
mod http;
mod import_people;
mod quarters;
mod store_contract;
