//! What secrets look like.

/// How a match is judged beyond its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// The pattern is proof enough.
    Shape,
    /// The value must look like a secret: letters with digits or signs, not a word of a sentence.
    Value,
    /// `name=value`: the name must stand for a secret.
    Pair,
    /// `name: value` in a sentence: as a pair, and the value must look like a secret.
    Prose,
    /// Capitals, small letters and digits, or a long run of hex: no name of a pod or a package.
    Mixed,
    /// Base64 of `user:password`.
    Basic,
    /// The password of a URL; a port before a path with an `@` is none.
    Url,
    /// `user:password` after a flag; two numbers are a user and a group.
    User,
    /// A line of nothing but base64, as in the middle of a key.
    Material,
    /// The head of a key, as far as [`FOOT`] follows within [`LONGEST_KEY`] bytes; the key goes to its foot.
    Armor,
}

/// What ends a key. A pattern of head, key and foot in one would try every distance between them at every head.
pub(super) const FOOT: &str = r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";
/// Longer ones are not keys; in bytes, between head and foot.
pub(super) const LONGEST_KEY: usize = 8192;

/// One kind of secret. The group `s` is what is replaced; without it the whole match is.
pub(super) struct Pattern {
    /// The word in the placeholder.
    pub kind: &'static str,
    /// In byte semantics; `{name}` is [`NAME`].
    pub pattern: &'static str,
    /// One of these, in any case, must occur.
    pub needles: &'static [&'static str],
    /// What else must hold.
    pub check: Check,
}

const fn shape(kind: &'static str, pattern: &'static str, needles: &'static [&'static str]) -> Pattern {
    Pattern { kind, pattern, needles, check: Check::Shape }
}

/// A name with a word in it that could make it a secret's; whether it does is [`super::secret_name`]'s to say.
pub(super) const NAME: &str =
    r"(?P<n>[A-Za-z0-9_.-]*(?i:passw|pwd|passphrase|passcode|secret|token|key|credential|creds|jwt|cookie|authorization|auth|pass|bearer|pat)[A-Za-z0-9_.-]*)";

const NAMED: &[&str] = &[
    "passw",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "key",
    "credential",
    "creds",
    "jwt",
    "cookie",
    "auth",
    "bearer",
    "_pass",
    "pass=",
    "pass:",
    "\"pass\"",
    "_pat",
    "-pat",
    "pat=",
    "pat:",
];

/// All kinds. Where two meet the earlier one names the placeholder.
pub(super) static PATTERNS: &[Pattern] = &[
    Pattern { kind: "private-key", pattern: r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----", needles: &["private key"], check: Check::Armor },
    // Cut off: only what looks like a key goes, or one mention of the header would take the rest of a log with it.
    shape(
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\[nrt])*(?:[A-Za-z0-9+/]{20,}={0,2}|(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]*))+(?:(?:\s|\\[nrt])*[A-Za-z0-9+/]{1,76}={0,2}(?:\\n|\n|\z))?",
        &["private key"],
    ),
    shape("private-key", r"(?:^|\n)(?s:[A-Za-z0-9+/=\s\\]{40,}?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----", &["-----end "]),
    shape("jwt", r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?", &["eyj"]),
    shape("anthropic-key", r"\bsk-ant-[A-Za-z0-9_-]{16,}", &["sk-ant-"]),
    Pattern { kind: "openai-key", pattern: r"\bsk-(?:proj-|svcacct-|admin-|None-|or-v1-)?[A-Za-z0-9_-]{20,}", needles: &["sk-"], check: Check::Mixed },
    shape("aws-key", r"\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}\b", &["akia", "asia", "abia", "acca", "aroa", "aida"]),
    shape("google-api-key", r"\bAIza[0-9A-Za-z_-]{35}", &["aiza"]),
    shape("gcp-token", r"\bya29\.[0-9A-Za-z_-]{16,}", &["ya29."]),
    shape("gcp-secret", r"\bGOCSPX-[0-9A-Za-z_-]{16,}", &["gocspx-"]),
    shape("azure-secret", r"\b[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,}", &["8q~"]),
    shape("azure-key", r"(?i)\b(?:AccountKey|SharedAccessKey)=(?P<s>[A-Za-z0-9+/]{20,}={0,2})", &["accountkey=", "sharedaccesskey="]),
    shape("azure-sas", r"(?i)[?&;]sig=(?P<s>[A-Za-z0-9%+/=_-]{16,})", &["sig="]),
    shape("digitalocean-token", r"\bdo[opr]_v1_[a-f0-9]{40,}", &["_v1_"]),
    shape("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{20,})", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]),
    shape(
        "gitlab-token",
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_.-]{16,}",
        &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-"],
    ),
    shape("slack-token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Z0-9]+-[0-9]+-[A-Za-z0-9]+", &["xox", "xapp-"]),
    shape("slack-webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/_-]{16,})", &["hooks.slack.com"]),
    shape("stripe-key", r"\b(?:[sr]k|pk)_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9]{16,}", &["k_live_", "k_test_", "whsec_"]),
    shape("npm-token", r"\bnpm_[A-Za-z0-9]{30,}", &["npm_"]),
    shape("npm-token", r"_authToken=(?P<s>[^\s]+)", &["_authtoken="]),
    Pattern { kind: "pypi-token", pattern: r"\bpypi-[A-Za-z0-9_-]{50,}", needles: &["pypi-"], check: Check::Mixed },
    shape("sendgrid-key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", &["sg."]),
    shape("twilio-key", r"\bSK[0-9a-f]{32}\b", &["sk"]),
    shape("huggingface-token", r"\bhf_[A-Za-z0-9]{30,}", &["hf_"]),
    shape("docker-token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}", &["dckr_"]),
    shape("vault-token", r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}", &["hvs.", "hvb.", "hvr."]),
    shape(
        "vendor-token",
        r"\b(?:shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|lin_api_[A-Za-z0-9]{30,}|gls?a_[A-Za-z0-9_]{30,}|glc_[A-Za-z0-9+/=]{30,}|NRAK-[A-Z0-9]{20,}|sntry[su]_[A-Za-z0-9+/=_-]{30,}|dapi[a-f0-9]{32}|PMAK-[A-Za-z0-9-]{20,}|dp\.pt\.[A-Za-z0-9]{30,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}|fo1_[A-Za-z0-9_-]{30,}|rubygems_[a-f0-9]{40,}|ATATT3[A-Za-z0-9_=-]{20,}|sq0csp-[A-Za-z0-9_-]{20,}|xkeysib-[a-f0-9]{20,})",
        &[
            "shpat_",
            "shpca_",
            "shppa_",
            "shpss_",
            "lin_api_",
            "glsa_",
            "gla_",
            "glc_",
            "nrak-",
            "sntrys_",
            "sntryu_",
            "dapi",
            "pmak-",
            "dp.pt.",
            "age-secret-key",
            "fo1_",
            "rubygems_",
            "atatt3",
            "sq0csp-",
            "xkeysib-",
        ],
    ),
    shape("vendor-token", r"(?:^|[\s\x22'=:])(?P<s>key-[a-f0-9]{32})\b", &["key-"]),
    shape("telegram-token", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}", &[":aa"]),
    // `scheme://user:password@host`: user and host stay, they tell who was refused where.
    Pattern {
        kind: "password",
        pattern: r"[A-Za-z][A-Za-z0-9+.-]*://[^\s:/@'\x22?]*:(?P<s>[^\s/'\x22?]+(?:/[^\s/@'\x22?]+)?)@[A-Za-z0-9\[_.%-]",
        needles: &["://"],
        check: Check::Url,
    },
    Pattern { kind: "url-token", pattern: r"://(?P<s>[A-Za-z0-9_~.-]{20,})@[A-Za-z0-9\[]", needles: &["://"], check: Check::Value },
    // Go's MySQL driver: `user:password@tcp(host:port)/name`.
    shape("password", r"\b[A-Za-z0-9_.-]+:(?P<s>[^\s/'\x22]+)@(?:tcp6?|udp|unix)\(", &["@tcp", "@udp", "@unix"]),
    Pattern {
        kind: "password",
        pattern: r"(?:^|\s)(?:-u|--user|--proxy-user)[ =]?['\x22]?[^\s:'\x22=-][^\s:'\x22]*:(?P<s>[^\s'\x22]+)",
        needles: &["-u", "--user", "--proxy-user"],
        check: Check::User,
    },
    shape("password", r"(?i)\b(?:identified (?:with \S+ )?by|with (?:encrypted )?password) '(?P<s>[^'\n]+)'", &["identified ", "password '"]),
    shape("docker-auth", r"(?i)\\?[\x22']auth\\?[\x22']\s*:\s*\\?[\x22'](?P<s>[A-Za-z0-9+/]{8,}={0,2})\\?[\x22']", &["auth"]),
    shape(
        "signature",
        r"(?i)[?&](?:X-(?:Amz|Goog)-(?:Signature|Security-Token|Credential)|Signature)=(?P<s>[^&\s\x22']{16,})",
        &["signature=", "security-token=", "credential="],
    ),
    Pattern { kind: "bearer", pattern: r"(?i)\bbearer[ =:]+(?P<s>[A-Za-z0-9._~+/-][A-Za-z0-9._~+/=-]{7,})", needles: &["bearer"], check: Check::Value },
    shape(
        "authorization",
        r"(?i)\b(?:proxy-)?authorization[\x22']?\s*[:=]\s*[\x22']?(?:basic|digest|negotiate|apikey|token|bearer|aws4-hmac-sha256)[ =]+(?P<s>[^\s\x22',;]{4,}(?:, [^\x22'\n]*)?)",
        &["authorization"],
    ),
    Pattern { kind: "basic-auth", pattern: r"(?i)\bbasic (?P<s>[A-Za-z0-9+/]{10,}={0,2})", needles: &["basic "], check: Check::Basic },
    shape("cookie", r"(?i)\b(?:set-)?cookie[\x22']?: ?[\x22']?(?P<s>[^\s=;\x22']+=[^\x22'\n]+)", &["cookie"]),
    shape(
        "header",
        r"(?i)\bx-(?:api|auth|access|amz-security|vault|gitlab|goog-api|functions)-?(?:key|token)[\x22']?\s*[:=]\s*[\x22']?(?P<s>[^\s\x22',;]{4,})",
        &["x-"],
    ),
    // JSON, Python and JavaScript objects: the name is quoted, so the value is data whatever it looks like.
    Pattern { kind: "password", pattern: r#"{name}\\?["']\s*(?::|=>)\s*\\?["'](?P<s>(?:[^"'\\]|\\[^"'])+)\\?["']"#, needles: NAMED, check: Check::Pair },
    Pattern { kind: "password", pattern: r#"{name}["']\s*,\s*["'](?P<s>[^"'\\]+)["']"#, needles: NAMED, check: Check::Prose },
    Pattern { kind: "password", pattern: r#"{name}\s?=\s?"(?P<s>[^"\n]+)""#, needles: NAMED, check: Check::Pair },
    Pattern { kind: "password", pattern: r"{name}\s?=\s?'(?P<s>[^'\n]+)'", needles: NAMED, check: Check::Pair },
    Pattern { kind: "password", pattern: r#"{name} = (?P<s>[^\s"'&;,)}\]]+)"#, needles: NAMED, check: Check::Prose },
    Pattern { kind: "password", pattern: r#"{name}=(?P<s>[^\s"'&;,)}\]]+)"#, needles: NAMED, check: Check::Pair },
    Pattern { kind: "password", pattern: r#"(?m)(?:^|[\s"'\[,])--?{name}[ ]["']?(?P<s>[^\s"'-][^\s"']*)"#, needles: NAMED, check: Check::Pair },
    // YAML: the name begins the line and the value ends it.
    Pattern { kind: "password", pattern: r#"(?m)^\s*(?:- )?["']?{name}["']?:[ \t]+["']?(?P<s>[^\s"']+)["']?[ \t]*$"#, needles: NAMED, check: Check::Pair },
    Pattern { kind: "password", pattern: r#"{name}["']?(?::| is| was)[ \t]*["'`]?(?P<s>[^\s"'`,;)}\]]+)"#, needles: NAMED, check: Check::Prose },
    Pattern { kind: "key-material", pattern: r"(?m)^[A-Za-z0-9+/]{60,76}={0,2}\s*$", needles: &[], check: Check::Material },
];
