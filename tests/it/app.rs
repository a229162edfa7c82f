//! The whole service over a demonstration database, one call a line.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::databases;
use crate::store_contract::begin_session;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header, request};
use bienveilleurs::cli::demonstration::{self, DemonstrationArgs};
use bienveilleurs::domain::access::Role;
use bienveilleurs::domain::audit::Author;
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::http::site::Site;
use bienveilleurs::http::{App, router};
use bienveilleurs::service::passwords::{Cost, Passwords};
use bienveilleurs::service::quarters::quarters_or_shipped;
use bienveilleurs::service::sign_in::{Attempt, Policy, Tokens, sign_in};
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::{NewAccount, NewDevice, Store};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tower::ServiceExt;

/// One answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &header::HeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

/// A service of its own, with its own database and folder, and somebody of each role signed in.
pub struct TestApp {
    pub store: Store,
    pub router: Router,
    pub folder: TempDir,
    /// Tokens of sessions.
    tokens: Mutex<BTreeMap<Role, String>>,
    /// The accounts that are signed in.
    accounts: Mutex<BTreeMap<Role, i64>>,
    /// Counts what is made under a name of its own.
    made: AtomicU32,
    pub policy: Arc<Policy>,
}

/// The volunteer who is signed in as `bienveilleur`.
pub const VOLUNTEER: &str = "BV-01";

/// The fixed day of the tests.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).single().expect("a date")
}

/// Whoever writes in tests.
pub fn author() -> Author {
    Author::command_line(now())
}

fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().expect("the first recorder")).clone()
}

impl TestApp {
    /// An empty database with the shipped quarters.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = databases::open(&databases::sqlite_url(&folder)).await.expect("open");
        quarters_or_shipped(&store).await.expect("shipped quarters");
        let areas = StudyAreas::new(store.clone(), folder.path().to_owned(), Settings::default(), "test".into());
        // Cheap to try, for tests sign in by the thousand; what it costs in earnest is measured elsewhere.
        let passwords = Passwords::with_cost(Cost { memory_kib: 64, passes: 1 });
        let policy = Arc::new(Policy { passwords, ..Policy::default() });
        let site = Arc::new(Site::default());
        let app = App { areas: Arc::new(areas), now, metrics: metrics(), policy: Arc::clone(&policy), site };
        let (tokens, accounts, made) = (Mutex::default(), Mutex::default(), AtomicU32::new(0));
        let app = Self { store, router: router(app), folder, tokens, accounts, made, policy };
        for role in Role::ALL.iter().filter(|role| **role != Role::Bienveilleur) {
            app.account(*role, None).await;
        }
        app
    }

    /// An account with one role, signed in.
    async fn account(&self, role: Role, volunteer: Option<&str>) {
        let login = format!("essai {role}");
        let password = "Un mot de passe pour les essais 1";
        let hash = self.policy.passwords.hash(password).await.expect("a hash");
        let new = NewAccount {
            login: &login,
            name: &format!("Essai {role}"),
            roles: &BTreeSet::from([role]),
            volunteer,
            password: &hash,
            demonstration: false,
        };
        let id = self.store.create_account(&new, author()).await.expect("an account");
        self.accounts.lock().expect("no panic").insert(role, id);
        let attempt =
            Attempt { login: &login, password, code: None, address: None, tokens: Tokens::default(), now: now() };
        let opened = sign_in(&self.store, &self.policy, attempt).await.expect("signed in");
        self.tokens.lock().expect("no panic").insert(role, opened.token.to_string());
    }

    /// The account that is signed in with this role.
    pub fn account_of(&self, role: Role) -> i64 {
        self.accounts.lock().expect("no panic")[&role]
    }

    fn next(&self) -> u32 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// An account of somebody else, whom nobody of the others is.
    pub async fn stranger(&self) -> i64 {
        let (login, name) = (format!("autrui {}", self.next()), format!("Zzautrui {}", self.next()));
        let roles = BTreeSet::from([Role::Accueil]);
        let new = NewAccount {
            login: &login,
            name: &name,
            roles: &roles,
            volunteer: None,
            password: "x",
            demonstration: false,
        };
        self.store.create_account(&new, author()).await.expect("an account")
    }

    /// Begins one more session of an account: its key and its token.
    pub async fn session_of(&self, account: i64) -> (i64, String) {
        let token = format!("{:0>43}", self.next());
        (begin_session(&self.store, account, &Sha256::digest(token.as_bytes())).await, token)
    }

    /// A phone of an account, on a session of its own.
    pub async fn device_of(&self, account: i64) -> i64 {
        let (session, token) = self.session_of(account).await;
        let token_hash = Sha256::digest(format!("phone {token}"));
        let lifetime = TimeDelta::days(30);
        let new = NewDevice { account, session, token_hash: &token_hash, pin: "x", lifetime };
        self.store.register_device(&new, author()).await.expect("registered").expect("a phone").id
    }

    /// Signs in again, after the session may have ended.
    pub async fn sign_in_again(&self, role: Role) {
        let (_, token) = self.session_of(self.account_of(role)).await;
        self.tokens.lock().expect("no panic").insert(role, token);
    }

    /// A request of somebody with this role, or of nobody.
    pub fn request(&self, role: Option<Role>, method: Method, path: &str) -> request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
        match role.and_then(|role| self.tokens.lock().expect("no panic").get(&role).cloned()) {
            Some(token) => request.header(header::COOKIE, format!("bv_session={token}")),
            None => request,
        }
    }

    /// Asks as somebody with this role, or as nobody.
    pub async fn ask(&self, role: Option<Role>, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(role, method.clone(), path);
        let request = if method == Method::GET {
            request.body(Body::empty())
        } else {
            request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
        };
        self.send(request.expect("a request")).await
    }

    /// The demonstration.
    pub async fn demonstration() -> Self {
        let app = Self::empty().await;
        app.load_demonstration().await;
        app
    }

    pub async fn load_demonstration(&self) {
        let args = DemonstrationArgs { seed: 2020, once: false, files_only: None };
        let mut said = Vec::new();
        let code = demonstration::run(&args, &self.store, self.folder.path(), &self.policy.passwords, now(), &mut said)
            .await
            .expect("demo");
        assert_eq!(code, 0, "{}", String::from_utf8_lossy(&said));
        if !self.tokens.lock().expect("no panic").contains_key(&Role::Bienveilleur) {
            self.account(Role::Bienveilleur, Some(VOLUNTEER)).await;
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Some(Role::Coordination), Method::GET, path, &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Some(Role::Coordination), Method::POST, path, body).await
    }
}
