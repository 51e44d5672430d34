//! A start that is refused, in the words of several runtimes and image libraries.

use serde_json::json;

use super::hand::{Hand, waiting};

const CRIO: &str = "initializing source docker://registry.example/app:9: ";

#[test]
fn a_refused_start_in_the_words_of_other_runtimes() {
    let head = "failed to pull and unpack image \"registry.example/app:9\": failed to resolve reference \"registry.example/app:9\": ";
    let exec = "executable file not found in $PATH";
    let rows: &[(&str, &str, String, &str)] = &[
        // CRI-O and the containers/image library.
        ("CRI-O", "ErrImagePull", format!("{CRIO}reading manifest 9 in registry.example/app: manifest unknown"), "image.not-found"),
        ("CRI-O", "ErrImagePull", format!("{CRIO}reading manifest 9 in registry.example/app: unauthorized: access to the requested resource is not authorized"), "image.auth"),
        ("CRI-O", "ErrImagePull", format!("{CRIO}Requesting bearer token: invalid status code from registry 403 (Forbidden)"), "image.auth"),
        ("CRI-O", "ErrImagePull", format!("{CRIO}pinging container registry registry.example: Get \"http://registry.example/v2/\": dial tcp 10.0.0.9:5000: connect: connection refused"), "image.registry"),
        ("CRI-O", "ErrImagePull", format!("{CRIO}pinging container registry registry.example: Get \"https://registry.example/v2/\": dial tcp: lookup registry.example on 10.0.0.10:53: no such host"), "image.registry"),
        ("CRI-O", "ErrImagePull", format!("{CRIO}reading manifest 9 in registry.example/app: toomanyrequests: You have reached your pull rate limit"), "image.registry"),
        ("CRI-O", "ErrImagePull", "choosing image instance: no image found in manifest list for architecture arm64, variant \"v8\", OS linux".to_owned(), "image.invalid"),
        ("CRI-O", "CreateContainerError", format!("container create failed: time=\"2030-01-02T03:00:00Z\" level=error msg=\"runc create failed: unable to start container process: exec: \\\"serve\\\": {exec}\""), "config.command"),
        ("crun", "CreateContainerError", "container create failed: executable file `serve` not found in $PATH: No such file or directory".to_owned(), "config.command"),
        // Docker.
        ("docker", "RunContainerError", format!("failed to start container \"x\": Error response from daemon: OCI runtime create failed: container_linux.go:380: starting container process caused: exec: \"serve\": {exec}: unknown"), "config.command"),
        ("docker", "ErrImagePull", "rpc error: code = Unknown desc = Error response from daemon: manifest for registry.example/app:9 not found: manifest unknown: manifest unknown".to_owned(), "image.not-found"),
        ("docker", "ErrImagePull", "rpc error: code = Unknown desc = Error response from daemon: Get \"https://registry.example/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)".to_owned(), "image.registry"),
        // containerd.
        ("containerd", "ErrImagePull", format!("{head}unexpected status from HEAD request to https://registry.example/v2/app/manifests/9: 429 Too Many Requests"), "image.registry"),
        ("containerd", "ErrImagePull", format!("{head}unexpected status from HEAD request to https://registry.example/v2/app/manifests/9: 401 Unauthorized"), "image.auth"),
        ("containerd", "ErrImagePull", format!("{head}registry.example/app:9: not found"), "image.not-found"),
        ("containerd", "ErrImagePull", "failed to pull and unpack image \"registry.example/app:9\": no match for platform in manifest: not found".to_owned(), "image.invalid"),
        ("containerd", "ErrImagePull", format!("{head}failed to do request: Head \"https://registry.example/v2/app/manifests/9\": tls: failed to verify certificate: x509: certificate signed by unknown authority"), "image.registry"),
        ("containerd", "ErrImagePull", format!("{head}failed to do request: Head \"https://registry.example/v2/app/manifests/9\": http: server gave HTTP response to HTTPS client"), "image.registry"),
    ];
    let mut wrong = Vec::new();
    for (runtime, reason, message, want) in rows {
        // What the first try says, and what the back-off after it repeats.
        let image = *reason == "ErrImagePull";
        let later = if image { format!("Back-off pulling image \"registry.example/app:9\": ErrImagePull: {message}") } else { message.clone() };
        for (reason, text) in [(*reason, message), (if image { "ImagePullBackOff" } else { *reason }, &later)] {
            let report = Hand::new(waiting(reason, text)).set("/status/phase", json!("Pending")).report();
            if report.verdict.cause != *want || report.history.subject.mechanism.word() != "not-started" {
                wrong.push(format!("{runtime}, {reason}: {} instead of {want}: {text}", report.verdict.cause));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
