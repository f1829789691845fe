package catalogue

import (
	"math"
	"slices"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

const (
	minCoverage = measure.Whole / 2
	minBlock    = measure.Duration(10e6) // below 10 ms a block says nothing of dependence
)

// functional checks a share of named checks.
func (l *loader) functional(f *Functional, role Role, at spot) {
	l.checks(f.Checks, at.in("checks"))
	if f.MinCoverage < minCoverage {
		l.report(at.in("min-coverage"), lang.T("moins de la moitié des vérifications (%s) ne fonde pas un verdict", "less than half of the checks (%s) can't found a verdict", f.MinCoverage),
			lang.T("50 % au moins", "50 % at least"))
	}
	if role == Gate {
		l.forbid(at.in("floor"), f.Floor != nil, "floor", role)
		l.forbid(at.in("want"), f.Want != nil, "want", role)
		if f.Share != nil && *f.Share == 0 {
			l.report(at.in("share"), lang.T("une part de 0 % est toujours atteinte", "a share of 0 % is always met"), none)
		}
		return
	}
	l.forbid(at.in("share"), f.Share != nil, "share", role)
	l.require(at.in("floor"), f.Floor != nil, "floor", role)
	want := measure.Whole
	if f.Want != nil {
		want = *f.Want
	}
	if f.Floor != nil && *f.Floor >= want {
		l.report(at.in("floor"), lang.T("« floor » (%s) doit être sous « want » (%s)", "floor (%s) must be below want (%s)", *f.Floor, want), none)
	}
}

// checks wants known ids, each once.
func (l *loader) checks(ids []string, at spot) {
	listed := map[string]bool{}
	for i, id := range ids {
		switch {
		case listed[id]:
			l.report(at.item(i), lang.T("« %s » est déjà dans la liste", "%q is already in the list", id), lang.T("le retirer", "remove it"))
		case !slices.Contains(l.checkIDs, id):
			l.strayed = true
			l.report(at.item(i), lang.T("vérification inconnue « %s »", "unknown check %q", id), strict.DidYouMean(id, l.checkIDs))
		}
		listed[id], l.used[id] = true, true
	}
}

// forbid and require speak of the fields that go with one role only.
func (l *loader) forbid(at spot, present bool, field string, role Role) {
	if present {
		l.reportName(at, lang.T("« %s » ne va pas avec « role: %s »", "%s doesn't go with role: %s", field, role), lang.T("retirer la ligne", "remove the line"))
	}
}

func (l *loader) require(at spot, present bool, field string, role Role) {
	if !present {
		l.report(at, lang.T("« role: %[2]s » demande « %[1]s »", "role: %[2]s needs %[1]s", field, role), none)
	}
}

// measurable wants a service, an operation and a metric that exist. A target that
// never leaves the draft may name those that no suite knows yet.
func (l *loader) measurable(q *Quantitative, draft bool, at spot) {
	if draft {
		return
	}
	l.word(at.in("service"), q.Service, l.words.suites(), lang.T("service", "service"))
	words := l.words.Suite(q.Service)
	if words == nil {
		return
	}
	operations := make([]string, 0, len(words.Loads))
	for _, load := range words.Loads {
		if operations = append(operations, load.Operation); load.Operation == q.Operation {
			l.word(at.in("metric"), q.Metric, load.Metrics, lang.T("mesure", "metric"))
			l.bytes(q, load.OpBytes, at.in("budget").in("bytes"))
		}
	}
	l.word(at.in("operation"), q.Operation, operations, lang.T("opération à mettre sous charge", "operation to put under load"))
}

// bytes refuses a budget of bytes that could not decide even if all went well.
func (l *loader) bytes(q *Quantitative, each int64, at spot) {
	if q.Budget.Bytes == nil || q.Block < minBlock || q.Confidence < minCoverage || q.Confidence >= measure.Whole || at.pos.Faulty(at.path) {
		return
	}
	blocks := max(int64(q.FloorBlocks()), int64((q.MinDuration+q.Block-1)/q.Block))
	if needed := measure.Size(blocks * q.LoadPlan().PerBlock() * each); *q.Budget.Bytes < needed {
		l.report(at, lang.T("%[1]d blocs de requêtes de %[2]s font %[3]s : un budget de %[4]s ne peut rien décider",
			"%[1]d blocks of requests of %[2]s make %[3]s: a budget of %[4]s can decide nothing", blocks, measure.Size(each), needed, *q.Budget.Bytes),
			lang.T("%s au moins", "%s at least", needed))
	}
}

// quantitative checks a bound on a quantile under load.
func (l *loader) quantitative(q *Quantitative, role Role, at spot) {
	l.word(at.in("load").in("shape"), q.Load.Shape, []string{"constant", "poisson"}, lang.T("forme de charge", "load shape"))
	if role == Gate {
		l.forbid(at.in("floor"), q.Floor != nil, "floor", role)
		l.forbid(at.in("want"), q.Want != nil, "want", role)
		l.require(at.in("bound"), q.Bound != nil, "bound", role)
	} else {
		l.forbid(at.in("bound"), q.Bound != nil, "bound", role)
		l.require(at.in("floor"), q.Floor != nil, "floor", role)
		l.require(at.in("want"), q.Want != nil, "want", role)
		if q.Floor != nil && q.Want != nil && *q.Want >= *q.Floor {
			l.report(at.in("want"), lang.T("« want » (%s) doit être plus court que « floor » (%s)", "want (%s) must be shorter than floor (%s)", *q.Want, *q.Floor), none)
		}
	}
	if c := q.Load.Connections; c < 0 || c > maxConnections {
		l.report(at.in("load").in("connections"), lang.T("entre 1 et %d connexions", "between 1 and %d connections", maxConnections), none)
	}
	if q.Block < minBlock {
		l.report(at.in("block"), lang.T("un bloc dure au moins %s", "a block lasts at least %s", minBlock), none)
	}
	if q.Confidence < minCoverage || q.Confidence >= measure.Whole {
		l.report(at.in("confidence"), lang.T("une confiance va de 50 % à moins de 100 %", "a confidence is at least 50 % and below 100 %"), none)
		return
	}
	l.budget(q, at)
}

func (l *loader) word(at spot, word string, known []string, what lang.Text) {
	if !slices.Contains(known, word) {
		l.report(at, lang.T("%s : « %s » n'est pas connu", "unknown %s %q", what, word), strict.DidYouMean(word, known))
	}
}

// budget refuses one that could not decide even if all went well.
func (l *loader) budget(q *Quantitative, at spot) {
	if at.pos.Faulty(at.in("quantile").path) || at.pos.Faulty(at.in("block").path) || q.Block < minBlock {
		return
	}
	if blocks := q.Budget.Duration / q.Block; blocks > measure.MostBlocks {
		l.report(at.in("budget").in("duration"), lang.T("%d blocs de %s : au plus %d", "%d blocks of %s: at most %d", blocks, q.Block, measure.MostBlocks),
			lang.T("des blocs plus longs, ou un budget plus court", "longer blocks, or a shorter budget"))
		return
	}
	blocks := q.FloorBlocks()
	needed := measure.Duration(math.MaxInt64)
	if int64(q.Block) <= math.MaxInt64/int64(blocks) {
		needed = q.Block * measure.Duration(blocks)
	}
	if d := max(needed, q.MinDuration); q.Budget.Duration < d {
		hint := lang.T("%s au moins", "%s at least", d)
		if needed > q.MinDuration {
			hint = lang.T("%s au moins, ou des blocs plus courts", "%s at least, or shorter blocks", d)
		}
		l.report(at.in("budget").in("duration"),
			lang.T("%s à %s de confiance demande %d blocs de %s et au moins %s, soit %s : un budget de %s ne peut rien décider",
				"%s at %s confidence needs %d blocks of %s and at least %s, that is %s: a budget of %s can decide nothing",
				q.Quantile, q.Confidence, blocks, q.Block, q.MinDuration, d, q.Budget.Duration), hint)
		return
	}
	if q.Budget.Requests == 0 && !at.pos.Faulty(at.in("budget").in("requests").path) {
		return
	}
	seconds := float64(max(needed, q.MinDuration)) / 1e9
	if requests := math.Ceil(float64(q.Load.Rate)*seconds - 1e-6); float64(q.Budget.Requests) < requests {
		l.report(at.in("budget").in("requests"),
			lang.T("%d blocs de %s à %s font %.0f requêtes : un budget de %d ne peut rien décider",
				"%d blocks of %s at %s make %.0f requests: a budget of %d can decide nothing", blocks, q.Block, q.Load.Rate, requests, q.Budget.Requests),
			lang.T("%.0f au moins", "%.0f at least", requests))
	}
}

// FloorBlocks is the number of blocks before which the target can't be decided.
func (q *Quantitative) FloorBlocks() int { return measure.FloorBlocks(q.Quantile, q.Confidence) }
