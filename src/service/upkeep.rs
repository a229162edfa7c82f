//! What goes by itself: at the server's start, once a day, and with `bienveilleurs audit retain`.
//!
//! Keyed hashes of refusals that have expired, requests that were answered long ago, notices as old as the trail, receipts
//! of relays with who reported, forms sent more than a day ago; and whatever erasure has no proof yet is looked for again.
//! Cases never go by a timer: a second person signs (`retention.rs`).

use super::ServiceError;
use super::proving::prove;
use super::relay_reports::receipts_kept_from;
use crate::domain::audit::Author;
use crate::domain::calendar::start_of;
use crate::domain::retention::Durations;
use crate::store::{Store, TracesOf};

/// What went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upkept {
    /// Keyed hashes of refusals.
    pub oppositions: u64,
    /// Requests.
    pub requests: u64,
    /// Notices that the officer had seen.
    pub notices: u64,
    /// Receipts, with who reported.
    pub reporters: u64,
    /// Forms that were kept to be recognised when sent again.
    pub forms: u64,
    /// Erasures that were looked for again.
    pub proofs: usize,
}

/// Lets go what has had its time, and proves what has no proof.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn upkeep(store: &Store, durations: &Durations, by: Author) -> Result<Upkept, ServiceError> {
    let today = by.today();
    Ok(Upkept {
        oppositions: store.forget_expired_oppositions(today).await?,
        requests: store.forget_requests(durations.requests_kept_from(today), by).await?,
        notices: store.forget_notices(start_of(durations.notices_kept_from(today)), by).await?,
        reporters: store.forget_reporters(receipts_kept_from(today), by).await?,
        forms: store.forget_forms(by.at).await?,
        proofs: prove(store, TracesOf::Everybody, by).await?.len(),
    })
}
