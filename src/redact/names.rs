//! Names that stand for secrets.

/// Whether an environment variable, a key or a parameter of that name holds a secret: `DB_PASSWORD`, `apiToken`,
/// `STRIPE_KEY`, but not `PASSWORD_FILE`, `KEYBOARD`, `MAX_TOKENS` or `PARTITION_KEY`.
pub fn secret_name(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    // What follows the secret word says that the value is about a secret and is none.
    const ABOUT: &[&str] = &[
        "file",
        "path",
        "dir",
        "name",
        "names",
        "url",
        "uri",
        "host",
        "port",
        "ttl",
        "count",
        "size",
        "length",
        "len",
        "type",
        "expiry",
        "expires",
        "expiration",
        "timeout",
        "enabled",
        "required",
        "version",
        "algorithm",
        "alg",
        "policy",
        "prefix",
        "suffix",
        "mount",
        "ref",
        "provider",
        "issuer",
        "audience",
        "endpoint",
        "interval",
        "seconds",
        "minutes",
        "hours",
        "limit",
        "max",
        "min",
        "format",
        "location",
        "store",
        "namespace",
        "rotation",
        "lifetime",
        "header",
        "headers",
        "domain",
        "secure",
        "samesite",
        "httponly",
        "age",
        "in",
        "days",
        "rate",
        "burst",
        "bucket",
        "region",
        "role",
        "mode",
        "method",
        "encryption",
        "scope",
        "class",
        "plugin",
        "backend",
        "strategy",
    ];
    if ABOUT.contains(&last.as_str()) {
        return false;
    }
    const WHOLE: [&str; 26] = [
        "password",
        "passwords",
        "passwd",
        "pwd",
        "pass",
        "passphrase",
        "passcode",
        "secret",
        "secrets",
        "token",
        "apikey",
        "apikeys",
        "apitoken",
        "authtoken",
        "accesstoken",
        "accesskey",
        "secretkey",
        "privatekey",
        "credential",
        "credentials",
        "creds",
        "jwt",
        "bearer",
        "authorization",
        "cookie",
        "pat",
    ];
    if words.iter().any(|w| WHOLE.contains(&w.as_str()) || w.ends_with("password") || w.ends_with("passwd")) {
        return true;
    }
    // `KEY` alone is too common a word: what stands before it decides.
    const PLAIN_KEYS: [&str; 24] = [
        "public",
        "pub",
        "partition",
        "primary",
        "foreign",
        "sort",
        "cache",
        "routing",
        "object",
        "row",
        "map",
        "label",
        "message",
        "group",
        "host",
        "lookup",
        "index",
        "hash",
        "s3",
        "redis",
        "idempotency",
        "dedup",
        "topic",
        "shard",
    ];
    if last == "key" || last == "keys" {
        return words.len() == 1 || words.iter().rev().nth(1).is_some_and(|w| !PLAIN_KEYS.contains(&w.as_str()));
    }
    if last == "auth" {
        return words.iter().rev().nth(1).is_some_and(|w| matches!(w.as_str(), "rediscli" | "redis" | "npm" | "basic" | "docker" | "registry"));
    }
    // `AWS_ACCESS_KEY_ID` belongs to the pair; `SOME_KEY_BASE` (Rails) is one.
    words.windows(2).any(|w| matches!((w[0].as_str(), w[1].as_str()), ("access", "key") | ("key", "base") | ("api", "key") | ("private", "key")))
}

/// Whether a name in running text that ends in `key` stands for a key that opens something. There such names are mostly
/// entries of stores; an environment variable's value can be missed without harm, a log's can not.
pub(super) fn secret_key(name: &str) -> bool {
    let words = words(name);
    if !matches!(words.last().map(String::as_str), Some("key" | "keys")) {
        return true;
    }
    const OPENING: &[&str] = &[
        "api",
        "access",
        "secret",
        "private",
        "encryption",
        "encrypt",
        "encrypted",
        "decryption",
        "signing",
        "sign",
        "auth",
        "service",
        "account",
        "master",
        "ssh",
        "gpg",
        "pgp",
        "rsa",
        "license",
        "client",
        "consumer",
        "app",
        "application",
        "storage",
        "shared",
        "session",
        "hmac",
        "aes",
        "webhook",
        "write",
        "deploy",
        "admin",
        "subscription",
        "stripe",
        "openai",
        "anthropic",
        "aws",
        "azure",
        "gcp",
        "google",
        "sendgrid",
        "twilio",
        "datadog",
        "dd",
        "mailgun",
        "algolia",
        "cohere",
        "groq",
        "mistral",
        "gemini",
        "huggingface",
        "integration",
        "ingest",
        "instrumentation",
        "root",
        "tls",
        "django",
        "flask",
        "jwt",
    ];
    words.iter().rev().nth(1).is_some_and(|w| OPENING.contains(&w.as_str()))
}

/// The words of a name, lower-case: split at anything that is no letter or digit, and where camel case starts a word.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous = ' ';
    for c in name.chars() {
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && previous.is_lowercase());
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
