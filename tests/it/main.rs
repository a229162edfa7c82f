//! The one integration test binary.

mod databases;
mod fuzz_corpus;
mod import_people;
mod quarters;
mod store_contract;
mod tidy;
