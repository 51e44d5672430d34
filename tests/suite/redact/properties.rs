//! What holds for any text.

use a2::redact::{Redactor, clean, show};
use proptest::prelude::*;

/// Pieces that redaction reacts to, joined at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("password=".to_owned()),
        Just("token: ".to_owned()),
        Just("\"secret\":\"".to_owned()),
        Just("postgres://u:".to_owned()),
        Just("@db/".to_owned()),
        Just("Bearer ".to_owned()),
        Just("Cookie: a=".to_owned()),
        Just("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.".to_owned()),
        Just("ghp_abcdefghijklmnopqrstuvwxyz0123456789".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----\n".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just("[redacted:".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("-u a:".to_owned()),
        "[ -~\n]{0,12}",
        "\\PC{0,4}",
    ];
    proptest::collection::vec(piece, 0..10).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn showing_twice_is_showing_once(text in pieces()) {
        let once = show(&text).into_owned();
        prop_assert_eq!(show(&once), once.as_str());
        let redactor = Redactor::new();
        let once = redactor.show(&text).into_owned();
        prop_assert_eq!(redactor.show(&once), once.as_str());
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
        let once = clean(&text).into_owned();
        prop_assert_eq!(clean(&once), once.as_str());
    }

    #[test]
    fn a_password_never_survives(secret in "[a-z]{3}[0-9]{3}[A-Z]{3}[a-z0-9]{3}", before in "[a-z ]{0,20}") {
        let text = format!("{before} DB_PASSWORD={secret} url amqp://app:{secret}@mq:5672/ \"apiToken\": \"{secret}\"");
        prop_assert!(!show(&text).contains(&secret));
    }
}
