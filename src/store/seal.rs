//! Sealed fields and blind indexes.
//!
//! A field is sealed with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a fresh random nonce of 192 bits. Table,
//! row and column are authenticated beside it: a ciphertext that is moved elsewhere does not open. Texts are padded to
//! multiples of 32 bytes, so that a length does not tell a name.
//!
//! Layout: version (1), number of the key (4, little endian), nonce (24), ciphertext, tag (16).
//!
//! A blind index is an HMAC-SHA-256 of a normalised value, cut to 128 bits: equal values meet, and nothing else shows.

use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::StoreError;
use super::keys::{KeyRing, KeySource};
use crate::domain::text::fold;

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4;
const NONCE: usize = 24;
const BLOCK: usize = 32;
/// Where the ciphertext begins; before it stand version, number of the key and nonce.
pub(super) const SEAL_BODY: usize = HEAD + NONCE;

/// A key that is drawn once per database and kept in it, sealed: what it makes must outlive the rotation of the key file.
pub type Secret = Zeroizing<[u8; 32]>;

/// The secrets of one database that are never drawn again; the mask's may be (`secrets.rs`).
#[derive(Clone)]
pub(super) struct Secrets {
    /// Pseudonyms of persons in the audit.
    pub pseudonym: Secret,
    /// Hashes of persons who refused.
    pub opposition: Secret,
    /// Signs and seals the audit.
    pub audit: Secret,
}

/// What is looked up by equality although it is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Family and given name, in any order, without case and accents.
    Name,
    /// The digits, `+33 6` and `06` alike.
    Phone,
    /// An address as it is written, without case, accents and punctuation.
    Address,
    /// The name of an account.
    Login,
}

impl Index {
    const fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Login => "login",
        }
    }

    /// The form in which two writings of the same thing are equal; empty when there is nothing to look up.
    #[must_use]
    pub fn normal(self, value: &str) -> String {
        match self {
            Self::Name => {
                let folded = fold(value);
                let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
                words.sort_unstable();
                words.join(" ")
            }
            Self::Phone => {
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                let national =
                    digits.strip_prefix("0033").or_else(|| digits.strip_prefix("33").filter(|d| d.len() == 9));
                national.map_or(digits.clone(), |rest| format!("0{}", rest.trim_start_matches('0')))
            }
            Self::Address | Self::Login => fold(value),
        }
    }
}

/// The keys of an open database.
pub struct Vault {
    ring: RwLock<Arc<KeyRing>>,
    source: KeySource,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Reads the keys.
    pub(super) fn open(source: KeySource) -> Result<Self, StoreError> {
        Ok(Self { ring: RwLock::new(Arc::new(source.read()?)), source })
    }

    /// The keys as they are now.
    pub(super) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the key file again: a rotation beside us has added a key. Only while the database's write lock is held, so that
    /// what a transaction seals is sealed with the key that it checks before it commits (`append_audit!`).
    pub(super) fn reload(&self) -> Result<(), StoreError> {
        self.replace(self.source.read()?);
        Ok(())
    }

    /// Reads the key file again to open with a key that is not known yet; what seals stays as it is.
    fn reload_to_open(&self) -> Result<Arc<KeyRing>, StoreError> {
        let read = self.source.read()?;
        Ok(self.replace(self.ring().with_keys_of(read)))
    }

    fn replace(&self, ring: KeyRing) -> Arc<KeyRing> {
        let ring = Arc::new(ring);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ring);
        ring
    }

    /// Seals the bytes for one column of one row.
    pub(super) fn seal(&self, table: &str, id: i64, column: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let ring = self.ring();
        let number = ring.current();
        let cipher = ring.cipher(number).ok_or(StoreError::MissingKey { number })?;
        seal_with(cipher, number, &place(table, id, column), plain)
    }

    /// Seals a text.
    pub(super) fn seal_text(&self, table: &str, id: i64, column: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        self.seal(table, id, column, text.as_bytes())
    }

    /// Opens what was sealed for this very place.
    pub(super) fn open_bytes(
        &self,
        table: &str,
        id: i64,
        column: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let number = key_number(sealed).ok_or_else(|| not_sealed(table, column))?;
        let ring = self.ring();
        let ring = if ring.cipher(number).is_some() { ring } else { self.reload_to_open()? };
        let cipher = ring.cipher(number).ok_or(StoreError::MissingKey { number })?;
        open_with(cipher, &place(table, id, column), sealed).ok_or_else(|| not_sealed(table, column))
    }

    /// Opens a text.
    pub(super) fn open_text(&self, table: &str, id: i64, column: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let bytes = self.open_bytes(table, id, column, sealed)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| not_sealed(table, column))
    }

    /// The blind index of a value under the key that seals; `None` when there is nothing to look up.
    pub(super) fn index(&self, kind: Index, value: &str) -> Option<Vec<u8>> {
        let ring = self.ring();
        let normal = kind.normal(value);
        let key = ring.index_key(ring.current()).filter(|_| !normal.is_empty())?;
        Some(blind(key, kind, &normal))
    }

    /// The blind indexes of a value under every key: rows sealed before the end of a rotation are found too.
    pub(super) fn indexes(&self, kind: Index, value: &str) -> Vec<Vec<u8>> {
        let ring = self.ring();
        let normal = kind.normal(value);
        if normal.is_empty() {
            return Vec::new();
        }
        ring.numbers().filter_map(|number| Some(blind(ring.index_key(number)?, kind, &normal))).collect()
    }
}

fn not_sealed(table: &str, column: &str) -> StoreError {
    StoreError::corrupt(format!("{table}.{column} does not open: it was altered, moved, or sealed by another key"))
}

fn place(table: &str, id: i64, column: &str) -> String {
    format!("{table}\0{id}\0{column}")
}

/// The number of the key that sealed these bytes.
pub(super) fn key_number(sealed: &[u8]) -> Option<u32> {
    let head: [u8; 4] = sealed.get(1..HEAD)?.try_into().ok()?;
    (sealed[0] == VERSION).then(|| u32::from_le_bytes(head))
}

pub(super) fn seal_with(
    cipher: &chacha20poly1305::XChaCha20Poly1305,
    number: u32,
    place: &str,
    plain: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let mut padded = Zeroizing::new(Vec::with_capacity(plain.len() + 4 + BLOCK));
    padded.extend_from_slice(&(plain.len() as u32).to_le_bytes());
    padded.extend_from_slice(plain);
    let whole = padded.len().next_multiple_of(BLOCK);
    padded.resize(whole, 0);
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
    let payload = Payload { msg: &padded, aad: place.as_bytes() };
    let ciphertext = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::NoRandomness)?;
    let mut sealed = Vec::with_capacity(HEAD + NONCE + ciphertext.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&number.to_le_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

pub(super) fn open_with(
    cipher: &chacha20poly1305::XChaCha20Poly1305,
    place: &str,
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let nonce: [u8; NONCE] = sealed.get(HEAD..HEAD + NONCE)?.try_into().ok()?;
    let payload = Payload { msg: &sealed[HEAD + NONCE..], aad: place.as_bytes() };
    let mut plain = Zeroizing::new(cipher.decrypt(&XNonce::from(nonce), payload).ok()?);
    let length = u32::from_le_bytes(plain.get(..4)?.try_into().ok()?) as usize;
    plain.drain(..4);
    (length <= plain.len()).then(|| plain.truncate(length))?;
    Some(plain)
}

fn blind(key: &[u8; 32], kind: Index, normal: &str) -> Vec<u8> {
    let mac = keyed_hash(key, &[kind.label().as_bytes(), normal.as_bytes()]);
    mac[..16].to_vec()
}

/// HMAC-SHA-256 of several parts; each is preceded by its length, so that parts never run into each other.
pub(super) fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vault() -> Vault {
        let text = format!("1 {}\n2 {}", "11".repeat(32), "22".repeat(32));
        Vault::open(KeySource::Text(Zeroizing::new(text))).expect("two keys")
    }

    #[test]
    fn what_is_moved_to_another_row_column_or_table_does_not_open() {
        let vault = vault();
        let sealed = vault.seal_text("cases", 7, "phone", "06 00 00 00 00").expect("sealed");
        assert_eq!(vault.open_text("cases", 7, "phone", &sealed).expect("opened"), "06 00 00 00 00");
        for (table, id, column) in [("cases", 8, "phone"), ("cases", 7, "notes"), ("relays", 7, "phone")] {
            assert!(vault.open_text(table, id, column, &sealed).is_err());
        }
    }

    #[test]
    fn a_changed_byte_and_a_cut_end_do_not_open() {
        let vault = vault();
        let sealed = vault.seal_text("cases", 7, "notes", "volets fermés").expect("sealed");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open_text("cases", 7, "notes", &changed).is_err(), "byte {at}");
            assert!(vault.open_text("cases", 7, "notes", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_length_tells_no_name_and_the_same_name_is_sealed_differently_each_time() {
        let vault = vault();
        let seal = |name| vault.seal_text("cases", 1, "family_name", name).expect("sealed");
        assert_eq!(seal("Li").len(), seal("Vandenbroucke-Lefèvre").len());
        assert_ne!(seal("Li"), seal("Li"));
    }

    #[test]
    fn two_writings_of_one_thing_meet_in_the_index() {
        let vault = vault();
        let same = |kind, a, b| vault.index(kind, a) == vault.index(kind, b);
        assert!(same(Index::Phone, "+33 6 12 34 56 78", "06.12.34.56.78"));
        assert!(same(Index::Phone, "0033612345678", "06 12 34 56 78"));
        assert!(same(Index::Name, "Zoé LEFÈVRE", "lefevre zoe"));
        assert!(same(Index::Address, "12 bis, rue de l’Écluse", "12 BIS RUE DE L'ECLUSE"));
        assert!(!same(Index::Name, "Zoé Lefèvre", "Zoé Lefort"));
        assert!(!same(Index::Name, "dupont", "durand") && vault.index(Index::Phone, " - ").is_none());
        assert_ne!(vault.index(Index::Name, "12"), vault.index(Index::Phone, "12"), "one kind never meets another");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(text in "\\PC{0,200}", id in 1_i64..1_000_000) {
            let vault = vault();
            let sealed = vault.seal_text("cases", id, "notes", &text).expect("sealed");
            prop_assert_eq!(vault.open_text("cases", id, "notes", &sealed).expect("opened"), text);
        }
    }
}
