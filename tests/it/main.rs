//! The one integration test binary.

mod fuzz_corpus;
mod tidy;
