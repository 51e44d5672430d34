//! Planted secrets.

use a2::redact::{Redactor, redact, secret_name, show};

/// The line before the secret, the secret, the rest, the kind in its placeholder.
const PLANTED: &[(&str, &str, &str, &str)] = &[
    ("session ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLTE", " refused", "jwt"),
    ("Authorization: Bearer ", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.AbCdEf123", "", "jwt"),
    ("got header authorization: Bearer ", "9f8e7d6c5b4a39281706", " from client", "bearer"),
    ("retrying with bearer ", "A1b2C3d4E5f6G7h8", "", "bearer"),
    ("Authorization: Basic ", "dXNlcjpodW50ZXIy", "", "authorization"),
    ("sent Basic ", "dXNlcjpwYXNz", " to proxy", "basic-auth"),
    ("key ", "AKIAIOSFODNN7EXAMPLE", " is disabled", "aws-key"),
    ("aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "password"),
    ("using ", "AIzaSyA1234567890abcdefghijklmnopqrstuv", "", "google-api-key"),
    ("token ya29 is ", "ya29.a0AfH6SMBx1234567890abcdef", "", "gcp-token"),
    (
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=",
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==",
        ";EndpointSuffix=core",
        "azure-key",
    ),
    ("GET https://x.blob.core.windows.net/c/b?sv=2022&sig=", "a1b2c3d4e5f6%2Babcdefghi%3D", "&se=2030 403", "azure-sas"),
    ("cloning with ", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "", "github-token"),
    ("cloning with ", "github_pat_11ABCDEFG0abcdefghijklm_nopqrstuv", "", "github-token"),
    ("push ", "glpat-abcdefghij0123456789", "", "gitlab-token"),
    ("slack ", "xoxb-123456789012-1234567890123-abcdefghijklmnop", "", "slack-token"),
    ("POST https://hooks.slack.com/services/", "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", " 404", "slack-webhook"),
    ("charge with ", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "", "stripe-key"),
    ("openai ", "sk-proj-Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0", "", "openai-key"),
    ("claude ", "sk-ant-api03-abcdefghijklmnopqrstuvwx-yz0123", "", "anthropic-key"),
    ("npm ", "npm_abcdefghijklmnopqrstuvwxyz0123456789", "", "npm-token"),
    ("//npm.example.com/:_authToken=", "3f1c2b4a-0000-4000-8000-abcdefabcdef", "", "npm-token"),
    ("mail ", "SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789abc", "", "sendgrid-key"),
    ("hub ", "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "", "huggingface-token"),
    ("vault ", "hvs.CAESIJabcdefghijklmnopqrstuvwxyz", "", "vault-token"),
    ("bot ", "123456789:AAabcdefghijklmnopqrstuvwxyz0123456", "", "telegram-token"),
    ("connect postgres://app:", "hunter2", "@db.shop.svc:5432/app refused", "password"),
    ("connect redis://:", "s3cr3t-with@at", "@redis:6379/0", "password"),
    ("dsn app:", "hunter2", "@tcp(mysql:3306)/app", "password"),
    ("host=db user=app password=", "hunter2", " dbname=app", "password"),
    ("{\"user\":\"app\",\"password\":\"", "correct horse battery", "\"}", "password"),
    ("env {'API_KEY': '", "abcdef", "', 'HOST': 'db'}", "password"),
    ("run --db-password ", "hunter2", " --port 80", "password"),
    ("curl -u app:", "hunter2", " https://x", "password"),
    ("ALTER ROLE app WITH PASSWORD '", "hunter2", "';", "password"),
    ("{\"auths\":{\"r.io\":{\"auth\":\"", "dXNlcjpodW50ZXIy", "\"}}}", "docker-auth"),
    ("Cookie: ", "session=abcdef0123456789; theme=dark", "", "cookie"),
    ("X-Api-Key: ", "abcd1234", "", "header"),
    ("GET /o?X-Amz-Signature=", "0123456789abcdef0123456789abcdef", "&x=1", "signature"),
    ("sentry https://", "0123456789abcdef0123456789abcdef", "@o1.ingest.sentry.io/1", "url-token"),
    (
        "loaded ",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyz/+ABCDEFGHIJ\nabcdefgh\n-----END RSA PRIVATE KEY-----",
        " ok",
        "private-key",
    ),
    ("pem=\"", "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\\n-----END PRIVATE KEY-----", "\\n\"", "private-key"),
];

#[test]
fn planted_secrets_are_gone() {
    let mut problems = Vec::new();
    let mut kinds: Vec<&str> = PLANTED.iter().map(|p| p.3).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert!(PLANTED.len() >= 40 && kinds.len() >= 20, "{} secrets of {} kinds", PLANTED.len(), kinds.len());
    for (before, secret, after, kind) in PLANTED {
        let text = format!("{before}{secret}{after}");
        let shown = show(&text);
        if shown.contains(secret) || secret.len() > 20 && shown.contains(&secret[secret.len() - 12..]) {
            problems.push(format!("leaks: {text}\n    -> {shown}"));
        } else if !shown.contains(&format!("[redacted:{kind}]")) {
            problems.push(format!("not {kind}: {text}\n    -> {shown}"));
        } else if !shown.ends_with(after) && *kind != "cookie" {
            problems.push(format!("the rest is gone: {text}\n    -> {shown}"));
        }
        if redact(&shown) != shown {
            problems.push(format!("not idempotent: {shown}\n    -> {}", redact(&shown)));
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_secret_beside_a_placeholder_is_one_all_the_same() {
    assert_eq!(show("AKIAIOSFODNN7EXAMPLE[redacted:jwt] AKIAIOSFODNN7EXAMPLF"), "[redacted:aws-key][redacted:jwt] [redacted:aws-key]");
}

#[test]
fn words_that_look_like_a_placeholder_hide_nothing_behind_them() {
    let text = "Cookie: a=Bearer [redacted:Cookie: a=postgres://u:";
    let once = show(text).into_owned();
    assert!(!once.contains("a=postgres"), "{once}");
    assert_eq!(show(&once), once.as_str());
}

#[test]
fn the_same_secret_has_the_same_placeholder() {
    let redactor = Redactor::new();
    let first = redactor.redact("postgres://app:hunter2@db/x").into_owned();
    assert_eq!(first, "postgres://app:[redacted:password#1]@db/x");
    assert_eq!(redactor.redact("password=other-one"), "password=[redacted:password#2]");
    assert_eq!(redactor.redact("PGPASSWORD=hunter2 psql"), "PGPASSWORD=[redacted:password#1] psql");
    assert_eq!(redactor.hide("password", "hunter2"), "[redacted:password#1]");
    assert_eq!(redactor.redact(&first), first.as_str());
}

#[test]
fn what_a_verdict_rests_on_stays() {
    for text in [
        r#"password authentication failed for user "app""#,
        "Access denied for user 'root'@'10.0.0.1' (using password: YES)",
        "NOAUTH Authentication required.",
        "dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host",
        "connect to postgres://db.shop.svc:5432/app failed: connection refused",
        "GET http://api.shop.svc:8080/v1/users?id=7&email=a@b.example 503",
        "pulling docker://localhost:5000/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "http://localhost:5000/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "pod 0f0f0f0f-1111-2222-3333-444444444444 on node worker-1",
        "Back-off restarting failed container sk-learn-trainer in pod sk-learn-trainer-7d9f8b6c5d-abcde_ml(0f0f0f0f-1111-2222-3333-444444444444)",
        "pod pypi-mirror-7c9d8f6b5d-abcde is ready",
        "pod xapp-server-7c9d8f6b5d-abcde is ready",
        r#"secret "db-credentials" not found"#,
        "couldn't find key password in Secret shop/db-credentials",
        r#"E0102 15:04:05.000000 1 kubelet.go:1] "Could not get secret" secret="shop/regcred" err="not found""#,
        "missing fields [\"password\", \"username\"]",
        "KeyError: 'API_TOKEN'",
        "Unexpected token } in JSON at position 42",
        "SyntaxError: Unexpected token: punc (})",
        "panic: environment variable DB_PASSWORD is not set",
        "DB_PASSWORD: required",
        "invalid token: expired",
        "    conn = connect(host=HOST, password=os.environ[\"DB_PASSWORD\"])",
        "    token = read_token_v2(path)",
        "redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled.",
        "max_tokens=512 token_count=17 tokenizer=bpe",
        "cache_key=user:42:profile lock_key=jobs/17 partition_key=eu-west-1",
        "failed to find PEM data: want -----BEGIN PRIVATE KEY-----",
        "docker run -u 1000:1000 app",
        "duplicate key value violates unique constraint \"users_pkey\"",
        "Key (email)=(a@b.example) already exists.",
        "thread 'main' panicked at src/auth/token.rs:12:5:",
        "the basic Authentication scheme is off",
        "cookie consent is required",
        "/var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory",
        "token=17 of 512",
        // As long as a row of a key: a class, and a digest in base32.
        "OrderRepositoryTransactionalAspectConfigurationPropertiesFactoryBean",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdibafybe",
    ] {
        let shown = show(text);
        assert_eq!(shown, text);
        assert!(matches!(shown, std::borrow::Cow::Borrowed(_)), "not borrowed: {text}");
    }
    // A header that is only mentioned does not take the rest of the log with it.
    let log = "want -----BEGIN PRIVATE KEY-----\npanic: no key\ngoroutine 1 [running]:\n";
    assert_eq!(show(log), log);
}

#[test]
fn names_of_secrets() {
    for name in
        ["DB_PASSWORD", "apiToken", "STRIPE_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "MYSQL_PWD", "SECRET_KEY_BASE", "client_secret", "PGPASSWORD"]
    {
        assert!(secret_name(name), "{name}");
    }
    for name in [
        "PASSWORD_FILE",
        "KEYBOARD",
        "MAX_TOKENS",
        "PARTITION_KEY",
        "SECRET_NAME",
        "TOKENIZERS_PARALLELISM",
        "API_KEY_HEADER",
        "COOKIE_DOMAIN",
        "JWT_EXPIRES_IN",
        "SSH_AUTH_SOCK",
        "HOSTNAME",
        "",
        "TOKEN_URL",
        "SECRETS_MANAGER_REGION",
    ] {
        assert!(!secret_name(name), "{name}");
    }
}
