package report

import (
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// loadRatio compares two offers of a load.
type loadRatio struct {
	measure.LoadRatio
	void bool // what was measured of one of them says nothing, and they aren't compared
}

// asked is what a load's offers are compared by.
type asked struct {
	metric   string
	quantile measure.Quantile
}

// questions are those of the goals, each once; p99 of the latency without goals.
func questions(run *measure.LoadRun) []asked {
	var list []asked
	for _, g := range run.Goals {
		if a := (asked{g.Metric, g.Quantile}); !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		list = append(list, asked{measure.Latency, 9900})
	}
	return list
}

// ratios compares each two offers that were put under load.
func ratios(run *measure.LoadRun) []loadRatio {
	var list []loadRatio
	for _, q := range questions(run) {
		for a := range run.Offers {
			for b := a + 1; b < len(run.Offers); b++ {
				if c, ok := ratioOf(run, a, b, q); ok {
					list = append(list, c)
				}
			}
		}
	}
	return list
}

func ratioOf(run *measure.LoadRun, a, b int, q asked) (loadRatio, bool) {
	if !measured(&run.Offers[a]) || !measured(&run.Offers[b]) {
		return loadRatio{}, false
	}
	for goal, g := range run.Goals {
		if g.Metric == q.metric && g.Quantile == q.quantile && (len(run.Void(a, goal)) > 0 || len(run.Void(b, goal)) > 0) {
			return loadRatio{measure.LoadRatio{Slower: run.Offers[a].Name, Faster: run.Offers[b].Name, Metric: q.metric, Quantile: q.quantile}, true}, true
		}
	}
	c, ok := run.Compare(a, b, q.metric, q.quantile)
	return loadRatio{c, false}, ok
}

// compared says of each two offers which one is faster.
func (t titles) compared(run *measure.LoadRun) []string {
	var list []string
	for _, c := range ratios(run) {
		c.Slower, c.Faster = t.view.name(catalogue.OfferID(c.Slower)), t.view.name(catalogue.OfferID(c.Faster))
		if c.void {
			list = append(list, t.word("load.not-compared", c.Slower, c.Faster, t.decimal(c.Quantile.String())))
			continue
		}
		if c.Metric != measure.Latency {
			c.Metric = t.metric(c.Metric)
		}
		list = append(list, t.say(c.Text())+".")
	}
	return list
}

// metric names what is measured of a request.
func (p printer) metric(name string) string {
	if _, known := words["metric."+name]; known {
		return p.word("metric." + name)
	}
	return visible(name)
}
