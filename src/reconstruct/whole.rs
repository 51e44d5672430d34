//! The whole reconstruction, in order.

use super::citations::Citations;
use super::facts::Facts;
use super::ghost;
use super::history::{History, LogExcerpt, Primary};
use super::scene::{Judged, Scene};
use super::{
    context, deaths, horizon, incarnations, kills, ladder, lints, lives, logs, peers, primary, probes, remembered, removal, siblings, silence, starts, stops,
    subject, timeline, trace,
};
use crate::evidence::CaseFile;

/// Reconstructs what happened to the target. Pure: the same case gives the same history, whatever the order of its lists.
pub fn reconstruct(case: &CaseFile, judged: &Judged) -> History {
    let everything = case;
    let credible = case.credible();
    let case = credible.as_ref();
    let chosen = incarnations::choose(case);
    let mut scene = Scene {
        case,
        judged,
        live: chosen.live,
        pod: chosen.live.cloned(),
        pod_from: "api",
        uid: chosen.uid.clone(),
        events: chosen.events,
        cites: Citations::default(),
        facts: Facts::default(),
        gaps: Vec::new(),
    };
    let mut provenance = Vec::new();
    if scene.live.is_none() {
        let ghost = ghost::rebuild(&scene);
        scene.pod_from = ghost.as_ref().map_or("events", |g| g.from);
        (scene.pod, provenance) = ghost.map_or((None, Vec::new()), |g| (Some(g.pod), g.provenance));
    }
    let killing = kills::read(&scene);
    let primary = choose_primary(&scene, &killing);
    let all = match scene.live {
        Some(pod) => deaths::collect(&mut scene, pod, &killing),
        None => remembered::collect(&mut scene, &killing, primary.as_ref().map(|p| p.container.as_str())),
    };
    let about = subject::choose(&scene, primary.as_ref(), &all);
    // A stranger's event proves nothing of the end, and yet somebody saw the pod.
    let traced = trace::is_left(&scene, &all) || everything.events.iter().any(|e| trace::is_about(&scene, e));
    let taken = removal::attribute(&mut scene, &killing, &all, traced);
    let stopped_set = lives::killed_main(&scene, &killing);
    let silence = silence::silence(&mut scene, primary.as_ref(), &all, &about, &stopped_set);

    lives::subject_facts(&mut scene, &about, &silence);
    lives::death_facts(&mut scene, &about, &all);
    stops::owner_facts(&mut scene, taken.as_ref());
    stops::facts(&mut scene, &about, &all, taken.as_ref(), &killing);
    if let Some(r) = &taken {
        scene.facts.hold("removal.kind", r.kind, r.cited.clone());
    }
    stops::node_facts(&mut scene, &about, &all);
    starts::facts(&mut scene, &about, &all);
    lives::event_facts(&mut scene, &about, &killing);
    let log = logs::read_subject(&scene, &about, &all);
    logs::facts(&mut scene, &about, &all, log.as_ref());
    probes::facts(&mut scene, &about, &all, &killing);
    lives::run_facts(&mut scene, &about, &all, &silence);
    let links = peers::facts(&mut scene, &about, &all);
    let kin = siblings::collect(&mut scene, &about, &all);
    let loops = log.as_ref().map(|l| logs::loops(&mut scene, l)).unwrap_or_default();
    let timeline = timeline::build(&mut scene, &all, everything);
    // Last, so that what shows the verdict has the lowest ids.
    let ladder = ladder::read(&mut scene);
    lints::facts(&mut scene, &about, &all);
    let excerpts: Vec<LogExcerpt> = log.as_ref().and_then(logs::excerpt).into_iter().collect();

    History {
        effective_status: silence::effective_status(&scene, primary.as_ref()),
        context: context::read(&scene),
        impact: context::impact(&scene),
        horizon: horizon::read(&scene),
        provenance,
        ladder,
        last_signs: logs::last_signs(&scene, &all),
        exists: scene.live.is_some(),
        pod_from: scene.pod_from,
        uid: scene.uid,
        incarnations: chosen.all,
        primary,
        deaths: all,
        subject: about,
        silence,
        removal: taken,
        siblings: kin,
        timeline,
        excerpts,
        loops,
        facts: scene.facts,
        citations: scene.cites,
        gaps: scene.gaps,
        traced,
        links,
        pod: scene.pod,
    }
}

fn choose_primary(scene: &Scene<'_>, killing: &[kills::KillEvent<'_>]) -> Option<Primary> {
    let pod = scene.pod.as_ref()?;
    let options = &scene.case.options;
    let chosen = primary::choose(pod, options.container.as_deref(), &options.sidecars);
    let said = pod.annotations.contains_key("kubectl.kubernetes.io/default-container") || options.container.is_some();
    if scene.live.is_some() || said {
        return chosen;
    }
    let started: Vec<String> = scene.events_of("Started").iter().filter_map(|e| e.container.clone()).collect();
    primary::missing_from_killing(pod, &started, &lives::killed_main(scene, killing), &options.sidecars).or(chosen)
}
