//! OpenStreetMap files: `.osm.pbf`, `.osm`, `.osm.gz`, told apart by their first bytes, read element by element.

mod pbf;
mod xml;

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::domain::input::InputError;
use crate::network::osm::Element;

/// Hands every node, way and relation of a file to `each`, in file order. Memory: one block (at most 32 MiB).
///
/// # Errors
/// An [`InputError`] that names the place when the bytes are cut, damaged or no OSM file. Elements read before the error
/// have been handed out: the caller keeps nothing of them.
pub fn read(source: impl Read + Send, each: &mut dyn FnMut(Element<'_>)) -> Result<(), InputError> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let start = source.fill_buf().map_err(|e| unreadable(&e))?;
    match start {
        [] => Err(InputError::new(
            "empty_file",
            "the file is empty",
            "Give an OpenStreetMap extract (.osm.pbf, .osm or .osm.gz)",
        )),
        [0x1f, 0x8b, ..] => xml::read(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(source)), each),
        [b'B', b'Z', b'h', ..] => Err(InputError::new(
            "compressed_bz2",
            "the file is compressed with bzip2",
            "Decompress it with bunzip2 first, or take the .osm.pbf",
        )),
        [b'P', b'K', ..] => Err(InputError::new(
            "compressed_zip",
            "the file is a ZIP archive",
            "Extract the .osm or .osm.pbf from it first",
        )),
        // A PBF begins with the length of its first header as four bytes, of which the first are zero.
        [0, 0, ..] => pbf::read(source, each),
        [b'<' | b' ' | b'\t' | b'\r' | b'\n', ..] | [0xef, 0xbb, 0xbf, ..] => xml::read(source, each),
        _ => Err(InputError::new(
            "not_osm",
            "this is not an OpenStreetMap file",
            "Give an OpenStreetMap extract (.osm.pbf, .osm or .osm.gz)",
        )),
    }
}

/// What a failed read means to the person who gave the file.
fn unreadable(error: &std::io::Error) -> InputError {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => cut_off(),
        InvalidData | InvalidInput => damaged(&error.to_string()),
        _ => {
            InputError::new("unreadable", format!("the file cannot be read: {error}"), "Check the file and its rights")
        }
    }
}

fn cut_off() -> InputError {
    InputError::new("cut_off", "the file ends in the middle", "It was not downloaded or copied whole: fetch it again")
}

fn damaged(what: &str) -> InputError {
    InputError::new("damaged", format!("the file is damaged: {what}"), "Fetch it again, or take another extract")
}
