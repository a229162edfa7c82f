//! Coverage-guided fuzzing of `entry::quarters_geojson`.
#![no_main]

#[path = "../entry.rs"]
#[expect(dead_code, reason = "each target calls one of the functions")]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::quarters_geojson(data));
