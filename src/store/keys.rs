//! The key file: what turns a stolen database into noise.
//!
//! One line a key: `number 64-hex-digits`; `#` begins a comment. The last line is the key that seals; the ones before it
//! still open what they sealed, until `keys rotate` has sealed everything anew. The file, or the environment variable that
//! holds the same lines, is never kept beside a backup of the database.
//!
//! From each key two are derived (HKDF-SHA-256, RFC 5869): one seals, one makes blind indexes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key file.
    #[error(
        "there is no key file at `{path}`. Make one with `bienveilleurs keys create`, or, when the database exists \
         already, put its key file back there or name it with BV_KEY_FILE; nothing was written"
    )]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// The keys do not come from a file.
    #[error(
        "the keys come from BV_KEYS, and a rotation writes a key file. Put the lines into a file, name it with \
         BV_KEY_FILE, and unset BV_KEYS"
    )]
    NotAFile,
    /// The file cannot be read.
    #[error("the key file `{path}` cannot be read: {reason}. Give this user the right to read it")]
    Unreadable {
        /// The file.
        path: String,
        /// The operating system's word.
        reason: String,
    },
    /// Others may read the file.
    #[error("the key file `{path}` may be read by other users of this machine. Run `chmod 600` on it")]
    Exposed {
        /// The file.
        path: String,
    },
    /// A line is no key.
    #[error("line {line} of the key file is no key: {problem}. A line is a number, a space and 64 hexadecimal digits")]
    BadLine {
        /// From 1.
        line: usize,
        /// What is wrong; never the line itself.
        problem: &'static str,
    },
    /// Not one key.
    #[error("the key file holds no key. Put the right file in its place, or make one with `bienveilleurs keys create`")]
    Empty,
    /// A file is there already.
    #[error("there is a file at `{path}` already, and a key file is never overwritten. Name another with BV_KEY_FILE")]
    Exists {
        /// The file.
        path: String,
    },
    /// The file cannot be written.
    #[error("the key file `{path}` cannot be written: {reason}")]
    NotWritten {
        /// The file.
        path: String,
        /// The operating system's word.
        reason: String,
    },
    /// The operating system gives no randomness.
    #[error("this machine gives no random numbers; no key was made")]
    NoRandomness,
}

/// Where keys come from.
#[derive(Clone)]
pub enum KeySource {
    /// A file, read again when a key is missing.
    File(PathBuf),
    /// The same lines, e.g. from an environment variable; commas may stand for line breaks.
    Text(Zeroizing<String>),
}

impl KeySource {
    /// Reads the keys.
    ///
    /// # Errors
    /// [`KeyError`] when there is no file, it may be read by others, or a line is no key.
    pub fn read(&self) -> Result<KeyRing, KeyError> {
        match self {
            Self::Text(text) => KeyRing::parse(&text.replace(',', "\n")),
            Self::File(path) => {
                let shown = path.display().to_string();
                refuse_exposed(path)?;
                let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
                    std::io::ErrorKind::NotFound => KeyError::Missing { path: shown.clone() },
                    _ => KeyError::Unreadable { path: shown.clone(), reason: error.to_string() },
                })?;
                KeyRing::parse(&Zeroizing::new(text))
            }
        }
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
            Err(KeyError::Exposed { path: path.display().to_string() })
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// One key and what is derived from it.
#[derive(Clone)]
struct Key {
    master: Zeroizing<[u8; 32]>,
    cipher: XChaCha20Poly1305,
    index: Zeroizing<[u8; 32]>,
}

impl Key {
    fn new(master: Zeroizing<[u8; 32]>) -> Self {
        let derive = |info: &[u8]| {
            let mut out = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, &*master).expand(info, &mut *out).expect("32 bytes are never too long for HKDF");
            out
        };
        let seal = derive(b"bienveilleurs seal 1");
        Self { cipher: XChaCha20Poly1305::new((&*seal).into()), index: derive(b"bienveilleurs index 1"), master }
    }
}

/// The keys by number; the last line of the file seals.
#[derive(Clone)]
pub struct KeyRing {
    keys: BTreeMap<u32, Key>,
    current: u32,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({:?}, sealing with {})", self.keys.keys(), self.current)
    }
}

impl KeyRing {
    /// Reads the lines of a key file.
    ///
    /// # Errors
    /// [`KeyError`] names the line, and never repeats it.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut ring = Self { keys: BTreeMap::new(), current: 0 };
        for (at, line) in text.lines().enumerate() {
            let line_of = |problem| KeyError::BadLine { line: at + 1, problem };
            let content = line.split('#').next().unwrap_or_default().trim();
            if content.is_empty() {
                continue;
            }
            let (number, digits) = content.split_once(char::is_whitespace).ok_or(line_of("it is not two words"))?;
            let number: u32 =
                number.parse().ok().filter(|n| *n > 0).ok_or(line_of("the number is not a whole number from 1"))?;
            let bytes = data_encoding::HEXLOWER_PERMISSIVE
                .decode(digits.trim().as_bytes())
                .map_err(|_| line_of("the key is not hexadecimal"))?;
            let master: [u8; 32] = bytes.try_into().map_err(|_| line_of("the key has not 64 digits"))?;
            if ring.keys.insert(number, Key::new(Zeroizing::new(master))).is_some() {
                return Err(line_of("the number stands twice"));
            }
            ring.current = number;
        }
        if ring.keys.is_empty() { Err(KeyError::Empty) } else { Ok(ring) }
    }

    /// A ring with one new key.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut ring = Self { keys: BTreeMap::new(), current: 0 };
        ring.add()?;
        Ok(ring)
    }

    /// Adds a new key, which seals from now on, and answers its number.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn add(&mut self) -> Result<u32, KeyError> {
        let mut master = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *master).map_err(|_| KeyError::NoRandomness)?;
        let number = self.keys.keys().next_back().map_or(1, |last| last + 1);
        self.keys.insert(number, Key::new(master));
        self.current = number;
        Ok(number)
    }

    /// This ring with the keys of another, sealing with the key that it seals with.
    pub(super) fn with_keys_of(&self, other: Self) -> Self {
        let mut ring = Self { current: self.current, ..other };
        for (number, key) in &self.keys {
            ring.keys.entry(*number).or_insert_with(|| key.clone());
        }
        ring
    }

    /// Takes a key away; never the one that seals.
    pub fn remove(&mut self, number: u32) {
        if number != self.current {
            self.keys.remove(&number);
        }
    }

    /// Sixteen random digits that nobody can guess without the key, and that tell nothing of it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.keys[&self.current].index[..8])
    }

    /// Number of the key that seals.
    #[must_use]
    pub fn current(&self) -> u32 {
        self.current
    }

    /// All numbers, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.keys.keys().copied()
    }

    pub(super) fn cipher(&self, number: u32) -> Option<&XChaCha20Poly1305> {
        self.keys.get(&number).map(|key| &key.cipher)
    }

    pub(super) fn index_key(&self, number: u32) -> Option<&[u8; 32]> {
        self.keys.get(&number).map(|key| &*key.index)
    }

    /// Writes a new key file with rights for its owner alone.
    ///
    /// # Errors
    /// [`KeyError::Exists`] rather than overwrite one; [`KeyError::NotWritten`].
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        if path.exists() {
            return Err(KeyError::Exists { path: path.display().to_string() });
        }
        self.write(path)
    }

    /// Writes the key file whole, or not at all: a file beside it is renamed over it.
    ///
    /// # Errors
    /// [`KeyError::NotWritten`].
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        let not_written = |error: std::io::Error| KeyError::NotWritten {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let mut text = Zeroizing::new(String::from(
            "# Keys of BienVeilleurs. This file and the database together give everything away: keep them apart.\n\
             # Without this file nobody, not even you, can read the database: keep a copy in a safe place.\n",
        ));
        let last = std::iter::once(&self.current);
        for number in self.keys.keys().filter(|n| **n != self.current).chain(last) {
            let master = Zeroizing::new(data_encoding::HEXLOWER.encode(&*self.keys[number].master));
            let _ = writeln!(text, "{number} {}", *master);
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(not_written)?;
        }
        let beside = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(not_written)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(not_written)?;
        file.sync_all().map_err(not_written)?;
        std::fs::rename(&beside, path).map_err(not_written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn the_last_line_seals_and_the_others_still_open() {
        let two = ONE.replace("1 0", "7 f");
        let ring = KeyRing::parse(&format!("# a comment\n{ONE}\n\n{two} # new\n")).expect("two keys");
        assert_eq!((ring.current(), ring.numbers().collect::<Vec<_>>()), (7, vec![1, 7]));
        assert!(!format!("{ring:?}").contains("0011"), "a key is never printed");
    }

    #[test]
    fn a_bad_line_is_named_and_not_repeated() {
        for (text, line) in [("1", 1), ("\nx 00", 2), ("1 zz", 1), ("1 0011", 1), (&format!("{ONE}\n{ONE}"), 2)] {
            let error = KeyRing::parse(text).expect_err(text);
            assert!(matches!(error, KeyError::BadLine { line: l, .. } if l == line), "{error}");
        }
        assert_eq!(KeyRing::parse("# nothing\n").expect_err("empty"), KeyError::Empty);
    }

    #[test]
    fn a_written_file_reads_back_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/keys");
        let mut ring = KeyRing::generate().expect("random numbers");
        ring.add().expect("random numbers");
        ring.write_new(&path).expect("written");
        assert!(matches!(ring.write_new(&path), Err(KeyError::Exists { .. })));
        let source = KeySource::File(path.clone());
        assert_eq!(source.read().expect("read").current(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("chmod");
            assert!(matches!(source.read(), Err(KeyError::Exposed { .. })));
        }
    }
}
