//! How far the pod came, by its events: scheduled, pulled, created, started, killed.

use super::reach::Rung;
use super::scene::Scene;

/// The way of a pod, by reasons of its events (K/pkg/kubelet/events/event.go, and the scheduler's own).
const WAY: &[(&str, &str)] = &[("Scheduled", "scheduled"), ("Pulled", "pulled"), ("Created", "created"), ("Started", "started"), ("Killing", "killed")];

/// The rungs in the order of the way, then by container.
pub(super) fn read(scene: &mut Scene<'_>) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = Vec::new();
    for (reason, rung) in WAY {
        let mut of_rung: Vec<Rung> = Vec::new();
        for event in scene.events_of(reason) {
            let cited = scene.cite_event(event);
            let (first, last) = (event.first.or(event.last), event.last.or(event.first));
            match of_rung.iter_mut().find(|r| r.container == event.container) {
                Some(r) => {
                    r.first = [r.first, first].into_iter().flatten().min();
                    r.last = r.last.max(last);
                    r.count += event.count;
                }
                None => of_rung.push(Rung { rung, container: event.container.clone(), first, last, count: event.count, cited }),
            }
        }
        of_rung.sort_by(|a, b| a.container.cmp(&b.container));
        rungs.extend(of_rung);
    }
    rungs
}
