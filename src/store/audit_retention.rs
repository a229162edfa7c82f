//! The trail's own retention: whole months go, and what stays can still be verified.
//!
//! The last row of the last month to go becomes a checkpoint: its number and its `mac`, signed. The triggers of the table
//! let rows go up to a checkpoint and no further; the verification begins at it.

use super::audit::{ROLL, append_audit, checkpoint_signature};
use super::dialect::BeginWrite;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Resource};

const CHAINS: &str = "select chain_id from audit_heads where chain_id <> $1 order by chain_id";
const FIRST_KEPT: &str = "select min(seq) from audit where chain_id = $1 and segment >= $2";
const LAST: &str = "select max(seq) from audit where chain_id = $1";
const MAC_OF: &str = "select mac from audit where chain_id = $1 and seq = $2";
const INSERT: &str = "insert into audit_checkpoints (chain_id, seq, mac, at, signature) values ($1, $2, $3, $4, $5)";
const DELETE: &str = "delete from audit where chain_id = $1 and seq <= $2";
const FORGET: &str = "delete from audit_checkpoints where chain_id = $1 and seq < $2";

impl Store {
    /// Lets every row go that is older than the month `first_kept` (e.g. `2025-11`), in one transaction, and answers how
    /// many. Verify first: what goes can never be verified again.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; nothing has gone then.
    pub async fn retain_trail(&self, first_kept: &str, by: Author) -> Result<u64, StoreError> {
        let mut gone = 0;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let chains: Vec<String> = sqlx::query_scalar(CHAINS).bind(ROLL).fetch_all(&mut *tx).await?;
            for chain in chains {
                // By number and not by month: a clock that was put back must not tear a hole.
                let kept: Option<i64> =
                    sqlx::query_scalar(FIRST_KEPT).bind(&chain).bind(first_kept).fetch_one(&mut *tx).await?;
                let last: Option<i64> = match kept {
                    Some(kept) => Some(kept - 1),
                    None => sqlx::query_scalar(LAST).bind(&chain).fetch_one(&mut *tx).await?,
                };
                let Some(last) = last else { continue };
                let mac: Option<Vec<u8>> =
                    sqlx::query_scalar(MAC_OF).bind(&chain).bind(last).fetch_optional(&mut *tx).await?;
                let Some(mac) = mac else { continue };
                let signature = checkpoint_signature(&self.secrets.audit, &chain, last, &mac).to_vec();
                sqlx::query(INSERT)
                    .bind(&chain)
                    .bind(last)
                    .bind(mac)
                    .bind(by.at)
                    .bind(signature)
                    .execute(&mut *tx)
                    .await?;
                gone += sqlx::query(DELETE).bind(&chain).bind(last).execute(&mut *tx).await?.rows_affected();
                sqlx::query(FORGET).bind(&chain).bind(last).execute(&mut *tx).await?;
            }
            if gone > 0 {
                let entry = by.entry(Act::Purge, Resource::Audit).over(gone as usize);
                append_audit!(tx, self, &[entry.because(format!("kept from {first_kept}"))]);
            }
            tx.commit().await?;
        });
        Ok(gone)
    }
}
