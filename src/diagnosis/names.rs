//! What a pod's name tells of its owner, when nothing else is left.

/// Alphabet of generated suffixes (KV/apimachinery/pkg/util/rand: no vowels, no 0, 1 and 3).
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// What a name may have been made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameShape {
    /// Name without a generated suffix of five characters (ReplicaSet, Job, DaemonSet, generateName).
    pub generated_from: Option<String>,
    /// The template hash, when the name reads `<deployment>-<hash>-<5>`.
    pub template_hash: Option<String>,
    /// The Deployment, likewise.
    pub deployment: Option<String>,
    /// StatefulSet and ordinal, when the name reads `<sts>-<n>`.
    pub ordinal_of: Option<String>,
    /// The CronJob, when the owner's name reads `<cronjob>-<minutes since 1970>`.
    pub cron_job: Option<String>,
    /// The Argo node hash (FNV-1a 32 in decimal) and the name before it.
    pub argo: Option<(String, String)>,
    /// The Tekton TaskRun, when the name reads `<taskrun>-pod` or `<taskrun>-pod-retry<n>`.
    pub task_run: Option<TaskRunName>,
}

/// A TaskRun as the name of its pod tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskRunName {
    /// The whole name.
    Whole(String),
    /// The name was too long for a label, so a digest stands where it was cut: only a list of TaskRuns finds it.
    Cut,
}

impl NameShape {
    /// Reads a name.
    pub fn of(name: &str) -> Self {
        let mut shape = Self { task_run: task_run_of(name), ..Self::default() };
        let Some((front, last)) = name.rsplit_once('-').filter(|(f, l)| !f.is_empty() && !l.is_empty()) else { return shape };
        let digits = last.bytes().all(|b| b.is_ascii_digit());
        if digits && last.parse::<u32>().is_ok() && !(last.len() > 1 && last.starts_with('0')) {
            if last.len() <= 4 {
                shape.ordinal_of = Some(front.to_owned());
            }
            if last.len() >= 5 {
                shape.argo = Some((front.to_owned(), last.to_owned()));
            }
        }
        if last.len() == 5 && last.chars().all(|c| SAFE.contains(c)) {
            shape.generated_from = Some(front.to_owned());
            if let Some((before, hash)) = front.rsplit_once('-') {
                // A template hash is a 32-bit number through the same alphabet: up to ten characters.
                if (5..=10).contains(&hash.len()) && hash.chars().all(|c| SAFE.contains(c)) {
                    shape.template_hash = Some(hash.to_owned());
                    shape.deployment = Some(before.to_owned());
                }
            }
            shape.cron_job = cron_job_of(front);
        }
        shape
    }
}

/// `<cronjob>-<minutes since 1970>` (K/pkg/controller/cronjob/utils.go `getJobName`); releases before 1.21 wrote seconds.
pub fn cron_job_of(job: &str) -> Option<String> {
    let (front, last) = job.rsplit_once('-')?;
    let tick = (8..=10).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_digit());
    // Minutes of 2008 and 2009, before there were CronJobs: somebody wrote the date (20240131) behind the name of a Job.
    let date = last.len() == 8 && last.starts_with("20");
    (tick && !date && !front.is_empty()).then(|| front.to_owned())
}

/// A name without the suffix that `generateName` or a CronWorkflow (`<name>-<seconds since 1970>`) put behind it.
pub(super) fn without_suffix(name: &str) -> &str {
    let Some((front, last)) = name.rsplit_once('-').filter(|(front, _)| !front.is_empty()) else { return name };
    let generated = last.len() == 5 && last.chars().all(|c| SAFE.contains(c));
    let tick = last.len() == 10 && last.bytes().all(|b| b.is_ascii_digit());
    if generated || tick { front } else { name }
}

/// Tekton names pods `<taskrun>-pod`, the n-th retry's `<taskrun>-pod-retry<n>` (tektoncd pkg/pod/pod.go `podName`); names above
/// 63 characters are cut and get an MD5 digest (knative.dev/pkg kmeta `ChildName`).
fn task_run_of(pod: &str) -> Option<TaskRunName> {
    let stem = match pod.rsplit_once("-retry") {
        Some((front, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => front,
        _ => pod,
    };
    let run = stem.strip_suffix("-pod").filter(|r| !r.is_empty())?;
    let digest = run.get(run.len().saturating_sub(32)..).is_some_and(|d| d.len() == 32 && d.bytes().all(|b| b.is_ascii_hexdigit()));
    Some(if digest && pod.len() >= 60 { TaskRunName::Cut } else { TaskRunName::Whole(run.to_owned()) })
}

/// Whether a pod's name has the same make as the target's. Without prefix and template, two Argo names are kin when the
/// words before their hashes end alike: the template stands there, and the workflow's name in front of it differs.
pub fn is_kin(name: &str, like: &str, prefix: Option<&str>, template: Option<&str>) -> bool {
    if name == like {
        return false;
    }
    if prefix.is_some_and(|p| name.len() > p.len() && name.starts_with(p)) {
        return true;
    }
    let (Some((front, _)), Some((like_front, _))) = (NameShape::of(name).argo, NameShape::of(like).argo) else { return false };
    match template {
        Some(template) => front.strip_suffix(template).is_some_and(|f| f.ends_with('-')),
        None if prefix.is_some() => false,
        None => {
            let alike = front.rsplit('-').zip(like_front.rsplit('-')).take_while(|(a, b)| a == b).count();
            alike >= 2 || (alike == 1 && front.rsplit('-').next().is_some_and(|w| w.len() > 3))
        }
    }
}

/// Whether a message names an object as a word of its own (`Created pod: web-0`, but not `web-01` or `my-web-0`).
pub fn names_object(message: &str, name: &str) -> bool {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !name.is_empty()
        && message.match_indices(name).any(|(at, _)| {
            let before = message.get(..at).and_then(|t| t.chars().next_back());
            let mut after = message.get(at + name.len()..).unwrap_or_default().chars();
            let next = match after.next() {
                // A full stop ends a sentence, unless a name goes on behind it.
                Some('.') => after.next().filter(char::is_ascii_alphanumeric),
                other => other,
            };
            !before.is_some_and(part_of_name) && !next.is_some_and(part_of_name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_messages() {
        assert!(names_object("Created pod: web-0", "web-0"));
        assert!(names_object("Create Pod web-0 in StatefulSet web successful", "web-0"));
        assert!(names_object("Deleted pod shop/web-0.", "web-0"));
        assert!(!names_object("Created pod: web-01", "web-0"));
        assert!(!names_object("Created pod: my-web-0", "web-0"));
        assert!(!names_object("Created pod: web-0.other", "web-0"));
    }

    #[test]
    fn shapes() {
        let shape = NameShape::of("web-6d4cf56db6-x7k2p");
        assert_eq!(shape.generated_from.as_deref(), Some("web-6d4cf56db6"));
        assert_eq!((shape.deployment.as_deref(), shape.template_hash.as_deref()), (Some("web"), Some("6d4cf56db6")));
        assert_eq!(NameShape::of("db-0").ordinal_of.as_deref(), Some("db"));
        assert_eq!(NameShape::of("nightly-29012345-x7k2p").cron_job.as_deref(), Some("nightly"));
        assert_eq!(cron_job_of("import-20240131"), None, "a date is no tick");
        assert_eq!((without_suffix("train-x7k2p"), without_suffix("train-1764064800"), without_suffix("train-front")), ("train", "train", "train-front"));
        assert_eq!(NameShape::of("run-a-2420829733").argo, Some(("run-a".to_owned(), "2420829733".to_owned())));
        assert_eq!(NameShape::of("plain"), NameShape::default());
        assert_eq!(NameShape::of("build-x-pod").task_run, Some(TaskRunName::Whole("build-x".to_owned())));
        assert_eq!(NameShape::of("build-x-pod-retry2").task_run, Some(TaskRunName::Whole("build-x".to_owned())));
        assert_eq!(NameShape::of(&format!("a-task-run-of-a-long-name-{}-pod", "0123456789abcdef".repeat(2))).task_run, Some(TaskRunName::Cut));
        assert_eq!(NameShape::of("tripod").task_run, None);
    }
}
