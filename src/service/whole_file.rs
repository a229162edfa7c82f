//! A file that appears whole or not at all: written beside its place under another name, then renamed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file being written. Dropped before [`WholeFile::put_in_place`], it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct WholeFile {
    file: File,
    written: PathBuf,
    place: PathBuf,
    in_place: bool,
}

impl WholeFile {
    /// Begins a file in the folder of its future place, readable by its owner alone.
    pub(crate) fn beside(place: &Path) -> io::Result<Self> {
        let name =
            place.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this names no file"))?;
        if place.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder"));
        }
        let written = place.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&written)?;
        Ok(Self { file, written, place: place.to_owned(), in_place: false })
    }

    /// Where the bytes go.
    pub(crate) fn writer(&mut self) -> impl Write + '_ {
        &mut self.file
    }

    /// Makes sure that every byte is on the disk, then puts the file in its place.
    pub(crate) fn put_in_place(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.written, &self.place)?;
        self.in_place = true;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.in_place {
            // Nothing more can be done about it, and the error that led here is already on its way.
            let _ = std::fs::remove_file(&self.written);
        }
    }
}
