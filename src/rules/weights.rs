//! What a sign is worth. Rules say a word, never a number: bands can be compared, figures invite tuning to cases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ranking::{Confidence, Priority};

/// What one sign says about a cause, in log-odds. With the share of [`UNKNOWN_BASELINE`] a cause that has one `supporting` sign
/// alone stands at about 0.6, one `strong` sign at about 0.9, and a `weak` one never wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Cannot be true together with this cause: the hypothesis is dropped.
    Excludes,
    /// −4: hard to reconcile.
    AgainstStrong,
    /// −2: speaks against it.
    Against,
    /// −0.8: somewhat unlikely together; too little to count as a contradiction.
    AgainstWeak,
    /// +0.8: fits, as it fits others.
    Weak,
    /// +2: speaks for it.
    Supporting,
    /// +3.5: hardly explained by anything else.
    Strong,
    /// +6: states the cause. Only such a sign, by a component with authority, can confirm.
    Decisive,
}

impl Weight {
    /// Log-odds; minus infinity for [`Weight::Excludes`].
    pub fn log_odds(self) -> f64 {
        match self {
            Self::Excludes => f64::NEG_INFINITY,
            Self::AgainstStrong => -4.0,
            Self::Against => -2.0,
            Self::AgainstWeak => -0.8,
            Self::Weak => 0.8,
            Self::Supporting => 2.0,
            Self::Strong => 3.5,
            Self::Decisive => 6.0,
        }
    }

    /// As a rule spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Excludes => "excludes",
            Self::AgainstStrong => "against-strong",
            Self::Against => "against",
            Self::AgainstWeak => "against-weak",
            Self::Weak => "weak",
            Self::Supporting => "supporting",
            Self::Strong => "strong",
            Self::Decisive => "decisive",
        }
    }

    /// Whether it speaks for the cause.
    pub fn is_for(self) -> bool {
        self >= Self::Weak
    }
}

/// How common a cause is among failures at large: it orders what evidence leaves equal, and never decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Prior {
    /// 0.
    Common,
    /// −0.1.
    #[default]
    Usual,
    /// −0.2.
    Rare,
}

impl Prior {
    /// Log-odds.
    pub fn log_odds(self) -> f64 {
        match self {
            Self::Common => 0.0,
            Self::Usual => -0.1,
            Self::Rare => -0.2,
        }
    }
}

/// Log-odds of "none of these, or not to be known". What does not beat it is not a verdict.
pub const UNKNOWN_BASELINE: f64 = 1.5;

/// What it costs to put one cause behind another: a link must bring more than a passing mention.
pub const LINK_COST: f64 = 1.0;

/// Below this probability nothing is a verdict, even when it beats `unknown`: too many rivals are left.
pub const CONVINCING: f64 = 0.3;

/// With a rival closer than this, the word steps down.
pub const CLOSE: f64 = 0.15;

/// Risk of an advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Only looks.
    Inspect,
    /// Changes something that is easily undone and touches nothing that runs.
    Low,
    /// Changes how the workload runs.
    Change,
}

impl Risk {
    /// Lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inspect => "inspect",
            Self::Low => "low",
            Self::Change => "change",
        }
    }
}

/// [`Priority`] as a rule spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PriorityWord {
    /// Now.
    High,
    /// Soon.
    Medium,
    /// Worth doing.
    Low,
}

impl From<PriorityWord> for Priority {
    fn from(word: PriorityWord) -> Self {
        match word {
            PriorityWord::High => Self::High,
            PriorityWord::Medium => Self::Medium,
            PriorityWord::Low => Self::Low,
        }
    }
}

/// The most that a capped cause may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CapWord {
    /// At most `possible`.
    Possible,
    /// At most `probable`.
    Probable,
}

impl From<CapWord> for Confidence {
    fn from(word: CapWord) -> Self {
        match word {
            CapWord::Possible => Self::Possible,
            CapWord::Probable => Self::Probable,
        }
    }
}
