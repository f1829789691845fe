package report

import (
	"encoding/json"
	"io"
	"math/big"
	"strconv"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// jsonFormat is the version of the JSON report; docs/schema/report.json
// describes it. A field may be added in a version, none changes its meaning.
const jsonFormat = 1

// The types below are the JSON report: their fields come in this order.
type (
	jsonReport struct {
		Format      int                  `json:"format"`
		Run         jsonRun              `json:"run"`
		Environment evidence.Environment `json:"environment"`
		Catalogue   jsonCatalogue        `json:"catalogue"`
		Offers      []jsonOffer          `json:"offers"`
		Cards       []jsonCard           `json:"cards"`
		Ranking     jsonRanking          `json:"ranking"`
		Results     []jsonResult         `json:"results"`
		Inventory   []jsonStock          `json:"inventory"`
		Foreign     []jsonForeign        `json:"foreign"`
		Loads       []jsonLoad           `json:"loads"`
		Answers     []evidence.Answer    `json:"answers"`    // of providers; they change nothing
		Exceptions  []evidence.Standing  `json:"exceptions"` // nor do they
	}
	jsonRun struct {
		ID        string             `json:"id"`
		Started   time.Time          `json:"started"`
		Ended     *time.Time         `json:"ended"`    // null: the run was killed
		Complete  bool               `json:"complete"` // false: interrupted, stopped or killed
		Reason    *lang.Text         `json:"reason"`   // why it is incomplete
		Left      int                `json:"left"`     // resources that could not be deleted
		Seed      string             `json:"seed"`     // a string: 64 bits don't fit a number of JavaScript
		Parallel  int                `json:"parallel"`
		Selection evidence.Selection `json:"selection"`
		Planned   int                `json:"planned"`  // checks by offers
		Recorded  int                `json:"recorded"` // of those, with a result
		Rerun     *evidence.Rerun    `json:"rerun"`    // null: a first run
	}
	jsonCatalogue struct {
		Digest  string `json:"digest"`
		Needs   int    `json:"needs"`
		Targets int    `json:"targets"`
	}
	jsonOffer struct {
		ID        catalogue.OfferID  `json:"id"`
		Name      string             `json:"name"`
		Provider  catalogue.Provider `json:"provider"`
		Region    string             `json:"region"`
		Positions []catalogue.NeedID `json:"positions"`
		Digest    string             `json:"digest"`
	}
	// jsonValue is exact as a fraction; Percent is truncated to one decimal.
	jsonValue struct {
		Exact   string      `json:"exact"`
		Decimal json.Number `json:"decimal"`
		Percent string      `json:"percent"`
	}
	jsonScore struct {
		Value  *jsonValue `json:"value"` // null: nothing established
		Weight int        `json:"weight"`
		Total  int        `json:"total"`
	}
	jsonCard struct {
		Offer   catalogue.OfferID `json:"offer"`
		Gates   score.Verdict     `json:"gates"`
		Counts  jsonGates         `json:"gate_counts"`
		Score   jsonScore         `json:"score"`
		Tally   score.Tally       `json:"tally"`
		Needs   []jsonNeed        `json:"needs"`
		Targets []jsonTarget      `json:"targets"`
	}
	jsonGates struct {
		Met            int `json:"met"`
		NotMet         int `json:"not_met"`
		NotEstablished int `json:"not_established"`
		NotEvaluated   int `json:"not_evaluated"`
	}
	jsonNeed struct {
		Need  catalogue.NeedID `json:"need"`
		Title lang.Text        `json:"title"`
		Gates score.Verdict    `json:"gates"`
		Score jsonScore        `json:"score"`
	}
	jsonTarget struct {
		Target  catalogue.TargetID `json:"target"`
		Need    catalogue.NeedID   `json:"need"`
		Title   lang.Text          `json:"title"`
		Role    catalogue.Role     `json:"role"`
		Weight  int                `json:"weight"` // 0 for a gate
		Verdict score.Verdict      `json:"verdict"`
		Tally   score.Tally        `json:"tally"`
		Value   *jsonValue         `json:"value"`
		Reason  lang.Text          `json:"reason"`
		Checks  []string           `json:"checks"`
		Finding *jsonFinding       `json:"finding"` // null: no finding, or no manual target
	}
	jsonRanking struct {
		Common []catalogue.NeedID `json:"common"`
		Over   []jsonPlace        `json:"over"`
		Needs  []jsonNeedRanking  `json:"needs"`
	}
	jsonNeedRanking struct {
		Need   catalogue.NeedID `json:"need"`
		Places []jsonPlace      `json:"places"`
	}
	jsonPlace struct {
		Offer catalogue.OfferID `json:"offer"`
		Rank  int               `json:"rank"` // 0: unranked
		Tied  bool              `json:"tied"`
		Gates score.Verdict     `json:"gates"`
		Score jsonScore         `json:"score"`
		Why   *lang.Text        `json:"why_unranked"`
	}
	jsonResult struct {
		Offer      string        `json:"offer"`
		Check      string        `json:"check"`
		Title      lang.Text     `json:"title"`
		Rule       string        `json:"rule"`
		State      measure.State `json:"state"`
		Cause      measure.Cause `json:"cause"`  // empty when passed
		Reason     *lang.Text    `json:"reason"` // null when passed
		Started    time.Time     `json:"started"`
		DurationNS int64         `json:"duration_ns"`
		Exchanges  int           `json:"exchanges"`
	}
	jsonStock struct {
		Offer   string     `json:"offer"`
		Service string     `json:"service"`
		Before  *jsonCount `json:"before"` // null: not taken
		After   *jsonCount `json:"after"`
	}
	jsonCount struct {
		Ours   []string `json:"ours"`
		Others int      `json:"others"`
		Error  string   `json:"error"`
	}
)

// JSON writes the report for machines.
func JSON(w io.Writer, v View) error { return writeJSON(w, reportOf(v)) }

func writeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

func reportOf(v View) jsonReport {
	r := v.Record
	checks := v.checks()
	out := jsonReport{
		Format: jsonFormat, Run: runOf(r), Environment: r.Environment,
		Catalogue: jsonCatalogue{Digest: r.Plan.Catalogue, Needs: len(r.Catalogue.Needs), Targets: len(r.Catalogue.Targets)},
		Offers:    []jsonOffer{}, Cards: []jsonCard{}, Ranking: rankingOf(v.Ranking), Results: []jsonResult{}, Inventory: []jsonStock{}, Foreign: v.foreignOf(), Loads: v.loadsOf(),
		Answers: listed(v.Answers), Exceptions: listed(v.Exceptions),
	}
	for i, o := range r.Offers {
		offer := jsonOffer{ID: o.ID, Name: o.Name, Provider: o.Provider, Region: o.Region, Positions: listed(o.Positions)}
		if i < len(r.Plan.Offers) {
			offer.Digest = r.Plan.Offers[i].Digest
		}
		out.Offers = append(out.Offers, offer)
		latest := v.results(o.ID)
		for _, c := range checks {
			if res := latest[c.ID]; res != nil {
				out.Results = append(out.Results, resultOf(c, res))
			}
		}
		for _, pair := range stockOf(r.Inventories, string(o.ID)) {
			out.Inventory = append(out.Inventory, jsonStock{string(o.ID), pair.service, countOf(pair.before), countOf(pair.after)})
		}
	}
	out.Run.Planned, out.Run.Recorded = len(checks)*len(r.Offers), len(out.Results)
	for i := range v.Cards {
		out.Cards = append(out.Cards, v.cardOf(&v.Cards[i]))
	}
	return out
}

func runOf(r *evidence.Record) jsonRun {
	run := jsonRun{
		ID: r.Plan.Run, Started: r.Plan.Started, Complete: r.Complete(), Seed: strconv.FormatUint(r.Plan.Seed, 10),
		Parallel: r.Plan.Parallel, Selection: r.Plan.Selection, Rerun: r.Plan.Rerun,
	}
	if r.End != nil {
		run.Ended, run.Left = &r.End.At, r.End.Left
	}
	if !run.Complete {
		run.Reason = &lang.Text{FR: printer{lang.FR}.unfinished(r), EN: printer{lang.EN}.unfinished(r)}
	}
	return run
}

func resultOf(c evidence.CheckPlan, r *measure.Result) jsonResult {
	out := jsonResult{
		Offer: r.Offer, Check: r.Check, Title: c.Title, Rule: c.Rule, State: stateOf(r),
		Started: r.Started, DurationNS: int64(r.Duration), Exchanges: len(r.Exchanges),
	}
	if r.Reason != nil {
		out.Cause, out.Reason = r.Reason.Cause, new(r.Reason.Text())
	}
	return out
}

func (v View) cardOf(c *score.Card) jsonCard {
	g := gatesOf(c)
	out := jsonCard{
		Offer: c.Offer, Gates: c.Gates, Counts: jsonGates{g.met, g.notMet, g.notEstablished, g.outside},
		Score: scoreOf(c.Score), Tally: c.Tally, Needs: []jsonNeed{}, Targets: []jsonTarget{},
	}
	for _, n := range c.Needs {
		need := jsonNeed{Need: n.Need, Gates: n.Gates, Score: scoreOf(n.Score)}
		if known := v.Record.Catalogue.Need(n.Need); known != nil {
			need.Title = known.Title
		}
		out.Needs = append(out.Needs, need)
	}
	for _, t := range c.Targets {
		target := jsonTarget{
			Target: t.Target, Need: t.Need, Role: t.Role, Weight: t.Weight, Verdict: t.Verdict, Tally: t.Tally,
			Value: valueOf(t.Value), Reason: t.Reason, Checks: listed(t.Checks), Finding: findingOf(&t),
		}
		if known := v.Record.Catalogue.Target(t.Target); known != nil {
			target.Title = known.Title
		}
		out.Targets = append(out.Targets, target)
	}
	return out
}

func rankingOf(r score.Ranking) jsonRanking {
	out := jsonRanking{Common: listed(r.Common), Over: placesOf(r.Over), Needs: []jsonNeedRanking{}}
	for _, n := range r.Needs {
		out.Needs = append(out.Needs, jsonNeedRanking{n.Need, placesOf(n.Places)})
	}
	return out
}

func placesOf(places []score.Place) []jsonPlace {
	out := []jsonPlace{}
	for _, p := range places {
		place := jsonPlace{Offer: p.Offer, Rank: p.Rank, Gates: p.Gates, Score: scoreOf(p.Score)}
		if p.Rank == 0 {
			place.Why = &lang.Text{FR: printer{lang.FR}.unranked(places, p), EN: printer{lang.EN}.unranked(places, p)}
		}
		place.Tied = tied(places, p)
		out = append(out, place)
	}
	return out
}

func scoreOf(s score.Score) jsonScore {
	return jsonScore{Value: valueOf(s.Value), Weight: s.Weight, Total: s.Total}
}

func valueOf(r *big.Rat) *jsonValue {
	if r == nil {
		return nil
	}
	return &jsonValue{Exact: r.RatString(), Decimal: json.Number(r.FloatString(9)), Percent: score.Percent(r, 1)}
}

func countOf(i *evidence.Inventory) *jsonCount {
	if i == nil {
		return nil
	}
	return &jsonCount{Ours: listed(i.Ours), Others: i.Others, Error: i.Error}
}

// listed never is nil, so that an empty list reads [].
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
