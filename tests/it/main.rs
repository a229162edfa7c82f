//! The one integration test binary.

mod app;
mod databases;
mod demonstration;
mod fuzz_corpus;
mod http;
mod import_people;
mod quarters;
mod store_contract;
mod streets;
mod tidy;
