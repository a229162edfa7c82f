//! The one integration test binary.

mod databases;
mod fuzz_corpus;
mod store_contract;
mod tidy;
