package report

import (
	"encoding/json"
	"io"
	"math/big"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// compareFormat is the version of the JSON comparison; docs/schema/compare.json
// describes it. A field may be added in a version, none changes its meaning.
const compareFormat = 1

// The types below are the JSON comparison: their fields come in this order.
type (
	jsonComparison struct {
		Format        int               `json:"format"`
		On            catalogue.Date    `json:"on"` // the day on which validity is examined
		Runs          []jsonComparedRun `json:"runs"`
		SameCatalogue bool              `json:"same_catalogue"`
		Differences   []jsonDifference  `json:"differences"`
		Offers        []jsonLast        `json:"offers"`
		Unranked      *lang.Text        `json:"why_unranked"` // null: ranking holds
		Ranking       *jsonRanking      `json:"ranking"`
		Stability     []jsonStability   `json:"stability"`
		WhatIf        []jsonWhatIf      `json:"what_if"`
		History       []jsonHistory     `json:"history"`
	}
	jsonComparedRun struct {
		ID        string              `json:"id"`
		Started   time.Time           `json:"started"`
		Complete  bool                `json:"complete"`
		Catalogue string              `json:"catalogue"`
		Signer    string              `json:"signer"`         // empty: not sealed
		Checked   bool                `json:"signer_checked"` // whoever compared knows the signer's key; else signer is only what the bundle says
		Offers    []catalogue.OfferID `json:"offers"`
	}
	jsonDifference struct {
		Kind   string      `json:"kind"` // need or target
		ID     string      `json:"id"`
		Runs   []string    `json:"runs"`   // those whose catalogue has it
		Demand bool        `json:"demand"` // false: only its wording differs
		Fields []jsonField `json:"fields"`
	}
	jsonField struct {
		Field  string   `json:"field"`
		Values []string `json:"values"` // one for each of the difference's runs
	}
	jsonLast struct {
		Run     string           `json:"run"` // the last that has the offer
		Card    jsonCard         `json:"card"`
		Expired []jsonExpiration `json:"expired"`
	}
	jsonExpiration struct {
		Target  catalogue.TargetID `json:"target"`
		LastDay catalogue.Date     `json:"last_day"`
	}
	// jsonNumber is exact as a fraction; Decimal has 9 decimals.
	jsonNumber struct {
		Exact   string      `json:"exact"`
		Decimal json.Number `json:"decimal"`
	}
	jsonStability struct {
		Needs   []catalogue.NeedID `json:"needs"`
		Places  []jsonPlace        `json:"places"`
		Weights []jsonSway         `json:"weights"`
		Seed    string             `json:"seed"`
		Draws   int                `json:"draws"`
		Shares  []jsonShare        `json:"shares"`
	}
	jsonSway struct {
		Target catalogue.TargetID `json:"target"`
		Weight int                `json:"weight"`
		Values []*jsonValue       `json:"values"` // in the order of places
		Second jsonSpan           `json:"first_and_second"`
		First  jsonSpan           `json:"first_and_anyone"`
	}
	jsonSpan struct {
		Low  *jsonTurn `json:"low"` // null: never
		High *jsonTurn `json:"high"`
	}
	jsonTurn struct {
		At    jsonNumber        `json:"at"`
		Whole *int              `json:"whole"` // null: none from 0 to 100
		Ahead catalogue.OfferID `json:"ahead"`
	}
	jsonShare struct {
		Offer  catalogue.OfferID `json:"offer"`
		Share  *jsonValue        `json:"share"`
		Low    *jsonValue        `json:"low"`
		High   *jsonValue        `json:"high"`
		Alone  int               `json:"alone"`
		Tied   int               `json:"tied"`
		Always bool              `json:"always"`
	}
	jsonWhatIf struct {
		Offer   catalogue.OfferID    `json:"offer"`
		Targets []catalogue.TargetID `json:"targets"`
		Met     jsonEffect           `json:"if_met"`
		NotMet  jsonEffect           `json:"if_not_met"`
	}
	// jsonEffect is null where nothing changes.
	jsonEffect struct {
		Gates    *score.Verdict      `json:"gates"`
		Score    *jsonScore          `json:"score"`
		Rank     *int                `json:"rank"`
		NeedRank *int                `json:"need_rank"`
		First    []catalogue.OfferID `json:"first"`
	}
	jsonHistory struct {
		Offer           catalogue.OfferID   `json:"offer"`
		Runs            []string            `json:"runs"` // by date
		SameDescription bool                `json:"same_description"`
		Targets         []jsonTargetHistory `json:"targets"`
		Checks          []jsonCheckHistory  `json:"checks"`
	}
	jsonTargetHistory struct {
		Target   catalogue.TargetID `json:"target"`
		Verdicts []*score.Verdict   `json:"verdicts"` // null: the run's catalogue lacks it
		jsonCourse
	}
	jsonCheckHistory struct {
		Check  string          `json:"check"`
		States []measure.State `json:"states"` // "missing": the run has no result
		jsonCourse
	}
	jsonCourse struct {
		Steps   []score.Change `json:"steps"`    // from each run to the next
		Change  score.Change   `json:"change"`   // from the first to the last, as of "on"
		LastDay catalogue.Date `json:"last_day"` // on which it counts; empty: for ever, or nothing was established
	}
)

// JSON writes the comparison for machines.
func (c *Comparison) JSON(w io.Writer) error { return writeJSON(w, c.json()) }

func (c *Comparison) json() jsonComparison {
	out := jsonComparison{
		Format: compareFormat, On: c.on, SameCatalogue: c.sameCatalogue(), Runs: []jsonComparedRun{}, Differences: []jsonDifference{},
		Offers: []jsonLast{}, Unranked: c.unranked, Stability: []jsonStability{}, WhatIf: []jsonWhatIf{}, History: []jsonHistory{},
	}
	for _, v := range c.views {
		r := v.Record
		run := jsonComparedRun{ID: r.Plan.Run, Started: r.Plan.Started, Complete: r.Complete(), Catalogue: r.Plan.Catalogue, Signer: holder(r), Checked: r.Sealed != nil && r.Sealed.Trusted, Offers: []catalogue.OfferID{}}
		for _, o := range r.Offers {
			run.Offers = append(run.Offers, o.ID)
		}
		out.Runs = append(out.Runs, run)
	}
	for _, d := range c.differences {
		diff := jsonDifference{Kind: d.kind, ID: d.id, Runs: c.ids(d.runs), Demand: d.demand, Fields: []jsonField{}}
		for _, f := range d.fields {
			diff.Fields = append(diff.Fields, jsonField{f.name, f.values})
		}
		out.Differences = append(out.Differences, diff)
	}
	for i := range c.across.Cards {
		last := jsonLast{Run: c.views[c.lasts[i]].Record.Plan.Run, Card: c.across.cardOf(&c.across.Cards[i]), Expired: []jsonExpiration{}}
		for _, t := range c.expiredOf(c.across.Cards[i].Offer) {
			last.Expired = append(last.Expired, jsonExpiration{t.target, t.lastDay})
		}
		out.Offers = append(out.Offers, last)
	}
	if c.unranked == nil {
		out.Ranking = new(rankingOf(c.across.Ranking))
	}
	for _, s := range c.stabilities {
		out.Stability = append(out.Stability, stabilityOf(s))
	}
	for _, w := range c.whatIfs {
		out.WhatIf = append(out.WhatIf, jsonWhatIf{w.Offer, w.Targets, effectOf(w.Met), effectOf(w.NotMet)})
	}
	for _, h := range c.histories {
		if h.eventful() {
			out.History = append(out.History, c.historyJSON(h))
		}
	}
	return out
}

// ids names runs.
func (c *Comparison) ids(runs []int) []string {
	list := []string{}
	for _, i := range runs {
		list = append(list, c.views[i].Record.Plan.Run)
	}
	return list
}

func stabilityOf(s score.Stability) jsonStability {
	out := jsonStability{Needs: s.Needs, Places: placesOf(s.Places), Weights: []jsonSway{}, Seed: seedText(s.Seed), Draws: s.Draws, Shares: []jsonShare{}}
	for _, w := range s.Weights {
		sway := jsonSway{Target: w.Target, Weight: w.Weight, Second: spanOf(w.Second), First: spanOf(w.First)}
		for _, v := range w.Values {
			sway.Values = append(sway.Values, valueOf(v))
		}
		out.Weights = append(out.Weights, sway)
	}
	for _, f := range s.Shares {
		out.Shares = append(out.Shares, jsonShare{f.Offer, valueOf(f.Share), valueOf(f.Low), valueOf(f.High), f.Alone, f.Tied, f.Always})
	}
	return out
}

func spanOf(s score.Span) jsonSpan { return jsonSpan{turnOf(s.Low), turnOf(s.High)} }

func turnOf(t *score.Turn) *jsonTurn {
	if t == nil {
		return nil
	}
	return &jsonTurn{numberOf(t.At), t.Whole, t.Ahead}
}

func numberOf(r *big.Rat) jsonNumber {
	return jsonNumber{Exact: r.RatString(), Decimal: json.Number(r.FloatString(9))}
}

func effectOf(e score.Effect) jsonEffect {
	out := jsonEffect{Gates: e.Gates, Rank: e.Rank, NeedRank: e.NeedRank, First: e.First}
	if e.Score != nil {
		out.Score = new(scoreOf(*e.Score))
	}
	return out
}

func (c *Comparison) historyJSON(h history) jsonHistory {
	out := jsonHistory{Offer: h.offer, Runs: c.ids(h.runs), SameDescription: h.sameDescription, Targets: []jsonTargetHistory{}, Checks: []jsonCheckHistory{}}
	for _, t := range h.targets {
		row := jsonTargetHistory{Target: t.target, jsonCourse: courseOf(t.course)}
		for _, v := range t.verdicts {
			var verdict *score.Verdict
			if v != nil {
				verdict = &v.Verdict
			}
			row.Verdicts = append(row.Verdicts, verdict)
		}
		out.Targets = append(out.Targets, row)
	}
	for _, k := range h.checks {
		out.Checks = append(out.Checks, jsonCheckHistory{k.check, k.states, courseOf(k.course)})
	}
	return out
}

func courseOf(c course) jsonCourse {
	return jsonCourse{Steps: listed(c.steps), Change: c.now(), LastDay: c.lastDay}
}
