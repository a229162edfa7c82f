//! One function per importer that takes any bytes: the coverage-guided targets and `tests/it/fuzz_corpus.rs` share them.
//!
//! Each goes as far as an import would without a database: an accepted file is also looked at.

use bienveilleurs::format::{addresses, osm, people, quarters};
use bienveilleurs::network::build::Collector;
use bienveilleurs::network::file;

/// Streets: PBF.
pub fn osm_pbf(data: &[u8]) {
    streets(data);
}

/// Streets: XML, plain or gzipped.
pub fn osm_xml(data: &[u8]) {
    streets(data);
}

/// The kind of a street file is told by its first bytes, so a mutation may turn one kind into another.
fn streets(data: &[u8]) {
    let mut collector = Collector::new(None);
    let read = osm::read(data, &mut |element| collector.take(element));
    if read.is_ok()
        && let Ok((network, report)) = collector.finish()
    {
        assert_eq!(network.length_mm(), report.length_mm);
        let bytes = file::encode(network.parts());
        assert!(file::decode(&bytes).is_ok(), "what was compiled can be opened");
    }
}

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

/// Quarters as `GeoJSON`; what is accepted is written and read again.
pub fn quarters_geojson(data: &[u8]) {
    if let Ok(read) = quarters::read_quarters(data, "fuzz.geojson", &quarters::ReadOptions::default()) {
        let text = quarters::write_quarters(&read.quarters);
        let again = quarters::read_quarters(text.as_ref(), "fuzz.geojson", &quarters::ReadOptions::default());
        assert!(again.is_ok(), "what is written can be read: {again:?}");
    }
}

/// Cases, volunteers and relays: what is accepted is written, and reading that gives the same again.
pub fn people_csv(data: &[u8]) {
    macro_rules! both_ways {
        ($read:path, $write:path) => {
            if let Ok(parsed) = $read(data, None) {
                let rows: Vec<_> = parsed.rows.into_iter().map(|(_, row)| row).collect();
                let mut written = Vec::new();
                $write(&rows, &mut written).expect("a vector takes any bytes");
                let again = $read(&written[..], None).expect("what is written can be read");
                let again: Vec<_> = again.rows.into_iter().map(|(_, row)| row).collect();
                assert_eq!(again, rows, "nothing is lost on the way");
            }
        };
    }
    both_ways!(people::read_cases, people::write_cases);
    both_ways!(people::read_volunteers, people::write_volunteers);
    both_ways!(people::read_relays, people::write_relays);
}

/// Address files of every kind.
pub fn addresses_csv(data: &[u8]) {
    if let Ok(file) = addresses::read_addresses(data, None) {
        assert!(file.rows() >= file.addresses.len() as u64);
        let mut written = Vec::new();
        addresses::write_ban(&file.addresses, &mut written).expect("a vector takes any bytes");
    }
}
