//! Importing streets: a street map becomes the network that everything walks on.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::ServiceError;
use super::whole_file::WholeFile;
use crate::domain::input::InputError;
use crate::domain::position::Extent;
use crate::format::osm;
use crate::network::Network;
use crate::network::build::{BuildError, Collector, Report};
use crate::network::file::{checksum, decode, encode};
use crate::store::{NetworkRecord, Store};

/// What an import left behind.
#[derive(Debug)]
pub struct Imported {
    /// What was kept and dropped, and why.
    pub report: Report,
    /// The compiled file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its checksum, the network's identity.
    pub checksum: String,
}

/// Compiles a street map. `open` opens the file; it is called twice when nodes come after ways.
///
/// # Errors
/// [`ServiceError::Input`] names what is wrong in the file; nothing has been written.
pub fn compile<R: Read + Send>(
    mut open: impl FnMut() -> Result<R, ServiceError>,
    clip: Option<Extent>,
) -> Result<(Network, Report), ServiceError> {
    let mut collector = Collector::new(clip);
    osm::read(open()?, &mut |element| collector.take(element))?;
    if collector.is_disordered() {
        collector = Collector::in_two_passes(clip);
        osm::read(open()?, &mut |element| collector.take(element))?;
        collector.second_pass();
        osm::read(open()?, &mut |element| collector.take(element))?;
    }
    collector.finish().map_err(|error| {
        let remedy = match error {
            BuildError::NoStreet => {
                "Give an extract that covers the quarters, or import the quarters of this place first"
            }
            BuildError::NodesAfterWays | BuildError::TooLarge => "Cut the extract around the quarters",
        };
        InputError::new("no_network", error.to_string(), remedy).into()
    })
}

/// Compiles a street map, stores the network beside the database and puts it in use; a running server takes it up.
///
/// `source` names the file for people; `now` dates the import. The old network stays in use until the new one is whole.
///
/// # Errors
/// [`ServiceError`]; nothing is half-written.
pub async fn import_streets<R: Read + Send>(
    store: &Store,
    data_dir: &Path,
    (source, now): (&str, DateTime<Utc>),
    open: impl FnMut() -> Result<R, ServiceError>,
    clip: Extent,
) -> Result<Imported, ServiceError> {
    let (network, report) = compile(open, Some(clip))?;
    let bytes = encode(network.parts());
    let checksum = checksum(&bytes).expect("an encoded network has a header");
    let file_name = format!("streets-{checksum}.bvnet");
    let path = data_dir.join(&file_name);
    fs::create_dir_all(data_dir).map_err(|e| ServiceError::file("write", data_dir, &e))?;
    let former = store.current_network().await?.map(|record| record.file_name);
    write_whole(&path, &bytes).map_err(|e| ServiceError::file("write", &path, &e))?;
    let record = NetworkRecord {
        file_name: file_name.clone(),
        checksum: checksum.clone(),
        imported_at: now,
        source: source.to_owned(),
    };
    let in_use = store.set_network(record).await;
    // Only the network that this one replaces, or this one if it did not come to be used: another import may be under
    // way. Servers hold theirs in memory; a file that stays behind does no harm.
    let unused = if in_use.is_ok() { former.as_deref() } else { Some(file_name.as_str()) };
    if former.as_deref() != Some(&file_name)
        && let Some(unused) = unused
    {
        let _ = fs::remove_file(data_dir.join(unused));
    }
    in_use?;
    Ok(Imported { report, path, bytes: bytes.len() as u64, checksum })
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = WholeFile::beside(path)?;
    file.writer().write_all(bytes)?;
    file.put_in_place()
}

/// Opens the compiled network of a record.
///
/// # Errors
/// [`ServiceError::File`] when it is gone, damaged or of another version.
pub fn open_network(data_dir: &Path, record: &NetworkRecord) -> Result<Network, ServiceError> {
    let path = data_dir.join(&record.file_name);
    let bytes = fs::read(&path).map_err(|e| ServiceError::file("read", &path, &e))?;
    decode(&bytes).map_err(|e| ServiceError::File {
        act: "read",
        path: path.display().to_string(),
        reason: e.to_string(),
    })
}
