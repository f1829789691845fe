package score

import (
	"math/big"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// LoadVerdict is what a quantitative target was decided from.
type LoadVerdict struct {
	Load string `json:"load"` // measure.LoadPlan.ID
	// Quantile is the one that was seen, in nanoseconds: the upper end of its bucket.
	// Beyond says that it falls among requests that failed or were dropped.
	Quantile time.Duration `json:"quantile_ns"`
	Beyond   bool          `json:"beyond,omitempty"`
	// Decisions are on the bound of a gate; on what a scored target wants, then on its
	// floor.
	Decisions []measure.Decision `json:"decisions"`
	Void      []measure.LoadVoid `json:"void,omitempty"` // why the measurement decides nothing
}

// underLoad gives the verdict on a quantitative target. A gate is met or not as its
// bound was decided. A scored target is worth 1 when what it wants was decided to be
// met, and 0 when its floor was decided not to be; when its floor was decided to be
// met, what the quantile that was seen is worth, linear between both ends. What is
// not decided is not established.
func (v *TargetVerdict) underLoad(target *catalogue.Target, loads []measure.LoadRun, offer catalogue.OfferID, on catalogue.Date) {
	v.Tally = Tally{Required: 1, NotRun: 1}
	run, i := latestLoad(target.Quantitative, loads, offer)
	if run == nil {
		v.Reason = lang.T("Aucune mesure de charge dans cette campagne.", "No load measurement in this run.")
		return
	}
	record := &run.Offers[i]
	if record.State != measure.Pass {
		v.notLoaded(record)
		return
	}
	if outdated(run.Began, target, on) {
		v.Reason = lang.T("Mesure de charge du %s, périmée.", "Load measurement of %s, expired.", catalogue.DateOf(run.Began.UTC()))
		return
	}
	goals, at, ok := goalsIn(target.Quantitative, run)
	if !ok {
		v.Reason = lang.T("La charge mesurée ne décide pas de cette borne.", "The load that was measured doesn't decide this bound.")
		return
	}
	v.Load = &LoadVerdict{Load: run.Plan.ID(), Decisions: []measure.Decision{}, Void: run.Void(i, at[0])}
	v.Load.Quantile, v.Load.Beyond = record.Histogram(goals[0].Metric).Quantile(goals[0].Quantile)
	for _, goal := range at {
		d, err := run.Decide(i, goal)
		if err != nil {
			v.Reason = lang.T("La mesure de charge se contredit : %[1]v.", "The load measurement contradicts itself: %[1]v.", err)
			return
		}
		v.Load.Decisions = append(v.Load.Decisions, d)
	}
	v.decideLoad(target, run, record, goals)
}

// latestLoad is the last run of the target's load in which the offer took part.
func latestLoad(q *catalogue.Quantitative, loads []measure.LoadRun, offer catalogue.OfferID) (*measure.LoadRun, int) {
	plan := q.LoadPlan()
	for n := len(loads) - 1; n >= 0; n-- {
		if loads[n].Plan != plan {
			continue
		}
		if i := slices.IndexFunc(loads[n].Offers, func(r measure.LoadRecord) bool { return r.Name == string(offer) }); i >= 0 {
			return &loads[n], i
		}
	}
	return nil, 0
}

// goalsIn are the goals of a target, and where they are among those of the run.
func goalsIn(q *catalogue.Quantitative, run *measure.LoadRun) (goals []measure.Goal, at []int, ok bool) {
	goals = q.Goals()
	for _, goal := range goals {
		i := slices.Index(run.Goals, goal)
		if i < 0 {
			return nil, nil, false
		}
		at = append(at, i)
	}
	return goals, at, len(goals) > 0
}

// notLoaded is the verdict on an offer that was not put under load: what the offer
// doesn't have, or refuses, counts against it.
func (v *TargetVerdict) notLoaded(record *measure.LoadRecord) {
	v.Reason = record.Reason.Text()
	switch record.State {
	case measure.Fail:
		v.Verdict, v.Tally = NotMet, Tally{Required: 1, Run: 1, Failed: 1}
	case measure.Unsupported:
		v.Verdict, v.Tally = NotMet, Tally{Required: 1, Run: 1, Unsupported: 1}
	case measure.Errored:
		v.Tally = Tally{Required: 1, Errors: 1}
	}
	if v.Verdict == NotMet && v.Role == catalogue.Scored {
		v.Value = whole(0)
	}
}

func (v *TargetVerdict) decideLoad(target *catalogue.Target, run *measure.LoadRun, record *measure.LoadRecord, goals []measure.Goal) {
	first, last := v.Load.Decisions[0], v.Load.Decisions[len(v.Load.Decisions)-1]
	if len(v.Load.Void) > 0 {
		v.Reason = v.Load.Void[0].Text()
		return
	}
	switch {
	case first.Answer == measure.Met:
		v.Verdict, v.Reason = Met, decided(v.Load, run, goals[0], first)
	case last.Answer == measure.NotMet:
		v.Verdict, v.Reason = NotMet, decided(v.Load, run, goals[len(goals)-1], last)
	case target.Role == catalogue.Scored && last.Answer == measure.Met && (first.Answer == measure.NotMet || v.Load.Beyond || v.Load.Quantile > goals[0].Bound):
		v.Verdict, v.Reason = NotMet, decided(v.Load, run, goals[len(goals)-1], last)
	case last.Answer == measure.Met: // seen within what is wanted, but not decided to be
		v.Reason = undecidedLoad(run, record, goals[0], first)
		return
	default:
		v.Reason = undecidedLoad(run, record, goals[len(goals)-1], last)
		return
	}
	v.Tally = Tally{Required: 1, Run: 1, Failed: 1}
	if v.Verdict == Met {
		v.Tally = Tally{Required: 1, Run: 1, Passed: 1}
	}
	if target.Role != catalogue.Scored {
		return
	}
	v.Value = between(v.Load, goals, v.Verdict == Met, last.Answer == measure.NotMet)
	if v.Value.Sign() > 0 && v.Verdict == NotMet {
		v.Reason = lang.T("%[1]s Valeur %[2]s %% entre %[3]s et %[4]s.", "%[1]s Value %[2]s %% between %[3]s and %[4]s.", v.Reason,
			local(Percent(v.Value, 1)), local(measure.Duration(goals[1].Bound).String()), local(measure.Duration(goals[0].Bound).String()))
	}
}

// between is what a scored target is worth.
func between(l *LoadVerdict, goals []measure.Goal, met, below bool) *big.Rat {
	want, floor := int64(goals[0].Bound), int64(goals[len(goals)-1].Bound)
	switch seen := int64(l.Quantile); {
	case met || !below && !l.Beyond && seen <= want:
		return whole(1)
	case below || l.Beyond || seen >= floor:
		return whole(0)
	default:
		return big.NewRat(floor-seen, floor-want)
	}
}

// decided says what was seen and what it decides.
func decided(l *LoadVerdict, run *measure.LoadRun, g measure.Goal, d measure.Decision) lang.Text {
	seen := lang.T("%s de %s", "%s of %s", local(g.Quantile.String()), measure.Milliseconds(l.Quantile))
	if l.Beyond {
		seen = lang.T("%s parmi les requêtes sans bonne réponse", "%s among requests without a right answer", local(g.Quantile.String()))
	}
	answer := lang.T("tenu", "met")
	if d.Answer == measure.NotMet {
		answer = lang.T("dépassé", "exceeded")
	}
	return lang.T("%[1]s sous %[2]s, au plus %[3]s : %[4]s avec %[5]s de confiance ; %[6]d requêtes sur %[7]d trop lentes ou sans réponse, %[8]s permises, en %[9]d blocs.",
		"%[1]s under %[2]s, at most %[3]s: %[4]s with %[5]s confidence; %[6]d of %[7]d requests too slow or unanswered, %[8]s allowed, in %[9]d blocks.",
		seen, local(run.Plan.Rate.String()), local(measure.Duration(g.Bound).String()), answer, local(g.Confidence.String()),
		d.Slow, d.Requests, local((measure.Whole - measure.Share(g.Quantile)).String()), d.Blocks)
}

// undecidedLoad says what kept a bound from being decided.
func undecidedLoad(run *measure.LoadRun, record *measure.LoadRecord, g measure.Goal, d measure.Decision) lang.Text {
	why := lang.T("le budget de la cible est épuisé", "the target's budget is spent")
	switch {
	case run.Stopped:
		why = lang.T("la campagne a été interrompue", "the run was stopped")
	case record.Ended == measure.LoadCapped:
		why = lang.T("le plafond de l'offre est atteint (%s)", "the offer's cap was reached (%s)", record.Cap)
	}
	return lang.T("Indécis après %[1]d blocs, il en faut au moins %[2]d : %[3]d requêtes sur %[4]d au-delà de %[5]s, soit entre %[6]s et %[7]s pour %[8]s permises ; %[9]s.",
		"Undecided after %[1]d blocks, at least %[2]d are needed: %[3]d of %[4]d requests beyond %[5]s, that is between %[6]s and %[7]s where %[8]s are allowed; %[9]s.",
		d.Blocks, d.Floor, d.Slow, d.Requests, local(measure.Duration(g.Bound).String()),
		ppm(d.Lower), ppm(d.Upper), local((measure.Whole - measure.Share(g.Quantile)).String()), why)
}

// ppm writes parts per million as a percentage.
func ppm(n int64) lang.Text { return local(Percent(big.NewRat(n, measure.Million), 2) + " %") }
