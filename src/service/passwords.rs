//! Hashing passwords and PINs: Argon2id (RFC 9106), two at a time at most, so that a crowd at the door costs no memory.
//!
//! The hash lies sealed in the database. Where there is no account a decoy of the same cost is compared: the time that an
//! answer takes does not tell whether there is one.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::ServiceError;
use crate::store::StoreError;

/// How many are hashed at the same time.
const TURNS: usize = 2;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 36 MiB, two passes, one lane: nearly twice the least that OWASP's Password Storage Cheat Sheet asks for with two
    /// passes (19 MiB), and between 50 and 150 ms on a quick server of 2026 and on one half as quick.
    pub const REAL: Self = Self { memory_kib: 36_864, passes: 2 };

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes and compares. Clones share the turns.
#[derive(Debug, Clone)]
pub struct Passwords {
    cost: Cost,
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::with_cost(Cost::REAL)
    }
}

impl Passwords {
    /// Hashes of another cost than the real one.
    #[must_use]
    pub fn with_cost(cost: Cost) -> Self {
        Self { cost, turns: Arc::new(Semaphore::new(TURNS)) }
    }

    /// The hash to keep, with a fresh salt.
    ///
    /// # Errors
    /// [`StoreError::NoRandomness`].
    pub async fn hash(&self, password: &str) -> Result<Zeroizing<String>, ServiceError> {
        let cost = self.cost;
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| StoreError::NoRandomness)?;
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let hash = self.in_turn(move || cost.argon2().hash_password_with_salt(&password, &salt)).await;
        let hash: Option<PasswordHash> = hash.and_then(Result::ok);
        Ok(hash.map(|hash| Zeroizing::new(hash.to_string())).ok_or(StoreError::NoRandomness)?)
    }

    /// Whether the password is the one of the hash. Without a hash the answer is no, after the same work.
    pub async fn matches(&self, hash: Option<&str>, password: &str) -> bool {
        let hash = Zeroizing::new(hash.map_or_else(|| self.decoy(), str::to_owned));
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let argon2 = self.cost.argon2();
        let same = self
            .in_turn(move || {
                PasswordHash::new(&hash).is_ok_and(|hash| argon2.verify_password(&password, &hash).is_ok())
            })
            .await;
        same == Some(true)
    }

    /// A hash of nothing: no password is known to give these bytes.
    fn decoy(&self) -> String {
        let Cost { memory_kib, passes } = self.cost;
        format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${}${}", "A".repeat(22), "A".repeat(43))
    }

    /// Does the work off the async threads, when it is its turn.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_nothing_matches_none() {
        let passwords = Passwords::with_cost(Cost { memory_kib: 64, passes: 1 });
        let hash = passwords.hash("kT7!mQ2%vR9&").await.expect("random numbers");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(passwords.matches(Some(&hash), "kT7!mQ2%vR9&").await);
        assert!(!passwords.matches(Some(&hash), "kT7!mQ2%vR9").await);
        assert!(!passwords.matches(None, "").await);
        assert!(PasswordHash::new(&passwords.decoy()).is_ok(), "the decoy is compared like any other");
        assert_ne!(hash, passwords.hash("kT7!mQ2%vR9&").await.expect("random numbers"), "each hash has its own salt");
    }

    #[test]
    fn the_real_cost_is_at_least_what_owasp_asks_for() {
        let passwords = Passwords::default();
        let argon2 = passwords.cost.argon2();
        assert!(argon2.params().m_cost() >= 19_456 && argon2.params().t_cost() >= 2);
    }
}
