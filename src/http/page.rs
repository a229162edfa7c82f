//! The page, embedded in the program. `cargo build` works without it and then says how to build it.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use rust_embed::RustEmbed;

use super::App;
use super::error::{Problem, not_found};

#[derive(RustEmbed)]
#[folder = "static/dist/"]
#[allow_missing = true]
struct Assets;

const NOT_BUILT: &str = "<!doctype html><html lang=\"fr\"><meta charset=\"utf-8\"><title>BienVeilleurs</title>\
    <h1>La page n’est pas encore construite</h1><p>Lancez <code>./run</code>, ou <code>npm ci &amp;&amp; npm run build</code> \
    dans le dossier <code>static</code>, puis recompilez le programme. L’interface de programmation répond déjà sous \
    <a href=\"/api/docs\">/api/docs</a>.</p></html>";

/// The page and its files; none holds data.
pub(super) fn routes() -> [(&'static str, MethodRouter<App>); 3] {
    [("/", get(index)), ("/assets/{*path}", get(asset)), ("/favicon.svg", get(|| file("favicon.svg")))]
}

async fn index() -> Response {
    match Assets::get("index.html") {
        Some(page) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.data).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

/// Files under `assets/` bear a hash of their content in their name: they may be kept for ever.
async fn asset(Path(path): Path<String>) -> Response {
    file(&format!("assets/{path}")).await
}

async fn file(path: &str) -> Response {
    match Assets::get(path) {
        Some(file) => {
            let kind = file.metadata.mimetype().to_owned();
            (
                [(header::CONTENT_TYPE, kind.as_str()), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")],
                file.data,
            )
                .into_response()
        }
        None => Problem::into_response(not_found().await),
    }
}
