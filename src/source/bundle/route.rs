//! Which recorded answer belongs to a request.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::{HeaderValue, Method, Response};
use serde_json::{Value, json};

use crate::evidence::GapKind;
use crate::source::query::Query;
use crate::source::resource::{ApiPath, kind_of};
use crate::source::status::{MALFORMED, NOT_COVERED, fail, failure, gap_warning, json_response};

use super::list::Loaded;
use super::logs;
use super::manifest::{Answer, LogsAsked};
use super::selector::{FieldSelector, LabelSelector};
use super::service::Bundle;
use super::table;

/// Where the items of a list come from.
#[derive(Default)]
struct Items {
    lists: Vec<Arc<Loaded>>,
    /// What is missing, for warnings.
    missing: Vec<(GapKind, String)>,
    /// The recorder stopped before the end.
    incomplete: bool,
}

impl Bundle {
    pub(super) fn route(&self, method: &Method, path: &str, query: &str, accept: &str) -> Response<Vec<u8>> {
        if method != Method::GET {
            return fail(405, "MethodNotAllowed", "a bundle can only be read");
        }
        if path == "/version" {
            return self.version();
        }
        let query = Query::parse(query);
        let Some(parsed) = ApiPath::parse(path) else { return not_covered(path) };
        match (&parsed.name, parsed.subresource.as_deref()) {
            _ if query.is_true("watch") => not_covered(path),
            (None, _) => self.list(&parsed, &query, accept),
            (Some(name), None) => self.get(&parsed, path, name),
            (Some(name), Some("log")) if parsed.resource == "pods" => self.log(&parsed, path, name, &query),
            _ => not_covered(path),
        }
    }

    fn version(&self) -> Response<Vec<u8>> {
        let recorded = self.store.read("version.json").ok().flatten().and_then(|b| serde_json::from_slice::<Value>(&b).ok()).filter(Value::is_object);
        match (recorded, &self.manifest.server_version) {
            (Some(version), _) => json_response(200, &version),
            (None, Some(version)) => json_response(200, &json!({ "gitVersion": version })),
            (None, None) => not_covered("/version"),
        }
    }

    fn get(&self, parsed: &ApiPath, path: &str, name: &str) -> Response<Vec<u8>> {
        let collection = parsed.collection();
        if let Some(answer) = self.manifest.refusal(path, "get").or_else(|| self.manifest.refusal(&collection, "get")) {
            return replay(answer);
        }
        if let Some(outline) = self.outline(parsed) {
            return match outline.get(name) {
                Some(item) => json_response(200, &item),
                None if self.manifest.covered.contains(&collection) => not_found(parsed, name),
                None => not_covered(path),
            };
        }
        let loaded = match self.load(parsed) {
            Ok(loaded) => loaded,
            Err(why) => return fail(500, MALFORMED, &why),
        };
        let found = loaded.items.iter().find(|i| i.pointer("/metadata/name").and_then(Value::as_str) == Some(name));
        match found {
            Some(item) => json_response(200, item),
            // The nameless one may be this one.
            None if !loaded.problems.is_empty() => fail(500, MALFORMED, &loaded.problems.join("; ")),
            None if self.is_covered(&collection, &loaded) => not_found(parsed, name),
            None => not_covered(path),
        }
    }

    /// A recorded list without a file was empty, unless the recorder was refused.
    fn is_covered(&self, collection: &str, loaded: &Loaded) -> bool {
        self.manifest.covered.contains(collection) && (loaded.present || self.manifest.refusal(collection, "list").is_none())
    }

    fn list(&self, parsed: &ApiPath, query: &Query, accept: &str) -> Response<Vec<u8>> {
        let path = parsed.collection();
        let wants_table = accept.contains("as=Table");
        let selector = query.selector();
        let exact = self.manifest.answer(&path, "list", &selector, wants_table);
        if let Some(answer) = exact.filter(|a| a.code >= 400 || a.status.is_some()) {
            return replay(answer);
        }
        if let Some(answer) = self.manifest.refusal(&path, "list") {
            return replay(answer);
        }
        // Rows without a selector need no look at the objects.
        let plain = exact.is_none() && selector.is_empty() && parsed.namespace.is_some() && self.manifest.covered.contains(&path);
        if wants_table && plain {
            if let Some(table) = self.recorded_table(true, &path, query, &[]) {
                return table;
            }
            if let Some(table) =
                (parsed.resource == "pods").then(|| self.outline(parsed)).flatten().map(|o| table::printed(o.rows(self.manifest.captured_at), query))
            {
                return table;
            }
        }
        let items = match self.items(parsed, &path, exact) {
            Ok(Some(items)) => items,
            Ok(None) => return not_covered(&path),
            Err(why) => return fail(500, MALFORMED, &why),
        };
        let (labels, fields) = match (
            LabelSelector::parse(query.get("labelSelector").unwrap_or_default()),
            FieldSelector::parse(query.get("fieldSelector").unwrap_or_default()),
        ) {
            (Ok(labels), Ok(fields)) => (labels, fields),
            (Err(why), _) | (_, Err(why)) => return fail(400, "BadRequest", &why),
        };
        let namespace = parsed.namespace.as_deref();
        let in_namespace = |item: &Value| match (namespace, item.pointer("/metadata/namespace").and_then(Value::as_str)) {
            (Some(asked), Some(is)) => asked == is,
            _ => true,
        };
        let chosen: Vec<&Value> = items.lists.iter().flat_map(|l| &l.items).filter(|i| in_namespace(i) && labels.matches(i) && fields.matches(i)).collect();
        let mut response = match self.recorded_table(wants_table, &path, query, &chosen) {
            Some(response) => response,
            None => match table::page(&chosen, query) {
                Ok((page, mut metadata)) => {
                    if items.incomplete
                        && metadata.get("continue").is_none()
                        && let Some(map) = metadata.as_object_mut()
                    {
                        map.insert("continue".to_owned(), Value::from("not-recorded"));
                    }
                    let kind = kind_of(&parsed.resource).or_else(|| chosen.first().and_then(|i| i.get("kind")?.as_str())).unwrap_or_default();
                    table::list(kind, &parsed.api_version, page, metadata)
                }
                Err(refused) => *refused,
            },
        };
        if let Some(answer) = exact {
            warn(&mut response, answer);
        }
        let malformed = items.lists.iter().flat_map(|l| &l.problems).map(|p| (GapKind::Malformed, p.clone()));
        for (kind, why) in malformed.chain(items.missing.iter().cloned()) {
            if let Some(warning) = gap_warning(kind, &why) {
                response.headers_mut().append(http::header::WARNING, warning);
            }
        }
        response
    }

    fn items(&self, parsed: &ApiPath, path: &str, exact: Option<&Answer>) -> Result<Option<Items>, String> {
        if let Some(answer) = exact
            && parsed.namespace.is_some()
        {
            return Ok(Some(Items { lists: vec![self.load(parsed)?], incomplete: answer.incomplete, ..Items::default() }));
        }
        if self.manifest.covered.contains(path) {
            return Ok(Some(Items { lists: vec![self.load(parsed)?], ..Items::default() }));
        }
        let everywhere = ApiPath { namespace: None, ..parsed.clone() };
        if parsed.namespace.is_some() {
            let whole = self.manifest.covered.contains(&everywhere.collection());
            return if whole { Ok(Some(Items { lists: vec![self.load(&everywhere)?], ..Items::default() })) } else { Ok(None) };
        }
        // A cluster-wide list is the union of what was recorded.
        let mut namespaces = self.manifest.namespaces_with(&parsed.api_version, &parsed.resource);
        if exact.is_some() {
            namespaces.extend(self.manifest.namespaces.iter().cloned());
            namespaces.sort();
            namespaces.dedup();
        }
        if namespaces.is_empty() && exact.is_none() {
            return Ok(None);
        }
        let mut items = Items { incomplete: exact.is_some_and(|a| a.incomplete), ..Items::default() };
        for namespace in &namespaces {
            match self.load(&ApiPath { namespace: Some(namespace.clone()), ..parsed.clone() }) {
                Ok(loaded) => items.lists.push(loaded),
                Err(why) => items.missing.push((GapKind::Malformed, why)),
            }
        }
        if exact.is_none() {
            items.missing.push((GapKind::NotAsked, format!("only namespaces {} were recorded", namespaces.join(", "))));
        }
        Ok(Some(items))
    }

    fn recorded_table(&self, wanted: bool, path: &str, query: &Query, chosen: &[&Value]) -> Option<Response<Vec<u8>>> {
        let recorded = wanted.then(|| self.recorded(path)).flatten()?;
        let selected = query.get("labelSelector").is_some() || query.get("fieldSelector").is_some();
        let names: BTreeSet<&str> = chosen.iter().filter_map(|i| i.pointer("/metadata/name").and_then(Value::as_str)).collect();
        Some(recorded.answer(selected.then_some(&names), query))
    }

    fn log(&self, parsed: &ApiPath, path: &str, name: &str, query: &Query) -> Response<Vec<u8>> {
        let previous = query.is_true("previous");
        let recorded = self.manifest.answer(path, "get", &query.selector(), false).or_else(|| self.manifest.refusal(path, "get"));
        if let Some(answer) = recorded.filter(|a| a.code >= 400) {
            return replay(answer);
        }
        let pods = match self.load(parsed) {
            Ok(pods) => pods,
            Err(why) => return fail(500, MALFORMED, &why),
        };
        let pod = pods.items.iter().find(|i| i.pointer("/metadata/name").and_then(Value::as_str) == Some(name));
        let known = pod.map(logs::containers).unwrap_or_default();
        let container = match (query.get("container"), known.as_slice()) {
            (Some(container), _) => container,
            (None, [only]) => only,
            (None, _) if pod.is_none() => "",
            (None, several) => {
                return fail(400, "BadRequest", &format!("a container name must be specified for pod {name}, choose one of: [{}]", several.join(" ")));
            }
        };
        if container.contains('/') || container.contains("..") {
            return fail(400, "BadRequest", &format!("container {container} is not valid for pod {name}"));
        }
        let file = format!("{}/{container}{}.log", path.trim_start_matches('/'), if previous { ".previous" } else { "" });
        match self.store.read(&file) {
            Ok(Some(log)) => return logs::serve(&log, query),
            Ok(None) => {}
            Err(why) => return fail(500, MALFORMED, &format!("{file}: {why}")),
        }
        let asked = match &self.manifest.logs {
            LogsAsked::All => true,
            LogsAsked::None => false,
            LogsAsked::Files(files) => files.contains(&file),
        };
        match pod {
            None if self.is_covered(&parsed.collection(), &pods) && pods.problems.is_empty() => not_found(parsed, name),
            _ if !asked => not_covered(path),
            Some(_) if !known.contains(&container) => fail(400, "BadRequest", &format!("container {container} is not valid for pod {name}")),
            // The kubelet's words (K/pkg/kubelet/kubelet_pods.go, validateContainerLogStatus).
            _ if previous => fail(400, "BadRequest", &format!("previous terminated container \"{container}\" in pod \"{name}\" not found")),
            _ => fail(400, "BadRequest", &format!("container \"{container}\" in pod \"{name}\" is not available")),
        }
    }
}

fn not_covered(path: &str) -> Response<Vec<u8>> {
    fail(501, NOT_COVERED, &format!("{path} is not in what was recorded"))
}

fn not_found(parsed: &ApiPath, name: &str) -> Response<Vec<u8>> {
    fail(404, "NotFound", &format!("{} \"{name}\" not found", parsed.resource_with_group()))
}

fn replay(answer: &Answer) -> Response<Vec<u8>> {
    let reason = match answer.code {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        410 => "Expired",
        429 => "TooManyRequests",
        504 => "Timeout",
        _ => "InternalError",
    };
    let words = || failure(answer.code, reason, &format!("recorded answer {} for {}", answer.code, answer.path));
    let mut response = json_response(answer.code, &answer.status.clone().unwrap_or_else(words));
    warn(&mut response, answer);
    response
}

/// What was missing when it was recorded is missing now.
fn warn(response: &mut Response<Vec<u8>>, answer: &Answer) {
    for warning in answer.warnings.iter().filter_map(|w| HeaderValue::from_str(w).ok()) {
        response.headers_mut().append(http::header::WARNING, warning);
    }
}
