//! The whole service over a demonstration database, one call a line.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use bienveilleurs::cli::demonstration::{self, DemonstrationArgs};
use bienveilleurs::domain::settings::Settings;
use bienveilleurs::http::{App, router};
use bienveilleurs::service::quarters::quarters_or_shipped;
use bienveilleurs::service::study_area::StudyAreas;
use bienveilleurs::store::Store;
use chrono::{DateTime, TimeZone, Utc};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::Value;
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

/// A service of its own, with its own database and folder.
pub struct TestApp {
    pub store: Store,
    pub router: Router,
    pub folder: TempDir,
}

/// The fixed day of the tests.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).single().expect("a date")
}

fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().expect("the first recorder")).clone()
}

impl TestApp {
    /// An empty database with the shipped quarters.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store =
            Store::open(&format!("sqlite:{}", folder.path().join("test.sqlite").display())).await.expect("open");
        quarters_or_shipped(&store).await.expect("shipped quarters");
        let areas = StudyAreas::new(store.clone(), folder.path().to_owned(), Settings::default(), "test".into());
        let app = App { areas: Arc::new(areas), now, metrics: metrics() };
        Self { store, router: router(app), folder }
    }

    /// The demonstration.
    pub async fn demonstration() -> Self {
        let app = Self::empty().await;
        app.load_demonstration().await;
        app
    }

    pub async fn load_demonstration(&self) {
        let args = DemonstrationArgs { seed: 2020, files_only: None };
        let mut said = Vec::new();
        let code = demonstration::run(&args, &self.store, self.folder.path(), now(), &mut said).await.expect("demo");
        assert_eq!(code, 0, "{}", String::from_utf8_lossy(&said));
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header(header::HOST, "127.0.0.1:8080").body(Body::empty()).expect("a request"))
            .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        self.send(request).await
    }
}
