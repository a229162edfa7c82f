//! Every importer on the fuzzers' corpus with seeded mutations, for two seconds each: runs on stable, in every `./test`.
//!
//! The coverage-guided fuzzers in `tests/fuzz` call the same functions on the same files. Whatever the bytes, an importer
//! returns; it may refuse them, it may not panic, and it may not take long.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../fuzz/entry.rs"]
mod entry;

/// How long each importer is tried.
const BUDGET: Duration = Duration::from_secs(2);
/// Enough for one importer on a fast machine: a bound that does not depend on the clock.
const MAX_INPUTS: u64 = 100_000;
/// One small input must not take longer, in the slow test build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// `SplitMix64` (Steele, Lea, Flood, 2014): small, seeded, good enough to pick bytes.
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0..n; 0 when n is 0.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap_or_default()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

const WORDS: [&[u8]; 16] = [
    b"NaN",
    b"inf",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\xef\xbb\xbf",
    b"\"",
    b";;;;",
    b"\r\n",
    b"<![CDATA[",
    b"&#0;",
    b"[[[[[[[[",
    b"\xc3",
    b"=1+1",
];

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], luck: &mut Luck) {
    for _ in 0..=luck.below(4) {
        let at = luck.below(input.len());
        let end = (at + luck.below(64)).min(input.len());
        match luck.below(8) {
            0 if !input.is_empty() => input[at] ^= 1 << luck.below(8),
            1 if !input.is_empty() => input[at] = *luck.pick(&[&0_u8, &0x7f, &0x80, &0xff, &b';', &b'"', &b'<', &b'9']),
            2 => input.truncate(at),
            3 => drop(input.drain(at..end)),
            4 => {
                let copy = input[at..end].to_vec();
                input.splice(at..at, copy);
            }
            5 => drop(input.splice(at..end, luck.pick(&WORDS).iter().copied())),
            6 => drop(input.splice(at..at, luck.pick(&WORDS).iter().copied())),
            _ => {
                let other = &corpus[luck.below(corpus.len())];
                let from = luck.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
        input.truncate(1 << 16);
    }
}

fn survives(target: &str, entry: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let corpus: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).expect("readable")).collect();
    assert!(!corpus.is_empty(), "{} is empty: run tests/fuzz/corpus.py", folder.display());

    let begun = Instant::now();
    for number in 0..MAX_INPUTS {
        if begun.elapsed() > BUDGET && number >= corpus.len() as u64 {
            break;
        }
        let mut luck = Luck(number);
        let mut input = corpus[usize::try_from(number).expect("small") % corpus.len()].clone();
        // First every file as it is, then mutations; the number of an input is its seed.
        if number >= corpus.len() as u64 {
            mutate(&mut input, &corpus, &mut luck);
        }
        let one = Instant::now();
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| entry(&input)));
        if outcome.is_err() || one.elapsed() > PATIENCE {
            let kept = std::env::temp_dir().join(format!("bienveilleurs-{target}-{number}"));
            fs::write(&kept, &input).expect("a temporary folder");
            panic!("{target}: input {number} panics or takes {:?}; kept as {}", one.elapsed(), kept.display());
        }
    }
}

#[test]
fn no_bytes_make_the_reader_of_compiled_networks_panic() {
    survives("network", entry::network);
}

#[test]
fn no_bytes_make_the_pbf_reader_panic() {
    survives("osm_pbf", entry::osm_pbf);
}

#[test]
fn no_bytes_make_the_osm_xml_reader_panic() {
    survives("osm_xml", entry::osm_xml);
}

#[test]
fn no_bytes_make_the_quarter_reader_panic() {
    survives("quarters_geojson", entry::quarters_geojson);
}

#[test]
fn no_bytes_make_the_readers_of_people_panic_or_lose_something() {
    survives("people_csv", entry::people_csv);
}

#[test]
fn no_bytes_make_the_address_reader_panic() {
    survives("addresses_csv", entry::addresses_csv);
}
