//! What the data protection officer must be told, and the emergency right that it is about.

use chrono::{DateTime, SubsecRound, Utc};

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Resource, Subject};

/// A notice, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its key.
    pub id: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// `break_glass`.
    pub kind: String,
    /// The reason that was given.
    pub detail: String,
    /// Whose doing; `None` when the account is gone.
    pub account: Option<i64>,
    /// When the officer noted it.
    pub seen_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    kind: String,
    detail: Vec<u8>,
    account_id: Option<i64>,
    seen_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Gives a session the emergency right until a moment, and leaves a notice with the reason. Tells whether there is
    /// such a session.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn break_glass(
        &self,
        account: i64,
        session: i64,
        reason: &str,
        until: DateTime<Utc>,
        by: Author,
    ) -> Result<bool, StoreError> {
        const UPDATE: &str = "update sessions set glass_until_at = $1 where id = $2 and account_id = $3";
        const INSERT: &str =
            "insert into notices (id, at, kind, detail, account_id) values ($1, $2, 'break_glass', $3, $4)";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(UPDATE).bind(until).bind(session).bind(account).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            let id = next_ids!(tx, "notices", 1);
            sqlx::query(INSERT)
                .bind(id)
                .bind(by.at.trunc_subsecs(3))
                .bind(self.sealed_row("notices", id).seal("detail", reason)?)
                .bind(account)
                .execute(&mut *tx)
                .await?;
            let entry = by.entry(Act::BreakGlass, Resource::Cases).about(Subject::Account(account));
            append_audit!(tx, self, &[entry.because(reason)]);
            tx.commit().await?;
            Ok(true)
        })
    }

    /// Every notice, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        const SELECT: &str = "select id, at, kind, detail, account_id, seen_at from notices order by id desc";
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT).fetch_all(pool).await?);
        rows.into_iter()
            .map(|row| {
                Ok(Notice {
                    detail: self.sealed_row("notices", row.id).open("detail", &row.detail)?,
                    id: row.id,
                    at: row.at,
                    kind: row.kind,
                    account: row.account_id,
                    seen_at: row.seen_at,
                })
            })
            .collect()
    }

    /// Lets notices go that were seen and are older than a moment, with the line of the trail, and answers how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_notices(&self, before: DateTime<Utc>, by: Author) -> Result<u64, StoreError> {
        const FORGET: &str = "delete from notices where at < $1 and seen_at is not null";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let gone = sqlx::query(FORGET).bind(before).execute(&mut *tx).await?.rows_affected();
            if gone > 0 {
                append_audit!(tx, self, &[by.entry(Act::Purge, Resource::Notices).over(gone as usize)]);
                tx.commit().await?;
            }
            Ok(gone)
        })
    }

    /// Notes that a notice was seen; the first time counts. Tells whether there is such a notice.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn note_notice_seen(&self, id: i64, by: Author) -> Result<bool, StoreError> {
        const UPDATE: &str = "update notices set seen_at = coalesce(seen_at, $1) where id = $2";
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let done = sqlx::query(UPDATE).bind(by.at.trunc_subsecs(3)).bind(id).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            append_audit!(tx, self, &[by.entry(Act::Update, Resource::Notices).because("seen")]);
            tx.commit().await?;
            Ok(true)
        })
    }
}
