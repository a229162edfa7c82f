//! Coverage-guided fuzzing of `entry::network`.
#![no_main]

#[path = "../entry.rs"]
#[expect(dead_code, reason = "each target calls one of the functions")]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::network(data));
