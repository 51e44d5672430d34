//! `Status` bodies, and the two answers that only a bundle gives.

use http::{HeaderValue, Response};
use serde_json::{Value, json};

use crate::evidence::GapKind;

/// Reason of a `Status` that says: the recorder never asked this. Sent with 501, which no API server uses for a read.
pub const NOT_COVERED: &str = "NotCovered";
/// Reason of a `Status` that says: the recorded answer cannot be read.
pub const MALFORMED: &str = "Malformed";
/// The agent in a `Warning` header (RFC 9111) by which a bundle says that a list is less than whole.
pub const GAP_WARNING: &str = "299 a2-gap ";

/// A failure `Status` as the API server writes it.
pub(super) fn failure(code: u16, reason: &str, message: &str) -> Value {
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code })
}

/// A JSON response; the body is the value's text.
pub(super) fn json_response(code: u16, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A failure response.
pub(super) fn fail(code: u16, reason: &str, message: &str) -> Response<Vec<u8>> {
    json_response(code, &failure(code, reason, message))
}

/// Writes one gap as the value of a `Warning` header: visible ASCII only, bounded.
pub fn gap_warning(kind: GapKind, why: &str) -> Option<HeaderValue> {
    let plain: String = why.chars().map(|c| if c.is_ascii_graphic() && c != '"' || c == ' ' { c } else { '?' }).take(300).collect();
    HeaderValue::from_str(&format!("{GAP_WARNING}\"{}: {plain}\"", kind.word())).ok()
}

/// Reads what [`gap_warning`] wrote; other warnings are `None`.
pub fn read_gap_warning(value: &HeaderValue) -> Option<(GapKind, String)> {
    let text = value.to_str().ok()?.strip_prefix(GAP_WARNING)?.trim_matches('"');
    let (word, why) = text.split_once(": ")?;
    let kinds = [GapKind::Forbidden, GapKind::Expired, GapKind::NotFound, GapKind::TimedOut, GapKind::Malformed, GapKind::NotAsked];
    kinds.into_iter().find(|k| k.word() == word).map(|kind| (kind, why.to_owned()))
}
