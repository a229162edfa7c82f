//! The one integration test binary.

mod databases;
mod fuzz_corpus;
mod quarters;
mod store_contract;
mod tidy;
