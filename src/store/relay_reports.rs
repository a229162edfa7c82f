//! What is known of a relay's report besides its case: who reported, how to call back, and the receipt's keyed hash.
//!
//! The row bears the case's key and goes with it. A reporter is somebody else than the person of the case, with data of his
//! or her own, and so stands apart.

use chrono::NaiveDate;

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::lists;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::{CaseId, CaseState};
use crate::domain::relay::RelayId;
use crate::domain::relay_report::Receipt;

pub(super) const INSERT: &str = "insert into relay_reports (id, relay_id, receipt, reporter) values ($1, $2, $3, $4)";
const SELECT: &str = "select relay_id, reporter from relay_reports where id = $1";
const BY_RECEIPT: &str = "select c.id, c.state, c.reported_on, c.informed_on from relay_reports r \
    join cases c on c.id = r.id where r.receipt = $1 and c.reported_on >= $2";
const FORGET: &str = "update relay_reports set receipt = null, reporter = null where receipt is not null \
    and id in (select id from cases where reported_on < $1)";

/// A report that is about to be written with its case.
#[derive(Debug, Clone, Copy)]
pub struct NewRelayReport<'a> {
    /// Who reports.
    pub relay: RelayId,
    /// What is given in return.
    pub receipt: &'a Receipt,
    /// Who it was and how to call back, as written; may be empty.
    pub reporter: &'a str,
}

impl NewRelayReport<'_> {
    /// The line of the trail that says which relay reported, beside the one that says that a case was written.
    pub(super) fn entry(self, by: Author) -> Entry {
        by.entry(Act::Create, Resource::Cases).about(Subject::Relay(self.relay)).because("report by sticker code")
    }
}

/// What is known of the report of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayReport {
    /// Who reported; `None` once the relay was erased.
    pub relay: Option<RelayId>,
    /// Who it was and how to call back; `None` once it had its time.
    pub reporter: Option<String>,
}

/// Where the case of a receipt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptState {
    /// Which case.
    pub case: CaseId,
    /// Its state.
    pub state: CaseState,
    /// Day of the report.
    pub reported_on: NaiveDate,
    /// Day on which the person was told.
    pub informed_on: Option<NaiveDate>,
}

/// Writes what is kept of a relay's report in the transaction that writes its case.
macro_rules! note_relay_report {
    ($tx:ident, $store:expr, $case:expr, $report:expr) => {
        if let Some(report) = $report {
            let sealed = $store.sealed_row("relay_reports", $case).seal("reporter", report.reporter)?;
            sqlx::query($crate::store::relay_reports::INSERT)
                .bind($case)
                .bind(report.relay.0)
                .bind($store.report_digest("receipt", report.receipt.as_str()))
                .bind(sealed)
                .execute(&mut *$tx)
                .await?;
        }
    };
}
pub(super) use note_relay_report;

impl Store {
    /// What is known of the report of a case; `None` for a case that came otherwise.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or the field does not open.
    pub async fn relay_report(&self, case: CaseId) -> Result<Option<RelayReport>, StoreError> {
        let row: Option<(Option<i64>, Option<Vec<u8>>)> =
            on_pool!(self, pool => sqlx::query_as(SELECT).bind(case.0).fetch_optional(pool).await?);
        let Some((relay, sealed)) = row else { return Ok(None) };
        let open = |sealed: Vec<u8>| self.sealed_row("relay_reports", case.0).open("reporter", &sealed);
        Ok(Some(RelayReport { relay: relay.map(RelayId), reporter: sealed.map(open).transpose()? }))
    }

    /// Notes the report by which a case that is there came; answers whether it had none.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_relay_report(
        &self,
        case: CaseId,
        report: NewRelayReport<'_>,
        by: Author,
    ) -> Result<bool, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let known: Option<(Option<i64>, Option<Vec<u8>>)> =
                sqlx::query_as(SELECT).bind(case.0).fetch_optional(&mut *tx).await?;
            if known.is_some() {
                return Ok(false);
            }
            note_relay_report!(tx, self, case.0, Some(report));
            let entry = by.entry(Act::Update, Resource::Cases).about(Subject::Case(case)).because("relay's report");
            append_audit!(tx, self, &[entry, report.entry(by)]);
            tx.commit().await?;
            Ok(true)
        })
    }

    /// Where the case of a receipt stands; `None` for one that nobody was given, for one of a case that is gone, and for one
    /// of a report before `since`: one query tells none of them from another.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn receipt_state(&self, receipt: &Receipt, since: NaiveDate) -> Result<Option<ReceiptState>, StoreError> {
        let digest = self.report_digest("receipt", receipt.as_str());
        let row: Option<(i64, String, NaiveDate, Option<NaiveDate>)> =
            on_pool!(self, pool => sqlx::query_as(BY_RECEIPT).bind(digest).bind(since).fetch_optional(pool).await?);
        let state = |(id, state, reported_on, informed_on): (i64, String, _, _)| {
            Ok(ReceiptState { case: CaseId(id), state: lists::code(&state, "cases.state")?, reported_on, informed_on })
        };
        row.map(state).transpose()
    }

    /// Forgets receipts and who reported, of reports before this day. Answers how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_reporters(&self, before: NaiveDate, by: Author) -> Result<u64, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let gone = sqlx::query(FORGET).bind(before).execute(&mut *tx).await?.rows_affected();
            if gone > 0 {
                let entry = by.entry(Act::Erase, Resource::Cases).over(usize::try_from(gone).unwrap_or(usize::MAX));
                append_audit!(tx, self, &[entry.because("who reported, and receipts, after their time")]);
                tx.commit().await?;
            }
            Ok(gone)
        })
    }
}
