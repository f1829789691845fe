package catalogue

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// needs checks each need by itself.
func (l *loader) needs(needs []placed[Need]) {
	first := map[NeedID]spot{}
	for _, n := range needs {
		unique(l, first, n.value.ID, n.spot.in("id"))
		l.date(n.value.Date, n.spot.in("date"))
		l.source(n.value.Source, n.spot.in("source"))
	}
}

// targets checks each target by itself, and that its need exists.
func (l *loader) targets(needs []placed[Need], targets []placed[Target]) {
	first := map[TargetID]spot{}
	var ids []string
	for _, n := range needs {
		ids = append(ids, string(n.value.ID))
	}
	for _, t := range targets {
		unique(l, first, t.value.ID, t.spot.in("id"))
		if !slices.Contains(ids, string(t.value.Need)) && !l.broken {
			l.report(t.spot.in("need"), lang.T("besoin inconnu « %s »", "unknown need %q", t.value.Need), strict.DidYouMean(string(t.value.Need), ids))
		}
		l.source(t.value.Source, t.spot.in("source"))
		l.states(t.value.States, t.spot.in("states"))
		l.weight(t.value, t.spot)
		l.kind(t.value, t.spot)
	}
}

// together checks what only the whole catalogue can tell: nothing when a file is
// broken, because what seems to be absent may stand in it.
func (l *loader) together(needs []placed[Need], targets []placed[Target]) {
	if l.broken {
		return
	}
	for _, n := range needs {
		if !slices.ContainsFunc(targets, func(t placed[Target]) bool { return t.value.Need == n.value.ID }) {
			l.report(n.spot.in("id"), lang.T("aucune cible ne mesure le besoin « %s »", "no target measures the need %q", n.value.ID),
				lang.T("ajouter une cible ou retirer le besoin", "add a target or remove the need"))
		}
	}
	var unused []string
	for _, id := range l.words.own() {
		if !l.used[id] {
			unused = append(unused, id)
		}
	}
	if len(unused) > 0 && !l.strayed && len(targets) > 0 {
		l.problems = append(l.problems, strict.Problem{File: targets[0].spot.pos.File(), Line: 1, Column: 1,
			Text: lang.T("vérifications dont aucune cible ne se sert : %s", "checks that no target uses: %s", strings.Join(unused, ", ")),
			Hint: lang.T("les ajouter aux « checks » d'une cible", "add them to the checks of a target")})
	}
}

// unique refuses an id that stands elsewhere and says where.
func unique[ID ~string](l *loader, first map[ID]spot, id ID, at spot) {
	if before, twice := first[id]; twice && id != "" {
		l.report(at, lang.T("« %s » est déjà défini : %s", "%q is already defined at %s", id, before), lang.T("choisir un autre identifiant", "choose another id"))
		return
	}
	first[id] = at
}

// date refuses a date that the calendar doesn't have.
func (l *loader) date(d Date, at spot) bool {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		l.report(at, lang.T("« %s » n'existe pas dans le calendrier", "%q is not in the calendar", d), none)
		return false
	}
	return true
}

// source wants an address for what anyone should be able to read.
func (l *loader) source(s Source, at spot) {
	if s.Kind == Public && s.URL == "" {
		l.report(at.in("url"), lang.T("une source publique indique son adresse", "a public source gives its address"),
			lang.T("ajouter « url », ou « kind: proposal » si le texte vient de ce catalogue", "add url, or kind: proposal when the text is this catalogue's own"))
	}
	if s.URL == "" {
		return
	}
	if u, err := url.Parse(s.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		l.report(at.in("url"), lang.T("« %s » n'est pas une adresse web", "%q is not a web address", s.URL),
			lang.T("par exemple https://example.org/texte", "for example https://example.org/text"))
	}
}

// states wants phases in order of date, each with a later state than the one before.
func (l *loader) states(phases []Phase, at spot) {
	order := TargetState("").Values()
	for i, phase := range phases {
		if !l.date(phase.From, at.item(i).in("from")) {
			continue
		}
		if i == 0 {
			if phase.State == Deprecated {
				l.report(at.item(i).in("state"), lang.T("une cible commence par « draft » ou « effective »", "a target begins with draft or effective"), none)
			}
			continue
		}
		before := phases[i-1]
		if before.From >= phase.From {
			l.report(at.item(i).in("from"), lang.T("le %s ne vient pas après le %s", "%s doesn't come after %s", phase.From, before.From),
				lang.T("écrire les états dans l'ordre des dates", "write the states in order of date"))
		}
		if slices.Index(order, string(before.State)) >= slices.Index(order, string(phase.State)) {
			l.report(at.item(i).in("state"), lang.T("« %s » ne peut pas suivre « %s »", "%s can't follow %s", phase.State, before.State),
				lang.T("l'ordre est draft, effective, deprecated", "the order is draft, effective, deprecated"))
		}
	}
}

// weight wants one for what is scored and none for a gate.
func (l *loader) weight(t *Target, at spot) {
	switch {
	case t.Role == Gate && t.Weight != 0:
		l.report(at.in("weight"), lang.T("une cible éliminatoire n'a pas de poids", "a gate has no weight"),
			lang.T("retirer « weight », ou « role: score »", "remove weight, or role: score"))
	case t.Role == Scored && (t.Weight < 1 || t.Weight > 100):
		l.report(at.in("weight"), lang.T("une cible notée a un poids entre 1 et 100", "a scored target has a weight between 1 and 100"), none)
	}
}

// kind checks the one measure of a target whose role is known.
func (l *loader) kind(t *Target, at spot) {
	if !slices.Contains(t.Role.Values(), string(t.Role)) {
		return
	}
	n := 0
	if t.Functional != nil {
		n++
		l.functional(t.Functional, t.Role, at.in("functional"))
	}
	if t.Quantitative != nil {
		n++
		l.measurable(t.Quantitative, t.onlyDraft(), at.in("quantitative"))
		l.quantitative(t.Quantitative, t.Role, at.in("quantitative"))
	}
	if t.Manual != nil {
		n++
		l.manual(t.Manual, t.Role, at.in("manual"))
	}
	if n == 1 || slices.ContainsFunc([]string{"functional", "quantitative", "manual"}, func(f string) bool { return at.pos.Faulty(at.in(f).path) }) {
		return
	}
	l.report(at.in("id"), lang.T("une cible se mesure d'une seule façon, et celle-ci en a %d", "a target is measured in exactly one way, and this one has %d", n),
		lang.T("garder « functional », « quantitative » ou « manual »", "keep one of functional, quantitative, manual"))
}

// manual refuses a gate that only people can decide, and a lone approver.
func (l *loader) manual(m *Manual, role Role, at spot) {
	if role == Gate {
		l.reportName(at, lang.T("une cible éliminatoire est mesurée automatiquement", "a gate is measured automatically"),
			lang.T("« role: score » pour ce que des personnes apprécient", "role: score for what people appreciate"))
	}
	if m.Approvers < 2 {
		l.report(at.in("approvers"), lang.T("il faut au moins 2 personnes pour approuver un constat", "a finding needs at least 2 approvers"), none)
	}
}
