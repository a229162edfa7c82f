//! One function per importer that takes any bytes: the coverage-guided targets and `tests/it/fuzz_corpus.rs` share them.
//!
//! Each goes as far as an import would without a database: an accepted file is also looked at.

use bienveilleurs::network::file;

/// A compiled street network. Bytes with a wrong checksum are tried again with the right one, to get past it.
pub fn network(data: &[u8]) {
    drop(file::decode(data));
    if data.len() > 12 {
        let mut summed = data.to_vec();
        let sum = crc32fast::hash(&summed[12..]);
        summed[8..12].copy_from_slice(&sum.to_le_bytes());
        if let Ok(network) = file::decode(&summed) {
            assert!(network.length_mm() > 0 || network.edges().is_empty());
        }
    }
}
