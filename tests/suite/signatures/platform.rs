//! Words of the platform and the cause that each speaks for.

use a2::signatures::classify;

/// Every pair whose first finding is not the cause.
fn wrong(pairs: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (text, cause) in pairs {
        let found = classify(text);
        let first = found.first().map_or("none", |f| f.cause);
        if first != *cause {
            let ids: Vec<_> = found.iter().map(|f| f.signature).collect();
            wrong.push(format!("{first} {ids:?} instead of {cause}: {text}"));
        }
    }
    wrong
}

#[test]
fn images() {
    let wrong = wrong(IMAGES);
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn starts() {
    let wrong = wrong(STARTS);
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn volumes() {
    let wrong = wrong(VOLUMES);
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn schedulers() {
    let wrong = wrong(SCHEDULING);
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn others() {
    let wrong = wrong(OTHERS);
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

const IMAGES: &[(&str, &str)] = &[
    (
        r#"rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.99": failed to resolve reference "docker.io/library/nginx:1.99": docker.io/library/nginx:1.99: not found"#,
        "image.not-found",
    ),
    (
        r#"Failed to pull image "nginx:1.99": rpc error: code = Unknown desc = Error response from daemon: manifest for nginx:1.99 not found: manifest unknown: manifest unknown"#,
        "image.not-found",
    ),
    (
        r#"Failed to pull image "quay.io/acme/thing:v3": rpc error: code = Unknown desc = reading manifest v3 in quay.io/acme/thing: manifest unknown"#,
        "image.not-found",
    ),
    (
        r#"Failed to pull image "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:9": rpc error: code = NotFound desc = failed to pull and unpack image "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:9": failed to resolve reference "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:9": 123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:9: not found"#,
        "image.not-found",
    ),
    (
        r#"Failed to pull image "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:9": rpc error: code = Unknown desc = Error response from daemon: repository 123456789012.dkr.ecr.eu-west-1.amazonaws.com/api not found: name unknown: The repository with name 'api' does not exist in the registry with id '123456789012'"#,
        "image.not-found",
    ),
    (
        r#"Failed to pull image "registry.corp.example/app:2": failed to pull and unpack image "registry.corp.example/app:2": failed to resolve reference "registry.corp.example/app:2": unexpected status from HEAD request to https://registry.corp.example/v2/app/manifests/2: 404 Not Found"#,
        "image.not-found",
    ),
    (
        r#"Back-off pulling image "ghcr.io/acme/web:latest": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "ghcr.io/acme/web:latest": failed to copy: httpReadSeeker: failed open: content at https://ghcr.io/v2/acme/web/manifests/sha256:0000 not found: not found"#,
        "image.not-found",
    ),
    (
        r#"Pod failed before main container starts due to ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/acme/step:7": failed to resolve reference "docker.io/acme/step:7": docker.io/acme/step:7: not found"#,
        "image.not-found",
    ),
    (
        r#"failed to pull and unpack image "docker.io/acme/private:1": failed to resolve reference "docker.io/acme/private:1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "acme/private:1": rpc error: code = Unknown desc = Error response from daemon: pull access denied for acme/private, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"#,
        "image.auth",
    ),
    (
        r#"failed to pull and unpack image "ghcr.io/acme/web:2": failed to resolve reference "ghcr.io/acme/web:2": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fweb%3Apull&service=ghcr.io: 401 Unauthorized"#,
        "image.auth",
    ),
    (
        r#"failed to pull and unpack image "ghcr.io/acme/web:2": failed to resolve reference "ghcr.io/acme/web:2": unexpected status from HEAD request to https://ghcr.io/v2/acme/web/manifests/2: 403 Forbidden"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "x.dkr.ecr.us-east-1.amazonaws.com/a:1": rpc error: code = Unknown desc = Error response from daemon: Get "https://x.dkr.ecr.us-east-1.amazonaws.com/v2/a/manifests/1": no basic auth credentials"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "acme.azurecr.io/a:1": [rpc error: code = Unknown desc = failed to pull and unpack image "acme.azurecr.io/a:1": failed to resolve reference "acme.azurecr.io/a:1": failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized]"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "quay.io/acme/p:1": rpc error: code = Unknown desc = initializing source docker://quay.io/acme/p:1: reading manifest 1 in quay.io/acme/p: unauthorized: access to the requested resource is not authorized"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "docker.io/acme/p:1": rpc error: code = Unknown desc = unable to retrieve auth token: invalid username/password: unauthorized: incorrect username or password; initializing source docker://docker.io/acme/p:1"#,
        "image.auth",
    ),
    (
        r#"rpc error: code = Unknown desc = failed to pull and unpack image "europe-docker.pkg.dev/acme/r/a:1": failed to resolve reference "europe-docker.pkg.dev/acme/r/a:1": failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "gcr.io/acme/a:1": rpc error: code = Unknown desc = Error response from daemon: denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/acme" (or it may not exist)"#,
        "image.auth",
    ),
    (
        r#"Failed to pull image "redis:7": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/redis:7": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/redis/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit."#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "redis:7": rpc error: code = Unknown desc = Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "redis:7": rpc error: code = Unknown desc = reading manifest 7 in docker.io/library/redis: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading"#,
        "image.registry",
    ),
    (r#"Failed to pull image "redis:7": pull QPS exceeded"#, "image.registry"),
    (
        r#"failed to pull and unpack image "registry.corp.example/a:1": failed to resolve reference "registry.corp.example/a:1": failed to do request: Head "https://registry.corp.example/v2/a/manifests/1": dial tcp: lookup registry.corp.example on 10.0.0.2:53: no such host"#,
        "image.registry",
    ),
    (
        r#"failed to pull and unpack image "registry.corp.example/a:1": failed to resolve reference "registry.corp.example/a:1": failed to do request: Head "https://registry.corp.example/v2/a/manifests/1": dial tcp 10.1.2.3:443: i/o timeout"#,
        "image.registry",
    ),
    (
        r#"failed to pull and unpack image "localhost:5000/a:1": failed to resolve reference "localhost:5000/a:1": failed to do request: Head "http://localhost:5000/v2/a/manifests/1": dial tcp 127.0.0.1:5000: connect: connection refused"#,
        "image.registry",
    ),
    (
        r#"failed to pull and unpack image "registry.corp.example/a:1": failed to resolve reference "registry.corp.example/a:1": failed to do request: Head "https://registry.corp.example/v2/a/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "10.0.0.5:5000/a:1": rpc error: code = Unknown desc = Error response from daemon: Get "https://10.0.0.5:5000/v2/": http: server gave HTTP response to HTTPS client"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "nginx": rpc error: code = Unknown desc = Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"#,
        "image.registry",
    ),
    (
        r#"failed to pull and unpack image "quay.io/a/b:1": failed to resolve reference "quay.io/a/b:1": unexpected status from HEAD request to https://quay.io/v2/a/b/manifests/1: 502 Bad Gateway"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": rpc error: code = Unknown desc = Error response from daemon: received unexpected HTTP status: 503 Service Unavailable"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": rpc error: code = Canceled desc = failed to pull and unpack image "quay.io/a/b:1": failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://cdn.quay.io/x": context canceled"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": rpc error: code = Unknown desc = pinging container registry quay.io: Get "https://quay.io/v2/": dial tcp: lookup quay.io: Temporary failure in name resolution"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": rpc error: code = FailedPrecondition desc = failed to pull and unpack image "quay.io/a/b:1": failed commit on ref "layer-sha256:12": unexpected commit digest sha256:34, expected sha256:12: failed precondition"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": rpc error: code = Unknown desc = failed to pull and unpack image "quay.io/a/b:1": failed to copy: read tcp 10.0.0.1:4242->1.2.3.4:443: read: connection reset by peer"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": rpc error: code = Unknown desc = failed to pull and unpack image "quay.io/a/b:1": failed to copy: unexpected EOF"#,
        "image.registry",
    ),
    (
        r#"Failed to pull image "a:1": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/a:1": failed to extract layer sha256:ab: write /var/lib/containerd/x: no space left on device: unknown"#,
        "storage.full",
    ),
    (
        r#"Failed to apply default image tag "Foo:::": couldn't parse image name "Foo:::": invalid reference format: repository name (library/Foo) must be lowercase"#,
        "image.invalid",
    ),
    (r#"couldn't parse image reference "nginx:1:2": invalid reference format"#, "image.invalid"),
    (r#"Container image "local/dev:1" is not present with pull policy of Never"#, "image.invalid"),
    ("Error: ErrImageNeverPull", "image.invalid"),
    ("Error: InvalidImageName", "image.invalid"),
    (r#"failed to pull and unpack image "docker.io/acme/amd:1": no match for platform in manifest: not found"#, "image.invalid"),
    (
        r#"Failed to pull image "acme/amd:1": rpc error: code = Unknown desc = Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries"#,
        "image.invalid",
    ),
    (
        r#"Failed to pull image "acme/amd:1": rpc error: code = Unknown desc = choosing an image from manifest list docker://acme/amd:1: no image found in manifest list for architecture "arm64", variant "v8", OS "linux""#,
        "image.invalid",
    ),
    (
        r#"Failed to pull image "busybox": rpc error: code = Unknown desc = short-name "busybox" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf""#,
        "image.invalid",
    ),
    (
        r#"Failed to pull image "quay.io/a/b:1": SignatureValidationFailed: Source image rejected: A signature was required, but no signature exists"#,
        "image.invalid",
    ),
    (
        r#"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "registry.k8s.io/pause:3.9": failed to pull image "registry.k8s.io/pause:3.9": failed to pull and unpack image "registry.k8s.io/pause:3.9": failed to resolve reference "registry.k8s.io/pause:3.9": failed to do request: Head "https://registry.k8s.io/v2/pause/manifests/3.9": dial tcp 34.96.108.209:443: i/o timeout"#,
        "image.registry",
    ),
    (
        r#"failed to pull and unpack image "docker.io/a/old:1": failed to unpack image: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1"#,
        "image.invalid",
    ),
    // The words alone tell nothing.
    (r#"Back-off pulling image "acme/web:1""#, "none"),
    ("Error: ErrImagePull", "none"),
    ("Error: ImagePullBackOff", "none"),
    ("Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.", "none"),
];

const STARTS: &[(&str, &str)] = &[
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "serve": executable file not found in $PATH: unknown"#,
        "config.command",
    ),
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/start.sh": stat /app/start.sh: no such file or directory: unknown"#,
        "config.command",
    ),
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/etc/hosts": permission denied: unknown"#,
        "config.command",
    ),
    (
        r#"Error: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app": is a directory: unknown"#,
        "config.command",
    ),
    (
        r#"Error: failed to start container "c": Error response from daemon: OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "serve": executable file not found in $PATH: unknown"#,
        "config.command",
    ),
    (
        r#"Error: failed to start container "c": Error response from daemon: oci runtime error: container_linux.go:247: starting container process caused "exec: \"serve\": executable file not found in $PATH""#,
        "config.command",
    ),
    (
        r#"Error: container create failed: time="2024-01-02T03:04:05Z" level=error msg="runc create failed: unable to start container process: exec: \"serve\": executable file not found in $PATH""#,
        "config.command",
    ),
    (r#"Error: container create failed: executable file `serve` not found in $PATH: No such file or directory"#, "config.command"),
    (
        r#"container create failed: crun: executable file `serve` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found"#,
        "config.command",
    ),
    (r#"container create failed: crun: open executable: Permission denied: OCI permission denied"#, "config.command"),
    (r#"standard_init_linux.go:228: exec user process caused: no such file or directory"#, "config.command"),
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: chdir to cwd ("/srv/app") set in config.json failed: no such file or directory: unknown"#,
        "config.command",
    ),
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: mkdir /etc/passwd: not a directory: unknown"#,
        "config.command",
    ),
    (r#"failed to generate container "abc" spec: failed to generate spec: no command specified"#, "config.command"),
    (
        r#"failed to create containerd task: failed to create shim task: failed to create container: OCI runtime create failed: creating container: cannot create gofer process: error finding executable "serve" in PATH [/bin /usr/bin]: no such file or directory"#,
        "config.command",
    ),
    (
        r#"failed to create containerd task: failed to create shim task: hcs::System::CreateProcess c1: The system cannot find the file specified.: unknown"#,
        "config.command",
    ),
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec /app/server: exec format error: unknown"#,
        "image.invalid",
    ),
    (r#"standard_init_linux.go:219: exec user process caused: exec format error"#, "image.invalid"),
    (r#"container create failed: crun: exec container process `/app/server`: Exec format error"#, "image.invalid"),
    (
        r#"Error: container has runAsNonRoot and image will run as root (pod: "web-0_default(11111111-2222-3333-4444-555555555555)", container: web)"#,
        "config.permission",
    ),
    (
        r#"container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root (pod: "web-0_default(1)", container: web)"#,
        "config.permission",
    ),
    (r#"container's runAsUser breaks non-root policy (pod: "web-0_default(1)", container: web)"#, "config.permission"),
    (
        r#"failed to generate seccomp spec opts: cannot load seccomp profile "/var/lib/kubelet/seccomp/profiles/audit.json": open /var/lib/kubelet/seccomp/profiles/audit.json: no such file or directory"#,
        "config.permission",
    ),
    (r#"Cannot enforce AppArmor: profile "k8s-deny-write" is not loaded"#, "config.permission"),
    (
        r#"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: unable to apply apparmor profile: apparmor failed to apply profile: write /proc/self/attr/apparmor/exec: no such file or directory: unknown"#,
        "config.permission",
    ),
    (
        r#"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "proc" to rootfs at "/proc": mount proc:/proc (via /proc/self/fd/6), flags: 0xe: operation not permitted: unknown"#,
        "config.permission",
    ),
    (
        r#"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/var/lib/kubelet/pods/1/volumes/v" to rootfs at "/data/sub": create mountpoint for /data/sub mount: mkdirat /run/rootfs/data/sub: read-only file system: unknown"#,
        "config.permission",
    ),
    (
        r#"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown"#,
        "oom.container-limit",
    ),
    (r#"Error: set memory limit 1048576 too low; should be at least 12582912 bytes"#, "config.invalid"),
    (r#"Error response from daemon: Minimum memory limit allowed is 6MB"#, "config.invalid"),
    (
        r#"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error mounting "/var/lib/kubelet/pods/1/volume-subpaths/cfg/web/0" to rootfs at "/etc/app.conf": mount src=/x, dst=/etc/app.conf: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type"#,
        "config.invalid",
    ),
    (r#"Error: failed to prepare subPath for volumeMount "data" of container "web""#, "config.invalid"),
    (r#"Error: failed to create subPath directory for volumeMount "data" of container "web""#, "config.invalid"),
    (
        r#"failed to generate container "c" spec: failed to generate spec: linux spec user: unable to find user app: no matching entries in passwd file"#,
        "config.invalid",
    ),
    (
        r#"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "gvisor" is configured"#,
        "config.invalid",
    ),
    (r#"Failed to create pod sandbox: rpc error: code = Unknown desc = RuntimeHandler "kata" not supported"#, "config.invalid"),
    (r#"Error: secret "db-credentials" not found"#, "config.missing-reference"),
    (r#"Error: configmap "app-settings" not found"#, "config.missing-reference"),
    (r#"couldn't find key DB_HOST in ConfigMap shop/app-settings"#, "config.missing-reference"),
    (r#"couldn't find key password in Secret shop/db-credentials"#, "config.missing-reference"),
    (r#"MountVolume.SetUp failed for volume "cfg" : configmap references non-existent config key: app.yaml"#, "config.missing-reference"),
    (r#"MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.key"#, "config.missing-reference"),
    (r#"MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found"#, "config.missing-reference"),
    (r#"MountVolume.SetUp failed for volume "cfg" : configmap "web" not found"#, "config.missing-reference"),
    (r#"MountVolume.SetUp failed for volume "kube-api-access-abcde" : failed to fetch token: serviceaccounts "builder" not found"#, "config.missing-reference"),
    (
        r#"MountVolume.SetUp failed for volume "secrets" : rpc error: code = Unknown desc = failed to get secretproviderclass shop/aws, error: SecretProviderClass.secrets-store.csi.x-k8s.io "aws" not found"#,
        "config.missing-reference",
    ),
    ("Failed to start: PostStartHook failed", "lifecycle.hook"),
    (r#"Error: failed to reserve container name "web_web-0_default_1_0": name "web_web-0_default_1_0" is reserved for "0123""#, "none"),
    (r#"Error: container create failed: nsexec-0[1]: failed to sync with parent: error executing setns process: exit status 1"#, "none"),
];

const VOLUMES: &[(&str, &str)] = &[
    (r#"MountVolume.SetUp failed for volume "data" : hostPath type check failed: /mnt/data is not a directory"#, "storage.mount"),
    (r#"MountVolume.SetUp failed for volume "sock" : hostPath type check failed: /run/x.sock is not a socket file"#, "storage.mount"),
    (r#"Multi-Attach error for volume "pvc-1234" Volume is already exclusively attached to one node and can't be attached to another"#, "storage.mount"),
    (r#"Multi-Attach error for volume "pvc-1234" Volume is already used by pod(s) web-0"#, "storage.mount"),
    (
        r#"Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data kube-api-access-abcde]: timed out waiting for the condition"#,
        "storage.mount",
    ),
    (
        "MountVolume.SetUp failed for volume \"share\" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs 10.0.0.9:/export /var/lib/kubelet/pods/1/volumes/share\nOutput: mount.nfs: access denied by server while mounting 10.0.0.9:/export",
        "storage.mount",
    ),
    (
        "MountVolume.SetUp failed for volume \"share\" : mount failed: exit status 32\nMounting command: mount\nOutput: mount.nfs: Connection timed out",
        "storage.mount",
    ),
    (
        r#"MountVolume.MountDevice failed for volume "pvc-1" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ebs.csi.aws.com not found in the list of registered CSI drivers"#,
        "storage.mount",
    ),
    (
        r#"MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = could not format "/dev/nvme1n1" and mount it at "/x": mount failed: exit status 32 Output: mount: /x: wrong fs type, bad option, bad superblock on /dev/nvme1n1, missing codepage or helper program, or other error."#,
        "storage.mount",
    ),
    (r#"AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = NotFound desc = Volume "vol-1" not found"#, "storage.mount"),
    (
        r#"AttachVolume.Attach failed for volume "pvc-1" : timed out waiting for external-attacher of ebs.csi.aws.com CSI driver to attach volume vol-1"#,
        "storage.mount",
    ),
    (r#"MountVolume.NewMounter initialization failed for volume "local-pv" : path "/mnt/disks/ssd1" does not exist"#, "storage.mount"),
    (r#"MapVolume.SetUpDevice failed for volume "pvc-9" : rpc error: code = DeadlineExceeded desc = context deadline exceeded"#, "storage.mount"),
    (r#"MountVolume.SetUp failed for volume "pvc-9" : rpc error: code = Internal desc = mkdir /var/lib/kubelet/x: no space left on device"#, "storage.full"),
    (
        r#"Error: failed to create containerd container: error unpacking image: failed to create rootfs: mkdir /var/lib/containerd/tmpmounts/1: no space left on device"#,
        "storage.full",
    ),
    (r#"error processing PVC shop/data: PVC is not bound"#, "scheduling.volume"),
    (r#"MountVolume.NodeAffinity check failed for volume "pv-1" : no matching NodeSelectorTerms"#, "scheduling.volume"),
    (r#"MountVolume.SetUp failed for volume "kube-api-access-x" : failed to sync configmap cache: timed out waiting for the condition"#, "none"),
    (r#"MountVolume.SetUp failed for volume "cfg" : object "shop"/"web" not registered"#, "config.missing-reference"),
];

const SCHEDULING: &[(&str, &str)] = &[
    (
        "0/5 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/5 nodes are available: 1 No preemption victims found for incoming pod, 4 Preemption is not helpful for scheduling.",
        "scheduling.resources",
    ),
    ("0/3 nodes are available: 3 Insufficient cpu.", "scheduling.resources"),
    (
        "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient nvidia.com/gpu.",
        "scheduling.resources",
    ),
    ("0/3 nodes are available: 3 Too many pods. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", "scheduling.resources"),
    ("Unschedulable: 0/3 nodes are available: 3 Insufficient memory.", "scheduling.resources"),
    ("pod didn't trigger scale-up: 1 Insufficient cpu, 2 max node group size reached", "scheduling.resources"),
    (
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        "scheduling.placement",
    ),
    (
        "0/3 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 2 node(s) didn't match node selector.",
        "scheduling.placement",
    ),
    ("0/3 nodes are available: 3 node(s) were unschedulable.", "scheduling.placement"),
    ("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.", "scheduling.placement"),
    ("0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label).", "scheduling.placement"),
    ("0/3 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 2 node(s) had untolerated taint(s).", "scheduling.placement"),
    ("0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.", "scheduling.placement"),
    ("0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Insufficient memory.", "scheduling.placement"),
    ("0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims.", "scheduling.volume"),
    (
        r#"0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."#,
        "scheduling.volume",
    ),
    (r#"persistentvolumeclaim "data" not found"#, "scheduling.volume"),
    ("0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 node(s) had volume node affinity conflict.", "scheduling.volume"),
    ("0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind.", "scheduling.volume"),
    (r#"running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded"#, "scheduling.volume"),
    (r#"0/3 nodes are available: 3 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)."#, "scheduling.volume"),
    (
        r#"pods "web-6d4b7" is forbidden: exceeded quota: team, requested: limits.memory=2Gi, used: limits.memory=7Gi, limited: limits.memory=8Gi"#,
        "scheduling.quota",
    ),
    (r#"Error creating: pods "web-6d4b7" is forbidden: failed quota: team: must specify limits.cpu for: web; limits.memory for: web"#, "scheduling.quota"),
    (r#"pods "web-6d4b7" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi"#, "scheduling.quota"),
    (r#"pods "web-6d4b7" is forbidden: minimum cpu usage per Container is 100m, but request is 10m"#, "scheduling.quota"),
    (
        r#"pods "web-6d4b7" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true"#,
        "scheduling.quota",
    ),
    (
        r#"Error creating: admission webhook "validate.kyverno.svc-fail" denied the request: policy Pod/shop/web for resource violation: require-labels"#,
        "scheduling.quota",
    ),
    (
        r#"Error creating: Internal error occurred: failed calling webhook "inject.mesh.example": failed to call webhook: Post "https://injector.mesh.svc:443/inject?timeout=10s": dial tcp 10.96.1.1:443: connect: connection refused"#,
        "scheduling.quota",
    ),
    (r#"pods "web-" is forbidden: ValidatingAdmissionPolicy 'limits.example.com' with binding 'limits' denied request: too many replicas"#, "scheduling.quota"),
    (r#"Error creating: pods "web-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found"#, "scheduling.quota"),
    (r#"Error creating: pods "web-" is forbidden: no PriorityClass with name critical was found"#, "scheduling.quota"),
    (
        r#"Error creating: pods "web-" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount]"#,
        "scheduling.quota",
    ),
    (r#"Error creating: pods "web-" is forbidden: unable to create new content in namespace shop because it is being terminated"#, "scheduling.quota"),
    (
        r#"Error creating: Pod "web-" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#,
        "config.invalid",
    ),
    ("Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 1000, capacity: 4000", "scheduling.rejected"),
    ("Pod Node didn't have enough resource: memory, requested: 4000, used: 1000, capacity: 4000", "scheduling.rejected"),
    ("Pod Predicate NodeAffinity failed", "scheduling.rejected"),
    ("Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports", "scheduling.rejected"),
    (
        "Pod was rejected: Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 1, Available: 0, which is unexpected",
        "scheduling.rejected",
    ),
    ("Pod Resources cannot be allocated with Topology locality", "scheduling.rejected"),
    ("OutOfcpu", "scheduling.rejected"),
    ("OutOfmemory: Pod was rejected", "scheduling.rejected"),
    ("0/4 nodes are available: 4 cannot allocate all claims.", "scheduling.resources"),
    ("no nodes available to schedule pods", "scheduling.resources"),
];

const OTHERS: &[(&str, &str)] = &[
    (
        r#"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "abc": plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized"#,
        "none",
    ),
    (
        r#"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "abc": plugin type="flannel" failed (add): open /run/flannel/subnet.env: no such file or directory"#,
        "none",
    ),
    (
        r#"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "abc": plugin type="cilium-cni" failed (add): dial unix /var/run/cilium/cilium.sock: connect: connection refused"#,
        "none",
    ),
    (
        "network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
        "none",
    ),
    (r#"Readiness probe failed: Get "http://10.1.2.3:8080/healthz": dial tcp 10.1.2.3:8080: connect: connection refused"#, "none"),
    ("Liveness probe failed: HTTP probe failed with statuscode: 503", "none"),
    ("Container web failed liveness probe, will be restarted", "probe.liveness"),
    ("Container web failed startup probe, will be restarted", "probe.startup"),
    ("Back-off restarting failed container web in pod web-0_shop(1)", "none"),
    ("Pod was active on the node longer than the specified deadline", "timeout.deadline"),
    ("Job was active longer than specified deadline", "timeout.deadline"),
    ("Step exceeded its deadline", "timeout.deadline"),
    (r#"TaskRun "build" failed to finish within "10m0s""#, "timeout.deadline"),
    (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. Container web was using 900Mi, request is 0, has larger consumption of memory. ",
        "eviction.node-pressure",
    ),
    (r#"Usage of EmptyDir volume "cache" exceeds the limit "5Mi". "#, "eviction.storage-limit"),
    (r#"Container web exceeded its local ephemeral storage limit "10Mi". "#, "eviction.storage-limit"),
    ("Pod was terminated in response to imminent node shutdown.", "disruption.node-shutdown"),
    ("Pod was rejected as the node is shutting down.", "disruption.node-shutdown"),
    ("Pod was rejected: The node had condition: [DiskPressure]. ", "eviction.node-pressure"),
    ("Preempted by pod 0f0f0f0f-1111-2222-3333-444444444444 on node worker-1", "disruption.preempted"),
    ("Eviction API: evicting", "disruption.drained"),
    ("Taint manager: deleting due to NoExecute taint", "disruption.tainted"),
    ("PodGC: node no longer exists", "node.lost"),
    ("pod deleted", "disruption.deleted"),
    // A program's words are no platform's words.
    ("upload of blob failed: connection refused", "none"),
    ("username must be unique", "none"),
    ("the image gallery is not found", "none"),
];

/// What the first finding of a message names.
fn named(text: &str) -> Vec<String> {
    classify(text).first().map(|f| f.entities.iter().map(|e| format!("{}={}", e.kind.word(), e.value)).collect()).unwrap_or_default()
}

#[test]
fn messages_name_their_objects() {
    for (text, names) in [
        (
            r#"failed to pull and unpack image "registry.corp.example/a:1": failed to resolve reference "registry.corp.example/a:1": failed to do request: Head "https://registry.corp.example:8443/v2/a/manifests/1": dial tcp: lookup registry.corp.example on 10.0.0.2:53: no such host"#,
            &["object=registry.corp.example/a:1", "peer=registry.corp.example:8443"][..],
        ),
        ("0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.", &["object=cpu", "object=memory"]),
        (r#"0/3 nodes are available: persistentvolumeclaim "data" not found."#, &["object=data"]),
        ("0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: gpu}.", &["object=dedicated"]),
        ("couldn't find key DB_HOST in ConfigMap shop/app-settings", &["variable=DB_HOST", "object=ConfigMap shop/app-settings"]),
        (r#"exec: "/app/start.sh": stat /app/start.sh: no such file or directory"#, &["path=/app/start.sh"]),
        (r#"MountVolume.SetUp failed for volume "data" : hostPath type check failed: /mnt/data is not a directory"#, &["path=/mnt/data", "object=data"]),
        (r#"MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found"#, &[r#"object=secret "web-tls""#, "object=tls"]),
        (
            r#"pods "web" is forbidden: exceeded quota: team, requested: limits.memory=2Gi, used: limits.memory=7Gi, limited: limits.memory=8Gi"#,
            &["object=team", "object=limits.memory", "limit=2Gi"],
        ),
        ("Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 1000, capacity: 4000", &["object=cpu", "limit=4000"]),
    ] {
        let found = named(text);
        for name in names {
            assert!(found.iter().any(|f| f == name), "{name} is not among {found:?}: {text}");
        }
    }
}

#[test]
fn only_the_first_cause_is_meant() {
    let found = classify("0/5 nodes are available: 1 Insufficient memory, 4 node(s) had untolerated taint {a: b}. preemption: 0/5 nodes are available: 5 x.");
    let causes: Vec<_> = found.iter().map(|f| (f.cause, f.generic)).collect();
    assert_eq!(causes, [("scheduling.resources", false), ("scheduling.placement", true)]);
}

#[test]
fn hostile_messages_do_no_harm() {
    for text in ["", "\n\n", "0/", "preemption: ", "nodes are available", "\u{0}\u{1b}[31m", "é preemption: nodes are available", &"x".repeat(1 << 16)] {
        let _ = classify(text);
    }
}
