//! A house with accounts: browsers that keep cookies, and a clock that a test moves.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use bienveilleurs::domain::audit::Author;
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::domain::totp;
use bienveilleurs::http::site::Site;
use bienveilleurs::http::{App, router};
use bienveilleurs::service::accounts::{self, AccountForm};
use bienveilleurs::service::passwords::{Cost, Passwords};
use bienveilleurs::service::sign_in::Policy;
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::{AuditFilter, AuditRow, Store};
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::app::{Answer, now};

pub const PASSWORD: &str = "kT7!mQ2%vR9&";
pub const OTHER: &str = "zP4?nB8#wD6+";

thread_local! {
    static NOW: Cell<DateTime<Utc>> = Cell::new(now());
}

/// The clock of one test: each runs on a thread of its own.
pub fn clock() -> DateTime<Utc> {
    NOW.get()
}

pub fn wait(time: TimeDelta) {
    NOW.set(clock() + time);
}

pub fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

/// Declares tests that run on both databases.
macro_rules! on_both {
    ($(async fn $name:ident($house:ident: House) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn body($house: House) $body

            #[tokio::test]
            async fn on_sqlite() {
                let (folder, store) = $crate::databases::sqlite().await;
                let (policy, site) = ($crate::house::cheap(), Default::default());
                body(House { store, policy, site, folder }).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                if let Some(store) = $crate::databases::postgres().await {
                    let folder = tempfile::tempdir().expect("a temporary folder");
                    let (policy, site) = ($crate::house::cheap(), Default::default());
                    body(House { store, policy, site, folder }).await;
                }
            }
        }
    )+};
}
pub(crate) use on_both;

/// Hashes that cost nothing; everything else as in earnest.
pub fn cheap() -> Policy {
    let passwords = Passwords::with_cost(Cost { memory_kib: 64, passes: 1 });
    Policy { passwords, ..Policy::default() }
}

pub struct House {
    pub store: Store,
    pub policy: Policy,
    pub site: Site,
    pub folder: TempDir,
}

impl House {
    pub async fn account(&self, login: &str, roles: &[&str]) -> i64 {
        let form = AccountForm {
            login: login.to_owned(),
            name: format!("Zoé de {login}"),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..AccountForm::default()
        };
        let by = Author::command_line(clock());
        let made = accounts::create(&self.store, &self.policy.passwords, &form, PASSWORD, by).await;
        made.expect("an account").id
    }

    /// The service as it would be served.
    pub fn app(&self) -> App {
        let folder = self.folder.path().to_owned();
        let areas = StudyAreas::new(self.store.clone(), folder, Settings::default(), "test".into());
        App {
            areas: Arc::new(areas),
            now: clock,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            policy: Arc::new(self.policy.clone()),
            site: Arc::new(self.site.clone()),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser { router: router(self.app()), cookies: BTreeMap::new(), address: None, view_as: None }
    }

    pub async fn signed_in(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        browser
    }

    /// `act resource outcome reason` of the trail, oldest first.
    pub async fn trail(&self) -> Vec<String> {
        let rows = self.store.audit(&AuditFilter::default()).await.expect("the trail");
        let line = |row: &AuditRow| {
            format!("{} {} {} {}", row.act, row.resource, row.outcome, row.reason).trim_end().to_owned()
        };
        rows.iter().rev().map(line).collect()
    }
}

/// Keeps cookies as a browser does.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookies: BTreeMap<String, String>,
    pub address: Option<&'static str>,
    /// Whose eyes it borrows.
    pub view_as: Option<i64>,
}

impl Browser {
    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(address) = self.address {
            let peer: SocketAddr = address.parse().expect("an address");
            request = request.extension(ConnectInfo(peer));
        }
        if let Some(account) = self.view_as {
            request = request.header("view-as", account);
        }
        let body = body.map_or_else(String::new, |body| body.to_string());
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/api/v1/session", json!({ "login": login, "password": password })).await
    }

    pub async fn sign_in_with(&mut self, login: &str, code: &str) -> Answer {
        self.post("/api/v1/session", json!({ "login": login, "password": PASSWORD, "code": code })).await
    }

    pub async fn pin(&mut self, pin: &str) -> Answer {
        self.post("/api/v1/session/pin", json!({ "pin": pin })).await
    }

    /// `200`, or status and code of the problem.
    pub async fn state(&mut self) -> String {
        said(&self.get("/api/v1/account/sessions").await)
    }

    pub fn session(&self) -> String {
        self.cookies.get("bv_session").cloned().unwrap_or_default()
    }
}

/// The status, and the code of a problem.
pub fn said(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    if status < 400 {
        status.to_string()
    } else {
        format!("{status} {}", answer.json()["code"].as_str().unwrap_or("?"))
    }
}

pub fn cookie(answer: &Answer) -> String {
    answer.header(&header::SET_COOKIE).to_owned()
}

/// The same bytes, but for the number of the request.
pub fn without_request_id(answer: &Answer) -> (StatusCode, Value) {
    let mut body = answer.json();
    body["request_id"] = Value::Null;
    (answer.status, body)
}

pub fn code_of(secret: &str) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    totp::code(&secret, totp::step(clock()))
}

/// Sets a second factor up and answers its secret.
pub async fn second_factor(browser: &mut Browser) -> String {
    let begun = browser.send(Method::POST, "/api/v1/account/second-factor", None).await;
    assert_eq!(begun.status, StatusCode::CREATED);
    let secret = begun.json()["secret"].as_str().expect("a secret").to_owned();
    let confirmed = browser.put("/api/v1/account/second-factor", json!({ "code": code_of(&secret) })).await;
    assert_eq!(said(&confirmed), "204");
    wait(TimeDelta::seconds(30));
    secret
}
